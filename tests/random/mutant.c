/* mutant.c - the reference VM, stepped one instruction at a time, with a fault put in before or after a step. The
 * faults are of the kinds that executors really have: ends of runs, edges of checks, wrapped register numbers, stale
 * instructions, half-saved states, rounding, counts. */
#include "tests/random/mutant.h"

#include <stdlib.h>
#include <string.h>

#include "exec/drivers.h"
#include "exec/machine.h"
#include "pxi/pixel.h"
#include "pxi/saved.h"
#include "pxi/words.h"

typedef struct mutant mutant;
typedef void fault_fn(mutant *m);

struct mutant {
    px_executor base;
    px_executor *ref;
    px_state now, before; /* the machine, and as it was one instruction ago */
    uint32_t fetched;     /* the instruction pixel of this step */
    uint32_t stale;       /* that pixel as it was before the previous instruction */
    bool has_stale, last; /* last: of the budget */
    const struct fault *fault;
};

struct fault {
    const char *name, *text;
    fault_fn *before, *after, *loaded;
};

static bool retired(const mutant *m) { return m->now.retired != m->before.retired; }
static uint32_t op_of(const mutant *m) { return px_byte(m->fetched, 0); }
static uint32_t class_of(const mutant *m)
{
    return m->now.profile == PX_V1 ? px_opcode_of(PX_V1, (uint8_t)op_of(m))->class : UINT32_MAX;
}
static uint32_t operand(const mutant *m, unsigned k) { return m->before.reg[px_byte(m->fetched, k)]; }
static bool is(const mutant *m, uint32_t op) { return m->now.profile == PX_V1 && retired(m) && op_of(m) == op; }

static void trap_instead(mutant *m, uint32_t cause, uint32_t value)
{
    px_error error;
    if (!px_state_copy(&m->now, &m->before, &error))
        return;
    m->now.status = PX_TRAPPED;
    m->now.cause = cause;
    m->now.value = value;
}

/* ---- the faults ---- */

static void sar_31(mutant *m)
{
    if (is(m, PX_OP_SARI) && px_byte(m->fetched, 3) == 31)
        m->now.reg[px_byte(m->fetched, 1)] = 0;
}

static void div_least(mutant *m)
{
    if (is(m, PX_OP_DIV) && operand(m, 2) == UINT32_C(0x80000000) && operand(m, 3) == UINT32_MAX)
        m->now.reg[px_byte(m->fetched, 1)] = 0;
}

static void lane_tail(mutant *m)
{
    if (!retired(m) || class_of(m) != PX_CLASS_VV || m->before.vl % 4 != 3)
        return;
    const uint32_t last = operand(m, 1) + m->before.vl - 1;
    m->now.mem[last] = m->before.mem[last];
}

static void touching_runs(mutant *m)
{
    if (retired(m) && class_of(m) == PX_CLASS_BVV && m->before.vl > 0 && operand(m, 2) == operand(m, 1) + m->before.vl)
        trap_instead(m, PX_TRAP_OVERLAP, operand(m, 2));
}

static void last_run(mutant *m)
{
    if (is(m, PX_OP_FILL) && m->before.vl > 0 && operand(m, 1) + m->before.vl == px_state_pixels(&m->now))
        trap_instead(m, PX_TRAP_RANGE, operand(m, 1));
}

static void trap_value(mutant *m)
{
    if (m->now.profile == PX_V1 && m->now.status == PX_TRAPPED && m->now.cause == PX_TRAP_OVERLAP &&
        class_of(m) == PX_CLASS_VX)
        m->now.value = operand(m, 1);
}

static void pack_count(mutant *m)
{
    const uint32_t a = px_byte(m->fetched, 1);
    if (is(m, PX_OP_PACK) && m->now.reg[a] == m->before.reg[a] + m->before.vl && m->before.vl > 1)
        m->now.reg[a]--;
}

static void scan_register(mutant *m)
{
    if (is(m, PX_OP_SCANMAX) && m->before.vl > 0)
        m->now.reg[px_byte(m->fetched, 3)] = m->now.mem[operand(m, 1) + m->before.vl - 1];
}

/* Registers beside r[255] are taken as r[255] itself. */
static void no_wrap(mutant *m)
{
    if (m->now.profile == PX_V1 && op_of(m) == PX_OP_GATHER && px_byte(m->fetched, 2) == 255)
        m->now.reg[0] = m->now.reg[255];
}
static void no_wrap_after(mutant *m)
{
    if (m->before.profile == PX_V1 && op_of(m) == PX_OP_GATHER && px_byte(m->fetched, 2) == 255)
        m->now.reg[0] = m->before.reg[0];
}

/* The pipeline has fetched the next instruction before a store changes it. */
static void stale_fetch(mutant *m)
{
    if (m->has_stale && m->now.pc < px_state_pixels(&m->now))
        m->now.mem[m->now.pc] = m->stale;
}
static void stale_fetch_after(mutant *m)
{
    const uint32_t pc = m->before.pc;
    if (m->has_stale && pc < px_state_pixels(&m->now) && m->now.mem[pc] == m->stale)
        m->now.mem[pc] = m->fetched;
}

static void resume_vl(mutant *m)
{
    if (m->now.status == PX_RUNNING && m->now.vl > 16)
        m->now.vl = 16;
}

static void halt_count(mutant *m)
{
    if (is(m, PX_OP_HALT))
        m->now.retired--;
}

static void sys_at_end(mutant *m)
{
    if (m->last && m->now.status == PX_WAITING) {
        m->now.status = PX_RUNNING;
        m->now.value = 0;
    }
}

static void req_halves(mutant *m)
{
    if (is(m, PX_OP_REQ) && (m->before.reg[(px_byte(m->fetched, 3) + 1) & 255u] & 31u) == 1 && m->before.vl > 0)
        m->now.mem[operand(m, 1)] &= ~UINT32_C(1);
}

static void classic_saturate(mutant *m)
{
    if (m->now.profile != PX_CLASSIC || op_of(m) != PX_OP_C_ADD)
        return;
    for (uint32_t i = 0; i < px_state_pixels(&m->now); i++)
        if (px_byte(m->now.mem[i], 0) == 255 && m->now.mem[i] != m->before.mem[i])
            m->now.mem[i] = px_with_byte(m->now.mem[i], 0, 254);
}

static void classic_dot_keeps(mutant *m)
{
    const uint32_t c = px_byte(m->fetched, 3);
    if (m->now.profile == PX_CLASSIC && op_of(m) == PX_OP_C_DOT && c < m->now.h)
        m->now.mem[c * m->now.w] &= 0xFFFF;
}

/* ---- RESUME ---- */

static bool in_resume(const mutant *m) { return m->now.profile == PX_V1 && op_of(m) == PX_OP_RESUME; }

static void slot_value(mutant *m)
{
    px_saved saved;
    for (uint32_t at = 0; in_resume(m) && at < px_state_pixels(&m->now); at++)
        if (px_saved_at(m->now.mem, px_state_pixels(&m->now), at, &saved) && saved.machine.cause == PX_TRAP_RANGE &&
            m->before.mem[at + PX_SAVED_CAUSE] == PX_TRAP_NONE)
            m->now.mem[at + PX_SAVED_VALUE] = 0;
}

static void slot_halts_free(mutant *m)
{
    const uint32_t first = operand(m, 1), size = m->before.reg[(px_byte(m->fetched, 1) + 1) & 255u];
    for (uint32_t i = 0;
         in_resume(m) && retired(m) && m->now.status == PX_RUNNING && size > PX_STATE_WORDS && i < m->before.vl; i++) {
        const uint32_t status = first + i * size + PX_SAVED_STATUS;
        if (m->before.mem[status] == PX_RUNNING && m->now.mem[status] == PX_HALTED)
            m->now.mem[operand(m, 2) + i] = m->before.mem[operand(m, 2) + i];
    }
}

static void resume_over(mutant *m)
{
    if (in_resume(m) && m->last && retired(m) && m->now.pc == m->before.pc)
        m->now.pc++;
}

static const struct fault faults[] = {
    {"sar31", "SARI by 31 gives 0", NULL, sar_31, NULL},
    {"divleast", "-2^31 / -1 gives 0", NULL, div_least, NULL},
    {"lanetail", "a word map leaves out its last pixel when vl is 3 beyond a multiple of 4", NULL, lane_tail, NULL},
    {"touching", "a byte map whose source begins where it ends traps OVERLAP", NULL, touching_runs, NULL},
    {"lastrun", "FILL up to the very last pixel traps RANGE", NULL, last_run, NULL},
    {"trapvalue", "an overlap's value is the destination's base", NULL, trap_value, NULL},
    {"packcount", "PACK counts one too few when it takes all", NULL, pack_count, NULL},
    {"scanreg", "SCANMAX leaves out the last pixel in its register", NULL, scan_register, NULL},
    {"nowrap", "GATHER's table length beside r255 is not r0", no_wrap, no_wrap_after, NULL},
    {"stale", "a store into the next instruction comes too late", stale_fetch, stale_fetch_after, NULL},
    {"resumevl", "loading a state cuts vl to 16", NULL, NULL, resume_vl},
    {"haltcount", "HALT does not count as retired", NULL, halt_count, NULL},
    {"sysbudget", "the budget counts before SYS does", NULL, sys_at_end, NULL},
    {"reqhalves", "REQ with e = 1 loses its lowest bit", NULL, req_halves, NULL},
    {"classicadd", "classic ADD stops at 254", NULL, classic_saturate, NULL},
    {"slotvalue", "a RANGE in a slot has value 0", NULL, slot_value, NULL},
    {"slothalt", "HALT in a slot takes nothing of its allowance", NULL, slot_halts_free, NULL},
    {"resumeover", "RESUME is over when the budget ends in a slot", NULL, resume_over, NULL},
    {"classicdot", "classic DOT_RGB clears B and A", NULL, classic_dot_keeps, NULL},
};

/* ---- the executor ---- */

/* It holds one machine, which is the executor's own. */
static mutant *mutant_of(const px_machine *machine) { return (mutant *)machine->executor; }

static void loaded(mutant *m)
{
    m->has_stale = false;
    if (m->fault->loaded != NULL)
        m->fault->loaded(m);
}

static bool mutant_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    mutant *m = (mutant *)executor;
    *machine = calloc(1, sizeof **machine);
    if (*machine == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a mutant");
    px_state_free(&m->now);
    m->now = *state;
    state->mem = NULL;
    loaded(m);
    return true;
}

static void mutant_drop(px_machine *machine) { free(machine); }

/* What stands after this instruction, as it was before it. */
static void remember_next(mutant *m)
{
    const uint32_t next = m->before.pc + 1;
    m->has_stale = m->fault->before == stale_fetch && m->now.pc == next && next < px_state_pixels(&m->now);
    m->stale = m->has_stale ? m->before.mem[next] : 0;
}

static bool step(mutant *m, px_stop *stop, px_error *error)
{
    const uint32_t pc = m->now.pc;
    if (!px_state_copy(&m->before, &m->now, error))
        return false;
    m->fetched = pc < px_state_pixels(&m->now) ? m->now.mem[pc] : 0;
    if (m->fault->before != NULL)
        m->fault->before(m);
    if (!px_run_state(m->ref, &m->now, 1, stop, error))
        return false;
    if (m->fault->after != NULL)
        m->fault->after(m);
    remember_next(m);
    return true;
}

static bool mutant_run(px_executor *executor, px_turn *turn, size_t count, const px_cancel *cancel, px_error *error)
{
    mutant *m = (mutant *)executor;
    const uint32_t first = m->now.retired;
    px_stop stop;
    (void)count, (void)cancel;
    if (turn->answers)
        px_state_answer(&m->now, turn->answer);
    for (uint64_t i = 0; i < turn->budget && m->now.status == PX_RUNNING; i++) {
        m->last = i + 1 == turn->budget;
        if (!step(m, &stop, error))
            return false;
    }
    turn->stop = px_stop_of(&m->now, (uint32_t)(m->now.retired - first));
    return true;
}

static bool mutant_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                       px_error *error)
{
    (void)error;
    px_words_get(&mutant_of(machine)->now, space, at, words, count);
    return true;
}

static bool mutant_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                       px_error *error)
{
    (void)error;
    px_words_put(&mutant_of(machine)->now, space, at, words, count);
    if (space == PX_SPACE_STATE)
        loaded(mutant_of(machine));
    return true;
}

static void mutant_close(px_executor *executor)
{
    mutant *m = (mutant *)executor;
    px_state_free(&m->now);
    px_state_free(&m->before);
    m->ref->ops->close(m->ref);
    free(m);
}

const char *mutant_name(size_t index) { return index < sizeof faults / sizeof *faults ? faults[index].name : NULL; }
const char *mutant_fault(size_t index) { return index < sizeof faults / sizeof *faults ? faults[index].text : NULL; }

bool mutant_open(px_executor **executor, const char *name, px_error *error)
{
    static const px_executor_ops ops = {.create = mutant_create,
                                        .drop = mutant_drop,
                                        .run = mutant_run,
                                        .get = mutant_get,
                                        .put = mutant_put,
                                        .close = mutant_close};
    size_t i = 0;
    while (mutant_name(i) != NULL && strcmp(mutant_name(i), name) != 0)
        i++;
    if (mutant_name(i) == NULL)
        return px_fail(error, PX_E_USAGE, "no mutant is called '%s'; random --mutants lists them", name);
    mutant *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a mutant");
    m->base = (px_executor){
        .ops = &ops, .caps = {.max_pixels = PX_MAX_PIXELS, .machines = 1, .total_pixels = PX_MAX_PIXELS, .lanes = 1}};
    strncpy(m->base.name, name, sizeof m->base.name - 1);
    m->fault = &faults[i];
    if (!px_ref_driver.open(&m->ref, NULL, error)) {
        free(m);
        return false;
    }
    *executor = &m->base;
    return true;
}
