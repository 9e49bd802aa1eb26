/* damage.h - what a file is, and if it is not whole: what was found, what probably happened to it, what helps.
 *
 * Pictures travel through programs that were made for looking at them: optimisers, canvases, mail. This is the
 * knowledge of what those do to a program. */
#ifndef PXI_PNG_DAMAGE_H
#define PXI_PNG_DAMAGE_H

#include <stddef.h>

#include "pxi/error.h"
#include "pxi/picture.h"

/* Sentences without a newline; cause, traces and remedy are empty where there is nothing to say. */
typedef struct px_finding {
    bool intact;
    bool text;        /* no damaged picture, but no picture at all */
    bool convertible; /* px import makes an intact picture of it */
    char what[1024];  /* intact: what it is; otherwise what is wrong */
    char cause[256];  /* what probably happened */
    char traces[256]; /* signs of another program's hand in the file */
    char remedy[512];
} px_finding;

/* Judges a whole file. Fails only for want of memory. */
bool px_examine(px_finding *finding, const void *data, size_t size, const char *name, px_error *error);

/* Judges pixels alone. */
void px_examine_picture(px_finding *finding, const px_picture *picture, const char *name);

/* For commands that load programs: what px check would say, before they say anything else.
 *
 * Of a file that was refused: an error that recommends a conversion says instead that the pixels are damaged as well,
 * where they are. */
void px_explain_refusal(const void *data, size_t size, const char *name, px_error *refusal);

/* Of pixels that load: what speaks against them, as a sentence that begins with name; false when there is nothing. */
bool px_doubt_picture(const px_picture *picture, const char *name, char *text, size_t size);

#endif
