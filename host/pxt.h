/* pxt.h - the text files of the conformance set. tests/conformance/README.md is the format. */
#ifndef HOST_PXT_H
#define HOST_PXT_H

#include <stddef.h>

#include "host/pxt_png.h"
#include "pxi/state.h"

/* A saved machine in the image of a case's machine, or several of one kind. */
typedef struct pxt_slot {
    char name; /* 'A' to 'Z' */
    uint32_t at, w, h;
    uint32_t copies, apart; /* the pixels from one to the next */
} pxt_slot;

enum { PXT_MOST_SLOTS = 26 };

typedef struct px_case {
    char *name;
    char *rules;   /* the ids of SPEC.md that it cites, as they stand there, or NULL */
    unsigned line; /* of its first line */
    uint64_t budget;
    pxt_file input;    /* that an executor is given */
    bool refused;      /* it must not accept that; there are no states then */
    px_state initial;  /* the machine after loading it */
    px_state expected; /* the machine after the run */
    pxt_slot slots[PXT_MOST_SLOTS];
    size_t slot_count;
} px_case;

typedef struct px_cases {
    const char *path;
    px_case *at;
    size_t count;
} px_cases;

/* Strict; the sentence begins "FILE:LINE: ". */
bool px_cases_read(px_cases *cases, const char *path, px_error *error);
void px_cases_free(px_cases *cases);

/* What the pixel at address is to a reader of the case: its place in the image, and in a slot of the case. */
void px_case_pixel_name(const px_case *c, uint32_t address, char *text, size_t size);

/* ---- for pxt.c and pxt_case.c ---- */

/* One line of a case that is worked on after the case has been read as a whole. */
typedef struct pxt_line {
    char *text;
    unsigned line;
} pxt_line;

enum { PXT_MOST_LINES = 512, PXT_MOST_PIXELS = 1 << 21 };

typedef struct pxt_draft {
    const char *path;
    uint32_t profile, w, h;
    pxt_line given[PXT_MOST_LINES], expect[PXT_MOST_LINES], code[PXT_MOST_LINES], png[PXT_MOST_LINES];
    size_t givens, expects, codes, pngs;
    uint32_t zeros_w, zeros_h; /* `png zeros WxH`, or 0 */
} pxt_draft;

/* Makes the pictures and states of a case. */
bool pxt_build(px_case *c, const pxt_draft *draft, px_error *error);

bool pxt_fail(px_error *error, const char *path, unsigned line, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

#endif
