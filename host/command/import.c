/* import.c - px import: another kind of PNG as a picture, where that is exact. */
#include <stdio.h>
#include <stdlib.h>

#include "host/commands.h"
#include "host/files.h"
#include "pxi/input_file.h"
#include "pxi/png/damage.h"
#include "pxi/png/import.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"

enum { EXIT_CONVERTED = 0, EXIT_DAMAGED = 1 };

static const char about[] =
    "Convert a PNG of any kind to the one kind that a picture is: 8-bit RGBA, not interlaced.\v"
    "Palette, grey, grey with alpha, RGB, RGBA, 1 to 16 bits, interlaced or not: all become RGBA if that loses and "
    "invents nothing. Samples are taken as stored, whatever gamma or profile the file names. tRNS becomes alpha; the "
    "colour under it stays.\n\n"
    "Refused are 16-bit samples whose two bytes differ, since no 8-bit sample equals them; damaged files; a tRNS "
    "chunk where PNG allows none, since readers then differ on the alpha; and pixels that claim to be a program or a "
    "saved state but are broken as one, since no conversion brings back what was lost.\n\n"
    "Example:\n"
    "  px import from_editor.png -o program.pxi\n\n"
    "Exit status: 0 converted; 1 the pixels are those of a damaged program; 2 wrong usage, a file that cannot be "
    "read, converted exactly, or written.\n\n"
    "See also: px check.";

typedef struct arguments {
    const char *input, *output;
    bool quiet;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    const arguments *a = arguments_read;
    return a->output != NULL || px_fail(error, PX_E_USAGE, "no output given; add -o FILE");
}

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {PX_OPTION_OUTPUT(&a->output, "the picture to write (required)"),
                                 PX_OPTION_QUIET(&a->quiet, "do not say what the picture is"),
                                 {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "PNG",
                                  .what = "PNG",
                                  .input = &a->input,
                                  .missing = "no PNG given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static bool import_file(px_picture *picture, const char *path, px_error *error)
{
    uint8_t *data;
    size_t size;
    if (!px_file_read(&data, &size, path, error))
        return false;
    const bool done = px_import_memory(picture, data, size, path, error);
    free(data);
    return done;
}

int px_cmd_import(int argc, char **argv)
{
    arguments a = {0};
    px_picture picture = {0};
    px_finding finding = {0};
    px_error error = {0};
    int status;
    read_arguments(&a, argc, argv);

    const bool read = px_picture_place(a.output, &error) && import_file(&picture, a.input, &error);
    if (read)
        px_examine_picture(&finding, &picture, a.input);
    if (!read) {
        status = px_complain(argv[0], &error);
    } else if (!finding.intact) {
        fprintf(stderr, "%s: %s converts exactly, but to a damaged picture: %s; probably %s; nothing was written, %s\n",
                argv[0], a.input, finding.what, finding.cause, finding.remedy);
        status = EXIT_DAMAGED;
    } else if (!px_picture_write(&picture, a.output, &error)) {
        status = px_complain(argv[0], &error);
    } else {
        status = EXIT_CONVERTED;
        if (!a.quiet)
            fprintf(px_messages(a.output), "%s: %s\n", a.output, finding.what);
    }
    px_picture_free(&picture);
    return status;
}
