/* commands.h - the entry point of each px command. argv[0] is "px NAME"; the result is the exit status. */
#ifndef HOST_COMMANDS_H
#define HOST_COMMANDS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "pxi/number.h"

typedef int px_command(int argc, char **argv);
#define PX_COMMAND(name, summary) px_command px_cmd_##name;
#include "host/commands.def"

enum { PX_EXIT_AGREED = 0, PX_EXIT_DIFFERS = 1, PX_EXIT_USAGE = 2, PX_EXIT_STOPPED = 3 };

/* Prints "px NAME: the sentence" to stderr; returns PX_EXIT_USAGE, the status for wrong usage and bad input. */
int px_complain(const char *command, const px_error *error);

/* argp_parse with this project's exit status (2) for wrong usage, with -h, and with a guess at an option that is not
 * there (arguments.c). False when the command should return *status. */
bool px_parse_arguments(const struct argp *argp, int argc, char **argv, void *input, int *status);

/* For argp parsers: takes the one argument of a command, which what names ("program"), and a count of its option. */
error_t px_take_argument(struct argp_state *state, const char *what, const char *arg, const char **place);
error_t px_take_count(struct argp_state *state, const char *arg, uint64_t *place);
/* The same for a count that has limits; option names it ("--batch"). */
uint64_t px_take_count_within(struct argp_state *state, const char *option, const char *arg, uint64_t least,
                              uint64_t most);

#endif
