/* term.c - px term: this terminal at the end of a wire. What is typed goes there byte by byte, what comes is shown
 * as it is; Ctrl-] ends it. Without a terminal, standard input is sent and what comes is written until the other end
 * hangs up. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "host/commands.h"
#include "wire/transport.h"

enum { LEAVE = 0x1D /* Ctrl-] */, WRITE_MS = 10000 };

typedef struct arguments {
    const char *place, *taken;
} arguments;

static const char about[] =
    "Join this terminal to a wire: the pseudo-terminal of `px serve --wire pty`, a serial port, a socket.\v"
    "Each key goes to the wire, control characters too; Ctrl-] ends it. When standard input is no terminal it is "
    "sent, and what comes is written until the other end hangs up.\n\n"
    "Examples:\n"
    "  px term /dev/pts/5\n"
    "  px term /dev/ttyUSB1@115200";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        {"taken", 't', "FILE",
         "the wire is a machine's keyboard: FILE gets a byte 06h for each scan code taken, and the next key waits for "
         "those of the one before",
         .text = &a->taken},
        {0}};
    const px_command_line line = {
        .about = about,
        .options = options,
        .usage = "PLACE",
        .what = "place",
        .text = &a->place,
        .missing = "no place given; expected /dev/pts/N, /dev/ttyUSB1[@BAUD], tcp:[HOST:]PORT or unix:PATH"};
    px_read_arguments(&line, argc, argv);
}

static bool write_all(const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        const ssize_t n = write(STDOUT_FILENO, bytes, count);
        if (n < 0 && errno != EINTR)
            return false;
        bytes += n > 0 ? n : 0;
        count -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* What came from the wire; false when it is over. */
static bool show(px_transport *wire, px_error *error)
{
    uint8_t bytes[4096];
    size_t count = 0;
    const px_io io = px_transport_read(wire, bytes, sizeof bytes, &count, 0, error);
    return io == PX_IO_TIMEOUT || (io == PX_IO_DONE && write_all(bytes, count));
}

/* ---- the keyboard of an emulated machine, which has room for a few keys only ---- */

enum { ACK = 0x06, ESCAPE = 0x1B, GIVEN_UP_MS = 2000, LOOK_MS = 5 };

static struct {
    int taken; /* the file; -1: keys go as they come */
    unsigned long acks, wanted;
    long given_up; /* when a key that may have no scan code is not waited for any longer */
    uint8_t key[4096];
    size_t count;
} keys = {.taken = -1};

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Bytes of the first key: one, or a terminal's sequence for a cursor or function key. */
static size_t key_length(void)
{
    if (keys.key[0] != ESCAPE || keys.count < 3 || (keys.key[1] != '[' && keys.key[1] != 'O'))
        return 1;
    size_t n = 2;
    while (n + 1 < keys.count && (keys.key[n] < 0x40 || keys.key[n] == '['))
        n++;
    return n + 1;
}

/* Scan codes that a key has at least: pressed and released, and as much for the shift or control key held with it. */
static unsigned scan_codes(uint8_t c)
{
    const bool alone = c == '\b' || c == '\t' || c == '\r' || c == '\n' || c == ESCAPE || c == 0x7F;
    return !alone && (c < ' ' || (c >= 'A' && c <= 'Z') || strchr("~!@#$%^&*()_+{}|:\"<>?", c) != NULL) ? 4 : 2;
}

static bool send_keys(px_transport *wire, px_error *error)
{
    uint8_t bytes[4096];
    for (ssize_t n; (n = read(keys.taken, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            keys.acks += bytes[i] == ACK;
    while (keys.count > 0 && (keys.acks >= keys.wanted || now_ms() >= keys.given_up)) {
        const size_t n = key_length();
        const uint8_t first = keys.key[0];
        if (first < 0x80) { /* no key of the United States sends others */
            keys.wanted = keys.acks + scan_codes(first);
            keys.given_up = first < ' ' && first != '\r' ? now_ms() + GIVEN_UP_MS : LONG_MAX;
            if (px_transport_write(wire, keys.key, n, WRITE_MS, error) != PX_IO_DONE)
                return false;
        }
        keys.count -= n;
        memmove(keys.key, keys.key + n, keys.count);
    }
    return true;
}

/* What was typed; *over at Ctrl-] and at the end of a file. */
static bool type(px_transport *wire, bool terminal, bool *over, px_error *error)
{
    uint8_t bytes[256];
    const size_t room = sizeof keys.key - keys.count;
    const ssize_t n = read(STDIN_FILENO, bytes, room < sizeof bytes ? room : sizeof bytes);
    const uint8_t *const leave = terminal && n > 0 ? memchr(bytes, LEAVE, (size_t)n) : NULL;
    const size_t count = leave != NULL ? (size_t)(leave - bytes) : n > 0 ? (size_t)n : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return px_fail(error, PX_E_SYSTEM, "standard input failed: %s", strerror(errno));
    *over = n == 0 || leave != NULL;
    if (keys.taken >= 0) {
        memcpy(keys.key + keys.count, bytes, count);
        keys.count += count;
        return true;
    }
    return count == 0 || px_transport_write(wire, bytes, count, WRITE_MS, error) == PX_IO_DONE;
}

static bool talk(px_transport *wire, bool terminal, px_error *error)
{
    struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = px_transport_fd(wire), .events = POLLIN}};
    for (;;) {
        bool over = false;
        p[0].events = keys.count < sizeof keys.key ? POLLIN : 0; /* what has no room stays with who types */
        if (poll(p, 2, keys.count > 0 ? LOOK_MS : -1) < 0 && errno != EINTR)
            return px_fail(error, PX_E_SYSTEM, "cannot wait for input: %s", strerror(errno));
        if (p[1].revents != 0 && !show(wire, error))
            return false;
        if (p[0].revents != 0 && p[0].events != 0 && !type(wire, terminal, &over, error))
            return false;
        if (keys.taken >= 0 && !send_keys(wire, error))
            return false;
        if (over && terminal)
            return true;
        if (over)
            p[0].fd = -1; /* all is sent; what comes is still shown */
    }
}

int px_cmd_term(int argc, char **argv)
{
    arguments a = {0};
    px_transport *wire;
    px_error error = {0};
    struct termios usual, raw;
    read_arguments(&a, argc, argv);
    if (a.taken != NULL && (keys.taken = open(a.taken, O_RDONLY | O_CLOEXEC)) < 0) {
        (void)px_fail(&error, PX_E_SYSTEM, "%s: cannot read it: %s", a.taken, strerror(errno));
        return px_complain(argv[0], &error);
    }
    if (!px_transport_open(&wire, a.place, &error))
        return px_complain(argv[0], &error);
    const bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &usual) == 0;
    if (terminal) {
        fprintf(stderr, "%s; Ctrl-] ends\n", px_transport_name(wire));
        raw = usual;
        raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | IGNBRK | INLCR | IGNCR | ISTRIP | IXON);
        raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    const bool good = talk(wire, terminal, &error);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &usual);
        fputc('\n', stderr);
    }
    px_transport_close(wire);
    return good ? 0 : px_complain(argv[0], &error);
}
