/* test_fast_vector.c - the fast executor's vector instructions, at every level that this processor has, against the
 * reference VM's: all of isa.def's, on random machines, with every short length, runs that are the same, that touch,
 * and that end with the image; the whole machine is compared, traps too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pxi/pixel.h"
#include "tests/random/rng.h"
#include "vm/fast_lanes.h"
#include "vm/fast_long.h"
#include "vm/fast_pool.h"
#include "vm/fast_vector.h"

static const char *const level_names[] = {"plain", "sse2", "avx2", "avx512"};
enum { LEVELS = sizeof level_names / sizeof *level_names };

/* ---- a case: one machine before, and after by each ---- */

typedef struct trial {
    px_vm before, expected, found;
    px_insn i;
    const px_opcode *op;
} trial;

static void vm_new(px_vm *vm, uint32_t w, uint32_t h)
{
    *vm = (px_vm){.n = w * h};
    assert_true(px_state_new(&vm->s, PX_V1, w, h, NULL));
    vm->reg = vm->s.reg;
}

static void trial_new(trial *t, uint32_t w, uint32_t h)
{
    *t = (trial){0};
    vm_new(&t->before, w, h);
    vm_new(&t->expected, w, h);
    vm_new(&t->found, w, h);
}

static void trial_free(trial *t)
{
    px_state_free(&t->before.s);
    px_state_free(&t->expected.s);
    px_state_free(&t->found.s);
}

static void vm_copy(px_vm *to, const px_vm *from)
{
    uint32_t *mem = to->s.mem;
    memcpy(mem, from->s.mem, from->n * sizeof *mem);
    *to = *from;
    to->s.mem = mem;
    to->reg = to->s.reg;
}

static bool by_ref(px_vm *vm, px_insn i, unsigned class)
{
    switch (class) {
    case PX_CLASS_REDUCE:
        return px_vm_reduce(vm, i);
    case PX_CLASS_RUN:
        return px_vm_run(vm, i);
    case PX_CLASS_TENSOR:
        return px_vm_tensor(vm, i);
    default:
        return px_vm_vector_map(vm, i);
    }
}

static bool is_vector(const px_opcode *op) { return op->mnemonic != NULL && op->class >= PX_CLASS_VV; }

static void differ(const trial *t, const char *level, const char *what, uint32_t at, uint32_t expected, uint32_t found)
{
    const uint32_t *r = t->before.s.reg;
    fail_msg("%s, %s: %s %u is %#x, not %#x; vl %u, r%u %u, r%u %u, r%u %u", t->op->mnemonic, level, what, (unsigned)at,
             (unsigned)found, (unsigned)expected, (unsigned)t->before.s.vl, t->i.a, (unsigned)r[t->i.a], t->i.b,
             (unsigned)r[t->i.b], t->i.c, (unsigned)r[t->i.c]);
}

static void compare(const trial *t, const char *level, bool expected, bool found)
{
    const px_vm *x = &t->expected, *y = &t->found;
    if (memcmp(x->s.mem, y->s.mem, x->n * sizeof(uint32_t)) != 0)
        for (uint32_t k = 0; k < x->n; k++)
            if (x->s.mem[k] != y->s.mem[k])
                differ(t, level, "pixel", k, x->s.mem[k], y->s.mem[k]);
    for (uint32_t k = 0; k < 256; k++)
        if (x->s.reg[k] != y->s.reg[k])
            differ(t, level, "register", k, x->s.reg[k], y->s.reg[k]);
    if (expected != found || x->written != y->written || x->s.status != y->s.status || x->s.cause != y->s.cause ||
        x->s.value != y->s.value || x->s.vl != y->s.vl || x->s.pc != y->s.pc || x->s.retired != y->s.retired)
        differ(t, level, "the machine beside pixels and registers: cause", 0, x->s.cause, y->s.cause);
}

static size_t threads = 1; /* with more, one level is enough: parts are the same at each */

/* Whether it retires. */
static bool try(trial *t)
{
    vm_copy(&t->expected, &t->before);
    const bool retires = by_ref(&t->expected, t->i, t->op->class);
    for (size_t k = 0; k < LEVELS; k++) {
        const px_lanes *lanes = px_lanes_of(level_names[k]);
        if (lanes == NULL || strcmp(lanes->name, level_names[k]) != 0 || (threads > 1 && lanes != px_lanes_of(NULL)))
            continue;
        px_lanes_use(lanes);
        px_pool_set_threads(threads);
        vm_copy(&t->found, &t->before);
        compare(t, level_names[k], retires, px_fast_vector(&t->found, t->i, t->op->class));
    }
    return retires;
}

/* ---- random machines ---- */

enum { SIDE = 64, SLOT = 300 };

static uint32_t draw_pixel(rng *r)
{
    static const uint32_t extremes[] = {0, 1, 0x80000000, 0x7FFFFFFF, 0xFFFFFFFF, 0x80808080, 0x7F7F7F7F, 0x00FF8001};
    switch (rng_below(r, 4)) {
    case 0:
        return extremes[rng_below(r, sizeof extremes / sizeof *extremes)];
    case 1:
        return rng_below(r, SLOT);
    case 2:
        return rng_below(r, 2);
    default:
        return rng_next(r);
    }
}

static void draw_pixels(rng *r, px_vm *vm)
{
    for (uint32_t k = 0; k < vm->n; k++)
        vm->s.mem[k] = draw_pixel(r);
}

static void draw_instruction(rng *r, trial *t, const px_opcode *op)
{
    const uint8_t a = (uint8_t)rng_next(r), b = (uint8_t)rng_next(r), c = (uint8_t)rng_next(r);
    t->op = op;
    t->i = (px_insn){.word = px_rgba(op->number, a, b, c), .op = op->number, .a = a, .b = b, .c = c};
    t->before.s.status = PX_RUNNING;
    t->before.written = -1;
}

/* Bases that lie well: each of three operands in a slot of its own or in that of another, or at the image's end. */
static void draw_bases(rng *r, trial *t, uint32_t longest)
{
    uint32_t *reg = t->before.s.reg, base[3];
    const uint32_t slots = t->before.n / longest - 1;
    for (uint32_t k = 0; k < 3; k++) {
        base[k] = (rng_below(r, slots) / 3 * 3 + k) % slots * longest + rng_below(r, 17);
        if (rng_chance(r, 10))
            base[k] = t->before.n - t->before.s.vl;
    }
    if (rng_chance(r, 25))
        base[1] = base[0];
    if (rng_chance(r, 25))
        base[2] = base[rng_below(r, 2)];
    reg[t->i.c] = base[2];
    reg[t->i.b] = base[1];
    reg[t->i.a] = base[0];
}

static void draw_neighbours(rng *r, trial *t)
{
    uint32_t *reg = t->before.s.reg;
    const uint32_t most = t->op->number == PX_OP_COPYS ? 4 : SLOT;
    reg[(t->i.a + 1) & 255] = rng_below(r, most);
    reg[(t->i.b + 1) & 255] = rng_below(r, most);
    if (t->op->number == PX_OP_REQ) {
        reg[(t->i.c + 1) & 255] = rng_below(r, 40);
        reg[(t->i.c + 2) & 255] = rng_below(r, 300) - 150;
    }
}

static void draw_registers(rng *r, px_vm *vm)
{
    for (int k = 0; k < 256; k++)
        vm->s.reg[k] = draw_pixel(r);
}

static void every_short_length(void **context)
{
    enum { LONGEST = 67, TRIES = 12 };
    (void)context;
    rng r = {1};
    trial t;
    trial_new(&t, SIDE, SIDE);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        unsigned retired = 0;
        for (uint32_t k = 0; is_vector(op) && op->number != PX_OP_MATMUL && k < (LONGEST + 1) * TRIES; k++) {
            if (k % TRIES == 0)
                draw_pixels(&r, &t.before);
            draw_registers(&r, &t.before);
            draw_instruction(&r, &t, op);
            t.before.s.vl = k / TRIES;
            draw_neighbours(&r, &t);
            draw_bases(&r, &t, SLOT);
            retired += try(&t);
        }
        if (is_vector(op) && op->number != PX_OP_MATMUL && retired < LONGEST * TRIES / 4)
            fail_msg("%s: only %u of %d cases retire", op->mnemonic, retired, (LONGEST + 1) * TRIES);
    }
    trial_free(&t);
}

/* Registers and lengths without sense: most trap, in every order of the checks. */
static void wild_registers(void **context)
{
    enum { TRIES = 400 };
    (void)context;
    rng r = {2};
    trial t;
    unsigned seen[8] = {0};
    trial_new(&t, 24, 24);
    draw_pixels(&r, &t.before);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        for (uint32_t k = 0; is_vector(op) && k < TRIES; k++) {
            for (int j = 0; j < 256; j++)
                t.before.s.reg[j] = rng_chance(&r, 20)   ? rng_next(&r)
                                    : rng_chance(&r, 20) ? 576 - rng_below(&r, 20)
                                    : rng_chance(&r, 20) ? rng_below(&r, 6)
                                                         : rng_below(&r, 200);
            draw_instruction(&r, &t, op);
            t.before.s.vl = rng_chance(&r, 10) ? rng_below(&r, 577) : rng_below(&r, 70);
            for (unsigned j = 0; op->number == PX_OP_MATMUL && j < 9; j++)
                if (j % 2 == 1 || j > 5)
                    t.before.s.reg[(t.i.a + j) & 255] = rng_below(&r, 12);
            if (op->number == PX_OP_COPYS)
                draw_neighbours(&r, &t);
            try(&t);
            seen[t.expected.s.cause]++;
        }
    }
    assert_true(seen[PX_TRAP_NONE] > 5000 && seen[PX_TRAP_RANGE] > 5000 && seen[PX_TRAP_OVERLAP] > 1000);
    trial_free(&t);
}

/* ---- long runs, around the lengths at which something else is done ---- */

static void long_runs(void **context)
{
    (void)context;
    static const uint32_t lengths[] = {1023, 1024, 1025, 2049, 4096, 5000};
    rng r = {3};
    trial t;
    trial_new(&t, 256, 256);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        for (size_t k = 0; is_vector(op) && op->number != PX_OP_MATMUL && k < 2 * sizeof lengths / sizeof *lengths;
             k++) {
            if (k == 0)
                draw_pixels(&r, &t.before);
            draw_registers(&r, &t.before);
            draw_instruction(&r, &t, op);
            t.before.s.vl = lengths[k / 2];
            draw_neighbours(&r, &t);
            draw_bases(&r, &t, 21000);
            try(&t);
        }
    }
    trial_free(&t);
}

/* ---- MATMUL ---- */

/* C, A and B one behind the other with gaps, and rows that are longer than they need be. */
static void lay_product(rng *r, trial *t, uint32_t rows, uint32_t columns, uint32_t depth)
{
    uint32_t *reg = t->before.s.reg, value[9];
    value[1] = columns + rng_below(r, 3);
    value[3] = rng_chance(r, 90) ? depth + rng_below(r, 3) : rng_below(r, 3);
    value[5] = rng_chance(r, 90) ? depth + rng_below(r, 3) : rng_below(r, 3);
    value[0] = rng_below(r, 5);
    value[2] = value[0] + rows * value[1] + rng_below(r, 3);
    value[4] = value[2] + rows * value[3] + depth + rng_below(r, 3);
    value[6] = rows, value[7] = columns, value[8] = depth;
    if (rng_chance(r, 20))
        value[4] = value[2]; /* A and B may be the same */
    draw_instruction(r, t, px_opcode_of(PX_V1, PX_OP_MATMUL));
    for (unsigned k = 0; k < 9; k++)
        reg[(t->i.a + k) & 255] = value[k];
}

static void products(void **context)
{
    static const uint16_t sizes[][3] = {{48, 96, 64},   {13, 33, 257}, {12, 32, 256}, {4, 4, 600},  {1, 100, 100},
                                        {100, 1, 100},  {25, 65, 1},   {800, 5, 3},   {769, 33, 9}, {3, 70, 20},
                                        {1600, 17, 13}, {5, 200, 515}, {16, 16, 16}};
    enum { SIZES = sizeof sizes / sizeof *sizes, TRIES = 150 };
    (void)context;
    rng r = {4};
    trial t;
    trial_new(&t, 512, 256);
    for (uint32_t k = 0; k < SIZES + TRIES; k++) {
        for (uint32_t j = 0; j < t.before.n; j++) /* bytes of -128 alone are the largest sums */
            t.before.s.mem[j] = k % 4 == 0 ? 0x80808080 : k % 4 == 1 ? 0x7F7F7F7F : rng_next(&r);
        if (k < SIZES)
            lay_product(&r, &t, sizes[k][0], sizes[k][1], sizes[k][2]);
        else
            lay_product(&r, &t, rng_below(&r, 40), rng_below(&r, 75), rng_below(&r, 50));
        assert_true(try(&t));
    }
    trial_free(&t);
}

/* ---- parts of long runs and large products ---- */

enum { SPAN = PX_LONG_RUN + PX_LONG_RUN / 2 + 64, HERE = 5, THERE = SPAN + 1 };

/* The extremes stand twice in a run, within its second part or in two parts. */
static void draw_long(rng *r, px_vm *vm)
{
    uint32_t *const m = vm->s.mem;
    for (uint32_t k = 0; k < vm->n; k++) {
        const uint32_t x = rng_next(r);
        m[k] = x % 3 == 0 ? 0 : x;
    }
    m[HERE + 700000] = m[HERE + 900000] = m[THERE + 100000] = m[THERE + 1400000] = 0x7FFFFFFF;
    m[HERE + 700001] = m[HERE + 900001] = m[THERE + 100001] = m[THERE + 1400001] = 0x80000000;
}

static void runs_in_parts(void **context)
{
    (void)context;
    static const uint32_t lengths[] = {PX_LONG_RUN - 1, PX_LONG_RUN, PX_LONG_RUN + PX_LONG_RUN / 2 + 33};
    rng r = {5};
    trial t;
    trial_new(&t, 4096, 8 * SPAN / 4096);
    draw_long(&r, &t.before);
    threads = 3;
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        const bool map = op->class >= PX_CLASS_VV && op->class <= PX_CLASS_BVX; /* these take the same way in parts */
        if (!is_vector(op) || op->number == PX_OP_MATMUL || (map && (op->number & 15) != PX_WORD_SUB))
            continue;
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            /* d may be s in the second case, but where they must be apart. */
            const bool same = k == 1 && (op->shape == PX_SHAPE_MAP1 || op->shape == PX_SHAPE_MAP2);
            draw_registers(&r, &t.before);
            draw_instruction(&r, &t, op);
            t.i = (px_insn){.word = px_rgba(op->number, 10, 20, 30), .op = op->number, .a = 10, .b = 20, .c = 30};
            draw_neighbours(&r, &t);
            t.before.s.vl = lengths[k];
            t.before.s.reg[10] = HERE;
            t.before.s.reg[20] = same || (k == 1 && op->shape == PX_SHAPE_FOLD1) ? HERE : THERE;
            t.before.s.reg[30] = op->shape == PX_SHAPE_QUARTER ? rng_next(&r) : 2 * SPAN + 3;
            if (op->number == PX_OP_COPYS)
                t.before.s.reg[11] = t.before.s.reg[21] = 1;
            if (!try(&t))
                fail_msg("%s traps at length %u", op->mnemonic, (unsigned)lengths[k]);
        }
    }
    threads = 1;
    trial_free(&t);
}

static void products_in_parts(void **context)
{
    static const uint32_t sizes[][3] = {{300, 250, 300}, {31, 600, 910}, {2, 3000, 2800}, {17, 1000, 1024}};
    (void)context;
    rng r = {6};
    trial t;
    trial_new(&t, 4096, 2200);
    threads = 3;
    for (uint32_t k = 0; k < t.before.n; k++)
        t.before.s.mem[k] = rng_next(&r);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        lay_product(&r, &t, sizes[k][0], sizes[k][1], sizes[k][2]);
        assert_true(try(&t));
    }
    threads = 1;
    trial_free(&t);
}

/* A long sum of two runs in a machine of its own: whether every pixel is right. */
static void *one_long_map(void *seed)
{
    rng r = {(uintptr_t)seed};
    px_vm vm;
    bool right = true;
    vm_new(&vm, 2048, 2048);
    draw_pixels(&r, &vm);
    vm.s.vl = PX_LONG_RUN;
    vm.s.reg[1] = 2 * PX_LONG_RUN;
    vm.s.reg[2] = PX_LONG_RUN;
    const px_insn i = {.op = PX_OP_VADD_VV, .a = 1, .b = 2, .c = 3};
    for (int k = 0; right && k < 5; k++)
        right = px_fast_vector(&vm, i, PX_CLASS_VV);
    for (uint32_t k = 0; k < vm.s.vl; k++)
        right = right && vm.s.mem[2 * PX_LONG_RUN + k] == vm.s.mem[k] + vm.s.mem[PX_LONG_RUN + k];
    px_state_free(&vm.s);
    return right ? seed : NULL;
}

static void machines_side_by_side(void **context)
{
    enum { MACHINES = 3 };
    pthread_t thread[MACHINES];
    void *right;
    (void)context;
    px_pool_set_threads(3);
    for (uintptr_t k = 0; k < MACHINES; k++)
        assert_int_equal(pthread_create(&thread[k], NULL, one_long_map, (void *)(k + 1)), 0);
    for (int k = 0; k < MACHINES; k++) {
        assert_int_equal(pthread_join(thread[k], &right), 0);
        assert_non_null(right);
    }
}

/* A forked process has none of the threads that its parent started. */
static void after_fork(void **context)
{
    int status;
    (void)context;
    px_pool_set_threads(3);
    assert_non_null(one_long_map((void *)7));
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(one_long_map((void *)8) == NULL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- settings ---- */

static void settings_that_mean_nothing(void **context)
{
    px_error error = {0};
    (void)context;
    setenv("PX_FAST_SIMD", "plain", 1);
    setenv("PX_FAST_THREADS", "2", 1);
    assert_true(px_fast_vector_settings(&error));
    setenv("PX_FAST_SIMD", "sse5", 1);
    assert_false(px_fast_vector_settings(&error));
    assert_non_null(strstr(error.text, "sse5"));
    unsetenv("PX_FAST_SIMD");
    setenv("PX_FAST_THREADS", "0", 1);
    assert_false(px_fast_vector_settings(&error));
    assert_non_null(strstr(error.text, "PX_FAST_THREADS"));
    unsetenv("PX_FAST_THREADS");
}

static void levels_have_names(void **context)
{
    (void)context;
    assert_string_equal(px_lanes_of("plain")->name, "plain");
    assert_null(px_lanes_of("sse5"));
    assert_null(px_lanes_of(""));
    assert_non_null(px_lanes_of(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_length),
        cmocka_unit_test(wild_registers),
        cmocka_unit_test(long_runs),
        cmocka_unit_test(products),
        cmocka_unit_test(runs_in_parts),
        cmocka_unit_test(products_in_parts),
        cmocka_unit_test(machines_side_by_side),
        cmocka_unit_test(after_fork),
        cmocka_unit_test(settings_that_mean_nothing),
        cmocka_unit_test(levels_have_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
