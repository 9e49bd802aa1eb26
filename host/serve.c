/* serve.c - px serve's loop: listeners, connections, children and the wire behind one poll(). */
#define _DEFAULT_SOURCE
#include "host/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/serve_internal.h"
#include "host/session.h"

/* Descriptors outside of clients: the signals' pipe, the desk's children, the wire. */
enum { FD_SIGNAL, FD_WORKERS, FD_WIRE = FD_WORKERS + 2, FD_LISTENERS };

/* Something is looked at so often though nothing happens: ends of children, BUSY, time limits. */
enum { TICK_MS = 50 };

void px_serve_log(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("px serve: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

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

typedef struct watch {
    struct pollfd *fds;
    size_t room, count;
} watch;

static bool make_room(watch *w, size_t count)
{
    if (count <= w->room)
        return true;
    struct pollfd *fds = realloc(w->fds, count * sizeof *fds);
    if (fds == NULL)
        return false;
    w->fds = fds;
    w->room = count;
    return true;
}

/* poll() reports hang-ups even to those who ask for nothing: they are left out. */
static struct pollfd watched(int fd, short events)
{
    return (struct pollfd){.fd = events != 0 ? fd : -1, .events = events};
}

static struct pollfd watched_worker(const px_worker *w)
{
    return w->pid != 0 ? watched(w->fd, px_worker_events(w)) : watched(-1, 0);
}

/* Two entries a client: its connection, its executor. */
static bool set_up_watch(px_server *s, watch *w, bool accepting, int *timeout)
{
    const size_t first_client = FD_LISTENERS + s->options->listen_count;
    w->count = first_client + 2 * s->client_count;
    *timeout = TICK_MS;
    if (!make_room(w, w->count))
        return false;
    for (size_t i = 0; i < first_client; i++)
        w->fds[i] = watched(-1, 0);
    w->fds[FD_SIGNAL] = watched(signal_pipe[0], POLLIN);
    if (s->desk != NULL) {
        short events;
        double wake;
        const int fd = px_wire_poll(px_desk_wire(s->desk), &events, &wake);
        w->fds[FD_WIRE] = watched(fd, events);
        for (int i = 0; i < 2; i++)
            w->fds[FD_WORKERS + i] = watched_worker(px_desk_worker(s->desk, i));
        const double wait = wake - px_seconds();
        if (wake > 0 && wait * 1000 < *timeout)
            *timeout = wait > 0 ? (int)(wait * 1000) + 1 : 0;
    }
    for (size_t i = 0; accepting && i < s->options->listen_count; i++)
        w->fds[FD_LISTENERS + i] = watched(px_listener_fd(s->listeners[i]), POLLIN);
    for (size_t i = 0; i < s->client_count; i++) {
        const px_client *c = s->clients[i];
        w->fds[first_client + 2 * i] = watched(px_transport_fd(c->transport), px_client_events(c));
        w->fds[first_client + 2 * i + 1] = watched_worker(&c->worker);
    }
    return true;
}

/* ---- connections ---- */

static void add_client(px_server *s, px_transport *transport)
{
    px_client **more = NULL;
    if (s->client_count < s->options->most_clients)
        more = realloc(s->clients, (s->client_count + 1) * sizeof *more);
    if (more == NULL) {
        px_serve_log("%s: a connection too many, closed", px_transport_name(transport));
        px_transport_close(transport);
        return;
    }
    s->clients = more;
    px_client *c = px_client_new(s, transport, ++s->clients_ever);
    if (c == NULL)
        return;
    s->clients[s->client_count++] = c;
    if (s->options->verbose)
        px_serve_log("client %u: connected by %s", c->number, px_transport_name(transport));
}

/* A pseudo-terminal is its own only connection, and needs no waiting for. */
static void accept_clients(px_server *s, size_t listener)
{
    px_error error = {0};
    px_transport *transport;
    switch (px_listener_accept(s->listeners[listener], &transport, 0, &error)) {
    case PX_IO_DONE:
        add_client(s, transport);
        break;
    case PX_IO_TIMEOUT:
        break;
    default:
        px_serve_log("%s", error.text);
    }
}

static void sweep_clients(px_server *s)
{
    size_t left = 0;
    for (size_t i = 0; i < s->client_count; i++)
        if (s->clients[i]->closed)
            px_client_free(s->clients[i]);
        else
            s->clients[left++] = s->clients[i];
    s->client_count = left;
}

/* ---- one round ---- */

static void go_round(px_server *s, const watch *w, double now)
{
    const size_t first_client = FD_LISTENERS + s->options->listen_count, clients = s->client_count;
    for (size_t i = 0; i < clients; i++)
        px_client_read(s->clients[i], w->fds[first_client + 2 * i].revents);
    if (s->desk != NULL) {
        const short workers[2] = {w->fds[FD_WORKERS].revents, w->fds[FD_WORKERS + 1].revents};
        px_desk_step(s->desk, workers, w->fds[FD_WIRE].revents, now);
    }
    for (size_t i = 0; i < clients; i++)
        px_client_step(s->clients[i], w->fds[first_client + 2 * i + 1].revents, now);
    for (size_t i = 0; i < s->options->listen_count; i++)
        if (w->fds[FD_LISTENERS + i].revents != 0)
            accept_clients(s, i);
    sweep_clients(s);
    px_workers_reap(now);
}

/* Whether a round can be gone: false when memory is out. */
static bool wait_and_go(px_server *s, watch *w, bool accepting)
{
    int timeout;
    if (!set_up_watch(s, w, accepting, &timeout))
        return false;
    if (poll(w->fds, (nfds_t)w->count, timeout) <= 0)
        for (size_t i = 0; i < w->count; i++)
            w->fds[i].revents = 0;
    go_round(s, w, px_seconds());
    return true;
}

static bool signalled(void)
{
    char byte;
    return read(signal_pipe[0], &byte, 1) == 1;
}

/* What is under way when a signal comes is finished, within the time that an executor has; a second signal ends that.
 */
static bool finish(px_server *s, watch *w)
{
    const double end = px_seconds() + s->options->timeout;
    while (s->desk != NULL && px_desk_busy(s->desk) && px_seconds() < end && !signalled())
        if (!wait_and_go(s, w, false))
            return false;
    for (size_t i = 0; i < s->client_count; i++)
        px_outbox_flush(&s->clients[i]->out, px_transport_fd(s->clients[i]->transport));
    return true;
}

/* ---- the beginning and the end ---- */

/* An executor that cannot be had is better told at once than to each client. */
static bool find_executors(px_server *s, px_error *error)
{
    px_worker own = {.fd = -1};
    px_worker *w = s->desk != NULL ? px_desk_worker(s->desk, 0) : &own;
    if (!px_worker_start(w, s->desk != NULL ? w->setup : &s->setup, error))
        return false;
    while (w->pid != 0 && !w->ready) {
        struct pollfd fds[2] = {{.fd = signal_pipe[0], .events = POLLIN}, {.fd = w->fd, .events = px_worker_events(w)}};
        px_link_frame reply;
        poll(fds, 2, TICK_MS);
        if (signalled()) {
            px_worker_stop(w);
            return px_fail(error, PX_E_SYSTEM, "interrupted");
        }
        if (px_worker_step(w, fds[1].revents, px_seconds(), &reply) == PX_WORKER_DEAD)
            return px_fail(error, PX_E_ABSENT, "%s", w->failure);
    }
    if (s->desk != NULL && px_wire_is_board(px_desk_wire(s->desk)) && (w->hello[1] & (uint32_t)PXL_CAP_WIRE) == 0)
        return px_fail(error, PX_E_USAGE, "--wire board: %s is no board with a wire; expected --on link:PORT of one",
                       s->options->on);
    memcpy(s->hello, w->hello, sizeof s->hello);
    s->hello[1] &= ~(uint32_t)PXL_CAP_WIRE;
    px_worker_stop(&own);
    while (px_workers_reap(px_seconds()))
        poll(NULL, 0, 2);
    return true;
}

static bool open_server(px_server *s, px_error *error)
{
    const px_serve_options *o = s->options;
    s->setup = (px_worker_setup){o->on, o->most_pixels, o->timeout, PX_LINK_BASE};
    if (!catch_signals(error) || (o->wire != NULL && !px_desk_open(&s->desk, s, error)) || !find_executors(s, error))
        return false;
    for (size_t i = 0; i < o->listen_count; i++)
        if (!px_listener_open(&s->listeners[i], o->listen[i], error))
            return false;
    return true;
}

/* For scripts, one thing a line; standard output may be the wire. */
static void tell(const px_server *s)
{
    FILE *to = s->options->wire != NULL && strcmp(s->options->wire, "-") == 0 ? stderr : stdout;
    if (s->desk != NULL)
        fprintf(to, "wire %s, %" PRIu64 " frames\n", px_wire_name(px_desk_wire(s->desk)),
                px_wire_total(px_desk_wire(s->desk)));
    for (size_t i = 0; i < s->options->listen_count; i++)
        fprintf(to, "listening on %s\n", px_listener_name(s->listeners[i]));
    fflush(to);
}

static void close_server(px_server *s)
{
    for (size_t i = 0; i < s->options->listen_count; i++)
        px_listener_close(s->listeners[i]);
    for (size_t i = 0; i < s->client_count; i++)
        px_client_free(s->clients[i]);
    free(s->clients);
    px_desk_close(s->desk);
    while (px_workers_reap(px_seconds()))
        poll(NULL, 0, 2);
    for (int i = 0; i < 2; i++)
        if (signal_pipe[i] >= 0)
            close(signal_pipe[i]);
}

bool px_serve(const px_serve_options *options, px_error *error)
{
    px_server s = {.options = options};
    watch w = {0};
    bool ok = open_server(&s, error);
    if (ok)
        tell(&s);
    while (ok && !signalled())
        if (!wait_and_go(&s, &w, true))
            ok = px_fail(error, PX_E_SYSTEM, "no memory to go on");
    if (ok && !finish(&s, &w))
        ok = px_fail(error, PX_E_SYSTEM, "no memory to go on");
    close_server(&s);
    free(w.fds);
    return ok;
}
