/* watch.c - px watch: a source is assembled, run and shown whenever it is saved. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/blocks.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/trap.h"
#include "pxi/number.h"

enum { SETTLE = 60 /* milliseconds: editors save in several steps */, TICK = 200, PLAIN_COLUMNS = 80, PLAIN_ROWS = 24 };

typedef struct arguments {
    const char *file, *on;
    uint64_t budget;
    uint32_t times;
} arguments;

static const char about[] =
    "Assemble, run and show a program whenever its source is saved.\v"
    "Every change of a file in the source's folder counts, so those that it includes do too. The picture is shown in "
    "half blocks, every second, third .. pixel of one that is larger than the terminal. Each run ends after the "
    "budget, "
    "where the program waits for an answer, or when the next one is saved. Ctrl-C ends px watch, and the run that is "
    "on.\n\n"
    "Exit status: 0 ended; 2 wrong usage, or a file that is not there.";

/* ---- one look ---- */

static void size_of_terminal(uint32_t *columns, uint32_t *rows)
{
    struct winsize size;
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 4;
    *columns = known ? size.ws_col : PLAIN_COLUMNS;
    *rows = (known ? size.ws_row : PLAIN_ROWS) - 4U;
}

static void show(const arguments *a, const px_state *state, const px_stop *stop, const px_names *names)
{
    char text[256];
    uint32_t columns, rows;
    size_of_terminal(&columns, &rows);
    px_blocks_fit(stdout, state->mem, state->w, state->h, columns, rows);
    px_stop_text(stop, state->w, false, text, sizeof text);
    printf("%s: %s", a->on, text);
    if (stop->cycles != 0)
        printf(", %s cycles", px_grouped(stop->cycles));
    putchar('\n');
    if (stop->status == PX_TRAPPED)
        px_trap_explain(stdout, state, names);
}

static bool has_changed(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* Who saves while the program runs has no use for the rest of that run. */
static bool overtaken(void *context, uint64_t executed)
{
    (void)executed;
    return px_interrupted() || has_changed(*(const int *)context);
}

static bool run(const arguments *a, px_executor *executor, const px_state *start, int fd, px_state *end, px_stop *stop,
                px_error *error)
{
    px_machine *machine;
    const px_cancel cancel = {overtaken, &fd};
    if (!px_machine_create(executor, start, &machine, error))
        return false;
    const bool ok = px_run_one(machine, a->budget, &cancel, stop, error) && px_machine_read(machine, end, error);
    px_machine_drop(machine, NULL);
    return ok;
}

/* What is wrong with the program is said, and waited over; false: with px or its surroundings. */
static bool look(const arguments *a, px_executor *executor, int fd, px_error *error)
{
    px_state start = {0}, end = {0};
    px_names names = {0};
    px_stop stop;
    px_error reason = {0};
    if (isatty(STDOUT_FILENO))
        fputs("\033[H\033[2J", stdout);
    fflush(stdout);
    bool ok = true;
    if (!px_read_program(&start, a->file, &names, &reason))
        fprintf(stderr, "px watch: %s\n", reason.text);
    else if (!run(a, executor, &start, fd, &end, &stop, &reason))
        ok = px_fail(error, reason.code, "%s", reason.text);
    else if (!px_interrupted() && (stop.status != PX_RUNNING || stop.executed >= a->budget))
        show(a, &end, &stop, &names);
    fflush(stdout);
    px_names_free(&names);
    px_state_free(&start);
    px_state_free(&end);
    return ok;
}

/* ---- waiting ---- */

static int watch_folder(const char *file, px_error *error)
{
    const char *slash = strrchr(file, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(file, (size_t)(slash - file) + 1);
    const int fd = folder != NULL ? inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1;
    if (fd < 0 || inotify_add_watch(fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
        px_fail(error, PX_E_SYSTEM, "%s: its folder cannot be watched: %s", file, strerror(errno));
        if (fd >= 0)
            close(fd);
        free(folder);
        return -1;
    }
    free(folder);
    return fd;
}

/* Waits for a change, and until there has been none for a moment. false: a signal, which may also come just before the
 * wait, so it is looked for now and then. */
static bool wait_for_change(int fd)
{
    char events[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool changed = false;
    while (!px_interrupted()) {
        const int ready = poll(&p, 1, changed ? SETTLE : TICK);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready == 0 && changed)
            return true;
        while (ready > 0 && read(fd, events, sizeof events) > 0)
            changed = true;
    }
    return false;
}

int px_cmd_watch(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .budget = UINT64_C(1000000000)};
    px_error error = {0};
    px_executor *executor = NULL;
    const px_option options[] = {PX_OPTION_ON(&a.on),
                                 PX_OPTION_BUDGET(&a.budget),
                                 {"times", 0, "N", "end after so many looks", .number = &a.times, 1, UINT32_MAX},
                                 {0}};
    px_read_arguments(&(px_command_line){.about = about,
                                         .options = options,
                                         .usage = "FILE",
                                         .what = "program",
                                         .input = &a.file,
                                         .missing = "no program given"},
                      argc, argv);
    int fd = -1;
    bool ok = (access(a.file, R_OK) == 0 || px_fail(&error, PX_E_INPUT, "%s: %s", a.file, strerror(errno))) &&
              px_executor_open(&executor, a.on, &error) && (fd = watch_folder(a.file, &error)) >= 0;
    px_catch_signals();
    for (uint32_t looks = 0; ok && !px_interrupted();) {
        ok = look(&a, executor, fd, &error);
        if (++looks == a.times || (ok && !wait_for_change(fd)))
            break;
    }
    if (fd >= 0)
        close(fd);
    px_executor_close(executor);
    return ok ? 0 : px_complain(argv[0], &error);
}
