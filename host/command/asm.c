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
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

enum { KEY_WERROR = 256, MAX_DEFINES = 256 };

typedef struct arguments {
    const char *input, *symbols;
    const char *output;
    char *own_output; /* own_output: the name made from the input's, to free */
    const char *defines[MAX_DEFINES];
    size_t define_count;
    bool quiet, werror;
} arguments;

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "the picture to write; without it IN.pxi beside IN.pxa", 0},
    {"symbols", 's', "FILE", 0, "also write the symbols: value, kind and name, a line each", 0},
    {"define", 'D', "NAME=VALUE", 0, "define a constant, in place of the source's own of that name", 0},
    {"quiet", 'q', NULL, 0, "no summary", 0},
    {"werror", KEY_WERROR, NULL, 0, "a warning counts as an error", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case 'o':
        a->output = px_output_file(arg);
        return 0;
    case 's':
        a->symbols = px_output_file(arg);
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_WERROR:
        a->werror = true;
        return 0;
    case 'D':
        if (a->define_count == MAX_DEFINES)
            argp_error(state, "more than %d definitions", MAX_DEFINES);
        a->defines[a->define_count++] = arg;
        return 0;
    case ARGP_KEY_ARG:
        return px_take_argument(state, "file", px_input_file(arg), &a->input);
    case ARGP_KEY_END:
        if (a->input == NULL)
            argp_error(state, "no file to assemble");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "IN.pxa",
    "Assemble a pixel program into a picture. pxi/ASSEMBLY.md describes the language.\v"
    "IN.pxa may be - for standard input, whose picture goes to standard output unless -o names a file; files that it "
    "includes are looked for here.\n\nExit status: 0 assembled, 2 wrong usage or errors in the source.",
    NULL,
    NULL,
    NULL};

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
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    if (a.output == NULL)
        a.output = a.own_output = default_output(a.input);
    px_error error = {0};
    px_assembly assembly = {0};
    const px_asm_options asm_options = {.defines = a.defines, .define_count = a.define_count, .werror = a.werror};
    const bool ok = (a.output != NULL || px_fail(&error, PX_E_SYSTEM, "no memory for the name of the picture")) &&
                    files_differ(&a, &error) && places_exist(&a, &error) &&
                    px_assemble_input(&assembly, a.input, &asm_options, &error);
    status = ok ? finish(&a, &assembly) : px_complain(argv[0], &error);
    px_assembly_free(&assembly);
    free(a.own_output);
    return status;
}
