/* host.c - see answer.h: takes requests apart, serves lists of them, and waits where one has no answer yet. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "answer/internal.h"
#include "pxi/pace.h"

enum { LOOK_MS = 100 /* how long a signal may go unseen */ };

/* ---- the list of services ---- */

#define SERVE_NONE(id)    answer_##id
#define SERVE_FILES(id)   answer_##id
#define SERVE_DISKS(id)   answer_##id
#define SERVE_NETWORK(id) answer_##id
#define SERVE_SCREEN(id)  answer_##id
#define SERVE_MACHINE(id) answer_##id

static const struct service {
    bool listed;
    enum px_grant grant;
    px_service *serve;
} services[256] = {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text)                         \
    [number] = {true, PXH_GRANT_##grant, SERVE_##grant(id)},
#include "pxi/host.def"
};

static bool served(const px_host *host, uint32_t number)
{
    return services[number].listed && host->granted[services[number].grant];
}

px_reply host_serve(px_host *host, uint32_t request, uint32_t argument)
{
    const struct service *service = &services[request >> 24];
    if (!service->listed)
        return PXH_E_NOSYS;
    if (!served(host, request >> 24))
        return PXH_E_DENIED;
    return service->serve(host, request & 0xFFFFFF, argument);
}

px_reply answer_YIELD(px_host *host, uint32_t payload, uint32_t argument)
{
    (void)host, (void)argument;
    return payload != 0 ? PXH_E_INVALID : 0;
}

px_reply answer_SERVICES(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t bits[8] = {0};
    for (uint32_t number = 0; number < 256; number++)
        bits[number / 32] |= (uint32_t)served(host, number) << number % 32;
    const px_reply bad = payload != 0 ? PXH_E_INVALID : host_put_words(host, argument, bits, 8);
    return bad != 0 ? bad : 1;
}

px_reply answer_EXIT(px_host *host, uint32_t payload, uint32_t argument)
{
    (void)argument;
    if (payload > 0xFF)
        return PXH_E_INVALID;
    host->exited = true;
    host->status = (int)payload;
    return PXH_WAITS;
}

/* ---- waiting ---- */

static int milliseconds_to(double when)
{
    const double left = (when - px_seconds()) * 1000;
    return when == 0 || left > LOOK_MS ? LOOK_MS : left < 0 ? 0 : (int)left + 1;
}

/* Until something may have happened that a request waits for. False: nobody wants to wait. */
static bool wait_for_it(px_host *host)
{
    struct pollfd p[3];
    nfds_t count = 0;
    (void)console_flush(host);
    if (host_replaced(host))
        return !host->onlooker->meanwhile(host->onlooker->context) && !px_interrupted();
    if (host->wants_input && !host->console.ended)
        p[count++] = (struct pollfd){.fd = host->console.input, .events = POLLIN};
    if (host->wants_frame && host->net >= 0)
        p[count++] = (struct pollfd){.fd = host->net, .events = POLLIN};
    if (host->wants_interrupt && host->bare != NULL)
        p[count++] = (struct pollfd){.fd = host->bare->wakes, .events = POLLIN};
    if (machine_rest(host, true)) {
        (void)poll(p, count, milliseconds_to(host->wakes));
        (void)machine_rest(host, false);
    }
    console_look(host);
    return !px_interrupted();
}

static void take_up(px_host *host, px_machine *machine, px_error *error)
{
    host->machine = machine;
    host->pixels = px_machine_pixels(machine);
    host->error = error;
    host->failed = host->abandoned = false;
}

static px_answered answer(void *context, px_machine *machine, const px_stop *stop, uint64_t executed, uint32_t *word,
                          px_error *error)
{
    px_host *host = context;
    px_reply reply;
    take_up(host, machine, error);
    host->waits_until = 0;
    console_look(host);
    if (host->log != NULL && !px_log_request(host->log, executed, stop->request, error))
        return PX_ANSWER_FAILED;
    for (;;) {
        host->wants_input = host->wants_frame = host->wants_interrupt = false;
        host->wakes = 0;
        reply = host_serve(host, stop->request, stop->argument);
        if (reply != PXH_WAITS || host->exited || host->failed || host->abandoned)
            break;
        if (host->log != NULL && !px_log_rest(host->log, error))
            return PX_ANSWER_FAILED;
        if (!wait_for_it(host) || host->abandoned)
            return PX_UNANSWERED;
    }
    host->goes_on = false;
    if (host->failed)
        return PX_ANSWER_FAILED;
    if (host->abandoned)
        return PX_UNANSWERED;
    if (host->exited)
        return host->log != NULL && !px_log_exit(host->log, host->status, error) ? PX_ANSWER_FAILED : PX_UNANSWERED;
    *word = (uint32_t)reply;
    return host->log != NULL && !px_log_answer(host->log, *word, error) ? PX_ANSWER_FAILED : PX_ANSWERED;
}

static void meanwhile(void *context)
{
    console_flush_when_old(context);
    console_look(context);
}

px_answerer px_host_answerer(px_host *host)
{
    return (px_answerer){.answer = answer, .meanwhile = meanwhile, .context = host};
}

void px_host_record(px_host *host, px_log_writer *log) { host->log = log; }

bool px_host_exited(const px_host *host, int *status)
{
    *status = host->status;
    return host->exited;
}

bool px_host_abandoned(const px_host *host, px_error *error)
{
    if (host->abandoned)
        *error = host->why;
    return host->abandoned;
}

static bool is_shown(uint32_t number)
{
    return number == PXH_PUTC || number == PXH_PRINT || number == PXH_WRITE || number == PXH_DISPLAY ||
           number == PXH_SUBMIT || number == PXH_POLL;
}

void px_host_show(px_host *host, px_machine *machine, const px_stop *stop)
{
    px_error error;
    take_up(host, machine, &error);
    host->showing = true;
    if (is_shown(stop->request >> 24))
        (void)host_serve(host, stop->request, stop->argument);
    host->showing = false;
}

/* ---- opening and closing ---- */

void px_host_keep(px_host *host) { host->keeps = true; }

bool px_host_open(px_host **host, const px_grants *grants, px_error *error)
{
    px_host *h = calloc(1, sizeof *h);
    *host = h;
    if (h == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the host");
    h->net = h->files.root = -1;
    h->onlooker = grants->onlooker;
    h->goes_on = grants->goes_on;
    h->began = px_seconds();
    h->seeded = grants->seeded;
    h->chance = grants->seed;
    h->granted[PXH_GRANT_NONE] = true;
    machine_open(h, grants->bare);
    for (int i = 0; i < HOST_HANDLES; i++)
        h->files.at[i].fd = -1;
    if (console_open(h, grants, error) && (grants->folder == NULL || files_open(h, grants->folder, error)) &&
        disks_open(h, grants->disks, grants->disk_count, error) &&
        (grants->net == NULL || net_open(h, grants->net, error)) && (!grants->screen || screen_open(h, grants, error)))
        return true;
    (void)px_host_close(h, NULL);
    *host = NULL;
    return false;
}

bool px_host_close(px_host *host, px_error *error)
{
    if (host == NULL)
        return true;
    screen_close(host);
    const bool written = console_close(host);
    net_close(host);
    const bool kept = disks_close(host, written ? error : NULL);
    files_close(host);
    free(host);
    return written ? kept : px_fail(error, PX_E_SYSTEM, "not all that the program printed could be written");
}
