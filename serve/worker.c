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
#include <sys/wait.h>
#include <unistd.h>

#include "pxi/pace.h"

/* Opening an executor may compile for its device; ending it may remove its files. */
#define WORKING         0.02 /* of a time: so much on the processor is work, if others want it, too; less may be waiting */
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

struct px_ending {
    pid_t pid;
    double deadline;
};

static void end_later(px_endings *e, pid_t pid)
{
    struct px_ending *more = realloc(e->at, (e->count + 1) * sizeof *more);
    if (more == NULL) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return;
    }
    e->at = more;
    e->at[e->count++] = (struct px_ending){pid, px_seconds() + ENDING_SECONDS};
    kill(pid, SIGTERM);
}

bool px_workers_reap(px_endings *e, double now)
{
    size_t left = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (waitpid(e->at[i].pid, NULL, WNOHANG) != 0)
            continue;
        if (now >= e->at[i].deadline)
            kill(e->at[i].pid, SIGKILL);
        e->at[left++] = e->at[i];
    }
    e->count = left;
    if (left == 0) {
        free(e->at);
        e->at = NULL;
    }
    return left > 0;
}

/* ---- life of one ---- */

static void forget(px_worker *w)
{
    px_process_forget(&w->process);
    free(w->words);
    px_outbox_free(&w->out);
    w->words = NULL;
    w->asked = w->ready = false;
}

void px_worker_stop(px_worker *w)
{
    if (w->process.pid > 0)
        end_later(w->setup->endings, w->process.pid);
    forget(w);
}

bool px_worker_start(px_worker *w, const px_worker_setup *setup, px_error *error)
{
    *w = (px_worker){.setup = setup, .process = {.fd = -1}};
    w->words = calloc(setup->plan.longest + 3, sizeof *w->words);
    if (w->words == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a process of %s", setup->plan.on);
    if (!px_process_start(&w->process, &setup->plan, error)) {
        forget(w);
        return false;
    }
    px_link_rx_init(&w->rx, w->words, setup->plan.longest + 3);
    fcntl(w->process.fd, F_SETFL, O_NONBLOCK);
    w->deadline = px_seconds() + OPENING_SECONDS;
    return true;
}

/* ---- the exchange ---- */

static void look(px_worker *w)
{
    w->signs = w->process.note->signs;
    w->worked = px_process_worked(&w->process);
}

bool px_worker_ask(px_worker *w, const px_link_frame *request, px_error *error)
{
    if (!px_outbox_put(&w->out, request, error))
        return false;
    w->asked = true;
    w->sequence = request->sequence;
    look(w);
    if (w->ready)
        w->deadline = px_seconds() + w->setup->timeout;
    return true;
}

short px_worker_events(const px_worker *w) { return (short)(POLLIN | (px_outbox_empty(&w->out) ? 0 : POLLOUT)); }

/* The executor that was at work, or all of them. */
static void name_at_work(const px_worker *w, char *name, size_t size)
{
    const px_lockstep_note *note = &w->process.note->lockstep;
    px_process_text(note->at_work, sizeof note->at_work, name, size);
    if (name[0] == '\0')
        snprintf(name, size, "%s", w->setup->plan.on);
}

/* Its socket is closed, so how it ends is decided. */
static px_worker_event bury(px_worker *w)
{
    char name[128], how[128];
    const pid_t pid = w->process.pid;
    name_at_work(w, name, sizeof name);
    px_process_end(&w->process, 0, how, sizeof how);
    if (w->failure[0] == '\0') /* it did not say why itself */
        snprintf(w->failure, sizeof w->failure, "executor %s, process %ld, %s", name, (long)pid, how);
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
        const ssize_t n = read(w->process.fd, bytes, sizeof bytes);
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

/* It does not answer in the middle of an instruction, which may take a minute of a simulated core. An executor that
 * asks meanwhile whether it is to stop gets on. One that hangs does not ask, but for an outside program's, which only
 * waits. */
static bool is_at_work(px_worker *w, double now)
{
    const uint64_t signs = w->signs;
    const double worked = w->worked;
    look(w);
    w->deadline = now + w->setup->timeout;
    return w->signs != signs && w->worked - worked > WORKING * w->setup->timeout;
}

px_worker_event px_worker_step(px_worker *w, short events, double now, px_link_frame *reply)
{
    px_worker_event event = PX_WORKER_QUIET;
    if (w->process.pid == 0)
        return PX_WORKER_QUIET;
    if (events & (POLLIN | POLLHUP | POLLERR))
        event = take_bytes(w, now, reply);
    if (event == PX_WORKER_QUIET && !px_outbox_empty(&w->out) && !px_outbox_flush(&w->out, w->process.fd))
        event = bury(w);
    if (event == PX_WORKER_QUIET && (w->asked || !w->ready) && now >= w->deadline && !is_at_work(w, now))
        event = give_up(w);
    return event;
}
