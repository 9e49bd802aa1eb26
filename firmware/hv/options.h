/* options.h - what the image's options part says (README, "Images"). */
#ifndef HV_OPTIONS_H
#define HV_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/serial/link_option.h"

typedef struct hv_options {
    bool end_bochs, console_serial;
    uint32_t batch;    /* operations */
    uint32_t patience; /* seconds of guest time */
    link_choice link;
    const char *append; /* Linux' command line */
} hv_options;

/* Reads words with blanks between, closed by a 0; bytes may be 0. end= and provoke= are done at once. A word that is
 * none of them, or that has no such value, stops pxHV with what was expected. */
hv_options options_read(const void *part, size_t bytes);

#endif
