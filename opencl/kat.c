/* kat.c - the known-answer test: compilers and drivers have bugs, so a kernel computes nothing for a user before it has
 * computed this. */
#include "opencl/kat.h"

#include <stdlib.h>
#include <string.h>

#include "opencl/kat_programs.h"
#include "opencl/many.h"
#include "opencl/ready.h"
#include "pxi/isa.h"

static bool kat_state(px_state *state, const px_kat *kat, px_error *error)
{
    if (!px_state_new(state, kat->profile, kat->w, kat->h, error))
        return false;
    memcpy(state->mem + (kat->profile == PX_V1 ? PX_HEADER_PIXELS : 0), kat->code, kat->code_size * sizeof *state->mem);
    if (kat->profile == PX_V1)
        state->pc = PX_HEADER_PIXELS;
    return true;
}

static const char *word_of(int profile, uint32_t instruction)
{
    const char *mnemonic = px_opcode_of(profile, (uint8_t)instruction)->mnemonic;
    return mnemonic != NULL ? mnemonic : "an instruction that there is not";
}

static bool wrong(const px_context *s, px_use use, const px_kat *kat, uint32_t instruction, const char *what,
                  uint32_t at, uint32_t found, uint32_t expected, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM,
                   "opencl:%s (%s) computes wrongly and is refused: %s left 0x%08X in %s %u, expected 0x%08X "
                   "(known-answer program '%s' of %s with work-groups of %u); try another device or driver, or look "
                   "for what else is wrong with PX_OPENCL_KAT=off",
                   s->device.as, s->device.name, word_of((int)kat->profile, instruction), (unsigned)found, what,
                   (unsigned)at, (unsigned)expected, kat->name, px_kernel_name(use), s->kernel[use].group);
}

/* How the program stopped. The instruction that is told is the one that should have trapped, or at which it stopped. */
static bool judge_end(const px_context *s, px_use use, const px_kat *kat, const px_state *state, px_error *error)
{
    const uint32_t pc = kat->status == PX_TRAPPED ? kat->pc : state->pc;
    const uint32_t at = pc < px_state_pixels(state) ? state->mem[pc] : 0xFF;
    if (state->status != kat->status)
        return wrong(s, use, kat, at, "its status, pixel", 6, state->status, kat->status, error);
    if (state->cause != kat->cause)
        return wrong(s, use, kat, at, "its cause, pixel", 7, state->cause, kat->cause, error);
    if (state->value != kat->value)
        return wrong(s, use, kat, at, "its value, pixel", 8, state->value, kat->value, error);
    return state->pc == kat->pc || wrong(s, use, kat, at, "its pc, pixel", 4, state->pc, kat->pc, error);
}

static bool judge(const px_context *s, px_use use, const px_kat *kat, const px_state *state, px_error *error)
{
    if (state->status == PX_TRAPPED && kat->status != PX_TRAPPED)
        return judge_end(s, use, kat, state, error);
    for (size_t i = 0; i < kat->answer_count; i++) {
        const px_answer a = kat->answers[i];
        const bool memory = a.at >= KAT_MEMORY;
        const uint32_t found = memory ? state->mem[a.at - KAT_MEMORY] : state->reg[a.at];
        if (found != a.value)
            return wrong(s, use, kat, a.op, memory ? "address" : "register", memory ? a.at - KAT_MEMORY : a.at, found,
                         a.value, error);
    }
    return judge_end(s, use, kat, state, error);
}

/* One machine of the test: made, and read after its run. */
typedef struct kat_machine {
    px_runner runner;
    px_state state;
    bool left_out;
} kat_machine;

static bool make(kat_machine *m, px_pool **pools, px_context *s, const px_kat *kat, px_error *error)
{
    if (!kat_state(&m->state, kat, error) ||
        !px_place_take(&m->runner.place, pools, s, px_machine_words(kat->w, kat->h), error))
        return false;
    m->runner.control = (px_control){.status = PX_RUNNING, .pc = m->state.pc};
    m->runner.budget = 100000;
    return px_place_write_state(&m->runner.place, s, &m->state, error);
}

static bool read_back(kat_machine *m, px_context *s, px_error *error)
{
    const px_place *place = &m->runner.place;
    px_u32 head[PX_M_WORDS];
    if (!px_place_read(place, s, 0, head, PX_M_WORDS, error) ||
        !px_place_read(place, s, PX_M_IMAGE(m->state.w), m->state.mem, px_state_pixels(&m->state), error))
        return false;
    m->state.pc = head[PX_M_PC];
    m->state.status = head[PX_M_STATUS];
    m->state.cause = head[PX_M_CAUSE];
    m->state.value = head[PX_M_VALUE];
    memcpy(m->state.reg, head + PX_M_REG, sizeof m->state.reg);
    return true;
}

/* Every program in one launch; where it is about fleets the one that has slots, because only a machine by itself has
 * any. */
static bool run_all(kat_machine *machines, px_context *s, px_use use, px_pool **pools, px_error *error)
{
    const bool fleets = use == PX_FLEET || use == PX_SLOT_LANES;
    const px_launch_how how = {.use = use == PX_MANY || use == PX_LANES ? PX_MANY : PX_ONE,
                               .grid = use == PX_GRID || use == PX_MMA,
                               .mma = use == PX_MMA,
                               .fleet = fleets,
                               .lanes = use == PX_SLOT_LANES};
    px_runner **runners = calloc(px_kat_count, sizeof *runners);
    px_launcher launcher = {0};
    size_t count = 0;
    uint64_t total = 0;
    bool ok = runners != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the known-answer test");
    for (size_t i = 0; ok && i < px_kat_count; i++) {
        machines[i].left_out = fleets && px_kats[i].name != px_kat_slots;
        if (machines[i].left_out)
            continue;
        runners[count++] = &machines[i].runner;
        ok = make(&machines[i], pools, s, &px_kats[i], error);
    }
    ok = ok && (use == PX_LANES ? px_many_run(&launcher, s, runners, count, 1, &how, &total, error)
                                : px_launch_run(&launcher, s, runners, count, &how, &total, error));
    px_launcher_free(&launcher);
    free(runners);
    return ok;
}

bool px_known_answers(px_context *context, px_use use, px_error *error)
{
    kat_machine *machines = calloc(px_kat_count, sizeof *machines);
    px_pool *pools = NULL;
    bool ok = (machines != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the known-answer test")) &&
              run_all(machines, context, use, &pools, error);
    for (size_t i = 0; ok && i < px_kat_count; i++)
        ok = machines[i].left_out ||
             (read_back(&machines[i], context, error) && judge(context, use, &px_kats[i], &machines[i].state, error));
    for (size_t i = 0; machines != NULL && i < px_kat_count; i++)
        px_state_free(&machines[i].state);
    px_pools_free(&pools);
    free(machines);
    return ok;
}
