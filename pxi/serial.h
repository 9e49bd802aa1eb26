/* serial.h - serial.def in C: pixels of serial operations, frames and characters taken apart and put together.
 * Freestanding: no library, no allocation. */
#ifndef PXI_SERIAL_H
#define PXI_SERIAL_H

#include <stdint.h>

enum px_serial_operation {
#define PXS_OPERATION(id, number, name) PX_SERIAL_##id = number,
#include "pxi/serial.def"
};

enum {
#define PXS_NUMBER(id, value, text) PX_SERIAL_##id = value,
#include "pxi/serial.def"
};

enum px_serial_error {
#define PXS_ERROR(id, bit, text) PX_SERIAL_E_##id = 1 << bit,
#include "pxi/serial.def"
};

/* Places in the driver's picture: parameters, results, and what comes behind them. */
enum px_serial_place {
#define PXS_PLACE(id, label, address, writer, text) PXS_AT_##id = address,
#include "pxi/serial.def"
    PXS_AT_CODE /* and tables */
};

/* pxs_write_data(pixel), pxs_line_break(line), .. */
#define PXS_FIELD(pixel, field, shift, bits, text)                                                                     \
    static inline uint32_t pxs_##pixel##_##field(uint32_t of) { return of >> shift & ((1u << bits) - 1); }
#include "pxi/serial.def"

enum {
#define PXS_FIELD(pixel, field, shift, bits, text) PXS_SHIFT_##pixel##_##field = shift,
#include "pxi/serial.def"
};

enum { PXS_LINE = 0x7F, PXS_LINE_8N1 = 3 }; /* bits of line control that mean something */

static inline uint32_t pxs_write(uint32_t data, uint32_t divisor, uint32_t line)
{
    return data << PXS_SHIFT_write_data | divisor << PXS_SHIFT_write_divisor |
           (line & PXS_LINE) << PXS_SHIFT_write_line | (uint32_t)PX_SERIAL_WRITE << PXS_SHIFT_operation_kind;
}

static inline uint32_t pxs_setup(uint32_t divisor, uint32_t line)
{
    return divisor << PXS_SHIFT_setup_divisor | (line & PXS_LINE) << PXS_SHIFT_setup_line |
           (uint32_t)PX_SERIAL_SETUP << PXS_SHIFT_operation_kind;
}

static inline uint32_t pxs_frame(uint32_t data, uint32_t divisor, uint32_t line)
{
    return data << PXS_SHIFT_frame_data | (divisor & 0xFF) << PXS_SHIFT_frame_divisor_low |
           (line & PXS_LINE) << PXS_SHIFT_frame_line | divisor >> 8 << PXS_SHIFT_frame_divisor_high;
}
static inline uint32_t pxs_frame_divisor(uint32_t frame)
{
    return pxs_frame_divisor_low(frame) | pxs_frame_divisor_high(frame) << 8;
}

static inline uint32_t pxs_received(uint32_t data, uint32_t errors)
{
    return data << PXS_SHIFT_received_data | errors << PXS_SHIFT_received_errors;
}
static inline uint32_t pxs_result(uint32_t received)
{
    return pxs_received_data(received) << PXS_SHIFT_result_data | 1u << PXS_SHIFT_result_there |
           pxs_received_errors(received) << PXS_SHIFT_result_errors;
}

#endif
