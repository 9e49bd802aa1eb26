/* run.c - see run.h. */
#include "exec/run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pxi/number.h"
#include "pxi/pace.h"

/* ---- signals ---- */

static const int caught[] = {SIGINT /* the first */, SIGTERM, SIGHUP};
enum { CAUGHT = sizeof caught / sizeof *caught };

static volatile sig_atomic_t interrupts;
static struct timespec first;          /* when; read and written in the handler alone */
static struct sigaction usual[CAUGHT]; /* what such a signal does otherwise */
static void (*last_wish)(void);

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
    if (last_wish != NULL)
        last_wish();
    for (size_t i = 0; i < CAUGHT; i++)
        if (caught[i] == number)
            sigaction(number, &usual[i], NULL);
    raise(number); /* comes when this handler is done */
}

void px_signals_end_waits(void)
{
    for (size_t i = 0; i < CAUGHT && interrupts == 0; i++) {
        struct sigaction action;
        if (sigaction(caught[i], NULL, &action) != 0 || action.sa_handler != on_signal)
            continue;
        action.sa_flags &= ~SA_RESTART;
        sigaction(caught[i], &action, NULL);
    }
}

/* The first so many. */
static void catch_first(size_t count)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(&action.sa_mask, caught[i]);
    for (size_t i = 0; i < count; i++)
        if (sigaction(caught[i], NULL, &usual[i]) == 0 && usual[i].sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
}

void px_catch_signals(void) { catch_first(CAUGHT); }

void px_catch_interrupts(void) { catch_first(1); }

void px_forget_signals(void) { interrupts = 0; }

bool px_interrupted(void) { return interrupts != 0; }

void px_interrupt(void) { interrupts = 1; }

void px_before_signal_ends(void (*restore)(void)) { last_wish = restore; }

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

static px_answered next_answer(void *context, px_machine *machine, const px_stop *stop, uint64_t executed,
                               uint32_t *word, px_error *error)
{
    px_answers *answers = context;
    (void)machine, (void)stop, (void)executed, (void)error;
    if (answers->used == answers->count)
        return PX_UNANSWERED;
    *word = answers->value[answers->used++];
    return PX_ANSWERED;
}

static void first_answer(void *context) { ((px_answers *)context)->used = 0; }

px_answerer px_scripted(px_answers *answers)
{
    return (px_answerer){.answer = next_answer, .begin = first_answer, .context = answers};
}

/* ---- running ---- */

/* Gives the turn its answer, if there is one. */
static bool answer(px_turn *turn, const px_answerer *answerer, uint64_t executed, px_error *error)
{
    const px_answered how =
        answerer->answer(answerer->context, turn->machine, &turn->stop, executed, &turn->answer, error);
    turn->answers = how == PX_ANSWERED;
    return how != PX_ANSWER_FAILED;
}

bool px_run_answered(px_machine *machine, uint64_t budget, const px_answerer *answerer, const px_cancel *cancel,
                     px_stop *total, px_error *error)
{
    px_turn turn = {.machine = machine};
    *total = (px_stop){0};
    if (answerer != NULL && answerer->begin != NULL)
        answerer->begin(answerer->context);
    do {
        turn.budget = budget - total->executed;
        if (!px_run(machine->executor, &turn, 1, cancel, error))
            return false;
        if (turn.failed) {
            *error = turn.error;
            return false;
        }
        const uint64_t executed = total->executed + turn.stop.executed, cycles = total->cycles + turn.stop.cycles;
        *total = turn.stop;
        total->executed = executed;
        total->cycles = cycles;
        turn.answers = false;
        /* SPEC.md section 3: a SYS counts before the budget does, so one that spent it stays without its answer. */
        if (total->status == PX_WAITING && executed < budget && answerer != NULL && interrupts == 0 &&
            !answer(&turn, answerer, executed, error))
            return false;
    } while (turn.answers);
    return true;
}

typedef struct watch {
    bool progress, shown;
    double start, next; /* next: time to show the count */
    uint64_t before;    /* instructions of earlier turns */
    px_answerer of;     /* whose answers are passed on, with the count of instructions noted */
} watch;

static bool watching(void *context, uint64_t executed)
{
    watch *w = context;
    const double now = w->progress ? px_seconds() : 0;
    if (w->progress && now > w->next) {
        fprintf(stderr, "\r%s instructions, %.0f s ", px_grouped(w->before + executed), now - w->start);
        w->next = now + 0.2;
        w->shown = true;
    }
    if (w->of.meanwhile != NULL)
        w->of.meanwhile(w->of.context);
    return interrupts != 0;
}

static px_answered watched_answer(void *context, px_machine *machine, const px_stop *stop, uint64_t executed,
                                  uint32_t *word, px_error *error)
{
    watch *w = context;
    w->before = executed;
    return w->of.answer == NULL ? PX_UNANSWERED : w->of.answer(w->of.context, machine, stop, executed, word, error);
}

bool px_run_answering(px_machine *machine, uint64_t budget, const px_answerer *answerer, bool progress, px_stop *stop,
                      px_error *error)
{
    const double start = px_seconds();
    watch w = {.progress = progress && isatty(STDERR_FILENO), .start = start, .next = start + 1};
    const px_cancel cancel = {watching, &w};
    const px_answerer watched = {.answer = watched_answer, .context = &w};
    if (answerer != NULL) {
        w.of = *answerer;
        if (w.of.begin != NULL)
            w.of.begin(w.of.context);
    }
    const bool ok = px_run_answered(machine, budget, &watched, &cancel, stop, error);
    if (w.shown)
        fputs("\r\033[K", stderr);
    return ok;
}

bool px_run_to_state(px_executor *executor, const px_state *start, uint64_t budget, const px_answerer *answerer,
                     bool progress, px_state *end, px_stop *stop, px_error *error)
{
    px_machine *machine;
    if (!px_machine_create(executor, start, &machine, error))
        return false;
    const bool ok =
        px_run_answering(machine, budget, answerer, progress, stop, error) && px_machine_read(machine, end, error);
    px_machine_drop(machine, NULL);
    return ok;
}

/* ---- words ---- */

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
