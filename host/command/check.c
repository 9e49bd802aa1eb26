/* check.c - px check: whether pictures are intact, and what happened to those that are not. */
#include <stdio.h>
#include <stdlib.h>

#include "host/commands.h"
#include "host/files.h"
#include "pxi/input_file.h"
#include "pxi/png/damage.h"
#include "pxi/png/png_file.h"

enum { EXIT_INTACT = 0, EXIT_DAMAGED = 1 };

static const char about[] =
    "Tell whether pictures are intact and what they are: a v1 program, a classic program or a saved state.\v"
    "For a damaged file, px check says what is wrong, what probably happened, and what helps. It finds files that are "
    "no PNG, cut short, continued after their end, or with a wrong CRC; pixels saved as palette, grey, RGB, 16 bits "
    "or interlaced; wrong header fields and checksums; invisible pixels cleared, alpha dropped or premultiplied, "
    "channels swapped, pictures flipped or scaled.\n\n"
    "Enlarge a picture for looking at it only: with px run --zoom, or with ImageMagick's -sample, which alone keeps "
    "the colours under A = 0. No enlarged picture is a program any more.\n\n"
    "A v1 program that the assembler wrote has a checksum, so any changed pixel shows. A classic program and a saved "
    "state have none.\n\n"
    "Examples:\n"
    "  px check dot_test.pxi\n"
    "  px check --quiet *.pxi || echo damaged\n\n"
    "Exit status: 0 all intact; 1 at least one damaged; 2 wrong usage, or a file that cannot be read.\n\n"
    "See also: px import, px info.";

typedef struct arguments {
    bool quiet;
    px_operands files;
} arguments;

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {PX_OPTION_QUIET(&a->quiet, "say nothing about intact pictures"), {0}};
    const px_command_line line = {
        .about = about, .options = options, .usage = "FILE...", .operands = &a->files, .missing = "no picture given"};
    px_read_arguments(&line, argc, argv);
}

static void print_finding(const px_finding *finding, const char *path, bool quiet)
{
    if (finding->intact) {
        if (!quiet)
            printf("%s: intact: %s\n", path, finding->what);
        return;
    }
    printf("%s: %s\n  found   %s\n", path, finding->text ? "no picture" : "damaged", finding->what);
    if (finding->cause[0] != '\0')
        printf("  cause   probably: %s\n", finding->cause);
    if (finding->traces[0] != '\0')
        printf("  traces  %s\n", finding->traces);
    if (finding->remedy[0] != '\0')
        printf("  remedy  %s\n", finding->remedy);
}

static int check(const char *command, const char *path, bool quiet)
{
    uint8_t *data;
    size_t size;
    px_finding finding;
    px_error error = {0};
    if (!px_file_read(&data, &size, path, &error))
        return px_complain(command, &error);
    const bool done = px_examine(&finding, data, size, path, &error);
    free(data);
    if (!done)
        return px_complain(command, &error);
    print_finding(&finding, path, quiet);
    return finding.intact ? EXIT_INTACT : EXIT_DAMAGED;
}

int px_cmd_check(int argc, char **argv)
{
    arguments a = {0};
    read_arguments(&a, argc, argv);
    int worst = EXIT_INTACT;
    for (size_t i = 0; i < a.files.count; i++) {
        const int one = check(argv[0], px_input_file(a.files.at[i]), a.quiet);
        worst = one > worst ? one : worst;
    }
    return worst;
}
