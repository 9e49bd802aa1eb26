/* turn.h - turns of machines that are states in memory: pieces between which a run can be stopped, RESUME's slots in
 * turn, traces and heat. How the instructions themselves are carried out is the executor's; those of the classic
 * profile, and traced ones, are stepped. */
#ifndef VM_TURN_H
#define VM_TURN_H

#include "pxi/executor.h"
#include "vm/ref.h"

typedef struct px_runner {
    px_machine base;
    px_vm vm;
    px_trace_fn *trace;
    void *context;
    px_heat heat; /* whose arrays are NULL when nothing is counted */
    /* Up to count instructions of vm, the machine itself or one in a slot of it: as many as retire before it stops or
     * comes to RESUME, RUNNING still. */
    uint64_t (*plain)(struct px_runner *, px_vm *vm, uint64_t count);
    /* Runs some of the next slots that are ready, at once, whose allowances are at most most instructions; returns how
     * many have retired, and leaves slots behind those that ran. NULL: they run in turn, as they do while traced. */
    uint64_t (*at_once)(struct px_runner *, px_slots *slots, uint64_t most);
    void (*written)(struct px_runner *, uint32_t from, uint32_t length); /* by RESUME itself; NULL: nobody cares */
    /* Around each piece, NULL: px_runner_piece alone. False: the machine is lost. */
    bool (*piece)(struct px_runner *, uint64_t count, uint64_t *executed, px_error *error);
    void (*settle)(struct px_runner *); /* after each turn; NULL: nothing is left to be done */
} px_runner;

/* The image of *state becomes the machine's. */
void px_runner_take(px_runner *runner, px_state *state);

/* A plain that is px_vm_step again and again, or the classic profile's, counted where the runner counts. */
uint64_t px_runner_steps(px_runner *runner, px_vm *vm, uint64_t count);

/* Up to count steps; returns how many have retired. */
uint64_t px_runner_piece(px_runner *runner, uint64_t count);

/* px_executor_ops' run, get, put and heat of machines that are runners. */
bool px_runner_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error);
bool px_runner_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                   px_error *error);
bool px_runner_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                   px_error *error);
bool px_runner_heat(px_machine *machine, const px_heat *heat, px_error *error);

#endif
