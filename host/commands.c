/* commands.c - what the commands share: complaints and arguments. */
#include "host/commands.h"

#include <stdio.h>

int px_complain(const char *command, const px_error *error)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", command, error->text);
    return PX_EXIT_USAGE;
}

error_t px_take_argument(struct argp_state *state, const char *what, const char *arg, const char **place)
{
    if (*place != NULL)
        argp_error(state, "one %s at a time, found '%s' and '%s'", what, *place, arg);
    *place = arg;
    return 0;
}

error_t px_take_count(struct argp_state *state, const char *arg, uint64_t *place)
{
    px_error error;
    if (!px_parse_count(arg, place, &error))
        argp_error(state, "%s", error.text);
    return 0;
}

uint64_t px_take_count_within(struct argp_state *state, const char *option, const char *arg, uint64_t least,
                              uint64_t most)
{
    px_error error;
    uint64_t count = least;
    if (!px_parse_count_within(option, arg, least, most, &count, &error))
        argp_error(state, "%s", error.text);
    return count;
}
