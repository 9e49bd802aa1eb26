/* vga.c - the registers of a VGA in text mode, 3C0h to 3DFh. Text memory is the real display's; of the registers only
 * the cursor and the start address reach it, everything else is remembered and read back. */
#include "firmware/pc/pc.h"

#include <stddef.h>

typedef struct vga {
    uint8_t attribute[32], sequencer[8], graphics[16], crtc[32];
    uint8_t attribute_index, sequencer_index, graphics_index, crtc_index;
    uint8_t misc, feature, mask;
    bool attribute_data; /* the next write to 3C0h is data */
    uint8_t palette[768];
    uint16_t palette_read, palette_write;
    bool palette_reading; /* 3C7h was written after 3C8h */
} vga;

static vga v;

static pc_crtc_sink *sink;

void pc_vga_connect(pc_crtc_sink *new_sink) { sink = new_sink; }

/* 3DAh: bit 0 display not enabled, bit 3 vertical retrace, of a picture of 400 lines 70 times a second. */
static uint8_t input_status(void)
{
    const uint64_t in_frame = pc_now % (PC_SECOND / 70), in_line = pc_now % (PC_SECOND / 31469);
    v.attribute_data = false;
    if (in_frame > PC_SECOND / 70 * 412 / 449)
        return 0x09;
    return in_line > PC_SECOND / 31469 * 8 / 10;
}

static uint8_t in(unsigned offset)
{
    switch (offset) {
    case 0x00:
        return v.attribute_index;
    case 0x01:
        return v.attribute[v.attribute_index & 31];
    case 0x04:
        return v.sequencer_index;
    case 0x05:
        return v.sequencer[v.sequencer_index & 7];
    case 0x06:
        return v.mask;
    case 0x02:
        return 0x10; /* a display is connected; no interrupt */
    case 0x07:
        return v.palette_reading ? 3 : 0;
    case 0x08:
        return (uint8_t)(v.palette_write / 3);
    case 0x09: {
        const uint8_t value = v.palette[v.palette_read];
        v.palette_read = (uint16_t)((v.palette_read + 1) % sizeof v.palette);
        return value;
    }
    case 0x0A:
        return v.feature;
    case 0x0C:
        return v.misc;
    case 0x0E:
        return v.graphics_index;
    case 0x0F:
        return v.graphics[v.graphics_index & 15];
    case 0x14:
        return v.crtc_index;
    case 0x15:
        return v.crtc[v.crtc_index & 31];
    case 0x1A:
        return input_status();
    default:
        return 0xFF;
    }
}

static void write_attribute(uint8_t value)
{
    if (v.attribute_data)
        v.attribute[v.attribute_index & 31] = value;
    else
        v.attribute_index = value & 0x3F;
    v.attribute_data = !v.attribute_data;
}

static void write_crtc(uint8_t value)
{
    const uint8_t index = v.crtc_index & 31;
    if (index <= 7 && (v.crtc[0x11] & 0x80) != 0) /* protected, but for one bit */
        value = index == 7 ? (uint8_t)((v.crtc[7] & ~0x10) | (value & 0x10)) : v.crtc[index];
    v.crtc[index] = value;
    if (sink != NULL && index >= 0x0A && index <= 0x0F)
        sink(index, value);
}

static void out(unsigned offset, uint8_t value)
{
    switch (offset) {
    case 0x00:
        write_attribute(value);
        break;
    case 0x02:
        v.misc = value;
        break;
    case 0x04:
        v.sequencer_index = value;
        break;
    case 0x05:
        v.sequencer[v.sequencer_index & 7] = value;
        break;
    case 0x06:
        v.mask = value;
        break;
    case 0x07:
        v.palette_read = (uint16_t)(value * 3);
        v.palette_reading = true;
        break;
    case 0x08:
        v.palette_write = (uint16_t)(value * 3);
        v.palette_reading = false;
        break;
    case 0x09:
        v.palette[v.palette_write] = value & 0x3F;
        v.palette_write = (uint16_t)((v.palette_write + 1) % sizeof v.palette);
        break;
    case 0x0E:
        v.graphics_index = value;
        break;
    case 0x0F:
        v.graphics[v.graphics_index & 15] = value;
        break;
    case 0x14:
        v.crtc_index = value;
        break;
    case 0x15:
        write_crtc(value);
        break;
    case 0x1A:
        v.feature = value;
        break;
    default:
        break;
    }
}

/* The first 64 colours of the DAC are those of an EGA: two bits each of red, green and blue. */
static void default_palette(void)
{
    for (unsigned i = 0; i < 64; i++)
        for (unsigned colour = 0; colour < 3; colour++) {
            const unsigned bit = 2 - colour; /* red first */
            v.palette[3 * i + colour] = (uint8_t)((i >> bit & 1) * 0x2A + (i >> (bit + 3) & 1) * 0x15);
        }
}

/* As the display's own BIOS leaves mode 3: 80 x 25 characters of 9 x 16, cursor in lines 13 and 14, text at B8000h. */
static const vga mode_3 = {
    .sequencer = {3, 0, 3, 0, 2},
    .graphics = {0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF},
    .crtc = {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0,    0x4F, 0x0D, 0x0E, 0,
             0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF},
    .attribute = {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x0C, 0, 0x0F, 8, 0},
    .misc = 0x67,
    .mask = 0xFF};

static void reset(pc_time now)
{
    (void)now;
    v = mode_3;
    default_palette();
}

const pc_device pc_vga = {.name = "VGA", .first = 0x3C0, .last = 0x3DF, .in = in, .out = out, .reset = reset};
