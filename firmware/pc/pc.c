/* pc.c - see pc.h: the list of devices, and which of them a port belongs to. */
#include "firmware/pc/pc.h"

#include <stddef.h>

/* The busiest first. */
static const pc_device *const devices[] = {&pc_com1, &pc_pic_master, &pc_pic_slave, &pc_pic_edge,
                                           &pc_pit,  &pc_speaker,    &pc_keyboard,  &pc_keyboard_status,
                                           &pc_cmos, &pc_port92,     &pc_debug,     &pc_vga};
#define DEVICES (sizeof devices / sizeof *devices)

pc_time pc_now;
static bool reset_asked;
static bool a20;

static const pc_device *device_at(uint16_t port)
{
    for (size_t i = 0; i < DEVICES; i++)
        if (port >= devices[i]->first && port <= devices[i]->last)
            return devices[i];
    return NULL;
}

static uint8_t in_byte(uint16_t port)
{
    const pc_device *const device = device_at(port);
    return device != NULL && device->in != NULL ? device->in((unsigned)(port - device->first)) : 0xFF;
}

/* Ports end at FFFFh; what an access has beyond them reads ones. */
uint32_t pc_in(uint16_t port, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint32_t)(port + i <= 0xFFFF ? in_byte((uint16_t)(port + i)) : 0xFF) << 8 * i;
    return value;
}

void pc_out(uint16_t port, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes && port + i <= 0xFFFF; i++) {
        const pc_device *const device = device_at((uint16_t)(port + i));
        if (device != NULL && device->out != NULL)
            device->out((unsigned)(port + i - device->first), (uint8_t)(value >> 8 * i));
    }
}

void pc_reset(pc_time now)
{
    pc_now = now;
    reset_asked = false;
    a20 = true;
    for (size_t i = 0; i < DEVICES; i++)
        if (devices[i]->reset != NULL)
            devices[i]->reset(now);
}

void pc_advance(pc_time now)
{
    pc_now = now;
    for (size_t i = 0; i < DEVICES; i++)
        if (devices[i]->advance != NULL)
            devices[i]->advance(now);
}

pc_time pc_deadline(void)
{
    pc_time first = PC_NEVER;
    for (size_t i = 0; i < DEVICES; i++) {
        const pc_time next = devices[i]->deadline != NULL ? devices[i]->deadline() : PC_NEVER;
        first = next < first ? next : first;
    }
    return first;
}

bool pc_take_reset(void)
{
    const bool taken = reset_asked;
    reset_asked = false;
    return taken;
}

void pc_ask_reset(void) { reset_asked = true; }

bool pc_a20(void) { return a20; }
void pc_set_a20(bool open) { a20 = open; }

/* ---- port 92h: A20 and a fast reset ---- */

static uint8_t port92_in(unsigned offset)
{
    (void)offset;
    return a20 ? 2 : 0;
}

static void port92_out(unsigned offset, uint8_t value)
{
    (void)offset;
    a20 = (value & 2) != 0;
    if ((value & 1) != 0)
        pc_ask_reset();
}

const pc_device pc_port92 = {.name = "port 92h", .first = 0x92, .last = 0x92, .in = port92_in, .out = port92_out};
