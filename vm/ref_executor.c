/* ref_executor.c - the reference VM as an executor: its machines are states in memory. */
#include <stdlib.h>
#include <string.h>

#include "pxi/pace.h"
#include "pxi/words.h"
#include "vm/ref.h"

enum { FIRST_PIECE = 1 << 12 };
#define PIECE_SECONDS 0.005

typedef struct ref_machine {
    px_machine base;
    px_vm vm;
    px_trace_fn *trace;
    void *context;
} ref_machine;

static bool ref_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    ref_machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    m->vm = (px_vm){.s = *state, .reg = m->vm.s.reg, .n = px_state_pixels(state)};
    state->mem = NULL;
    *machine = &m->base;
    return true;
}

static void ref_drop(px_machine *machine)
{
    ref_machine *m = (ref_machine *)machine;
    px_state_free(&m->vm.s);
    free(m);
}

/* ---- running ---- */

static bool traced_step(const ref_machine *m, px_vm *vm, int64_t slot)
{
    const uint32_t pc = vm->s.pc, instruction = pc < vm->n ? vm->s.mem[pc] : 0;
    bool retired = true;
    if (vm->s.profile == PX_CLASSIC)
        px_vm_step_classic(vm);
    else
        retired = px_vm_step(vm);
    const int reg = vm->written;
    if (retired)
        m->trace(
            m->context,
            &(px_retire){
                .slot = slot, .pc = pc, .instruction = instruction, .reg = reg, .value = reg < 0 ? 0 : vm->reg[reg]});
    return retired;
}

/* Up to count instructions of m or of a machine in one of its slots; returns how many have retired. It stops at RESUME,
 * with the machine RUNNING. */
static uint64_t run_plain(const ref_machine *m, px_vm *vm, int64_t slot, uint64_t count)
{
    uint64_t executed = 0;
    if (m->trace != NULL)
        while (vm->s.status == PX_RUNNING && executed < count && traced_step(m, vm, slot))
            executed++;
    else if (vm->s.profile == PX_CLASSIC)
        for (; vm->s.status == PX_RUNNING && executed < count; executed++)
            px_vm_step_classic(vm);
    else
        while (vm->s.status == PX_RUNNING && executed < count && px_vm_step(vm))
            executed++;
    return executed;
}

/* Up to count, 1 or more, steps of the RESUME at pc; returns how many have retired. */
static uint64_t run_slots(ref_machine *m, uint64_t count)
{
    uint64_t executed = 0;
    uint32_t allowance;
    px_slots slots;
    px_vm inner;
    if (!px_vm_resume(&m->vm, &slots))
        return 0;
    while (executed < count && px_slot_enter(&slots, &inner, &allowance)) {
        const uint64_t left = count - executed, most = allowance < left ? allowance : left;
        const uint64_t now = run_plain(m, &inner, px_slot_address(&slots), most);
        px_slot_leave(&slots, &inner, (uint32_t)now);
        executed += now;
    }
    if (executed == count)
        return executed;
    if (m->trace != NULL)
        m->trace(m->context,
                 &(px_retire){.slot = -1, .pc = m->vm.s.pc, .instruction = m->vm.s.mem[m->vm.s.pc], .reg = -1});
    m->vm.s.pc++;
    m->vm.s.retired++;
    return executed + 1;
}

/* Up to count steps; returns how many have retired. */
static uint64_t run_piece(ref_machine *m, uint64_t count)
{
    uint64_t executed = 0;
    for (;;) {
        executed += run_plain(m, &m->vm, -1, count - executed);
        if (m->vm.s.status != PX_RUNNING || executed == count)
            return executed;
        executed += run_slots(m, count - executed);
    }
}

static bool ref_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    uint64_t total = 0;
    bool cancelled = false;
    (void)executor, (void)error;
    for (size_t i = 0; i < count; i++) {
        px_turn *turn = &turns[i];
        ref_machine *m = (ref_machine *)turn->machine;
        px_pace pace = px_pace_of(FIRST_PIECE, PIECE_SECONDS);
        uint64_t executed = 0;
        if (turn->answers)
            px_state_answer(&m->vm.s, turn->answer);
        while (!cancelled && m->vm.s.status == PX_RUNNING && executed < turn->budget) {
            const uint64_t now = run_piece(m, px_pace_begin(&pace, turn->budget - executed));
            if (m->vm.s.status == PX_RUNNING)
                px_pace_end(&pace);
            executed += now;
            total += now;
            cancelled = px_cancelled(cancel, total);
        }
        turn->stop = px_stop_of(&m->vm.s, executed);
    }
    return true;
}

/* ---- words ---- */

static bool ref_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                    px_error *error)
{
    (void)error;
    px_words_get(&((ref_machine *)machine)->vm.s, space, at, words, count);
    return true;
}

static bool ref_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                    px_error *error)
{
    (void)error;
    px_words_put(&((ref_machine *)machine)->vm.s, space, at, words, count);
    return true;
}

static bool ref_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count,
                     px_error *error)
{
    (void)error;
    memcpy(((ref_machine *)to)->vm.s.mem + to_at, ((ref_machine *)from)->vm.s.mem + from_at, count * sizeof(uint32_t));
    return true;
}

static bool ref_trace(px_machine *machine, px_trace_fn *trace, void *context, px_error *error)
{
    ref_machine *m = (ref_machine *)machine;
    (void)error;
    m->trace = trace;
    m->context = context;
    return true;
}

/* ---- life ---- */

static void ref_close(px_executor *executor) { free(executor); }

static bool ref_open(px_executor **executor, const char *arg, px_error *error)
{
    static const px_executor_ops ops = {.create = ref_create,
                                        .drop = ref_drop,
                                        .run = ref_run,
                                        .get = ref_get,
                                        .put = ref_put,
                                        .copy = ref_copy,
                                        .trace = ref_trace,
                                        .close = ref_close};
    if (arg != NULL)
        return px_fail(error, PX_E_USAGE, "executor ref takes nothing after a colon, found '%s'", arg);
    px_executor *ref = calloc(1, sizeof *ref);
    if (ref == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the reference VM");
    *ref = (px_executor){
        .ops = &ops,
        .name = "ref",
        .caps = {.max_pixels = PX_MAX_PIXELS, .machines = UINT32_MAX, .total_pixels = UINT64_MAX, .lanes = 1}};
    *executor = ref;
    return true;
}

const px_driver px_ref_driver = {.open = ref_open};
