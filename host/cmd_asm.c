/* cmd_asm.c - px asm: text to a picture. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/commands.h"
#include "host/session.h"
#include "pxi/asm.h"
#include "pxi/output_file.h"

enum { KEY_WERROR = 256, MAX_DEFINES = 256 };

typedef struct arguments {
    const char *input, *symbols;
    char *output, *own_output; /* own_output: the name made from the input's, to free */
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
        a->output = arg;
        return 0;
    case 's':
        a->symbols = arg;
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
        return px_take_argument(state, "file", arg, &a->input);
    case ARGP_KEY_END:
        if (a->input == NULL)
            argp_error(state, "no file to assemble");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options, parse, "IN.pxa", "Assemble a pixel program into a picture. pxi/ASSEMBLY.md describes the language.",
    NULL,    NULL,  NULL};

/* life.pxa -> life.pxi; a name without .pxa gets .pxi behind it. */
static char *default_output(const char *input)
{
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
    printf("%s: %" PRIu32 "x%" PRIu32 ", %s instruction%s, %s data pixel%s, %s free -> %s\n", a->input, x->picture.w,
           x->picture.h, px_grouped(x->instructions), x->instructions == 1 ? "" : "s", px_grouped(x->data_pixels),
           x->data_pixels == 1 ? "" : "s", px_grouped(x->free_pixels), a->output);
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

static int finish(arguments *a, const px_assembly *assembly)
{
    px_error error;
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
    px_error error;
    if (a.output == NULL) {
        px_fail(&error, PX_E_SYSTEM, "no memory for the name of the picture");
        return px_complain(argv[0], &error);
    }
    if (!files_differ(&a, &error)) {
        free(a.own_output);
        return px_complain(argv[0], &error);
    }
    const px_asm_options asm_options = {.defines = a.defines, .define_count = a.define_count, .werror = a.werror};
    px_assembly assembly;
    px_assemble_file(&assembly, a.input, &asm_options);
    status = finish(&a, &assembly);
    px_assembly_free(&assembly);
    free(a.own_output);
    return status;
}
