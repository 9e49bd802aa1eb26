/* commands.c - what the commands share: complaints, argument parsing, numbers. */
#include "host/commands.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

bool px_parse_count(const char *text, uint64_t *count, px_error *error)
{
    char *end;
    errno = 0;
    *count = strtoull(text, &end, 0);
    uint64_t unit = 1;
    if (end != text && (*end == 'e' || *end == 'E')) { /* 1e6 */
        const unsigned long exponent = strtoul(end + 1, &end, 10);
        for (unsigned long i = 0; i < exponent && unit < UINT64_MAX / 10; i++)
            unit *= 10;
    } else if (*end == 'k' || *end == 'K' || *end == 'M' || *end == 'G') {
        unit = *end == 'M' ? 1000000 : *end == 'G' ? 1000000000 : 1000;
        end++;
    }
    if (end == text || *end != '\0' || *text == '-' || errno != 0 || *count > UINT64_MAX / unit)
        return px_fail(error, PX_E_USAGE, "'%s' is not a count; write 1000000, 1e6, 1M or 0x100", text);
    *count *= unit;
    return true;
}
