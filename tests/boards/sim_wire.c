/* sim_wire.c - the wire of a simulated board, end to end: frames of the serial driver go over the link into space WIRE,
 * and each change of the pin is compared with what SERIAL.md and px_serial_cpu() say: data, parity, stop bits, break,
 * start times.
 *
 *   sim_wire send PORT              sends the frames; TAP
 *   sim_wire compare EDGES CLOCK    EDGES is what build/board-BOARD --edges wrote; TAP
 *   sim_wire text PORT TEXT         sends a text at 115,200 baud, 8N1 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire/link_client.h"
#include "wire/serial.h"

enum { BATCH = PX_LINK_BLOCK, BATCHES = 3, TRIES = 400 };

static int number, failed;

static bool check(bool good, const char *name, const char *why)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, name);
    if (!good)
        printf("# %s\n", why);
    failed += !good;
    return good;
}

/* ---- the frames ---- */

/* The first batch has every line control with several divisors, its last frame no break, behind which the line's end of
 * the batch would not show; the second a divisor of two bytes; the third only shows that the second has left the queue.
 */
static uint32_t operation(uint32_t batch, uint32_t i)
{
    static const uint8_t divisor[4] = {1, 2, 3, 5};
    const uint32_t lcr = batch == 0 && i < BATCH - 1 ? i & 0x7F : batch == 0 || i < 100 ? 3 : 0x1B;
    const uint32_t data = (i * 37 + batch * 11) & 0xFF;
    if (batch == 1 && i == 0)
        return UINT32_C(0x0101) | 3 << 16 | PX_SERIAL_SETUP << 24;
    const uint32_t own = batch == 1 && i == 1 ? 0 : divisor[(i >> (batch + 2)) & 3];
    return data | own << 8 | lcr << 16 | PX_SERIAL_WRITE << 24;
}

static bool predict(uint32_t batch, px_serial_result *result, px_error *error)
{
    uint32_t operations[BATCH];
    for (uint32_t i = 0; i < BATCH; i++)
        operations[i] = operation(batch, i);
    const px_serial_batch b = {.operations = operations, .count = BATCH, .setup = PX_SERIAL_FIRST_SETUP};
    return px_serial_cpu(&b, result, error);
}

/* ---- sending ---- */

/* A batch waits until the queue, which has room for just one, has let the one before go. */
static bool send_batch(px_link_client *client, uint32_t batch, bool *full, px_error *error)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    px_serial_result result = {0};
    bool sent = false;
    if (!predict(batch, &result, error))
        return false;
    for (int i = 0; i < TRIES && !sent; i++) {
        sent = px_link_write(client, PXL_SPACE_WIRE, 0, result.frames, result.frame_count, error);
        if (!sent && client->refused != PXL_E_FULL)
            break;
        if (!sent) {
            *full = true;
            nanosleep(&pause, NULL);
        }
    }
    px_serial_free(&result);
    return sent;
}

static void send_all(const char *port)
{
    px_link_client *client = NULL;
    px_error error = {0};
    bool full = false;
    if (!check(px_link_client_open(&client, port, &error), "the board says hello", error.text))
        return;
    check((client->hello.capabilities & PXL_CAP_WIRE) != 0, "it has a wire", "no capability WIRE");
    check(send_batch(client, 0, &full, &error) && !full, "256 frames fit into an empty queue", error.text);
    const bool rest = send_batch(client, 1, &full, &error) && send_batch(client, 2, &full, &error);
    check(rest, "and two batches more, each when it is empty again", error.text);
    check(full, "until then the error is FULL", "frames were taken that do not fit");
    px_link_client_close(client);
}

static int send_text(const char *port, const char *text)
{
    px_link_client *client = NULL;
    px_error error = {0};
    uint32_t frames[BATCH], count = 0;
    for (; text[count] != 0 && count < BATCH; count++)
        frames[count] = (uint8_t)text[count] | 1 << 8 | 3 << 16;
    const bool sent =
        px_link_client_open(&client, port, &error) && px_link_write(client, PXL_SPACE_WIRE, 0, frames, count, &error);
    if (!sent)
        fprintf(stderr, "%s\n", error.text);
    px_link_client_close(client);
    return !sent;
}

/* ---- the pin ---- */

typedef struct edges {
    double *at; /* clock cycles */
    int *level;
    size_t count;
} edges;

static void add(edges *e, double at, int level)
{
    if (e->count > 0 ? e->level[e->count - 1] == level : level == 1)
        return;
    e->at[e->count] = at;
    e->level[e->count++] = level;
}

static bool edges_new(edges *e, size_t most)
{
    *e = (edges){calloc(most, sizeof *e->at), calloc(most, sizeof *e->level), 0};
    return e->at != NULL && e->level != NULL;
}

static void edges_free(edges *e)
{
    free(e->at);
    free(e->level);
}

static int parity_bit(uint32_t data, uint32_t lcr)
{
    int ones = 0;
    for (uint32_t d = data; d != 0; d >>= 1)
        ones += (int)(d & 1);
    const int even = (lcr >> 4 & 1) != 0;
    if ((lcr >> 5 & 1) != 0)
        return !even;
    return even ? ones & 1 : !(ones & 1);
}

/* The changes of the line while one frame is sent, in clock units from its start. */
static void draw(edges *e, uint32_t frame, double start)
{
    const uint32_t data = frame & 0xFF, lcr = frame >> 16 & 0xFF;
    const double bit = 16.0 * ((frame >> 8 & 0xFF) | (frame >> 24 & 0xFF) << 8);
    const uint32_t bits = 5 + (lcr & 3);
    uint32_t place = 1;
    add(e, start, 0);
    if ((lcr >> 6 & 1) != 0)
        return; /* break: low until the next frame ends it */
    for (uint32_t i = 0; i < bits; i++)
        add(e, start + place++ * bit, (int)(data >> i & 1));
    if ((lcr >> 3 & 1) != 0)
        add(e, start + place++ * bit, parity_bit(data, lcr));
    add(e, start + place * bit, 1);
}

static bool expected_edges(uint32_t batch, edges *e, px_error *error)
{
    px_serial_result r = {0};
    if (!edges_new(e, BATCH * 12 + 1) || !predict(batch, &r, error))
        return false;
    for (uint32_t i = 0; i < r.frame_count; i++)
        draw(e, r.frames[i], r.starts[i]);
    px_serial_free(&r);
    return true;
}

static bool read_edges(const char *path, edges *e)
{
    FILE *file = fopen(path, "r");
    double at;
    int level;
    if (file == NULL || !edges_new(e, BATCH * BATCHES * 12 + 1))
        return false;
    while (e->count < BATCH * BATCHES * 12 && fscanf(file, "%lf %d", &at, &level) == 2) {
        e->at[e->count] = at;
        e->level[e->count++] = level;
    }
    fclose(file);
    return true;
}

/* Compares from seen[*from] on; scale is how many clocks a unit of SERIAL.md's time has. */
static void compare_batch(const edges *seen, size_t *from, uint32_t batch, double scale)
{
    char name[128], why[256] = "";
    px_error error = {0};
    edges expected;
    double worst = 0;
    if (!expected_edges(batch, &expected, &error)) {
        check(false, "prediction", error.text);
        return;
    }
    size_t i = 0;
    for (; i < expected.count && why[0] == 0; i++) {
        if (*from + i >= seen->count) {
            snprintf(why, sizeof why, "the wire's record ends at change %zu of %zu", i, expected.count);
            break;
        }
        const double at = seen->at[*from + i] - seen->at[*from], want = expected.at[i] * scale;
        worst = fmax(worst, fabs(at - want));
        if (seen->level[*from + i] != expected.level[i] || fabs(at - want) > 1.5)
            snprintf(why, sizeof why, "change %zu: to %d after %.0f clocks, expected to %d after %.1f", i,
                     seen->level[*from + i], at, expected.level[i], want);
    }
    snprintf(name, sizeof name, "batch %" PRIu32 ": %zu changes of the pin, none off by more than 1.5 clocks", batch,
             expected.count);
    check(why[0] == 0, name, why);
    if (why[0] == 0)
        printf("# the worst is off by %.2f clocks\n", worst);
    *from += expected.count;
    edges_free(&expected);
}

static void compare(const char *path, double clock)
{
    edges seen = {0};
    size_t from = 0;
    if (!check(read_edges(path, &seen), "the wire was recorded", path))
        return;
    compare_batch(&seen, &from, 0, clock / PX_SERIAL_CLOCK);
    compare_batch(&seen, &from, 1, clock / PX_SERIAL_CLOCK);
    edges_free(&seen);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "send") == 0)
        send_all(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "compare") == 0)
        compare(argv[2], atof(argv[3]));
    else
        return argc == 4 && strcmp(argv[1], "text") == 0 ? send_text(argv[2], argv[3]) : 2;
    printf("1..%d\n", number);
    return failed != 0;
}
