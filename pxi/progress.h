/* progress.h - a line on standard error while something takes longer than a second, ten times a second, for whoever
 * sits before it. */
#ifndef PXI_PROGRESS_H
#define PXI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct px_progress {
    const char *what; /* "writing FILE:" */
    uint64_t all;     /* pixels */
    double next;      /* time to show it again */
    bool silent, shown;
} px_progress;

/* To be called by who has a terminal to itself: without it, and where standard error is none, nothing is shown. */
void px_progress_allow(void);

/* Between begin and end, others of the same thread stay silent: they are parts of this one. */
px_progress px_progress_begin(const char *what, uint64_t all);
void px_progress_show(px_progress *progress, uint64_t done);
void px_progress_end(const px_progress *progress);

#endif
