/* transport_tty.c - serial ports: raw bytes at any usual rate, low latency, and nobody else on them. */
#define _DEFAULT_SOURCE /* baud rates above 38400, flock, cfmakeraw */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "wire/transport_internal.h"

/* ---- baud rates ---- */

static const struct {
    uint32_t baud;
    speed_t code;
} rates[] = {{9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},     {115200, B115200},
             {230400, B230400},   {460800, B460800},   {500000, B500000},   {576000, B576000},   {921600, B921600},
             {1000000, B1000000}, {1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000},
             {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000}};

static bool rate_of(uint32_t baud, speed_t *code, px_error *error)
{
    char list[256];
    size_t at = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        *code = rates[i].code;
        if (rates[i].baud == baud)
            return true;
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%" PRIu32, i > 0 ? ", " : "", rates[i].baud);
    }
    return px_fail(error, PX_E_USAGE, "a serial port has no rate of %" PRIu32 " baud; there are %s", baud, list);
}

bool px_tty_raw(int fd, uint32_t baud, const char *name, px_error *error)
{
    struct termios line;
    speed_t code = B0;
    if (baud != 0 && !rate_of(baud, &code, error))
        return false;
    if (tcgetattr(fd, &line) != 0)
        return px_fail(error, PX_E_SYSTEM, "%s is no serial port: %s", name, strerror(errno));
    cfmakeraw(&line); /* 8 data bits, no parity, nothing translated */
    line.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    if (baud != 0 && (cfsetispeed(&line, code) != 0 || cfsetospeed(&line, code) != 0))
        return px_fail(error, PX_E_SYSTEM, "%s cannot be set to %" PRIu32 " baud: %s", name, baud, strerror(errno));
    if (tcsetattr(fd, TCSANOW, &line) != 0)
        return px_fail(error, PX_E_SYSTEM, "%s cannot be set up: %s", name, strerror(errno));
    /* tcsetattr is content when any of its settings took. */
    if (baud != 0 && (tcgetattr(fd, &line) != 0 || cfgetospeed(&line) != code))
        return px_fail(error, PX_E_SYSTEM, "%s does not take %" PRIu32 " baud; try another rate, as in %s@115200", name,
                       baud, name);
    return true;
}

/* ---- opening ---- */

/* A pseudo-terminal's slave: TIOCEXCL would stay on it after a client that was killed, for its master lives on. */
static bool is_pty(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 && major(about.st_rdev) >= 136 && major(about.st_rdev) <= 143;
}

static bool cannot_open(const char *path, px_error *error)
{
    switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return px_fail(error, PX_E_SYSTEM,
                       "there is no serial port %s; is the board plugged in? `px devices` lists the ports", path);
    case EACCES:
    case EPERM:
        return px_fail(error, PX_E_SYSTEM,
                       "%s may not be opened by this user: serial ports belong to the group dialout; "
                       "`sudo usermod -aG dialout $USER`, then log in again",
                       path);
    case EBUSY:
        return px_fail(error, PX_E_SYSTEM, "%s is in use by another program; `fuser -v %s` shows which", path, path);
    default:
        return px_fail(error, PX_E_SYSTEM, "cannot open %s: %s", path, strerror(errno));
    }
}

/* 1 ms instead of 16 between a byte's arrival and its delivery, where the driver knows how. */
static void ask_for_low_latency(int fd)
{
    struct serial_struct serial;
    if (ioctl(fd, TIOCGSERIAL, &serial) != 0)
        return;
    serial.flags |= (int)ASYNC_LOW_LATENCY;
    ioctl(fd, TIOCSSERIAL, &serial); /* px_transport_latency tells what came of it */
}

bool px_tty_open(px_transport *transport, const char *path, uint32_t baud, px_error *error)
{
    transport->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (transport->fd < 0)
        return cannot_open(path, error);
    /* A lock besides TIOCEXCL, which does not keep out the superuser. */
    if (flock(transport->fd, LOCK_EX | LOCK_NB) != 0) {
        errno = EBUSY;
        return cannot_open(path, error);
    }
    if (!px_tty_raw(transport->fd, baud, path, error))
        return false;
    transport->baud = baud;
    transport->pty = is_pty(transport->fd);
    if (!transport->pty) {
        transport->exclusive = ioctl(transport->fd, TIOCEXCL) == 0;
        ask_for_low_latency(transport->fd);
    }
    tcflush(transport->fd, TCIOFLUSH);
    return true;
}

void px_tty_close(px_transport *transport)
{
    if (transport->exclusive)
        ioctl(transport->fd, TIOCNXCL);
    /* What was not sent by now is for nobody; close() would wait for a line that is stuck. */
    if (transport->baud != 0)
        tcflush(transport->fd, TCOFLUSH);
}

unsigned px_transport_latency(const px_transport *transport, char *file, size_t size)
{
    struct stat about;
    char link[64], device[PATH_MAX];
    unsigned milliseconds = 0;
    file[0] = '\0';
    if (transport->baud == 0 || fstat(transport->fd, &about) != 0)
        return 0;
    snprintf(link, sizeof link, "/sys/dev/char/%u:%u/device", major(about.st_rdev), minor(about.st_rdev));
    if (realpath(link, device) == NULL || (size_t)snprintf(file, size, "%s/latency_timer", device) >= size)
        return 0;
    FILE *timer = fopen(file, "r");
    if (timer == NULL)
        return 0;
    if (fscanf(timer, "%u", &milliseconds) != 1)
        milliseconds = 0;
    fclose(timer);
    return milliseconds;
}
