/* wire_port.c - the wire as a serial port: rate, data bits, parity and stop bits follow each frame.
 *
 * The settings may change only when the last bit before has left: the port is asked, every few milliseconds, how many
 * bytes it still holds, and then given the time of the bytes that its transmitter may hold besides. Rates are divisors
 * of 115,200, most of them none that termios has a name for: hence the kernel's own structure, which takes any. */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pxi/pixel.h"
#include "wire/serial.h"
#include "wire/wire_internal.h"

enum { CHUNK = 256, HARDWARE_BYTES = 2 };
#define ASK_AGAIN 0.003      /* seconds */
#define NO_FORMAT UINT32_MAX /* none that a frame can have */

typedef enum port_stage { SENDING, DRAINING, SETTLING, BREAKING } port_stage;

typedef struct port {
    struct termios2 before;
    uint32_t format; /* divisor and line control in force, as in a frame, or NO_FORMAT */
    port_stage stage;
    double until;
    int marked; /* received bytes of a marker: 0, 1 after FF, 2 after FF 00 */
} port;

/* ---- settings ---- */

static bool is_break(uint32_t frame) { return pxs_line_break(pxs_frame_line(frame)) != 0; }

/* No data, no break. */
static uint32_t format_of(uint32_t frame)
{
    const uint32_t pause = 1u << PXS_SHIFT_line_break;
    return pxs_frame(0, pxs_frame_divisor(frame), pxs_frame_line(frame) & ~pause);
}

static uint32_t divisor_of(uint32_t format)
{
    const uint32_t divisor = pxs_frame_divisor(format);
    return divisor != 0 ? divisor : 1;
}

static double frame_seconds(uint32_t frame)
{
    return 16.0 * 8 * divisor_of(frame) / PX_SERIAL_CLOCK + px_serial_duration(frame) / (double)PX_SERIAL_CLOCK;
}

static unsigned line_flags(uint32_t line_control)
{
    static const unsigned sizes[4] = {CS5, CS6, CS7, CS8};
    unsigned flags = CREAD | CLOCAL | sizes[pxs_line_length(line_control)];
    flags |= pxs_line_stop(line_control) != 0 ? CSTOPB : 0;
    if (pxs_line_parity(line_control) != 0) /* that which sticks Linux has as space and mark */
        flags |= PARENB | (pxs_line_even(line_control) != 0 ? 0u : PARODD) |
                 (pxs_line_stick(line_control) != 0 ? CMSPAR : 0u);
    return flags;
}

static bool set_format(px_wire *w, uint32_t format, px_error *error)
{
    port *p = w->more;
    struct termios2 line = {.c_iflag = INPCK | PARMRK, .c_cflag = BOTHER | line_flags(pxs_frame_line(format))};
    line.c_ispeed = line.c_ospeed = 115200 / divisor_of(format);
    line.c_cc[VMIN] = 1;
    if (line.c_ospeed == 0)
        line.c_ispeed = line.c_ospeed = 1;
    p->format = format;
    return ioctl(w->fd, TCSETS2, &line) == 0 ||
           px_fail(error, PX_E_SYSTEM, "the wire %s does not take %u baud with line control 0x%02X: %s", w->name,
                   line.c_ospeed, pxs_frame_line(format), strerror(errno));
}

/* ---- sending ---- */

static px_wire_progress failed(const px_wire *w, px_error *error)
{
    px_fail(error, PX_E_SYSTEM, "the wire %s failed: %s", w->name, strerror(errno));
    return PX_WIRE_FAILED;
}

/* Bytes up to the next frame with other settings. */
static px_wire_progress write_some(px_wire *w, px_error *error)
{
    const port *p = w->more;
    uint8_t bytes[CHUNK];
    size_t size = 0;
    while (size < sizeof bytes && w->sent + size < w->count && format_of(w->frames[w->sent + size]) == p->format &&
           !is_break(w->frames[w->sent + size])) {
        bytes[size] = (uint8_t)pxs_frame_data(w->frames[w->sent + size]);
        size++;
    }
    const ssize_t n = write(w->fd, bytes, size);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return failed(w, error);
    w->sent += n > 0 ? (size_t)n : 0;
    w->want_room = n < (ssize_t)size;
    return PX_WIRE_WORKING;
}

static void go(px_wire *w, port_stage stage, double at)
{
    port *p = w->more;
    p->stage = stage;
    p->until = w->wake = at;
}

static px_wire_progress drain(px_wire *w, double now, px_error *error)
{
    const port *p = w->more;
    int queued = 0;
    if (ioctl(w->fd, TIOCOUTQ, &queued) != 0)
        return failed(w, error);
    if (queued > 0)
        w->wake = now + ASK_AGAIN;
    else
        go(w, SETTLING, now + HARDWARE_BYTES * frame_seconds(p->format));
    return PX_WIRE_WORKING;
}

/* The line is quiet: a break begins, or new settings hold. */
static px_wire_progress settle(px_wire *w, double now, px_error *error)
{
    const uint32_t frame = w->frames[w->sent];
    const port *p = w->more;
    if (format_of(frame) != p->format && !set_format(w, format_of(frame), error))
        return PX_WIRE_FAILED;
    if (!is_break(frame)) {
        go(w, SENDING, 0);
        return PX_WIRE_WORKING;
    }
    if (ioctl(w->fd, TIOCSBRK, 0) != 0)
        return failed(w, error);
    go(w, BREAKING, now + px_serial_duration(frame) / (double)PX_SERIAL_CLOCK);
    return PX_WIRE_WORKING;
}

static px_wire_progress end_break(px_wire *w, px_error *error)
{
    const port *p = w->more;
    if (ioctl(w->fd, TIOCCBRK, 0) != 0)
        return failed(w, error);
    w->sent++;
    go(w, SETTLING, p->until + frame_seconds(p->format)); /* the line rests for a frame, or the break has no end */
    return PX_WIRE_WORKING;
}

static px_wire_progress advance(px_wire *w, bool writable, double now, px_error *error)
{
    const port *p = w->more;
    for (;;) {
        if (w->sent == w->count && p->stage == SENDING)
            return PX_WIRE_SENT;
        if (p->stage == SENDING) {
            const uint32_t frame = w->frames[w->sent];
            if (format_of(frame) == p->format && !is_break(frame)) {
                w->wake = 0;
                if (!writable)
                    return PX_WIRE_WORKING;
                const px_wire_progress progress = write_some(w, error);
                if (progress != PX_WIRE_WORKING || w->want_room)
                    return progress;
                continue;
            }
            go(w, DRAINING, now);
        }
        w->want_room = false;
        if (now < w->wake)
            return PX_WIRE_WORKING;
        if (p->stage == SETTLING && w->sent == w->count) { /* after a break */
            go(w, SENDING, 0);
            continue;
        }
        const port_stage before = p->stage;
        const px_wire_progress progress = before == DRAINING   ? drain(w, now, error)
                                          : before == SETTLING ? settle(w, now, error)
                                                               : end_break(w, error);
        if (progress != PX_WIRE_WORKING)
            return progress;
    }
}

static px_wire_progress send_port(px_wire *w, bool writable, double now, px_error *error)
{
    const px_wire_progress progress = advance(w, writable, now, error);
    if (progress == PX_WIRE_FAILED) { /* the next batch finds out how the port stands */
        go(w, DRAINING, 0);
        ((port *)w->more)->format = NO_FORMAT;
    }
    return progress;
}

/* ---- receiving: FF 00 X is X with a parity or framing error, FF 00 00 a break, FF FF is FF ---- */

static void receive_marked(px_wire *w, const uint8_t *bytes, size_t count)
{
    port *p = w->more;
    const bool parity = pxs_line_parity(pxs_frame_line(p->format)) != 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t c = bytes[i];
        if (p->marked == 2) {
            px_wire_character(w, c, c == 0 ? PX_SERIAL_E_BREAK : parity ? PX_SERIAL_E_PARITY : PX_SERIAL_E_FRAMING);
            p->marked = 0;
        } else if (p->marked == 1) {
            p->marked = c == 0 ? 2 : 0;
            if (c != 0)
                px_wire_character(w, c, 0);
        } else if (c == 0xFF)
            p->marked = 1;
        else
            px_wire_character(w, c, 0);
    }
}

/* ---- opening ---- */

static void close_port(px_wire *w)
{
    port *p = w->more;
    if (p != NULL && w->fd >= 0) {
        ioctl(w->fd, TCFLSH, TCOFLUSH); /* close() would wait for a line that is stuck */
        ioctl(w->fd, TCSETS2, &p->before);
    }
    free(p);
}

static const px_wire_ops port_ops = {.send = send_port, .receive = receive_marked, .close = close_port};

bool px_wire_open_port(px_wire *w, const char *path, px_error *error)
{
    port *p = calloc(1, sizeof *p);
    w->ops = &port_ops;
    w->more = p;
    snprintf(w->name, sizeof w->name, "%s", path);
    if (p == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the wire %s", path);
    const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return px_fail(error, PX_E_SYSTEM, "cannot open the wire %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || ioctl(fd, TCGETS2, &p->before) != 0) {
        px_fail(error, PX_E_SYSTEM, "the wire %s cannot be had: %s", path, strerror(errno));
        close(fd);
        return false;
    }
    w->fd = fd;
    return set_format(w, UINT32_C(0x00030100), error);
}
