/* worker.c - the executor worker:EXECUTOR: EXECUTOR in a process of its own, so that a driver that dies, or hangs,
 * costs a machine and not px.
 *
 * The process is an endpoint of the link over a socket (exec/child.h), and the machine in it that of the executor link
 * (exec/link.c); here is what only a worker has: that its process can be asked how it is, and started again. It holds
 * one machine, as whatever is at the other end of a link does. More of them in one process would be lost together, and
 * one process each would open the executor's device once for each; who wants two machines names two workers.
 *
 * Silence alone is no sign of a hang: one instruction may take a minute of a simulated core. A process that answers
 * nothing and does not work either, or that does not stop when the run is cancelled, is ended after PX_WORKER_TIMEOUT
 * seconds. */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/drivers.h"
#include "exec/machine.h"
#include "exec/process.h"
#include "exec/registry.h"
#include "pxi/number.h"
#include "wire/link_client.h"

enum { DEFAULT_TIMEOUT = 60, SLICE_MS = 250 };

#define LEAVING_SECONDS 2.0   /* to close its executor, which may remove files */
#define DYING_SECONDS   1.0   /* from the end of its socket to its own */
#define WORKING_SECONDS 0.002 /* processor time of a slice that is work; less may be a driver's idle thread */

typedef struct worker {
    px_executor base;
    char *spec; /* EXECUTOR */
    uint32_t timeout;
    px_process process;     /* pid 0: it was lost, and the next machine needs another */
    px_executor *link;      /* with it; NULL without */
    px_link_client *client; /* the link's */

    const px_cancel *cancel; /* of the run under way, or NULL */
    uint64_t executed;       /* of the runs before it */
    uint64_t request;        /* that silence and worked are about */
    double silent, worked;   /* seconds */
    bool hangs, deaf;        /* it did not answer; it did not stop */
} worker;

typedef struct worker_machine {
    px_machine base;
    px_machine *in; /* the link's */
} worker_machine;

static worker *worker_of(const px_machine *machine) { return (worker *)machine->executor; }
static px_machine *in(const px_machine *machine) { return ((const worker_machine *)machine)->in; }

/* ---- how its process is ---- */

/* Frames do not tell how far a run is. */
static bool cancelled(void *context, uint64_t executed)
{
    const worker *w = context;
    (void)executed;
    return px_cancelled(w->cancel, w->process.note->executed - w->executed);
}

/* Asked after each SLICE_MS without an answer. Slices are counted, not the clock: px may have been stopped meanwhile.
 */
static bool patient(void *context)
{
    worker *w = context;
    if (px_process_ended(&w->process))
        return false;
    const bool to_stop = cancelled(w, 0);
    const double worked = px_process_worked(&w->process);
    if (w->client->requests != w->request || (!to_stop && worked - w->worked >= WORKING_SECONDS))
        w->silent = 0;
    w->request = w->client->requests;
    w->worked = worked;
    w->silent += SLICE_MS * 1e-3;
    w->hangs = w->silent >= w->timeout;
    w->deaf = w->hangs && to_stop;
    return !w->hangs;
}

static void end_process(worker *w, double seconds, char *how, size_t size)
{
    px_process_end(&w->process, seconds, how, size);
    w->request = 0;
    w->silent = w->worked = 0;
    w->hangs = w->deaf = false;
}

/* The executor in it failed, and it goes on: its own words, which the link's would wrap and cut. */
static void executors_own(const worker *w, px_error *error)
{
    const px_error *noted = &w->process.note->failure;
    const int code = (int)noted->code;
    char text[sizeof noted->text];
    px_process_text(noted->text, sizeof noted->text, text, sizeof text);
    if (code > PX_OK && code <= PX_E_SYSTEM && text[0] != '\0')
        px_fail(error, (px_error_code)code, "%s: %s", w->base.name, text);
}

/* Passes a result on; what failed for the end of the process, or of the executor in it, says so. */
static bool told(worker *w, bool ok, px_error *error)
{
    char how[128];
    if (ok || w->process.pid == 0)
        return ok;
    if (!w->client->broken) {
        if (error->code == PX_E_SYSTEM && w->client->refused == PXL_E_EXECUTOR)
            executors_own(w, error);
        return false;
    }
    const bool hangs = w->hangs, deaf = w->deaf;
    end_process(w, hangs ? 0 : DYING_SECONDS, how, sizeof how);
    return !hangs ? px_fail(error, PX_E_SYSTEM, "%s: its process %s", w->base.name, how)
                  : px_fail(error, PX_E_SYSTEM,
                            "%s: its process %s for %" PRIu32 " s and was ended; PX_WORKER_TIMEOUT sets the limit",
                            w->base.name, deaf ? "was to stop and did not" : "neither answered nor worked", w->timeout);
}

/* ---- its process begins and ends ---- */

/* A driver's threads do not come along when a process forks, and leave their locks as they were. */
static bool has_one_thread(void)
{
    int count = 0;
    DIR *threads = opendir("/proc/self/task");
    if (threads == NULL)
        return true;
    for (const struct dirent *d; (d = readdir(threads)) != NULL;)
        count += d->d_name[0] != '.';
    closedir(threads);
    return count <= 1;
}

static void stop(worker *w)
{
    px_executor_close(w->link); /* the end of the socket asks it to leave */
    w->link = NULL;
    w->client = NULL;
    if (w->process.pid != 0)
        end_process(w, LEAVING_SECONDS, NULL, 0);
}

static bool connect_link(worker *w, px_error *error)
{
    px_transport *transport;
    if (!px_transport_adopt(&transport, w->process.fd, w->base.name, error))
        return false;
    w->process.fd = -1;
    if (!px_link_client_on(&w->client, transport, false, error))
        return false;
    w->client->patience = SLICE_MS;
    w->client->tries = 1;
    w->client->patient = patient;
    w->client->context = w;
    w->client->window = &w->process.note->window;
    px_link_client_name(w->client, w->base.name);
    if (!px_link_say_hello(w->client, NULL, error)) {
        /* It said why, and left. */
        if (w->process.note->failure.code != PX_OK)
            executors_own(w, error);
        else
            told(w, false, error);
        px_link_client_close(w->client);
        return false;
    }
    char name[sizeof w->process.note->name];
    px_process_text(w->process.note->name, sizeof name, name, sizeof name);
    snprintf(w->base.name, sizeof w->base.name, "worker:%.120s", name);
    px_link_client_name(w->client, w->base.name);
    return px_link_executor(&w->link, w->client, error);
}

static bool start(worker *w, px_error *error)
{
    const px_child_plan plan = {
        .on = w->spec, .most_pixels = PX_MAX_PIXELS, .longest = PX_LINK_BASE, .ends_by = SIGKILL};
    if (!has_one_thread())
        return px_fail(error, PX_E_SYSTEM, "%s: a process cannot be started beside the threads of other executors",
                       w->base.name);
    if (!px_process_start(&w->process, &plan, error))
        return false;
    if (connect_link(w, error)) {
        w->base.caps = w->link->caps;
        return true;
    }
    w->client = NULL;
    if (w->process.pid != 0)
        end_process(w, LEAVING_SECONDS, NULL, 0);
    return false;
}

/* ---- machines ---- */

static bool worker_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    worker *w = (worker *)executor;
    worker_machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    if (w->process.pid == 0 || px_process_ended(&w->process))
        stop(w);
    if ((w->process.pid != 0 || start(w, error)) &&
        told(w, px_machine_create_from(w->link, state, &m->in, error), error)) {
        *machine = &m->base;
        return true;
    }
    free(m);
    return false;
}

static void worker_drop(px_machine *machine)
{
    px_machine_drop(in(machine), NULL);
    free(machine);
}

static bool worker_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                       px_error *error)
{
    return told(worker_of(machine), px_get(in(machine), space, at, words, count, error), error);
}

static bool worker_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                       px_error *error)
{
    return told(worker_of(machine), px_put(in(machine), space, at, words, count, error), error);
}

/* There is one machine, so there is one turn. */
static bool worker_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    worker *w = (worker *)executor;
    px_turn own = *turns;
    (void)count, (void)error;
    own.machine = in(turns->machine);
    const uint64_t cycles = w->process.note->cycles;
    w->cancel = cancel;
    w->executed = w->process.note->executed;
    bool ok = px_run(w->link, &own, 1, &(px_cancel){cancelled, w}, &turns->error);
    w->cancel = NULL;
    if (ok && own.failed) {
        turns->error = own.error;
        ok = false;
    }
    if (ok) {
        turns->stop = own.stop;
        turns->stop.cycles = w->process.note->cycles - cycles;
    }
    turns->failed = !told(w, ok, &turns->error);
    return true;
}

/* ---- life ---- */

static void worker_close(px_executor *executor)
{
    worker *w = (worker *)executor;
    stop(w);
    free(w->spec);
    free(w);
}

static const px_executor_ops operations = {.create = worker_create,
                                           .drop = worker_drop,
                                           .run = worker_run,
                                           .get = worker_get,
                                           .put = worker_put,
                                           .close = worker_close};

static bool set_timeout(worker *w, px_error *error)
{
    const char *text = getenv("PX_WORKER_TIMEOUT");
    uint64_t seconds = DEFAULT_TIMEOUT;
    if (text != NULL && !px_parse_number("PX_WORKER_TIMEOUT", text, 1, 1000000, &seconds, error))
        return false;
    w->timeout = (uint32_t)seconds;
    return true;
}

/* Executors that could bring px down, which are those that run in it: all but those that must be told where. */
#define APART_NO(name)
#define APART_MAY(name)
#define APART_MUST(name) #name,
static const char *const apart[] = {
#define PX_EXECUTOR(name, takes, argument, needs, summary) APART_##takes(name)
#include "exec/executors.def"
};

static bool may_be(const char *spec, px_error *error)
{
    if (spec == NULL || *spec == '\0')
        return px_fail(error, PX_E_USAGE, "worker: needs an executor, as in worker:opencl");
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (strcspn(spec, ":") == strlen(apart[i]) && strncmp(spec, apart[i], strlen(apart[i])) == 0)
            return px_fail(error, PX_E_USAGE,
                           "worker:%s: what %s: names is not in this process as it is; leave worker: out", apart[i],
                           apart[i]);
    return true;
}

static bool worker_open(px_executor **executor, const char *arg, px_error *error)
{
    if (!may_be(arg, error))
        return false;
    worker *w = calloc(1, sizeof *w);
    if (w == NULL || (w->spec = strdup(arg)) == NULL) {
        free(w);
        return px_fail(error, PX_E_SYSTEM, "no memory for the executor worker");
    }
    w->base.ops = &operations;
    w->process.fd = -1;
    snprintf(w->base.name, sizeof w->base.name, "worker:%s", arg);
    if (!set_timeout(w, error) || !start(w, error)) {
        worker_close(&w->base);
        return false;
    }
    *executor = &w->base;
    return true;
}

const px_driver px_worker_driver = {.open = worker_open};
