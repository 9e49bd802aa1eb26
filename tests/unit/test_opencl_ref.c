/* test_opencl_ref.c - the OpenCL executor against the reference VM: every vector instruction at the lengths at which
 * the work is divided differently, scalar edges, classic pictures, batches, budgets. Without a device the tests are
 * skipped by name. */
#ifndef PX_HAVE_OPENCL
#include <stdio.h>
int main(void)
{
    puts("1..0 # SKIP built without OpenCL");
    return 0;
}
#else
#include "tests/unit/held.h"
#include "tests/unit/opencl_device.h"

typedef struct machines {
    px_state *at;
    size_t count, room;
} machines;

static px_state *one_more(machines *list, uint32_t profile, uint32_t w, uint32_t h)
{
    if (list->count == list->room) {
        list->room = list->room * 2 + 64;
        list->at = realloc(list->at, list->room * sizeof *list->at);
        assert_non_null(list->at);
    }
    px_state *state = &list->at[list->count++];
    *state = (px_state){0};
    assert_true(px_state_new(state, profile, w, h, NULL));
    return state;
}

static void free_machines(machines *list)
{
    for (size_t i = 0; i < list->count; i++)
        px_state_free(&list->at[i]);
    free(list->at);
    *list = (machines){0};
}

static machines copied(const machines *list)
{
    machines copy = {calloc(list->count, sizeof *list->at), list->count, list->count};
    assert_non_null(copy.at);
    for (size_t i = 0; i < list->count; i++)
        assert_true(px_state_copy(&copy.at[i], &list->at[i], NULL));
    return copy;
}

static void run_each(px_executor *x, machines *list, uint64_t budget)
{
    px_error error = {0};
    px_stop stop;
    for (size_t i = 0; i < list->count; i++)
        if (!held_load(x, &list->at[i], &error) || !held_run(x, budget, &stop, &error) ||
            !held_read(x, &list->at[i], &error))
            fail_msg("machine %zu: %s", i, error.text);
}

static void run_batch(px_executor *x, machines *list, uint64_t budget)
{
    px_error error = {0};
    px_turn *turns = calloc(list->count, sizeof *turns);
    bool ok = turns != NULL;
    for (size_t i = 0; ok && i < list->count; i++) {
        turns[i].budget = budget;
        ok = px_machine_create(x, &list->at[i], &turns[i].machine, &error);
    }
    ok = ok && px_run(x, turns, list->count, NULL, &error);
    for (size_t i = 0; ok && i < list->count; i++)
        ok = px_machine_read(turns[i].machine, &list->at[i], &error);
    if (!ok)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < list->count; i++)
        px_machine_drop(turns[i].machine, NULL);
    free(turns);
}

static void assert_same(const machines *expected, const machines *found, const char *how)
{
    char difference[256];
    for (size_t i = 0; i < expected->count; i++)
        if (!px_state_equal(&expected->at[i], "ref", &found->at[i], "opencl", difference, sizeof difference))
            fail_msg("%s, machine %zu, instruction 0x%08X, vl %u: %s", how, i, (unsigned)expected->at[i].mem[5],
                     (unsigned)expected->at[i].vl, difference);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Words in which small numbers, equal neighbours, zeros and edges are common: indices, masks, ties, saturation. */
static void fill_image(px_state *state, uint32_t seed)
{
    static const uint32_t edges[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x80808080, 0x7F7F7F7F, 0x00FF00FF};
    for (uint32_t i = 6; i < px_state_pixels(state); i++) {
        const uint32_t r = next_random(&seed);
        state->mem[i] = r % 4 == 0 ? edges[r / 4 % 8] : r % 4 == 1 ? r / 4 % 1500 : r;
    }
}

enum { RUN = 1200, SIDE = 80 }; /* four runs of up to RUN pixels in 80 x 80 */

/* The machine that executes one vector instruction: a in r10.., b in r40.., c in r70.. */
static void vector_machine(machines *list, uint8_t op, uint32_t vl, int d, int s, int t, uint32_t seed)
{
    px_state *state = one_more(list, PX_V1, SIDE, SIDE);
    fill_image(state, seed);
    state->mem[5] = px_rgba(op, 10, 40, 70);
    state->mem[6] = PX_OP_HALT;
    state->pc = 5;
    state->vl = vl;
    for (uint32_t i = 0; i < 256; i++)
        state->reg[i] = next_random(&seed) % 7;
    state->reg[10] = 100 + (uint32_t)d * RUN;
    state->reg[40] = 100 + (uint32_t)s * RUN;
    state->reg[70] = 100 + (uint32_t)t * RUN;
    if (op == PX_OP_GATHER)
        state->reg[41] = vl % 700;
    if (op == PX_OP_SCATADD)
        state->reg[11] = vl % 700;
    if (op == PX_OP_COPYS)
        state->reg[11] = state->reg[41] = 1 + seed % 2;
    if (op == PX_OP_MATMUL) {
        const uint32_t m = 1 + vl % 23, n = 1 + vl % 17, k = 1 + vl % 29;
        const uint32_t regs[9] = {100, n + 2, 100 + RUN, k, 100 + 2 * RUN, k + 1, m, n, k};
        memcpy(&state->reg[10], regs, sizeof regs);
    }
    if (op == PX_OP_REQ) {
        state->reg[70] = 0x40000000 + seed;
        state->reg[71] = seed;
        state->reg[72] = seed % 3 - 1;
    }
}

static bool is_vector(const px_opcode *op) { return op->mnemonic != NULL && op->class >= PX_CLASS_VV; }

/* Every vector instruction, in place and not, at lengths around those at which the work is divided differently. */
static void vector_machines(machines *list)
{
    static const uint32_t lengths[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 129, 511, 513, 600, 1025, RUN};
    static const int places[][3] = {{0, 1, 2}, {0, 0, 2}, {0, 1, 0}, {0, 0, 0}, {2, 1, 0}};
    uint32_t seed = 1;
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (!is_vector(op))
            continue;
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            const size_t place = i % (sizeof places / sizeof *places);
            vector_machine(list, op->number, lengths[i], places[place][0], places[place][1], places[place][2], seed++);
            vector_machine(list, op->number, lengths[i], 0, 0, 2, seed++);
        }
        vector_machine(list, op->number, RUN, 0, 1, 6, seed++); /* out of the image, where c is a run */
    }
}

/* Every pair of edge values through every scalar instruction of two operands. */
static void scalar_machines(machines *list)
{
    static const uint32_t edges[] = {0, 1, 2, 31, 32, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF};
    enum { EDGES = sizeof edges / sizeof *edges };
    for (uint32_t pair = 0; pair < EDGES * EDGES; pair++) {
        px_state *state = one_more(list, PX_V1, 32, 8);
        uint32_t at = 5;
        state->pc = at;
        state->reg[1] = edges[pair / EDGES];
        state->reg[2] = edges[pair % EDGES];
        for (uint32_t number = 0; number < 256; number++) {
            const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
            if (op->mnemonic == NULL)
                continue;
            if (op->class == PX_CLASS_ALU || op->class == PX_CLASS_DIV)
                state->mem[at++] = px_rgba(number, number, 1, 2);
            if (op->class == PX_CLASS_ALUI)
                state->mem[at++] = px_rgba(number, number, 1, edges[pair % EDGES]);
            if (op->class == PX_CLASS_BRANCH) {
                state->mem[at++] = px_rgba(number, 2, 1, 2);
                state->mem[at++] = px_rgba(PX_OP_LI, number, 1, 0);
            }
        }
    }
}

/* Classic pictures of random rows and instructions; many do nothing, some multiply over themselves. */
static void classic_machines(machines *list)
{
    uint32_t seed = 77;
    for (int i = 0; i < 300; i++) {
        const uint32_t w = 1 + next_random(&seed) % 20, h = 1 + next_random(&seed) % 20;
        px_state *state = one_more(list, PX_CLASSIC, w, h);
        for (uint32_t x = 0; x < w * h; x++)
            state->mem[x] = next_random(&seed) % 3 == 0 ? 0 : next_random(&seed);
        for (uint32_t x = 0; x < w; x++)
            state->mem[x] = px_rgba(1 + next_random(&seed) % 4, next_random(&seed) % (h + 1),
                                    next_random(&seed) % (h + 1), next_random(&seed) % (h + 1));
        for (uint32_t y = 1; y < h; y++) { /* headers of matrices that may fit */
            const uint32_t size = 1 + next_random(&seed) % 4;
            state->mem[y * w] = px_rgba(size, 0, size, 0);
        }
    }
}

static void test_against_reference(void **state)
{
    (void)state;
    need_device();
    static const struct {
        const char *group, *grid, *fuel;
    } variants[] = {{"", "", ""}, {"1", "1", "50"}, {"16", "1", ""}, {"64", "0", "3"}};
    machines start = {0};
    px_error error = {0};
    px_executor *ref;

    vector_machines(&start);
    scalar_machines(&start);
    classic_machines(&start);
    machines expected = copied(&start);
    assert_true(px_ref_driver.open(&ref, NULL, &error));
    run_each(ref, &expected, 1000);
    held_close(ref);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        char how[80];
        snprintf(how, sizeof how, "WG '%s', GRID '%s', FUEL '%s'", variants[i].group, variants[i].grid,
                 variants[i].fuel);
        setenv("PX_OPENCL_WG", variants[i].group, 1);
        setenv("PX_OPENCL_GRID", variants[i].grid, 1);
        setenv("PX_OPENCL_FUEL", variants[i].fuel, 1);
        px_executor *x = opened();
        machines found = copied(&start);
        run_batch(x, &found, 1000);
        assert_same(&expected, &found, how);
        free_machines(&found);
        held_close(x);
    }
    unsetenv("PX_OPENCL_WG");
    unsetenv("PX_OPENCL_GRID");
    unsetenv("PX_OPENCL_FUEL");
    free_machines(&expected);
    free_machines(&start);
}

/* 1,024 machines of different sizes and profiles: at once, one after the other, and in two halves of the budget. */
static void test_batch(void **state)
{
    (void)state;
    need_device();
    machines start = {0};
    uint32_t seed = 5;
    px_executor *x = opened();
    for (uint32_t i = 0; i < 1024; i++) {
        if (i % 2 == 0) {
            px_state *s = one_more(&start, PX_CLASSIC, 16 + i % 5, 16);
            s->mem[0] = px_rgba(PX_OP_C_DOT, 1, 2, 3);
            for (uint32_t k = 0; k < 4; k++) {
                s->mem[s->w + k] = next_random(&seed) & 255u;
                s->mem[2 * s->w + k] = next_random(&seed) & 255u;
            }
        } else { /* counts r1 down from i, adding to r2 */
            px_state *s = one_more(&start, PX_V1, 8 + i % 9, 4);
            s->pc = 5;
            s->mem[5] = px_rgba(PX_OP_ADD, 2, 2, 1);
            s->mem[6] = px_rgba(PX_OP_ADDI, 1, 1, 0xFF);
            s->mem[7] = px_rgba(PX_OP_BNE, 0xFE, 1, 0);
            s->reg[1] = i;
        }
    }
    machines batch = copied(&start), single = copied(&start), halves = copied(&start);
    run_batch(x, &batch, 10000);
    run_each(x, &single, 10000);
    run_batch(x, &halves, 777);
    run_batch(x, &halves, 10000 - 777);
    assert_int_equal(batch.at[1023].reg[2], 1023 * 1024 / 2);
    assert_int_equal(batch.at[1023].status, PX_HALTED);
    assert_same(&single, &batch, "batch against single");
    assert_same(&single, &halves, "in two halves");
    free_machines(&start);
    free_machines(&batch);
    free_machines(&single);
    free_machines(&halves);
    held_close(x);
}

/* A run that is cut into many launches reports what it did as a whole. */
static void test_budget(void **state)
{
    (void)state;
    need_device();
    px_state s = {0}, out = {0};
    px_stop stop;
    px_error error = {0};
    setenv("PX_OPENCL_FUEL", "100", 1);
    px_executor *x = opened();
    unsetenv("PX_OPENCL_FUEL");
    assert_true(px_state_new(&s, PX_V1, 5, 2, NULL));
    s.pc = 5;
    s.mem[5] = px_rgba(PX_OP_ADDI, 1, 1, 1);
    s.mem[6] = px_rgba(PX_OP_JMP, 0, 0xFF, 0xFF);
    s.retired = 0xFFFFFFFF;
    assert_true(held_load(x, &s, &error));
    assert_true(held_run(x, 12345, &stop, &error));
    assert_int_equal(stop.executed, 12345);
    assert_int_equal(stop.status, PX_RUNNING);
    assert_int_equal(stop.pc, 6);
    assert_true(held_run(x, 0, &stop, &error));
    assert_int_equal(stop.executed, 0);
    assert_true(held_read(x, &out, &error));
    assert_int_equal(out.reg[1], 6173);
    assert_int_equal(out.retired, 12344);
    px_state_free(&s);
    px_state_free(&out);
    held_close(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_reference),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_budget),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
