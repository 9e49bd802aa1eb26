/* driver.c - see driver.h. */
#include "firmware/serial/driver.h"

#include "firmware/machine/log.h"
#include "pxi/link.h"

#define MAGIC UINT32_C(0x01495850) /* 'P' 'X' 'I' 1 */

enum { PART_W, PART_H, PART_PIXELS };

static const char *fault(const uint32_t *words, size_t count)
{
    if (count < PART_PIXELS || (uint64_t)words[PART_W] * words[PART_H] != count - PART_PIXELS)
        return "W and H are not those of its pixels";
    const uint32_t *const px = words + PART_PIXELS;
    if (count - PART_PIXELS < PX_SERIAL_ROW || px[0] != MAGIC || px[DRIVER_FLAGS] != 0)
        return "it is no v1 program of a row or more";
    if (px[DRIVER_ENTRY] < PXS_AT_CODE || px[DRIVER_END] <= px[DRIVER_ENTRY] ||
        px[DRIVER_END] >= PX_SERIAL_DRIVER_MOST ||
        px[DRIVER_END] / PX_SERIAL_ROW * PX_SERIAL_ROW + PX_SERIAL_ROW > count - PART_PIXELS)
        return "its entry or end of code is where no serial driver has it";
    return NULL;
}

serial_driver driver_of(const void *part, size_t bytes)
{
    const uint32_t *const words = part; /* parts begin on pages */
    if (part == NULL || bytes == 0)
        return (serial_driver){0};
    const char *const reason = bytes % 4 == 0 ? fault(words, bytes / 4) : "it is no number of pixels";
    if (reason != NULL) {
        hv_log("serial: the driver on the disk cannot be used: %s", reason);
        return (serial_driver){0};
    }
    serial_driver d = {words + PART_PIXELS,
                       words[PART_PIXELS + DRIVER_END] / PX_SERIAL_ROW * PX_SERIAL_ROW + PX_SERIAL_ROW, 0};
    d.crc = px_link_crc(0, (const uint8_t *)d.pixels, 4 * (size_t)d.count);
    return d;
}
