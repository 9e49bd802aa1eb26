/* cmd_devices.c - px devices: every executor, whether it is here, and its devices. */
#include <stdio.h>

#include "host/commands.h"
#include "host/registry.h"

static void print_device(void *context, const char *text)
{
    (void)context;
    printf("           %s\n", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        argp_error(state, "px devices takes no arguments, found '%s'", arg);
    return ARGP_ERR_UNKNOWN;
}

int px_cmd_devices(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, parse, NULL, "List the executors, and the devices of those that have several.", NULL, NULL, NULL};
    int status;
    if (!px_parse_arguments(&argp, argc, argv, NULL, &status))
        return status;
    for (size_t i = 0; px_kind_at(i) != NULL; i++) {
        const px_kind *kind = px_kind_at(i);
        px_error error = {0};
        printf("%-8s %s %s\n", kind->name, kind->driver != NULL ? " " : "-", kind->summary);
        if (kind->driver == NULL)
            printf("           absent: %s\n", kind->absent);
        else if (kind->driver->list != NULL && !kind->driver->list(print_device, NULL, &error))
            printf("           absent: %s\n", error.text);
    }
    return 0;
}
