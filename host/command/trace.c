/* trace.c - px trace: a run, instruction by instruction, as a file for a viewer; and what the core does meanwhile.
 *
 * Without a place the run is traced from its beginning, so that times count from there. A place is found on a tape,
 * which is wound back to where the trace begins: the host is asked once. */
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/debugger.h"
#include "host/files.h"
#include "host/hosting.h"
#include "host/trace_file.h"
#include "pxi/number.h"
#include "pxi/output_file.h"

enum { USUAL_COUNT = 1000000, USUAL_WAVES = 1000, USUAL_AROUND = 16 };

#define UNGIVEN UINT64_MAX

typedef struct arguments {
    const char *file, *on, *answers, *symbols, *output, *format, *at, *wave;
    uint64_t from, count, before, after;
    bool quiet;
    px_hosting hosting;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    if (px_trace_format_named(a->format) == NULL)
        return px_fail(error, PX_E_USAGE, "--format is '%s'; there are %s", a->format, px_trace_formats);
    if (a->at != NULL && (a->from != UNGIVEN || a->count != UNGIVEN))
        return px_fail(error, PX_E_USAGE, "--at excludes --from and --count: --before and --after go with it");
    if (a->at == NULL && (a->before != UNGIVEN || a->after != UNGIVEN))
        return px_fail(error, PX_E_USAGE, "--before and --after are around the place that --at names");
    if (a->count == 0 || a->after == 0)
        return px_fail(error, PX_E_USAGE, "%s is 0; nothing would be written", a->count == 0 ? "--count" : "--after");
    if (a->wave != NULL && a->output != NULL && px_same_file(a->wave, a->output))
        return px_fail(error, PX_E_USAGE, "--wave and --output are one file");
    a->from = a->from != UNGIVEN ? a->from : 0;
    a->count = a->count != UNGIVEN ? a->count : a->wave != NULL ? USUAL_WAVES : USUAL_COUNT;
    a->before = a->before != UNGIVEN ? a->before : USUAL_AROUND;
    a->after = a->after != UNGIVEN ? a->after : USUAL_AROUND;
    return px_hosting_check(&a->hosting, a->answers, error);
}

static const char about[] =
    "Write each instruction of a run as it retires, for a viewer.\v"
    "Formats: text; perfetto, the JSON that https://ui.perfetto.dev and Chromium's tracing open, with calls and "
    "instructions; konata, for the pipeline viewer of that name (Kanata 0004); vcd, value changes for GTKWave and "
    "Surfer. Times are cycles on rtl and rtl4, elsewhere instructions.\n\n"
    "--at traces around a place, the first time that the run comes there: what `break` of `px debug` takes, a label, "
    "an "
    "address, FILE:LINE, op NAME, count N, with a condition behind `if`. Cycles then count from the first instruction "
    "of the trace.\n\n"
    "--wave writes what the core does in these instructions, every wire and register of it, as waveforms (FST) for "
    "GTKWave or Surfer; ten of their units are a cycle of the trace beside them. It needs --on rtl.\n\n"
    "Examples:\n"
    "  px trace first.pxa --format perfetto -o first.json\n"
    "  px trace first.pxi --on rtl --from 5000 --count 200 --format vcd -o part.vcd\n"
    "  px trace first.pxa --on rtl --at 'draw if r3 == 7' --before 5 --wave draw.fst\n\n"
    "Exit status: as of px run.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        {"format", 0, "FORMAT", "text (as it is without this), perfetto, konata or vcd", .text = &a->format},
        {"from", 0, "N", "begin after N instructions", .count = &a->from},
        {"count", 0, "N", "N instructions (1000000, with --wave 1000), where the run ends, too", .count = &a->count},
        {"at", 0, "PLACE", "around this place, as `break` of px debug takes it", .text = &a->at},
        {"before", 0, "N", "N instructions before it (16)", .count = &a->before},
        {"after", 0, "N", "N from it on (16)", .count = &a->after},
        {"wave", 0, "FILE", "write waveforms of the core, too, in FST", .output = &a->wave},
        PX_OPTION_OUTPUT(&a->output, "write to a file; without it to standard output"),
        PX_OPTION_SYMBOLS(&a->symbols, "; a source has its own"),
        PX_OPTION_ANSWERS(&a->answers),
        PX_HOSTING_OPTIONS(&a->hosting),
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

static bool nothing_there(const px_stop *stop, uint64_t from, px_error *error)
{
    return px_fail(error, PX_E_USAGE, "the run has %s instructions, and %s are left out: nothing is traced",
                   px_grouped(stop->executed), px_grouped(from));
}

/* ---- from the beginning ---- */

static bool run(arguments *a, px_trace_file *file, px_machine *machine, const px_answerer *answerer, px_stop *stop,
                px_error *error)
{
    const uint64_t all = a->count < UINT64_MAX - a->from ? a->from + a->count : UINT64_MAX;
    if (!px_trace_file_begin(file, machine, error) || !px_on_retire(machine, px_trace_file_retired, file, error))
        return false;
    const bool ok = px_run_answering(machine, all, answerer, a->output != NULL, stop, error);
    px_trace_file_end(file);
    return ok && (file->written > 0 || nothing_there(stop, a->from, error));
}

static bool run_all(arguments *a, px_executor *executor, const px_state *start, const px_answerer *answerer,
                    px_trace_file *file, px_stop *stop, px_error *error)
{
    px_machine *machine = NULL;
    const bool ok = px_machine_create(executor, start, &machine, error) && run(a, file, machine, answerer, stop, error);
    px_machine_drop(machine, NULL);
    return ok;
}

/* ---- a part, found on a tape ---- */

static bool interrupted(void *context, uint64_t executed)
{
    (void)context, (void)executed;
    return px_interrupted();
}

/* Winds to the place. */
static bool find(arguments *a, px_debugger *d, px_error *error)
{
    char *line = NULL, *said = NULL, text[256];
    size_t size;
    bool there = false;
    FILE *unheard = open_memstream(&said, &size);
    const size_t length = strlen("break ") + strlen(a->at) + 1;
    bool ok = unheard != NULL && (line = malloc(length)) != NULL;
    if (!ok)
        px_fail(error, PX_E_SYSTEM, "no memory to find --at");
    else
        snprintf(line, length, "break %s", a->at);
    ok = ok && px_debugger_do(d, line, unheard, error) && px_debugger_stands_at_break(d, &there, error);
    if (ok && !there) {
        ok = px_debugger_do(d, "run", unheard, error);
        there = ok && d->stopped_by != 0;
    }
    if (ok && !there) {
        px_stop_text(px_tape_stop(d->tape), d->w, px_interrupted(), text, sizeof text);
        ok = px_fail(error, PX_E_USAGE, "the run never comes to --at %s: it %s", a->at, text);
    }
    if (unheard != NULL)
        fclose(unheard);
    free(said);
    free(line);
    return ok;
}

static bool run_part(arguments *a, px_debugger *d, px_trace_file *file, const char *wave, px_error *error)
{
    const px_breakpoints none = {0};
    px_machine *machine = px_tape_machine(d->tape);
    px_tape_hit hit;
    if (a->at != NULL) {
        if (!find(a, d, error))
            return false;
        const uint64_t at = px_tape_about(d->tape).at;
        a->from = at < a->before ? 0 : at - a->before;
        a->count = at - a->from + a->after;
    }
    const uint64_t end = a->count < d->limit - a->from ? a->from + a->count : d->limit;
    file->from = file->seen = a->from;
    if (!px_tape_seek(d->tape, a->from, d->cancel, NULL, error))
        return false;
    if (px_tape_about(d->tape).at < a->from)
        return nothing_there(px_tape_stop(d->tape), a->from, error);
    bool ok = px_trace_file_begin(file, machine, error) && px_wave(machine, wave, error) &&
              px_on_retire(machine, px_trace_file_retired, file, error) &&
              px_tape_run(d->tape, &none, end, d->cancel, &hit, error);
    ok = px_wave(machine, NULL, ok ? error : NULL) && ok;
    ok = px_on_retire(machine, NULL, NULL, ok ? error : NULL) && ok;
    px_trace_file_end(file);
    return ok && (file->written > 0 || nothing_there(px_tape_stop(d->tape), a->from, error));
}

static const char *half_of_waves; /* that are being written */

/* The library that writes the waveforms maps its files; where a disk has no room for a page of them, that is a signal. */
static void no_room(int signal)
{
    static const char text[] = "px trace: waveforms cannot be written: no room is left for them, or in /tmp\n";
    char list[PATH_MAX];
    const size_t length = strlen(half_of_waves);
    (void)signal;
    if (length + sizeof ".hier" <= sizeof list) {
        memcpy(list, half_of_waves, length);
        memcpy(list + length, ".hier", sizeof ".hier");
        unlink(list);
    }
    unlink(half_of_waves);
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(PX_EXIT_USAGE);
}

static bool run_waved(arguments *a, px_debugger *d, px_trace_file *file, const char *wave, px_error *error)
{
    const struct sigaction leave = {.sa_handler = no_room};
    struct sigaction before;
    half_of_waves = wave;
    sigaction(SIGBUS, &leave, &before);
    const bool ok = run_part(a, d, file, wave, error);
    sigaction(SIGBUS, &before, NULL);
    return ok;
}

/* The library opens them by their name. */
static bool run_waves(arguments *a, px_debugger *d, px_trace_file *file, px_error *error)
{
    px_output output;
    if (a->wave == NULL)
        return run_part(a, d, file, NULL, error);
    if (!px_spares_input(a->file, a->wave, false, error) || !px_output_open(&output, a->wave, error))
        return false;
    bool ok = output.temporary != NULL ||
              px_fail(error, PX_E_USAGE, "%s is no file: waveforms cannot be written to a pipe", a->wave);
    ok = px_output_close(&output, ok && run_waved(a, d, file, output.temporary, error), error);
    if (ok && !a->quiet)
        fprintf(a->output == NULL ? stderr : px_messages(a->wave), "%s: waveforms of %s instructions, %s cycles\n",
                a->wave, px_grouped(file->written), px_grouped(file->next));
    return ok;
}

static bool run_window(arguments *a, px_executor *executor, const px_state *start, const px_answerer *answerer,
                       uint64_t budget, px_trace_file *file, px_stop *stop, px_error *error)
{
    const px_cancel cancel = {interrupted, NULL};
    px_debugger d = {.names = file->names, .program = a->file, .limit = budget, .cancel = &cancel};
    bool ok = px_tape_open(&d.tape, executor, start, answerer, 0, error) && px_debugger_begin(&d, error) &&
              run_waves(a, &d, file, error);
    if (ok)
        *stop = *px_tape_stop(d.tape);
    px_debugger_end(&d);
    px_tape_close(d.tape);
    return ok;
}

/* ---- both ---- */

static bool trace(arguments *a, px_executor *executor, const px_state *start, const px_names *names, FILE *to,
                  px_stop *stop, px_error *error)
{
    px_trace_file file = {
        .format = px_trace_format_named(a->format), .to = to, .names = names, .from = a->from, .count = a->count};
    uint64_t budget = UINT64_MAX;
    bool exited;
    int status;
    px_answerer answerer;
    bool ok = px_hosting_begin_any(&a->hosting, a->answers, start, false, &budget, &answerer, error);
    if (budget - a->from < a->count || budget < a->from)
        a->count = budget > a->from ? budget - a->from : 0;
    px_catch_signals();
    ok = ok && (a->at != NULL || a->wave != NULL ? run_window(a, executor, start, &answerer, budget, &file, stop, error)
                                                 : run_all(a, executor, start, &answerer, &file, stop, error));
    ok = ok && px_hosting_end(&a->hosting, stop, &exited, &status, error);
    px_hosting_abandon(&a->hosting);
    if (ok && !a->quiet && a->output != NULL)
        fprintf(px_messages(a->output), "%s: %s instructions\n", a->output, px_grouped(file.written));
    return ok;
}

static bool write_trace(arguments *a, px_executor *executor, const px_state *start, const px_names *names,
                        px_stop *stop, px_error *error)
{
    px_output output;
    if (a->output == NULL)
        return trace(a, executor, start, names, stdout, stop, error);
    return px_spares_input(a->file, a->output, false, error) && px_output_open(&output, a->output, error) &&
           px_output_close(&output, trace(a, executor, start, names, output.file, stop, error), error);
}

int px_cmd_trace(int argc, char **argv)
{
    arguments a = {
        .on = PX_USUAL, .format = "text", .from = UNGIVEN, .count = UNGIVEN, .before = UNGIVEN, .after = UNGIVEN};
    px_error error = {0};
    px_state start = {0};
    px_names names = {0};
    px_stop stop = {0};
    px_executor *executor = NULL;
    px_hosting_init(&a.hosting);
    read_arguments(&a, argc, argv);
    const bool ok = (a.symbols == NULL
                         ? px_read_program(&start, a.file, &names, &error)
                         : px_names_read(&names, a.symbols, &error) && px_read_program(&start, a.file, NULL, &error)) &&
                    px_executor_open(&executor, a.on, &error) &&
                    write_trace(&a, executor, &start, &names, &stop, &error);
    const int status = ok ? px_stop_exit(&stop) : px_complain(argv[0], &error);
    px_executor_close(executor);
    px_names_free(&names);
    px_state_free(&start);
    return status;
}
