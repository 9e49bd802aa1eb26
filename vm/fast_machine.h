/* fast_machine.h - a machine of the fast executor, and the executor. */
#ifndef VM_FAST_MACHINE_H
#define VM_FAST_MACHINE_H

#include "vm/fast_native.h"
#include "vm/turn.h"

typedef struct px_fast_machine {
    px_runner runner;
    px_fast fast;
    uint64_t pieces; /* since the last one that was verified */
} px_fast_machine;

typedef struct px_fast_executor {
    px_executor base;
    px_fast_native *native; /* NULL: none */
    uint64_t verify;        /* PX_FAST_VERIFY; 0: nothing is */
} px_fast_executor;

/* A piece, and the reference VM's beside it. False when they differ: error says where. */
bool px_fast_verified(px_fast_machine *machine, uint64_t count, uint64_t *executed, px_error *error);

#endif
