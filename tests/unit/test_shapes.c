/* test_shapes.c - the shapes of isa.def against the reference VM, which does not use them: what a shape says about
 * checks, reads, writes and register groups is held against what each instruction does on random machines. And touches
 * worked by hand, and the patterns' roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/pixel.h"
#include "pxi/touch.h"
#include "tests/random/rng.h"
#include "vm/ref.h"

enum { SIDE = 24, PIXELS = SIDE * SIDE, PC = 7, TRIES = 1500 };

static void vm_new(px_vm *vm)
{
    *vm = (px_vm){.n = PIXELS};
    vm->reg = vm->s.reg;
    assert_true(px_state_new(&vm->s, PX_V1, SIDE, SIDE, NULL));
}

/* Register values that are mostly addresses and small lengths, so that runs meet in every way. No address wraps. */
static uint32_t draw(rng *r)
{
    switch (rng_below(r, 8)) {
    case 0:
        return rng_below(r, 4);
    case 1:
        return rng_next(r) >> 1;
    case 2:
        return PIXELS - rng_below(r, 20);
    default:
        return PC + 1 + rng_below(r, 160);
    }
}

/* A machine before one instruction with this opcode. Its own pixel and the one behind it belong to no run that it
 * writes without trapping but by chance; the instruction has been fetched by then. */
static uint32_t machine(rng *r, px_vm *vm, uint8_t number)
{
    px_state *s = &vm->s;
    static const uint32_t lengths[] = {0, 1, 2, 3, 5, 8, 40, 256};
    s->pc = PC;
    s->status = PX_RUNNING;
    s->cause = s->value = s->retired = 0;
    s->vl = lengths[rng_below(r, sizeof lengths / sizeof *lengths)];
    for (uint32_t i = 0; i < PIXELS; i++)
        s->mem[i] = rng_chance(r, 60) ? rng_below(r, 12) : rng_next(r);
    for (int i = 0; i < 256; i++)
        s->reg[i] = draw(r);
    const uint32_t a = rng_below(r, 256), b = rng_below(r, 256), c = rng_below(r, 256);
    if (rng_chance(r, 15))
        s->reg[rng_chance(r, 50) ? b : c] = s->reg[a];
    if (number == PX_OP_MATMUL)
        for (unsigned k = 0; k < 9; k++)
            s->reg[(a + k) & 255] = k < 6 && k % 2 == 0 ? draw(r) : rng_below(r, 6);
    if (number == PX_OP_COPYS || number == PX_OP_GATHER || number == PX_OP_SCATADD || number == PX_OP_RESUME) {
        s->reg[(a + 1) & 255] = rng_below(r, 6);
        s->reg[(b + 1) & 255] = rng_below(r, 6);
    }
    s->mem[PC] = px_rgba(number, a, b, c);
    return s->mem[PC];
}

static bool moves_pixels(const px_opcode *op)
{
    return op->mnemonic != NULL && (op->class >= PX_CLASS_ALU || op->number == PX_OP_RESUME);
}

/* ---- checks, in the order of SPEC.md section 7 ---- */

static bool meets(const px_touch *x, const px_touch *y, uint8_t rule)
{
    const uint64_t n = px_touch_length(x), m = px_touch_length(y);
    const bool apart = x->base + n <= y->base || y->base + m <= x->base;
    return rule != PX_LIE_FREE && !apart && !(rule == PX_LIE_SAME && x->base == y->base && n == m);
}

/* The cause and value that the shape leads to; NONE when the instruction retires. */
static enum px_cause expected_trap(const px_opcode *op, const px_touch *touch, unsigned count, uint32_t vl,
                                   uint32_t *value)
{
    const px_shape *shape = px_shape_of(op);
    for (unsigned i = 0; i < count; i++)
        if (touch[i].base + px_touch_length(&touch[i]) > PIXELS) {
            *value = touch[i].base;
            return PX_TRAP_RANGE;
        }
    const bool has_a = count > 0 && touch[0].operand == 0;
    if (has_a && ((op->shape == PX_SHAPE_STRIDE && touch[0].pitch == 0 && vl > 1) ||
                  (op->shape == PX_SHAPE_MATRIX && touch[0].pitch < touch[0].columns))) {
        *value = touch[0].base;
        return PX_TRAP_OVERLAP;
    }
    for (unsigned i = 1; has_a && i < count; i++)
        if (meets(&touch[0], &touch[i], touch[i].operand == 1 ? shape->ab : shape->ac)) {
            *value = touch[i].base;
            return PX_TRAP_OVERLAP;
        }
    /* The allowances, and the pixel of RESUME itself. */
    if (op->shape == PX_SHAPE_RESUME && count > 1 && meets(&touch[count - 2], &touch[count - 1], PX_LIE_APART)) {
        *value = touch[count - 1].base;
        return PX_TRAP_OVERLAP;
    }
    return PX_TRAP_NONE;
}

/* One instruction, or the checks of RESUME: no slot of these machines is ready. */
static bool step(px_vm *vm)
{
    px_slots slots;
    if ((uint8_t)vm->s.mem[PC] != PX_OP_RESUME)
        return px_vm_step(vm);
    return !px_vm_step(vm) && vm->s.status == PX_RUNNING && px_vm_resume(vm, &slots);
}

static void traps_follow_from_the_shape(void **context)
{
    (void)context;
    rng r = {1};
    px_vm vm;
    vm_new(&vm);
    unsigned seen[8] = {0};
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        for (int i = 0; moves_pixels(op) && i < TRIES; i++) {
            const uint32_t pixel = machine(&r, &vm, (uint8_t)number);
            px_touch touch[PX_TOUCHES];
            const unsigned count = px_touches(pixel, PC, vm.s.reg, vm.s.vl, touch);
            uint32_t value = 0;
            const enum px_cause cause = expected_trap(op, touch, count, vm.s.vl, &value);
            step(&vm);
            if (vm.s.cause != cause || (cause != PX_TRAP_NONE && vm.s.value != value))
                fail_msg("%s, case %d: the shape says %s %#x, the reference VM %s %#x", op->mnemonic, i,
                         px_cause_name(cause), (unsigned)value, px_cause_name(vm.s.cause), (unsigned)vm.s.value);
            seen[cause]++;
        }
    }
    assert_true(seen[PX_TRAP_NONE] > 10000 && seen[PX_TRAP_RANGE] > 10000 && seen[PX_TRAP_OVERLAP] > 1000);
    px_state_free(&vm.s);
}

/* ---- reads, writes and registers ---- */

static void mark(const px_touch *touch, bool marks[PIXELS])
{
    for (uint64_t row = 0; row < touch->rows; row++)
        for (uint64_t i = 0; i < touch->columns; i++)
            marks[touch->base + row * touch->pitch + i] = true;
}

static void step_both(rng *r, px_vm *vm, px_vm *other, const px_opcode *op, uint32_t pixel)
{
    px_touch touch[PX_TOUCHES];
    bool read[PIXELS] = {[PC] = true}, written[PIXELS] = {false}, group[256] = {false};
    const unsigned count = px_touches(pixel, PC, vm->s.reg, vm->s.vl, touch);
    const px_roles roles = px_roles_of(op->operands);
    uint32_t before[PIXELS];
    memcpy(before, vm->s.mem, sizeof before);
    assert_true(px_state_copy(&other->s, &vm->s, NULL));
    if (!step(vm))
        return;
    for (unsigned i = 0; i < count; i++) {
        if (touch[i].read)
            mark(&touch[i], read);
        if (touch[i].written)
            mark(&touch[i], written);
    }
    for (unsigned k = 0; k < 3; k++)
        if (roles.of[k] >= PX_ROLE_REG && roles.of[k] <= PX_ROLE_INDEX)
            for (unsigned i = 0; i < px_shape_of(op)->regs[k]; i++)
                group[(px_byte(pixel, k + 1) + i) & 255] = true;
    for (uint32_t i = 0; i < PIXELS; i++)
        other->s.mem[i] = read[i] ? before[i] : rng_next(r);
    for (unsigned i = 0; i < 256; i++)
        other->s.reg[i] = group[i] ? other->s.reg[i] : rng_next(r);
    assert_true(step(other));
    for (uint32_t i = 0; i < PIXELS; i++) {
        if (!written[i] && vm->s.mem[i] != before[i])
            fail_msg("%s writes pixel %u, of which its shape says nothing", op->mnemonic, (unsigned)i);
        if (written[i] && vm->s.mem[i] != other->s.mem[i])
            fail_msg("%s: pixel %u depends on what its shape does not read", op->mnemonic, (unsigned)i);
    }
    for (unsigned i = 0; i < 256; i++)
        if (group[i] && vm->s.reg[i] != other->s.reg[i])
            fail_msg("%s: r%u depends on what its shape does not read", op->mnemonic, i);
}

static void nothing_else_is_read_or_written(void **context)
{
    (void)context;
    rng r = {2};
    px_vm vm, other;
    vm_new(&vm);
    vm_new(&other);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        for (int i = 0; moves_pixels(op) && i < TRIES / 3; i++)
            step_both(&r, &vm, &other, op, machine(&r, &vm, (uint8_t)number));
    }
    px_state_free(&vm.s);
    px_state_free(&other.s);
}

static void empty_runs_leave_what_the_list_says(void **context)
{
    (void)context;
    rng r = {3};
    px_vm vm;
    vm_new(&vm);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (op->mnemonic == NULL || op->class < PX_CLASS_VV)
            continue;
        const uint32_t pixel = machine(&r, &vm, (uint8_t)number);
        uint32_t reg[256], left = 0;
        vm.s.vl = 0;
        for (unsigned k = 0; number == PX_OP_MATMUL && k < 9; k++) /* whose length is not vl */
            vm.s.reg[(px_byte(pixel, 1) + k) & 255] = 0;
        memcpy(reg, vm.s.reg, sizeof reg);
        if (px_empty_value((uint8_t)number, &left))
            reg[px_byte(pixel, 1)] = left;
        px_touch touch[PX_TOUCHES];
        assert_int_equal(px_touches(pixel, PC, vm.s.reg, 0, touch), 0);
        assert_true(px_vm_step(&vm));
        if (memcmp(reg, vm.s.reg, sizeof reg) != 0)
            fail_msg("%s leaves something else of an empty run", op->mnemonic);
    }
    px_state_free(&vm.s);
}

/* ---- by hand ---- */

static void expect(const px_touch *touch, uint32_t base, uint64_t rows, uint32_t pitch, uint64_t columns, bool read,
                   bool written)
{
    assert_int_equal(touch->base, base);
    assert_int_equal(touch->rows, rows);
    assert_int_equal(touch->columns, columns);
    if (rows > 1)
        assert_int_equal(touch->pitch, pitch);
    assert_int_equal(touch->read, read);
    assert_int_equal(touch->written, written);
}

static void touches_by_hand(void **context)
{
    (void)context;
    px_touch t[PX_TOUCHES];
    uint32_t reg[256] = {[10] = 100, [11] = 3, [20] = 200, [21] = 5, [30] = 300, [31] = 2, [255] = 7};

    assert_int_equal(px_touches(px_rgba(PX_OP_VADD_VV, 10, 20, 30), 0, reg, 4, t), 3);
    expect(&t[0], 100, 1, 0, 4, false, true);
    expect(&t[1], 200, 1, 0, 4, true, false);
    expect(&t[2], 300, 1, 0, 4, true, false);

    /* Eight pixels, three apart, from eight five apart: from 200 to 235. */
    assert_int_equal(px_touches(px_rgba(PX_OP_COPYS, 10, 20, 0), 0, reg, 8, t), 2);
    expect(&t[0], 100, 8, 3, 1, false, true);
    expect(&t[1], 200, 8, 5, 1, true, false);
    assert_int_equal(px_touch_length(&t[1]), 36);

    /* Register numbers wrap: the table's length is r0. */
    reg[0] = 9;
    assert_int_equal(px_touches(px_rgba(PX_OP_GATHER, 10, 255, 30), 0, reg, 4, t), 3);
    expect(&t[1], 7, 1, 0, 9, true, false);
    assert_int_equal(t[1].operand, 1);

    assert_int_equal(px_touches(px_rgba(PX_OP_REQ, 10, 20, 30), 0, reg, 4, t), 2);
    expect(&t[1], 200, 1, 0, 16, true, false);

    const uint32_t product[9] = {400, 10, 500, 20, 600, 30, 2, 3, 4}; /* C 2x3, A 2x4, B 3x4 */
    memcpy(reg + 40, product, sizeof product);
    assert_int_equal(px_touches(px_rgba(PX_OP_MATMUL, 40, 0, 0), 0, reg, 0, t), 3);
    expect(&t[0], 400, 2, 10, 3, true, true);
    expect(&t[1], 500, 2, 20, 4, true, false);
    expect(&t[2], 600, 3, 30, 4, true, false);
    assert_int_equal(px_touch_length(&t[2]), 64);

    assert_int_equal(px_touches(px_rgba(PX_OP_LDB, 1, 20, 10), 0, reg, 4, t), 1); /* byte 100 of the run at 200 */
    expect(&t[0], 225, 1, 0, 1, true, false);
    assert_int_equal(px_touches(px_rgba(PX_OP_ST, 6, 20, 10), 0, reg, 4, t), 1);
    expect(&t[0], 206, 1, 0, 1, false, true);
    assert_int_equal(px_touches(px_rgba(PX_OP_LIT, 6, 0, 0), 50, reg, 4, t), 1);
    expect(&t[0], 51, 1, 0, 1, true, false);
    assert_int_equal(px_touches(px_rgba(PX_OP_ADD, 1, 2, 3), 0, reg, 4, t), 0);
    assert_int_equal(px_touches(px_rgba(0xFF, 1, 2, 3), 0, reg, 4, t), 0);
}

static void roles_by_hand(void **context)
{
    (void)context;
    static const struct {
        const char *pattern;
        enum px_role a, b, c;
    } list[] = {{"", PX_ROLE_UNUSED, PX_ROLE_UNUSED, PX_ROLE_UNUSED},
                {"ra, @bc", PX_ROLE_REG, PX_ROLE_LABEL16, PX_ROLE_LABEL16},
                {"rb, rc, @a", PX_ROLE_LABEL, PX_ROLE_REG, PX_ROLE_REG},
                {"ra, rb, $c", PX_ROLE_REG, PX_ROLE_REG, PX_ROLE_BYTE},
                {"ra, $bc", PX_ROLE_REG, PX_ROLE_HALF, PX_ROLE_HALF},
                {"ra, [rb + #c]", PX_ROLE_REG, PX_ROLE_ADDRESS, PX_ROLE_OFFSET},
                {"[rb + #a], rc", PX_ROLE_OFFSET, PX_ROLE_ADDRESS, PX_ROLE_REG},
                {"[rb : rc], ra", PX_ROLE_REG, PX_ROLE_ADDRESS, PX_ROLE_INDEX},
                {"[ra], [rb], rc", PX_ROLE_RUN, PX_ROLE_RUN, PX_ROLE_REG}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const px_roles roles = px_roles_of(list[i].pattern);
        if (roles.of[0] != list[i].a || roles.of[1] != list[i].b || roles.of[2] != list[i].c || roles.literal)
            fail_msg("the roles of '%s'", list[i].pattern);
    }
    assert_true(px_roles_of("ra, =").literal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traps_follow_from_the_shape),
        cmocka_unit_test(nothing_else_is_read_or_written),
        cmocka_unit_test(empty_runs_leave_what_the_list_says),
        cmocka_unit_test(touches_by_hand),
        cmocka_unit_test(roles_by_hand),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("shapes", tests, NULL, NULL);
}
