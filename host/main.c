/* main.c - px: one command for pixel programs; the first word says which. Each has a file of its own in command/. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "pxi/guess.h"
#include "pxi/progress.h"
#include "version.h" /* made by host/host.mk */

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
    fprintf(to, "\n`px help COMMAND` tells more.\nExecutors: %s; `px devices` lists what is here.\n",
            px_executor_forms);
    fputs("Exit status: 0 halted or agreed; 1 trapped, differing or damaged; 2 wrong usage or bad input; 3 stopped by "
          "the\n"
          "budget or waiting for the host.\n",
          to);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

/* argv[0] is the command's name. */
static int run_command(int argc, char **argv)
{
    px_guess guess = {0};
    for (int i = 0; i < COMMANDS; i++) {
        px_guess_try(&guess, argv[0], strlen(argv[0]), commands[i].name);
        if (strcmp(argv[0], commands[i].name) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "px %s", commands[i].name);
        argv[0] = name;
        return commands[i].run(argc, argv);
    }
    px_guess_try(&guess, argv[0], strlen(argv[0]), "help");
    px_guess_try(&guess, argv[0], strlen(argv[0]), "version");
    fprintf(stderr, "px: there is no command '%s'", argv[0]);
    if (guess.best != NULL)
        fprintf(stderr, "; did you mean '%s'?", guess.best);
    fputs(guess.best != NULL ? " `px --help` lists them\n" : "; `px --help` lists them\n", stderr);
    return PX_EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return PX_EXIT_USAGE;
    }
    if (is_one_of(argv[1], "--version", "-V", "version")) {
        puts(argp_program_version);
        return 0;
    }
    if (!is_one_of(argv[1], "--help", "-h", "help"))
        return run_command(argc - 1, argv + 1);
    if (argc == 2) {
        usage(stdout);
        return 0;
    }
    char *command[] = {argv[2], "--help", NULL};
    return run_command(2, command);
}

/* The number of a standard stream that is closed would go to the first file that is opened, and messages into that.
 * What takes it fails as a closed one does. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Help that is asked for ends in the middle of reading arguments, so this is for the end of the process. */
static void tell_lost_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fputs("px: cannot write to standard output\n", stderr);
    _Exit(PX_EXIT_USAGE);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    atexit(tell_lost_output);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a write that fails, and is told */
    px_progress_allow();
    argp_program_version = "px " PX_VERSION;
    return run(argc, argv);
}
