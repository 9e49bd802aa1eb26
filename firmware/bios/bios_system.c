/* bios_system.c - what the machine is and has: INT 05h, 11h, 12h, 15h, 17h.
 *
 * Register contracts stand above each service; what they do not name is not touched. */
#include "firmware/bios/services.h"

#include <stddef.h>

#include "firmware/machine/memory.h"
#include "firmware/pc/pc.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vcpu/hypercall.h"

#define MB UINT64_C(0x100000)

/* out AX = equipment word: diskettes in bits 0, 7:6; 80x25 colour in 5:4; serial ports in 11:9 */
bios_answer bios_equipment(void)
{
    set_word(&guest.rax, bios_word(BDA(0x10)));
    return BIOS_DONE;
}

/* out AX = KB of memory below the extended data area */
bios_answer bios_memory(void)
{
    set_word(&guest.rax, bios_word(BDA(0x13)));
    return BIOS_DONE;
}

/* ---- INT 15h ---- */

/* AX=2400h/2401h close/open A20, 2402h out AL = state, 2403h out BX = ways; all: CF = 0, AH = 0 */
static bios_answer a20_service(void)
{
    switch (low(guest.rax)) {
    case 0:
    case 1:
        pc_set_a20(low(guest.rax) == 1);
        break;
    case 2:
        set_low(&guest.rax, pc_a20());
        break;
    case 3:
        set_word(&guest.rbx, 3);
        break; /* keyboard controller, port 92h */
    default:
        bios_unknown(0x15);
        set_high(&guest.rax, 0x86);
        bios_carry(true);
        return BIOS_DONE;
    }
    set_high(&guest.rax, 0);
    bios_carry(false);
    return BIOS_DONE;
}

static uint32_t descriptor_base(const uint8_t *d)
{
    return d[2] | (uint32_t)d[3] << 8 | (uint32_t)d[4] << 16 | (uint32_t)d[7] << 24;
}

/* In pieces that cross no page: what is RAM begins and ends with pages. */
static bool move(uint64_t from, uint64_t to, uint64_t left)
{
    uint8_t block[512];
    while (left > 0) {
        uint64_t now = left < sizeof block ? left : sizeof block;
        now = now < PAGE_SIZE - from % PAGE_SIZE ? now : PAGE_SIZE - from % PAGE_SIZE;
        now = now < PAGE_SIZE - to % PAGE_SIZE ? now : PAGE_SIZE - to % PAGE_SIZE;
        if (!guest_read(block, from, now) || !guest_write(to, block, now))
            return false;
        left -= now, from += now, to += now;
    }
    return true;
}

/* AH=87h move: in CX = words, ES:SI -> six descriptors, the third the source, the fourth the destination; out AH = 0
 * and CF = 0, or AH = 2 and CF = 1. A20 is open meanwhile. */
static bios_answer move_service(void)
{
    uint8_t table[48];
    const uint64_t bytes = word(guest.rcx) * UINT64_C(2);
    bios_read(table, bios_base(SEGMENT_ES) + word(guest.rsi), sizeof table);
    if (!pc_a20())
        guest_memory_a20(true);
    const bool good = bytes <= 0x10000 && move(descriptor_base(table + 16), descriptor_base(table + 24), bytes);
    if (!pc_a20())
        guest_memory_a20(false);
    set_high(&guest.rax, good ? 0 : 2);
    bios_carry(!good);
    bios_zero(good);
    return BIOS_DONE;
}

unsigned bios_memory_map(hv_range range[BIOS_RANGES])
{
    unsigned n = 0;
    range[n++] = (hv_range){0, 0x9FC00, 1};
    range[n++] = (hv_range){0x9FC00, 0x400, 2};
    range[n++] = (hv_range){0xF0000, 0x10000, 2};
    range[n++] = (hv_range){MB, bios.top - MB, 1};
    range[n++] = (hv_range){bios.top, UINT64_C(0x100000000) - bios.top, 2};
    return n;
}

/* AX=E820h: in EBX = which (0 first), ECX >= 20, EDX = 'SMAP', ES:DI -> 20 bytes; out EAX = 'SMAP', EBX = next or 0,
 * ECX = 20, CF = 0 */
static bios_answer map_service(void)
{
    hv_range range[BIOS_RANGES];
    const unsigned count = bios_memory_map(range);
    const uint32_t which = (uint32_t)guest.rbx;
    if ((uint32_t)guest.rdx != 0x534D4150 || (uint32_t)guest.rcx < sizeof *range || which >= count) {
        set_high(&guest.rax, 0x86);
        bios_carry(true);
        return BIOS_DONE;
    }
    bios_write(bios_base(SEGMENT_ES) + word(guest.rdi), &range[which], sizeof *range);
    set_long(&guest.rax, 0x534D4150);
    set_long(&guest.rbx, which + 1 < count ? which + 1 : 0);
    set_long(&guest.rcx, sizeof *range);
    bios_carry(false);
    return BIOS_DONE;
}

/* AX=E801h: out AX = CX = KB from 1 to 16 MB, BX = DX = 64 KB blocks from 16 MB on, CF = 0 */
static bios_answer sizes_service(void)
{
    const uint64_t above = bios.top - MB, first = above < 15 * MB ? above : 15 * MB;
    set_word(&guest.rax, (uint16_t)(first / 1024));
    set_word(&guest.rcx, (uint16_t)(first / 1024));
    set_word(&guest.rbx, (uint16_t)((above - first) / 0x10000));
    set_word(&guest.rdx, (uint16_t)((above - first) / 0x10000));
    bios_carry(false);
    return BIOS_DONE;
}

/* AH=88h: out AX = KB above 1 MB, at most 63 MB, CF = 0 */
static bios_answer extended_service(void)
{
    const uint64_t above = bios.top - MB, shown = above < 63 * MB ? above : 63 * MB;
    set_word(&guest.rax, (uint16_t)(shown / 1024));
    bios_carry(false);
    return BIOS_DONE;
}

static void cmos_word(uint8_t at, uint64_t value)
{
    pc_cmos_put(at, (uint8_t)value);
    pc_cmos_put((uint8_t)(at + 1), (uint8_t)(value >> 8));
}

/* The same sizes in the CMOS memory, where some programs look; its checksum is over 10h to 2Dh. */
void bios_memory_init(void)
{
    const uint64_t above = bios.top - MB, shown = above < 63 * MB ? above : 63 * MB;
    unsigned sum = 0;
    cmos_word(0x15, 640);
    cmos_word(0x17, shown / 1024);
    cmos_word(0x30, shown / 1024);
    cmos_word(0x34, above > 15 * MB ? (above - 15 * MB) / 0x10000 : 0);
    for (uint8_t at = 0x10; at <= 0x2D; at++) {
        pc_out(0x70, 1, at);
        sum += pc_in(0x71, 1);
    }
    pc_cmos_put(0x2E, (uint8_t)(sum >> 8));
    pc_cmos_put(0x2F, (uint8_t)sum);
}

/* AH=C0h: out ES:BX -> configuration table, AH = 0, CF = 0 */
static bios_answer configuration_service(void)
{
    vcpu_load_real(SEGMENT_ES, BIOS_SEGMENT);
    set_word(&guest.rbx, BIOS_CONFIGURATION);
    set_high(&guest.rax, 0);
    bios_carry(false);
    return BIOS_DONE;
}

/* AX=5058h pxHV's own: hypercall.h */
static bios_answer hypercall_service(void)
{
    uint64_t value = (guest.rdx & UINT32_MAX) << 32 | (uint32_t)guest.rax;
    const bool good = hypercall(low(guest.rbx), high(guest.rbx), word(guest.rcx), &value);
    if (good) {
        set_long(&guest.rax, (uint32_t)value);
        set_long(&guest.rdx, (uint32_t)(value >> 32));
    } else
        set_high(&guest.rax, 0x86);
    bios_carry(!good);
    return BIOS_DONE;
}

/* AH=C1h: out ES = segment of the extended data area, CF = 0 */
static bios_answer extended_area_service(void)
{
    vcpu_load_real(SEGMENT_ES, bios_word(BDA(0x0E)));
    bios_carry(false);
    return BIOS_DONE;
}

/* Calls that programs are known to try and to take a refusal for: APM, device waits, mouse. */
static bool quiet_refusal(uint8_t function)
{
    return function == 0x41 || function == 0x53 || function == 0xC2 || function == 0xE8 || function == 0xE9 ||
           function == 0xEC;
}

bios_answer bios_system(void)
{
    const uint8_t function = high(guest.rax);
    if (word(guest.rax) == 0xE820)
        return map_service();
    if (word(guest.rax) == 0xE801)
        return sizes_service();
    if (word(guest.rax) == HYPERCALL_AX)
        return hypercall_service();
    switch (function) {
    case 0x24:
        return a20_service();
    case 0x4F: /* the scan code that INT 09h offers, in AL: out CF = 1, it is a key; AX stays */
        bios_carry(true);
        return BIOS_DONE;
    case 0x83:
        return bios_event_wait();
    case 0x86:
        return bios_pause();
    case 0x87:
        return move_service();
    case 0x88:
        return extended_service();
    case 0x80: /* open, close, end of a program; the SysReq key; a device is busy, is ready: nobody waits here */
    case 0x81:
    case 0x82:
    case 0x85:
    case 0x90:
    case 0x91:
        set_high(&guest.rax, 0);
        bios_carry(false);
        return BIOS_DONE;
    case 0xC0:
        return configuration_service();
    case 0xC1:
        return extended_area_service();
    default:
        if (!quiet_refusal(function))
            bios_unknown(0x15);
        set_high(&guest.rax, 0x86);
        bios_carry(true);
        return BIOS_DONE;
    }
}

/* ---- INT 17h: no printer. Out AH = 1: time-out ---- */
bios_answer bios_printer(void)
{
    set_high(&guest.rax, 0x01);
    return BIOS_DONE;
}

/* INT 05h: out byte at 0050:0000 = FFh: the screen could not be printed, for there is no printer. */
#define PRINT_STATUS 0x500

bios_answer bios_print_screen(void)
{
    bios_put_byte(PRINT_STATUS, 0xFF);
    return BIOS_DONE;
}
