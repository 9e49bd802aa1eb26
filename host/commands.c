/* commands.c - what the commands share: complaints, argument parsing, numbers. */
#include "host/commands.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int px_complain(const char *command, const px_error *error)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", command, error->text);
    return PX_EXIT_USAGE;
}

bool px_parse_arguments(const struct argp *argp, int argc, char **argv, void *input, int *status)
{
    argp_err_exit_status = PX_EXIT_USAGE;
    const error_t failed = argp_parse(argp, argc, argv, 0, NULL, input);
    *status = failed ? PX_EXIT_USAGE : 0;
    return !failed;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool px_parse_count(const char *text, uint64_t *count, px_error *error)
{
    char *end;
    unsigned long zeros = 0;
    errno = 0;
    *count = strtoull(text, &end, 0);
    if ((*end == 'e' || *end == 'E') && is_digit(end[1])) {
        zeros = strtoul(end + 1, &end, 10);
    } else if (*end == 'k' || *end == 'K' || *end == 'M' || *end == 'G') {
        zeros = *end == 'M' ? 6 : *end == 'G' ? 9 : 3;
        end++;
    }
    bool good = is_digit(*text) && *end == '\0' && errno == 0;
    for (; good && zeros > 0 && *count > 0; zeros--) {
        good = *count <= UINT64_MAX / 10;
        *count *= 10;
    }
    return good || px_fail(error, PX_E_USAGE, "'%s' is not a count; write 1000000, 1e6, 1M or 0x100", text);
}

error_t px_take_argument(struct argp_state *state, const char *what, char *arg, const char **place)
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

bool px_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
