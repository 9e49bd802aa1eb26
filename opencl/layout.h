/* layout.h - what the host and the kernels say to each other: the layout of device memory, read by both compilers.
 *
 * A machine is its saved state, word for word (SPEC.md section 9): PX_M_WORDS words, zeros to the end of a row, the
 * image. So one that lies in a slot of another's image is a machine like any other. */
#ifndef PX_OPENCL_LAYOUT_H
#define PX_OPENCL_LAYOUT_H

#ifdef __OPENCL_VERSION__
typedef uint px_u32;
typedef ulong px_u64;
#else
#include <stdint.h>
typedef uint32_t px_u32;
typedef uint64_t px_u64;
#endif

/* PX_M_PC and so on; the kernels have them before this file, by way of isa_lists.h. */
#ifndef __OPENCL_VERSION__
enum {
#define PX_SAVED(id, pixel, count, text) PX_M_##id = pixel,
#include "pxi/state.def"
};
#endif
enum { PX_M_WORDS = PX_M_REG + 256 };

/* Where the image of a machine w pixels wide begins. No w wraps: the header of a wide one is one row. */
#define PX_M_IMAGE(w) ((w) >= PX_M_WORDS ? (w) : (PX_M_WORDS + (w)-1u) / (w) * (w))

/* A vector instruction after its checks: nothing in it can fail any more. */
typedef struct px_job {
    px_u32 op;
    px_u32 d, s, t; /* bases; MATMUL: C, A, B; RESUME: d its slots, t its allowances */
    px_u32 n;       /* elements; MATMUL: those of C; RESUME: slots */
    px_u32 x, y, z; /* the scalars: r[c]; strides; a table's length; REQ's multiplier, shift and zero point; RESUME: x a
                     * slot's size */
    px_u32 cols, depth;
    px_u32 a, c; /* the registers that a result goes to */
} px_job;

/* px_grid with work-groups of PX_TILE * PX_TILE does a MATMUL in square tiles of C instead of single elements. */
#define PX_TILE       16
#define PX_TILE_ITEMS 256

/* px_mma does it in larger ones. A launch of it may have so many times the steps of one of px_grid. */
#define PX_MMA_TILE   128u
#define PX_MMA_ITEMS  256
#define PX_MMA_FASTER 16u

/* Which kernels do an instruction over the whole device: px_grid; px_parts, in two passes or three; px_mma. */
enum { PX_BY_GRID = 1, PX_BY_FOLDS = 2, PX_BY_SCANS = 4, PX_BY_MMA = 8 };

/* What px_parts does with a run that is cut into stretches: parts.cl. The device keeps a px_part, two words, for each.
 */
enum { PX_PARTS_FOLD, PX_PARTS_JOIN, PX_PARTS_STORE, PX_PARTS_NONE };
#define PX_PART_WORDS 2

/* Neighbouring elements that a work-item takes in one step of a scan or pack. */
#define PX_SLICE 8u

/* One for each machine of a launch. */
typedef struct px_control {
    px_u64 at;                             /* in: where the machine begins, in words */
    px_u64 allow;                          /* in: instructions that may retire before the host looks again */
    px_u32 answers, answer;                /* in: first, the answer to the SYS that the machine waits for */
    px_u32 executed, carries;              /* out: those that did, the low word and the high one */
    px_u32 moved;                          /* out: something happened, be it a trap in a slot, which counts nothing */
    px_u32 status, cause, value, pc, vl;   /* out: the machine's, to spare a second read */
    px_u32 request, argument;              /* out: what a waiting machine asks for, else 0 */
    px_u32 grouped;                        /* out: px_lanes came to an instruction that takes a work-group */
    px_u32 grid;                           /* out: job has retired, but its effect is left to the whole device */
    px_u32 by, at_once;                    /* out, when grid: the kernel that does it; all of it in one launch */
    px_u32 chained;                        /* out: the kernels that did what earlier launches had left to them */
    px_u32 slot;                           /* out, when grid: whose job it is, as words from this machine's first */
    px_job job;                            /* out, when grid */
    px_u32 element;                        /* kept: a classic MATMUL under way is at this element less 1, or 0 */
    px_u32 instruction, rows, cols, depth; /* kept: that MATMUL, which may have overwritten itself */
} px_control;

/* A fleet: the slots of the RESUME at a machine's pc that run side by side. px_run plans it, px_fleet_run carries it
 * out, px_run goes on when it is complete. It lies behind the control records; a launch of one machine uses it. */
enum { PX_FLEET_NONE, PX_FLEET_PLANNED, PX_FLEET_BEGUN };
#define PX_NO_SLOT 0xFFFFFFFFu

typedef struct px_fleet {
    px_u32 state;
    px_u32 slots, size, allowances; /* words from the machine's first to slot 0 and to its allowance; words of a slot */
    px_u32 first, last;             /* first to last - 1; those before have done what they may */
    px_u32 grid;                    /* the least work that makes an instruction long; 0: none */
    px_u32 unfinished, blocked;     /* the least slot that px_fleet_run left; that is at a long instruction */
    px_u32 large;       /* it may take many launches, so a run that is cancelled has to be able to undo it .. */
    px_u32 kept;        /* .. and can: the host has kept its slots */
    px_u32 launches;    /* of px_run, that had something to do since the host looked */
    px_u32 most;        /* slots of one since then */
    px_u32 lanes;       /* its slots begin in px_slot_lanes */
    px_u32 stuck;       /* slots that came to an instruction that takes a group there */
    px_u32 rest, rests; /* fleets that are still to do without lanes; that were, the last time */
} px_fleet;

#endif
