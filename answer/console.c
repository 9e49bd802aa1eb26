/* console.c - the console: bytes in from a terminal, file or pipe, bytes out through a buffer that is emptied before
 * anybody could miss what is in it. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "answer/internal.h"
#include "pxi/pace.h"

enum { LEAVE = 0x1D /* Ctrl-] */, LOOK_MS = 100, SAFE_WRITE = 4096 /* what a pipe takes at once when it takes some */ };
static const double latest = 0.05; /* seconds that a byte stays in the buffer while the program runs, or a key unseen */
static const char help[] = "\r\nCtrl-] q  ends it here, and saves it\r\nCtrl-] ?  this help\r\n"
                           "Ctrl-] and another key: that key\r\n";

/* ---- the terminal ---- */

static struct termios usual;
static volatile int own_terminal = -1; /* the terminal that is not as it was */

/* Safe in a signal handler. */
static void restore_terminal(void)
{
    const int fd = own_terminal;
    if (fd >= 0)
        tcsetattr(fd, TCSADRAIN, &usual);
    own_terminal = -1;
}

static void make_raw(struct termios *t)
{
    t->c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | IGNBRK | INLCR | IGNCR | ISTRIP | IXON);
    t->c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
}

/* As the program wants it; key: the next key is for the host, and comes at once. */
static void set_terminal(const px_console *c, bool key)
{
    if (!c->raw && !c->commands) {
        restore_terminal();
        return;
    }
    if (own_terminal < 0 && (!isatty(c->input) || tcgetattr(c->input, &usual) != 0))
        return;
    struct termios new = usual;
    if (c->raw)
        make_raw(&new);
    if (key)
        new.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    if (c->raw || key) {
        new.c_cc[VMIN] = 1;
        new.c_cc[VTIME] = 0;
    } else {
        new.c_cc[VEOL] = LEAVE; /* a line that it is in comes without waiting for its end */
    }
    own_terminal = c->input;
    px_before_signal_ends(restore_terminal);
    tcsetattr(c->input, key ? TCSANOW : TCSADRAIN, &new);
}

bool px_host_gives_bytes(const px_host *host) { return host->console.raw; }

void console_raw(px_host *host, bool raw)
{
    if (raw == host->console.raw)
        return;
    host->console.raw = raw;
    set_terminal(&host->console, host->console.prefixed);
}

px_reply answer_CONSOLE(px_host *host, uint32_t payload, uint32_t argument)
{
    (void)argument;
    if (payload > 1)
        return PXH_E_INVALID;
    if (!host->showing)
        console_raw(host, payload == 1);
    return host_replaced(host) || isatty(host->console.input);
}

/* ---- out ---- */

/* False when it is not all out; *number is why, 0 for a signal. */
static bool write_out(int fd, const uint8_t *bytes, size_t count, size_t *done, int *number)
{
    *done = 0;
    *number = 0;
    while (*done < count) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if (poll(&p, 1, px_interrupted() ? 0 : LOOK_MS) <= 0) {
            if (px_interrupted())
                return false;
            continue;
        }
        const size_t part = count - *done < SAFE_WRITE ? count - *done : SAFE_WRITE;
        const ssize_t n = write(fd, bytes + *done, part);
        if (n >= 0) {
            *done += (size_t)n;
        } else if (errno != EINTR && errno != EAGAIN) {
            *number = errno;
            return false;
        }
    }
    return true;
}

px_reply console_flush(px_host *host)
{
    px_console *c = &host->console;
    size_t done;
    int number;
    if (c->out_count == 0)
        return 0;
    if (write_out(c->output, c->out, c->out_count, &done, &number)) {
        c->out_count = 0;
        return 0;
    }
    if (number == 0) { /* a signal: there is one more chance, at the end */
        memmove(c->out, c->out + done, c->out_count - done);
        c->out_count -= done;
        return 0;
    }
    c->out_count = 0;
    c->closed = true;
    c->lost |= number != EPIPE; /* who stops reading has had enough */
    return host_error(number);
}

/* Asked for each byte that a program prints, so a clock of some milliseconds that costs little. */
static double seconds(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
#else
    return px_seconds();
#endif
}

void console_flush_when_old(px_host *host)
{
    if (host->console.out_count > 0 && seconds() - host->console.since > latest)
        (void)console_flush(host);
}

px_reply console_put(px_host *host, const uint8_t *bytes, uint32_t count)
{
    px_console *c = &host->console;
    px_reply bad = 0;
    if (c->closed)
        return PXH_E_CLOSED;
    if (c->output < 0)
        return (px_reply)count;
    for (uint32_t done = 0; done < count && bad == 0;) {
        const uint32_t room = HOST_CONSOLE_ROOM - (uint32_t)c->out_count,
                       part = count - done < room ? count - done : room;
        if (c->out_count == 0)
            c->since = seconds();
        memcpy(c->out + c->out_count, bytes + done, part);
        c->out_count += part;
        done += part;
        if (c->out_count == HOST_CONSOLE_ROOM)
            bad = console_flush(host);
        if (c->out_count == HOST_CONSOLE_ROOM) /* a signal came, and nobody reads */
            return done < count ? (px_reply)done : (px_reply)count;
    }
    return bad != 0 ? bad : (px_reply)count;
}

px_reply console_write(px_host *host, const uint8_t *bytes, uint32_t count)
{
    if (host->onlooker != NULL)
        host->onlooker->print(host->onlooker->context, bytes, count);
    return host_replaced(host) ? (px_reply)count : console_put(host, bytes, count);
}

px_reply host_write_errors(px_host *host, const uint8_t *bytes, uint32_t count)
{
    size_t done;
    int number;
    if (host->onlooker != NULL)
        host->onlooker->print(host->onlooker->context, bytes, count);
    if (host_replaced(host) || host->console.errors < 0)
        return (px_reply)count;
    (void)console_flush(host);
    if (write_out(host->console.errors, bytes, count, &done, &number) || done > 0 || number == 0)
        return (px_reply)done;
    return host_error(number);
}

px_reply answer_PUTC(px_host *host, uint32_t payload, uint32_t argument)
{
    const uint8_t byte = (uint8_t)payload;
    (void)argument;
    return payload > 0xFF ? PXH_E_INVALID : console_write(host, &byte, 1);
}

static px_reply take(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    (void)context;
    return console_write(host, bytes, count);
}

/* Up to the byte 0, which must come within the image. */
static px_reply print_string(px_host *host, uint32_t address)
{
    uint8_t bytes[1024];
    const uint64_t end = (uint64_t)host->pixels * 4;
    uint32_t total = 0;
    for (uint64_t at = address; at < end;) {
        const uint32_t part = end - at < sizeof bytes ? (uint32_t)(end - at) : (uint32_t)sizeof bytes;
        px_reply bad = host_get_bytes(host, (uint32_t)at, bytes, part);
        const uint8_t *const zero = bad == 0 ? memchr(bytes, 0, part) : NULL;
        const uint32_t count = zero != NULL ? (uint32_t)(zero - bytes) : part;
        if (bad == 0)
            bad = console_write(host, bytes, count);
        if (bad < 0)
            return total > 0 ? (px_reply)total : bad;
        total += count;
        at += count;
        if (zero != NULL)
            return (px_reply)total;
    }
    return PXH_E_RANGE;
}

px_reply answer_PRINT(px_host *host, uint32_t payload, uint32_t argument)
{
    return payload == PXH_STRING ? print_string(host, argument) : host_from_image(host, argument, payload, take, NULL);
}

px_reply answer_LOG(px_host *host, uint32_t payload, uint32_t argument)
{
    uint8_t line[1024 + 16] = "px: log: ";
    const size_t start = strlen((char *)line);
    if (payload > 1024)
        return PXH_E_LIMIT;
    const px_reply bad = host_get_bytes(host, argument, line + start, payload);
    if (bad != 0)
        return bad;
    for (size_t i = start; i < start + payload; i++)
        line[i] = line[i] < ' ' || line[i] > '~' ? '.' : line[i];
    line[start + payload] = '\n';
    (void)host_write_errors(host, line, (uint32_t)start + payload + 1);
    return (px_reply)payload;
}

/* ---- in ---- */

static bool waiting_there(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&p, 1, 0) > 0;
}

/* A key behind Ctrl-]. True: it is the program's. */
static bool command(px_host *host, uint8_t key)
{
    px_console *c = &host->console;
    size_t done;
    int number;
    if (key == 'q' || key == '?')
        (void)write_out(c->errors, (const uint8_t *)help, key == 'q' ? 2 : sizeof help - 1, &done, &number);
    if (key == 'q')
        px_interrupt();
    return key != 'q' && key != '?';
}

/* Of what has come from a terminal, from a byte on: what is for the host is taken out. */
static void take_commands(px_host *host, size_t from)
{
    px_console *c = &host->console;
    const bool before = c->prefixed;
    size_t to = from;
    for (size_t i = from; i < c->in_count && !px_interrupted(); i++) {
        const uint8_t key = c->in[i];
        const bool was = c->prefixed;
        c->prefixed = !was && key == LEAVE;
        if (c->prefixed && !c->commands)
            px_interrupt();
        else if (!c->prefixed && (!was || command(host, key)))
            c->in[to++] = key;
    }
    c->in_count = to;
    if (c->prefixed != before && c->commands)
        set_terminal(c, c->prefixed);
}

/* Takes in what has come, if there is room. */
static void fill(px_host *host)
{
    px_console *c = &host->console;
    if (c->in_at == c->in_count)
        c->in_at = c->in_count = 0;
    if ((c->in_count > 0 && !c->commands) || c->in_count == sizeof c->in || c->ended || !waiting_there(c->input))
        return;
    const size_t before = c->in_count;
    const ssize_t n = read(c->input, c->in + before, sizeof c->in - before);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    c->broken = n < 0;
    c->ended = n <= 0;
    c->in_count += n > 0 ? (size_t)n : 0;
    if (own_terminal == c->input)
        take_commands(host, before);
}

void console_look(px_host *host)
{
    px_console *c = &host->console;
    if (!c->commands || own_terminal != c->input || c->keys)
        return;
    const double now = seconds();
    if (now - c->looked > latest)
        fill(host);
    c->looked = now - c->looked > latest ? now : c->looked;
}

bool console_ready(px_host *host)
{
    fill(host);
    return host->console.in_count > host->console.in_at || host->console.ended;
}

px_reply console_read(px_host *host, uint32_t address, uint32_t most)
{
    px_console *c = &host->console;
    const px_reply bad = host_within(host, address, most);
    if (bad != 0 || most == 0)
        return bad;
    if (host->showing)
        return 0;
    if (c->keys) /* all that is typed are events */
        return 0;
    if (!console_ready(host)) {
        host->wants_input = true;
        return PXH_WAITS;
    }
    const size_t there = c->in_count - c->in_at;
    const uint32_t count = there < most ? (uint32_t)there : most;
    const px_reply failed = c->broken ? PXH_E_IO : host_put_bytes(host, address, c->in + c->in_at, count);
    c->in_at += count;
    c->told = false;
    return failed != 0 ? failed : (px_reply)count;
}

px_reply answer_INPUT(px_host *host, uint32_t payload, uint32_t argument)
{
    return console_read(host, argument, payload);
}

px_reply answer_GETC(px_host *host, uint32_t payload, uint32_t argument)
{
    px_console *c = &host->console;
    (void)argument;
    if (payload != 0)
        return PXH_E_INVALID;
    if (host->showing)
        return 0;
    if (c->keys) /* all that is typed are events */
        return PXH_E_END;
    if (!console_ready(host)) {
        host->wants_input = true;
        return PXH_WAITS;
    }
    c->told = false;
    if (c->in_at < c->in_count)
        return c->in[c->in_at++];
    return c->broken ? PXH_E_IO : PXH_E_END;
}

/* ---- opening and closing ---- */

bool console_open(px_host *host, const px_grants *grants, px_error *error)
{
    host->console.input = host_replaced(host) ? -1 : grants->input; /* poll and isatty take -1 for nothing */
    host->console.output = grants->output;
    host->console.errors = grants->errors;
    host->console.commands = grants->commands;
    set_terminal(&host->console, false);
    host->console.out = malloc(HOST_CONSOLE_ROOM);
    return host->console.out != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the console");
}

bool console_close(px_host *host)
{
    (void)console_flush(host);
    const bool all = host->console.out_count == 0 && !host->console.lost;
    restore_terminal();
    px_before_signal_ends(NULL);
    free(host->console.out);
    return all;
}
