/* trace.c - px trace: a run, instruction by instruction, as a file for a viewer. */
#include <stdio.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/hosting.h"
#include "host/trace_file.h"
#include "pxi/number.h"
#include "pxi/output_file.h"

#define USUAL_COUNT 1000000

typedef struct arguments {
    const char *file, *on, *answers, *symbols, *output, *format;
    uint64_t from, count;
    bool quiet;
    px_hosting hosting;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    if (px_trace_format_named(a->format) == NULL)
        return px_fail(error, PX_E_USAGE, "--format is '%s'; there are %s", a->format, px_trace_formats);
    if (a->count == 0)
        return px_fail(error, PX_E_USAGE, "--count is 0; nothing would be written");
    return px_hosting_check(&a->hosting, a->answers, error);
}

static const char about[] =
    "Write each instruction of a run as it retires, for a viewer.\v"
    "Formats: text; perfetto, the JSON that https://ui.perfetto.dev and Chromium's tracing open, with calls and "
    "instructions; konata, for the pipeline viewer of that name (Kanata 0004); vcd, value changes for GTKWave and "
    "Surfer. Times are cycles on rtl and rtl4, elsewhere instructions.\n\n"
    "Examples:\n"
    "  px trace first.pxa --format perfetto -o first.json\n"
    "  px trace first.pxi --on rtl --from 5000 --count 200 --format vcd -o part.vcd\n\n"
    "Exit status: as of px run.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        {"format", 0, "FORMAT", "text (as it is without this), perfetto, konata or vcd", .text = &a->format},
        {"from", 0, "N", "begin after N instructions", .count = &a->from},
        {"count", 0, "N", "N instructions (1000000), where the run ends, too", .count = &a->count},
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

static bool run(arguments *a, px_trace_file *file, px_machine *machine, const px_answerer *answerer, px_stop *stop,
                px_error *error)
{
    const uint64_t all = a->count < UINT64_MAX - a->from ? a->from + a->count : UINT64_MAX;
    if (!px_trace_file_begin(file, machine, error) || !px_on_retire(machine, px_trace_file_retired, file, error))
        return false;
    px_catch_signals();
    const bool ok = px_run_answering(machine, all, answerer, a->output != NULL, stop, error);
    px_trace_file_end(file);
    return ok && (file->written > 0 ||
                  px_fail(error, PX_E_USAGE, "the run has %s instructions, and %s are left out: nothing is traced",
                          px_grouped(stop->executed), px_grouped(a->from)));
}

static bool trace(arguments *a, px_executor *executor, const px_state *start, const px_names *names, FILE *to,
                  px_stop *stop, px_error *error)
{
    px_trace_file file = {
        .format = px_trace_format_named(a->format), .to = to, .names = names, .from = a->from, .count = a->count};
    uint64_t budget = UINT64_MAX;
    bool exited;
    int status;
    px_machine *machine = NULL;
    px_answerer answerer;
    bool ok = px_hosting_begin_any(&a->hosting, a->answers, start, false, &budget, &answerer, error);
    if (budget < a->from + a->count)
        a->count = budget > a->from ? budget - a->from : 0;
    ok = ok && px_machine_create(executor, start, &machine, error) && run(a, &file, machine, &answerer, stop, error);
    px_machine_drop(machine, NULL);
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
    arguments a = {.on = PX_USUAL, .format = "text", .count = USUAL_COUNT};
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
