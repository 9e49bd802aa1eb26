/* turn.c - see turn.h. */
#include "vm/turn.h"

#include "pxi/pace.h"
#include "pxi/words.h"

enum { FIRST_PIECE = 1 << 12 };
#define PIECE_SECONDS 0.005

void px_runner_take(px_runner *runner, px_state *state)
{
    runner->vm = (px_vm){.s = *state, .reg = runner->vm.s.reg, .n = px_state_pixels(state)};
    state->mem = NULL;
}

/* px_vm_step of an instruction that touches a single pixel; base: where the machine's image begins in the outermost
 * one. */
static bool pixel_step(const px_heat *heat, px_vm *vm, uint32_t base, const px_heat_look *look)
{
    const uint32_t pc = vm->s.pc, pixel = px_touched_pixel(vm->s.mem[pc], pc, vm->reg);
    if (!px_vm_step(vm))
        return false;
    if (look->reads)
        heat->read[base + pixel]++;
    if (look->writes)
        heat->written[base + pixel]++;
    return true;
}

/* The same of one whose operands are runs of vl. */
static bool vl_step(const px_heat *heat, px_vm *vm, uint32_t base, const px_heat_look *look, uint32_t word)
{
    const uint32_t vl = vm->s.vl,
                   at[PX_TOUCHES] = {vm->reg[px_byte(word, 1)], vm->reg[px_byte(word, 2)], vm->reg[px_byte(word, 3)]};
    if (!px_vm_step(vm))
        return false;
    for (unsigned k = 0; vl > 0 && k < PX_TOUCHES; k++) {
        if (look->read[k])
            px_heat_run(heat->read + base + at[k], vl);
        if (look->written[k])
            px_heat_run(heat->written + base + at[k], vl);
    }
    return true;
}

static bool touches_step(const px_heat *heat, px_vm *vm, uint32_t base)
{
    px_touch touch[PX_TOUCHES];
    const uint32_t pc = vm->s.pc;
    const unsigned touches = px_touches(vm->s.mem[pc], pc, vm->reg, vm->s.vl, touch);
    if (!px_vm_step(vm))
        return false;
    px_heat_touched(heat, base, touch, touches);
    return true;
}

static bool counted_step(const px_heat *heat, px_vm *vm, uint32_t base, uint32_t word)
{
    const px_heat_look *look = &px_heat_looks[px_heat_shapes[word & 255]];
    switch (look->kind) {
    case PX_HEAT_PIXEL:
        return pixel_step(heat, vm, base, look);
    case PX_HEAT_VL:
        return vl_step(heat, vm, base, look, word);
    case PX_HEAT_TOUCHES:
        return touches_step(heat, vm, base);
    case PX_HEAT_NOTHING:
        break;
    }
    return px_vm_step(vm);
}

static uint64_t counted_steps(const px_runner *m, px_vm *vm, uint64_t count)
{
    const uint32_t base = (uint32_t)(vm->s.mem - m->vm.s.mem);
    uint64_t *const counts = m->heat.executed + base, executed = 0;
    for (; vm->s.status == PX_RUNNING && executed < count; executed++) {
        const uint32_t pc = vm->s.pc, word = pc < vm->n ? vm->s.mem[pc] : 0;
        if (!counted_step(&m->heat, vm, base, word))
            break;
        counts[pc]++;
    }
    return executed;
}

uint64_t px_runner_steps(px_runner *m, px_vm *vm, uint64_t count)
{
    uint64_t executed = 0;
    if (m->heat.executed != NULL)
        return counted_steps(m, vm, count);
    if (vm->s.profile == PX_CLASSIC)
        for (; vm->s.status == PX_RUNNING && executed < count; executed++)
            px_vm_step_classic(vm);
    else
        while (vm->s.status == PX_RUNNING && executed < count && px_vm_step(vm))
            executed++;
    return executed;
}

static bool traced_step(px_runner *m, px_vm *vm, int64_t slot)
{
    const uint32_t pc = vm->s.pc, instruction = pc < vm->n ? vm->s.mem[pc] : 0;
    const bool retired = px_runner_steps(m, vm, 1) == 1;
    const int reg = vm->written;
    if (retired)
        m->trace(
            m->context,
            &(px_retire){
                .slot = slot, .pc = pc, .instruction = instruction, .reg = reg, .value = reg < 0 ? 0 : vm->reg[reg]});
    return retired;
}

static uint64_t run_plain(px_runner *m, px_vm *vm, int64_t slot, uint64_t count)
{
    uint64_t executed = 0;
    if (m->trace != NULL)
        while (vm->s.status == PX_RUNNING && executed < count && traced_step(m, vm, slot))
            executed++;
    else if (vm->s.profile == PX_CLASSIC)
        executed = px_runner_steps(m, vm, count);
    else
        executed = m->plain(m, vm, count);
    return executed;
}

static void leave(px_runner *m, px_slots *slots, const px_vm *inner, uint32_t executed)
{
    px_slot_leave(slots, inner, executed);
    if (m->written != NULL) {
        m->written(m, px_slot_address(slots), PX_STATE_WORDS);
        m->written(m, slots->allowances + slots->at, 1);
    }
}

/* Up to count, 1 or more, steps of the RESUME at pc; returns how many have retired. */
static uint64_t run_slots(px_runner *m, uint64_t count)
{
    uint64_t executed = 0;
    uint32_t allowance;
    px_slots slots;
    px_vm inner;
    if (!px_vm_resume(&m->vm, &slots))
        return 0;
    if (m->at_once != NULL && m->trace == NULL)
        executed = m->at_once(m, &slots, count);
    while (executed < count && px_slot_enter(&slots, &inner, &allowance)) {
        const uint64_t left = count - executed, most = allowance < left ? allowance : left;
        const uint64_t now = run_plain(m, &inner, px_slot_address(&slots), most);
        leave(m, &slots, &inner, (uint32_t)now);
        executed += now;
    }
    if (executed == count)
        return executed;
    if (m->trace != NULL)
        m->trace(m->context,
                 &(px_retire){.slot = -1, .pc = m->vm.s.pc, .instruction = m->vm.s.mem[m->vm.s.pc], .reg = -1});
    if (m->heat.executed != NULL)
        m->heat.executed[m->vm.s.pc]++;
    m->vm.s.pc++;
    m->vm.s.retired++;
    return executed + 1;
}

uint64_t px_runner_piece(px_runner *m, uint64_t count)
{
    uint64_t executed = 0;
    for (;;) {
        executed += run_plain(m, &m->vm, -1, count - executed);
        if (m->vm.s.status != PX_RUNNING || executed == count)
            return executed;
        executed += run_slots(m, count - executed);
    }
}

static bool one_piece(px_runner *m, uint64_t count, uint64_t *executed, px_error *error)
{
    if (m->piece != NULL)
        return m->piece(m, count, executed, error);
    *executed = px_runner_piece(m, count);
    return true;
}

/* total: what the turns of this run have executed. Returns whether the run goes on. */
static bool run_turn(px_turn *turn, uint64_t *total, const px_cancel *cancel)
{
    px_runner *m = (px_runner *)turn->machine;
    px_pace pace = px_pace_of(FIRST_PIECE, PIECE_SECONDS);
    uint64_t executed = 0;
    bool cancelled = false;
    while (!turn->failed && !cancelled && m->vm.s.status == PX_RUNNING && executed < turn->budget) {
        uint64_t now = 0;
        turn->failed = !one_piece(m, px_pace_begin(&pace, turn->budget - executed), &now, &turn->error);
        if (m->vm.s.status == PX_RUNNING)
            px_pace_end(&pace);
        executed += now;
        *total += now;
        cancelled = px_cancelled(cancel, *total);
    }
    if (m->settle != NULL)
        m->settle(m);
    turn->stop = px_stop_of(&m->vm.s, executed);
    return !cancelled;
}

bool px_runner_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    uint64_t total = 0;
    bool on = true;
    (void)executor, (void)error;
    for (size_t i = 0; i < count; i++) {
        px_state *s = &((px_runner *)turns[i].machine)->vm.s;
        if (turns[i].answers)
            px_state_answer(s, turns[i].answer);
        if (on)
            on = run_turn(&turns[i], &total, cancel);
        else
            turns[i].stop = px_stop_of(s, 0);
    }
    return true;
}

bool px_runner_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                   px_error *error)
{
    (void)error;
    px_words_get(&((px_runner *)machine)->vm.s, space, at, words, count);
    return true;
}

bool px_runner_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                   px_error *error)
{
    (void)error;
    px_words_put(&((px_runner *)machine)->vm.s, space, at, words, count);
    return true;
}

bool px_runner_heat(px_machine *machine, const px_heat *heat, px_error *error)
{
    (void)error;
    ((px_runner *)machine)->heat = heat != NULL ? *heat : (px_heat){0};
    return true;
}
