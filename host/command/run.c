/* run.c - px run: one program or saved state on one executor. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/lockstep.h"
#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/divergence.h"
#include "host/files.h"
#include "host/frames.h"
#include "host/hosting.h"
#include "host/package.h"
#include "host/trace.h"
#include "host/trap.h"
#include "pxi/number.h"
#include "pxi/png/picture_file.h"
#include "pxi/temporary.h"

enum { MOST_ZOOM = 64 };

typedef struct arguments {
    const char *command; /* as messages name it */
    const px_run_kind *kind;
    const char *file, *on, *output, *answers, *symbols, *traced, *apng, *filmstrip;
    px_frames *frames; /* what -o becomes then */
    uint64_t budget;
    uint32_t zoom; /* of a copy for viewing; 0: none */
    bool trace, quiet, opaque, always_state, always_image;
    px_hosting hosting;
    px_package package;
    bool exited; /* the program has ended itself, with status */
    int status;

    /* Of several executors in lockstep, what a difference is looked for with: */
    bool lockstep;
    px_lockstep_note note;
    px_state start;
    char log[PX_TEMPORARY_NAME]; /* a file of our own; "": none */
} arguments;

/* Standard output is the program's, where it has a console. */
static FILE *messages(const arguments *a) { return px_hosting_answers(&a->hosting) ? stderr : px_messages(a->output); }

static bool frames_go(arguments *a, px_error *error)
{
    const bool strip = a->filmstrip != NULL;
    const char *option = strip ? "--filmstrip" : "--apng", *spec = strip ? a->filmstrip : a->apng;
    if (spec == NULL)
        return true;
    if (strip && a->apng != NULL)
        return px_fail(error, PX_E_USAGE, "--apng and --filmstrip exclude each other");
    if (a->output == NULL || a->always_state || a->always_image || (strip && a->zoom > 0))
        return px_fail(error, PX_E_USAGE,
                       "%s is what -o becomes: it needs -o, and goes with neither --state nor --image%s", option,
                       strip ? " nor --zoom" : "");
    a->frames = px_frames_parse(option, spec, strip, error);
    return a->frames != NULL;
}

static bool go_together(arguments *a, px_error *error)
{
    if (a->opaque && a->zoom == 0)
        a->zoom = 1;
    if (a->always_state && (a->always_image || a->zoom > 0))
        return px_fail(error, PX_E_USAGE, "--state and %s exclude each other",
                       a->always_image ? "--image" : "--zoom or --opaque");
    if (a->zoom > 0 && a->output == NULL)
        return px_fail(error, PX_E_USAGE, "--zoom and --opaque are for the file of -o, and none is given");
    if (px_hosting_answers(&a->hosting) && px_messages(a->output) == stderr)
        return px_fail(error, PX_E_USAGE, "-o - and the program's console are both standard output; write to a file");
    return frames_go(a, error) && px_hosting_check(&a->hosting, a->answers, error);
}

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    if (!px_package_begin(&a->package, a->file, &a->hosting, error))
        return false;
    if (go_together(a, error))
        return true;
    px_package_end(&a->package);
    return false;
}

static const char about[] =
    "Run a pixel program or a saved state; a source (.pxa) is assembled first.\v"
    "A program stopped by its budget, by SYS, or by SIGINT (Ctrl-C), SIGTERM or SIGHUP is saved with -o and continued "
    "by running the saved state, on any executor. A second one, at least a second later, ends px at once.\n\n"
    "FILE may be - for standard input, and -o - writes the picture to standard output, messages then go to standard "
    "error.\n\n"
    "With --host the program has a console, standard input and output, and whatever else is granted; px says only "
    "what went wrong, on standard error. What a program can ask for is in HOST.md. A session that --record has "
    "written down is fed to any executor by --replay.\n\n"
    "A copy for viewing (--zoom, --opaque) shows what transparent pixels hide. It is no program and is refused as "
    "one: keep the image or the state as well if the run is to go on.\n\n"
    "FILE#ENTRY is a program of an archive (px pack), which has what its manifest gives it, and no more.\n\n"
    "Examples:\n"
    "  px run first.pxa -o result.png --zoom 8\n"
    "  px asm first.pxa -o - | px run - -o - >result.png\n"
    "  px run guess.pxa --host --record game.log\n"
    "  px run life.pxi --apng every=200 --zoom 4 -o life.png\n\n"
    "Exit status: 0 halted, 1 trapped, 2 wrong usage or bad input, 3 stopped by the budget or a signal, or "
    "waiting; with --host or --replay, what the program exits with.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        PX_OPTION_BUDGET(&a->budget),
        PX_OPTION_ANSWERS(&a->answers),
        PX_HOSTING_OPTIONS(&a->hosting),
        {"trace", 0, "WHICH",
         "print each retired instruction, only those at addresses A-B, or with last:N only the last N",
         .flag = &a->trace, .text = &a->traced},
        PX_OPTION_SYMBOLS(&a->symbols, "; a source has its own"),
        PX_OPTION_OUTPUT(&a->output, "write the image when the program has halted, the saved state otherwise"),
        {"state", 0, NULL, "write the saved state in any case", .flag = &a->always_state},
        {"image", 0, NULL, "write the image in any case", .flag = &a->always_image},
        {"zoom", 0, "N", "write a copy for viewing instead: the image without alpha, each pixel N x N (1 to 64)",
         .number = &a->zoom, 1, MOST_ZOOM},
        {"apng", 0, "every=N",
         "write an animation instead, a frame every N instructions; every=N,fps=K: K a second (20)", .text = &a->apng},
        {"filmstrip", 0, "every=N", "write one picture of the image every N instructions", .text = &a->filmstrip},
        {"opaque", 0, NULL, "write a copy for viewing that is not enlarged", .flag = &a->opaque},
        PX_OPTION_QUIET(&a->quiet, "print only errors"),
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

/* ---- the result ---- */

static bool write_result(const arguments *a, px_machine *machine, const px_stop *stop, px_error *error)
{
    px_view view;
    px_rows rows;
    const bool image = a->always_image || a->zoom > 0 || (!a->always_state && (stop->status == PX_HALTED || a->exited));
    const uint32_t zoom = a->zoom > 0 ? a->zoom : 1;
    uint32_t frames;
    if (a->frames != NULL) {
        const bool ok = px_frames_write(a->frames, a->output, &frames, error);
        if (ok && !a->quiet)
            fprintf(messages(a), "%s: %" PRIu32 " frame%s\n", a->output, frames, frames == 1 ? "" : "s");
        return ok;
    }
    if (!px_machine_rows(machine, image, &view, &rows, error) || !px_write_or_keep(&rows, a->zoom, a->output, error))
        return false;
    if (!a->quiet)
        fprintf(messages(a), "%s: %s, %" PRIu32 "x%" PRIu32 "\n", a->output,
                a->zoom > 0 ? "a copy for viewing"
                : image     ? "image"
                            : "saved state",
                rows.w * zoom, rows.h * zoom);
    return true;
}

/* ---- the run ---- */

/* What nobody was there for. */
static void print_question(const arguments *a, const px_stop *stop)
{
    static const char *const services[256] = {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) [number] = #id,
#include "pxi/host.def"
    };
    const char *service = stop->status == PX_WAITING ? services[stop->request >> 24] : NULL;
    if (service != NULL && a->answers == NULL && !px_hosting_answers(&a->hosting) && !a->quiet)
        fprintf(stderr, "%s: it asks for %s of HOST.md, which --host answers\n", a->command, service);
}

static void print_stop(const arguments *a, const px_executor *executor, const px_stop *stop, uint32_t width)
{
    char text[256];
    const bool interrupted = px_interrupted();
    FILE *to = messages(a);
    px_stop_text(stop, width, interrupted, text, sizeof text);
    /* A program that talks has said what it wanted to. */
    if (!a->quiet && !(px_hosting_answers(&a->hosting) && (stop->status == PX_HALTED || a->exited))) {
        fprintf(to, "%s: %s", executor->name, text);
        if (stop->cycles != 0)
            fprintf(to, ", %s cycles", px_grouped(stop->cycles));
        fputc('\n', to);
    }
    print_question(a, stop);
    if (interrupted && a->output == NULL)
        fprintf(stderr, "%s: interrupted; with %s the state would have been saved, to go on later\n", a->command,
                a->kind->saves);
}

/* What the program did wrong, from the machine as it is. */
static bool explain(const arguments *a, px_machine *machine, const px_stop *stop, const px_names *names,
                    px_error *error)
{
    px_state state = {0};
    if (stop->status != PX_TRAPPED || a->quiet)
        return true;
    const bool ok = px_machine_read(machine, &state, error);
    if (ok)
        px_trap_explain(messages(a), &state, names);
    px_state_free(&state);
    return ok;
}

static bool run_machine(arguments *a, px_machine *machine, const px_answerer *answerer, px_trace *trace, px_stop *stop,
                        px_error *error)
{
    trace->to = messages(a);
    trace->profile = machine->profile;
    if (a->trace && !px_on_retire(machine, px_trace_retired, trace, error))
        return false;
    px_catch_signals();
    const bool talks = px_hosting_answers(&a->hosting);
    bool ok = a->frames != NULL ? px_frames_run(a->frames, machine, a->budget, a->zoom, answerer, stop, error)
                                : px_run_answering(machine, a->budget, answerer, !a->trace && !talks, stop, error);
    px_trace_end(trace);
    if (ok && talks)
        ok = px_hosting_end(&a->hosting, stop, &a->exited, &a->status, error);
    px_signals_end_waits();
    if (!ok)
        return false;
    if (a->output == NULL && px_interrupted())
        a->output = a->kind->kept;
    print_stop(a, machine->executor, stop, machine->w);
    return explain(a, machine, stop, trace->names, error) &&
           (a->output == NULL || write_result(a, machine, stop, error));
}

/* Uses start up: the executor takes its pixels for its own where it can. */
static bool run(arguments *a, px_executor *executor, px_state *start, px_answers *answers, px_trace *trace,
                px_stop *stop, px_error *error)
{
    px_machine *machine;
    px_answerer answerer = px_scripted(answers);
    if (px_hosting_answers(&a->hosting) &&
        !px_hosting_begin(&a->hosting, start, !a->quiet, &a->budget, &answerer, error))
        return false;
    px_hosting_note(&a->hosting);
    if (!px_machine_create_from(executor, start, &machine, error))
        return false;
    const bool ok = run_machine(a, machine, &answerer, trace, stop, error);
    px_machine_drop(machine, NULL);
    return ok;
}

/* ---- several executors ---- */

static bool open_executors(arguments *a, px_executor **executor, px_error *error)
{
    a->lockstep = a->kind->several && strchr(a->on, ',') != NULL;
    return a->lockstep ? px_lockstep_open(executor, a->on, PX_MAX_PIXELS, &a->note, NULL, error)
                       : px_executor_open(executor, a->on, error);
}

/* The start, and a log of all that comes from outside. */
static bool keep_start(arguments *a, const px_state *start, px_error *error)
{
    if (!a->lockstep)
        return true;
    if (a->hosting.record == NULL && a->hosting.replay == NULL) {
        const int fd = px_temporary_file(a->log, "lockstep", error);
        if (fd < 0)
            return false;
        close(fd);
        a->hosting.record = a->log;
    }
    return px_state_copy(&a->start, start, error);
}

/* The first instruction that two of them do not do alike, by the session's log. */
static bool find_difference(const arguments *a, px_executors *executors, px_log *log, const px_names *names,
                            px_error *error)
{
    const px_answerer answerer = px_log_answerer(log, NULL, NULL);
    const uint64_t budget = px_log_budget(log, a->budget);
    px_divergence at = {.found = false};
    bool ok = true;
    for (size_t i = 1; ok && !at.found && i < executors->count; i++) {
        px_state states[3] = {{0}, {0}, {0}};
        px_executor *const first = executors->at[0], *const other = executors->at[i];
        ok = px_first_difference(first, other, &a->start, &answerer, budget, &at, states, error);
        if (ok && at.found && !px_interrupted()) { /* a search without its end has found nothing */
            fprintf(stderr, "%s differs from %s:\n", other->name, first->name);
            px_divergence_tell(stderr, &at, &a->start, states, first->name, other->name, names);
        }
        for (int k = 0; k < 3; k++)
            px_state_free(&states[k]);
    }
    if (ok && !at.found && !px_interrupted())
        fputs("run once more, they do not differ\n", stderr);
    return ok;
}

static void tell_difference(const arguments *a, const px_names *names)
{
    px_executors executors = {0};
    px_log *log = NULL;
    px_error error = {0};
    const char *const path = a->hosting.replay != NULL ? a->hosting.replay : a->hosting.record;
    if (!px_executors_open(&executors, a->on, false, &error) || !px_log_open(&log, path, &a->start, &error) ||
        !find_difference(a, &executors, log, names, &error))
        (void)px_complain(a->command, &error);
    px_log_close(log);
    px_executors_close(&executors);
}

static void free_lockstep(arguments *a)
{
    px_state_free(&a->start);
    if (a->log[0] != '\0')
        unlink(a->log);
}

/* ---- the beginning ---- */

static bool read_program(const arguments *a, px_state *start, px_names *names, px_error *error)
{
    if (a->symbols == NULL)
        return px_read_program(start, a->file, names, error);
    return px_names_read(names, a->symbols, error) && px_read_program(start, a->file, NULL, error);
}

/* Whether the result will have a place, before a run that may be long. */
static bool check_place(const arguments *a, const px_state *start, px_error *error)
{
    if (a->hosting.record != NULL && !px_spares_input(a->file, a->hosting.record, false, error))
        return false;
    return a->output == NULL ||
           (px_picture_place(a->output, error) && px_spares_input(a->file, a->output, a->zoom == 0, error) &&
            (a->symbols == NULL || px_spares_input(a->symbols, a->output, false, error)) &&
            (a->zoom == 0 || px_copy_fits(start->w, start->h, a->zoom, error)));
}

int px_cmd_run(int argc, char **argv)
{
    static const px_run_kind kind = {.saves = "-o FILE"};
    return px_run_as(argc, argv, &kind);
}

int px_run_as(int argc, char **argv, const px_run_kind *kind)
{
    arguments a = {.command = argv[0], .kind = kind, .on = PX_USUAL, .budget = PX_NO_BUDGET};
    px_error error = {0};
    px_state start = {0};
    px_answers answers = {0};
    px_executor *executor = NULL;
    px_stop stop = {0};
    px_hosting_init(&a.hosting);
    a.hosting.grants.commands = kind->commands;
    read_arguments(&a, argc, argv);
    px_names names = {0};
    px_trace trace = {.names = &names};
    const bool ok = px_answers_parse(&answers, a.answers, &error) && px_trace_parse(&trace, a.traced, &error) &&
                    read_program(&a, &start, &names, &error) && check_place(&a, &start, &error) &&
                    open_executors(&a, &executor, &error) &&
                    (kind->check == NULL || kind->check(&start, a.file, &error)) && keep_start(&a, &start, &error) &&
                    run(&a, executor, &start, &answers, &trace, &stop, &error);
    px_hosting_abandon(&a.hosting);
    const bool differs = !ok && a.lockstep && executor != NULL && px_lockstep_differs(executor);
    px_executor_close(executor);
    if (differs)
        tell_difference(&a, &names);
    px_package_end(&a.package);
    px_frames_free(a.frames);
    const int status = ok ? (a.exited ? a.status : px_stop_exit(&stop)) : px_complain(argv[0], &error);
    free_lockstep(&a);
    px_answers_free(&answers);
    px_trace_end(&trace);
    px_names_free(&names);
    px_state_free(&start);
    return status;
}
