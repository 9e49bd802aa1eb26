/* serial.h - batches of serial operations: the picture that the pixel program pxi/programs/serial_driver.pxa runs on,
 * the result in it (exec/drive.h runs it), and plain C that does the same. pxi/programs/SERIAL.md says what each pixel
 * means. */
#ifndef WIRE_SERIAL_H
#define WIRE_SERIAL_H

#include "pxi/serial.h"
#include "pxi/state.h"

/* A driver as a client gives it: the first rows of its image, those up to its code's end; SERIAL.md, "Other drivers".
 */
typedef struct px_serial_driver {
    const uint32_t *pixels;
    uint32_t count;
} px_serial_driver;

typedef struct px_serial_batch {
    const uint32_t *operations;
    uint32_t count;           /* 1 to PX_SERIAL_MOST */
    const uint32_t *received; /* R data, A error flags */
    uint32_t received_count;
    uint32_t clock;                 /* on the wire when the batch begins */
    uint32_t setup;                 /* the set-up in force */
    const px_serial_driver *driver; /* NULL: serial_driver.pxa */
} px_serial_batch;

/* How many pixels of a program's image are the driver: the rows up to its end of code, or all there are. */
uint32_t px_serial_driver_rows(const uint32_t *pixels, uint32_t count);

/* Whether batches can be made with it. What its code does, nobody knows before it has run. */
bool px_serial_driver_check(const px_serial_driver *driver, px_error *error);

typedef struct px_serial_result {
    uint32_t frame_count;
    uint32_t *frames; /* R data, G and A divisor low and high, B line control */
    uint32_t *starts; /* their start times */
    uint32_t read_count;
    uint32_t *reads; /* R data, B 1, A error flags; 0 when there was no character */
    uint32_t taken;  /* received characters that reads took */
    uint32_t operations, characters, errors;
    uint32_t clock, setup; /* what the next batch begins with */
} px_serial_result;

/* The driver with the batch in it, ready to run on any executor; with serial_driver.pxa 2,048 pixels for up to 256
 * operations. */
bool px_serial_picture(px_picture *picture, const px_serial_batch *batch, px_error *error);

/* The result out of the image that the driver left. Nothing in the image is trusted: counts that the batch cannot have
 * are refused. */
bool px_serial_collect(px_serial_result *result, const px_serial_batch *batch, const px_state *state, px_error *error);

/* A batch without a pixel program. result is zeroed or a valid result. */
bool px_serial_cpu(const px_serial_batch *batch, px_serial_result *result, px_error *error);

void px_serial_free(px_serial_result *result);

/* The first difference in one line. */
bool px_serial_equal(const px_serial_result *a, const char *a_name, const px_serial_result *b, const char *b_name,
                     char *difference, size_t size);

/* How long a frame lasts, in clock units. */
uint32_t px_serial_duration(uint32_t frame);

#endif
