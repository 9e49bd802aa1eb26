/* cmd.c - the executor cmd:PROGRAM: any program that keeps to SPEC.md section 11, run as PROGRAM INPUT OUTPUT BUDGET.
 *
 * PROGRAM is split at blanks into a program and its first arguments; there is no quoting and no shell. Nothing it does
 * is trusted: it may hang, die, write trash or lie, and the caller gets a sentence. */
#include "exec/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pxi/input_file.h"
#include "pxi/number.h"
#include "pxi/output_file.h"
#include "pxi/pace.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"
#include "pxi/temporary.h"
#include "pxi/words.h"

extern char **environ;

enum { REFUSED_STATUS = 2, MOST_WORDS = 64, DEFAULT_TIMEOUT = 60 };

typedef struct command {
    px_executor executor;
    char *text;                  /* PROGRAM, cut into words */
    char *words[MOST_WORDS + 4]; /* then input, output, budget, NULL */
    size_t count;                /* words of PROGRAM */

    char directory[PX_TEMPORARY_NAME]; /* private to this executor */
    char input[PX_TEMPORARY_NAME + 16], output[PX_TEMPORARY_NAME + 16], messages[PX_TEMPORARY_NAME + 16], budget[24];
    uint32_t timeout;        /* seconds */
    pid_t running;           /* the program at work, or 0 */
    int said;                /* what it writes to standard error; kept open, whatever it does to the file */
    const px_cancel *cancel; /* of the run under way, or NULL */
    uint64_t done;           /* instructions that it has retired */
    struct command *next;    /* in the list of those that are open */
} command;

/* ---- ended by a signal ---- */

static command *open_commands;

static void remove_files(const command *cmd)
{
    unlink(cmd->input);
    unlink(cmd->output);
    unlink(cmd->messages);
    rmdir(cmd->directory);
}

/* The programs are in groups of their own, so that the terminal's Ctrl-C does not reach them: they end here. */
static void leave_nothing(int signal_number)
{
    for (const command *cmd = open_commands; cmd != NULL; cmd = cmd->next) {
        if (cmd->running > 0) {
            kill(-cmd->running, SIGKILL);
            waitpid(cmd->running, NULL, 0);
        }
        remove_files(cmd);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Signals that somebody ignores or catches stay as they are. */
static void watch_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction action;
        if (sigaction(ends[i], NULL, &action) != 0 || action.sa_handler != SIG_DFL)
            continue;
        action = (struct sigaction){.sa_handler = leave_nothing};
        sigaction(ends[i], &action, NULL);
    }
}

static void link_command(command *cmd)
{
    cmd->next = open_commands;
    open_commands = cmd;
    watch_signals();
}

static void unlink_command(const command *cmd)
{
    command **at = &open_commands;
    while (*at != NULL && *at != cmd)
        at = &(*at)->next;
    if (*at != NULL)
        *at = cmd->next;
}

/* ---- one process ---- */

/* Made anew, so that nothing that the program put there is opened. */
static bool open_messages(command *cmd, px_error *error)
{
    if (cmd->said >= 0)
        close(cmd->said);
    unlink(cmd->messages);
    cmd->said = open(cmd->messages, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return cmd->said >= 0 || px_fail(error, PX_E_SYSTEM, "cannot make %s: %s", cmd->messages, strerror(errno));
}

static bool spawn(command *cmd, px_error *error)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&attributes) != 0)
        return px_fail(error, PX_E_SYSTEM, "no memory to start '%s'", cmd->words[0]);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, cmd->said, 2);
    /* A group of its own, so that what the program started ends with it. */
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGXFSZ); /* which px ignores */
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int failed = posix_spawnp(&cmd->running, cmd->words[0], &files, &attributes, cmd->words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0)
        cmd->running = 0;
    return failed == 0 || px_fail(error, PX_E_SYSTEM, "cannot start '%s': %s", cmd->words[0], strerror(failed));
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Ends what is left of the program's group. The program itself has not been waited for, so the number is still its. */
static int end_group(const command *cmd)
{
    int status = 0;
    kill(-cmd->running, SIGKILL);
    while (waitpid(cmd->running, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

typedef enum ending { WORKING, ENDED, TOO_LONG, INTERRUPTED, LOST } ending;

/* A program that works longer than its piece should take is ended when the run is cancelled. */
enum { PATIENT_MS = 1000 };

/* Waits until the program has ended, its time is over, or the run is cancelled; what it started ends with it. */
static ending await(const command *cmd, int *status)
{
    const int64_t begin = milliseconds(), end = begin + (int64_t)cmd->timeout * 1000;
    struct timespec pause = {0, 200000};
    for (;;) {
        siginfo_t about = {0};
        if (waitid(P_PID, (id_t)cmd->running, &about, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != EINTR)
            return LOST;
        const int64_t now = milliseconds();
        const ending how = about.si_pid == cmd->running                                        ? ENDED
                           : now >= begin + PATIENT_MS && px_cancelled(cmd->cancel, cmd->done) ? INTERRUPTED
                           : now >= end                                                        ? TOO_LONG
                                                                                               : WORKING;
        if (how != WORKING) {
            *status = end_group(cmd);
            return how;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
}

/* The last line of what the program said, printable. */
static void last_line(const command *cmd, char *text, size_t size)
{
    char tail[1024];
    struct stat about;
    text[0] = '\0';
    if (fstat(cmd->said, &about) != 0)
        return;
    const off_t start = about.st_size > (off_t)sizeof tail ? about.st_size - (off_t)sizeof tail : 0;
    const ssize_t got = pread(cmd->said, tail, sizeof tail, start);
    size_t length = got > 0 ? (size_t)got : 0;
    while (length > 0 && (tail[length - 1] == '\n' || tail[length - 1] == '\r'))
        length--;
    size_t from = length;
    while (from > 0 && tail[from - 1] != '\n')
        from--;
    size_t to = 0;
    for (; from < length && to + 1 < size; from++)
        text[to++] = (unsigned char)tail[from] < ' ' || tail[from] == 127 ? '?' : tail[from];
    text[to] = '\0';
}

/* ---- one exchange ---- */

static bool written(const command *cmd)
{
    struct stat about;
    return lstat(cmd->output, &about) == 0;
}

/* The file at OUTPUT, opened before it is looked at: a pipe or a link there leads nowhere. */
static FILE *open_output(const command *cmd, px_error *error)
{
    struct stat about;
    const int fd = open(cmd->output, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        px_fail(error, PX_E_INPUT, "'%s' ended with status 0 and wrote no output", cmd->words[0]);
        return NULL;
    }
    FILE *file = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? fdopen(fd, "rb") : NULL;
    if (file != NULL)
        return file;
    px_fail(error, PX_E_INPUT, "'%s' put something at OUTPUT that is not a regular file that can be read",
            cmd->words[0]);
    if (fd >= 0)
        close(fd);
    return NULL;
}

static bool read_picture(const command *cmd, px_picture *picture, px_error *error)
{
    uint8_t *data;
    size_t size;
    px_error reason = {0};
    FILE *file = open_output(cmd, error);
    if (file == NULL)
        return false;
    bool good = px_stream_read(&data, &size, file, cmd->output, &reason);
    fclose(file);
    good = good && px_picture_read_memory(picture, data, size, cmd->output, &reason);
    free(data);
    return good ||
           px_fail(error, PX_E_INPUT, "the reply of '%s' is not a whole picture: %s", cmd->words[0], reason.text);
}

static bool read_reply(const command *cmd, px_state *state, px_error *error)
{
    px_picture picture = {0};
    px_error reason = {0};
    if (!read_picture(cmd, &picture, error))
        return false;
    bool good = true;
    if (picture.px[0] != PX_MAGIC_STATE)
        good = px_fail(error, PX_E_INPUT,
                       "the reply of '%s' is not a saved state: pixel 0 is 0x%08" PRIX32 ", expected 0x%08" PRIX32,
                       cmd->words[0], picture.px[0], PX_MAGIC_STATE);
    else if (!px_state_take(state, &picture, "OUTPUT", &reason))
        good =
            px_fail(error, PX_E_INPUT, "the reply of '%s' is not a state that can be: %s", cmd->words[0], reason.text);
    px_picture_free(&picture);
    return good;
}

static bool judge(const command *cmd, int status, px_cmd_reply *reply, px_error *error)
{
    last_line(cmd, reply->message, sizeof reply->message);
    const char *said = reply->message[0] != '\0' ? reply->message : "nothing";
    if (WIFSIGNALED(status))
        return px_fail(error, PX_E_INPUT, "'%s' was ended by signal %d; it said: %s", cmd->words[0], WTERMSIG(status),
                       said);
    const int code = WEXITSTATUS(status);
    if (code == 0)
        return read_reply(cmd, &reply->state, error);
    if (code != REFUSED_STATUS)
        return px_fail(error, PX_E_INPUT,
                       "'%s' ended with status %d, expected 0, or 2 to refuse the input; it said: %s", cmd->words[0],
                       code, said);
    if (written(cmd))
        return px_fail(error, PX_E_INPUT, "'%s' refused the input with status 2, yet wrote an output", cmd->words[0]);
    if (reply->message[0] == '\0')
        return px_fail(error, PX_E_INPUT, "'%s' refused the input with status 2 and no message", cmd->words[0]);
    reply->refused = true;
    return true;
}

/* On what is in cmd->input. */
static bool exchange(command *cmd, uint64_t budget, px_cmd_reply *reply, px_error *error)
{
    int status = 0;
    *reply = (px_cmd_reply){0};
    unlink(cmd->output);
    snprintf(cmd->budget, sizeof cmd->budget, "%" PRIu64, budget);
    if (!open_messages(cmd, error) || !spawn(cmd, error))
        return false;
    const ending how = await(cmd, &status);
    cmd->running = 0;
    switch (how) {
    case ENDED:
        return judge(cmd, status, reply, error);
    case INTERRUPTED:
        reply->interrupted = true;
        return true;
    case TOO_LONG:
        return px_fail(error, PX_E_INPUT, "'%s' did not end within %" PRIu32 " s; PX_CMD_TIMEOUT sets the limit",
                       cmd->words[0], cmd->timeout);
    default:
        return px_fail(error, PX_E_SYSTEM, "waiting for '%s': %s", cmd->words[0], strerror(errno));
    }
}

bool px_cmd_exchange(px_executor *executor, const void *file, size_t size, uint64_t budget, px_cmd_reply *reply,
                     px_error *error)
{
    command *cmd = (command *)executor;
    px_output output;
    *reply = (px_cmd_reply){0};
    unlink(cmd->input); /* what the last run may have put there is not written through */
    if (!px_output_open(&output, cmd->input, error))
        return false;
    fwrite(file, 1, size, output.file);
    return px_output_close(&output, true, error) && exchange(cmd, budget, reply, error);
}

/* ---- machines ---- */

typedef struct command_machine {
    px_machine base;
    px_state state;
} command_machine;

static bool cmd_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    command_machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    if (state->lent) { /* what comes back from the command is elsewhere */
        if (!px_state_copy(&m->state, state, error)) {
            free(m);
            return false;
        }
    } else {
        m->state = *state;
        state->mem = NULL;
    }
    *machine = &m->base;
    return true;
}

static void cmd_drop(px_machine *machine)
{
    px_state_free(&((command_machine *)machine)->state);
    free(machine);
}

static bool cmd_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                    px_error *error)
{
    (void)error;
    px_words_get(&((command_machine *)machine)->state, space, at, words, count);
    return true;
}

static bool cmd_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                    px_error *error)
{
    (void)error;
    px_words_put(&((command_machine *)machine)->state, space, at, words, count);
    return true;
}

/* ---- running ---- */

/* Whether after can come of before within budget, and how many instructions that were. */
static bool plausible(const command *cmd, const px_state *before, const px_state *after, uint32_t budget,
                      uint32_t *executed, px_error *error)
{
    if (after->profile != before->profile || after->w != before->w || after->h != before->h)
        return px_fail(error, PX_E_INPUT,
                       "'%s' was given a %" PRIu32 " x %" PRIu32 " image of profile %" PRIu32
                       " and replied with a %" PRIu32 " x %" PRIu32 " one of profile %" PRIu32,
                       cmd->words[0], before->w, before->h, before->profile, after->w, after->h, after->profile);
    *executed = after->retired - before->retired;
    if (*executed > budget)
        return px_fail(error, PX_E_INPUT,
                       "'%s' says that it retired %" PRIu32 " instructions within a budget of %" PRIu32, cmd->words[0],
                       *executed, budget);
    if (after->status == PX_RUNNING && *executed < budget)
        return px_fail(error, PX_E_INPUT, "'%s' stopped a running program after %" PRIu32 " instructions of %" PRIu32,
                       cmd->words[0], *executed, budget);
    return true;
}

/* One process; retired counts modulo 2^32, and a piece is shorter than that. Interrupted, the machine stays as it was.
 */
static bool run_once(command *cmd, px_state *state, uint32_t budget, uint32_t *executed, bool *interrupted,
                     px_error *error)
{
    px_picture picture = {0};
    px_cmd_reply reply = {0};
    *executed = 0;
    unlink(cmd->input); /* what the last run may have put there is not written through */
    bool good = px_state_save(state, &picture, error) && px_picture_write(&picture, cmd->input, error) &&
                exchange(cmd, budget, &reply, error);
    if (good && reply.refused)
        good = px_fail(error, PX_E_INPUT, "'%s' refused a state that is in order; it said: %s", cmd->words[0],
                       reply.message);
    *interrupted = reply.interrupted;
    good = good && (reply.interrupted || plausible(cmd, state, &reply.state, budget, executed, error));
    if (good && !reply.interrupted) {
        px_state_free(state);
        *state = reply.state;
        reply.state = (px_state){0};
    }
    px_state_free(&reply.state);
    px_picture_free(&picture);
    return good;
}

/* Where somebody may cancel the run, a process a piece, so that what it has done is kept. */
enum { FIRST_PIECE = 1 << 14 };
#define PIECE_SECONDS 0.25

static bool run_turn(command *cmd, px_turn *turn, bool *cancelled)
{
    px_state *state = &((command_machine *)turn->machine)->state;
    px_pace pace = px_pace_of(cmd->cancel != NULL ? FIRST_PIECE : UINT32_MAX, PIECE_SECONDS);
    uint64_t executed = 0;
    state->retired = turn->machine->retired; /* fields that were put know nothing of it (PX_SPACE_STATE) */
    if (turn->answers)
        px_state_answer(state, turn->answer);
    while (!*cancelled && state->status == PX_RUNNING && executed < turn->budget) {
        uint32_t now;
        bool interrupted;
        if (!run_once(cmd, state, (uint32_t)px_pace_begin(&pace, turn->budget - executed), &now, &interrupted,
                      &turn->error))
            return false;
        px_pace_end(&pace);
        executed += now;
        cmd->done += now;
        *cancelled = interrupted || px_cancelled(cmd->cancel, cmd->done);
    }
    turn->stop = px_stop_of(state, executed);
    return true;
}

static bool cmd_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    command *cmd = (command *)executor;
    bool cancelled = false;
    (void)error;
    cmd->cancel = cancel;
    cmd->done = 0;
    for (size_t i = 0; i < count; i++)
        turns[i].failed = !run_turn(cmd, &turns[i], &cancelled);
    cmd->cancel = NULL;
    return true;
}

static void cmd_close(px_executor *executor)
{
    command *cmd = (command *)executor;
    unlink_command(cmd);
    if (cmd->directory[0] != '\0')
        remove_files(cmd);
    if (cmd->said >= 0)
        close(cmd->said);
    free(cmd->text);
    free(cmd);
}

static const px_executor_ops operations = {
    .create = cmd_create, .drop = cmd_drop, .run = cmd_run, .get = cmd_get, .put = cmd_put, .close = cmd_close};

bool px_cmd_is(const px_executor *executor) { return executor->ops == &operations; }

/* ---- opening ---- */

static bool split(command *cmd, px_error *error)
{
    char *rest = cmd->text;
    for (char *word; (word = strtok_r(rest, " \t", &rest)) != NULL;) {
        if (cmd->count == MOST_WORDS)
            return px_fail(error, PX_E_USAGE, "cmd: takes a program and at most %d arguments", MOST_WORDS - 1);
        cmd->words[cmd->count++] = word;
    }
    if (cmd->count == 0)
        return px_fail(error, PX_E_USAGE, "cmd: needs a program, as in cmd:tests/conformance/pxvm.py");
    cmd->words[cmd->count] = cmd->input;
    cmd->words[cmd->count + 1] = cmd->output;
    cmd->words[cmd->count + 2] = cmd->budget;
    return true;
}

static bool set_timeout(command *cmd, px_error *error)
{
    const char *text = getenv("PX_CMD_TIMEOUT");
    cmd->timeout = DEFAULT_TIMEOUT;
    if (text == NULL)
        return true;
    uint64_t seconds;
    if (!px_parse_number("PX_CMD_TIMEOUT", text, 1, 1000000, &seconds, error))
        return false;
    cmd->timeout = (uint32_t)seconds;
    return true;
}

static bool make_directory(command *cmd, px_error *error)
{
    if (!px_temporary_folder(cmd->directory, "cmd", error))
        return false;
    snprintf(cmd->input, sizeof cmd->input, "%s/input.pxi", cmd->directory);
    snprintf(cmd->output, sizeof cmd->output, "%s/output.pxi", cmd->directory);
    snprintf(cmd->messages, sizeof cmd->messages, "%s/messages", cmd->directory);
    link_command(cmd);
    return true;
}

static bool open_command(px_executor **executor, const char *arg, px_error *error)
{
    command *cmd = calloc(1, sizeof *cmd);
    if (cmd == NULL || (cmd->text = strdup(arg != NULL ? arg : "")) == NULL) {
        free(cmd);
        return px_fail(error, PX_E_SYSTEM, "no memory for the executor cmd");
    }
    cmd->said = -1;
    cmd->executor.ops = &operations;
    cmd->executor.caps =
        (px_caps){.max_pixels = PX_MAX_PIXELS, .machines = UINT32_MAX, .total_pixels = UINT64_MAX, .lanes = 1};
    snprintf(cmd->executor.name, sizeof cmd->executor.name, "cmd:%s", cmd->text);
    if (!split(cmd, error) || !set_timeout(cmd, error) || !make_directory(cmd, error)) {
        cmd_close(&cmd->executor);
        return false;
    }
    *executor = &cmd->executor;
    return true;
}

const px_driver px_cmd_driver = {.open = open_command};
