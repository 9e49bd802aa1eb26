/* pixel.h - a pixel is a 32-bit word: R in bits 7:0, G 15:8, B 23:16, A 31:24. */
#ifndef PXI_PIXEL_H
#define PXI_PIXEL_H

#include <stdint.h>

static inline uint32_t px_rgba(uint32_t r, uint32_t g, uint32_t b, uint32_t a)
{
    return (r & 255u) | (g & 255u) << 8 | (b & 255u) << 16 | (a & 255u) << 24;
}

static inline uint32_t px_byte(uint32_t pixel, unsigned channel) { return pixel >> 8 * (channel & 3u) & 255u; }

static inline uint32_t px_with_byte(uint32_t pixel, unsigned channel, uint32_t byte)
{
    const unsigned shift = 8 * (channel & 3u);
    return (pixel & ~(255u << shift)) | (byte & 255u) << shift;
}

static inline uint32_t px_sign_extend8(uint32_t byte) { return ((byte & 255u) ^ 128u) - 128u; }
static inline uint32_t px_sign_extend16(uint32_t half) { return ((half & 65535u) ^ 32768u) - 32768u; }

#endif
