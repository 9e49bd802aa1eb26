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

static const char about[] =
    "Print a picture as source that `px asm` turns into the identical picture. A saved state is told in comments, and "
    "its image disassembled.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {PX_OPTION_OUTPUT(&a->output, "write to a file; without it to standard output"),
                                 PX_OPTION_SYMBOLS(&a->symbols, ""),
                                 {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "IN.pxi",
                                  .what = "picture",
                                  .input = &a->input,
                                  .missing = "no picture to disassemble"};
    px_read_arguments(&line, argc, argv);
}

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
    read_arguments(&a, argc, argv);
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
