/* arguments.c - what every command line has: -h, --version, and a guess at an option that is not there. */
#include <stdio.h>
#include <string.h>

#include "host/commands.h"
#include "pxi/guess.h"

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key != 'h')
        return ARGP_ERR_UNKNOWN;
    argp_state_help(state, stdout, ARGP_HELP_STD_HELP); /* does not return */
    return 0;
}

static const struct argp common = {(const struct argp_option[]){{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0}, {0}},
                                   parse_common,
                                   NULL,
                                   NULL,
                                   NULL,
                                   NULL,
                                   NULL};

/* ---- options that are not there ---- */

/* argp's own. */
static const struct argp_option built_in[] = {
    {"help", '?', NULL, 0, NULL, 0}, {"usage", 1, NULL, 0, NULL, 0}, {"version", 'V', NULL, 0, NULL, 0}, {0}};

static bool is_end(const struct argp_option *o) { return o->name == NULL && o->key == 0 && o->doc == NULL; }

/* The option that a long name begins; getopt says itself when there are several. */
static const struct argp_option *long_option(const struct argp_option *o, const char *name, size_t length)
{
    for (; o != NULL && !is_end(o); o++)
        if (o->name != NULL && strncmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

static const struct argp_option *short_option(const struct argp_option *o, char key)
{
    for (; o != NULL && !is_end(o); o++)
        if (o->key == key)
            return o;
    return NULL;
}

static bool takes_next(const struct argp_option *o)
{
    return o != NULL && o->arg != NULL && (o->flags & OPTION_ARG_OPTIONAL) == 0;
}

/* Whether the argument after this cluster of short options belongs to its last. */
static bool cluster_takes_next(const struct argp_option *options, const char *cluster)
{
    for (; *cluster != '\0'; cluster++)
        if (takes_next(short_option(options, *cluster)))
            return cluster[1] == '\0';
    return false;
}

static const char *meant(const struct argp_option *options, const char *name, size_t length)
{
    px_guess guess = {0};
    for (const struct argp_option *o = options; o != NULL && !is_end(o); o++)
        if (o->name != NULL)
            px_guess_try(&guess, name, length, o->name);
    for (const struct argp_option *o = built_in; !is_end(o); o++)
        px_guess_try(&guess, name, length, o->name);
    return guess.best;
}

/* getopt's message has no guess, so options that are like a known one are told here; the others are left to it. */
static bool complain_of_option(const struct argp_option *options, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (argv[i][0] == '-' && cluster_takes_next(options, argv[i] + 1))
                i++;
            continue;
        }
        const char *name = argv[i] + 2;
        const size_t length = strcspn(name, "=");
        const struct argp_option *option = long_option(options, name, length);
        const char *guess = NULL;
        if (option == NULL && long_option(built_in, name, length) == NULL)
            guess = meant(options, name, length);
        if (guess != NULL) {
            fprintf(stderr, "%s: there is no option '--%.*s'; did you mean '--%s'?\n", argv[0], (int)length, name,
                    guess);
            return true;
        }
        if (takes_next(option) && name[length] == '\0')
            i++;
    }
    return false;
}

bool px_parse_arguments(const struct argp *argp, int argc, char **argv, void *input, int *status)
{
    const struct argp_child children[] = {{&common, 0, NULL, 0}, {0}};
    struct argp whole = *argp;
    whole.children = children;
    argp_err_exit_status = PX_EXIT_USAGE;
    *status = PX_EXIT_USAGE;
    if (complain_of_option(argp->options, argc, argv) || argp_parse(&whole, argc, argv, 0, NULL, input) != 0)
        return false;
    *status = 0;
    return true;
}
