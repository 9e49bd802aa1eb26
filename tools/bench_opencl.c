/* bench_opencl.c - `make bench-opencl`: what the OpenCL executor does in a second, measured through the interface that
 * everyone uses. Ratios compare figures of the same run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/drivers.h"
#include "exec/machine.h"
#include "pxi/pace.h"
#include "pxi/pixel.h"
#include "wire/serial.h"

enum { COPIES = 1024, ROUNDS = 5 };

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

/* Copies of start made into turns, with a budget. */
static bool make_machines(px_executor *x, const px_state *start, px_turn *turns, size_t count, uint64_t budget,
                          px_error *error)
{
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        turns[i] = (px_turn){.budget = budget};
        ok = px_machine_create(x, start, &turns[i].machine, error);
    }
    return ok;
}

static void drop_machines(px_turn *turns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        px_machine_drop(turns[i].machine, NULL);
}

static bool run_copies(px_executor *x, px_turn *turns, bool batch, px_error *error)
{
    bool ok = true;
    for (int i = 0; ok && !batch && i < COPIES; i++)
        ok = px_run(x, &turns[i], 1, NULL, error);
    return ok && (!batch || px_run(x, turns, COPIES, NULL, error));
}

/* Seconds for all copies, made and run, the best of some rounds; every result is checked. Less than 0 after an error.
 */
static double time_copies(px_executor *x, bool batch, px_error *error)
{
    static px_turn turns[COPIES];
    px_state start = {0};
    double best = -1;
    bool ok = dot_test(&start, error);
    for (int round = 0; ok && round < ROUNDS; round++) {
        memset(turns, 0, sizeof turns);
        const double began = px_seconds();
        ok = make_machines(x, &start, turns, COPIES, PX_NO_BUDGET, error) && run_copies(x, turns, batch, error);
        const double seconds = px_seconds() - began;
        for (int i = 0; ok && i < COPIES; i++) {
            uint32_t pixel = 0;
            ok = px_get(turns[i].machine, PX_SPACE_PIXEL, 3 * 16, &pixel, 1, error) &&
                 (pixel == 300 || px_fail(error, PX_E_SYSTEM, "%s: copy %d of dot_test left %u, expected 300", x->name,
                                          i, (unsigned)pixel));
        }
        drop_machines(turns, COPIES);
        if (ok && (best < 0 || seconds < best))
            best = seconds;
    }
    px_state_free(&start);
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
    px_turn *turns = calloc(machines, sizeof *turns);
    px_state start = {0};
    bool ok = (turns != NULL || px_fail(error, PX_E_SYSTEM, "no memory for %zu machines", machines)) &&
              px_state_new(&start, PX_V1, 16, 1, error);
    double seconds = 0;
    if (ok)
        counting_loop(&start);
    ok = ok && make_machines(x, &start, turns, machines, budget, error);
    for (int round = 0; ok && round < 2; round++) { /* the first builds and warms */
        const double began = px_seconds();
        ok = px_run(x, turns, machines, NULL, error);
        seconds = px_seconds() - began;
    }
    if (ok)
        fprintf(out, "scalar code, %6zu programs    %10.1f M instructions/s\n", machines,
                (double)machines * (double)budget / seconds / 1e6);
    if (turns != NULL)
        drop_machines(turns, machines);
    px_state_free(&start);
    free(turns);
    return ok;
}

/* Rounds of RESUME over slots that count, each for quantum instructions a round. */
static bool slots_state(px_state *state, uint32_t slots, uint32_t quantum, px_error *error)
{
    enum { SIZE = 288, HEAD = 272, ROW = 1024 };
    const uint32_t first = ROW + slots, n = first + slots * SIZE;
    px_state inner = {0};
    if (!px_state_new(state, PX_V1, ROW, (n + ROW - 1) / ROW, error) || !px_state_new(&inner, PX_V1, 16, 1, error))
        return false;
    counting_loop(&inner);
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t *slot = state->mem + first + i * SIZE;
        px_state_words(&inner, slot);
        memcpy(slot + HEAD, inner.mem, 16 * sizeof *slot);
    }
    px_state_free(&inner);
    state->mem[5] = code(PX_OP_FILL, 3, 0, 4);
    state->mem[6] = code(PX_OP_RESUME, 1, 3, 0);
    state->mem[7] = code(PX_OP_JMP, 0, 0xFE, 0xFF);
    state->pc = 5;
    state->vl = slots;
    state->reg[1] = first;
    state->reg[2] = SIZE;
    state->reg[3] = ROW;
    state->reg[4] = quantum;
    return true;
}

static bool bench_slots(FILE *out, px_executor *x, uint32_t slots, uint32_t quantum, px_error *error)
{
    px_state state = {0};
    px_machine *machine = NULL;
    px_stop stop;
    const uint64_t round = (uint64_t)slots * quantum + 3;
    uint64_t rounds = 8;
    double seconds = 0;
    bool ok = slots_state(&state, slots, quantum, error) && px_machine_create(x, &state, &machine, error) &&
              px_run_one(machine, round, NULL, &stop, error);
    while (ok && seconds < 0.2) {
        const double began = px_seconds();
        rounds *= 2;
        ok = px_run_one(machine, rounds * round, NULL, &stop, error);
        seconds = px_seconds() - began;
    }
    if (ok)
        fprintf(out, "%5u slots x %4u in one program  %10.1f M instructions/s, %9.1f us a round\n", (unsigned)slots,
                (unsigned)quantum, (double)(rounds * round) / seconds / 1e6, seconds / (double)rounds * 1e6);
    px_machine_drop(machine, NULL);
    px_state_free(&state);
    return ok;
}

/* 256 characters through the serial driver, a machine for each batch; what a batch takes once its machine is there. */
static bool bench_serial(FILE *out, px_executor *x, px_error *error)
{
    enum { OPERATIONS = 256 };
    static px_turn turns[COPIES];
    uint32_t operations[OPERATIONS];
    for (uint32_t i = 0; i < OPERATIONS; i++)
        operations[i] = pxs_write(i, 1, PXS_LINE_8N1);
    const px_serial_batch batch = {.operations = operations, .count = OPERATIONS, .setup = pxs_setup(1, PXS_LINE_8N1)};
    px_picture picture = {0};
    px_state start = {0};
    double seconds = 0;
    memset(turns, 0, sizeof turns);
    bool ok = px_serial_picture(&picture, &batch, error) && px_state_load(&start, &picture, "a batch", error) &&
              make_machines(x, &start, turns, COPIES, PX_NO_BUDGET, error) && px_run(x, turns, 1, NULL, error);
    const double began = px_seconds();
    for (int i = 1; ok && i < COPIES; i++)
        ok =
            px_run(x, turns + i, 1, NULL, error) &&
            (turns[i].stop.status == PX_HALTED || px_fail(error, PX_E_SYSTEM, "%s: the serial driver failed", x->name));
    seconds = px_seconds() - began;
    if (ok)
        fprintf(out, "a batch of 256 serial operations  %8.1f us\n", seconds / (COPIES - 1) * 1e6);
    drop_machines(turns, COPIES);
    px_picture_free(&picture);
    px_state_free(&start);
    return ok;
}

/* A large image to the device and back, for the first time and again. The state is used up, as px run does it. */
static bool bench_load(FILE *out, px_executor *x, px_error *error)
{
    enum { SIDE = 7093 }; /* 201 MB */
    const uint32_t pixels = SIDE * SIDE;
    uint32_t *back = malloc(pixels * sizeof *back);
    bool ok = back != NULL || px_fail(error, PX_E_SYSTEM, "no memory for an image");
    for (uint32_t i = 0; ok && i < pixels; i++)
        back[i] = 0; /* has its pages */
    for (int again = 0; ok && again < 2; again++) {
        px_state state = {0};
        px_machine *machine = NULL;
        ok = px_state_new(&state, PX_V1, SIDE, SIDE, error);
        for (uint32_t i = PX_HEADER_PIXELS; ok && i < pixels; i++)
            state.mem[i] = i * 2654435761u;
        const double began = px_seconds();
        ok = ok && px_machine_create_from(x, &state, &machine, error);
        const double there = px_seconds();
        ok = ok && px_get(machine, PX_SPACE_PIXEL, 0, back, pixels, error);
        const double read = px_seconds();
        for (uint32_t i = PX_HEADER_PIXELS; ok && i < pixels; i++)
            ok = back[i] == i * 2654435761u || px_fail(error, PX_E_SYSTEM, "%s: an image came back changed", x->name);
        if (ok)
            fprintf(out, "an image of 201 MB, %s   load %8.1f ms, read %8.1f ms\n", again ? "again " : "at once",
                    (there - began) * 1e3, (read - there) * 1e3);
        px_machine_drop(machine, NULL);
        px_state_free(&state);
    }
    free(back);
    return ok;
}

/* MATMUL's nine registers, from 20 on: C, A and B lie where the runs do. */
static void matmul_registers(px_state *state, uint32_t length, uint32_t depth)
{
    uint32_t side = 1;
    while (side * side < length)
        side *= 2;
    const uint32_t matmul[9] = {256, side, 256 + length, depth, 256 + 2 * length, depth, side, side, depth};
    memcpy(&state->reg[20], matmul, sizeof matmul);
}

/* A loop over one vector instruction on runs of length pixels, at pixels 256, 256 + length, 256 + 2*length; for MATMUL
 * they are square matrices, of which A and B have rows of depth pixels. */
static bool bench_vector(FILE *out, px_executor *x, const char *what, uint32_t instruction, uint32_t length,
                         uint32_t depth, double steps_each, px_error *error)
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
    for (uint32_t i = 256; i < px_state_pixels(&state); i++)
        state.mem[i] = i * 2654435761u;
    matmul_registers(&state, length, depth);
    px_machine *machine = NULL;
    bool ok = px_machine_create(x, &state, &machine, error) && px_run_one(machine, 4, NULL, &stop, error);
    while (ok && seconds < 0.2) {
        const double start = px_seconds();
        count *= 2;
        ok = px_run_one(machine, 2 * count, NULL, &stop, error);
        seconds = px_seconds() - start;
        if (ok && stop.status != PX_RUNNING)
            ok = px_fail(error, PX_E_SYSTEM, "%s: the vector program stopped: %s", x->name, px_cause_text(stop.cause));
    }
    if (ok)
        fprintf(out, "%-30s  %10.3f G/s, %9.1f us each\n", what, steps_each * (double)count / seconds / 1e9,
                seconds / (double)count * 1e6);
    px_machine_drop(machine, NULL);
    px_state_free(&state);
    return ok;
}

/* large: also matrix products that only a GPU's whole device has the time for, in bytes to a side. */
static bool bench_matmuls(FILE *out, px_executor *x, bool large, px_error *error)
{
    const uint32_t code_of = code(PX_OP_MATMUL, 20, 0, 0);
    return bench_vector(out, x, "  matmul 256x256x256 of dot4", code_of, 1 << 16, 256, 0x1p24, error) &&
           (!large || (bench_vector(out, x, "  matmul 1024^3 bytes", code_of, 1 << 20, 256, 0x1p30, error) &&
                       bench_vector(out, x, "  matmul 4096^3 bytes", code_of, 1 << 24, 1024, 0x1p36, error)));
}

static bool bench_vectors(FILE *out, px_executor *x, const char *where, bool large, px_error *error)
{
    enum { M = 1 << 20 };
    static const struct {
        const char *what;
        enum px_op op;
        uint32_t a, b, c, length;
    } rows[] = {{"vadd.vv, 256", PX_OP_VADD_VV, 12, 10, 11, 256},
                {"vadd.vv, 1048576", PX_OP_VADD_VV, 12, 10, 11, M},
                {"vadd.vv, 16777216", PX_OP_VADD_VV, 12, 10, 11, 16 * M},
                {"vadd.vv in place, 1048576", PX_OP_VADD_VV, 10, 10, 11, M},
                {"baddu.vv, 1048576", PX_OP_BADDU_VV, 12, 10, 11, M},
                {"sum, 1048576", PX_OP_SUM, 1, 10, 0, M},
                {"scanadd, 1048576", PX_OP_SCANADD, 12, 10, 1, M},
                {"scanadd, 16777216", PX_OP_SCANADD, 12, 10, 1, 16 * M},
                {"argmax, 16777216", PX_OP_ARGMAX, 1, 10, 0, 16 * M}};
    bool ok = true;
    fprintf(out, "%s:\n", where);
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++) {
        char name[64];
        snprintf(name, sizeof name, "  %s pixels", rows[i].what);
        ok = bench_vector(out, x, name, code(rows[i].op, rows[i].a, rows[i].b, rows[i].c), rows[i].length, 1,
                          rows[i].length, error);
    }
    return ok && bench_matmuls(out, x, large, error);
}

/* One line a figure to out, for the device that arg names as in opencl:arg. */
static bool bench(FILE *out, const char *arg, px_error *error)
{
    px_executor *x;
    if (!px_opencl_driver.open(&x, arg, error))
        return false;
    fprintf(out, "%s, work-groups of %u for one program\n", x->name, (unsigned)x->caps.lanes);
    bool ok = bench_batch(out, x, error) && bench_scalar(out, x, 1, 20000000, error) &&
              bench_scalar(out, x, 2048, 200000, error) &&
              (x->caps.lanes == 1 ||
               (bench_scalar(out, x, 16384, 1000000, error) && bench_scalar(out, x, 131072, 1000000, error))) &&
              bench_slots(out, x, 64, 1000, error) && bench_slots(out, x, 1024, 100, error) &&
              bench_slots(out, x, 4096, 1000, error) && bench_slots(out, x, 16384, 1000, error) &&
              (x->caps.lanes == 1 || bench_slots(out, x, 131072, 1000, error)) && bench_serial(out, x, error) &&
              bench_load(out, x, error) &&
              bench_vectors(out, x, "vector instructions, long ones over the whole device", x->caps.lanes > 1, error);
    x->ops->close(x);
    if (!ok)
        return false;
    setenv("PX_OPENCL_GRID", "0", 1);
    ok = px_opencl_driver.open(&x, arg, error);
    unsetenv("PX_OPENCL_GRID");
    if (!ok)
        return false;
    ok = bench_vectors(out, x, "the same within one work-group", false, error);
    x->ops->close(x);
    return ok;
}

int main(int argc, char **argv)
{
    px_error error;
    if (bench(stdout, argc > 1 ? argv[1] : NULL, &error))
        return 0;
    fprintf(stderr, "bench-opencl: %s\n", error.text);
    return 1;
}
