/* asm.c - px asm: text to a picture. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/run.h"
#include "host/commands.h"
#include "host/files.h"
#include "pxi/asm/asm.h"
#include "pxi/number.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

enum { MAX_DEFINES = 256 };

typedef struct arguments {
    const char *input, *symbols;
    const char *output;
    char *own_output; /* own_output: the name made from the input's, to free */
    const char *defines[MAX_DEFINES];
    px_values defined;
    bool quiet, werror;
} arguments;

static const char about[] =
    "Assemble a pixel program into a picture. pxi/ASSEMBLY.md describes the language.\v"
    "IN.pxa may be - for standard input, whose picture goes to standard output unless -o names a file; files that it "
    "includes are looked for here.\n\n"
    "Exit status: 0 assembled, 2 wrong usage or errors in the source.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    a->defined = (px_values){a->defines, 0, MAX_DEFINES};
    const px_option options[] = {
        PX_OPTION_OUTPUT(&a->output, "the picture to write; without it IN.pxi beside IN.pxa"),
        {"symbols", 's', "FILE", "also write the symbols: value, kind and name, a line each", .output = &a->symbols},
        {"define", 'D', "NAME=VALUE", "define a constant, in place of the source's own of that name",
         .values = &a->defined},
        PX_OPTION_QUIET(&a->quiet, "no summary"),
        {"werror", 0, NULL, "a warning counts as an error", .flag = &a->werror},
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "IN.pxa",
                                  .what = "file",
                                  .input = &a->input,
                                  .missing = "no file to assemble"};
    px_read_arguments(&line, argc, argv);
}

/* life.pxa -> life.pxi; a name without .pxa gets .pxi behind it; standard input goes to standard output. */
static char *default_output(const char *input)
{
    if (strcmp(input, px_input_file("-")) == 0)
        return strdup(px_output_file("-"));
    const size_t length = strlen(input);
    const size_t stem = length > 4 && strcmp(input + length - 4, ".pxa") == 0 ? length - 4 : length;
    char *output = malloc(stem + sizeof ".pxi");
    if (output == NULL)
        return NULL;
    memcpy(output, input, stem);
    strcpy(output + stem, ".pxi");
    return output;
}

static void print_summary(const arguments *a, const px_assembly *x)
{
    FILE *to = px_messages(a->symbols) == stderr ? stderr : px_messages(a->output);
    fprintf(to, "%s: %" PRIu32 "x%" PRIu32 ", %s instruction%s, %s data pixel%s, %s free -> %s\n", a->input,
            x->picture.w, x->picture.h, px_grouped(x->instructions), x->instructions == 1 ? "" : "s",
            px_grouped(x->data_pixels), x->data_pixels == 1 ? "" : "s", px_grouped(x->free_pixels), a->output);
}

/* The picture and, if asked for, the symbols: both or, as far as can be foreseen, neither. */
static bool write_results(const arguments *a, const px_assembly *assembly, px_error *error)
{
    px_output text;
    if (a->symbols == NULL)
        return px_picture_write(&assembly->picture, a->output, error);
    if (!px_output_open(&text, a->symbols, error))
        return false;
    px_symbols_write(text.file, assembly->symbols, assembly->symbol_count); /* closing sees a failure */
    return px_output_close(&text, px_picture_write(&assembly->picture, a->output, error), error);
}

/* The source and the two outputs are three files. */
static bool files_differ(const arguments *a, px_error *error)
{
    if (px_same_file(a->input, a->output))
        return px_fail(error, PX_E_USAGE, "the picture would replace its source, %s; choose another name with -o",
                       a->input);
    if (a->symbols == NULL)
        return true;
    if (px_same_file(a->input, a->symbols) || px_same_file(a->output, a->symbols) || strcmp(a->output, a->symbols) == 0)
        return px_fail(error, PX_E_USAGE,
                       "the symbols would replace another file of this call, %s; choose another name", a->symbols);
    return true;
}

static bool places_exist(const arguments *a, px_error *error)
{
    return px_picture_place(a->output, error) && (a->symbols == NULL || px_output_check(a->symbols, error));
}

static int finish(arguments *a, const px_assembly *assembly)
{
    px_error error = {0};
    px_assembly_print(stderr, assembly, isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL);
    if (!assembly->ok)
        return PX_EXIT_USAGE;
    if (!write_results(a, assembly, &error))
        return px_complain("px asm", &error);
    if (!a->quiet)
        print_summary(a, assembly);
    return 0;
}

int px_cmd_asm(int argc, char **argv)
{
    arguments a = {0};
    read_arguments(&a, argc, argv);
    if (a.output == NULL)
        a.output = a.own_output = default_output(a.input);
    px_error error = {0};
    px_assembly assembly = {0};
    const px_asm_options asm_options = {.defines = a.defines, .define_count = a.defined.count, .werror = a.werror};
    const bool ok = (a.output != NULL || px_fail(&error, PX_E_SYSTEM, "no memory for the name of the picture")) &&
                    files_differ(&a, &error) && places_exist(&a, &error) &&
                    px_assemble_input(&assembly, a.input, &asm_options, &error);
    const int status = ok ? finish(&a, &assembly) : px_complain(argv[0], &error);
    px_assembly_free(&assembly);
    free(a.own_output);
    return status;
}
