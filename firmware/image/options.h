/* options.h - what the image's options part says (README, "Images"). Without side effects: mkimage compiles it too, and
 * takes no word that pxHV would not. */
#ifndef IMAGE_OPTIONS_H
#define IMAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/provoke.h"
#include "firmware/serial/link_option.h"

/* Every word: its name, its value, what it says. A name with = takes a value; append= takes the rest of the text. */
#define HV_OPTION_WORDS(X)                                                                                             \
    X(BATCH, "batch=", "N", "operations a batch, 1 to 4096 (4096)")                                                    \
    X(PATIENCE, "patience=", "S", "seconds that an answer on the link may take (10)")                                  \
    X(LINK, "link=", "WHERE", "the executor's UART: com1 to com4 or a port, @RATE (com2); none")                       \
    X(CONSOLE, "console=serial", "", "what INT 10h writes by teletype also goes to COM1")                              \
    X(END, "end=bochs", "", "the end of the guest ends the emulation")                                                 \
    X(PROVOKE, "provoke=", "WAY", "a failure of pxHV itself, for tests")                                               \
    X(APPEND, "append=", "...", "Linux' command line: everything to the end")

#define HV_OPTIONS_LONGEST 4096u

typedef struct hv_options {
    bool end_bochs, console_serial;
    uint32_t batch;    /* operations */
    uint32_t patience; /* seconds of guest time */
    link_choice link;
    provocation provoke;
    const char *append;            /* Linux' command line; may lie in text */
    char text[HV_OPTIONS_LONGEST]; /* its words, each closed by a 0 */
} hv_options;

/* Reads words with blanks between, closed by a 0; bytes may be 0: nothing is said. False: *wrong is the first word that
 * is none of them or has no such value, *expected what would have been; all other words are in o. */
bool options_parse(const void *part, size_t bytes, hv_options *o, const char **wrong, const char **expected);

#endif
