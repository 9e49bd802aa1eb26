/* serve.c - px serve: offers executors on the link, and owns the wire of the serial driver. */
#include "serve/serve.h"
#include "host/commands.h"
#include "pxi/number.h"
#include "pxi/picture.h"

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
    "Where they differ the client gets error DIFFER, and who said what. Where an executor takes long to start, as "
    "OpenCL does, a process of it is kept ready for the next client, with the memory that one takes.\n\n"
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
    "  px serve --listen unix:/tmp/px --wire transcript\n"
    "  px serial \"Hello\" --serve unix:/tmp/px";

typedef struct arguments {
    px_serve_options serve;
    px_values listen;
    const char *timeout;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    px_error reason;
    a->serve.listen_count = a->listen.count;
    if (a->timeout != NULL && !px_parse_real("--timeout", a->timeout, 0.1, 86400, &a->serve.timeout, &reason))
        return px_fail(error, PX_E_USAGE, "%s seconds", reason.text);
    if (a->listen.count == 0)
        return px_fail(error, PX_E_USAGE, "where to listen is not said: --listen tcp:PORT, unix:PATH or pty");
    return a->serve.spare == NULL || a->serve.wire != NULL ||
           px_fail(error, PX_E_USAGE, "--spare is for batches, and those need --wire");
}

static void read_arguments(arguments *a, int argc, char **argv)
{
    px_serve_options *o = &a->serve;
    a->listen = (px_values){o->listen, 0, PX_SERVE_LISTENERS};
    const px_option options[] = {
        PX_OPTION_ON_LIST(&o->on, PX_USUAL, "; several run in lockstep"),
        {"listen", 0, "PLACE", "tcp:[HOST:]PORT, unix:PATH or pty; may be given more than once", .values = &a->listen},
        {"wire", 0, "WIRE", "take batches, and send their frames to -, FILE, frames:FILE, pty, a serial port or board",
         .text = &o->wire},
        {"spare", 0, "EXECUTOR", "run a batch there when it failed, or differed, on those of --on", .text = &o->spare},
        {"timeout", 0, "S", "seconds after which an executor that neither answers nor works is ended (10)", .text = &a->timeout},
        {"pixels", 0, "N", "the largest image of a client (16M)", .number = &o->most_pixels, 2048, PX_MAX_PIXELS},
        {"clients", 0, "N", "the most connections at a time (256)", .number = &o->most_clients, 1, 4096},
        {"verbose", 'v', NULL, "log each request to standard error", .flag = &o->verbose},
        {0}};
    const px_command_line line = {.about = about, .options = options, .check = check, .arguments = a};
    px_read_arguments(&line, argc, argv);
}

int px_cmd_serve(int argc, char **argv)
{
    arguments a = {.serve = {.on = PX_USUAL, .timeout = 10, .most_pixels = UINT32_C(1) << 24, .most_clients = 256}};
    px_error error = {0};
    read_arguments(&a, argc, argv);
    return px_serve(&a.serve, &error) ? 0 : px_complain(argv[0], &error);
}
