/* rtl.c - the Verilated core as an executor.
 *
 * Pixels go through the memory's back door where there is one; registers, pc, vl, N and status go through the core's
 * host port, the one that a board's link uses. A run that is to end before its budget hears STOP. A core that does not
 * come to an end of its instruction is found out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/number.h"
#include "pxi/pace.h"
#include "pxi/words.h"
#include "sim/rtl_shim.h"

enum { SPARES = 64 };

/* spare: cores of machines that were dropped, with a trace port or without. Another one takes as long to make as a
 * short program to run, so they are kept until the executor is closed. */
typedef struct px_rtl {
    px_executor base;
    const px_rtl_model *model;
    struct {
        const px_rtl_model *model;
        void *core;
    } spare[SPARES];
    size_t spares;
    uint32_t seed;
} px_rtl;

/* A machine has a core of its own. */
typedef struct rtl_machine {
    px_machine base;
    const px_rtl_model *model;
    void *core;
    uint32_t w, h;
    px_trace_fn *trace;
    void *trace_context;
    bool waves; /* are being written */
} rtl_machine;

static bool dead(px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "the Verilated core does not answer its host port; please report this");
}

static bool host_put(rtl_machine *m, unsigned space, uint32_t address, uint32_t word, px_error *error)
{
    return m->model->host(m->core, true, space, address, &word) || dead(error);
}

static bool host_get(rtl_machine *m, unsigned space, uint32_t address, uint32_t *word, px_error *error)
{
    return m->model->host(m->core, false, space, address, word) || dead(error);
}

/* ---- cores ---- */

/* A core that is to be reset before it is used; NULL where there is no memory for one. */
static void *take_core(px_rtl *rtl, const px_rtl_model *model, px_error *error)
{
    for (size_t i = rtl->spares; i-- > 0;)
        if (rtl->spare[i].model == model) {
            void *core = rtl->spare[i].core;
            rtl->spare[i] = rtl->spare[--rtl->spares];
            return core;
        }
    void *core = model->open(rtl->seed);
    if (core == NULL)
        px_fail(error, PX_E_SYSTEM, "no memory for another Verilated core");
    return core;
}

static void give_core(px_rtl *rtl, const px_rtl_model *model, void *core)
{
    if (rtl->spares == SPARES) {
        model->close(core);
        return;
    }
    rtl->spare[rtl->spares].model = model;
    rtl->spare[rtl->spares++].core = core;
}

/* ---- a machine into a core ---- */

/* A core with nothing in it: registers 0, N and the classic profile's W and H. */
static bool clear(rtl_machine *m, uint32_t w, uint32_t h, px_error *error)
{
    m->w = w;
    m->h = h;
    m->model->reset(m->core);
    return host_put(m, PX_RTL_CTL, PX_RTL_CLEAR, 0, error) && host_put(m, PX_RTL_CTL, PX_RTL_N, w * h, error) &&
           host_put(m, PX_RTL_REG, PX_RTL_HIDDEN_W, w, error) && host_put(m, PX_RTL_REG, PX_RTL_HIDDEN_H, h, error);
}

static bool load(rtl_machine *m, const px_state *state, px_error *error)
{
    if (!clear(m, state->w, state->h, error) || !host_put(m, PX_RTL_CTL, PX_RTL_PC, state->pc, error) ||
        !host_put(m, PX_RTL_CTL, PX_RTL_VL, state->vl, error) ||
        !host_put(m, PX_RTL_CTL, PX_RTL_STATE, px_flags_of(state), error) ||
        !host_put(m, PX_RTL_REG, PX_RTL_HIDDEN_VALUE, state->value, error))
        return false;
    for (uint32_t i = 0; i < 256; i++)
        if (state->reg[i] != 0 && !host_put(m, PX_RTL_REG, i, state->reg[i], error))
            return false;
    return m->model->write_pixels(m->core, 0, state->mem, px_state_pixels(state)) || dead(error);
}

static bool rtl_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    px_rtl *rtl = (px_rtl *)executor;
    rtl_machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    m->model = rtl->model;
    m->core = take_core(rtl, m->model, error);
    if (m->core != NULL && load(m, state, error)) {
        *machine = &m->base;
        return true;
    }
    if (m->core != NULL)
        m->model->close(m->core);
    free(m);
    return false;
}

static void rtl_drop(px_machine *machine)
{
    rtl_machine *m = (rtl_machine *)machine;
    if (m->waves)
        (void)m->model->wave(m->core, NULL);
    give_core((px_rtl *)machine->executor, m->model, m->core);
    free(m);
}

/* ---- words ---- */

static bool get_fields(rtl_machine *m, uint32_t words[PX_STATE_SPACE], px_error *error)
{
    px_rtl_pins pins;
    m->model->pins(m->core, &pins);
    words[PX_WORD_PC] = pins.pc;
    words[PX_WORD_VL] = pins.vl;
    words[PX_WORD_FLAGS] = (uint32_t)pins.profile << 16 | (uint32_t)pins.cause << 8 | pins.status;
    return host_get(m, PX_RTL_REG, PX_RTL_HIDDEN_VALUE, &words[PX_WORD_VALUE], error);
}

static bool rtl_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                    px_error *error)
{
    rtl_machine *m = (rtl_machine *)machine;
    uint32_t fields[PX_STATE_SPACE];
    if (space == PX_SPACE_PIXEL)
        return m->model->read_pixels(m->core, at, words, count) || dead(error);
    if (space == PX_SPACE_STATE) {
        const bool ok = get_fields(m, fields, error);
        memcpy(words, fields + at, ok ? count * sizeof *words : 0);
        return ok;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!host_get(m, PX_RTL_REG, at + i, &words[i], error))
            return false;
    return true;
}

static bool put_field(rtl_machine *m, uint32_t field, uint32_t word, px_error *error)
{
    static const unsigned place[] = {
        [PX_WORD_PC] = PX_RTL_PC, [PX_WORD_VL] = PX_RTL_VL, [PX_WORD_FLAGS] = PX_RTL_STATE};
    if (field == PX_WORD_VALUE)
        return host_put(m, PX_RTL_REG, PX_RTL_HIDDEN_VALUE, word, error);
    return host_put(m, PX_RTL_CTL, place[field], word, error);
}

static bool rtl_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                    px_error *error)
{
    rtl_machine *m = (rtl_machine *)machine;
    if (space == PX_SPACE_PIXEL)
        return m->model->write_pixels(m->core, at, words, count) || dead(error);
    for (uint32_t i = 0; i < count; i++)
        if (!(space == PX_SPACE_STATE ? put_field(m, at + i, words[i], error)
                                      : host_put(m, PX_RTL_REG, at + i, words[i], error)))
            return false;
    return true;
}

/* ---- how long an instruction may take ---- */

/* Cycles, each at least twice what rtl/README.md has or, for the classic profile, what was seen. */
enum {
    ANY_PRICE = 20000,   /* an instruction without its elements */
    ELEMENT_PRICE = 700, /* an element of a run, or a slot passed over; REQ's is the dearest */
    SLOT_PRICE = 3000,   /* a slot entered and left */
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

static px_matrices matrices_of(rtl_machine *m, uint32_t first)
{
    uint32_t dimension[3] = {0};
    for (unsigned i = 0; i < 3; i++)
        m->model->peek(m->core, PX_RTL_REG, (first + 6 + i) & 0xFF, &dimension[i]);
    return (px_matrices){dimension[0], dimension[1], dimension[2]};
}

/* SPEC.md section 10: a matrix's header is columns, then rows. */
static px_matrices classic_matrices(rtl_machine *m, uint32_t instruction)
{
    const uint32_t a = instruction >> 8 & 0xFF, b = instruction >> 16 & 0xFF;
    uint32_t header[2] = {0};
    if (a < m->h && b < m->h) {
        m->model->peek(m->core, PX_RTL_PIXEL, a * m->w, &header[0]);
        m->model->peek(m->core, PX_RTL_PIXEL, b * m->w, &header[1]);
    }
    return (px_matrices){header[0] >> 16, header[1] & 0xFFFF, header[0] & 0xFFFF};
}

/* The pixels of the image that the instruction in hand works on. */
static uint64_t pixels_of(rtl_machine *m, const px_rtl_pins *pins)
{
    uint32_t w = m->w, h = m->h;
    if (pins->nested) {
        m->model->peek(m->core, PX_RTL_REG, PX_RTL_HIDDEN_W, &w);
        m->model->peek(m->core, PX_RTL_REG, PX_RTL_HIDDEN_H, &h);
    }
    return (uint64_t)w * h;
}

/* More cycles than the core can be without an event. Where the instruction in hand cannot be seen, it is taken for a
 * MATMUL as large as the image. In all slots together an instruction may trap, which nobody sees there, either. */
static uint64_t patience(rtl_machine *m, const px_rtl_pins *pins)
{
    const uint64_t n = pixels_of(m, pins), slots = (uint64_t)m->w * m->h / PX_STATE_WORDS;
    const bool v1 = pins->profile == PX_V1;
    const uint64_t plain = ANY_PRICE + ELEMENT_PRICE * (v1 ? pins->vl : (uint64_t)m->w) + SLOT_PRICE * slots;
    px_matrices matrices = {n, 1, n};
    uint32_t instruction = 0;
    if (pins->pc >= n)
        return plain;
    if (m->model->peek(m->core, PX_RTL_PIXEL, pins->base + pins->pc, &instruction)) {
        if ((instruction & 0xFF) != (v1 ? PX_OP_MATMUL : PX_OP_C_MATMUL))
            return plain;
        matrices = v1 ? matrices_of(m, instruction >> 8) : classic_matrices(m, instruction);
    }
    return plain + matrices_take(&matrices, n, v1 ? DOT_PRICE : PRODUCT_PRICE);
}

/* ---- running ---- */

/* Cycles of a run that belong to no instruction: the core's START, FETCH and DECODE at its beginning, and at the end of
 * a budget the ADDRESS that finds it spent. A run in slices has more of them, and is to count the same. */
enum { TO_START = 3, TO_STOP = 1 };
/* Seconds from one question whether a run is to end to the next. */
#define ASK_SECONDS 0.01

/* What the turns of one run have in common. */
typedef struct rtl_run_of {
    const px_cancel *cancel;
    bool cancelled;
    uint64_t done;    /* instructions of turns and pieces that are over */
    uint64_t retired; /* what the machine in hand had retired when its piece began */
    double next;      /* when the caller is asked again */
    rtl_machine *m;   /* the machine in hand */
} rtl_run_of;

static bool asked_to_stop(void *context)
{
    rtl_run_of *run = context;
    const double now = px_seconds();
    px_rtl_pins pins;
    if (now < run->next)
        return run->cancelled;
    run->m->model->pins(run->m->core, &pins);
    run->next = now + ASK_SECONDS;
    /* Whoever wants it to end is asked on: the instruction in hand may take a minute, and the question shows life. */
    run->cancelled = px_cancelled(run->cancel, run->done + pins.retired - run->retired) || run->cancelled;
    return run->cancelled;
}

static void on_retire(void *context, int64_t slot, uint32_t pc, uint32_t instruction, int reg, uint32_t value,
                      uint64_t cycle)
{
    rtl_machine *m = ((rtl_run_of *)context)->m;
    const px_retire retire = {.slot = slot,
                              .pc = pc,
                              .instruction = instruction,
                              .reg = reg,
                              .value = value,
                              .cycle = cycle - (m->waves ? 0 : TO_START)};
    m->trace(m->trace_context, &retire);
}

/* One piece to its end. An instruction that takes longer than a glance is looked at, once, and then has its time. */
static bool run_piece(rtl_run_of *run, uint64_t *cycles, px_rtl_pins *pins, px_error *error)
{
    rtl_machine *m = run->m;
    const px_rtl_watch watch = {m->trace == NULL ? NULL : on_retire, asked_to_stop, run};
    uint64_t allowed = PX_RTL_GLANCE;
    uint64_t seen = UINT64_MAX; /* the events when the core was looked at */
    run->retired = pins->retired;
    while (!m->model->run(m->core, allowed, cycles, &watch)) {
        m->model->pins(m->core, pins);
        if (pins->events == seen)
            return px_fail(error, PX_E_SYSTEM,
                           "the Verilated core hangs at pc %" PRIu32 " (seed %" PRIu32 "); please report this",
                           pins->pc, ((px_rtl *)m->base.executor)->seed);
        seen = pins->events;
        allowed = patience(m, pins);
    }
    m->model->pins(m->core, pins);
    return true;
}

/* SYS, section 5 of SPEC.md. */
static bool answer(rtl_machine *m, uint32_t word, px_error *error)
{
    uint32_t where;
    return host_get(m, PX_RTL_REG, PX_RTL_HIDDEN_VALUE, &where, error) &&
           host_put(m, PX_RTL_REG, where & 255, word, error) &&
           host_put(m, PX_RTL_REG, PX_RTL_HIDDEN_VALUE, 0, error) &&
           host_put(m, PX_RTL_CTL, PX_RTL_STATE, m->base.profile << 16 | PX_RUNNING, error);
}

static bool tell_stop(rtl_machine *m, const px_rtl_pins *pins, px_stop *stop, px_error *error)
{
    stop->status = pins->status;
    stop->cause = pins->cause;
    stop->pc = pins->pc;
    stop->vl = pins->vl;
    if (!host_get(m, PX_RTL_REG, PX_RTL_HIDDEN_VALUE, &stop->value, error))
        return false;
    return stop->status != PX_WAITING || (host_get(m, PX_RTL_REG, stop->value & 255, &stop->request, error) &&
                                          host_get(m, PX_RTL_REG, (stop->value + 1) & 255, &stop->argument, error));
}

/* The core counts a run down from a 32-bit budget; longer ones are given in pieces. Otherwise a run is one piece: one
 * that ends in a slot leaves it and enters it again, and the cycles of a run would be those of its cuts. */
static bool run_turn(rtl_run_of *run, px_turn *turn, px_error *error)
{
    rtl_machine *m = (rtl_machine *)turn->machine;
    px_rtl_pins pins;
    px_stop *stop = &turn->stop;
    if (turn->answers && !answer(m, turn->answer, error))
        return false;
    run->m = m;
    m->model->pins(m->core, &pins);
    while (!run->cancelled && pins.status == PX_RUNNING && stop->executed < turn->budget) {
        const uint64_t left = turn->budget - stop->executed;
        const uint32_t piece = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
        if (!host_put(m, PX_RTL_CTL, PX_RTL_BUDGET, piece, error) || !run_piece(run, &stop->cycles, &pins, error))
            return false;
        stop->executed += piece - pins.budget;
        run->done += piece - pins.budget;
        stop->cycles -= pins.status == PX_RUNNING ? TO_START + TO_STOP : TO_START;
    }
    return tell_stop(m, &pins, stop, error);
}

/* A core that does not come to an end is that machine's alone. */
static bool rtl_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    rtl_run_of run = {.cancel = cancel, .next = px_seconds() + ASK_SECONDS};
    (void)executor, (void)error;
    for (size_t i = 0; i < count; i++)
        turns[i].failed = !run_turn(&run, &turns[i], &turns[i].error);
    return true;
}

/* ---- tracing ---- */

static bool save(rtl_machine *m, px_state *out, px_error *error)
{
    uint32_t words[PX_STATE_SPACE];
    if (!px_state_new(out, m->base.profile, m->w, m->h, error))
        return false;
    if (!get_fields(m, words, error) || !rtl_get(&m->base, PX_SPACE_REGISTER, 0, out->reg, 256, error) ||
        !rtl_get(&m->base, PX_SPACE_PIXEL, 0, out->mem, px_state_pixels(out), error)) {
        px_state_free(out);
        return false;
    }
    px_words_put(out, PX_SPACE_STATE, 0, words, PX_STATE_SPACE);
    return true;
}

/* The core without its trace port is faster, so the one with it comes in when first asked for. */
static bool be_traced(rtl_machine *m, px_error *error)
{
    px_rtl *rtl = (px_rtl *)m->base.executor;
    px_state state = {0};
    if (m->model == rtl->model->traced)
        return true;
    if (!save(m, &state, error))
        return false;
    void *traced = take_core(rtl, rtl->model->traced, error);
    if (traced != NULL) {
        give_core(rtl, m->model, m->core);
        m->model = rtl->model->traced;
        m->core = traced;
    }
    const bool loaded = traced != NULL && load(m, &state, error);
    px_state_free(&state);
    return loaded;
}

static bool rtl_trace(px_machine *machine, px_trace_fn *trace, void *context, px_error *error)
{
    rtl_machine *m = (rtl_machine *)machine;
    m->trace = trace;
    m->trace_context = context;
    return trace == NULL || be_traced(m, error);
}

static bool rtl_wave(px_machine *machine, const char *path, px_error *error)
{
    rtl_machine *m = (rtl_machine *)machine;
    if (path == NULL && !m->waves)
        return true;
    if (!be_traced(m, error))
        return false;
    const bool ok = m->model->wave(m->core, path);
    m->waves = ok && path != NULL;
    return ok || px_fail(error, PX_E_SYSTEM, "waveforms cannot be written to %s", path);
}

/* ---- life ---- */

static void rtl_close(px_executor *executor)
{
    px_rtl *rtl = (px_rtl *)executor;
    for (size_t i = 0; i < rtl->spares; i++)
        rtl->spare[i].model->close(rtl->spare[i].core);
    free(rtl);
}

#define UNTRACED                                                                                                       \
    .create = rtl_create, .drop = rtl_drop, .run = rtl_run, .get = rtl_get, .put = rtl_put, .close = rtl_close
static const px_executor_ops ops = {UNTRACED, .trace = rtl_trace, .wave = rtl_wave};
static const px_executor_ops untraced_ops = {UNTRACED};

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
    rtl->model = model;
    rtl->base = (px_executor){.ops = model->traced != NULL ? &ops : &untraced_ops,
                              .caps = {.max_pixels = model->max_pixels,
                                       .machines = UINT32_MAX,
                                       .total_pixels = UINT64_MAX,
                                       .lanes = model->lanes}};
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
