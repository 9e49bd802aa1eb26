/* bench.c - what the OpenCL executor does in a second, measured through the interface that everyone uses. */
#include "opencl/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pxi/executor.h"
#include "pxi/pixel.h"

enum { COPIES = 1024, ROUNDS = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t code(enum px_op op, uint32_t a, uint32_t b, uint32_t c) { return px_rgba((uint32_t)op, a, b, c); }

/* dot_test of SPEC.md section 10: (1, 2, 3, 4) . (10, 20, 30, 40) = 300. */
static bool dot_test(px_state *state, px_error *error)
{
    if (!px_state_new(state, PX_CLASSIC, 16, 16, error))
        return false;
    state->mem[0] = code(PX_OP_C_DOT, 1, 2, 3);
    for (uint32_t i = 0; i < 4; i++) {
        state->mem[16 + i] = i + 1;
        state->mem[32 + i] = 10 * (i + 1);
    }
    return true;
}

static bool one_by_one(px_executor *x, px_state *states, px_error *error)
{
    px_stop stop;
    for (int i = 0; i < COPIES; i++)
        if (!x->ops->load(x, &states[i], error) || !x->ops->run(x, PX_NO_BUDGET, &stop, error) ||
            !x->ops->read(x, &states[i], error))
            return false;
    return true;
}

/* Seconds for all copies, the best of some rounds; every result is checked. Less than 0 after an error. */
static double time_copies(px_executor *x, bool batch, px_error *error)
{
    px_state states[COPIES] = {0};
    double best = -1;
    bool ok = true;
    for (int round = 0; ok && round < ROUNDS; round++) {
        for (int i = 0; ok && i < COPIES; i++) {
            px_state_free(&states[i]);
            ok = dot_test(&states[i], error);
        }
        const double start = now();
        ok = ok && (batch ? x->ops->run_many(x, states, COPIES, PX_NO_BUDGET, error) : one_by_one(x, states, error));
        const double seconds = now() - start;
        for (int i = 0; ok && i < COPIES; i++)
            if (states[i].mem[3 * 16] != 300)
                ok = px_fail(error, PX_E_SYSTEM, "%s: copy %d of dot_test left %u, expected 300", x->name, i,
                             (unsigned)states[i].mem[3 * 16]);
        if (ok && (best < 0 || seconds < best))
            best = seconds;
    }
    for (int i = 0; i < COPIES; i++)
        px_state_free(&states[i]);
    return ok ? best : -1;
}

static bool bench_batch(FILE *out, px_executor *x, px_error *error)
{
    const double batch = time_copies(x, true, error), single = batch < 0 ? -1 : time_copies(x, false, error);
    if (single < 0)
        return false;
    fprintf(out, "dot_test, %d copies at once   %10.0f programs/s\n", COPIES, COPIES / batch);
    fprintf(out, "dot_test, %d launches         %10.0f programs/s\n", COPIES, COPIES / single);
    fprintf(out, "one batch against launches      %10.1f times as fast\n", single / batch);
    return true;
}

/* r1 counts to the end of the budget; at address 5. */
static void counting_loop(px_state *state)
{
    state->mem[5] = code(PX_OP_ADDI, 1, 1, 1);
    state->mem[6] = code(PX_OP_XOR, 2, 2, 1);
    state->mem[7] = code(PX_OP_ADD, 3, 3, 2);
    state->mem[8] = code(PX_OP_JMP, 0, 0xFD, 0xFF);
    state->pc = 5;
}

static bool bench_scalar(FILE *out, px_executor *x, size_t machines, uint64_t budget, px_error *error)
{
    px_state *states = calloc(machines, sizeof *states);
    px_stop stop;
    bool ok = states != NULL || px_fail(error, PX_E_SYSTEM, "no memory for %zu machines", machines);
    double seconds = 0;
    for (size_t i = 0; ok && i < machines; i++) {
        ok = px_state_new(&states[i], PX_V1, 16, 1, error);
        if (ok)
            counting_loop(&states[i]);
    }
    for (int round = 0; ok && round < 2; round++) { /* the first builds and warms */
        const double start = now();
        ok = machines == 1 ? x->ops->load(x, &states[0], error) && x->ops->run(x, budget, &stop, error)
                           : x->ops->run_many(x, states, machines, budget, error);
        seconds = now() - start;
    }
    if (ok)
        fprintf(out, "scalar code, %4zu programs      %10.1f M instructions/s\n", machines,
                (double)machines * (double)budget / seconds / 1e6);
    for (size_t i = 0; states != NULL && i < machines; i++)
        px_state_free(&states[i]);
    free(states);
    return ok;
}

/* A loop over one vector instruction on runs of length pixels, at pixels 256, 256 + length, 256 + 2*length. */
static bool bench_vector(FILE *out, px_executor *x, const char *what, uint32_t instruction, uint32_t length,
                         double steps_each, px_error *error)
{
    px_state state = {0};
    px_stop stop;
    double seconds = 0;
    uint64_t count = 16;
    if (!px_state_new(&state, PX_V1, 1024, 3 * (length / 1024) + 1, error))
        return false;
    state.mem[5] = instruction;
    state.mem[6] = code(PX_OP_JMP, 0, 0xFF, 0xFF);
    state.pc = 5;
    state.vl = length;
    for (uint32_t i = 0; i < 3; i++)
        state.reg[10 + i] = 256 + i * length;
    /* MATMUL's nine registers: 256 x 256 times 256 x 256 */
    const uint32_t matmul[9] = {256, 256, 256 + length, 256, 256 + 2 * length, 256, 256, 256, 256};
    memcpy(&state.reg[20], matmul, sizeof matmul);
    bool ok = x->ops->load(x, &state, error) && x->ops->run(x, 4, &stop, error);
    while (ok && seconds < 0.2) {
        const double start = now();
        count *= 2;
        ok = x->ops->run(x, 2 * count, &stop, error);
        seconds = now() - start;
        if (ok && stop.status != PX_RUNNING)
            ok = px_fail(error, PX_E_SYSTEM, "%s: the vector program stopped: %s", x->name, px_cause_text(stop.cause));
    }
    if (ok)
        fprintf(out, "%-30s  %10.3f G/s, %9.1f us each\n", what, steps_each * (double)count / seconds / 1e9,
                seconds / (double)count * 1e6);
    px_state_free(&state);
    return ok;
}

static bool bench_vectors(FILE *out, px_executor *x, const char *where, px_error *error)
{
    enum { LONG = 1 << 20, SHORT = 256, MATRIX = 1 << 16 };
    char name[64];
    fprintf(out, "%s:\n", where);
    bool ok = bench_vector(out, x, "  vadd.vv, 256 pixels", code(PX_OP_VADD_VV, 12, 10, 11), SHORT, SHORT, error);
    for (int big = 0; ok && big < 2; big++) {
        const uint32_t length = big ? 16 * LONG : LONG;
        snprintf(name, sizeof name, "  vadd.vv, %u pixels", (unsigned)length);
        ok = bench_vector(out, x, name, code(PX_OP_VADD_VV, 12, 10, 11), length, length, error);
    }
    return ok &&
           bench_vector(out, x, "  vadd.vv in place, 1048576", code(PX_OP_VADD_VV, 10, 10, 11), LONG, LONG, error) &&
           bench_vector(out, x, "  baddu.vv, 1048576", code(PX_OP_BADDU_VV, 12, 10, 11), LONG, LONG, error) &&
           bench_vector(out, x, "  sum, 1048576", code(PX_OP_SUM, 1, 10, 0), LONG, LONG, error) &&
           bench_vector(out, x, "  scanadd, 1048576", code(PX_OP_SCANADD, 12, 10, 1), LONG, LONG, error) &&
           bench_vector(out, x, "  matmul 256x256x256 of dot4", code(PX_OP_MATMUL, 20, 0, 0), MATRIX, 256.0 * 256 * 256,
                        error);
}

bool px_opencl_bench(FILE *out, const char *arg, px_error *error)
{
    px_executor *x;
    if (!px_opencl_driver.open(&x, arg, error))
        return false;
    fprintf(out, "%s, work-groups of %u for one program\n", x->name, (unsigned)x->lanes);
    bool ok = bench_batch(out, x, error) && bench_scalar(out, x, 1, 20000000, error) &&
              bench_scalar(out, x, 2048, 200000, error) &&
              bench_vectors(out, x, "vector instructions, long ones over the whole device", error);
    x->ops->close(x);
    if (!ok)
        return false;
    setenv("PX_OPENCL_GRID", "0", 1);
    ok = px_opencl_driver.open(&x, arg, error);
    unsetenv("PX_OPENCL_GRID");
    if (!ok)
        return false;
    ok = bench_vectors(out, x, "the same within one work-group", error);
    x->ops->close(x);
    return ok;
}
