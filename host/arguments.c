/* arguments.c - see arguments.h: argp, from a table. */
#include "host/arguments.h"

#include <argp.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"
#include "host/files.h"
#include "pxi/guess.h"
#include "pxi/number.h"

enum { MOST_OPTIONS = 24, FIRST_KEY = 256 /* of options without a letter */ };

static int key_of(const px_option *options, int i)
{
    return options[i].letter != 0 ? options[i].letter : FIRST_KEY + i;
}

static bool may_stand_alone(const px_option *o) { return o->flag != NULL && o->text != NULL; }

/* ---- options that are there ---- */

static void take_value(const px_option *o, char *arg, struct argp_state *state)
{
    px_error error;
    char name[64];
    uint64_t number;
    snprintf(name, sizeof name, "--%s", o->name);
    if (o->flag != NULL)
        *o->flag = true;
    if (o->text != NULL)
        *o->text = arg;
    if (o->input != NULL)
        *o->input = px_input_file(arg);
    if (o->output != NULL)
        *o->output = px_output_file(arg);
    if (o->values != NULL && o->values->count == o->values->most)
        argp_error(state, "%s more than %zu times", name, o->values->most);
    else if (o->values != NULL)
        o->values->at[o->values->count++] = arg;
    if (o->count != NULL && !px_parse_count(arg, o->count, &error))
        argp_error(state, "%s: %s", name, error.text);
    if (o->number != NULL) {
        if (!px_parse_count_within(name, arg, o->least, o->most, &number, &error))
            argp_error(state, "%s", error.text);
        *o->number = (uint32_t)number;
    }
}

static error_t take_option(const px_command_line *line, int key, char *arg, struct argp_state *state)
{
    for (int i = 0; line->options[i].name != NULL; i++)
        if (key == key_of(line->options, i)) {
            take_value(&line->options[i], arg, state);
            return 0;
        }
    return ARGP_ERR_UNKNOWN;
}

static error_t take_operand(const px_command_line *line, char *arg, struct argp_state *state)
{
    const char **place = line->input != NULL ? line->input : line->text;
    if (line->operands != NULL)
        return ARGP_ERR_UNKNOWN; /* they come together */
    if (place == NULL)
        argp_error(state, "expected options only, found '%s'", arg);
    else if (*place != NULL)
        argp_error(state, "one %s at a time, found '%s' and '%s'", line->what, *place, arg);
    else
        *place = place == line->input ? px_input_file(arg) : arg;
    return 0;
}

static error_t take_operands(const px_command_line *line, struct argp_state *state)
{
    if (line->operands == NULL)
        return ARGP_ERR_UNKNOWN;
    *line->operands = (px_operands){state->argv + state->next, (size_t)(state->argc - state->next)};
    return 0;
}

static void check_all(const px_command_line *line, struct argp_state *state)
{
    px_error error;
    if (state->arg_num == 0 && line->missing != NULL)
        argp_error(state, "%s", line->missing);
    if (line->check != NULL && !line->check(line->arguments, &error))
        argp_error(state, "%s", error.text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'h':
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP); /* does not return */
        return 0;
    case ARGP_KEY_ARG:
        return take_operand(state->input, arg, state);
    case ARGP_KEY_ARGS:
        return take_operands(state->input, state);
    case ARGP_KEY_END:
        check_all(state->input, state);
        return 0;
    default:
        return take_option(state->input, key, arg, state);
    }
}

/* ---- options that are not there ---- */

/* argp's own. */
static const px_option built_in[] = {{.name = "help"}, {.name = "usage"}, {.name = "version"}, {0}};

/* The option that a long name begins; getopt says itself when there are several. */
static const px_option *long_option(const px_option *o, const char *name, size_t length)
{
    for (; o->name != NULL; o++)
        if (strncmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

static bool takes_next(const px_option *o) { return o->value != NULL && !may_stand_alone(o); }

/* Whether the argument after this cluster of short options belongs to its last. */
static bool cluster_takes_next(const px_option *options, const char *cluster)
{
    for (; *cluster != '\0'; cluster++)
        for (const px_option *o = options; o->name != NULL; o++)
            if (o->letter == *cluster && takes_next(o))
                return cluster[1] == '\0';
    return false;
}

static const char *meant(const px_option *options, const char *name, size_t length)
{
    px_guess guess = {0};
    for (const px_option *o = options; o->name != NULL; o++)
        px_guess_try(&guess, name, length, o->name);
    for (const px_option *o = built_in; o->name != NULL; o++)
        px_guess_try(&guess, name, length, o->name);
    return guess.best;
}

/* getopt's message has no guess, so options that are like a known one are told here; the others are left to it. */
static bool complain_of_option(const px_option *options, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (argv[i][0] == '-' && cluster_takes_next(options, argv[i] + 1))
                i++;
            continue;
        }
        const char *name = argv[i] + 2;
        const size_t length = strcspn(name, "=");
        const px_option *option = long_option(options, name, length);
        const char *guess = NULL;
        if (option == NULL && long_option(built_in, name, length) == NULL)
            guess = meant(options, name, length);
        if (guess != NULL) {
            fprintf(stderr, "%s: there is no option '--%.*s'; did you mean '--%s'?\n", argv[0], (int)length, name,
                    guess);
            return true;
        }
        if (option != NULL && takes_next(option) && name[length] == '\0')
            i++;
    }
    return false;
}

/* The table as argp has it; -h is the last option, and not in help. */
static void list_options(const px_option *options, struct argp_option *list)
{
    int i = 0;
    for (; options[i].name != NULL; i++) {
        const px_option *o = &options[i];
        assert(i < MOST_OPTIONS);
        list[i] = (struct argp_option){
            o->name, key_of(options, i), o->value, may_stand_alone(o) ? OPTION_ARG_OPTIONAL : 0, o->help, 0};
    }
    list[i] = (struct argp_option){.key = 'h', .flags = OPTION_HIDDEN};
}

void px_read_arguments(const px_command_line *line, int argc, char **argv)
{
    struct argp_option list[MOST_OPTIONS + 2] = {{0}};
    const struct argp argp = {.options = list, .parser = parse, .args_doc = line->usage, .doc = line->about};
    list_options(line->options, list);
    argp_err_exit_status = PX_EXIT_USAGE;
    if (complain_of_option(line->options, argc, argv) || argp_parse(&argp, argc, argv, 0, NULL, (void *)line) != 0)
        exit(PX_EXIT_USAGE);
}
