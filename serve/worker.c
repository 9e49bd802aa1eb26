/* worker.c - see serve/worker.h. */
#define _DEFAULT_SOURCE
#include "serve/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pxi/pace.h"

/* Opening an executor may compile for its device; ending it may remove its files. */
#define OPENING_SECONDS 120.0
#define ENDING_SECONDS  0.5

/* ---- bytes on their way ---- */

bool px_outbox_put(px_outbox *out, const px_link_frame *frame, px_error *error)
{
    const size_t more = PX_LINK_BYTES(frame->length);
    if (px_outbox_empty(out))
        out->at = out->size = 0;
    if (out->room - out->size < more) {
        uint8_t *bytes = realloc(out->bytes, out->size + more);
        if (bytes == NULL)
            return px_fail(error, PX_E_SYSTEM, "no memory for a frame of %u words", (unsigned)frame->length);
        out->bytes = bytes;
        out->room = out->size + more;
    }
    out->size += px_link_encode(frame, out->bytes + out->size);
    return true;
}

bool px_outbox_flush(px_outbox *out, int fd)
{
    while (out->at < out->size) {
        const ssize_t n = write(fd, out->bytes + out->at, out->size - out->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        out->at += (size_t)n;
    }
    return true;
}

void px_outbox_free(px_outbox *out)
{
    free(out->bytes);
    *out = (px_outbox){0};
}

void px_error_text(const px_link_frame *reply, char *text, size_t size)
{
    size_t at = 0;
    for (uint32_t i = PXR_ERROR_TEXT; i < reply->length; i++)
        for (unsigned shift = 0; shift < 32 && at + 1 < size; shift += 8) {
            const unsigned char c = (unsigned char)(reply->payload[i] >> shift);
            if (c != 0)
                text[at++] = (char)(c < ' ' || c == 127 ? '?' : c);
        }
    text[at] = '\0';
    if (at == 0 && reply->length > 0)
        snprintf(text, size, "%s", px_link_error_text(reply->payload[PXR_ERROR_NUMBER]));
}

/* ---- children that end ---- */

typedef struct ending {
    pid_t pid;
    double deadline;
} ending;

static ending *endings;
static size_t ending_count;

static void end_later(pid_t pid)
{
    ending *more = realloc(endings, (ending_count + 1) * sizeof *more);
    if (more == NULL) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return;
    }
    endings = more;
    endings[ending_count++] = (ending){pid, px_seconds() + ENDING_SECONDS};
    kill(pid, SIGTERM);
}

bool px_workers_reap(double now)
{
    size_t left = 0;
    for (size_t i = 0; i < ending_count; i++) {
        if (waitpid(endings[i].pid, NULL, WNOHANG) != 0)
            continue;
        if (now >= endings[i].deadline)
            kill(endings[i].pid, SIGKILL);
        endings[left++] = endings[i];
    }
    ending_count = left;
    if (left == 0) {
        free(endings);
        endings = NULL;
    }
    return left > 0;
}

/* ---- life of one ---- */

static void forget(px_worker *w)
{
    if (w->fd >= 0)
        close(w->fd);
    if (w->note != NULL)
        munmap(w->note, sizeof *w->note);
    free(w->words);
    px_outbox_free(&w->out);
    w->pid = 0;
    w->fd = -1;
    w->note = NULL;
    w->words = NULL;
    w->asked = w->ready = false;
}

void px_worker_stop(px_worker *w)
{
    if (w->pid > 0)
        end_later(w->pid);
    forget(w);
}

bool px_worker_start(px_worker *w, const px_worker_setup *setup, px_error *error)
{
    int pair[2];
    *w = (px_worker){.setup = setup, .fd = -1};
    w->words = calloc(setup->longest + 3, sizeof *w->words);
    void *page = mmap(NULL, sizeof *w->note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    w->note = page != MAP_FAILED ? page : NULL;
    if (w->words == NULL || w->note == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        px_fail(error, PX_E_SYSTEM, "cannot start a process for %s: %s", setup->on, strerror(errno));
        forget(w);
        return false;
    }
    px_link_rx_init(&w->rx, w->words, setup->longest + 3);
    fflush(NULL);
    /* A signal for the child that came before it has its own ways would be taken by ours, into the server's pipe. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    w->pid = fork();
    const int failed = errno;
    if (w->pid != 0)
        sigprocmask(SIG_SETMASK, &before, NULL);
    else
        px_child_main(pair[1], setup->on, setup->most_pixels, setup->files, w->note);
    close(pair[1]);
    w->fd = pair[0];
    fcntl(w->fd, F_SETFL, O_NONBLOCK);
    w->deadline = px_seconds() + OPENING_SECONDS;
    if (w->pid > 0)
        return true;
    px_fail(error, PX_E_SYSTEM, "cannot start a process for %s: %s", setup->on, strerror(failed));
    forget(w);
    return false;
}

/* ---- the exchange ---- */

bool px_worker_ask(px_worker *w, const px_link_frame *request, px_error *error)
{
    if (!px_outbox_put(&w->out, request, error))
        return false;
    w->asked = true;
    w->sequence = request->sequence;
    if (w->ready)
        w->deadline = px_seconds() + w->setup->timeout;
    return true;
}

short px_worker_events(const px_worker *w) { return (short)(POLLIN | (px_outbox_empty(&w->out) ? 0 : POLLOUT)); }

/* The executor that was at work, or all of them. The child wrote the page: it may hold anything. */
static void name_at_work(const px_worker *w, char *name, size_t size)
{
    size_t at = 0;
    for (; at + 1 < size && at < sizeof w->note->at_work && w->note->at_work[at] != '\0'; at++)
        name[at] = (char)(w->note->at_work[at] < ' ' ? '?' : w->note->at_work[at]);
    name[at] = '\0';
    if (at == 0)
        snprintf(name, size, "%s", w->setup->on);
}

/* Its socket is closed, so how it ends is decided. */
static px_worker_event bury(px_worker *w)
{
    char name[128];
    int status = 0;
    const pid_t pid = w->pid;
    name_at_work(w, name, sizeof name);
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (w->failure[0] != '\0') /* it said why itself */
        ;
    else if (WIFSIGNALED(status))
        snprintf(w->failure, sizeof w->failure, "executor %s, process %ld, was ended by signal %d (%s)", name,
                 (long)pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(w->failure, sizeof w->failure, "executor %s, process %ld, ended by itself with status %d", name,
                 (long)pid, WEXITSTATUS(status));
    forget(w);
    return PX_WORKER_DEAD;
}

static px_worker_event give_up(px_worker *w)
{
    char name[128];
    name_at_work(w, name, sizeof name);
    snprintf(w->failure, sizeof w->failure, "executor %s gave no %s for %g s and was ended", name,
             w->ready ? "answer" : "sign of life after its start", w->ready ? w->setup->timeout : OPENING_SECONDS);
    px_worker_stop(w);
    return PX_WORKER_DEAD;
}

/* The first frame: whether the executors are there. */
static px_worker_event take_ready(px_worker *w, const px_link_frame *frame, double now)
{
    if (frame->type == (PXL_HELLO | PX_LINK_REPLY) && frame->length >= PXR_HELLO_LENGTH) {
        memcpy(w->hello, frame->payload, sizeof w->hello);
        w->ready = true;
        w->deadline = now + w->setup->timeout;
        return PX_WORKER_QUIET;
    }
    px_error_text(frame, w->failure, sizeof w->failure);
    return bury(w);
}

static px_worker_event take_frame(px_worker *w, const px_link_frame *frame, double now, px_link_frame *reply)
{
    if (!w->ready)
        return take_ready(w, frame, now);
    if (!w->asked || frame->sequence != w->sequence)
        return PX_WORKER_QUIET;
    w->deadline = now + w->setup->timeout;
    if (frame->type == PXL_BUSY)
        return PX_WORKER_QUIET;
    w->asked = false;
    *reply = *frame;
    return PX_WORKER_ANSWERED;
}

/* One request is under way at most, so nothing follows its answer. */
static px_worker_event take_bytes(px_worker *w, double now, px_link_frame *reply)
{
    uint8_t bytes[4096];
    px_link_frame frame;
    for (;;) {
        const ssize_t n = read(w->fd, bytes, sizeof bytes);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return PX_WORKER_QUIET;
        if (n <= 0)
            return bury(w);
        for (ssize_t i = 0; i < n; i++) {
            if (!px_link_rx_byte(&w->rx, bytes[i], &frame))
                continue;
            const px_worker_event event = take_frame(w, &frame, now, reply);
            if (event != PX_WORKER_QUIET)
                return event;
        }
    }
}

px_worker_event px_worker_step(px_worker *w, short events, double now, px_link_frame *reply)
{
    px_worker_event event = PX_WORKER_QUIET;
    if (w->pid == 0)
        return PX_WORKER_QUIET;
    if (events & (POLLIN | POLLHUP | POLLERR))
        event = take_bytes(w, now, reply);
    if (event == PX_WORKER_QUIET && !px_outbox_empty(&w->out) && !px_outbox_flush(&w->out, w->fd))
        event = bury(w);
    if (event == PX_WORKER_QUIET && (w->asked || !w->ready) && now >= w->deadline)
        event = give_up(w);
    return event;
}
