/* vga.c - the registers of a VGA in text mode, 3C0h to 3DFh. Text memory is the real display's; of the registers only
 * the cursor and the start address reach it, everything else is remembered and read back. */
#include "firmware/pc/pc.h"

#include <stddef.h>

static struct {
    uint8_t attribute[32], sequencer[8], graphics[16], crtc[32];
    uint8_t attribute_index, sequencer_index, graphics_index, crtc_index;
    uint8_t misc, feature, mask;
    bool attribute_data; /* the next write to 3C0h is data */
    uint8_t palette[768];
    uint16_t palette_read, palette_write;
} v;

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
    case 0x07:
        return 0;
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
        break;
    case 0x08:
        v.palette_write = (uint16_t)(value * 3);
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

static void reset(pc_time now)
{
    (void)now;
    v.misc = 0x67; /* colour, clocks of text mode */
    v.mask = 0xFF;
    v.attribute_data = false;
    v.graphics[6] = 0x0E; /* text memory at B8000h */
    v.sequencer[4] = 0x02;
}

const pc_device pc_vga = {.name = "VGA", .first = 0x3C0, .last = 0x3DF, .in = in, .out = out, .reset = reset};
