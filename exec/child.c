/* child.c - see child.h. Everything here happens in the child. */
#define _DEFAULT_SOURCE
#include "exec/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "exec/registry.h"
#include "pxi/pace.h"

struct px_child {
    int fd;
    const px_child_plan *plan;
    px_child_note *note;
    px_executor *executor;
    px_endpoint *endpoint;
    px_link_rx rx;
    uint32_t *words; /* of rx */
    uint8_t *bytes;  /* of a frame on its way out */
    size_t room;     /* of bytes */
};

/* The parent is gone, or of no use: nobody is left to work for. */
static _Noreturn void leave(px_child *c)
{
    px_endpoint_close(c->endpoint);
    px_executor_close(c->executor);
    _exit(0);
}

/* ---- replies ---- */

void px_child_send(px_child *c, const px_link_frame *frame)
{
    const size_t most = PX_LINK_BYTES(frame->length);
    if (c->room < most) {
        free(c->bytes);
        c->bytes = malloc(most);
        c->room = most;
        if (c->bytes == NULL)
            leave(c);
    }
    const size_t size = px_link_encode(frame, c->bytes);
    for (size_t at = 0; at < size;) {
        const ssize_t n = send(c->fd, c->bytes + at, size - at, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            leave(c);
        at += n > 0 ? (size_t)n : 0;
    }
}

/* Executors fail with a sentence; whether they failed or differed, only the lockstep knows. */
static bool differs(const px_child *c) { return c->executor != NULL && px_lockstep_differs(c->executor); }

void px_child_fail(px_child *c, const px_link_frame *request, const char *text)
{
    uint32_t words[PX_ENDPOINT_ERROR];
    px_link_frame reply;
    px_endpoint_refuse(request, differs(c) ? PXL_E_DIFFER : PXL_E_EXECUTOR, text, words, &reply);
    px_child_send(c, &reply);
}

px_executor *px_child_executor(px_child *c) { return c->executor; }

bool px_child_make_room(px_child *c, px_error *error) { return px_endpoint_release(c->endpoint, error); }

/* ---- the loop ---- */

static void step(px_child *c)
{
    px_endpoint_step(c->endpoint);
    px_endpoint_counts(c->endpoint, &c->note->executed, &c->note->cycles);
}

/* STATUS of a run comes after a step of it: most runs have ended by then, and need not be asked about again. */
static void answer(px_child *c, const px_link_frame *request)
{
    px_link_frame reply;
    uint32_t words[PX_ENDPOINT_ERROR];
    if (c->plan->answer != NULL && c->plan->answer(c, request))
        return;
    if (request->type == PXL_STATUS && px_endpoint_running(c->endpoint))
        step(c);
    px_endpoint_request(c->endpoint, request, &reply);
    if (reply.type == PXL_ERROR && reply.payload[PXR_ERROR_NUMBER] == PXL_E_EXECUTOR) {
        c->note->failure = *px_endpoint_failure(c->endpoint);
        if (differs(c)) {
            memcpy(words, reply.payload, reply.length * sizeof *words);
            words[PXR_ERROR_NUMBER] = PXL_E_DIFFER;
            reply.payload = words;
        }
    }
    px_child_send(c, &reply);
}

/* The first frame: HELLO's reply, and whether there is a wire, which clients have no business with. */
static void send_ready(px_child *c)
{
    const px_link_frame hello = {.version = PX_LINK_VERSION, .type = PXL_HELLO};
    px_link_frame reply;
    uint32_t words[PX_LINK_BLOCK];
    px_endpoint_request(c->endpoint, &hello, &reply);
    memcpy(words, reply.payload, reply.length * sizeof *words);
    if (px_lockstep_board(c->executor) != NULL)
        words[PXR_HELLO_ABOUT] |= (uint32_t)PXL_CAP_WIRE;
    reply.payload = words;
    px_child_send(c, &reply);
}

static _Noreturn void work(px_child *c)
{
    uint8_t bytes[4096];
    px_link_frame request;
    for (;;) {
        struct pollfd wait = {.fd = c->fd, .events = POLLIN};
        const bool running = px_endpoint_running(c->endpoint);
        const int ready = poll(&wait, 1, running ? 0 : -1);
        if (ready <= 0 && running)
            step(c);
        else if (ready < 0 && errno != EINTR)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL); /* no memory for it; soon, perhaps */
        if (ready <= 0)
            continue;
        const ssize_t n = read(c->fd, bytes, sizeof bytes);
        if (n == 0 || (n < 0 && errno != EINTR))
            leave(c);
        for (ssize_t i = 0; i < n; i++)
            if (px_link_rx_byte(&c->rx, bytes[i], &request))
                answer(c, &request);
    }
}

/* ---- a process of its own ---- */

/* What the parent has open is its own: a child that held it open would hide that it was closed. */
static void keep_only(int fd)
{
    close(STDIN_FILENO); /* the parent may have had the last descriptor that there was */
    DIR *open_ones = opendir("/proc/self/fd");
    for (struct dirent *d; open_ones != NULL && (d = readdir(open_ones)) != NULL;) {
        const int other = (int)strtol(d->d_name, NULL, 10);
        if (other > STDERR_FILENO && other != fd && other != dirfd(open_ones))
            close(other);
    }
    if (open_ones != NULL)
        closedir(open_ones);
    const int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        if (null > STDERR_FILENO)
            close(null);
    }
}

static void give_back_limit(uint64_t files)
{
    struct rlimit limit;
    if (files == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = files;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Handlers are the parent's, as after an exec(). A terminal's Ctrl-C is for the parent, which finishes what is under
 * way. */
static void set_signals(int ends_by)
{
    sigset_t none;
    struct sigaction action;
    sigemptyset(&none);
    for (int s = 1; s <= SIGRTMAX; s++)
        if (sigaction(s, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            signal(s, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, ends_by == SIGTERM ? SIG_DFL : SIG_IGN);
    signal(SIGHUP, ends_by == SIGTERM ? SIG_DFL : SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, ends_by);
#endif
}

/* A board's cable may still be in the hands of the process before this one, which is about to end; that is said at
 * once, while a board that does not answer has been waited for already. */
static bool open_executors(px_child *c, px_error *error)
{
    const px_child_plan *plan = c->plan;
    const double end = px_seconds() + 5;
    for (int tries = strstr(plan->on, "link:") != NULL ? 10 : 0;
         !px_lockstep_open(&c->executor, plan->on, plan->most_pixels, &c->note->lockstep, plan->before_run, error);
         tries--) {
        if (tries == 0 || px_seconds() > end)
            return false;
        poll(NULL, 0, 100);
    }
    snprintf(c->note->name, sizeof c->note->name, "%s", c->executor->name);
    if (!px_endpoint_open(&c->endpoint, c->executor, plan->on, error))
        return false;
    px_endpoint_see(c->endpoint, &c->note->window);
    px_endpoint_signs(c->endpoint, &c->note->signs);
    return true;
}

_Noreturn void px_child_main(int fd, const px_child_plan *plan, px_child_note *note)
{
    const px_link_frame hello = {.version = PX_LINK_VERSION, .type = PXL_HELLO};
    set_signals(plan->ends_by);
    keep_only(fd);
    give_back_limit(plan->files);
    px_child c = {.fd = fd, .plan = plan, .note = note, .words = calloc(plan->longest + 3, sizeof *c.words)};
    if (c.words == NULL)
        _exit(1);
    px_link_rx_init(&c.rx, c.words, plan->longest + 3);
    if (!open_executors(&c, &note->failure)) {
        px_child_fail(&c, &hello, note->failure.text);
        leave(&c);
    }
    send_ready(&c);
    work(&c);
}
