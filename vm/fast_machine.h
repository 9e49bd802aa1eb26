/* fast_machine.h - a machine of the fast executor, and the executor. */
#ifndef VM_FAST_MACHINE_H
#define VM_FAST_MACHINE_H

#include "vm/fast_native.h"
#include "vm/fast_pool.h"
#include "vm/turn.h"

typedef struct px_fast_machine {
    px_runner runner;
    px_fast fast;
    uint64_t pieces;   /* since the last one that was verified */
    uint64_t in_slots; /* instructions that the latest RESUME has run */
    px_fast *keeper;   /* keepers of them, of code that slots run; the first is fast, and not there */
    size_t keepers;    /* 0: not yet made; 1: there are no others */
} px_fast_machine;

typedef struct px_fast_executor {
    px_executor base;
    px_fast_native *native[PX_POOL_MOST]; /* for each thread that runs slots, and the first for all else; NULL: none */
    uint64_t verify;                      /* PX_FAST_VERIFY; 0: nothing is */
    uint64_t least;                       /* PX_FAST_SLOTS */
} px_fast_executor;

/* A piece, and the reference VM's beside it. False when they differ: error says where. */
bool px_fast_verified(px_fast_machine *machine, uint64_t count, uint64_t *executed, px_error *error);

#endif
