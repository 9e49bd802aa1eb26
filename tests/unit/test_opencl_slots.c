/* test_opencl_slots.c - machines in slots on the OpenCL executor against the reference VM: random slots, ready or not,
 * in the work-group and as fleets; budgets at every point of them; runs that are cancelled. Without a device the tests
 * are skipped by name. PX_SLOTS_CASES and PX_SLOTS_SEED ask for other random cases. */
#ifndef PX_HAVE_OPENCL
#include <stdio.h>
int main(void)
{
    puts("1..0 # SKIP built without OpenCL");
    return 0;
}
#else
#include "exec/drivers.h"
#include "exec/machine.h"
#include "tests/random/rng.h"
#include "tests/unit/opencl_device.h"

static uint32_t code(unsigned op, unsigned a, unsigned b, unsigned c)
{
    return px_rgba((uint8_t)op, (uint8_t)a, (uint8_t)b, (uint8_t)c);
}

static void must(bool ok, const px_error *error)
{
    if (!ok)
        fail_msg("%s", error->text);
}

static px_executor *reference(void)
{
    px_executor *x;
    px_error error = {0};
    must(px_ref_driver.open(&x, NULL, &error), &error);
    return x;
}

/* Ways in which the slots run; those that are not set are as the device has them. */
static const struct way {
    const char *name, *fleet, *grid, *fuel;
} ways[] = {{"in the work-group", "0", NULL, NULL},
            {"as fleets", "1", NULL, NULL},
            {"as fleets, over the whole device", "1", "1", NULL},
            {"in the work-group, over the whole device", "0", "1", "9"},
            {"as fleets, in short launches", "1", "40", "7"}};
enum { WAYS = sizeof ways / sizeof *ways };

static void setting(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static px_executor *opened_as(const struct way *way)
{
    setting("PX_OPENCL_FLEET", way->fleet);
    setting("PX_OPENCL_GRID", way->grid);
    setting("PX_OPENCL_FUEL", way->fuel);
    px_executor *x = opened();
    setting("PX_OPENCL_FLEET", NULL);
    setting("PX_OPENCL_GRID", NULL);
    setting("PX_OPENCL_FUEL", NULL);
    return x;
}

/* The same budget on both machines, and the same end. */
static void run_both(px_machine *expected, px_machine *found, uint64_t budget, const char *how)
{
    px_error error = {0};
    px_stop a, b;
    px_state x = {0}, y = {0};
    char difference[300];
    must(px_run_one(expected, budget, NULL, &a, &error) && px_run_one(found, budget, NULL, &b, &error) &&
             px_machine_read(expected, &x, &error) && px_machine_read(found, &y, &error),
         &error);
    if (a.executed != b.executed)
        fail_msg("%s, budget %llu: %llu instructions, expected %llu", how, (unsigned long long)budget,
                 (unsigned long long)b.executed, (unsigned long long)a.executed);
    if (!px_state_equal(&x, "ref", &y, "opencl", difference, sizeof difference))
        fail_msg("%s, budget %llu: %s", how, (unsigned long long)budget, difference);
    px_state_free(&x);
    px_state_free(&y);
}

/* ---- random slots ---- */

static uint32_t odd(rng *r)
{
    switch (rng_below(r, 8)) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return UINT32_MAX;
    case 3:
        return UINT32_C(0x80000000);
    case 4:
        return rng_below(r, 300);
    case 5:
        return rng_below(r, 3000);
    case 6:
        return UINT32_C(1) << rng_below(r, 32);
    default:
        return rng_next(r);
    }
}

/* The first registers hold small numbers and addresses, jumps are short. */
static uint32_t instruction(rng *r)
{
    unsigned op, a = rng_below(r, 12), b = rng_below(r, 12), c = rng_below(r, 12);
    do
        op = rng_below(r, 3) ? PX_OP_VADD_VV + rng_below(r, 0x68) : rng_below(r, 0x60);
    while (px_opcode_of(PX_V1, (uint8_t)op)->mnemonic == NULL);
    if (op == PX_OP_HALT && rng_below(r, 2))
        op = PX_OP_ADDI;
    if (op == PX_OP_JMP || op == PX_OP_CALL || op == PX_OP_LI) {
        b = rng_below(r, op == PX_OP_LI ? 60 : 8);
        c = 0;
    }
    if (px_opcode_of(PX_V1, (uint8_t)op)->class == PX_CLASS_BRANCH)
        a = rng_below(r, 10) - 3;
    return code(op, a, b, c);
}

static const uint32_t widths[] = {1, 2, 7, 16, 31, 64, 100, 266, 267, 500};
enum { WIDTHS = sizeof widths / sizeof *widths };

static uint32_t image_at(uint32_t w) { return (PX_STATE_WORDS + w - 1) / w * w; }

/* One field of a slot is not what a saved state has. */
static void spoil(rng *r, uint32_t *slot, uint32_t pixels)
{
    const uint32_t field = rng_below(r, 9);
    if (field == PX_SAVED_MAGIC)
        slot[field] ^= UINT32_C(1) << rng_below(r, 32);
    else if ((field == PX_SAVED_PC || field == PX_SAVED_VL) && rng_below(r, 2))
        slot[field] = pixels + rng_below(r, 2);
    else
        slot[field] = odd(r);
}

static void fill_slot(rng *r, uint32_t *slot, uint32_t size)
{
    uint32_t w = widths[rng_below(r, WIDTHS)];
    if (image_at(w) + w > size)
        w = 1;
    const uint32_t most = (size - image_at(w)) / w, h = rng_below(r, 3) ? 1 + rng_below(r, most) : most, n = w * h;
    const uint32_t head[] = {PX_MAGIC_STATE,
                             PX_V1,
                             w,
                             h,
                             rng_below(r, n + (rng_below(r, 10) == 0)),
                             rng_below(r, rng_below(r, 2) || n < 9 ? n + 1 : 9),
                             0,
                             0,
                             0,
                             rng_next(r)};
    memcpy(slot, head, sizeof head);
    for (uint32_t i = 0; i < 256; i++)
        slot[PX_SAVED_REG + i] = rng_below(r, 4) ? rng_below(r, n + 2) : odd(r);
    for (uint32_t i = 0; i < n; i++)
        slot[image_at(w) + i] = instruction(r);
    if (rng_below(r, 4) == 0)
        spoil(r, slot, n);
}

/* A machine at a RESUME; its slots, allowances and code lie apart, mostly. */
static void random_machine(rng *r, px_state *s)
{
    const uint32_t w = widths[rng_below(r, WIDTHS)], h = (1400 + rng_below(r, 3000) + w - 1) / w, n = w * h;
    const uint32_t size = 267 + rng_below(r, rng_below(r, 2) ? 60 : 400);
    uint32_t count = 1 + rng_below(r, 9);
    while (count * size + 60 > n)
        count--;
    const uint32_t slots = rng_below(r, n - count * size - 30), behind = slots + count * size;
    const uint32_t free = slots > n - behind ? 0 : behind, room = slots > n - behind ? slots : n - behind;
    const uint32_t pc = free + rng_below(r, room - 14), allowances = free + rng_below(r, room - count);
    assert_true(px_state_new(s, PX_V1, w, h, NULL));
    for (uint32_t i = 0; i < n; i++)
        s->mem[i] = rng_below(r, 3) ? rng_next(r) : instruction(r);
    for (uint32_t i = 0; i < 256; i++)
        s->reg[i] = rng_next(r);
    for (uint32_t i = 0; i < 10; i++)
        s->mem[pc + i] = instruction(r);
    s->mem[pc] = code(PX_OP_RESUME, 1, 3, 0);
    s->mem[pc + 1] = rng_below(r, 2) ? code(PX_OP_HALT, 0, 0, 0) : s->mem[pc];
    for (uint32_t i = 0; i < count; i++) {
        fill_slot(r, s->mem + slots + i * size, size);
        s->mem[allowances + i] = rng_below(r, 5) ? rng_below(r, 40) : odd(r);
    }
    s->pc = pc;
    s->vl = rng_below(r, 30) ? count : rng_below(r, n + 1);
    s->retired = rng_next(r);
    s->reg[1] = slots;
    s->reg[2] = size;
    s->reg[3] = allowances;
    if (rng_below(r, 12) == 0)
        s->reg[1 + rng_below(r, 3)] = rng_below(r, 2) ? odd(r) : slots + rng_below(r, count * size);
}

static uint64_t asked(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : fallback;
}

static void test_random(void **state)
{
    (void)state;
    need_device();
    const uint64_t count = asked("PX_SLOTS_CASES", 150), seed = asked("PX_SLOTS_SEED", 1);
    px_executor *ref = reference();
    for (size_t way = 0; way < WAYS; way++) {
        px_executor *x = opened_as(&ways[way]);
        for (uint64_t i = 0; i < count; i++) {
            rng r = {seed * 1000003 + i};
            px_state s = {0};
            px_machine *a = NULL, *b = NULL;
            px_error error = {0};
            char name[200];
            random_machine(&r, &s);
            snprintf(name, sizeof name, "%s, case %llu of seed %llu", ways[way].name, (unsigned long long)i,
                     (unsigned long long)seed);
            must(px_machine_create(ref, &s, &a, &error) && px_machine_create(x, &s, &b, &error), &error);
            for (uint32_t pieces = 1 + rng_below(&r, 4); pieces > 0; pieces--)
                run_both(a, b, rng_below(&r, 3) ? rng_below(&r, 50) : rng_below(&r, 400), name);
            px_machine_drop(a, NULL);
            px_machine_drop(b, NULL);
            px_state_free(&s);
        }
        x->ops->close(x);
    }
    ref->ops->close(ref);
}

/* ---- processes that go on and on ---- */

enum { COUNT = 12, SIZE = 16 * 17 + 32, SLOTS = 64, QUANTA = 16 };

/* Each process counts in r1 and in its pixels 16 to 23. */
static void counting_slots(px_state *s, const uint32_t allowances[COUNT])
{
    assert_true(px_state_new(s, PX_V1, 32, (SLOTS + COUNT * SIZE + 31) / 32, NULL));
    s->pc = 5;
    s->vl = COUNT;
    s->reg[1] = SLOTS;
    s->reg[2] = SIZE;
    s->reg[3] = QUANTA;
    s->mem[5] = code(PX_OP_RESUME, 1, 3, 0);
    s->mem[6] = code(PX_OP_ADDI, 9, 9, 1);
    s->mem[7] = code(PX_OP_VADD_VX, 3, 3, 9); /* more for each, each time */
    s->mem[8] = code(PX_OP_JMP, 0, 0xFD, 0xFF);
    for (uint32_t k = 0; k < COUNT; k++) {
        uint32_t *slot = s->mem + SLOTS + k * SIZE, *image = slot + image_at(16);
        const uint32_t head[] = {PX_MAGIC_STATE, PX_V1, 16, 2, 0, 8};
        memcpy(slot, head, sizeof head);
        slot[PX_SAVED_REG + 2] = 16;
        image[0] = code(PX_OP_ADDI, 1, 1, 1);
        image[1] = code(PX_OP_VADD_VX, 2, 2, 1);
        image[2] = code(PX_OP_SUM, 3, 2, 0);
        image[3] = code(PX_OP_JMP, 0, 0xFD, 0xFF);
        s->mem[QUANTA + k] = allowances[k];
    }
}

typedef struct patience {
    unsigned left;
} patience;

static bool impatient(void *context, uint64_t executed)
{
    patience *p = context;
    (void)executed;
    if (p->left == 0)
        return true;
    p->left--;
    return false;
}

/* Whenever a run is cancelled, the machine is as the budget that it says leaves it, and goes on from there. */
static void cancelled_is_a_budget(const uint32_t allowances[COUNT], const struct way *way)
{
    px_error error = {0};
    px_state s = {0};
    px_executor *ref = reference(), *x = opened_as(way);
    counting_slots(&s, allowances);
    for (unsigned looks = 0; looks < 12; looks++) {
        px_machine *a = NULL, *b = NULL;
        must(px_machine_create(ref, &s, &a, &error) && px_machine_create(x, &s, &b, &error), &error);
        uint64_t all = 0;
        for (int runs = 0; runs < 3; runs++) {
            patience p = {looks};
            const px_cancel cancel = {impatient, &p};
            px_stop stop;
            px_state out = {0}, expected = {0};
            char difference[300];
            must(px_run_one(b, PX_NO_BUDGET, &cancel, &stop, &error), &error);
            all += stop.executed;
            must(px_run_one(a, stop.executed, NULL, &stop, &error), &error);
            must(px_machine_read(a, &expected, &error) && px_machine_read(b, &out, &error), &error);
            assert_int_equal(out.retired, (uint32_t)all);
            if (!px_state_equal(&expected, "ref", &out, "opencl", difference, sizeof difference))
                fail_msg("%s, cancelled at look %u of run %d, after %llu instructions: %s", way->name, looks, runs,
                         (unsigned long long)stop.executed, difference);
            px_state_free(&out);
            px_state_free(&expected);
        }
        run_both(a, b, 1000, way->name);
        assert_true(all > 0);
        px_machine_drop(a, NULL);
        px_machine_drop(b, NULL);
    }
    px_state_free(&s);
    ref->ops->close(ref);
    x->ops->close(x);
}

static void test_cancel(void **state)
{
    (void)state;
    need_device();
    const uint32_t small[COUNT] = {5, 0, 1, 300, 7, 7, 40, 2, 900, 1, 33, 8};
    const uint32_t large[COUNT] = {90, 4000, 1, 0, 2500, UINT32_MAX, 7, UINT32_MAX, 100, UINT32_MAX, 5000, 12};
    const struct way short_launches[] = {{"as fleets, cancelled", "1", NULL, "500"},
                                         {"as fleets with long instructions, cancelled", "1", "1", "100"},
                                         {"in the work-group, cancelled", "0", NULL, "100"}};
    for (size_t i = 0; i < 3; i++) {
        cancelled_is_a_budget(small, &short_launches[i]);
        cancelled_is_a_budget(large, &short_launches[i]);
    }
}

/* The prefix rule at each of its edges: sums that reach the budget, miss it by one, or wrap in 32 bits. */
static void test_budgets(void **state)
{
    (void)state;
    need_device();
    const uint32_t quanta[][COUNT] = {
        {3, 4, 5, 6, 0, 2, 9, 1, 1, 30, 2, 8},
        {2, UINT32_MAX, 3, UINT32_MAX, 5, UINT32_C(0x80000000), UINT32_C(0x80000000), 4, 1, 1, 1, 1}};
    px_error error = {0};
    px_executor *ref = reference();
    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < 2; i++) {
            px_executor *x = opened_as(&ways[way]);
            px_state s = {0};
            counting_slots(&s, quanta[i]);
            for (uint64_t budget = 0; budget<160; budget += budget> 80 ? 2 : 1) {
                px_machine *a = NULL, *b = NULL;
                must(px_machine_create(ref, &s, &a, &error) && px_machine_create(x, &s, &b, &error), &error);
                run_both(a, b, budget, ways[way].name);
                run_both(a, b, 23, ways[way].name);
                px_machine_drop(a, NULL);
                px_machine_drop(b, NULL);
            }
            px_state_free(&s);
            x->ops->close(x);
        }
    ref->ops->close(ref);
}

/* Machines of one launch, each with slots of its own. */
static void test_batch(void **state)
{
    (void)state;
    need_device();
    enum { MACHINES = 40 };
    px_error error = {0};
    px_executor *ref = reference(), *x = opened();
    px_turn turns[2][MACHINES];
    memset(turns, 0, sizeof turns);
    for (uint32_t i = 0; i < MACHINES; i++) {
        rng r = {i};
        px_state s = {0};
        random_machine(&r, &s);
        must(px_machine_create(ref, &s, &turns[0][i].machine, &error), &error);
        must(px_machine_create(x, &s, &turns[1][i].machine, &error), &error);
        turns[0][i].budget = turns[1][i].budget = 20 + 7 * i;
        px_state_free(&s);
    }
    must(px_run(ref, turns[0], MACHINES, NULL, &error) && px_run(x, turns[1], MACHINES, NULL, &error), &error);
    for (uint32_t i = 0; i < MACHINES; i++) {
        assert_int_equal(turns[0][i].stop.executed, turns[1][i].stop.executed);
        run_both(turns[0][i].machine, turns[1][i].machine, 0, "in one launch");
        px_machine_drop(turns[0][i].machine, NULL);
        px_machine_drop(turns[1][i].machine, NULL);
    }
    ref->ops->close(ref);
    x->ops->close(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_batch),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
