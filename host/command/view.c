/* view.c - px view: a program in a browser. */
#include <stdio.h>
#include <stdlib.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/hosting.h"
#include "view/view.h"

typedef struct arguments {
    const char *file, *on, *answers, *symbols, *output;
    uint64_t budget;
    uint32_t port;
    px_hosting hosting;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    if (a->output != NULL && a->port != 0)
        return px_fail(error, PX_E_USAGE, "--output and --port exclude each other: a file needs no server");
    if (a->output == NULL && a->budget != PX_NO_BUDGET)
        return px_fail(error, PX_E_USAGE, "--budget is for --output: a page is told how far to run");
    return px_hosting_check(&a->hosting, a->answers, error);
}

static const char about[] =
    "Show a program in a browser: its picture while it runs, on and back.\v"
    "px serves one page on the loopback, 127.0.0.1, and prints its address, which nobody can guess; a browser opens "
    "it. "
    "Ctrl-C ends px. The page shows the image down to single pixels, heat, classes of instructions, labels and slots, "
    "registers and code; it runs the program, back too, takes the words of `px debug`, and sets pixels and registers. "
    "With --host it has the console, the display, keys and pointer.\n\n"
    "--output runs the program instead, and writes one page that needs no server and loads nothing: picture, heat, the "
    "code that has run, and frames of the run. Any browser shows it, and it can be sent and kept.\n\n"
    "Examples:\n"
    "  px view first.pxa\n"
    "  px view guess.pxa --host\n"
    "  px view first.pxi -o first.html\n\n"
    "Exit status: 0, or 2 for wrong usage, bad input, or a port that cannot be had.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        {"port", 0, "N", "the page is at this port; else at a free one", .number = &a->port, .least = 1, .most = 65535},
        PX_OPTION_OUTPUT(&a->output, "run it, and write one page that needs no server"),
        PX_OPTION_BUDGET(&a->budget),
        PX_OPTION_SYMBOLS(&a->symbols, "; a source has its own"),
        PX_OPTION_ANSWERS(&a->answers),
        PX_HOSTING_OPTIONS(&a->hosting),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "program",
                                  .input = &a->file,
                                  .missing = "no program given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static bool show(const arguments *a, px_viewer *v, uint64_t budget, px_error *error)
{
    if (a->output != NULL)
        return px_view_save(v, budget, a->output, error);
#ifdef PX_HAVE_WEBSOCKETS
    return px_view_serve(v, a->port, error);
#else
    return px_fail(error, PX_E_ABSENT,
                   "px was built without libwebsockets, which serves the page: install libwebsockets-dev and build "
                   "again; -o FILE.html writes a page without a server");
#endif
}

static bool view(arguments *a, px_viewer *v, px_executor *executor, const px_state *start, const px_names *names,
                 px_error *error)
{
    px_debugger *d = &v->debugger;
    bool exited;
    int status;
    px_answerer answerer;
    d->names = names;
    d->program = a->file;
    d->limit = a->budget;
    d->recorded = a->hosting.record != NULL || a->hosting.replay != NULL;
    a->hosting.grants.screen = true; /* the page is one */
    a->hosting.grants.onlooker = &v->onlooker;
    bool ok = px_hosting_begin_any(&a->hosting, a->answers, start, true, &d->limit, &answerer, error);
    v->host = a->hosting.host ? a->hosting.running : NULL;
    v->shown.host = a->hosting.running;
    px_catch_signals();
    ok = ok && px_tape_open(&d->tape, executor, start, &answerer, 0, error) && px_viewer_begin(v, error) &&
         show(a, v, d->limit, error);
    if (ok) {
        px_stop end = *px_tape_stop(d->tape);
        end.executed = px_tape_about(d->tape).furthest;
        ok = px_hosting_end(&a->hosting, &end, &exited, &status, error);
    }
    px_hosting_abandon(&a->hosting);
    px_viewer_end(v);
    px_tape_close(d->tape);
    return ok;
}

int px_cmd_view(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .budget = PX_NO_BUDGET};
    px_error error = {0};
    px_state start = {0};
    px_names names = {0};
    px_executor *executor = NULL;
    px_viewer *viewer = malloc(sizeof *viewer);
    px_hosting_init(&a.hosting);
    read_arguments(&a, argc, argv);
    bool ok = viewer != NULL || px_fail(&error, PX_E_SYSTEM, "no memory");
    if (ok)
        px_viewer_init(viewer);
    ok = ok &&
         (a.symbols == NULL
              ? px_read_program(&start, a.file, &names, &error)
              : px_names_read(&names, a.symbols, &error) && px_read_program(&start, a.file, NULL, &error)) &&
         px_executor_open(&executor, a.on, &error) && view(&a, viewer, executor, &start, &names, &error);
    const int status = ok ? 0 : px_complain(argv[0], &error);
    free(viewer);
    px_executor_close(executor);
    px_names_free(&names);
    px_state_free(&start);
    return status;
}
