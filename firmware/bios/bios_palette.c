/* bios_palette.c - INT 10h AH=10h: the attribute controller's 16 colours, its border and blink bit, and the 256 colours
 * of the DAC, in the registers of pc/vga.c. They are kept for who asks; the real display's colours stay. */
#include "firmware/bios/services.h"

#include "firmware/pc/pc.h"

#define ATTRIBUTE 0x3C0u
#define STATUS    0x3DAu /* reading it makes the next write to 3C0h an index */
#define DAC_READ  0x3C7u
#define DAC_WRITE 0x3C8u
#define DAC_DATA  0x3C9u

enum { MODE = 0x10, BORDER = 0x11, COLOURS = 16, BLINK = 0x08, SHOWN = 0x20 /* in the index: the picture is on */ };

static void put_attribute(uint8_t index, uint8_t value)
{
    (void)pc_in(STATUS, 1);
    pc_out(ATTRIBUTE, 1, index);
    pc_out(ATTRIBUTE, 1, value);
    pc_out(ATTRIBUTE, 1, SHOWN);
    (void)pc_in(STATUS, 1);
}

static uint8_t attribute(uint8_t index)
{
    (void)pc_in(STATUS, 1);
    pc_out(ATTRIBUTE, 1, index);
    const uint8_t value = (uint8_t)pc_in(ATTRIBUTE + 1, 1);
    (void)pc_in(STATUS, 1);
    pc_out(ATTRIBUTE, 1, SHOWN);
    (void)pc_in(STATUS, 1);
    return value;
}

/* The 16 colours and the border, from or to ES:DX. */
static void all_attributes(bool read)
{
    const uint64_t at = bios_base(SEGMENT_ES) + word(guest.rdx);
    for (uint8_t i = 0; i <= COLOURS; i++) {
        const uint8_t index = i < COLOURS ? i : BORDER;
        if (read)
            bios_put_byte(at + i, attribute(index));
        else
            put_attribute(index, bios_byte(at + i));
    }
}

/* CX colours from BX on, red, green and blue a byte each, from or to ES:DX; no more than there are. */
static void dac_block(bool read)
{
    const unsigned first = word(guest.rbx) & 0xFF, left = 256 - first;
    const unsigned count = word(guest.rcx) < left ? word(guest.rcx) : left;
    uint8_t rgb[768];
    const uint64_t at = bios_base(SEGMENT_ES) + word(guest.rdx);
    if (!read)
        bios_read(rgb, at, 3 * (uint64_t)count);
    pc_out(read ? DAC_READ : DAC_WRITE, 1, first);
    for (unsigned i = 0; i < 3 * count; i++)
        if (read)
            rgb[i] = (uint8_t)pc_in(DAC_DATA, 1);
        else
            pc_out(DAC_DATA, 1, rgb[i]);
    if (read)
        bios_write(at, rgb, 3 * (uint64_t)count);
}

static void set_colour(void)
{
    pc_out(DAC_WRITE, 1, low(guest.rbx));
    pc_out(DAC_DATA, 1, high(guest.rdx));
    pc_out(DAC_DATA, 1, high(guest.rcx));
    pc_out(DAC_DATA, 1, low(guest.rcx));
}

static void colour(void)
{
    pc_out(DAC_READ, 1, low(guest.rbx));
    set_high(&guest.rdx, (uint8_t)pc_in(DAC_DATA, 1));
    set_high(&guest.rcx, (uint8_t)pc_in(DAC_DATA, 1));
    set_low(&guest.rcx, (uint8_t)pc_in(DAC_DATA, 1));
}

/* In AL: 00h BL = register, BH = value; 01h BH = border; 02h ES:DX -> 17 bytes; 03h BL = 1 blink, 0 bright backgrounds;
 * 07h BL = register, out BH; 08h out BH = border; 09h ES:DX -> room for 17 bytes; 10h BX = colour, DH CH CL = red,
 * green, blue; 12h BX = first, CX = how many, ES:DX -> bytes; 15h BX = colour, out DH CH CL; 17h as 12h, out. Others
 * are not there and change nothing. */
void bios_palette(void)
{
    switch (low(guest.rax)) {
    case 0x00:
        put_attribute(low(guest.rbx) & 0x1F, high(guest.rbx));
        break;
    case 0x01:
        put_attribute(BORDER, high(guest.rbx));
        break;
    case 0x02:
    case 0x09:
        all_attributes(low(guest.rax) == 9);
        break;
    case 0x03: {
        const uint8_t mode = attribute(MODE);
        put_attribute(MODE, (uint8_t)((low(guest.rbx) & 1) != 0 ? mode | BLINK : mode & ~BLINK));
        break;
    }
    case 0x07:
        set_high(&guest.rbx, attribute(low(guest.rbx) & 0x1F));
        break;
    case 0x08:
        set_high(&guest.rbx, attribute(BORDER));
        break;
    case 0x10:
        set_colour();
        break;
    case 0x12:
    case 0x17:
        dac_block(low(guest.rax) == 0x17);
        break;
    case 0x15:
        colour();
        break;
    default:
        bios_unknown(0x10);
        break;
    }
}
