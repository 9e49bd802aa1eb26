/* stack.c - px stack: the founding stack machine, which is a pixel program. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/hosting.h"
#include "pxi/input_file.h"
#include "pxi/number.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"
#include "pxi/text_file.h"
#include "stack/stack.h"

typedef struct arguments {
    const char *command, *input, *output, *on;
    uint64_t budget;
    bool source, quiet;
} arguments;

/* ---- input: a text of the stack machine, or a picture ---- */

static bool read_text(stack_code *code, const char *path, px_error *error)
{
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, path, error))
        return false;
    const bool ok = stack_assemble(code, path, text, stderr, error);
    free(text);
    return ok;
}

static bool read_picture(stack_code *code, const char *path, px_error *error)
{
    px_picture picture;
    if (!px_picture_read(&picture, path, error))
        return false;
    const bool ok = stack_of_picture(code, &picture, path, error);
    px_picture_free(&picture);
    return ok;
}

static bool is_picture(const char *path, bool *is, px_error *error)
{
    uint8_t *data;
    size_t size;
    if (!px_file_read(&data, &size, path, error))
        return false;
    *is = size >= 4 && memcmp(data, "\x89PNG", 4) == 0;
    free(data);
    return true;
}

/* ---- asm ---- */

static const char asm_about[] =
    "Assemble byte-code: the picture is a pixel program, the stack machine, with the byte-code in it.\v"
    "IN.pst may be - for standard input. stack/README.md has the language.\n\n"
    "Exit status: 0 assembled, 2 wrong usage or errors in the text.";

static bool write_source(const stack_code *code, const char *path, px_error *error)
{
    char *text;
    size_t size;
    if (!stack_source(&text, &size, code, error))
        return false;
    const bool ok = px_output_text(path, text, error);
    free(text);
    return ok;
}

static bool write_picture(const stack_code *code, const char *path, px_error *error)
{
    px_picture picture;
    const bool ok = stack_picture(&picture, code, error) && px_picture_write(&picture, path, error);
    px_picture_free(&picture);
    return ok;
}

static bool assemble(const arguments *a, px_error *error)
{
    stack_code code = {0};
    if (!px_spares_input(a->input, a->output, false, error))
        return false;
    const bool ok = read_text(&code, a->input, error) &&
                    (a->source ? write_source(&code, a->output, error) : write_picture(&code, a->output, error));
    if (ok && !a->quiet)
        fprintf(px_messages(a->output), "%s: %s byte%s of code -> %s\n", a->input, px_grouped(code.count),
                code.count == 1 ? "" : "s", a->output);
    stack_code_free(&code);
    return ok;
}

static int run_asm(int argc, char **argv)
{
    arguments a = {.output = "a.pxi"};
    px_error error = {0};
    const px_option options[] = {
        PX_OPTION_OUTPUT(&a.output, "the picture to write; without it a.pxi"),
        {"source", 'S', NULL, "write the pixel program's source, for px asm", .flag = &a.source},
        PX_OPTION_QUIET(&a.quiet, "no summary"),
        {0}};
    px_read_arguments(&(px_command_line){.about = asm_about,
                                         .options = options,
                                         .usage = "IN.pst",
                                         .what = "text",
                                         .input = &a.input,
                                         .missing = "no text to assemble"},
                      argc, argv);
    return assemble(&a, &error) ? 0 : px_complain(argv[0], &error);
}

/* ---- dis ---- */

static bool disassemble(const arguments *a, px_error *error)
{
    stack_code code = {0};
    px_output text;
    bool ok = read_picture(&code, a->input, error);
    if (ok && a->output == NULL)
        ok = stack_disassemble(stdout, &code, a->input, error);
    else if (ok)
        ok = px_spares_input(a->input, a->output, false, error) && px_output_open(&text, a->output, error) &&
             px_output_close(&text, stack_disassemble(text.file, &code, a->input, error), error);
    stack_code_free(&code);
    return ok;
}

static int run_dis(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    const px_option options[] = {PX_OPTION_OUTPUT(&a.output, "write to a file; without it to standard output"), {0}};
    px_read_arguments(&(px_command_line){.about = "Print the byte-code of a picture as text that `px stack asm` turns "
                                                  "into the identical byte-code.",
                                         .options = options,
                                         .usage = "IN.pxi",
                                         .what = "picture",
                                         .input = &a.input,
                                         .missing = "no picture to disassemble"},
                      argc, argv);
    return disassemble(&a, &error) ? 0 : px_complain(argv[0], &error);
}

/* ---- run ---- */

static const char run_about[] =
    "Run byte-code on an executor: a text is assembled first. What it prints goes to standard output.\v"
    "Exit status: 0 it came to HALT; 1 to 9 the error of stack/README.md that ended it, which is told, with the line "
    "or "
    "the place; 3 also: stopped by its budget or a signal; 2 also: wrong usage.";

/* The error that ended it, with its line where there is one. */
static void explain(const arguments *a, const stack_code *code, const stack_end *end)
{
    const char *what = stack_error_text(end->error);
    const bool inside = end->where < code->count;
    const char *name = inside ? stack_name_of(code->bytes[end->where]) : NULL;
    if (code->lines != NULL && inside)
        fprintf(stderr, "%s:%" PRIu32 ": ", a->input, code->lines[end->where]);
    else
        fprintf(stderr, "%s: byte %" PRIu32 ": ", a->input, end->where);
    fprintf(stderr, "%s%s%s; %" PRIu32 " on the stack", name != NULL ? name : "", name != NULL ? ": " : "",
            what != NULL ? what : "an error that is none", end->depth);
    if (end->depth > 0)
        fprintf(stderr, ", on top %" PRId32, (int32_t)end->top);
    fputc('\n', stderr);
}

static bool run_machine(const arguments *a, const stack_code *code, px_machine *machine, px_hosting *hosting,
                        const px_answerer *answerer, int *status, px_error *error)
{
    px_stop stop = {0};
    px_state end = {0};
    bool exited = false;
    px_catch_signals();
    if (!px_run_answering(machine, a->budget, answerer, false, &stop, error) ||
        !px_hosting_end(hosting, &stop, &exited, status, error) || !px_machine_read(machine, &end, error))
        return false;
    const stack_end how = stack_end_of(end.mem);
    if (exited && how.error != 0) {
        explain(a, code, &how);
    } else if (!exited) {
        char text[256];
        *status = px_stop_exit(&stop);
        px_stop_text(&stop, machine->w, px_interrupted(), text, sizeof text);
        if (*status != 0)
            fprintf(stderr, "%s: %s\n", a->input, text);
    }
    px_view view;
    px_rows rows;
    const bool ok =
        a->output == NULL || (px_machine_rows(machine, exited || stop.status == PX_HALTED, &view, &rows, error) &&
                              px_write_or_keep(&rows, 0, a->output, error));
    px_state_free(&end);
    return ok;
}

static bool run_code(const arguments *a, const stack_code *code, px_hosting *hosting, int *status, px_error *error)
{
    px_picture picture = {0};
    px_state start = {0};
    px_executor *executor = NULL;
    px_machine *machine = NULL;
    px_answerer answerer;
    uint64_t budget = a->budget;
    const bool ok = stack_picture(&picture, code, error) && px_state_take(&start, &picture, a->input, error) &&
                    px_executor_open(&executor, a->on, error) &&
                    px_hosting_begin(hosting, &start, true, &budget, &answerer, error) &&
                    px_machine_create_from(executor, &start, &machine, error) &&
                    run_machine(a, code, machine, hosting, &answerer, status, error);
    px_hosting_abandon(hosting);
    px_machine_drop(machine, NULL);
    px_executor_close(executor);
    px_state_free(&start);
    px_picture_free(&picture);
    return ok;
}

static int run_run(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .budget = PX_NO_BUDGET};
    px_hosting hosting;
    stack_code code = {0};
    px_error error = {0};
    bool picture;
    int status = 0;
    px_hosting_init(&hosting);
    hosting.host = true;
    const px_option options[] = {
        PX_OPTION_ON(&a.on),
        PX_OPTION_BUDGET(&a.budget),
        PX_OPTION_OUTPUT(&a.output, "write the image when it has ended, the saved state otherwise"),
        {0}};
    px_read_arguments(&(px_command_line){.about = run_about,
                                         .options = options,
                                         .usage = "FILE",
                                         .what = "program",
                                         .input = &a.input,
                                         .missing = "no program to run"},
                      argc, argv);
    const bool ok = px_hosting_check(&hosting, NULL, &error) && is_picture(a.input, &picture, &error) &&
                    (a.output == NULL ||
                     (px_picture_place(a.output, &error) && px_spares_input(a.input, a.output, picture, &error))) &&
                    (picture ? read_picture(&code, a.input, &error) : read_text(&code, a.input, &error)) &&
                    run_code(&a, &code, &hosting, &status, &error);
    stack_code_free(&code);
    return ok ? status : px_complain(argv[0], &error);
}

/* ---- px stack ---- */

static const char about[] = "The founding stack machine: byte-code that a pixel program interprets.\v"
                            "  px stack asm IN.pst [-o OUT.pxi] [-S]   text to a picture; -S: to pixel assembly\n"
                            "  px stack dis IN.pxi [-o OUT.pst]        and back\n"
                            "  px stack run FILE [--on EXECUTOR]       run a text or a picture\n\n"
                            "Each has --help. stack/README.md has the machine and its language.";

int px_cmd_stack(int argc, char **argv)
{
    static const px_subcommand commands[] = {{"asm", run_asm}, {"dis", run_dis}, {"run", run_run}, {NULL, NULL}};
    return px_run_subcommand(commands, about, argc, argv);
}
