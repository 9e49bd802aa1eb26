/* fast.h - the fast executor's insides: pixels taken apart once and kept, and the loop that runs what was kept.
 *
 * Code is kept for pages of the outermost image, and only for pages that are executed. What is kept of a pixel depends
 * on nothing but that pixel, the one behind it (LIT) and the size of the outermost image; so a machine in a slot uses
 * the same pages, and its own base and size where it runs. Whoever writes pixels says so to px_fast_stored.
 *
 * Whatever is rare, and whatever traps, is left to px_vm_step. */
#ifndef VM_FAST_H
#define VM_FAST_H

#include <stddef.h>

#include "pxi/heat.h"
#include "vm/ref.h"

enum { PX_FAST_BITS = 10, PX_FAST_PAGE = 1 << PX_FAST_BITS };

/* What is done for a pixel. ALU, ALUI and the branches are followed by their functions; VEC and those of a distance
 * (NEAR: within the page) are one kind for several. */
enum px_fast_kind {
    PX_FAST_LAZY,   /* not looked at since it was written */
    PX_FAST_SLOW,   /* px_vm_step's */
    PX_FAST_END,    /* behind the page */
    PX_FAST_NATIVE, /* where native code begins; entry says what it was */
    PX_FAST_JMP_NEAR,
    PX_FAST_JMP_FAR,
    PX_FAST_CALL_NEAR,
    PX_FAST_CALL_FAR,
    PX_FAST_JR,
    PX_FAST_VL,
    PX_FAST_GET,
    PX_FAST_LIT,
    PX_FAST_CONSTANT,
    PX_FAST_EXT,
    PX_FAST_INS,
    PX_FAST_LD,
    PX_FAST_ST,
    PX_FAST_LDB,
    PX_FAST_STB,
    PX_FAST_DIV,
    PX_FAST_DIVU,
    PX_FAST_REM,
    PX_FAST_REMU,
    PX_FAST_VEC_PURE, /* writes no pixel */
    PX_FAST_VEC_RUN,  /* writes vl pixels at r[a] */
    PX_FAST_VEC_ANY,  /* px_touches knows */
    PX_FAST_NEAR = 32,
    PX_FAST_FAR = 40,
    PX_FAST_ALU = 48,
    PX_FAST_ALUI = 64,
    PX_FAST_KINDS = 80
};

/* Pairs of neighbours, of which the second takes what the first has made, have places of their own in px_fast_loop: one
 * way on instead of two, and no way through memory. An op's go alone says that it is a first; its kind stays what it
 * is. */
enum px_fast_first {
    PX_FIRST_ADD,
    PX_FIRST_XOR,
    PX_FIRST_ADDI,
    PX_FIRST_ANDI,
    PX_FIRST_SHLI,
    PX_FIRST_SHRI,
    PX_FIRST_LD,
    PX_FIRSTS
};
enum px_fast_second {
    PX_SECOND_BRANCH, /* six of them */
    PX_SECOND_ADD = 6,
    PX_SECOND_XOR,
    PX_SECOND_OR,
    PX_SECOND_LD,
    PX_SECONDS
};
#define PX_FAST_PAIR(first, second) (PX_FAST_KINDS + (first)*PX_SECONDS + (second))
enum { PX_FAST_PLACES = PX_FAST_PAIR(PX_FIRSTS, 0) };

/* A pixel taken apart. */
typedef struct px_fast_op {
    const void *go; /* where the loop does it */
    uint32_t imm;   /* a constant, a distance, a class: the kind says which */
    uint8_t a, b, c, kind;
} px_fast_op;

/* What native code is given, and what it leaves. */
typedef struct px_fast_frame {
    uint32_t *r, *m;
    struct px_fast_page *const *pages;
    uint64_t left; /* of the budget: if this is what it was, nothing was done */
    uint32_t at;   /* the op that is next */
} px_fast_frame;

typedef struct px_fast_region px_fast_region;

typedef struct px_fast_entry {
    void (*code)(px_fast_frame *);
    px_fast_region *region;
    uint8_t kind; /* the op's own */
} px_fast_entry;

typedef struct px_fast_page {
    px_fast_op op[PX_FAST_PAGE + 1]; /* the last one is END */
    uint8_t known[PX_FAST_PAGE];     /* of a pixel: something of it is kept, be it as a literal */
    uint32_t word[PX_FAST_PAGE];     /* of a pixel that is known: what it was */
    uint32_t first;                  /* its first pixel's address in the outermost image */
    uint32_t low, high;              /* those known lie between */
    px_fast_region *regions;         /* native code; and the entries of its pixels, or NULL */
    px_fast_entry *entry;
    unsigned lost; /* regions that were written to */
    /* When instructions are counted: where straight code that was executed has begun (1) and ended (-1), modulo 2^32,
     * since counted was false. */
    uint32_t *edges;
    bool counted;
} px_fast_page;

/* fast_heat.h */
typedef struct px_fast_heat {
    px_heat counts;
    uint32_t *read, *written; /* differences of runs; of single pixels they are counted at once */
    uint32_t low, high;       /* the runs lie between */
    uint64_t since;           /* instructions executed since the differences became counts */
} px_fast_heat;

typedef struct px_fast {
    uint32_t *mem; /* the outermost image, of n pixels */
    uint32_t n;
    px_fast_page **page;
    size_t pages, used;    /* places in page, and those that are not NULL */
    const void *const *go; /* by kind, and of pairs */
    px_fast_op lazy;
    bool slow;                     /* the loop has stopped at what px_vm_step has to do */
    struct px_fast_native *native; /* NULL: no native code */
    unsigned epoch;                /* of native, when it was looked at last */
    uint64_t ran, patience;        /* instructions since code was last looked at, and until it is */
    px_fast_heat *heat;            /* NULL: nothing is counted */
} px_fast;

/* native may be NULL. */
bool px_fast_init(px_fast *fast, uint32_t *mem, uint32_t n, struct px_fast_native *native);
void px_fast_free(px_fast *fast);

void px_fast_forget(px_fast *fast); /* all that is kept */

/* Pixels of the outermost image have been written, or may have been. */
void px_fast_stored(px_fast *fast, uint32_t from, uint64_t length);

/* Pixels may have been written by somebody who has not said so: what does not fit them any more is forgotten. */
void px_fast_compare(px_fast *fast, uint32_t from, uint64_t length);

/* Up to count instructions of vm, whose image is the outermost one or lies within; returns how many have retired. It
 * stops at RESUME, RUNNING still. */
uint64_t px_fast_run(px_fast *fast, px_vm *vm, uint64_t count);

/* ---- between fast.c and the loop ---- */

bool px_fast_fits(const px_fast_entry *entry, uint32_t base, uint32_t n); /* native code that is for that image */

/* Looks at the pixel whose op this is, in an image that ends before pixel end of the outermost one: what lies behind
 * may be another thread's. */
void px_fast_decode(px_fast *fast, px_fast_page *page, px_fast_op *op, uint32_t end);

/* The op at this place is not what it was: the one before it is the first of no pair. */
void px_fast_part(const px_fast *fast, px_fast_page *page, uint32_t at);

/* A vector instruction that writes pixels, with what has to be forgotten for it. */
bool px_fast_writing(px_fast *fast, px_vm *vm, px_insn i, const px_fast_op *op);

/* Runs from vm->s.pc, which lies in page, while no more than left instructions have retired; returns what is left of
 * them. px_fast_loop takes a page wholly within vm's image and a left above PX_FAST_PAGE, px_fast_edge any, and so does
 * px_fast_counted, which counts heat. */
uint64_t px_fast_loop(px_fast *fast, px_vm *vm, px_fast_page *page, uint64_t left);
uint64_t px_fast_edge(px_fast *fast, px_vm *vm, px_fast_page *page, uint64_t left);
uint64_t px_fast_counted(px_fast *fast, px_vm *vm, px_fast_page *page, uint64_t left);
const void *const *px_fast_places(void);

/* Whether a page lies within the image that begins at base and has n pixels. Behind the outermost image's end there is
 * nothing to be run by mistake. */
static inline bool px_fast_within(const px_fast *fast, const px_fast_page *page, uint32_t base, uint32_t n)
{
    return n == fast->n || (page->first >= base && page->first - base + PX_FAST_PAGE <= n);
}

#endif
