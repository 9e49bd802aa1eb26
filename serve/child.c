/* child.c - see serve/child.h. Everything here happens in the child. */
#include "serve/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "exec/drive.h"
#include "exec/endpoint.h"
#include "exec/registry.h"
#include "pxi/pace.h"
#include "serve/points.h"

/* Operations of one run of the driver, where the executor's memory holds so many. A difference in lockstep shows, and
 * the parent's patience begins anew, after each. */
enum { PART = 4096, ROW = 256 };

typedef struct child {
    int fd;
    px_executor *executor;
    px_endpoint *endpoint;
    px_link_rx rx;
    uint32_t words[PX_SERVE_LONGEST + 3];
    uint32_t result[PX_DRIVEN_HEAD + PX_SERVE_OPERATIONS];
    uint8_t bytes[PX_LINK_BYTES(PX_DRIVEN_HEAD + PX_SERVE_OPERATIONS)];
} child;

/* The parent is gone: nobody is left to work for. */
static _Noreturn void leave(child *c)
{
    px_endpoint_close(c->endpoint);
    px_executor_close(c->executor);
    _exit(0);
}

static void send_frame(child *c, const px_link_frame *frame)
{
    const size_t size = px_link_encode(frame, c->bytes);
    for (size_t at = 0; at < size;) {
        const ssize_t n = send(c->fd, c->bytes + at, size - at, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            leave(c);
        at += n > 0 ? (size_t)n : 0;
    }
}

/* Executors fail with a sentence; whether they failed or differed, only the lockstep knows. */
static void send_failure(child *c, const px_link_frame *request, const char *text)
{
    uint32_t words[PX_ENDPOINT_ERROR];
    px_link_frame reply;
    const bool differs = c->executor != NULL && px_lockstep_differs(c->executor);
    px_endpoint_refuse(request, differs ? PXL_E_DIFFER : PXL_E_EXECUTOR, text, words, &reply);
    send_frame(c, &reply);
}

/* ---- DRIVE ---- */

/* The most operations whose picture the executor holds: 7 pixels each and the driver, in whole rows. */
static uint32_t part_size(uint32_t pixels, const px_serial_driver *driver)
{
    uint32_t size = PART;
    while (size > ROW && (7 * size + (driver != NULL ? driver->count : ROW)) > pixels)
        size -= ROW;
    return size;
}

static bool drive_part(child *c, px_serial_batch *rest, uint32_t *result, px_error *error)
{
    px_serial_batch part = *rest;
    px_serial_result r = {0};
    const uint32_t most = part_size(c->executor->caps.max_pixels, part.driver);
    if (part.count > most)
        part.count = most;
    if (!px_endpoint_release(c->endpoint, error) || !px_serial_run(c->executor, &part, &r, error))
        return false;
    memcpy(result + PX_DRIVEN_HEAD + result[PX_DRIVEN_FRAMES], r.frames, r.frame_count * sizeof *result);
    result[PX_DRIVEN_FRAMES] += r.frame_count;
    result[PX_DRIVEN_ERRORS] += r.errors;
    *rest = (px_serial_batch){.operations = rest->operations + part.count,
                              .count = rest->count - part.count,
                              .received = rest->received + r.taken,
                              .received_count = rest->received_count - r.taken,
                              .clock = r.clock,
                              .setup = r.setup,
                              .driver = rest->driver};
    px_serial_free(&r);
    return true;
}

static void drive(child *c, const px_link_frame *request)
{
    const uint32_t *words = request->payload;
    const px_serial_driver driver = {words + PX_DRIVE_HEAD + words[PX_DRIVE_COUNT] + words[PX_DRIVE_RECEIVED],
                                     words[PX_DRIVE_DRIVER]};
    px_serial_batch rest = {.operations = words + PX_DRIVE_HEAD,
                            .count = words[PX_DRIVE_COUNT],
                            .received = words + PX_DRIVE_HEAD + words[PX_DRIVE_COUNT],
                            .received_count = words[PX_DRIVE_RECEIVED],
                            .clock = words[PX_DRIVE_CLOCK],
                            .setup = PX_SERIAL_FIRST_SETUP,
                            .driver = driver.count != 0 ? &driver : NULL};
    const px_link_frame busy = {.version = PX_LINK_VERSION, .type = PXL_BUSY, .sequence = request->sequence};
    px_error error = {0};
    memset(c->result, 0, PX_DRIVEN_HEAD * sizeof *c->result);
    while (rest.count > 0) {
        if (!drive_part(c, &rest, c->result, &error)) {
            send_failure(c, request, error.text);
            return;
        }
        if (rest.count > 0)
            send_frame(c, &busy);
    }
    c->result[PX_DRIVEN_CLOCK] = rest.clock;
    send_frame(c, &(px_link_frame){.version = PX_LINK_VERSION,
                                   .type = PX_SERVE_DRIVE | PX_LINK_REPLY,
                                   .sequence = request->sequence,
                                   .length = PX_DRIVEN_HEAD + c->result[PX_DRIVEN_FRAMES],
                                   .payload = c->result});
}

/* ---- EMIT ---- */

/* While the queue is full nothing is taken: it is asked again, and the parent told that we are alive. */
static void emit(child *c, const px_link_frame *request)
{
    const px_link_frame busy = {.version = PX_LINK_VERSION, .type = PXL_BUSY, .sequence = request->sequence};
    px_link_client *board = px_lockstep_board(c->executor);
    px_error error = {0};
    bool done = false;
    if (board == NULL)
        px_fail(&error, PX_E_USAGE, "none of the executors is a board with a wire");
    while (board != NULL && !done) {
        done = px_link_write(board, PXL_SPACE_WIRE, 0, request->payload, request->length, &error);
        if (!done && board->refused != PXL_E_FULL)
            break;
        if (!done) {
            send_frame(c, &busy);
            poll(NULL, 0, 5);
        }
    }
    if (!done)
        send_failure(c, request, error.text);
    else
        send_frame(c, &(px_link_frame){.version = PX_LINK_VERSION,
                                       .type = PX_SERVE_EMIT | PX_LINK_REPLY,
                                       .sequence = request->sequence});
}

/* ---- the loop ---- */

static void answer(child *c, const px_link_frame *request)
{
    px_link_frame reply;
    if (request->type == PX_SERVE_DRIVE) {
        drive(c, request);
        return;
    }
    if (request->type == PX_SERVE_EMIT) {
        emit(c, request);
        return;
    }
    uint32_t words[PX_ENDPOINT_ERROR];
    px_endpoint_request(c->endpoint, request, &reply);
    if (reply.type == PXL_ERROR && reply.payload[PXR_ERROR_NUMBER] == PXL_E_EXECUTOR &&
        px_lockstep_differs(c->executor)) {
        memcpy(words, reply.payload, reply.length * sizeof *words);
        words[PXR_ERROR_NUMBER] = PXL_E_DIFFER;
        reply.payload = words;
    }
    send_frame(c, &reply);
}

/* The first frame: HELLO's reply, and whether there is a wire, which clients have no business with. */
static void send_ready(child *c)
{
    const px_link_frame hello = {.version = PX_LINK_VERSION, .type = PXL_HELLO};
    px_link_frame reply;
    uint32_t words[PX_LINK_BLOCK];
    px_endpoint_request(c->endpoint, &hello, &reply);
    memcpy(words, reply.payload, reply.length * sizeof *words);
    if (px_lockstep_board(c->executor) != NULL)
        words[PXR_HELLO_ABOUT] |= (uint32_t)PXL_CAP_WIRE;
    reply.payload = words;
    send_frame(c, &reply);
}

static void work(child *c)
{
    uint8_t bytes[4096];
    px_link_frame request;
    for (;;) {
        struct pollfd wait = {.fd = c->fd, .events = POLLIN};
        const bool running = px_endpoint_running(c->endpoint);
        const int ready = poll(&wait, 1, running ? 0 : -1);
        if (ready <= 0 && running)
            px_endpoint_step(c->endpoint);
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

/* Clients, wire and listeners are the parent's: a child that held them open would hide that they were closed. */
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

/* A terminal's Ctrl-C is for the parent, which finishes what is under way. */
static void set_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
}

/* A board's cable may still be in the hands of the process before this one, which is about to end; that is said at
 * once, while a board that does not answer has been waited for already. */
static bool open_executors(child *c, const char *on, uint32_t most_pixels, px_lockstep_note *note, px_error *error)
{
    const double end = px_seconds() + 5;
    for (int tries = strstr(on, "link:") != NULL ? 10 : 0;
         !px_lockstep_open(&c->executor, on, most_pixels, note, px_serve_point_run, error); tries--) {
        if (tries == 0 || px_seconds() > end)
            return false;
        poll(NULL, 0, 100);
    }
    return px_endpoint_open(&c->endpoint, c->executor, on, error);
}

_Noreturn void px_child_main(int fd, const char *on, uint32_t most_pixels, uint64_t files, px_lockstep_note *note)
{
    const px_link_frame hello = {.version = PX_LINK_VERSION, .type = PXL_HELLO};
    px_error error = {0};
    set_signals();
    keep_only(fd);
    give_back_limit(files);
    child *c = calloc(1, sizeof *c);
    if (c == NULL)
        _exit(1);
    c->fd = fd;
    px_link_rx_init(&c->rx, c->words, sizeof c->words / sizeof *c->words);
    if (!open_executors(c, on, most_pixels, note, &error)) {
        send_failure(c, &hello, error.text);
        leave(c);
    }
    send_ready(c);
    work(c);
    leave(c);
}
