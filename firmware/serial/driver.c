/* driver.c - see driver.h. */
#include "firmware/serial/driver.h"

#include "firmware/machine/log.h"
#include "pxi/link.h"

#define MAGIC UINT32_C(0x01495850) /* 'P' 'X' 'I' 1 */

static const char *fault(const uint32_t *words, size_t count)
{
    if (count < 2 || (uint64_t)words[0] * words[1] != count - 2)
        return "W and H are not those of its pixels";
    const uint32_t *const px = words + 2;
    if (count - 2 < DRIVER_ROW || px[0] != MAGIC || px[DRIVER_FLAGS] != 0)
        return "it is no v1 program of a row or more";
    if (px[DRIVER_ENTRY] < DRIVER_CODE || px[DRIVER_END] <= px[DRIVER_ENTRY] || px[DRIVER_END] >= DRIVER_MOST ||
        px[DRIVER_END] / DRIVER_ROW * DRIVER_ROW + DRIVER_ROW > count - 2)
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
    serial_driver d = {words + 2, words[2 + DRIVER_END] / DRIVER_ROW * DRIVER_ROW + DRIVER_ROW, 0};
    d.crc = px_link_crc(0, (const uint8_t *)d.pixels, 4 * (size_t)d.count);
    return d;
}
