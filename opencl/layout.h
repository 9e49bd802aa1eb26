/* layout.h - what the host and the kernels say to each other: the layout of device memory, read by both compilers.
 *
 * A machine is 272 words and then its image. The first 266 words are those of a saved state (SPEC.md section 9); the
 * others are 0 and only bring the image to a multiple of 64 bytes. */
#ifndef PX_OPENCL_LAYOUT_H
#define PX_OPENCL_LAYOUT_H

#ifdef __OPENCL_VERSION__
typedef uint px_u32;
#else
#include <stdint.h>
typedef uint32_t px_u32;
#endif

/* PX_M_PC and so on; the kernels have them before this file, by way of isa_lists.h. */
#ifndef __OPENCL_VERSION__
enum {
#define PX_SAVED(id, pixel, count, text) PX_M_##id = pixel,
#include "pxi/state.def"
};
#endif
enum { PX_M_IMAGE = 272 };

/* A vector instruction after its checks: nothing in it can fail any more. */
typedef struct px_job {
    px_u32 op;
    px_u32 d, s, t; /* bases; MATMUL: C, A, B */
    px_u32 n;       /* elements; MATMUL: those of C */
    px_u32 x, y, z; /* the scalars: r[c]; strides; a table's length; REQ's multiplier, shift and zero point */
    px_u32 cols, depth;
    px_u32 a, c; /* the registers that a result goes to */
} px_job;

/* px_grid with work-groups of PX_TILE * PX_TILE does a MATMUL in square tiles of C instead of single elements. */
#define PX_TILE       16
#define PX_TILE_ITEMS 256

/* One for each machine of a launch. */
typedef struct px_control {
    px_u32 allow;                          /* in: instructions that may retire in this launch */
    px_u32 answers, answer;                /* in: first, the answer to the SYS that the machine waits for */
    px_u32 executed;                       /* out: those that did */
    px_u32 status, cause, value, pc, vl;   /* out: the machine's, to spare a second read */
    px_u32 request, argument;              /* out: what a waiting machine asks for, else 0 */
    px_u32 grid;                           /* out: job has retired, but its effect is left to the whole device */
    px_job job;                            /* out, when grid */
    px_u32 element;                        /* kept: a classic MATMUL under way is at this element less 1, or 0 */
    px_u32 instruction, rows, cols, depth; /* kept: that MATMUL, which may have overwritten itself */
} px_control;

#endif
