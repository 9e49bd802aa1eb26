/* dis.c - px dis: a picture as text. */
#include <stdio.h>
#include <stdlib.h>

#include "host/commands.h"
#include "host/files.h"
#include "pxi/asm/asm.h"
#include "pxi/asm/disasm.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

typedef struct arguments {
    const char *input, *output, *symbols;
} arguments;

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "write to a file; without it to standard output", 0},
    {"symbols", 's', "FILE", 0, "names for addresses, as `px asm -s` writes them", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case 'o':
        a->output = px_output_file(arg);
        return 0;
    case 's':
        a->symbols = px_input_file(arg);
        return 0;
    case ARGP_KEY_ARG:
        return px_take_argument(state, "picture", px_input_file(arg), &a->input);
    case ARGP_KEY_END:
        if (a->input == NULL)
            argp_error(state, "no picture to disassemble");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {options,
                                 parse,
                                 "IN.pxi",
                                 "Print a picture as source that `px asm` turns into the identical picture. A saved "
                                 "state is told in comments, and its image disassembled.",
                                 NULL,
                                 NULL,
                                 NULL};

static bool write_text(const arguments *a, const px_picture *picture, const px_names *names, px_error *error)
{
    px_output text;
    if (a->output == NULL)
        return px_disassemble(stdout, picture, a->input, names->at, names->count, error);
    if (px_same_file(a->input, a->output))
        return px_fail(error, PX_E_USAGE, "the text would replace its picture, %s; choose another name with -o",
                       a->input);
    return px_output_open(&text, a->output, error) &&
           px_output_close(&text, px_disassemble(text.file, picture, a->input, names->at, names->count, error), error);
}

int px_cmd_dis(int argc, char **argv)
{
    arguments a = {0};
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    px_picture picture = {0};
    px_names names = {0};
    px_error error;
    const bool good = (a.output == NULL || px_output_check(a.output, &error)) &&
                      (a.symbols == NULL || px_names_read(&names, a.symbols, &error)) &&
                      px_picture_read(&picture, a.input, &error) && write_text(&a, &picture, &names, &error);
    px_names_free(&names);
    px_picture_free(&picture);
    return good ? 0 : px_complain(argv[0], &error);
}
