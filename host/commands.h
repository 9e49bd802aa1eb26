/* commands.h - the entry point of each px command. argv[0] is "px NAME"; the result is the exit status. */
#ifndef HOST_COMMANDS_H
#define HOST_COMMANDS_H

#include "host/arguments.h"
#include "pxi/state.h"

typedef int px_command(int argc, char **argv);
#define PX_COMMAND(name, summary) px_command px_cmd_##name;
#include "host/commands.def"

enum { PX_EXIT_AGREED = 0, PX_EXIT_DIFFERS = 1, PX_EXIT_USAGE = 2, PX_EXIT_STOPPED = 3 };

/* Commands of a command, "px stack asm": the one that argv[1] names is run, or help is given; commands end with a NULL.
 */
typedef struct px_subcommand {
    const char *name;
    px_command *run;
} px_subcommand;
int px_run_subcommand(const px_subcommand *commands, const char *about, int argc, char **argv);

/* How a command differs from px run that is one: px os. */
typedef struct px_run_kind {
    const char *saves; /* the option for its output, as its help names it */
    const char *kept;  /* the file for a run that was stopped, where that option is not given; NULL: none */
    bool several;      /* --on is a list: they run in lockstep */
    bool commands;     /* a terminal's Ctrl-] begins a command */
    bool (*check)(const px_state *start, const char *file, px_error *error); /* what it runs; NULL: anything */
} px_run_kind;
int px_run_as(int argc, char **argv, const px_run_kind *kind);

/* Prints "px NAME: the sentence" to stderr; returns PX_EXIT_USAGE, the status for wrong usage and bad input. */
int px_complain(const char *command, const px_error *error);

#endif
