/* serve.c - px serve's loop: listeners, connections, children and the wire behind one poll(). */
#define _DEFAULT_SOURCE
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "pxi/pace.h"
#include "serve/points.h"
#include "serve/serve_internal.h"

/* Something is looked at so often though nothing happens: ends of children, BUSY, time limits. */
enum { TICK_MS = 50 };

/* Connections that are taken from a place in one round; and how long a place rests that has no room for one. */
enum { AT_ONCE = 16 };
#define DEAF_SECONDS 0.2

/* An excess connection is told so, and closed. */
#define EXCESS_SECONDS 2.0

/* ---- signals: a byte in a pipe, for poll() ---- */

static int signal_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    const int before = errno;
    const char byte = (char)number;
    if (write(signal_pipe[1], &byte, 1) < 0) {
        /* full: then the loop has enough to wake up for */
    }
    errno = before;
}

static bool catch_signals(px_error *error)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = on_signal};
    if (pipe(signal_pipe) != 0)
        return px_fail(error, PX_E_SYSTEM, "cannot make a pipe: %s", strerror(errno));
    for (int i = 0; i < 2; i++)
        fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sigaction(ends[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a wire that fails */
    return true;
}

/* ---- poll ---- */

enum { NOT_WATCHED = -1 };

/* Only what something is wanted of: poll() reports hang-ups even to those who ask for nothing, and refuses a set that
 * is larger than the limit of open files. */
typedef struct watch {
    struct pollfd *fds;
    size_t count;
    int signals, workers[2], ready, wire, listeners[PX_SERVE_LISTENERS];
} watch;

/* As large as it ever gets: later there may be no memory. */
static bool open_watch(const px_server *s, watch *w, px_error *error)
{
    const size_t most = 5 + PX_SERVE_LISTENERS + 2 * ((size_t)s->most_clients + PX_SERVE_EXCESS);
    w->fds = calloc(most, sizeof *w->fds);
    return w->fds != NULL || px_fail(error, PX_E_SYSTEM, "no memory for %u connections", (unsigned)s->most_clients);
}

/* Where it is watched. */
static int add(watch *w, int fd, short events)
{
    if (fd < 0 || events == 0)
        return NOT_WATCHED;
    w->fds[w->count] = (struct pollfd){.fd = fd, .events = events};
    return (int)w->count++;
}

static int add_worker(watch *w, const px_worker *worker)
{
    return worker->process.pid != 0 ? add(w, worker->process.fd, px_worker_events(worker)) : NOT_WATCHED;
}

static short events_of(const watch *w, int place) { return place != NOT_WATCHED ? w->fds[place].revents : 0; }

static void add_batches(px_server *s, watch *w, int *timeout)
{
    short events;
    double wake;
    const int fd = px_wire_poll(px_batches_wire(s->batches), &events, &wake);
    w->wire = add(w, fd, events);
    for (int i = 0; i < 2; i++)
        w->workers[i] = add_worker(w, px_batches_worker(s->batches, i));
    const double wait = wake - px_seconds();
    if (wake > 0 && wait * 1000 < *timeout)
        *timeout = wait > 0 ? (int)(wait * 1000) + 1 : 0;
}

static void set_up_watch(px_server *s, watch *w, bool accepting, int *timeout)
{
    const double now = px_seconds();
    *timeout = TICK_MS;
    w->count = 0;
    w->signals = add(w, signal_pipe[0], POLLIN);
    if (s->batches != NULL)
        add_batches(s, w, timeout);
    w->ready = add_worker(w, &s->ready.worker);
    for (size_t i = 0; i < s->options->listen_count; i++)
        w->listeners[i] =
            accepting && now >= s->deaf_until[i] ? add(w, px_listener_fd(s->listeners[i]), POLLIN) : NOT_WATCHED;
    for (size_t i = 0; i < s->client_count; i++) {
        px_connection *c = s->clients[i];
        c->place = add(w, px_transport_fd(c->transport), px_connection_events(c));
        c->at_work = add_worker(w, &c->worker);
    }
}

static void rest(int milliseconds) { nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000L}, NULL); }

/* Somebody has lowered our limit of open files below what is in use: as many at a time as it lets through. */
static bool look_in_parts(struct pollfd *fds, size_t count, int timeout)
{
    struct rlimit files;
    int ready = 0;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == 0 || files.rlim_cur >= count)
        return false;
    px_serve_log("the limit of open files is %lu now: connections go on, and none can be added",
                 (unsigned long)files.rlim_cur);
    for (size_t at = 0; at < count; at += files.rlim_cur) {
        const size_t left = count - at;
        const int some = poll(fds + at, left < files.rlim_cur ? left : files.rlim_cur, 0);
        ready += some > 0 ? some : 0;
    }
    if (ready == 0)
        rest(timeout < 5 ? timeout : 5);
    return true;
}

/* A poll() that fails has told nothing, and would fail again at once. */
static void look(struct pollfd *fds, size_t count, int timeout)
{
    for (size_t i = 0; i < count; i++)
        fds[i].revents = 0;
    if (poll(fds, (nfds_t)count, timeout) >= 0 || errno == EINTR)
        return;
    const int failure = errno;
    if (failure == EINVAL && look_in_parts(fds, count, timeout))
        return;
    px_serve_log("poll: %s; going on after %d ms", strerror(failure), TICK_MS);
    rest(TICK_MS);
}

/* ---- connections ---- */

/* A few of those who are too many learn it from an answer; the others are closed. */
static void add_client(px_server *s, px_transport *transport)
{
    const bool excess = s->client_count - s->excess_count >= s->most_clients;
    if (excess)
        px_serve_log("%s: a connection more than %u, refused", px_transport_name(transport), (unsigned)s->most_clients);
    if (excess && s->excess_count == PX_SERVE_EXCESS) {
        px_transport_close(transport);
        return;
    }
    px_connection **more = realloc(s->clients, (s->client_count + 1) * sizeof *more);
    if (more != NULL)
        s->clients = more;
    else
        px_transport_close(transport);
    px_connection *c = more != NULL ? px_connection_new(s, transport, ++s->clients_ever) : NULL;
    if (c == NULL) {
        px_serve_log("no memory for a connection, closed");
        return;
    }
    c->excess = excess;
    c->until = px_seconds() + EXCESS_SECONDS;
    s->excess_count += excess;
    s->clients[s->client_count++] = c;
    if (s->options->verbose)
        px_serve_trace("client %u: connected by %s", c->number, px_transport_name(transport));
}

/* There is no descriptor for a connection, which waits: with the one in reserve it is had, and closed. */
static bool turn_away(px_server *s, size_t listener, const char *why)
{
    px_transport *transport;
    if (s->reserve < 0)
        return false;
    close(s->reserve);
    const px_io io = px_listener_accept(s->listeners[listener], &transport, 0, NULL);
    if (io == PX_IO_DONE)
        px_transport_close(transport);
    s->reserve = px_serve_reserve();
    if (io == PX_IO_FAILED)
        return false;
    px_serve_log("%s: a connection is closed at once", why);
    return true;
}

/* What accept() failed of stays true for a while, and poll() would say at once that somebody waits. */
static void cannot_accept(px_server *s, size_t listener, const char *why, double now)
{
    switch (px_listener_failure(s->listeners[listener])) {
    case EMFILE:
    case ENFILE:
        if (s->reserve < 0)
            s->reserve = px_serve_reserve();
        if (turn_away(s, listener, why))
            return;
        break;
    case ENOMEM:
    case ENOBUFS:
        break;
    default:
        px_serve_log("%s; nobody can connect there any more", why);
        s->deaf_until[listener] = HUGE_VAL;
        return;
    }
    px_serve_log("%s: nobody can connect there for %g s", why, DEAF_SECONDS);
    s->deaf_until[listener] = now + DEAF_SECONDS;
}

/* A pseudo-terminal is its own only connection, and needs no waiting for. */
static void accept_clients(px_server *s, size_t listener, double now)
{
    px_listener *l = s->listeners[listener];
    px_error error = {0};
    px_transport *transport;
    for (int i = 0; i < AT_ONCE && px_listener_fd(l) >= 0; i++)
        switch (px_listener_accept(l, &transport, 0, &error)) {
        case PX_IO_DONE:
            add_client(s, transport);
            break;
        case PX_IO_TIMEOUT:
            return;
        case PX_IO_GONE:
            px_serve_log("%s", error.text);
            break;
        default:
            cannot_accept(s, listener, error.text, now);
            return;
        }
}

static void sweep_clients(px_server *s)
{
    size_t left = 0;
    for (size_t i = 0; i < s->client_count; i++)
        if (s->clients[i]->closed) {
            s->excess_count -= s->clients[i]->excess;
            px_connection_free(s->clients[i]);
        } else
            s->clients[left++] = s->clients[i];
    s->client_count = left;
}

/* ---- one round ---- */

static void go_round(px_server *s, const watch *w, double now)
{
    const size_t clients = s->client_count;
    for (size_t i = 0; i < clients; i++)
        px_connection_read(s->clients[i], events_of(w, s->clients[i]->place));
    if (s->batches != NULL) {
        const short workers[2] = {events_of(w, w->workers[0]), events_of(w, w->workers[1])};
        px_batches_step(s->batches, workers, events_of(w, w->wire), now);
    }
    for (size_t i = 0; i < clients; i++)
        px_connection_step(s->clients[i], events_of(w, s->clients[i]->at_work), now);
    px_ready_step(s, events_of(w, w->ready), now);
    for (size_t i = 0; i < s->options->listen_count; i++)
        if (events_of(w, w->listeners[i]) != 0)
            accept_clients(s, i, now);
    sweep_clients(s);
    px_workers_reap(&s->endings, now);
    px_serve_log_counts(now);
}

static void wait_and_go(px_server *s, watch *w, bool accepting)
{
    int timeout;
    set_up_watch(s, w, accepting, &timeout);
    look(w->fds, w->count, timeout);
    go_round(s, w, px_seconds());
}

static bool signalled(void)
{
    char byte;
    return read(signal_pipe[0], &byte, 1) == 1;
}

/* What is under way when a signal comes is finished, within the time that an executor has; a second signal ends that.
 */
static void finish(px_server *s, watch *w)
{
    const double end = px_seconds() + s->options->timeout;
    while (s->batches != NULL && px_batches_busy(s->batches) && px_seconds() < end && !signalled())
        wait_and_go(s, w, false);
    for (size_t i = 0; i < s->client_count; i++)
        px_outbox_flush(&s->clients[i]->out, px_transport_fd(s->clients[i]->transport));
}

/* ---- the beginning and the end ---- */

/* An executor that cannot be had is better told at once than to each client. */
static bool find_executors(px_server *s, px_error *error)
{
    px_worker own = {.process = {.fd = -1}};
    px_worker *w = s->batches != NULL ? px_batches_worker(s->batches, 0) : &own;
    if (!px_worker_start(w, s->batches != NULL ? w->setup : &s->setup, error))
        return false;
    while (w->process.pid != 0 && !w->ready) {
        struct pollfd fds[2] = {{.fd = signal_pipe[0], .events = POLLIN},
                                {.fd = w->process.fd, .events = px_worker_events(w)}};
        px_link_frame reply;
        look(fds, 2, TICK_MS);
        if (signalled()) {
            px_worker_stop(w);
            return px_fail(error, PX_E_SYSTEM, "interrupted");
        }
        if (px_worker_step(w, fds[1].revents, px_seconds(), &reply) == PX_WORKER_DEAD)
            return px_fail(error, PX_E_ABSENT, "%s", w->failure);
    }
    if (s->batches != NULL && px_wire_is_board(px_batches_wire(s->batches)) &&
        (w->hello[PXR_HELLO_ABOUT] & (uint32_t)PXL_CAP_WIRE) == 0)
        return px_fail(error, PX_E_USAGE, "--wire board: %s is no board with a wire; expected --on link:PORT of one",
                       s->options->on);
    px_ready_begin(s, px_process_worked(&w->process), px_seconds());
    memcpy(s->hello, w->hello, sizeof s->hello);
    s->hello[PXR_HELLO_ABOUT] &= ~(uint32_t)PXL_CAP_WIRE;
    if (own.process.pid != 0 && s->ready.wanted)
        s->ready.worker = own;
    else
        px_worker_stop(&own);
    while (px_workers_reap(&s->endings, px_seconds()))
        rest(2);
    return true;
}

/* Started with one of them closed, the next file would be taken for it. */
static void hold_standard_files(void)
{
    int fd = px_serve_reserve();
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = px_serve_reserve();
    if (fd >= 0)
        close(fd);
}

static bool open_server(px_server *s, px_error *error)
{
    const px_serve_options *o = s->options;
    s->setup = (px_worker_setup){.plan = {.on = o->on,
                                          .most_pixels = o->most_pixels,
                                          .longest = PX_LINK_BASE,
                                          .ends_by = SIGTERM,
                                          .before_run = px_serve_point_run,
                                          .answer = px_serve_request},
                                 .timeout = o->timeout,
                                 .endings = &s->endings};
    hold_standard_files();
    if (!px_serve_limit(s, error) || !catch_signals(error) ||
        (o->wire != NULL && !px_batches_open(&s->batches, s, error)) || !find_executors(s, error))
        return false;
    for (size_t i = 0; i < o->listen_count; i++)
        if (!px_listener_open(&s->listeners[i], o->listen[i], error))
            return false;
    s->reserve = px_serve_reserve();
    return true;
}

/* For scripts, one thing a line; standard output may be the wire. */
static void tell(const px_server *s)
{
    FILE *to = s->options->wire != NULL && strcmp(s->options->wire, "-") == 0 ? stderr : stdout;
    if (s->batches != NULL)
        fprintf(to, "wire %s, %" PRIu64 " frames\n", px_wire_name(px_batches_wire(s->batches)),
                px_wire_total(px_batches_wire(s->batches)));
    for (size_t i = 0; i < s->options->listen_count; i++)
        fprintf(to, "listening on %s\n", px_listener_name(s->listeners[i]));
    if (fflush(to) != 0 && errno == EBADF) /* closed, as a daemon's is: whoever started it knows the place */
        (void)!freopen("/dev/null", "w", to);
}

static void close_server(px_server *s)
{
    for (size_t i = 0; i < s->options->listen_count; i++)
        px_listener_close(s->listeners[i]);
    for (size_t i = 0; i < s->client_count; i++)
        px_connection_free(s->clients[i]);
    free(s->clients);
    px_worker_stop(&s->ready.worker);
    px_batches_close(s->batches);
    while (px_workers_reap(&s->endings, px_seconds()))
        rest(2);
    for (int i = 0; i < 2; i++)
        if (signal_pipe[i] >= 0)
            close(signal_pipe[i]);
    if (s->reserve >= 0)
        close(s->reserve);
    px_serve_log_counts(HUGE_VAL);
}

bool px_serve(const px_serve_options *options, px_error *error)
{
    px_server s = {.options = options, .reserve = -1};
    watch w = {0};
    const bool ok = open_server(&s, error) && open_watch(&s, &w, error);
    if (ok)
        tell(&s);
    while (ok && !signalled())
        wait_and_go(&s, &w, true);
    if (ok)
        finish(&s, &w);
    close_server(&s);
    free(w.fds);
    return ok;
}
