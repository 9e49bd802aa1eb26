/* board.c - a simulated board: the Verilated board top, an adapter with a UART at its pins, and a pseudo-terminal or
 * socket in the place of the adapter's USB plug.
 *
 * Nothing passes between host and board but levels of pins. The clock rests while nothing can happen: no byte under
 * way, no run, no frame on the wire, and all of the link's timeouts over. */
#define _GNU_SOURCE /* program_invocation_short_name */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pxi/number.h"
#include "sim/board.h"
#include "sim/board_monitor.h"
#include "sim/board_pin.h"
#include "sim/board_port.h"
#include "sim/uart_model.h"

enum {
    PACKET = 62,        /* bytes in which a USB adapter hands over what it has received */
    CHUNK = 64,         /* bytes taken from the host at a time */
    LOOK = 1000,        /* cycles between two looks at a host that sends nothing */
    QUIET = 4096 + 100, /* byte times after which the endpoint has dropped an unfinished frame (LINK.md section 1) */
    LIGHTS = 1 << 21,   /* cycles until the LEDs show that nothing happens (WAIT in rtl/board/board_top.v) */
    WAKE_UP = 4096      /* cycles of power-on reset, before anything is looked at */
};

typedef struct arguments {
    const char *link, *listen, *wire, *edges, *monitor, *trace;
    double baud, baud_error, flip, latency;
    uint32_t seed;
    unsigned divisor, lcr;
    bool realtime, leds;
} arguments;

typedef struct bench {
    const px_board_info *info;
    px_board *board;
    px_port port;
    px_uart_tx tx; /* host to board */
    px_uart_rx rx; /* board to host */
    px_uart_noise noise;
    px_monitor monitor;
    px_pin wire;
    uint64_t now, latency; /* in cycles */
    uint64_t active;       /* when the link was last seen at work */
    uint64_t quiet;        /* cycles without work after which the clock may rest */
    uint64_t look;         /* when to ask the host next */
    uint32_t pins, watch;
    bool leds;
    uint8_t from_host[CHUNK], to_host[PACKET];
    size_t from_next, from_count, to_count;
    double to_begin[PACKET], to_end[PACKET]; /* when each byte of to_host was on the line */
    uint64_t sent, received;
    double rested; /* seconds in which the clock stood still */
} bench;

static volatile sig_atomic_t ended, stuck;

static void on_signal(int number)
{
    if (number == SIGUSR1 || number == SIGUSR2)
        stuck = number == SIGUSR1;
    else
        ended = 1;
}

/* ---- command line ---- */

enum {
    KEY_LINK = 256,
    KEY_LISTEN,
    KEY_BAUD,
    KEY_REALTIME,
    KEY_LEDS,
    KEY_WIRE,
    KEY_WIRE_LINE,
    KEY_EDGES,
    KEY_MONITOR,
    KEY_BAUD_ERROR,
    KEY_FLIP,
    KEY_LATENCY,
    KEY_SEED,
    KEY_TRACE
};

static const struct argp_option options[] = {
    {"link", KEY_LINK, "PATH", 0, "make PATH a symbolic link to the pseudo-terminal", 0},
    {"listen", KEY_LISTEN, "WHERE", 0, "a socket instead of a pseudo-terminal: unix:PATH, tcp:[HOST:]PORT", 0},
    {"baud", KEY_BAUD, "N", 0, "bits a second of the adapter; the board's own is built in", 0},
    {"realtime", KEY_REALTIME, NULL, 0, "not faster than the board's clock; otherwise as fast as it goes", 0},
    {"leds", KEY_LEDS, NULL, 0, "show the LEDs when they change", 0},
    {"wire", KEY_WIRE, "FILE", 0, "write the characters seen on the wire to FILE, - for standard output", 0},
    {"wire-line", KEY_WIRE_LINE, "DIVISOR,LCR", 0, "what the wire's receiver is set to (1,3: 115,200 baud, 8N1)", 0},
    {"edges", KEY_EDGES, "FILE", 0, "write each change of the wire to FILE: clock cycle, level", 0},
    {"monitor", KEY_MONITOR, "FILE", 0,
     "write each frame of the link to FILE: begin and end in microseconds, type, "
     "sequence number, words",
     0},
    {"baud-error", KEY_BAUD_ERROR, "PERCENT", 0, "the adapter's clock is so much too fast, or, below 0, too slow", 0},
    {"flip", KEY_FLIP, "P", 0, "each bit on the link's line is turned around with probability P", 0},
    {"latency", KEY_LATENCY, "MS", 0,
     "the adapter hands over what it received after MS milliseconds of the board's time, "
     "or when it has 62 bytes (0: when the line is idle)",
     0},
    {"seed", KEY_SEED, "N", 0, "what draws noise and the bits that the board wakes up with (1)", 0},
    {"trace", KEY_TRACE, "FILE.vcd", 0, "write all signals; needs build/board-BOARD+trace", 0},
    {0}};

static double number(struct argp_state *state, const char *what, const char *arg, double low, double high)
{
    px_error error;
    double value = low;
    if (!px_parse_real(what, arg, low, high, &value, &error))
        argp_error(state, "%s", error.text);
    return value;
}

static void wire_line(struct argp_state *state, const char *arg, arguments *a)
{
    const char *at = arg;
    uint64_t divisor = 0, lcr = 0;
    const bool whole = px_scan_number(&at, &divisor) && *at++ == ',' && px_scan_number(&at, &lcr) && *at == '\0';
    if (!whole || divisor < 1 || divisor > 65535 || lcr > 255)
        argp_error(state, "--wire-line %s: expected a divisor from 1 to 65535, a comma, a line control byte", arg);
    a->divisor = (unsigned)divisor;
    a->lcr = (unsigned)lcr;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    px_error error;
    uint64_t seed = 1;
    switch (key) {
    case KEY_LINK:
        a->link = arg;
        return 0;
    case KEY_WIRE:
        a->wire = arg;
        return 0;
    case KEY_EDGES:
        a->edges = arg;
        return 0;
    case KEY_MONITOR:
        a->monitor = arg;
        return 0;
    case KEY_TRACE:
        a->trace = arg;
        return 0;
    case KEY_REALTIME:
        a->realtime = true;
        return 0;
    case KEY_LEDS:
        a->leds = true;
        return 0;
    case KEY_WIRE_LINE:
        wire_line(state, arg, a);
        return 0;
    case KEY_BAUD:
        a->baud = number(state, "--baud", arg, 50, 1e8);
        return 0;
    case KEY_BAUD_ERROR:
        a->baud_error = number(state, "--baud-error", arg, -50, 50);
        return 0;
    case KEY_FLIP:
        a->flip = number(state, "--flip", arg, 0, 1);
        return 0;
    case KEY_LATENCY:
        a->latency = number(state, "--latency", arg, 0, 1000);
        return 0;
    case KEY_SEED:
        if (!px_parse_number("--seed", arg, 0, INT32_MAX, &seed, &error))
            argp_error(state, "%s", error.text);
        a->seed = (uint32_t)seed;
        return 0;
    case KEY_LISTEN:
        a->listen = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->link != NULL && strcmp(a->listen, "pty") != 0)
            argp_error(state, "--link is for the pseudo-terminal and --listen takes its place; give one of them");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the bench ---- */

static void deliver(bench *b)
{
    if (b->to_count == 0)
        return;
    const double when = b->latency > 0 ? (double)b->now : 0; /* without latency a byte is there when it has passed */
    for (size_t i = 0; i < b->to_count; i++)
        px_monitor_to_host(&b->monitor, b->to_begin[i], when > 0 ? when : b->to_end[i], b->to_host[i]);
    px_port_write(&b->port, b->to_host, b->to_count);
    b->to_count = 0;
}

/* When the adapter hands over what it has. */
static uint64_t delivery(const bench *b)
{
    if (b->to_count == 0 || (b->latency == 0 && b->rx.busy))
        return PX_UART_NEVER;
    const double due = b->latency > 0 ? b->to_begin[0] + 10 * b->rx.bit + (double)b->latency
                                      : b->to_end[b->to_count - 1] + 2 * b->rx.bit;
    return (uint64_t)ceil(due);
}

static void print_leds(const bench *b)
{
    printf("%12.6f s  ", (double)b->now / b->info->clock);
    for (uint32_t i = 0; i < b->info->leds; i++)
        putchar((b->pins >> (PX_BOARD_LED + i) & 1) != b->info->leds_low ? '*' : '.');
    putchar('\n');
    fflush(stdout);
}

/* Bytes from the host onto the line, without a gap while there are more. */
static void feed(bench *b)
{
    if (!px_uart_tx_ready(&b->tx, b->now))
        return;
    if (b->from_next == b->from_count && b->now >= b->look) {
        b->from_next = 0;
        b->from_count = px_port_read(&b->port, b->from_host, CHUNK);
        b->look = b->now + LOOK;
    }
    if (b->from_next == b->from_count)
        return;
    const uint8_t byte = b->from_host[b->from_next++];
    px_uart_tx_send(&b->tx, b->now, byte);
    px_monitor_to_board(&b->monitor, b->tx.begin, b->tx.end, byte);
    b->sent++;
    b->active = b->now;
    if (b->from_next == b->from_count)
        b->look = b->now;
}

static uint64_t earlier(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* To the next moment at which something can happen at the pins or at the host. */
static void step(bench *b)
{
    uint64_t until = px_uart_tx_ready(&b->tx, b->now) ? b->look : px_uart_tx_next(&b->tx, b->now);
    until = earlier(until, earlier(px_uart_rx_next(&b->rx), earlier(px_uart_rx_next(&b->wire.rx), delivery(b))));
    const bool held = stuck != 0;
    const uint32_t before = b->pins;
    b->now += px_board_clock(b->board, !held && px_uart_tx_level(&b->tx, b->now), until > b->now ? until - b->now : 1,
                             b->watch, &b->pins);

    px_uart_char got;
    if (px_uart_rx_line(&b->rx, b->now, !held && (b->pins & PX_BOARD_TX) != 0, &got)) {
        b->to_begin[b->to_count] = got.begin;
        b->to_end[b->to_count] = got.end + b->rx.bit / 2;
        b->to_host[b->to_count++] = got.data;
        b->received++;
    }
    if (b->to_count == PACKET || b->now >= delivery(b))
        deliver(b);
    if (b->info->wire)
        px_pin_line(&b->wire, b->now, (b->pins & PX_BOARD_WIRE) != 0);
    if (b->leds && ((b->pins ^ before) & PX_BOARD_LEDS) != 0)
        print_leds(b);
    if (held || b->rx.busy || b->to_count > 0)
        b->active = b->now;
}

static bool at_rest(const bench *b)
{
    return b->from_next == b->from_count && b->to_count == 0 && !b->rx.busy && !b->wire.rx.busy &&
           b->now - b->active > b->quiet && !px_board_busy(b->board);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Until the host has something to say; then the clock runs again. */
static void rest(bench *b)
{
    const double begun = seconds();
    px_port_wait(&b->port, -1);
    b->look = b->now;
    feed(b);
    if (b->from_next == b->from_count)
        b->active = b->now; /* not the host, but a signal */
    b->rested += seconds() - begun;
}

static void simulate(bench *b, bool realtime)
{
    double begun = seconds();
    uint64_t from = b->now;
    while (!ended) {
        feed(b);
        if (at_rest(b)) {
            rest(b);
            begun = seconds();
            from = b->now;
        }
        step(b);
        const double ahead = realtime ? (double)(b->now - from) / b->info->clock - (seconds() - begun) : 0;
        if (ahead > 2e-3)
            px_port_wait(&b->port, (int)(ahead * 1e3));
    }
}

/* ---- beginning and end ---- */

static FILE *create(const char *path)
{
    if (path == NULL)
        return NULL;
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, path, strerror(errno));
        exit(2);
    }
    return file;
}

static void finish(FILE *file)
{
    if (file != NULL && (fflush(file) != 0 || ferror(file))) {
        fprintf(stderr, "%s: a file could not be written: %s\n", program_invocation_short_name, strerror(errno));
        exit(2);
    }
}

static void set_up(bench *b, const arguments *a)
{
    const double clock = b->info->clock;
    const double bit = clock / ((a->baud > 0 ? a->baud : b->info->baud) * (1 + a->baud_error / 100));
    px_uart_noise_init(&b->noise, a->flip, a->seed);
    px_uart_tx_init(&b->tx, bit, &b->noise);
    px_uart_rx_init(&b->rx, bit, 3, &b->noise);
    px_monitor_init(&b->monitor, create(a->monitor), clock, bit);
    px_pin_init(&b->wire, clock, a->divisor, a->lcr);
    b->wire.text = create(a->wire);
    b->wire.edges = create(a->edges);
    b->latency = (uint64_t)(a->latency * 1e-3 * clock);
    b->leds = a->leds;
    b->quiet = (uint64_t)(QUIET * 10 * bit) + (a->leds ? LIGHTS : 0);
    b->watch = PX_BOARD_TX | (b->info->wire ? PX_BOARD_WIRE : 0) | (a->leds ? PX_BOARD_LEDS : 0);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: poll() returns */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

static void sum_up(const bench *b, double elapsed)
{
    fprintf(stderr, "%s: %" PRIu64 " cycles in %.1f s, %.1f million a second; %" PRIu64 " bytes in, %" PRIu64 " out",
            b->info->name, b->now, elapsed, (double)b->now * 1e-6 / elapsed, b->sent, b->received);
    if (b->port.lost > 0)
        fprintf(stderr, ", %" PRIu64 " lost at the host", b->port.lost);
    if (b->noise.flipped > 0)
        fprintf(stderr, "; %" PRIu64 " bits turned around, %" PRIu64 " requests repeated", b->noise.flipped,
                b->monitor.repeats);
    if (b->monitor.blocks > 0)
        fprintf(stderr, "\n%s: %" PRIu64 " writes of 256 pixels used %.1f %% of the wire", b->info->name,
                b->monitor.blocks, 100 * px_monitor_efficiency(&b->monitor));
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options,
                                     parse,
                                     NULL,
                                     "A board, simulated at its pins, on a pseudo-terminal: px run --on link:PATH "
                                     "talks to it as to hardware. Ctrl-C ends it.",
                                     NULL,
                                     NULL,
                                     NULL};
    static bench b; /* the monitor's buffers are large */
    arguments a = {.listen = "pty", .seed = 1, .divisor = 1, .lcr = 3};
    px_error error = {0};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    b.info = &px_board_info_of_this;
    set_up(&b, &a);
    b.board = px_board_open(a.seed, a.trace);
    if (b.board == NULL) {
        fprintf(stderr, "%s: %s\n", program_invocation_short_name,
                a.trace != NULL ? "--trace needs build/board-BOARD+trace" : "no memory");
        return 2;
    }
    catch_signals();
    if (!px_port_open(&b.port, a.listen, a.link, &error)) {
        fprintf(stderr, "%s: %s\n", program_invocation_short_name, error.text);
        px_board_close(b.board);
        return 2;
    }
    b.now = px_board_clock(b.board, true, WAKE_UP, 0, &b.pins);
    b.active = b.look = b.now;
    const char *at = a.link != NULL ? a.link : px_listener_name(b.port.listener);
    printf("%s on %s: %" PRIu32 " Hz, %" PRIu32 " baud%s%s\n", b.info->title, at, b.info->clock, b.info->baud,
           a.leds ? "; LEDs: " : "", a.leds ? b.info->lights : "");
    printf("next, in another terminal: build/px link link:%s, or build/px run build/programs/life.pxi --on link:%s; "
           "Ctrl-C ends it\n",
           at, at);
    if (a.leds)
        print_leds(&b);
    fflush(stdout);

    const double begun = seconds();
    simulate(&b, a.realtime);
    deliver(&b);
    sum_up(&b, seconds() - begun - b.rested);
    px_port_close(&b.port);
    px_board_close(b.board);
    finish(b.monitor.file);
    finish(b.wire.text);
    finish(b.wire.edges);
    return 0;
}
