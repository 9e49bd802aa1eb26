/* judge.c - a program before the executors: it assembles, each case halts, and every word that a case expects is there.
 * The first thing that is wrong with a case is told; a few cases are, so that one can see what they have in common. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "architect/architect.h"
#include "exec/machine.h"
#include "exec/run.h"
#include "pxi/asm/asm.h"

enum { MOST_TOLD = 4 };

/* ---- one case ---- */

static bool give(px_state *state, const arch_case *c, FILE *to)
{
    for (size_t i = 0; i < c->given_count; i++) {
        const arch_word *w = &c->given[i];
        if (w->pixel && w->at >= px_state_pixels(state)) {
            fprintf(to, "Case %s: pixel %" PRIu32 " is given, and your picture has %" PRIu32 " pixels.\n", c->name,
                    w->at, px_state_pixels(state));
            return false;
        }
        if (w->pixel)
            state->mem[w->at] = w->value;
        else
            state->reg[w->at] = w->value;
    }
    return true;
}

static bool as_expected(const px_state *state, const arch_case *c, FILE *to)
{
    for (size_t i = 0; i < c->expected_count; i++) {
        const arch_word *w = &c->expected[i];
        const bool there = !w->pixel || w->at < px_state_pixels(state);
        const uint32_t found = !there ? 0 : w->pixel ? state->mem[w->at] : state->reg[w->at];
        if (there && found == w->value)
            continue;
        fprintf(to, "Case %s: %s%" PRIu32, c->name, w->pixel ? "pixel " : "r", w->at);
        if (there)
            fprintf(to, " is %" PRId32 " (0x%08" PRIX32 "), expected %" PRId32 " (0x%08" PRIX32 ").\n", (int32_t)found,
                    found, (int32_t)w->value, w->value);
        else
            fprintf(to, " is outside your picture.\n");
        return false;
    }
    return true;
}

/* *good: the case is as it should be. false: the executor failed. */
static bool run_case(const arch_task *task, const arch_case *c, const px_picture *picture, px_executor *executor,
                     bool *good, FILE *to, px_error *error)
{
    px_state state = {0};
    px_stop stop;
    char text[256];
    *good = false;
    if (!px_state_load(&state, picture, "the program", error))
        return false;
    bool ok = true;
    if (give(&state, c, to)) {
        ok = px_run_state(executor, &state, task->budget, &stop, error);
        if (ok && stop.status != PX_HALTED) {
            px_stop_text(&stop, picture->w, false, text, sizeof text);
            fprintf(to, "Case %s: it %s; it must end with halt.\n", c->name, text);
        } else if (ok) {
            *good = as_expected(&state, c, to);
        }
    }
    px_state_free(&state);
    return ok;
}

/* ---- all ---- */

static bool run_cases(const arch_task *task, const px_picture *picture, px_executor *executor, bool *passed, FILE *to,
                      px_error *error)
{
    size_t wrong = 0;
    for (size_t i = 0; i < task->case_count && wrong < MOST_TOLD; i++) {
        bool good;
        if (!run_case(task, &task->cases[i], picture, executor, &good, to, error))
            return false;
        wrong += !good;
    }
    *passed = wrong == 0;
    if (wrong == MOST_TOLD)
        fputs("Other cases were not run any more.\n", to);
    return true;
}

/* The text is the model's: it includes no files but those that are built in. */
static bool judge(const arch_task *task, px_executor *executor, const char *source, bool *passed, FILE *to,
                  px_error *error)
{
    px_assembly assembly;
    const px_asm_options options = {.max_pixels = 1 << 22};
    *passed = false;
    bool ok = true;
    if (*source == '\0') {
        fputs("There is no program in it: write one in a block that begins with ```pxa and ends with ```.\n", to);
        return true;
    }
    if (!px_assemble(&assembly, "program.pxa", source, strlen(source), &options)) {
        fputs("It does not assemble:\n", to);
        px_assembly_print(to, &assembly, false);
    } else if (assembly.profile != PX_V1) {
        fputs("It is a program of the classic profile; expected v1.\n", to);
    } else {
        ok = run_cases(task, &assembly.picture, executor, passed, to, error);
    }
    px_assembly_free(&assembly);
    if (ok && *passed)
        fprintf(to, "All %zu cases are right.\n", task->case_count);
    return ok;
}

bool arch_judge(arch_verdict *verdict, const arch_task *task, px_executor *executor, const char *source,
                px_error *error)
{
    size_t size;
    *verdict = (arch_verdict){0};
    FILE *to = open_memstream(&verdict->text, &size);
    if (to == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a verdict");
    const bool ok = judge(task, executor, source, &verdict->passed, to, error);
    if (fclose(to) == 0 && ok)
        return true;
    free(verdict->text);
    verdict->text = NULL;
    return ok ? px_fail(error, PX_E_SYSTEM, "no memory for a verdict") : false;
}
