/* guest_memory.c - see guest_memory.h. */
#include "firmware/vcpu/guest_memory.h"

#include <stddef.h>

#include "firmware/machine/memory.h"
#include "firmware/vcpu/vcpu.h"

static uint64_t ram_top;
static uint8_t *bios;
static bool a20_open = true;

void guest_memory_init(uint64_t top, uint8_t *rom)
{
    ram_top = top;
    bios = rom;
    vcpu->map(top, rom);
}

void guest_memory_a20(bool open)
{
    a20_open = open;
    vcpu->map_a20(open);
}

void guest_write_rom(uint64_t offset, const void *from, uint64_t count) { memcpy(bios + offset, from, count); }

/* Where the guest's bytes [physical, physical + count) are, or NULL; *rom: it cannot write them. */
static uint8_t *guest_bytes(uint64_t physical, uint64_t count, bool *rom)
{
    *rom = false;
    if (count > ram_top || physical > ram_top - count)
        return NULL;
    if (!a20_open && physical >= GUEST_HIGH && physical < GUEST_HIGH + GUEST_WRAP) {
        if (count > GUEST_HIGH + GUEST_WRAP - physical)
            return NULL;
        physical -= GUEST_HIGH;
    }
    const uint64_t end = physical + count;
    if (physical >= GUEST_ROM && end <= GUEST_ROM + GUEST_ROM_SIZE) {
        *rom = true;
        return bios + (physical - GUEST_ROM);
    }
    if (end <= GUEST_VIDEO_END || physical >= GUEST_HIGH)
        return virtual_of(physical);
    return NULL;
}

bool guest_read(void *to, uint64_t physical, uint64_t count)
{
    bool rom;
    const uint8_t *const from = guest_bytes(physical, count, &rom);
    if (from == NULL)
        return false;
    memcpy(to, from, count);
    return true;
}

bool guest_write(uint64_t physical, const void *from, uint64_t count)
{
    bool rom;
    uint8_t *const to = guest_bytes(physical, count, &rom);
    if (to == NULL)
        return false;
    if (!rom)
        memcpy(to, from, count);
    return true;
}
