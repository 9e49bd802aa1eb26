/* rtl.c - the Verilated core as an executor.
 *
 * Pixels go through the memory's back door where there is one; registers, pc, vl, N and status go through the core's
 * host port, the one that a board's link uses. The core counts a run down from a 32-bit budget; longer ones are given
 * in pieces here. A core that does not come to an end of its instruction is found out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/executor.h"
#include "pxi/number.h"
#include "sim/rtl_shim.h"

enum {
    HIDDEN_BANK = 256,
#define HIDDEN(id, number, text) HIDDEN_##id = HIDDEN_BANK + (number),
#include "rtl/micro.def"
};

typedef struct px_rtl {
    px_executor base;
    const px_rtl_model *model;
    void *core;
    uint32_t seed;
    uint32_t w, h, retired; /* what the core does not keep, or not readably */
    bool loaded;
    px_trace_fn *trace;
    void *trace_context;
} px_rtl;

static bool dead(px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "the Verilated core does not answer its host port; please report this");
}

static bool put(px_rtl *rtl, unsigned space, uint32_t address, uint32_t word, px_error *error)
{
    return rtl->model->host(rtl->core, true, space, address, &word) || dead(error);
}

static bool get(px_rtl *rtl, unsigned space, uint32_t address, uint32_t *word, px_error *error)
{
    return rtl->model->host(rtl->core, false, space, address, word) || dead(error);
}

static bool rtl_load(px_executor *executor, const px_state *state, px_error *error)
{
    px_rtl *rtl = (px_rtl *)executor;
    const uint32_t n = px_state_pixels(state);
    if (n > rtl->model->max_pixels)
        return px_fail(error, PX_E_TOO_LARGE,
                       "the image has %" PRIu32 " pixels and the Verilated core's memory %" PRIu32
                       "; use another executor",
                       n, rtl->model->max_pixels);
    rtl->loaded = false;
    rtl->model->reset(rtl->core);
    const uint32_t condition = state->profile << 16 | state->cause << 8 | state->status;
    if (!put(rtl, PX_RTL_CTL, PX_RTL_CLEAR, 0, error) || !put(rtl, PX_RTL_CTL, PX_RTL_N, n, error) ||
        !put(rtl, PX_RTL_CTL, PX_RTL_PC, state->pc, error) || !put(rtl, PX_RTL_CTL, PX_RTL_VL, state->vl, error) ||
        !put(rtl, PX_RTL_CTL, PX_RTL_STATE, condition, error) || !put(rtl, PX_RTL_REG, HIDDEN_W, state->w, error) ||
        !put(rtl, PX_RTL_REG, HIDDEN_H, state->h, error) || !put(rtl, PX_RTL_REG, HIDDEN_VALUE, state->value, error))
        return false;
    for (uint32_t i = 0; i < 256; i++)
        if (state->reg[i] != 0 && !put(rtl, PX_RTL_REG, i, state->reg[i], error))
            return false;
    if (!rtl->model->write_pixels(rtl->core, state->mem, n))
        return dead(error);
    rtl->w = state->w;
    rtl->h = state->h;
    rtl->retired = state->retired;
    rtl->loaded = true;
    return true;
}

static bool rtl_read(px_executor *executor, px_state *out, px_error *error)
{
    px_rtl *rtl = (px_rtl *)executor;
    px_rtl_pins pins;
    px_state state;
    if (!rtl->loaded)
        return px_fail(error, PX_E_USAGE, "the Verilated core was read before anything was loaded into it");
    rtl->model->pins(rtl->core, &pins);
    if (!px_state_new(&state, pins.profile, rtl->w, rtl->h, error))
        return false;
    bool ok = get(rtl, PX_RTL_REG, HIDDEN_VALUE, &state.value, error);
    for (uint32_t i = 0; i < 256 && ok; i++)
        ok = get(rtl, PX_RTL_REG, i, &state.reg[i], error);
    if (ok && !rtl->model->read_pixels(rtl->core, 0, state.mem, px_state_pixels(&state)))
        ok = dead(error);
    if (!ok) {
        px_state_free(&state);
        return false;
    }
    state.pc = pins.pc;
    state.vl = pins.vl;
    state.status = pins.status;
    state.cause = pins.cause;
    state.retired = rtl->retired;
    px_state_free(out);
    *out = state;
    return true;
}

/* ---- how long an instruction may take ---- */

/* Cycles, each at least twice what rtl/README.md has or, for the classic profile, what was seen. */
enum {
    ANY_PRICE = 20000,   /* an instruction without its elements */
    ELEMENT_PRICE = 700, /* an element of a run; REQ's is the dearest */
    DOT_PRICE = 5,       /* MATMUL: a pixel of a row of A by one of B */
    PRODUCT_PRICE = 500, /* the classic MATMUL: one product */
};

typedef struct px_matrices {
    uint64_t rows, columns, depth;
} px_matrices;

/* What a legal MATMUL can be: the elements of C are different pixels, and a row of A is inside the image. */
static uint64_t matrices_take(const px_matrices *m, uint64_t n, uint64_t price)
{
    const uint64_t elements = m->rows * m->columns, depth = m->depth < n ? m->depth : n;
    return (elements < n ? elements : n) * (ELEMENT_PRICE + price * depth);
}

static px_matrices matrices_of(px_rtl *rtl, uint32_t first)
{
    uint32_t dimension[3] = {0};
    for (unsigned i = 0; i < 3; i++)
        rtl->model->peek(rtl->core, PX_RTL_REG, (first + 6 + i) & 0xFF, &dimension[i]);
    return (px_matrices){dimension[0], dimension[1], dimension[2]};
}

/* SPEC.md section 10: a matrix's header is columns, then rows. */
static px_matrices classic_matrices(px_rtl *rtl, uint32_t instruction)
{
    const uint32_t a = instruction >> 8 & 0xFF, b = instruction >> 16 & 0xFF;
    uint32_t header[2] = {0};
    if (a < rtl->h && b < rtl->h) {
        rtl->model->peek(rtl->core, PX_RTL_PIXEL, a * rtl->w, &header[0]);
        rtl->model->peek(rtl->core, PX_RTL_PIXEL, b * rtl->w, &header[1]);
    }
    return (px_matrices){header[0] >> 16, header[1] & 0xFFFF, header[0] & 0xFFFF};
}

/* More cycles than the instruction that the core has in hand can take. Where it cannot be seen, it is taken for a
 * MATMUL as large as the image. */
static uint64_t patience(px_rtl *rtl, const px_rtl_pins *pins)
{
    const uint64_t n = (uint64_t)rtl->w * rtl->h;
    const bool v1 = pins->profile == PX_V1;
    const uint64_t plain = ANY_PRICE + ELEMENT_PRICE * (v1 ? pins->vl : (uint64_t)rtl->w);
    px_matrices matrices = {n, 1, n};
    uint32_t instruction = 0;
    if (pins->pc >= n)
        return plain;
    if (rtl->model->peek(rtl->core, PX_RTL_PIXEL, pins->pc, &instruction)) {
        if ((instruction & 0xFF) != (v1 ? PX_OP_MATMUL : PX_OP_C_MATMUL))
            return plain;
        matrices = v1 ? matrices_of(rtl, instruction >> 8) : classic_matrices(rtl, instruction);
    }
    return plain + matrices_take(&matrices, n, v1 ? DOT_PRICE : PRODUCT_PRICE);
}

/* ---- running ---- */

/* Cycles of a run that belong to no instruction: the core's START and FETCH at its beginning, and at the end of a
 * budget the DECODE that finds it spent. A run in slices has more of them, and is to count the same. */
enum { TO_START = 2, TO_STOP = 1 };

static void on_retire(void *context, uint32_t pc, uint32_t instruction, int reg, uint32_t value, uint64_t cycle)
{
    px_rtl *rtl = context;
    const px_retire retire = {pc, instruction, reg, value, cycle - TO_START};
    rtl->trace(rtl->trace_context, &retire);
}

/* One piece to its end. An instruction that takes longer than a glance is looked at, once, and then has its time. */
static bool run_piece(px_rtl *rtl, uint64_t *cycles, px_rtl_pins *pins, px_error *error)
{
    px_rtl_trace_fn *trace = rtl->trace == NULL ? NULL : on_retire;
    uint64_t allowed = PX_RTL_GLANCE;
    uint32_t seen = 0; /* the budget when an instruction was looked at; of each piece, each instruction has its own */
    while (!rtl->model->run(rtl->core, allowed, cycles, trace, rtl)) {
        rtl->model->pins(rtl->core, pins);
        if (pins->budget == seen)
            return px_fail(error, PX_E_SYSTEM,
                           "the Verilated core hangs at pc %" PRIu32 " (seed %" PRIu32 "); please report this",
                           pins->pc, rtl->seed);
        seen = pins->budget;
        allowed = patience(rtl, pins);
    }
    rtl->model->pins(rtl->core, pins);
    return true;
}

static bool rtl_run(px_executor *executor, uint64_t budget, px_stop *stop, px_error *error)
{
    px_rtl *rtl = (px_rtl *)executor;
    px_rtl_pins pins;
    if (!rtl->loaded)
        return px_fail(error, PX_E_USAGE, "the Verilated core was run before anything was loaded into it");
    memset(stop, 0, sizeof *stop);
    rtl->model->pins(rtl->core, &pins);
    while (pins.status == PX_RUNNING && stop->executed < budget) {
        const uint64_t left = budget - stop->executed;
        const uint32_t piece = left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
        if (!put(rtl, PX_RTL_CTL, PX_RTL_BUDGET, piece, error))
            return false;
        const bool ran = run_piece(rtl, &stop->cycles, &pins, error);
        stop->executed += piece - pins.budget;
        rtl->retired += piece - pins.budget;
        if (!ran)
            return false;
        stop->cycles -= pins.status == PX_RUNNING ? TO_START + TO_STOP : TO_START;
    }
    stop->status = pins.status;
    stop->cause = pins.cause;
    stop->pc = pins.pc;
    return get(rtl, PX_RTL_REG, HIDDEN_VALUE, &stop->value, error);
}

static bool rtl_start(px_rtl *rtl, const px_rtl_model *model, px_error *error)
{
    rtl->model = model;
    rtl->core = model->open(rtl->seed);
    return rtl->core != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the Verilated core");
}

/* The core without its trace port is faster, so the one with it comes in when first asked for. */
static bool rtl_trace(px_executor *executor, px_trace_fn *trace, void *context, px_error *error)
{
    px_rtl *rtl = (px_rtl *)executor;
    rtl->trace = trace;
    rtl->trace_context = context;
    if (trace == NULL || rtl->model == rtl->model->traced)
        return true;

    px_state state = {0};
    const bool loaded = rtl->loaded;
    if (loaded && !rtl_read(executor, &state, error))
        return false;
    rtl->model->close(rtl->core);
    rtl->loaded = false;
    const bool ok = rtl_start(rtl, rtl->model->traced, error) && (!loaded || rtl_load(executor, &state, error));
    px_state_free(&state);
    return ok;
}

static void rtl_close(px_executor *executor)
{
    px_rtl *rtl = (px_rtl *)executor;
    if (rtl->core != NULL)
        rtl->model->close(rtl->core);
    free(rtl);
}

static const px_executor_ops ops = {
    .load = rtl_load, .run = rtl_run, .read = rtl_read, .close = rtl_close, .trace = rtl_trace};
static const px_executor_ops untraced_ops = {.load = rtl_load, .run = rtl_run, .read = rtl_read, .close = rtl_close};

/* arg: the seed of the bits that the core wakes up with. */
static bool open_model(px_executor **executor, const px_rtl_model *model, const char *arg, px_error *error)
{
    uint64_t seed = 1;
    if (arg != NULL && !px_parse_number("seed", arg, 0, INT32_MAX, &seed, NULL))
        return px_fail(error, PX_E_USAGE, "%s:%s: the seed of the power-up state should be a number up to %" PRId32,
                       model->name, arg, INT32_MAX);
    px_rtl *rtl = calloc(1, sizeof *rtl);
    if (rtl == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the Verilated core");
    rtl->seed = (uint32_t)seed;
    if (!rtl_start(rtl, model, error)) {
        free(rtl);
        return false;
    }
    rtl->base = (px_executor){
        .ops = model->traced != NULL ? &ops : &untraced_ops, .max_pixels = model->max_pixels, .lanes = model->lanes};
    snprintf(rtl->base.name, sizeof rtl->base.name, "%s%s%s", model->name, arg == NULL ? "" : ":",
             arg == NULL ? "" : arg);
    *executor = &rtl->base;
    return true;
}

static bool rtl_open(px_executor **executor, const char *arg, px_error *error)
{
    return open_model(executor, &px_rtl_plain, arg, error);
}

const px_driver px_rtl_driver = {.open = rtl_open};

#ifndef PX_NO_LANES
static bool rtl4_open(px_executor **executor, const char *arg, px_error *error)
{
    return open_model(executor, &px_rtl_lanes, arg, error);
}

const px_driver px_rtl4_driver = {.open = rtl4_open};
#endif
