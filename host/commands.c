/* commands.c - how commands complain. */
#include "host/commands.h"

#include <stdio.h>

int px_complain(const char *command, const px_error *error)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", command, error->text);
    return PX_EXIT_USAGE;
}
