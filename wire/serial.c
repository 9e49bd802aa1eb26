/* serial.c - the serial driver's batches: the picture, the result, and the same in plain C. */
#include "wire/serial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/pixel.h"
#include "serial_driver.h" /* made from serial_driver.pxa */

enum { WIDTH = PX_SERIAL_ROW };

/* The driver's labels are where serial.def has its places. */
#define PXS_PLACE(id, label, address, writer, text)                                                                    \
    _Static_assert((int)serial_driver_at_##label == (address), "serial_driver.pxa: " #label);
#include "pxi/serial.def"
_Static_assert((int)serial_driver_at_shape == (int)PXS_AT_CODE, "serial_driver.pxa: what is behind the results");

/* ---- the picture ---- */

/* Our own driver is the first row of its picture. */
static const px_serial_driver own_driver = {serial_driver_pixels, WIDTH};

static const px_serial_driver *driver_of(const px_serial_batch *batch)
{
    return batch->driver != NULL ? batch->driver : &own_driver;
}

uint32_t px_serial_driver_rows(const uint32_t *pixels, uint32_t count)
{
    const uint32_t rows = count > PX_HEADER_END ? pixels[PX_HEADER_END] / WIDTH + 1 : 0;
    return rows <= count / WIDTH ? rows * WIDTH : count;
}

bool px_serial_driver_check(const px_serial_driver *driver, px_error *error)
{
    const uint32_t *px = driver->pixels, n = driver->count;
    const uint32_t least = PXS_AT_CODE; /* behind the parameters and results */
    if (n == 0 || n % WIDTH != 0 || n > PX_SERIAL_DRIVER_MOST)
        return px_fail(error, PX_E_INPUT,
                       "a serial driver of %" PRIu32 " pixels; expected whole rows of 256, at most %" PRIu32, n,
                       PX_SERIAL_DRIVER_MOST);
    if (px[PX_HEADER_MAGIC] != PX_MAGIC_PROGRAM || px[PX_HEADER_FLAGS] != 0)
        return px_fail(error, PX_E_INPUT,
                       "the serial driver begins with 0x%08" PRIX32 ", flags 0x%" PRIX32
                       "; expected a v1 program, 0x%08" PRIX32 ", flags 0",
                       px[PX_HEADER_MAGIC], px[PX_HEADER_FLAGS], PX_MAGIC_PROGRAM);
    if (px[PX_HEADER_ENTRY] < least || px[PX_HEADER_END] <= px[PX_HEADER_ENTRY] || px[PX_HEADER_END] >= n)
        return px_fail(error, PX_E_INPUT,
                       "the serial driver's entry is %" PRIu32 ", its code's end %" PRIu32
                       "; expected them from %" PRIu32 ", behind the parameters, to %" PRIu32 ", before the set-up",
                       px[PX_HEADER_ENTRY], px[PX_HEADER_END], least, n - 1);
    return true;
}

/* Where the runs of a batch lie; each begins a row. */
typedef struct layout {
    uint32_t operations, received, frames, starts, reads, scratch, rows;
    uint32_t received_count; /* no batch can read more than it has operations */
} layout;

static uint32_t place(uint32_t *rows, uint32_t pixels)
{
    const uint32_t at = *rows * WIDTH;
    *rows += (pixels + WIDTH - 1) / WIDTH;
    return at;
}

static layout lay_out(const px_serial_batch *batch)
{
    const uint32_t n = batch->count;
    layout l = {.received_count = batch->received_count < n ? batch->received_count : n,
                .rows = driver_of(batch)->count / WIDTH};
    l.operations = place(&l.rows, n);
    l.received = place(&l.rows, l.received_count);
    l.frames = place(&l.rows, n);
    l.starts = place(&l.rows, n);
    l.reads = place(&l.rows, n);
    l.scratch = place(&l.rows, 2 * n);
    /* One size for all small batches. */
    if (n <= WIDTH)
        l.rows = driver_of(batch)->count / WIDTH + 7;
    return l;
}

static bool check_batch(const px_serial_batch *batch, px_error *error)
{
    if (batch->count >= 1 && batch->count <= PX_SERIAL_MOST)
        return true;
    return px_fail(error, PX_E_INPUT, "a batch of %" PRIu32 " serial operations; expected 1 to %" PRIu32, batch->count,
                   PX_SERIAL_MOST);
}

static void put_parameters(uint32_t *px, const px_serial_batch *batch, const layout *l)
{
    px[PXS_AT_OPERATIONS] = batch->count;
    px[PXS_AT_AT_OPERATIONS] = l->operations;
    px[PXS_AT_RECEIVED] = l->received_count;
    px[PXS_AT_AT_RECEIVED] = l->received;
    px[PXS_AT_AT_FRAMES] = l->frames;
    px[PXS_AT_AT_STARTS] = l->starts;
    px[PXS_AT_AT_READS] = l->reads;
    px[PXS_AT_AT_SCRATCH] = l->scratch;
    px[PXS_AT_CLOCK] = batch->clock;
    px[l->operations - 1] = batch->setup;
}

bool px_serial_picture(px_picture *picture, const px_serial_batch *batch, px_error *error)
{
    _Static_assert((int)serial_driver_at_plane1 == (int)WIDTH, "the driver's code, parameters and tables fill one row");
    if (!check_batch(batch, error))
        return false;
    const layout l = lay_out(batch);
    if (!px_picture_new(picture, WIDTH, l.rows, error))
        return false;
    memcpy(picture->px, driver_of(batch)->pixels, driver_of(batch)->count * sizeof *picture->px);
    picture->px[PX_HEADER_CHECKSUM] = 0;
    memcpy(picture->px + l.operations, batch->operations, batch->count * sizeof *picture->px);
    if (l.received_count > 0)
        memcpy(picture->px + l.received, batch->received, l.received_count * sizeof *picture->px);
    put_parameters(picture->px, batch, &l);
    return true;
}

/* ---- the result ---- */

void px_serial_free(px_serial_result *result)
{
    free(result->frames);
    free(result->starts);
    free(result->reads);
    *result = (px_serial_result){0};
}

/* Room for the most that a batch can give. */
static bool make_room(px_serial_result *result, const px_serial_batch *batch, px_error *error)
{
    px_serial_free(result);
    result->frames = calloc(batch->count, sizeof *result->frames);
    result->starts = calloc(batch->count, sizeof *result->starts);
    result->reads = calloc(batch->count, sizeof *result->reads);
    if (result->frames != NULL && result->starts != NULL && result->reads != NULL)
        return true;
    px_serial_free(result);
    return px_fail(error, PX_E_SYSTEM, "no memory for the result of %" PRIu32 " serial operations", batch->count);
}

static bool check_count(const char *what, uint32_t count, uint32_t most, px_error *error)
{
    return count <= most || px_fail(error, PX_E_INPUT,
                                    "the serial driver says %" PRIu32 " %s, where at most %" PRIu32
                                    " are possible; the executor is at fault",
                                    count, what, most);
}

bool px_serial_collect(px_serial_result *result, const px_serial_batch *batch, const px_state *state, px_error *error)
{
    if (!check_batch(batch, error))
        return false;
    const layout l = lay_out(batch);
    const uint32_t *px = state->mem, n = batch->count;
    if (state->w != WIDTH || state->h != l.rows)
        return px_fail(error, PX_E_INPUT,
                       "the serial driver's picture has %" PRIu32 "x%" PRIu32 " pixels, expected %dx%" PRIu32, state->w,
                       state->h, WIDTH, l.rows);
    if (!make_room(result, batch, error))
        return false;
    result->frame_count = px[PXS_AT_FRAMES];
    result->read_count = px[PXS_AT_READS];
    result->taken = px[PXS_AT_TAKEN];
    result->operations = px[PXS_AT_COUNTED];
    result->characters = px[PXS_AT_CHARACTERS];
    result->errors = px[PXS_AT_ERRORS];
    result->clock = px[PXS_AT_CLOCK_AFTER];
    result->setup = px[PXS_AT_SETUP_AFTER];
    if (!check_count("frames", result->frame_count, n, error) || !check_count("reads", result->read_count, n, error) ||
        !check_count("characters taken", result->taken, l.received_count, error)) {
        px_serial_free(result);
        return false;
    }
    memcpy(result->frames, px + l.frames, result->frame_count * sizeof *px);
    memcpy(result->starts, px + l.starts, result->frame_count * sizeof *px);
    memcpy(result->reads, px + l.reads, result->read_count * sizeof *px);
    return true;
}

/* ---- the same in plain C ---- */

/* A frame's length: in half bits, because of 1.5 stop bits. */
static uint32_t half_bits(uint32_t line_control)
{
    const uint32_t data = 5 + pxs_line_length(line_control);
    uint32_t stop = 2;
    if (pxs_line_stop(line_control) != 0)
        stop = data == 5 ? 3 : 4;
    return 2 + 2 * data + 2 * pxs_line_parity(line_control) + stop;
}

uint32_t px_serial_duration(uint32_t frame) { return half_bits(pxs_frame_line(frame)) * 8 * pxs_frame_divisor(frame); }

static void write_frame(px_serial_result *r, uint32_t operation)
{
    const uint32_t line = pxs_write_line(operation);
    const uint32_t data = pxs_write_data(operation) & (0xFFu >> (3 - pxs_line_length(line)));
    const uint32_t own = pxs_write_divisor(operation), divisor = own != 0 ? own : pxs_setup_divisor(r->setup);
    const uint32_t frame = pxs_frame(data, divisor, line);
    r->frames[r->frame_count] = frame;
    r->starts[r->frame_count++] = r->clock;
    r->clock += px_serial_duration(frame);
    r->operations++;
    r->characters++;
}

static void read_character(px_serial_result *r, const px_serial_batch *batch)
{
    const bool there = r->taken < batch->received_count;
    r->reads[r->read_count++] = there ? pxs_result(batch->received[r->taken++]) : 0;
    r->operations++;
}

/* A divisor of 0 keeps the one in force; before any set-up that is 1. */
static void set_up(px_serial_result *r, uint32_t operation)
{
    uint32_t divisor = pxs_setup_divisor(operation);
    if (divisor == 0)
        divisor = pxs_setup_divisor(r->setup);
    if (divisor == 0)
        divisor = 1;
    r->setup = pxs_setup(divisor, pxs_setup_line(operation));
}

bool px_serial_cpu(const px_serial_batch *batch, px_serial_result *result, px_error *error)
{
    if (!check_batch(batch, error) || !make_room(result, batch, error))
        return false;
    result->clock = batch->clock;
    set_up(result, batch->setup);
    for (uint32_t i = 0; i < batch->count; i++)
        switch (pxs_operation_kind(batch->operations[i])) {
        case PX_SERIAL_NONE:
            break;
        case PX_SERIAL_WRITE:
            write_frame(result, batch->operations[i]);
            break;
        case PX_SERIAL_READ:
            read_character(result, batch);
            break;
        case PX_SERIAL_SETUP:
            set_up(result, batch->operations[i]);
            break;
        default:
            result->errors++;
        }
    return true;
}

/* ---- comparing ---- */

typedef struct comparison {
    const char *a_name, *b_name;
    char *text;
    size_t size;
} comparison;

static bool same(const comparison *c, const char *what, uint32_t a, uint32_t b)
{
    if (a != b)
        snprintf(c->text, c->size, "%s: %s %" PRIu32 " (0x%08" PRIX32 "), %s %" PRIu32 " (0x%08" PRIX32 ")", what,
                 c->a_name, a, a, c->b_name, b, b);
    return a == b;
}

static bool same_run(const comparison *c, const char *what, const uint32_t *a, const uint32_t *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s %" PRIu32, what, i);
        if (!same(c, name, a[i], b[i]))
            return false;
    }
    return true;
}

bool px_serial_equal(const px_serial_result *a, const char *a_name, const px_serial_result *b, const char *b_name,
                     char *difference, size_t size)
{
    const comparison c = {a_name, b_name, difference, size};
    return same(&c, "frames", a->frame_count, b->frame_count) && same(&c, "reads", a->read_count, b->read_count) &&
           same(&c, "characters taken", a->taken, b->taken) && same(&c, "operations", a->operations, b->operations) &&
           same(&c, "characters", a->characters, b->characters) && same(&c, "errors", a->errors, b->errors) &&
           same_run(&c, "frame", a->frames, b->frames, a->frame_count) &&
           same_run(&c, "start of frame", a->starts, b->starts, a->frame_count) &&
           same_run(&c, "read", a->reads, b->reads, a->read_count) && same(&c, "clock", a->clock, b->clock) &&
           same(&c, "set-up", a->setup, b->setup);
}
