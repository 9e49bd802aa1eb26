/* serve.c - px serve: offers executors on the link, and owns the wire of the serial driver. */
#include "serve/serve.h"
#include "host/commands.h"
#include "pxi/picture.h"

enum { KEY_ON = 256, KEY_LISTEN, KEY_WIRE, KEY_SPARE, KEY_TIMEOUT, KEY_PIXELS, KEY_CLIENTS };

static const struct argp_option options[] = {
    {"on", KEY_ON, "LIST", 0, "the executor (ref), or several with commas between, in lockstep", 0},
    {"listen", KEY_LISTEN, "PLACE", 0, "tcp:[HOST:]PORT, unix:PATH or pty; may be given more than once", 0},
    {"wire", KEY_WIRE, "WIRE", 0,
     "take batches, and send their frames to -, FILE, frames:FILE, pty, a serial port or board", 0},
    {"spare", KEY_SPARE, "EXECUTOR", 0, "run a batch there when it failed, or differed, on those of --on", 0},
    {"timeout", KEY_TIMEOUT, "S", 0, "seconds after which a silent executor is ended (10)", 0},
    {"pixels", KEY_PIXELS, "N", 0, "the largest image of a client (16M)", 0},
    {"clients", KEY_CLIENTS, "N", 0, "the most connections at a time (256)", 0},
    {"verbose", 'v', NULL, 0, "log each request to standard error", 0},
    {0}};

static const char about[] =
    "Offer an executor on the link, so that `px run --on link:PLACE` works as with a board, and own the wire of the "
    "serial driver.\v"
    "Places: tcp:7000 is tcp:127.0.0.1:7000, port 0 takes a free one; there is no password, so every user of "
    "this machine may connect, and of others when you name another address: prefer unix:PATH in a folder of your own. "
    "A Unix socket is removed at the end; one that a dead server left is replaced. pty makes a pseudo-terminal, a "
    "serial cable without the "
    "cable. What is listened on is printed, one a line: `listening on tcp:127.0.0.1:7000`.\n\n"
    "Each connection has a machine of its own, in a process of its own. One that dies, or gives no answer for "
    "--timeout, costs its client an error that says so; its next RESET begins anew. With several executors each "
    "request goes to all of them: how a run ends is compared slice by slice, the whole machine when it is read. "
    "Where they differ the client gets error DIFFER, and who said what.\n\n"
    "Batches (pxi/LINK.md, section 5) go to the wire. One session owns it; the others are told so. WIRE is:\n"
    "  -            standard output, one byte a frame; messages go to\n"
    "               standard error\n"
    "  FILE         appended, one byte a frame. Its length is the number of\n"
    "               frames ever sent: after a crash the session goes on,\n"
    "               and each frame is there once\n"
    "  frames:FILE  the same with four bytes a frame: data, low byte of the\n"
    "               divisor, line control, high byte\n"
    "  pty          a pseudo-terminal, whose name is printed; what is typed\n"
    "               there is received\n"
    "  /dev/...     a serial port; each frame with its own divisor and line\n"
    "               control, breaks included. What comes in is received,\n"
    "               with parity and framing errors\n"
    "  board        the wire of the board that is --on link:PORT\n"
    "A wire that nobody reads holds its batches up; the client is told that we are BUSY. A wire that fails gives "
    "error WIRE. Up to 4,096 received characters are kept; what comes then is lost, and the next character says so. "
    "A batch has up to 16,384 operations; one that is larger than the executor's memory is run in parts. They run on "
    "serial_driver.pxa, unless the session brings a driver of its own, as pxHV does; a line on standard error says "
    "so.\n\n"
    "SIGINT or SIGTERM: the batch under way is finished, and px serve ends with status 0. A second one does not "
    "wait. Status 2: wrong usage, or an executor, a place or a wire that cannot be had.\n\n"
    "A connection takes two open files, one of them for its executor's process. The limit of open files (ulimit -n) is "
    "raised to what --clients needs; where it cannot be, --clients is lowered, and a line says so. A connection too "
    "many is told, and closed.\n\n"
    "A board behind link:PORT has one place at its cable: a machine of one client, or the batches of one session.\n\n"
    "Examples:\n"
    "  px serve --on rtl,opencl --listen tcp:7000\n"
    "  px run prog.pxi --on link:tcp:127.0.0.1:7000\n"
    "  px serve --on ref --listen unix:/tmp/px --wire transcript\n"
    "  px serial \"Hello\" --serve unix:/tmp/px";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    px_serve_options *o = state->input;
    px_error error;
    switch (key) {
    case KEY_ON:
        o->on = arg;
        return 0;
    case KEY_LISTEN:
        if (o->listen_count == PX_SERVE_LISTENERS)
            argp_error(state, "more than %d places to listen at", PX_SERVE_LISTENERS);
        o->listen[o->listen_count++] = arg;
        return 0;
    case KEY_WIRE:
        o->wire = arg;
        return 0;
    case KEY_SPARE:
        o->spare = arg;
        return 0;
    case KEY_TIMEOUT:
        if (!px_parse_real("--timeout", arg, 0.1, 86400, &o->timeout, &error))
            argp_error(state, "%s seconds", error.text);
        return 0;
    case KEY_PIXELS:
        o->most_pixels = (uint32_t)px_take_count_within(state, "--pixels", arg, 2048, PX_MAX_PIXELS);
        return 0;
    case KEY_CLIENTS:
        o->most_clients = (uint32_t)px_take_count_within(state, "--clients", arg, 1, 4096);
        return 0;
    case 'v':
        o->verbose = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "px serve takes options only, found '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        if (o->listen_count == 0)
            argp_error(state, "where to listen is not said: --listen tcp:PORT, unix:PATH or pty");
        if (o->spare != NULL && o->wire == NULL)
            argp_error(state, "--spare is for batches, and those need --wire");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int px_cmd_serve(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, about, NULL, NULL, NULL};
    px_serve_options o = {.on = "ref", .timeout = 10, .most_pixels = UINT32_C(1) << 24, .most_clients = 256};
    px_error error = {0};
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &o, &status))
        return status;
    return px_serve(&o, &error) ? 0 : px_complain(argv[0], &error);
}
