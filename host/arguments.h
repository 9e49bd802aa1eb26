/* arguments.h - command lines as tables: what options there are, what each takes, and where it goes.
 *
 * What all of them have is added: --help, --usage, --version, -h, and a guess at an option that is not there. */
#ifndef HOST_ARGUMENTS_H
#define HOST_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exec/registry.h"
#include "pxi/error.h"

/* The values of an option that may be given several times. */
typedef struct px_values {
    const char **at; /* room for most */
    size_t count, most;
} px_values;

/* One option. It has one place, of the type that it takes; a text beside a flag may be left out. */
typedef struct px_option {
    const char *name;
    int letter;        /* its short form; 0: none */
    const char *value; /* what help calls its value; NULL: it takes none */
    const char *help;
    bool *flag;
    const char **text, **input, **output; /* input and output name files; - is standard input or output */
    px_values *values;
    uint64_t *count;  /* any count, as 1000000, 1e6 or 1M */
    uint32_t *number; /* a count within limits: */
    uint32_t least, most;
} px_option;

/* Options that are the same in each command that has them. */
#define PX_OPTION_ON(place)                                                                                            \
    (px_option) { "on", 0, "EXECUTOR", px_executor_help, .text = (place) }
#define PX_OPTION_ON_LIST(place, usual, more)                                                                          \
    (px_option) { "on", 0, "LIST", "executors with commas between (" usual ")" more, .text = (place) }
#define PX_OPTION_BUDGET(place)                                                                                        \
    (px_option) { "budget", 0, "N", "stop after N instructions (1000000, 1e6, 1M)", .count = (place) }
#define PX_OPTION_ANSWERS(place)                                                                                       \
    (px_option)                                                                                                        \
    {                                                                                                                  \
        "answers", 0, "A,B,..", "the host's answers to SYS, in order; a waiting state takes the first at once",        \
            .text = (place)                                                                                            \
    }
#define PX_OPTION_SKIP_ABSENT(place)                                                                                   \
    (px_option) { "skip-absent", 0, NULL, "leave out executors that are not here, with a note", .flag = (place) }
#define PX_OPTION_OUTPUT(place, what)                                                                                  \
    (px_option) { "output", 'o', "FILE", what, .output = (place) }
#define PX_OPTION_SYMBOLS(place, more)                                                                                 \
    (px_option) { "symbols", 's', "FILE", "names for addresses, as `px asm -s` writes them" more, .input = (place) }
#define PX_OPTION_QUIET(place, what)                                                                                   \
    (px_option) { "quiet", 'q', NULL, what, .flag = (place) }
#define PX_OPTION_TAP(place, more)                                                                                     \
    (px_option) { "tap", 0, NULL, "print TAP" more, .flag = (place) }
#define PX_OPTION_JSON(place)                                                                                          \
    (px_option) { "json", 0, NULL, "print it as JSON, for scripts", .flag = (place) }

/* The words that are no options, as they are. */
typedef struct px_operands {
    char **at;
    size_t count;
} px_operands;

typedef struct px_command_line {
    const char *about;        /* for help: what the command does; behind \v, what stands below the options */
    const px_option *options; /* up to one without a name */
    /* Its operands: one, several, or none. */
    const char *usage;          /* what help calls them: "FILE" */
    const char *what;           /* of one, for messages: "program" */
    const char **text, **input; /* the place of one */
    px_operands *operands;      /* the place of several */
    const char *missing;        /* the complaint when there is none; NULL: then there may be none */
    bool (*check)(void *arguments, px_error *error); /* of all that was read; may be NULL */
    void *arguments;
} px_command_line;

/* Reads the command line, or ends the process: with status 0 after help, with PX_EXIT_USAGE for what is wrong. */
void px_read_arguments(const px_command_line *line, int argc, char **argv);

#endif
