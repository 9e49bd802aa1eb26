/* front.c - px front: a socket that stays, in front of a px serve that may come and go.
 *
 * An emulator connects its serial port once, at its start, and takes a closed socket for its own end. The front holds
 * that connection for the whole run and joins it to whoever listens behind it; while nobody does, bytes from the
 * emulator are lost, as on a cable that is not plugged in, and the link's own repeats do the rest. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#include "host/commands.h"
#include "wire/transport.h"

enum { RETRY_MS = 20, WRITE_MS = 10000 };

typedef struct arguments {
    const char *listen, *to;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    const arguments *a = arguments_read;
    return (a->listen != NULL && a->to != NULL) || px_fail(error, PX_E_USAGE, "--listen and --to are needed");
}

static const char about[] =
    "Hold an emulator's serial connection while px serve behind it dies and comes back.\v"
    "An emulator such as Bochs connects once and never again, and ends when its peer closes. The front accepts that "
    "one connection, joins it to --to, and joins it again whenever --to is there again. It ends with status 0 when "
    "the emulator does.\n\n"
    "Example:\n"
    "  px serve --on rtl --listen unix:/tmp/px --wire transcript &\n"
    "  px front --listen tcp:7001 --to unix:/tmp/px";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        {"listen", 'l', "PLACE", "where the emulator connects: tcp:PORT", .text = &a->listen},
        {"to", 't', "PLACE", "where px serve listens: unix:PATH or tcp:[HOST:]PORT", .text = &a->to},
        {0}};
    const px_command_line line = {.about = about, .options = options, .check = check, .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static volatile sig_atomic_t ended;
static void on_end(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

/* Bytes from one end to the other; false when an end is gone. Bochs never switches TCP_NODELAY on: unless each of its
 * segments is acknowledged at once, a round trip takes 40 ms. */
static px_io relay(px_transport *from, px_transport *to, bool *to_gone)
{
    uint8_t bytes[65536];
    size_t count = 0;
    px_error error;
    const px_io got = px_transport_read(from, bytes, sizeof bytes, &count, 0, &error);
    if (got != PX_IO_DONE)
        return got;
    const int on = 1;
    (void)setsockopt(px_transport_fd(from), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    if (to != NULL && px_transport_write(to, bytes, count, WRITE_MS, &error) != PX_IO_DONE)
        *to_gone = true;
    return PX_IO_DONE;
}

static void wait_for(px_transport *emulator, px_transport *server)
{
    struct pollfd p[2] = {{.fd = px_transport_fd(emulator), .events = POLLIN},
                          {.fd = server != NULL ? px_transport_fd(server) : -1, .events = POLLIN}};
    if (poll(p, 2, server != NULL ? -1 : RETRY_MS) < 0)
        (void)poll(NULL, 0, RETRY_MS); /* a signal, or no memory: then not at once again */
}

/* Until the emulator ends. */
static void join(px_transport *emulator, const char *to)
{
    px_transport *server = NULL;
    px_error error;
    bool told = false;
    while (!ended) {
        if (server == NULL && px_transport_open(&server, to, &error)) {
            fprintf(stderr, "px front: joined to %s\n", to);
            told = false;
        } else if (server == NULL && !told) {
            fprintf(stderr, "px front: %s; trying again\n", error.text);
            told = true;
        }
        wait_for(emulator, server);
        bool server_gone = false, emulator_gone = false;
        const px_io out = relay(emulator, server, &server_gone);
        if (out == PX_IO_GONE || out == PX_IO_FAILED)
            break;
        if (server != NULL && !server_gone) {
            const px_io in = relay(server, emulator, &emulator_gone);
            server_gone = in == PX_IO_GONE || in == PX_IO_FAILED;
        }
        if (emulator_gone)
            break;
        if (server_gone) {
            fprintf(stderr, "px front: %s is gone\n", to);
            px_transport_close(server);
            server = NULL;
        }
    }
    px_transport_close(server);
}

int px_cmd_front(int argc, char **argv)
{
    arguments a = {0};
    px_listener *listener;
    px_transport *emulator = NULL;
    px_error error;
    read_arguments(&a, argc, argv);
    const struct sigaction end = {.sa_handler = on_end};
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!px_listener_open(&listener, a.listen, &error))
        return px_complain(argv[0], &error);
    printf("listening on %s\n", px_listener_name(listener));
    fflush(stdout);
    px_io io = PX_IO_TIMEOUT;
    while (!ended && (io == PX_IO_TIMEOUT || io == PX_IO_GONE))
        io = px_listener_accept(listener, &emulator, 1000, &error);
    if (io == PX_IO_DONE)
        join(emulator, a.to);
    px_transport_close(emulator);
    px_listener_close(listener);
    return io == PX_IO_DONE || ended ? 0 : px_complain(argv[0], &error);
}
