/* devices.c - px devices: every executor, whether it is here, and its devices. */
#include <stdio.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/json.h"

enum { KEY_JSON = 256 };

static const struct argp_option options[] = {{"json", KEY_JSON, NULL, 0, "print it as JSON, for scripts", 0}, {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        argp_error(state, "px devices takes no arguments, found '%s'", arg);
    if (key != KEY_JSON)
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

static void print_device(void *context, const char *text)
{
    (void)context;
    printf("                  %s\n", text);
}

static void print_kinds(void)
{
    for (size_t i = 0; px_kind_at(i) != NULL; i++) {
        const px_kind *kind = px_kind_at(i);
        px_error error = {0};
        printf("%-15s %s %s\n", kind->form, kind->driver != NULL ? " " : "-", kind->summary);
        if (kind->driver == NULL)
            printf("                  absent: %s\n", kind->absent);
        else if (kind->driver->list != NULL && !kind->driver->list(print_device, NULL, &error))
            printf("                  absent: %s\n", error.text);
    }
}

static void json_device(void *context, const char *text) { px_json_string(context, NULL, text); }

static void print_json(void)
{
    px_json json = {.to = stdout};
    px_json_open(&json, NULL, '[');
    for (size_t i = 0; px_kind_at(i) != NULL; i++) {
        const px_kind *kind = px_kind_at(i);
        px_error error = {0};
        px_json_open(&json, NULL, '{');
        px_json_string(&json, "name", kind->name);
        px_json_string(&json, "form", kind->form);
        px_json_string(&json, "summary", kind->summary);
        px_json_open(&json, "devices", '[');
        const bool listed =
            kind->driver != NULL && (kind->driver->list == NULL || kind->driver->list(json_device, &json, &error));
        px_json_close(&json, ']');
        px_json_bool(&json, "present", listed);
        px_json_string(&json, "absent", listed ? NULL : kind->driver == NULL ? kind->absent : error.text);
        px_json_close(&json, '}');
    }
    px_json_close(&json, ']');
}

int px_cmd_devices(int argc, char **argv)
{
    static const struct argp argp = {
        options, parse, NULL, "List the executors, and the devices of those that have several.", NULL, NULL, NULL};
    bool json = false;
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &json, &status))
        return status;
    (json ? print_json : print_kinds)();
    return 0;
}
