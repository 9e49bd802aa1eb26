/* fast_native.h - native code for the fast executor, x86-64: a region is what near jumps reach within a page, from an
 * instruction that was found running. It has the base and the size of its image in it, and is used for no other.
 *
 * Native code asks for the budget at each block's beginning, and leaves before whatever it does not do itself: what may
 * trap, a store into a pixel that is known, jumps out of the page, vector instructions. The loop does that, and comes
 * back at one of the region's entries. */
#ifndef VM_FAST_NATIVE_H
#define VM_FAST_NATIVE_H

#include "vm/fast.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct px_fast_native px_fast_native;

/* NULL where there is none: it was not built in, PX_FAST_JIT is off, or pages may not be executed, which is then said.
 * With PX_FAST_JIT=eager, for tests, code is looked at all the time. */
px_fast_native *px_fast_native_new(void);
void px_fast_native_free(px_fast_native *native);

/* Before a machine runs: in a process that was forked, the memory of native code is the other process's, and is left.
 */
void px_fast_native_here(px_fast *fast);

/* How code runs, for `px devices`. */
const char *px_fast_native_text(void);

/* What runs is looked at every so many instructions, and made native; less often while there is nothing new. */
uint64_t px_fast_patience(const px_fast_native *native, uint64_t last, bool more);

/* Makes the code around pc native, of the image at base with n pixels; false when it is already, or not worth it. */
bool px_fast_native_make(px_fast *fast, uint32_t base, uint32_t n, uint32_t pc);

/* Pixels from..end-1 of the page, one of which is known, are written. */
void px_fast_native_drop(const px_fast *fast, px_fast_page *page, uint32_t from, uint32_t end);

/* ---- between fast_native.c and what writes the code ---- */

enum { PX_JIT_OPS = 256, PX_JIT_HOSTS = 8 };

typedef struct px_jit_op {
    px_fast_op op;
    uint16_t at;     /* in the page */
    uint16_t length; /* of the block that begins here, in instructions; 0: none does, or one that leaves at once */
    bool leader, entry, leaves;
    bool over; /* a branch over the next op and no more: that is done, and taken back where the branch is taken */
} px_jit_op;

/* In the order of at. */
typedef struct px_jit_plan {
    uint32_t base, n, pc0; /* pc0: what pc is at the page's beginning */
    uint32_t count;
    px_jit_op op[PX_JIT_OPS];
    int16_t index[PX_FAST_PAGE + 1]; /* of the op at a place in the page, or -1 */
    int8_t host[256];                /* which of the host's registers a register is in, or -1: in memory */
    uint8_t guest[PX_JIT_HOSTS];     /* and the other way round */
    uint32_t hosts;
    bool written[PX_JIT_HOSTS];
    uint32_t *edges;          /* of the page; NULL: nothing is counted */
    uint64_t *reads, *writes; /* counts of the image's pixels */
} px_jit_plan;

/* Writes code, of at most room bytes, and each entry's offset; returns its length, 0 when there is no room. */
size_t px_jit_write(const px_jit_plan *plan, void *code, size_t room, uint32_t offset[PX_JIT_OPS]);

#ifdef __cplusplus
}
#endif

#endif
