/* fleet.c - see fleet.h.
 *
 * Executors are processes, because drivers have crashes and locks of their own: what one of them takes with it is given
 * to the others. They share one word for each program, which says whose it is or what came of it, and take from it
 * what is free, so a fast executor does more than a slow one. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "host/fleet.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/files.h"
#include "pxi/number.h"
#include "pxi/pace.h"
#include "pxi/png/picture_file.h"

/* A program's word: one of these, or the number of the executor that has it behind them. TRIES times an executor is lost
 * with a program before that is thought to be the program's fault. */
enum { FREE, BEFORE, HALTED, TRAPPED, STOPPED, REFUSED, FAILED, TAKEN, TRIES = 2 };
enum { OWN_BATCH = 256, MOST_PIXELS = 1 << 24 };

typedef struct shared {
    atomic_bool stop, full, absent;
    atomic_ullong executed, ended;
    pid_t parent;
    atomic_uint word[]; /* of each program; then how often an executor was lost with it */
} shared;

/* One executor at work. */
typedef struct worker {
    const px_fleet_order *order;
    shared *s;
    unsigned mine; /* TAKEN + its number */
    px_executor *executor;
    size_t *index; /* of the programs of its batch, and their turns */
    px_turn *turns;
    size_t count, most;
    px_error trouble; /* that the executor had, and no program need be the reason of */
} worker;

static void wait_a_moment(void) { nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL); }

static bool to_stop(const shared *s) { return atomic_load(&s->stop) || px_interrupted() || getppid() != s->parent; }

static bool asked(void *context, uint64_t executed)
{
    (void)executed;
    return to_stop(context);
}

static void say(const px_fleet_order *order, size_t i, const char *text)
{
    const char *file = order->programs->at[i].file;
    if (strstr(text, file) != NULL)
        fprintf(stderr, "px fleet: %s\n", text);
    else
        fprintf(stderr, "px fleet: %s: %s\n", file, text);
}

static void settle(const worker *w, size_t i, unsigned what)
{
    atomic_store(&w->s->word[i], what);
    atomic_fetch_add(&w->s->ended, 1);
}

/* ---- a batch ---- */

/* The device did not do what it was asked: the program is free for another try, unless it had one. */
static void give_up(worker *w, size_t i, const px_error *error)
{
    w->trouble = *error;
    if (atomic_fetch_add(&w->s->word[w->order->programs->count + i], 1) + 1 < TRIES) {
        atomic_store(&w->s->word[i], FREE);
        return;
    }
    say(w->order, i, error->text);
    settle(w, i, FAILED);
}

/* A case whose file must be refused: read and error are what became of it. */
static void refuse(worker *w, size_t i, bool read, const px_error *error)
{
    const bool refused = !read && error->code != PX_E_SYSTEM;
    if (!refused)
        say(w->order, i, read ? "was to be refused, and was loaded" : error->text);
    settle(w, i, refused ? REFUSED : FAILED);
}

/* The program becomes a machine of the batch, or has failed. */
static uint32_t load(worker *w, size_t i)
{
    px_error error = {0};
    px_state state = {0};
    const px_fleet_program *one = &w->order->programs->at[i];
    px_turn *turn = &w->turns[w->count];
    *turn = (px_turn){.budget = one->budget};
    const bool read = one->expected != NULL ? px_state_read(&state, one->file, &error)
                                            : px_read_program(&state, one->file, NULL, &error);
    if (one->expected != NULL && *one->expected == '\0') {
        refuse(w, i, read, &error);
        px_state_free(&state);
        return 0;
    }
    const uint32_t pixels = read ? px_state_pixels(&state) : 0;
    const bool ok = read && px_machine_create_from(w->executor, &state, &turn->machine, &error);
    px_state_free(&state);
    if (ok) {
        w->index[w->count++] = i;
        return pixels;
    }
    if (w->executor->lost.code != PX_OK) {
        atomic_store(&w->s->word[i], FREE);
        return 0;
    }
    if (read && error.code == PX_E_SYSTEM) {
        give_up(w, i, &error);
        return 0;
    }
    say(w->order, i, error.text);
    settle(w, i, FAILED);
    return 0;
}

/* Takes free programs; cursor is where it last found one. */
static void take(worker *w, size_t *cursor)
{
    const size_t n = w->order->programs->count;
    uint64_t pixels = 0;
    for (size_t seen = 0; seen < n && w->count < w->most && pixels < MOST_PIXELS; seen++) {
        const size_t i = *cursor;
        unsigned is = FREE;
        *cursor = (i + 1) % n;
        if (!atomic_compare_exchange_strong(&w->s->word[i], &is, w->mine))
            continue;
        seen = 0;
        pixels += load(w, i);
        if (to_stop(w->s) || w->executor->lost.code != PX_OK || w->trouble.code != PX_OK)
            break;
    }
}

/* A result on its way from the device. */
typedef struct fetching {
    px_rows rows;
    bool failed; /* there, and not where it is written */
} fetching;

static bool fetch(void *context, uint32_t y, uint32_t count, uint32_t *px, px_error *error)
{
    fetching *f = context;
    f->failed = !f->rows.get(f->rows.context, y, count, px, error);
    return !f->failed;
}

/* What is at the other name is of an earlier run, which ended otherwise. */
static bool write_result(worker *w, const px_turn *turn, size_t i, bool image)
{
    char path[4096], other[4096];
    px_error error = {0};
    px_view view;
    fetching f = {0};
    const char *result = w->order->programs->at[i].result;
    snprintf(path, sizeof path, "%s%s.png", result, image ? "" : ".state");
    snprintf(other, sizeof other, "%s%s.png", result, image ? ".state" : "");
    f.failed = !px_machine_rows(turn->machine, image, &view, &f.rows, &error);
    const px_rows rows = {f.rows.w, f.rows.h, fetch, &f};
    if (!f.failed && px_rows_write(&rows, path, &error)) {
        unlink(other);
        return true;
    }
    if (f.failed) {
        give_up(w, i, &error);
        return false;
    }
    say(w->order, i, error.text);
    atomic_store(&w->s->word[i], FREE);
    atomic_store(&w->s->full, true);
    atomic_store(&w->s->stop, true);
    return false;
}

static void end_one(worker *w, px_turn *turn, size_t i)
{
    const uint32_t status = turn->stop.status;
    const bool image = status == PX_HALTED && w->order->programs->at[i].expected == NULL;
    const bool cut = status == PX_RUNNING && to_stop(w->s);
    if (turn->failed && turn->error.code == PX_E_SYSTEM) {
        give_up(w, i, &turn->error);
    } else if (turn->failed) {
        say(w->order, i, turn->error.text);
        settle(w, i, FAILED);
    } else if (cut) {
        atomic_store(&w->s->word[i], FREE);
    } else if (!w->order->writes || write_result(w, turn, i, image)) {
        atomic_fetch_add(&w->s->executed, turn->stop.executed);
        settle(w, i, status == PX_HALTED ? HALTED : status == PX_TRAPPED ? TRAPPED : STOPPED);
    }
}

/* A device that is gone cannot be opened again, and one that only stumbled can. */
static bool open_again(worker *w, px_error *error)
{
    const char *spec = w->order->executors[w->mine - TAKEN];
    fprintf(stderr, "px fleet: %s is opened again: %s\n", spec, w->trouble.text);
    w->trouble = (px_error){0};
    px_executor_close(w->executor);
    w->executor = NULL;
    return px_executor_open(&w->executor, spec, error);
}

/* false: the executor is lost, and what it had is left for the parent to give to others. */
static bool run_batch(worker *w, px_error *error)
{
    const px_cancel cancel = {asked, w->s};
    if (w->count > 0 && !px_run(w->executor, w->turns, w->count, &cancel, error))
        return false;
    for (size_t k = 0; k < w->count; k++)
        end_one(w, &w->turns[k], w->index[k]);
    for (size_t k = 0; k < w->count; k++)
        px_machine_drop(w->turns[k].machine, NULL);
    w->count = 0;
    if (w->executor->lost.code != PX_OK)
        *error = w->executor->lost;
    else if (w->trouble.code != PX_OK)
        return open_again(w, error);
    return w->executor->lost.code == PX_OK;
}

/* Programs that others have may come back. */
static bool all_settled(const worker *w)
{
    return atomic_load(&w->s->ended) == w->order->programs->count;
}

static bool work(worker *w, px_error *error)
{
    size_t cursor = 0;
    while (!all_settled(w) && !to_stop(w->s)) {
        take(w, &cursor);
        if (w->count == 0 && w->executor->lost.code == PX_OK && w->trouble.code == PX_OK)
            wait_a_moment();
        else if (!run_batch(w, error))
            return false;
    }
    return true;
}

static size_t batch_of(const px_fleet_order *order, const px_executor *executor)
{
    const size_t to_run = order->programs->count - order->programs->before;
    const size_t fair = to_run / (4 * order->executor_count) + 1;
    size_t batch = order->batch != 0 ? order->batch : fair < OWN_BATCH ? fair : OWN_BATCH;
    if (order->batch == 0 && executor->caps.lanes > 1 && batch < fair)
        batch = fair; /* a GPU likes thousands */
    return batch < executor->caps.machines ? batch : executor->caps.machines;
}

static int be_worker(const px_fleet_order *order, shared *s, size_t number)
{
    px_error error = {0};
    worker w = {.order = order, .s = s, .mine = TAKEN + (unsigned)number};
    const char *spec = order->executors[number];
    if (!px_executor_open(&w.executor, spec, &error)) {
        fprintf(stderr, "px fleet: %s: %s\n", spec, error.text);
        atomic_store(&s->absent, true);
        atomic_store(&s->stop, true);
        return 1;
    }
    w.most = batch_of(order, w.executor);
    w.turns = calloc(w.most, sizeof *w.turns);
    w.index = calloc(w.most, sizeof *w.index);
    bool ok = (w.turns != NULL && w.index != NULL) || px_fail(&error, PX_E_SYSTEM, "no memory for %zu programs", w.most);
    ok = ok && work(&w, &error);
    if (!ok)
        fprintf(stderr, "px fleet: %s is lost, others go on with what it had: %s\n", spec, error.text);
    else
        px_executor_close(w.executor);
    free(w.turns);
    free(w.index);
    return ok ? 0 : 1;
}

/* ---- the parent ---- */

/* What a lost executor had is free again, unless it was lost with it before. */
static void give_back(const px_fleet_order *order, shared *s, size_t number)
{
    const size_t n = order->programs->count;
    for (size_t i = 0; i < n; i++) {
        if (atomic_load(&s->word[i]) != TAKEN + (unsigned)number)
            continue;
        const bool again = ++s->word[n + i] < TRIES;
        if (!again) {
            say(order, i, "two executors were lost with it, it is left out");
            atomic_fetch_add(&s->ended, 1);
        }
        atomic_store(&s->word[i], again ? FREE : FAILED);
    }
}

/* began: of the fleet. Logs of batch systems get a line twice a minute, short fleets none there. */
static void show_progress(const px_fleet_order *order, const shared *s, double began, bool last)
{
    static double shown;
    const double now = px_seconds(), since = shown > began ? shown : began;
    if (!order->progress || (last && !order->terminal) || (!last && now - since < (order->terminal ? 0.2 : 30)))
        return;
    shown = now;
    if (last)
        fputs("\r\33[K", stderr);
    else
        fprintf(stderr, "%s%s of %zu programs%s", order->terminal ? "\r\33[K" : "px fleet: ",
                px_grouped(atomic_load(&s->ended)), order->programs->count, order->terminal ? "" : "\n");
    fflush(stderr);
}

static void reap(const px_fleet_order *order, shared *s, pid_t *pids, size_t *alive, double began)
{
    int status;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    for (size_t k = 0; pid > 0 && k < order->executor_count; k++) {
        if (pids[k] != pid)
            continue;
        if (WIFSIGNALED(status))
            fprintf(stderr, "px fleet: %s was ended by signal %d, others go on with what it had\n", order->executors[k],
                    WTERMSIG(status));
        pids[k] = 0;
        --*alive;
        give_back(order, s, k);
    }
    if (pid <= 0)
        wait_a_moment();
    if (px_interrupted())
        atomic_store(&s->stop, true);
    show_progress(order, s, began, false);
}

static void add_up(const px_fleet_order *order, const shared *s, px_fleet_count *count)
{
    *count = (px_fleet_count){.executed = atomic_load(&s->executed),
                              .absent = atomic_load(&s->absent),
                              .full = atomic_load(&s->full),
                              .interrupted = px_interrupted()};
    for (size_t i = 0; i < order->programs->count; i++) {
        const unsigned word = atomic_load(&s->word[i]);
        order->programs->at[i].done = word == BEFORE || (order->writes && word >= HALTED && word <= STOPPED);
        count->halted += word == HALTED;
        count->trapped += word == TRAPPED;
        count->stopped += word == STOPPED;
        count->refused += word == REFUSED;
        count->failed += word == FAILED;
        count->left += word == FREE;
    }
}

void px_fleet_count_before(const px_fleet_programs *programs, px_fleet_count *count)
{
    for (size_t i = 0; i < programs->count; i++) {
        const px_fleet_program *one = &programs->at[i];
        char path[4096];
        px_state state = {0};
        px_error error = {0};
        snprintf(path, sizeof path, "%s.state.png", one->result);
        if (!one->before)
            continue;
        if (one->state && !px_state_read(&state, path, &error)) {
            fprintf(stderr, "px fleet: %s\n", error.text);
            count->failed++;
            continue;
        }
        const uint32_t status = one->state ? state.status : PX_HALTED;
        count->halted += status == PX_HALTED;
        count->trapped += status == PX_TRAPPED;
        count->stopped += status != PX_HALTED && status != PX_TRAPPED;
        px_state_free(&state);
    }
}

static bool start_all(const px_fleet_order *order, shared *s, pid_t *pids, size_t *alive, px_error *error)
{
    fflush(NULL);
    for (size_t k = 0; k < order->executor_count; k++) {
        pids[k] = fork();
        if (pids[k] == 0)
            exit(be_worker(order, s, k));
        if (pids[k] < 0) {
            atomic_store(&s->stop, true);
            return px_fail(error, PX_E_SYSTEM, "cannot start a process for %s: %s", order->executors[k],
                           strerror(errno));
        }
        ++*alive;
    }
    return true;
}

bool px_fleet_run(const px_fleet_order *order, px_fleet_count *count, px_error *error)
{
    const size_t size = sizeof(shared) + 2 * order->programs->count * sizeof(atomic_uint);
    shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t *pids = calloc(order->executor_count, sizeof *pids);
    size_t alive = 0;
    const double began = px_seconds();
    if (s == MAP_FAILED || pids == NULL) {
        free(pids);
        return px_fail(error, PX_E_SYSTEM, "no memory for a fleet of %zu programs", order->programs->count);
    }
    s->parent = getpid();
    for (size_t i = 0; i < order->programs->count; i++)
        if (order->programs->at[i].before)
            atomic_store(&s->word[i], BEFORE);
    atomic_store(&s->ended, order->programs->before);
    px_catch_signals();
    const bool ok = start_all(order, s, pids, &alive, error);
    while (alive > 0)
        reap(order, s, pids, &alive, began);
    show_progress(order, s, began, true);
    add_up(order, s, count);
    munmap(s, size);
    free(pids);
    return ok;
}
