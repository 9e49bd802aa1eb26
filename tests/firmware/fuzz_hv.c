/* fuzz_hv.c - a guest made of any bytes: they choose what it executes - ports, strings, BIOS calls, control registers,
 * MSRs, memory that is not there -, its modes, registers and memory, how time goes by, what comes from keyboard and
 * wire, and what the executor answers.
 *
 * Oracles: the sanitizers; pxHV ends only by names that a guest may cause; no exit costs more than its bound; what
 * handlers make of a good guest state is one; nothing beyond the guest's memory is touched, nor its ROM; the same guest
 * puts the same operations on the wire with batches of 1 and of 256; and with an executor that misbehaves nothing is
 * sent twice.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/bios/services.h"
#include "firmware/machine/time.h"
#include "firmware/serial/route.h"
#include "firmware/vcpu/discard.h"
#include "firmware/vcpu/guest.h"
#include "firmware/vcpu/guest_memory.h"
#include "tests/firmware/board.h"
#include "tests/firmware/native.h"

#define MOST_STEPS 400u
#define MOST_GIVEN 50000u  /* the endpoint remembers 65,536 */
#define MOST_WORK  400000u /* native_work of one exit */

static const uint8_t *input;
static size_t left;
static bool hostile;
static unsigned step;
static uint64_t work; /* native_work at the exit before */

/* Frames that the guest has sent, and those that have come out. */
static size_t given;

static uint64_t take(unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && left > 0; i++, left--)
        value |= (uint64_t)*input++ << 8 * i;
    return value;
}

/* ---- the guest's state ---- */

static void change_registers(void)
{
    static const enum vmcs_field field[] = {
        VMCS_GUEST_ES_BASE,  VMCS_GUEST_DS_BASE,   VMCS_GUEST_SS_BASE,   VMCS_GUEST_ES_LIMIT,
        VMCS_GUEST_DS_LIMIT, VMCS_GUEST_DS_RIGHTS, VMCS_GUEST_ES_RIGHTS, VMCS_GUEST_RFLAGS,
        VMCS_GUEST_CR3,      VMCS_GUEST_RSP,       VMCS_GUEST_EFER,      VMCS_GUEST_CR4,
        VMCS_GUEST_CS_BASE,  VMCS_GUEST_RIP,       VMCS_GUEST_CR0,       VMCS_EXIT_INSTRUCTION};
    uint64_t *const registers = &guest.rax;
    const unsigned which = (unsigned)take(1);
    if (which < 0x80)
        registers[which % 15] = take(which < 0x40 ? 2 : 8);
    else
        native_set(field[which % 16], take(which < 0xC0 ? 4 : 8));
}

static void change_memory(void)
{
    const unsigned where = (unsigned)take(1);
    const uint64_t at = where < 0x60 ? 0x400 + take(1) : where < 0x80 ? take(3) % NATIVE_RAM : where * UINT64_C(0x400);
    const uint64_t count = take(1) % 64;
    for (uint64_t i = 0; i < count && at + i < NATIVE_RAM; i++)
        native_memory[at + i] = (uint8_t)take(1);
}

static void segments(uint64_t limit, uint32_t code, uint32_t data)
{
    static const enum vmcs_field rights[] = {VMCS_GUEST_DS_RIGHTS, VMCS_GUEST_ES_RIGHTS, VMCS_GUEST_SS_RIGHTS,
                                             VMCS_GUEST_FS_RIGHTS, VMCS_GUEST_GS_RIGHTS};
    static const enum vmcs_field limits[] = {VMCS_GUEST_DS_LIMIT, VMCS_GUEST_ES_LIMIT, VMCS_GUEST_SS_LIMIT,
                                             VMCS_GUEST_FS_LIMIT, VMCS_GUEST_GS_LIMIT};
    for (unsigned i = 0; i < 5; i++) {
        native_set(rights[i], data);
        native_set(limits[i], limit);
    }
    native_set(VMCS_GUEST_CS_RIGHTS, code);
    native_set(VMCS_GUEST_CS_LIMIT, limit);
}

/* Four levels of 8 bytes, three of 8, or two of 4 from 3C0000h on, for the first megabytes; entries may be spoiled. */
static void make_tables(unsigned levels)
{
    const uint64_t at = 0x3C0000;
    for (unsigned level = 0; level + 1 < levels; level++) {
        const uint64_t next = (at + 0x1000 * (level + 1)) | (levels == 3 && level == 0 ? 1 : 7);
        memcpy(native_memory + at + UINT64_C(0x1000) * level, &next, levels == 2 ? 4 : 8);
    }
    uint8_t *const last = native_memory + at + UINT64_C(0x1000) * (levels - 1);
    const unsigned size = levels == 2 ? 4 : 8;
    for (uint64_t i = 0; i < 4096 / size; i++) {
        const uint64_t entry = i << 12 | 7;
        memcpy(last + i * size, &entry, size);
    }
    const uint64_t spoiled = take(8);
    memcpy(native_memory + at + take(2) % (0x1000 * levels - 8), &spoiled, size);
    native_set(VMCS_GUEST_CR3, at);
}

/* Real, virtual-8086, protected, with each kind of paging, 64-bit: states that a processor runs. */
static void change_mode(void)
{
    const unsigned mode = (unsigned)take(1) % 8;
    const uint64_t entry = vmcs_read(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_GUEST_64;
    const uint64_t flags = 2 | (take(1) & 0x04) << 7;
    native_set(VMCS_GUEST_RFLAGS, flags);
    native_set(VMCS_GUEST_EFER, 0);
    native_set(VMCS_GUEST_CR4, 0x2000);
    native_set(VMCS_ENTRY_CONTROLS, entry);
    native_set(VMCS_GUEST_CR0, mode == 0 ? 0x30 : mode <= 2 ? 0x31 : 0x80000031);
    native_set(VMCS_GUEST_INTERRUPTIBILITY, 0);
    segments(mode == 0 || mode == 1 ? 0xFFFF : UINT32_MAX, mode == 0 ? 0x93 : 0xC09B, mode == 0 ? 0x93 : 0xC093);
    if (mode == 1 || mode == 7) { /* virtual-8086 mode, without and with paging */
        native_set(VMCS_GUEST_RFLAGS, flags | 0x20000);
        segments(0xFFFF, 0xF3, 0xF3);
    }
    if (mode >= 3)
        make_tables(mode == 4 ? 3 : mode == 5 || mode == 6 ? 4 : 2);
    if (mode >= 4 && mode <= 6)
        native_set(VMCS_GUEST_CR4, 0x2020);
    if (mode == 5 || mode == 6) {
        native_set(VMCS_GUEST_EFER, 0x500);
        native_set(VMCS_ENTRY_CONTROLS, entry | ENTRY_GUEST_64);
        native_set(VMCS_GUEST_CS_RIGHTS, mode == 5 ? 0xA09B : 0xC09B); /* 64-bit and compatibility mode */
    }
}

/* ---- what it executes; each returns the exit's qualification ---- */

static uint64_t port_access(void)
{
    static const uint16_t ports[] = {0x20,  0x21,  0xA0,  0xA1,  0x4D0, 0x4D1, 0x40,  0x41,  0x42,  0x43,  0x61,
                                     0x60,  0x64,  0x70,  0x71,  0x92,  0xE9,  0x3C0, 0x3C1, 0x3C7, 0x3C8, 0x3C9,
                                     0x3CE, 0x3CF, 0x3C4, 0x3C5, 0x3D4, 0x3D5, 0x3DA, 0xCF8, 0xCFC, 0xFFFF};
    static const unsigned size[] = {0, 0, 1, 3};
    const unsigned how = (unsigned)take(1), which = (unsigned)take(1);
    unsigned port = which < 0x60 ? ports[which % 32] : which < 0xE0 ? 0x3F8 + which % 8 : (unsigned)take(2);
    static const uint16_t index[] = {0x70, 0x70, 0x3C4, 0x3CE, 0x3D4, 0x64, 0x70, 0x43};
    if ((how & 0x04) != 0 && which >= 0x10 && which < 0x20) { /* a register behind an index */
        const unsigned first = index[which & 7];
        static const uint8_t controller[] = {0xD1, 0x60, 0xD2, 0x20, 0xD0, 0xAD, 0xAE, 0xAA};
        const uint32_t value = (uint32_t)take(1);
        pc_out((uint16_t)first, 1, first == 0x64 ? controller[value & 7] : value);
        port = first == 0x64 ? 0x60 : first == 0x43 ? 0x40 : first + 1;
    }
    if ((how & 0x08) == 0 && (how & 0x10) == 0)
        guest.rax = (guest.rax & ~UINT64_C(0xFF)) | take(1);
    if ((how & 0x10) != 0) {
        native_set(VMCS_EXIT_INSTRUCTION, (take(1) % 3) << 7 | (take(1) % 6) << 15);
        guest.rcx = (how & 0x40) != 0 ? take(8) : take(1);
        guest.rsi = guest.rdi = take((how & 0x80) != 0 ? 8 : 2);
    }
    return (how & 0x38) | size[how & 3] | (uint64_t)port << 16;
}

static void bios_registers(void)
{
    static const uint16_t segment[] = {0, 0x40, 0x1000, 0x9FC0, 0xB800, 0xF000, 0xFFFF, 0xC000};
    const unsigned where = (unsigned)take(1);
    guest.rbx = take(2);
    guest.rcx = take(2);
    guest.rdx = take(2);
    guest.rsi = guest.rdi = guest.rbp = where < 0x80 ? 0x200 : take(2);
    native_set(VMCS_GUEST_ES_BASE, segment[where & 7] * UINT64_C(16));
    native_set(VMCS_GUEST_DS_BASE, segment[where >> 3 & 7] * UINT64_C(16));
    if (where >= 0xC0) {
        native_set(VMCS_GUEST_SS_BASE, segment[take(1) & 7] * UINT64_C(16));
        native_set(VMCS_GUEST_RSP, take(2));
    }
}

/* Every service by its number, and what is no service. */
static const uint16_t calls[][2] = {
    {0x08, 0},      {0x09, 0},      {0x09, 1},      {0x0F, 0},      {0x76, 0},      {0x70, 0},      {0x10, 0x0003},
    {0x10, 0x0100}, {0x10, 0x0200}, {0x10, 0x0300}, {0x10, 0x0600}, {0x10, 0x0702}, {0x10, 0x0800}, {0x10, 0x0941},
    {0x10, 0x0A42}, {0x10, 0x0E0A}, {0x10, 0x0E41}, {0x10, 0x0F00}, {0x10, 0x1130}, {0x10, 0x1210}, {0x10, 0x1301},
    {0x10, 0x1302}, {0x10, 0x1A00}, {0x11, 0},      {0x12, 0},      {0x13, 0x0000}, {0x13, 0x0100}, {0x13, 0x0201},
    {0x13, 0x02FF}, {0x13, 0x0302}, {0x13, 0x0409}, {0x13, 0x0800}, {0x13, 0x1500}, {0x13, 0x1600}, {0x13, 0x4100},
    {0x13, 0x4200}, {0x13, 0x4300}, {0x13, 0x4400}, {0x13, 0x4800}, {0x14, 0x00E3}, {0x14, 0x0141}, {0x14, 0x0200},
    {0x14, 0x0300}, {0x15, 0x2400}, {0x15, 0x2401}, {0x15, 0x2402}, {0x15, 0x2403}, {0x15, 0x8300}, {0x15, 0x8301},
    {0x15, 0x8600}, {0x15, 0x8700}, {0x15, 0x8800}, {0x15, 0x9000}, {0x15, 0xC000}, {0x15, 0xC100}, {0x15, 0xE801},
    {0x15, 0xE820}, {0x15, 0x5058}, {0x16, 0x0000}, {0x16, 0x0100}, {0x16, 0x0200}, {0x16, 0x0500}, {0x16, 0x1000},
    {0x16, 0x1100}, {0x16, 0x1200}, {0x17, 0},      {0x05, 0},      {0x40, 0x0201}, {0x15, 0x4F1E}, {0x10, 0x1002},
    {0x10, 0x1009}, {0x10, 0x1012}, {0x10, 0x1017}, {0x1A, 0x0000}, {0x1A, 0x0100}, {0x1A, 0x0200}, {0x1A, 0x0300},
    {0x1A, 0x0400}, {0x1A, 0x0500}, {0x1A, 0x0600}, {0x1A, 0x0700}};
#define CALLS (sizeof calls / sizeof *calls)

static uint64_t bios_call(void)
{
    const unsigned how = (unsigned)take(1), which = (unsigned)take(1) % (CALLS + 8);
    const unsigned vector = which < CALLS ? calls[which][0] : (unsigned)take(1);
    guest.rax = which < CALLS ? calls[which][1] : take(2);
    if ((how & 0x20) != 0)
        guest.rax = (guest.rax & 0xFF00) | take(1);
    if ((how & 0x80) == 0)
        bios_registers();
    if (vector == 0x15 && guest.rax == 0x5058)
        guest.rbx = take(1) % 5 | (take(1) & 3) << 8;
    if (vector == 0x09) { /* a scan code, and shift keys that are held */
        if (which < 2)
            native_memory[0x417 + which] = (uint8_t)take(1);
        guest.rax = take(1) | ((how & 0x10) != 0 ? 0x1B00 : 0x4F00);
    }
    if (vector == 0x15 && guest.rax == 0xE820) {
        guest.rcx = 20;
        guest.rdx = 0x534D4150;
        guest.rbx &= 7;
    }
    if (vector == 0x13 && (how & 0x40) != 0) { /* a packet at DS:SI */
        native_set(VMCS_GUEST_DS_BASE, 0);
        guest.rsi = 0x5000;
        guest.rdx = 0x80;
        native_memory[0x5000] = 16;
        native_memory[0x5002] = (uint8_t)take(1);
        for (unsigned i = 4; i < 10; i++)
            native_memory[0x5000 + i] = (uint8_t)take(1);
    }
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RIP, vector == 0x09 ? BIOS_KEY : BIOS_STUBS + 16 * (uint64_t)vector);
    if (vector == 0x09) /* INT 15h AH=4Fh lets it pass, or does not */
        native_set(VMCS_GUEST_RFLAGS, (vmcs_read(VMCS_GUEST_RFLAGS) & ~UINT64_C(1)) | (how >> 3 & 1));
    if ((vmcs_read(VMCS_GUEST_RFLAGS) & 0x20000) == 0 && how < 0xFC) {
        native_set(VMCS_GUEST_CR0, 0x30);
        native_set(VMCS_GUEST_EFER, 0);
        native_set(VMCS_ENTRY_CONTROLS, vmcs_read(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_GUEST_64);
        native_set(VMCS_GUEST_CS_RIGHTS, 0x93);
        native_set(VMCS_GUEST_SS_RIGHTS, 0x93);
    }
    return 0;
}

static uint64_t msr_access(bool write)
{
    static const uint32_t numbers[] = {0x10,       0x17,       0x8B,       0x174,      0x175,      0x176,
                                       0x1A0,      0x1D9,      0x277,      0xC0000080, 0xC0000081, 0xC0000082,
                                       0xC0000083, 0xC0000084, 0xC0000100, 0xC0000101, 0xC0000102, 0x1B};
    const unsigned which = (unsigned)take(1);
    guest.rcx = which < 0xC0 ? numbers[which % 18] : take(4);
    if (write) {
        guest.rax = take(which % 2 == 0 ? 2 : 8);
        guest.rdx = which % 3 == 0 ? 0 : take(2) * 0x10001;
    }
    return 0;
}

static uint64_t control_register(void)
{
    static const uint64_t values[] = {0x11,       0x10,       0x80000011, 0x60000010,
                                      0x20000010, 0x80010033, 0x80000010, 0x60000011};
    static const uint8_t moves[] = {0x00, 0x00, 0x04, 0x08, 0x18, 0x20, 0x30, 0x03};
    const unsigned how = (unsigned)take(1), which = moves[how & 7], with = (unsigned)take(1);
    uint64_t *const registers = &guest.rax;
    static const uint8_t order[] = {0, 1, 2, 3, 15, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}; /* RSP is not among them */
    const unsigned place = order[with & 15];
    if (place < 15 && how < 0xC0)
        registers[place] = values[how >> 3 & 7];
    return which | (uint64_t)(with & 15) << 8 | (uint64_t)(with >> 4) << 16;
}

/* What an exit can find in delivery: interrupts only with IF, error codes only where the SDM has them. */
static void cut_delivery(void)
{
    static const uint32_t events[] = {0x80000B0E, 0x80000B0D, 0x80000B08, 0x80000300, 0x80000306,
                                      0x80000603, 0x80000421, 0x80000202, 0x80000B0C, 0x80000301};
    const unsigned which = (unsigned)take(1);
    uint32_t event = which < 0xC0 ? events[which % 10] : 0x80000000 | (uint32_t)take(1);
    if (which >= 0xC0 && (vmcs_read(VMCS_GUEST_RFLAGS) & 0x200) == 0)
        event = 0;
    native_set(VMCS_IDT_VECTORING, event);
    native_set(VMCS_IDT_VECTORING_ERROR, take(1));
}

static uint64_t no_memory(void)
{
    const uint64_t at = take(5);
    native_set(VMCS_GUEST_PHYSICAL_ADDRESS, at % 4 == 0 ? 0xC0000 + at % 0x40000 : at % 4 == 1 ? at : NATIVE_RAM + at);
    return 1 + take(1) % 7;
}

static uint64_t exception(void)
{
    static const uint32_t information[] = {0x80000301, 0x80000B11, 0x80000202, 0x80000501,
                                           0x80000B0E, 0x80000306, 0x80000603, 0x80000B0C};
    const bool all = vmcs_read(VMCS_EXCEPTION_BITMAP) == UINT32_MAX; /* discard.c's step */
    native_set(VMCS_EXIT_INTERRUPTION, information[take(1) % (all ? 8 : 4)]);
    native_set(VMCS_EXIT_INTERRUPTION_ERROR, take(1));
    return take(2);
}

/* A GDT of 16 descriptors and task states at 20000h, most of them good ones; outside protected mode there are none. */
static unsigned task_switch(uint64_t *qualification)
{
    static const uint16_t rights[] = {0x0000, 0xC09A, 0xC092, 0x008B, 0x0089, 0xC0FA, 0xC0F2, 0x0082,
                                      0x0081, 0x009E, 0xC096, 0x0083, 0x0012, 0x0098, 0x0009, 0x0090};
    static const uint32_t events[] = {0, 0x80000020, 0x80000B0D, 0x80000B0E, 0x80000B08, 0x80000421, 0x80000603};
    const unsigned how = (unsigned)take(1);
    if ((vmcs_read(VMCS_GUEST_CR0) & 1) == 0 || (vmcs_read(VMCS_GUEST_EFER) & 0x400) != 0)
        return VMX_EXIT_CPUID;
    for (unsigned i = 0; i < 16; i++) {
        const uint32_t base = i == 4   ? 0x21000
                              : i == 7 ? 0x22000
                                       : 0,
                       right = rights[i] ^ (how == 0 ? (uint32_t)take(1) : 0);
        const uint32_t low = base << 16 | 0xFFFF, high = base >> 16 | (right & 0xFF) << 8 | (right & 0xF000) << 8;
        memcpy(native_memory + 0x20000 + 8 * i, &low, 4);
        memcpy(native_memory + 0x20004 + 8 * i, &high, 4);
    }
    native_set(VMCS_GUEST_GDTR_BASE, 0x20000);
    native_set(VMCS_GUEST_GDTR_LIMIT, 0x7F);
    native_set(VMCS_GUEST_TR, 0x18);
    native_set(VMCS_GUEST_TR_BASE, (how & 0x80) != 0 ? take(4) : 0x23000);
    uint8_t *const tss = native_memory + 0x21000;
    for (unsigned i = 0; i < 104; i++)
        tss[i] = (uint8_t)((how & 0x40) != 0 ? take(1) : 0);
    for (unsigned i = 0x48; i < 0x64; i += 4)
        tss[i] = (uint8_t)(i == 0x60 ? take(1) & 0x3C : i == 0x4C ? 0x08 : (how & 0x20) != 0 ? take(1) & 0x7F : 0x10);
    tss[0x26] = (uint8_t)(how & 2); /* virtual-8086 mode */
    tss[0x1D] = 0;
    tss[0x1E] = 0x3C; /* CR3: make_tables() */
    const unsigned source = (unsigned)take(1) & 3;
    native_set(VMCS_IDT_VECTORING, source == 3 ? events[take(1) % 7] : 0);
    native_set(VMCS_IDT_VECTORING_ERROR, take(1));
    *qualification = (uint64_t)source << 30 | ((how & 0x10) != 0 ? take(2) : 0x20);
    if (source == 1)
        native_memory[0x20000 + 0x25] |= 2; /* IRET goes to a busy one */
    return VMX_EXIT_TASK_SWITCH;
}

/* In virtual-8086 mode these fault before they would exit. */
static bool privileged(unsigned reason)
{
    return reason == VMX_EXIT_CR_ACCESS || reason == VMX_EXIT_RDMSR || reason == VMX_EXIT_WRMSR ||
           reason == VMX_EXIT_HLT || reason == VMX_EXIT_INVD || reason == VMX_EXIT_XSETBV || reason == VMX_EXIT_RDPMC;
}

static unsigned execute(unsigned what, uint64_t *qualification)
{
    static const unsigned others[] = {VMX_EXIT_CPUID,
                                      VMX_EXIT_HLT,
                                      VMX_EXIT_INVD,
                                      VMX_EXIT_VMXON,
                                      VMX_EXIT_EXTERNAL_INTERRUPT,
                                      VMX_EXIT_XSETBV,
                                      VMX_EXIT_VMREAD,
                                      VMX_EXIT_PREEMPTION_TIMER,
                                      VMX_EXIT_INTERRUPT_WINDOW,
                                      VMX_EXIT_RDPMC,
                                      VMX_EXIT_TRIPLE_FAULT};
    *qualification = 0;
    if (what < 0x40) {
        *qualification = port_access();
        return VMX_EXIT_IO;
    }
    if (what < 0x68) {
        *qualification = bios_call();
        return VMX_EXIT_VMCALL;
    }
    if (what < 0x70) {
        *qualification = msr_access(what % 2 == 0);
        return what % 2 == 0 ? VMX_EXIT_WRMSR : VMX_EXIT_RDMSR;
    }
    if (what < 0x78) {
        *qualification = control_register();
        return VMX_EXIT_CR_ACCESS;
    }
    if (what < 0x7C) {
        *qualification = no_memory();
        return VMX_EXIT_EPT_VIOLATION;
    }
    if (what < 0x7E) {
        *qualification = exception();
        return VMX_EXIT_EXCEPTION;
    }
    const unsigned which = (unsigned)take(1);
    if (which >= 0xF0)
        return task_switch(qualification);
    if (which % 10 == 0)
        guest.rax = (which & 0x80) != 0 ? 0x80000000 + take(1) % 10 : take(1) % 16;
    if (which % 11 == 1)
        native_set(VMCS_GUEST_RFLAGS, vmcs_read(VMCS_GUEST_RFLAGS) | 0x200);
    return others[which % 11];
}

/* Between two exits: time, keys, characters, another state. */
static void happen(unsigned what)
{
    const unsigned which = what & 0x3F;
    if (what >= 0xC0)
        change_memory();
    else if (which < 0x28)
        change_registers();
    else if (which < 0x2C)
        change_mode();
    else if (which < 0x30)
        native_time += take(which == 0x2C ? 4 : 3) << (which == 0x2D ? 8 : 0);
    else if (which < 0x38)
        (void)pc_keyboard_byte((uint8_t)take(1));
    else
        (void)pc_com1_receive((uint32_t)take(1) | (uint32_t)(take(1) & 0x1E) << 24);
}

/* The next exit, from the input; false at its end. */
static bool next_exit(void)
{
    if (step != 0 && native_work - work > MOST_WORK) {
        fprintf(stderr, "an exit took %lu reads of the VMCS\n", (unsigned long)(native_work - work));
        abort();
    }
    native_time += PC_SECOND / 20000;
    native_set(VMCS_IDT_VECTORING, 0);
    if ((discard_under_way() == DISCARD_INSTRUCTION) != (vmcs_read(VMCS_EXCEPTION_BITMAP) == UINT32_MAX)) {
        fprintf(stderr, "a step that does not fit the exceptions that exit\n");
        abort();
    }
    while (left != 0 && step < MOST_STEPS && given < MOST_GIVEN) {
        const unsigned what = (unsigned)take(1);
        if (what >= 0x80) {
            happen(what);
            continue;
        }
        uint64_t qualification;
        unsigned reason = execute(what, &qualification);
        if ((vmcs_read(VMCS_GUEST_RFLAGS) & 0x20000) != 0 && privileged(reason))
            reason = VMX_EXIT_CPUID;
        if (reason != VMX_EXIT_VMCALL && reason != VMX_EXIT_HLT && reason != VMX_EXIT_TASK_SWITCH &&
            (what & 0x1F) == 0x1F)
            cut_delivery();
        native_set(VMCS_EXIT_REASON, reason);
        native_set(VMCS_EXIT_QUALIFICATION, qualification);
        native_set(VMCS_EXIT_INSTRUCTION_LENGTH, 2);
        native_set(VMCS_GUEST_ACTIVITY, 0);
        step++;
        work = native_work;
        return true;
    }
    return false;
}

/* ---- runs ---- */

static endpoint_mood mood(void) { return hostile && left > 0 ? (endpoint_mood)(take(1) % MOODS) : GOOD; }

static void count_and_route(uint32_t operation)
{
    given += operation >> 24 == 1;
    route_operation(operation);
}

static size_t frames(const uint32_t *operation, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += operation[i] >> 24 == 1;
    return n;
}

static void check_end(void)
{
    static const char *const may[] = {"native: no more exits", "guest: HLT with interrupts off",
                                      "guest: an exception that the guest does not handle",
                                      "guest: no disk to boot from"};
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        if (strncmp(native_stop, may[i], strlen(may[i])) == 0)
            return;
    fprintf(stderr, "pxHV stopped: %s\n%s", native_stop, native_log);
    abort();
}

/* Who is at the other end of the link: px serve, or a board; good, or not. */
typedef enum executor { SERVER, BAD_SERVER, BOARD, BAD_BOARD } executor;

static void run(const uint8_t *data, size_t size, uint32_t batch, executor who)
{
    static uint32_t program[256];
    const serial_driver driver = {program, 256, 0};
    const bool bad_executor = who == BAD_SERVER || who == BAD_BOARD;
    native_reset();
    input = data;
    left = size;
    hostile = bad_executor;
    step = 0;
    given = 0;
    work = native_work;
    native_link_patience = bad_executor ? PC_SECOND : who == BOARD ? PC_SECOND / 1000 : 0;
    if (who == SERVER || who == BAD_SERVER)
        endpoint_reset(false, mood);
    else
        board_reset(mood);
    if (setjmp(native_stopped) == 0) {
        route_init(
            &(route_options){.batch = batch, .patience = PC_SECOND, .link = true, .driver = &driver, .now = time_now});
        pc_com1_connect(count_and_route);
        native_next_exit = next_exit;
        guest_loop(route_poll);
    }
    check_end();
    char why[sizeof native_stop];
    memcpy(why, native_stop, sizeof why);
    if (setjmp(native_stopped) == 0)
        route_flush(true);
    const size_t sent =
        frames(endpoint_wire, endpoint_count) + frames(native_own, native_own_count) + native_frame_count;
    if (sent > given || (!bad_executor && sent < given)) {
        fprintf(stderr, "the guest sent %zu frames, %zu came out\n", given, sent);
        abort();
    }
    uint8_t rom[0x10000];
    const bool read = guest_read(rom, 0xF0000, sizeof rom);
    if (rom[BIOS_DISKETTE + 4] == 18) /* the BIOS' own write at power-on: sectors a track of native.c's floppy */
        rom[BIOS_DISKETTE + 4] = bios_rom[BIOS_DISKETTE + 4];
    if (!read || memcmp(rom, bios_rom, sizeof rom) != 0) {
        fprintf(stderr, "the ROM was written\n");
        abort();
    }
    if (!native_untouched()) {
        fprintf(stderr, "memory above the guest's was written\n");
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t first[ENDPOINT_WIRE];
    run(data, size, 1, SERVER);
    const size_t count = endpoint_count;
    memcpy(first, endpoint_wire, 4 * count);
    run(data, size, 256, SERVER);
    if (count != endpoint_count || memcmp(first, endpoint_wire, 4 * count) != 0) {
        fprintf(stderr, "batches of 1 sent %zu operations, of 256 %zu\n", count, endpoint_count);
        abort();
    }
    run(data, size, size % 2 == 0 ? 16 : 300, (executor)(1 + size % 3));
    return 0;
}
