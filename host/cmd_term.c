/* cmd_term.c - px term: this terminal at the end of a wire. What is typed goes there byte by byte, what comes is shown
 * as it is; Ctrl-] ends it. Without a terminal, standard input is sent and what comes is written until the other end
 * hangs up. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "host/commands.h"
#include "host/transport.h"

enum { LEAVE = 0x1D /* Ctrl-] */, WRITE_MS = 10000 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **place = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        return px_take_argument(state, "place", arg, place);
    case ARGP_KEY_END:
        if (*place == NULL)
            argp_error(state, "no place given; expected /dev/pts/N, /dev/ttyUSB1[@BAUD], tcp:[HOST:]PORT or unix:PATH");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
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

/* What was typed; *over at Ctrl-] and at the end of a file. */
static bool type(px_transport *wire, bool terminal, bool *over, px_error *error)
{
    uint8_t bytes[256];
    const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    const uint8_t *const leave = terminal && n > 0 ? memchr(bytes, LEAVE, (size_t)n) : NULL;
    const size_t count = leave != NULL ? (size_t)(leave - bytes) : n > 0 ? (size_t)n : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return px_fail(error, PX_E_SYSTEM, "standard input failed: %s", strerror(errno));
    *over = n == 0 || leave != NULL;
    return count == 0 || px_transport_write(wire, bytes, count, WRITE_MS, error) == PX_IO_DONE;
}

static bool talk(px_transport *wire, bool terminal, px_error *error)
{
    struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = px_transport_fd(wire), .events = POLLIN}};
    for (;;) {
        bool over = false;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return px_fail(error, PX_E_SYSTEM, "cannot wait for input: %s", strerror(errno));
        if (p[1].revents != 0 && !show(wire, error))
            return false;
        if (p[0].revents != 0 && !type(wire, terminal, &over, error))
            return false;
        if (over && terminal)
            return true;
        if (over)
            p[0].fd = -1; /* all is sent; what comes is still shown */
    }
}

int px_cmd_term(int argc, char **argv)
{
    static const char doc[] =
        "Join this terminal to a wire: the pseudo-terminal of `px serve --wire pty`, a serial port, a socket.\v"
        "Each key goes to the wire, control characters too; Ctrl-] ends it. When standard input is no terminal it is "
        "sent, "
        "and what comes is written until the other end hangs up.\n\nExamples:\n  px term /dev/pts/5\n"
        "  px term /dev/ttyUSB1@115200";
    static const struct argp argp = {NULL, parse, "PLACE", doc, NULL, NULL, NULL};
    const char *place = NULL;
    px_transport *wire;
    px_error error = {0};
    struct termios usual, raw;
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &place, &status))
        return status;
    if (!px_transport_open(&wire, place, &error))
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
