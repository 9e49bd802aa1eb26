/* wire.c - see wire.h. Serial ports are in wire_port.c. */
#define _DEFAULT_SOURCE /* flock */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pxi/pixel.h"
#include "wire/transport.h"
#include "wire/wire_internal.h"

/* What a pipe takes whole, and a terminal without holding the server up, once poll() has said that there is room. */
enum { CHUNK = 256 };

/* ---- characters that came ---- */

void px_wire_character(px_wire *w, uint8_t data, uint32_t flags)
{
    if (w->queue_count == PX_WIRE_QUEUE) {
        w->overrun = true;
        return;
    }
    if (w->overrun)
        flags |= PX_SERIAL_E_OVERRUN;
    w->overrun = false;
    w->queue[(w->queue_at + w->queue_count++) % PX_WIRE_QUEUE] = pxs_received(data, flags);
}

static void receive_bytes(px_wire *w, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        px_wire_character(w, bytes[i], 0);
}

void px_wire_receive(px_wire *w)
{
    uint8_t bytes[1024];
    while (w->ops->receive != NULL && !w->gone) {
        const ssize_t n = read(w->fd, bytes, sizeof bytes);
        if (n > 0) {
            w->ops->receive(w, bytes, (size_t)n);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        w->gone = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
        return;
    }
}

uint32_t px_wire_characters(const px_wire *w, uint32_t *characters, uint32_t most)
{
    const uint32_t count = w->queue_count < most ? (uint32_t)w->queue_count : most;
    for (uint32_t i = 0; i < count; i++)
        characters[i] = w->queue[(w->queue_at + i) % PX_WIRE_QUEUE];
    return count;
}

void px_wire_drop(px_wire *w, uint32_t count)
{
    w->queue_at = (w->queue_at + count) % PX_WIRE_QUEUE;
    w->queue_count -= count;
}

/* ---- sending ---- */

void px_wire_send(px_wire *w, const uint32_t *frames, size_t count)
{
    w->frames = frames;
    w->count = count;
    w->sent = 0;
    w->sending = true;
    w->want_room = !w->remembers;
    w->wake = 0;
}

px_wire_progress px_wire_step(px_wire *w, short events, double now, px_error *error)
{
    const size_t before = w->sent;
    const bool writable = (events & (POLLOUT | POLLERR | POLLHUP)) != 0;
    const px_wire_progress progress =
        w->count == 0 ? PX_WIRE_SENT : w->ops->send(w, writable || !w->want_room, now, error);
    w->total += w->sent - before;
    w->sending = progress == PX_WIRE_WORKING;
    return progress;
}

int px_wire_poll(const px_wire *w, short *events, double *at)
{
    *events = (short)((w->ops->receive != NULL && !w->gone ? POLLIN : 0) | (w->sending && w->want_room ? POLLOUT : 0));
    *at = w->sending ? w->wake : 0;
    return *events != 0 ? w->fd : -1;
}

/* ---- bytes into a stream ---- */

static px_wire_progress send_bytes(px_wire *w, bool writable, double now, px_error *error)
{
    uint8_t bytes[CHUNK];
    (void)now;
    if (!writable)
        return PX_WIRE_WORKING;
    const size_t left = w->count - w->sent, size = left < sizeof bytes ? left : sizeof bytes;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)w->frames[w->sent + i];
    const ssize_t n = write(w->fd, bytes, size);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        px_fail(error, PX_E_SYSTEM, "the wire %s failed: %s", w->name, strerror(errno));
        return PX_WIRE_FAILED;
    }
    w->sent += n > 0 ? (size_t)n : 0;
    return w->sent == w->count ? PX_WIRE_SENT : PX_WIRE_WORKING;
}

static const px_wire_ops output_ops = {.send = send_bytes};

static void close_pty(px_wire *w)
{
    px_transport_close(w->more);
    w->fd = -1;
}

static const px_wire_ops pty_ops = {.send = send_bytes, .receive = receive_bytes, .close = close_pty};

static bool open_pty(px_wire *w, px_error *error)
{
    px_listener *listener;
    px_transport *transport = NULL;
    if (!px_listener_open(&listener, "pty", error))
        return false;
    const bool ok = px_listener_accept(listener, &transport, 0, error) == PX_IO_DONE;
    px_listener_close(listener);
    if (!ok)
        return false;
    w->more = transport;
    w->fd = px_transport_fd(transport);
    w->ops = &pty_ops;
    snprintf(w->name, sizeof w->name, "%s", px_transport_name(transport));
    return true;
}

/* ---- a board's ---- */

static px_wire_progress leave_to_owner(px_wire *w, bool writable, double now, px_error *error)
{
    (void)writable, (void)now, (void)error;
    return w->sent == w->count ? PX_WIRE_SENT : PX_WIRE_WORKING;
}

static const px_wire_ops board_ops = {.send = leave_to_owner};

bool px_wire_is_board(const px_wire *w) { return w->ops == &board_ops; }

const uint32_t *px_wire_next(const px_wire *w, uint32_t most, uint32_t *count)
{
    const size_t left = w->count - w->sent;
    *count = left < most ? (uint32_t)left : most;
    return w->frames + w->sent;
}

void px_wire_taken(px_wire *w, uint32_t count)
{
    w->sent += count;
    w->total += count;
}

/* ---- a file ---- */

/* Frames in a file that was removed or renamed would be lost: its length is what the next server goes by. */
static bool is_still_there(const px_wire *w)
{
    struct stat opened, named;
    return fstat(w->fd, &opened) == 0 && stat(w->name, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* All of it or nothing: what was written of a batch that did not fit is cut off again. */
static px_wire_progress send_file(px_wire *w, bool writable, double now, px_error *error)
{
    (void)writable, (void)now;
    const size_t left = w->count - w->sent;
    if (!is_still_there(w)) {
        px_fail(error, PX_E_SYSTEM,
                "the wire %s failed: the file of that name is not the one that was opened; nothing was written",
                w->name);
        return PX_WIRE_FAILED;
    }
    uint8_t *bytes = malloc(left * w->frame_size);
    size_t at = 0;
    int failed = bytes == NULL ? ENOMEM : 0;
    for (size_t i = 0; bytes != NULL && i < left; i++)
        for (unsigned k = 0; k < w->frame_size; k++)
            bytes[i * w->frame_size + k] = (uint8_t)px_byte(w->frames[w->sent + i], k);
    while (failed == 0 && at < left * w->frame_size) {
        const ssize_t n = write(w->fd, bytes + at, left * w->frame_size - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            failed = n == 0 ? ENOSPC : errno;
    }
    free(bytes);
    if (failed == 0) {
        w->sent = w->count;
        return PX_WIRE_SENT;
    }
    const bool cut = ftruncate(w->fd, (off_t)((w->total) * w->frame_size)) == 0;
    if (!cut) /* then the frames in it count */
        w->sent += at / w->frame_size;
    px_fail(error, PX_E_SYSTEM, "the wire %s failed: %s; it %s", w->name, strerror(failed),
            cut ? "is as it was before this batch" : "holds a part of this batch");
    return PX_WIRE_FAILED;
}

static const px_wire_ops file_ops = {.send = send_file};

/* Whether path lies where the system keeps devices: what is not there is a cable that is not plugged in, and a file of
 * its name would be in the way of the device. /dev/shm is for files. */
static bool among_devices(const char *path)
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        strcpy(folder, ".");
    else if ((size_t)snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path) >= sizeof folder)
        return false;
    if (realpath(folder, real) == NULL)
        return strncmp(path, "/dev/", 5) == 0;
    strcat(real, strlen(real) < sizeof real - 2 ? "/" : "");
    return strncmp(real, "/dev/", 5) == 0 && strncmp(real, "/dev/shm/", 9) != 0;
}

/* Opens what is there; a new file only by its own name, for a link may lead anywhere. */
static int open_or_make(const char *path, px_error *error)
{
    const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int fd = open(path, flags);
    const bool missing = fd < 0 && errno == ENOENT;
    if (missing && among_devices(path)) {
        px_fail(error, PX_E_SYSTEM,
                "there is no device %s for the wire; is the adapter plugged in? `px devices` lists the ports", path);
        return -1;
    }
    if (missing)
        fd = open(path, flags | O_CREAT | O_EXCL, 0666);
    if (fd < 0)
        px_fail(error, PX_E_SYSTEM, "cannot open the wire %s: %s", path,
                errno == EEXIST ? "it is a link to what is not there" : strerror(errno));
    return fd;
}

/* A server that was killed may have left half a frame behind. */
static bool open_file(px_wire *w, const char *path, unsigned frame_size, px_error *error)
{
    struct stat about;
    w->ops = &file_ops;
    w->remembers = true;
    w->frame_size = frame_size;
    if ((size_t)snprintf(w->name, sizeof w->name, "%s", path) >= sizeof w->name)
        return px_fail(error, PX_E_USAGE, "the wire %.40s...: the name is too long", path);
    w->fd = open_or_make(path, error);
    if (w->fd < 0)
        return false;
    if (fstat(w->fd, &about) != 0)
        return px_fail(error, PX_E_SYSTEM, "cannot open the wire %s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode)) {
        w->ops = &output_ops; /* a pipe, a device: nothing remembers there */
        w->remembers = false;
        return true;
    }
    if (flock(w->fd, LOCK_EX | LOCK_NB) != 0)
        return px_fail(error, PX_E_SYSTEM, "the wire %s belongs to another server (%s)", path, strerror(errno));
    w->total = (uint64_t)about.st_size / frame_size;
    if ((uint64_t)about.st_size % frame_size != 0 && ftruncate(w->fd, (off_t)(w->total * frame_size)) != 0)
        return px_fail(error, PX_E_SYSTEM, "the wire %s ends in half a frame: %s", path, strerror(errno));
    return true;
}

/* ---- any ---- */

static bool is_terminal(const char *path)
{
    const int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const bool is = fd >= 0 && isatty(fd);
    if (fd >= 0)
        close(fd);
    return is;
}

static bool open_kind(px_wire *w, const char *spec, px_error *error)
{
    if (*spec == '\0')
        return px_fail(error, PX_E_USAGE, "--wire needs -, FILE, frames:FILE, pty or a serial port");
    if (strcmp(spec, "-") == 0) {
        w->ops = &output_ops;
        w->fd = STDOUT_FILENO;
        w->keep_open = true;
        snprintf(w->name, sizeof w->name, "stdout");
        return true;
    }
    if (strcmp(spec, "pty") == 0)
        return open_pty(w, error);
    if (strcmp(spec, "board") == 0) {
        w->ops = &board_ops;
        snprintf(w->name, sizeof w->name, "board");
        return true;
    }
    if (strncmp(spec, "frames:", 7) == 0)
        return open_file(w, spec + 7, 4, error);
    struct stat about;
    if (stat(spec, &about) == 0 && S_ISCHR(about.st_mode) && is_terminal(spec))
        return px_wire_open_port(w, spec, error);
    return open_file(w, spec, 1, error);
}

bool px_wire_open(px_wire **wire, const char *spec, px_error *error)
{
    px_wire *w = calloc(1, sizeof *w);
    if (w == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the wire");
    w->fd = -1;
    if (open_kind(w, spec, error)) {
        *wire = w;
        return true;
    }
    px_wire_close(w);
    return false;
}

void px_wire_close(px_wire *w)
{
    if (w == NULL)
        return;
    if (w->ops != NULL && w->ops->close != NULL)
        w->ops->close(w);
    if (w->fd >= 0 && !w->keep_open)
        close(w->fd);
    free(w);
}

const char *px_wire_name(const px_wire *w) { return w->name; }
bool px_wire_remembers(const px_wire *w) { return w->remembers; }
uint64_t px_wire_total(const px_wire *w) { return w->total; }
