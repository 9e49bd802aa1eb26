/* bios.c - from a VMCALL to its service, and the BIOS' own reset. */
#include "firmware/bios/bios.h"

#include <stddef.h>

#include "firmware/bios/services.h"
#include "firmware/pc/pc.h"
#include "firmware/vcpu/guest.h"

#define RFLAGS_CF 0x0001u

/* ---- reset ---- */

/* Vectors to their stubs, and the data area as power-on tests leave it. */
static void reset(void)
{
    for (unsigned vector = 0; vector < 256; vector++) {
        bios_put_word(vector * 4, (uint16_t)(BIOS_STUBS + 16 * vector));
        bios_put_word(vector * 4 + 2, BIOS_SEGMENT);
    }
    /* Pointers to tables: of video parameters, two fonts, two disks, which there are not; and programs' own vectors, 0
     * until one takes them. */
    static const uint8_t none[] = {0x1D, 0x1F, 0x41, 0x43, 0x46, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66};
    for (size_t i = 0; i < sizeof none; i++) {
        bios_put_word(none[i] * 4u, 0);
        bios_put_word(none[i] * 4u + 2, 0);
    }
    bios_put_word(0x1E * 4, BIOS_DISKETTE);
    bios_wait_reset();
    const uint16_t how = bios_word(BDA(0x72)); /* 1234h: Ctrl-Alt-Del, or a program that wants a warm start */
    for (unsigned i = 0; i < 0x100; i++)
        bios_put_byte(BDA(i), 0);
    bios_put_word(BDA(0x72), how);
    bios_put_word(BDA(0x00), 0x3F8); /* COM1 */
    bios_put_word(BDA(0x0E), EXTENDED_AREA);
    bios_put_word(BDA(0x13), 639);  /* KB below it */
    bios_put_word(BDA(0x1A), 0x1E); /* keyboard ring: head, tail, start, end */
    bios_put_word(BDA(0x1C), 0x1E);
    bios_put_word(BDA(0x80), 0x1E);
    bios_put_word(BDA(0x82), 0x3E);
    for (unsigned i = 0; i < 4; i++) { /* patience with printers and UARTs, whichever there are */
        bios_put_byte(BDA(0x78 + i), 0x14);
        bios_put_byte(BDA(0x7C + i), 1);
    }
    bios_put_byte(BDA(0x96), 0x10);       /* an enhanced keyboard */
    bios_put_byte(EXTENDED_AREA * 16, 1); /* KB */
    /* 8259: vectors 08h and 70h; timer, keyboard, COM1's line stay masked until someone wants them - but for the first
     * two. */
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 0x08}, {0x21, 0x04}, {0x21, 0x01}, {0xA0, 0x11},
                                       {0xA1, 0x70}, {0xA1, 0x02}, {0xA1, 0x01}, {0x21, 0xB8}, {0xA1, 0x8F},
                                       {0x43, 0x36}, {0x40, 0x00}, {0x40, 0x00}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pc_out(words[i][0], 1, words[i][1]);
    bios_video_init();
    bios_disk_init();
    bios_memory_init();
    bios_clock_init();
}

/* ---- a reset that a program has asked for to leave protected mode ---- */

#define SHUTDOWN 0x0F /* in the CMOS memory: how to go on */

/* 05h, 0Ah: a jump; 09h: a return from INT 15h AH=87h; 0Bh: IRET; 0Ch: RETF. All others are a reset of the machine. */
static bool comes_back(uint8_t code) { return code == 0x05 || (code >= 0x09 && code <= 0x0C); }

bool bios_comes_back(void) { return comes_back(bios_cmos(SHUTDOWN)); }

/* The code counts once; the ROM goes on by it, in AL. Vectors, data area and devices are as they were. */
static bios_answer come_back(uint8_t code)
{
    pc_cmos_put(SHUTDOWN, 0);
    set_low(&guest.rax, code);
    if (code == 0x05) {
        (void)pc_in(0x60, 1);
        pc_out(0xA0, 1, 0x20);
        pc_out(0x20, 1, 0x20);
    }
    return BIOS_HOOK;
}

static bios_answer power_on(void)
{
    const uint8_t code = bios_cmos(SHUTDOWN);
    if (comes_back(code))
        return come_back(code);
    pc_cmos_put(SHUTDOWN, 0);
    reset();
    return BIOS_DONE;
}

/* ---- dispatch ---- */

/* The program has called the vector: INT stands in front of the place to return to. */
static bool called(uint8_t vector)
{
    const uint16_t ip = (uint16_t)(bios_word(bios_stack(0)) - 2);
    return bios_word((uint64_t)bios_word(bios_stack(2)) * 16 + ip) == (vector << 8 | 0xCD);
}

/* Of the guest, which would only fault again. */
static bios_answer exception(uint8_t vector)
{
    if (!called(vector))
        guest_end("an exception that the guest does not handle", true);
    bios_unknown(vector);
    return BIOS_DONE;
}

static bool in_service(uint16_t port, unsigned input)
{
    pc_out(port, 1, 0x0B);
    return (pc_in(port, 1) >> input & 1) != 0;
}

/* INT 0Ah..0Fh and 72h..77h that nobody has taken: the interrupt is ended, once. It is not in service when its cause
 * went away, for input 7, or when a handler has ended it and goes on here. Otherwise INT 0Ch and 0Dh are exceptions;
 * those of the other vectors real mode does not have. */
static bios_answer spare_irq(uint8_t vector)
{
    const bool second = vector >= 0x70, taken = pc_irq_taken((vector & 7u) + (second ? 8 : 0));
    const uint16_t port = second ? 0xA0 : 0x20;
    if (in_service(port, vector & 7))
        pc_out(port, 1, 0x20);
    else if (!taken && (vector == 0x0C || vector == 0x0D))
        return exception(vector);
    if (second && in_service(0x20, 2))
        pc_out(0x20, 1, 0x20);
    return BIOS_DONE;
}

static bios_answer dispatch(uint8_t vector)
{
    switch (vector) {
    case 0x00:
    case 0x06:
    case 0x07:
        return exception(vector);
    case 0x05:
        return bios_print_screen();
    case 0x08:
        return bios_timer_irq();
    case 0x0A:
    case 0x0B:
    case 0x0C:
    case 0x0D:
    case 0x0E:
    case 0x0F:
    case 0x72:
    case 0x73:
    case 0x74:
    case 0x75:
    case 0x76:
    case 0x77:
        return spare_irq(vector);
    case 0x10:
        return bios_video();
    case 0x11:
        return bios_equipment();
    case 0x12:
        return bios_memory();
    case 0x13:
        return bios_disk_service();
    case 0x14:
        return bios_serial();
    case 0x15:
        return bios_system();
    case 0x16:
        return bios_keyboard();
    case 0x17:
        return bios_printer();
    case 0x18:
        return bios_no_boot();
    case 0x19:
        return bios_boot();
    case 0x1A:
        return bios_clock();
    case 0x40:
        return bios_diskette_service();
    case 0x70:
        return bios_clock_irq();
    default:
        bios_unknown(vector);
        return BIOS_DONE;
    }
}

bool bios_vmcall(void)
{
    const bool real = vcpu_real_mode();
    if (!bios_mode())
        return false;
    const uint64_t at = vcpu_get(VCPU_OF(VCPU_BASE, SEGMENT_CS)) + (vcpu_get(VCPU_RIP) & 0xFFFF);
    const uint64_t offset = at - BIOS_SEGMENT * 16;
    bios_answer answer = BIOS_DONE;
    if (offset >= BIOS_RESET && offset < BIOS_RESET + 16 && real)
        answer = power_on();
    else if (offset == BIOS_KEY)
        answer = bios_keyboard_irq();
    else if (offset >= BIOS_STUBS && offset < BIOS_STUBS + 16 * 256 && offset % 16 == 0)
        answer = dispatch((uint8_t)((offset - BIOS_STUBS) / 16));
    else
        return false;
    const uint64_t flags = vcpu_get(VCPU_RFLAGS) & ~(uint64_t)RFLAGS_CF;
    if (answer == BIOS_AGAIN)
        return true;
    vcpu_set(VCPU_RFLAGS, flags | (answer != BIOS_DONE ? RFLAGS_CF : 0));
    vcpu_skip_instruction();
    return true;
}
