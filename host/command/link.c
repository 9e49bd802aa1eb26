/* link.c - px link: who is at the other end of a link, and how fast the way there is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/run.h"
#include "host/commands.h"
#include "pxi/number.h"
#include "pxi/pace.h"
#include "wire/link_client.h"

enum { ROUND_TRIPS = 100, LEAST_ROUND_TRIPS = 10, MOST_BLOCKS = 4096 };

/* Each measurement ends when it has lasted this long, for a slow wire. */
#define SECONDS 1.0

typedef struct arguments {
    const char *port;
    bool quiet;
} arguments;

static const char about[] =
    "Show who is at the other end of a link, and how fast the way there is.\v"
    "PORT is /dev/ttyUSB1[@BAUD], a serial port (1000000 baud unless told otherwise); tcp:[HOST:]PORT; or unix:PATH. "
    "The same, behind `link:`, is an executor: px run --on link:/dev/ttyUSB1 FILE.\n\n"
    "The measurement is of requests one at a time, as every run makes them, and uses the machine: its pixels are "
    "lost. On a serial port, 85 % of the wire or more is usual; less means a USB adapter whose latency timer is long, "
    "and is then said. Repeated requests mean a bad cable, a wrong rate or a busy machine.\n\n"
    "Exit status: 0, or 2 when nothing answers.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_QUIET(&a->quiet, "say hello and measure nothing: the machine stays as it is"), {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "PORT",
                                  .what = "port",
                                  .text = &a->port,
                                  .missing =
                                      "no port given; expected /dev/ttyUSB1[@BAUD], tcp:[HOST:]PORT or unix:PATH"};
    px_read_arguments(&line, argc, argv);
}

/* ---- hello ---- */

static void print_hello(const px_link_client *c)
{
    static const struct {
        uint32_t bit;
        const char *name, *text;
    } capabilities[] = {
#define PXL_CAP(id, bit, text) {(uint32_t)PXL_CAP_##id, #id, text},
#include "pxi/link.def"
    };
    const px_link_hello *h = &c->hello;
    printf("%s: %s\n", px_transport_name(c->transport), h->name[0] != '\0' ? h->name : "(no name)");
    printf("  machine       version 1, %" PRIu32 " lane%s, images of up to %s pixels\n", h->lanes,
           h->lanes == 1 ? "" : "s", px_grouped(h->max_pixels));
    if (h->clock != 0)
        printf("  clock         %.3f MHz\n", h->clock * 1e-6);
    printf("  requests      up to %s words\n", px_grouped(h->max_payload));
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        if ((h->capabilities & capabilities[i].bit) != 0)
            printf("  %-13s %s\n", capabilities[i].name, capabilities[i].text);
}

/* ---- measuring ---- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool round_trips(px_link_client *c, double *median, px_error *error)
{
    double took[ROUND_TRIPS];
    px_link_status status;
    const double start = px_seconds();
    size_t count = 0;
    while (count < ROUND_TRIPS && (count < LEAST_ROUND_TRIPS || px_seconds() - start < SECONDS)) {
        const double before = px_seconds();
        if (!px_link_get_status(c, &status, error))
            return false;
        took[count++] = px_seconds() - before;
    }
    qsort(took, count, sizeof *took, compare);
    *median = took[count / 2];
    printf("  round trip    %.3f ms (least %.3f, most %.3f, of %zu)\n", *median * 1e3, took[0] * 1e3,
           took[count - 1] * 1e3, count);
    return true;
}

static bool one_block(px_link_client *c, bool writes, uint32_t *words, px_error *error)
{
    return writes ? px_link_write(c, PXL_SPACE_PIXEL, 0, words, PX_LINK_BLOCK, error)
                  : px_link_read(c, PXL_SPACE_PIXEL, 0, words, PX_LINK_BLOCK, error);
}

/* Pixels a second, and what part of the wire's bytes they are. */
static bool blocks(px_link_client *c, bool writes, px_error *error)
{
    uint32_t words[PX_LINK_BLOCK];
    const uint32_t baud = px_transport_baud(c->transport);
    for (uint32_t i = 0; i < PX_LINK_BLOCK; i++)
        words[i] = 0x9E3779B9u * (i + 1);
    const double start = px_seconds();
    double took = 0;
    uint32_t count = 0;
    while (count < MOST_BLOCKS && took < SECONDS) {
        if (!one_block(c, writes, words, error))
            return false;
        count++;
        took = px_seconds() - start;
    }
    const double rate = 4.0 * PX_LINK_BLOCK * count / took;
    printf("  %-13s %s bytes/s of pixels, 256 a frame", writes ? "writing" : "reading", px_grouped((uint64_t)rate));
    if (baud != 0 && !px_transport_is_pty(c->transport))
        printf(": %.0f %% of the wire", 100 * rate * 10 / baud);
    putchar('\n');
    return true;
}

/* A USB adapter that holds bytes back makes every reply late. */
static void judge_latency(const px_link_client *c, double median)
{
    char file[512];
    const unsigned timer = px_transport_latency(c->transport, file, sizeof file);
    if (px_transport_baud(c->transport) == 0 || px_transport_is_pty(c->transport))
        return;
    if (timer > 1)
        printf("  The adapter hands bytes over every %u ms, and each reply waits for it. To change that:\n"
               "  echo 1 | sudo tee %s\n",
               timer, file);
    else if (timer == 0 && median > 0.008)
        printf("  Each reply takes long for %" PRIu32
               " baud: either the adapter holds bytes back (16 ms are usual; see "
               "LINK.md section 4),\n  or the board is a simulated one.\n",
               px_transport_baud(c->transport));
}

static bool measure(px_link_client *c, px_error *error)
{
    double median;
    px_link_status status;
    if (!px_link_get_status(c, &status, error) || !round_trips(c, &median, error))
        return false;
    if (status.underway) {
        puts("  A run is under way there; reading and writing were not measured.");
        return true;
    }
    if (c->hello.max_pixels >= PX_LINK_BLOCK && (!px_link_reset(c, PX_V1, 16, PX_LINK_BLOCK / 16, error) ||
                                                 !blocks(c, true, error) || !blocks(c, false, error)))
        return false;
    printf("  repeated      %" PRIu64 " of %" PRIu64 " requests; %" PRIu64 " damaged and %" PRIu64
           " stray frames dropped\n",
           c->retries, c->requests, px_link_client_dropped(c), c->strays);
    judge_latency(c, median);
    return true;
}

int px_cmd_link(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    px_link_client *client;
    read_arguments(&a, argc, argv);
    if (!px_link_client_open(&client, a.port + (strncmp(a.port, "link:", 5) == 0 ? 5 : 0), &error))
        return px_complain(argv[0], &error);
    print_hello(client);
    const bool ok = a.quiet || measure(client, &error);
    px_link_client_close(client);
    return ok ? 0 : px_complain(argv[0], &error);
}
