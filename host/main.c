/* main.c - px: one command for pixel programs; the first word says which. Each command has a file of its own, cmd_*.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"

#ifndef PX_VERSION
#define PX_VERSION "of unknown version"
#endif

static const struct {
    const char *name, *summary;
    px_command *run;
} commands[] = {
#define PX_COMMAND(name, summary) {#name, summary, px_cmd_##name},
#include "host/commands.def"
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *to)
{
    fputs("Usage: px COMMAND [ARGUMENTS]\n\nPixel programs: assemble, run on any executor, compare bit for bit.\n\n",
          to);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].summary);
    fputs("\n`px COMMAND --help` tells more. Executors: ref, rtl, rtl4, opencl[:DEVICE], cmd:PROGRAM, link:PORT; `px "
          "devices` lists what is here.\n"
          "Exit status: 0 halted or agreed; 1 trapped, differing or damaged; 2 wrong usage or bad input; 3 stopped by "
          "the\n"
          "budget or waiting for the host.\n",
          to);
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("px " PX_VERSION);
        return 0;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "px %s", commands[i].name);
        argv[1] = name;
        return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "px: there is no command '%s'; `px --help` lists them\n", argv[1]);
    return 2;
}

int main(int argc, char **argv)
{
    const int status = run(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fputs("px: cannot write to standard output\n", stderr);
    return PX_EXIT_USAGE;
}
