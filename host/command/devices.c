/* devices.c - px devices: every executor, whether it is here, and its devices. */
#include <stdio.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/json.h"

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
    bool json = false;
    const px_option options[] = {PX_OPTION_JSON(&json), {0}};
    const px_command_line line = {.about = "List the executors, and the devices of those that have several.",
                                  .options = options};
    px_read_arguments(&line, argc, argv);
    (json ? print_json : print_kinds)();
    return 0;
}
