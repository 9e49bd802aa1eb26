/* commands.c - how commands complain, and commands of commands. */
#include "host/commands.h"

#include <stdio.h>
#include <string.h>

int px_complain(const char *command, const px_error *error)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", command, error->text);
    return PX_EXIT_USAGE;
}

/* "asm, dis and run", or with bars between for help. */
static void list(const px_subcommand *commands, bool bars, char *text, size_t size)
{
    *text = '\0';
    for (const px_subcommand *c = commands; c->name != NULL; c++) {
        const char *between = c == commands ? "" : bars ? "|" : c[1].name == NULL ? " and " : ", ";
        const size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", between, c->name);
    }
}

int px_run_subcommand(const px_subcommand *commands, const char *about, int argc, char **argv)
{
    char names[128], usage[160], missing[160];
    const char *word = NULL;
    const px_option none[] = {{0}};
    px_error error = {0};
    for (const px_subcommand *c = commands; argc > 1 && c->name != NULL; c++) {
        if (strcmp(argv[1], c->name) != 0)
            continue;
        snprintf(names, sizeof names, "%s %s", argv[0], c->name);
        argv[1] = names;
        return c->run(argc - 1, argv + 1);
    }
    list(commands, true, names, sizeof names);
    snprintf(usage, sizeof usage, "%s ARGUMENTS", names);
    list(commands, false, names, sizeof names);
    snprintf(missing, sizeof missing, "no command given; %s are there", names);
    px_read_arguments(
        &(px_command_line){
            .about = about, .options = none, .usage = usage, .what = "command", .text = &word, .missing = missing},
        argc, argv);
    px_fail(&error, PX_E_USAGE, "'%s' is no command of %s; %s are", word, argv[0], names);
    return px_complain(argv[0], &error);
}
