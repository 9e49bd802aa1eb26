/* session.c - see session.h. */
#include "host/session.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pxi/number.h"

/* ---- signals ---- */

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
enum { CAUGHT = sizeof caught / sizeof *caught };

static volatile sig_atomic_t interrupts;
static struct timespec first;          /* when; read and written in the handler alone */
static struct sigaction usual[CAUGHT]; /* what such a signal does otherwise */

/* timeout(1) sends its signal twice, to the process and to its group: what comes within a second is the same wish. */
static void on_signal(int number)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (interrupts == 0)
        first = now;
    interrupts = 1;
    if ((now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 < 1000)
        return;
    for (size_t i = 0; i < CAUGHT; i++)
        if (caught[i] == number)
            sigaction(number, &usual[i], NULL);
    raise(number); /* comes when this handler is done */
}

void px_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(&action.sa_mask, caught[i]);
    for (size_t i = 0; i < CAUGHT; i++)
        if (sigaction(caught[i], NULL, &usual[i]) == 0 && usual[i].sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
}

bool px_session_interrupted(void) { return interrupts != 0; }

/* ---- answers ---- */

bool px_answers_parse(px_answers *answers, const char *text, px_error *error)
{
    *answers = (px_answers){0};
    while (text != NULL && *text != '\0') {
        const bool negative = *text == '-';
        const char *end = text + negative;
        uint64_t size;
        if (!px_scan_number(&end, &size) || size > (negative ? -(int64_t)INT32_MIN : UINT32_MAX) ||
            (*end != ',' && *end != '\0')) {
            px_answers_free(answers);
            return px_fail(error, PX_E_USAGE, "answers are 32-bit numbers with commas between, found '%s'", text);
        }
        uint32_t *more = realloc(answers->value, (answers->count + 1) * sizeof *more);
        if (more == NULL) {
            px_answers_free(answers);
            return px_fail(error, PX_E_SYSTEM, "no memory for the answers");
        }
        answers->value = more;
        answers->value[answers->count++] = (uint32_t)(negative ? 0 - size : size);
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}

void px_answers_free(px_answers *answers)
{
    free(answers->value);
    *answers = (px_answers){0};
}

static bool answer(px_executor *executor, uint32_t value, px_error *error)
{
    px_state state = {0};
    if (!executor->ops->read(executor, &state, error))
        return false;
    px_state_answer(&state, value);
    const bool ok = executor->ops->load(executor, &state, error);
    px_state_free(&state);
    return ok;
}

/* ---- running ---- */

double px_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Slices that take about a quarter of a second: short enough for Ctrl-C, long enough to cost nothing. */
static uint64_t next_slice(uint64_t slice, double took)
{
    if (took < 0.1 && slice < UINT64_C(1) << 40)
        return slice * 2;
    if (took > 0.5 && slice > 1024)
        return slice / 2;
    return slice;
}

static void add_stop(px_stop *total, const px_stop *part)
{
    const uint64_t executed = total->executed + part->executed, cycles = total->cycles + part->cycles;
    *total = *part;
    total->executed = executed;
    total->cycles = cycles;
}

static bool run_slices(px_executor *executor, uint64_t budget, px_answers *answers, bool progress, px_stop *stop,
                       px_error *error)
{
    const double start = px_seconds();
    uint64_t slice = 1 << 16;
    bool shown = false, ok = true;
    *stop = (px_stop){0};
    for (;;) {
        const uint64_t left = budget - stop->executed;
        px_stop part = {0};
        const double before = px_seconds();
        ok = executor->ops->run(executor, left < slice ? left : slice, &part, error);
        if (!ok)
            break;
        add_stop(stop, &part);
        const double now = px_seconds();
        slice = next_slice(slice, now - before);
        if (progress && now - start > 1) {
            fprintf(stderr, "\r%s instructions, %.0f s ", px_grouped(stop->executed), now - start);
            shown = true;
        }
        /* SPEC.md section 3: a SYS counts before the budget does, so one that spent it stays without its answer. */
        if (part.status == PX_WAITING && stop->executed < budget && answers != NULL && answers->used < answers->count) {
            ok = answer(executor, answers->value[answers->used++], error);
            if (!ok)
                break;
            stop->status = PX_RUNNING;
            stop->value = 0;
        }
        if (stop->status != PX_RUNNING || stop->executed >= budget || interrupts)
            break;
    }
    if (shown)
        fputs("\r\033[K", stderr);
    return ok;
}

bool px_run_session(px_executor *executor, uint64_t budget, px_answers *answers, bool progress, px_stop *stop,
                    px_error *error)
{
    return run_slices(executor, budget, answers, progress && isatty(STDERR_FILENO), stop, error);
}

/* ---- words ---- */

const char *px_grouped(uint64_t n)
{
    static char buffers[8][32];
    static unsigned turn;
    char digits[24];
    char *out = buffers[turn++ % 8];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

void px_stop_text(const px_stop *stop, uint32_t width, bool interrupted, char *text, size_t size)
{
    static const char *const verb[] = {"stopped by its budget", "halted", "waiting for an answer", "trapped"};
    int at = snprintf(text, size, "%s at pc %" PRIu32 ", (%" PRIu32 ",%" PRIu32 "), after %s instruction%s",
                      interrupted && stop->status == PX_RUNNING ? "interrupted"
                      : stop->status < 4                        ? verb[stop->status]
                                                                : "in an unknown state",
                      stop->pc, stop->pc % width, stop->pc / width, px_grouped(stop->executed),
                      stop->executed == 1 ? "" : "s");
    if (at < 0 || (size_t)at >= size)
        return;
    if (stop->status == PX_TRAPPED)
        /* The text goes on about what the value is. */
        snprintf(text + at, size - (size_t)at, ": %s, %.*s (value 0x%08" PRIX32 ")", px_cause_name(stop->cause),
                 (int)strcspn(px_cause_text(stop->cause), ";"), px_cause_text(stop->cause), stop->value);
    else if (stop->status == PX_WAITING)
        snprintf(text + at, size - (size_t)at, ", for register r%" PRIu32, stop->value);
}

int px_stop_exit(const px_stop *stop) { return stop->status == PX_HALTED ? 0 : stop->status == PX_TRAPPED ? 1 : 3; }
