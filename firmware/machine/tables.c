/* tables.c - see tables.h. Formats: Intel SDM volume 3, "64-Bit IDT Gate Descriptors", "TSS Descriptor in 64-bit mode".
 */
#include "firmware/machine/tables.h"

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"

#define VECTORS 256

typedef struct idt_gate {
    uint16_t offset0, selector;
    uint8_t ist, type;
    uint16_t offset1;
    uint32_t offset2, reserved;
} idt_gate;
_Static_assert(sizeof(idt_gate) == 16, "as the processor reads it");

typedef struct tss {
    uint32_t reserved0;
    uint32_t rsp[6];
    uint32_t reserved1[2];
    uint32_t ist[14]; /* seven of 64 bits */
    uint32_t reserved2[2];
    uint16_t reserved3, io_map;
} tss;
_Static_assert(sizeof(tss) == 104, "as the processor reads it");

static idt_gate idt[VECTORS];
static tss host_tss;
static uint64_t gdt[5];
static uint8_t emergency_stack[8192] __attribute__((aligned(16)));
table_pointer hv_gdt_pointer, hv_idt_pointer;

/* exceptions.asm */
extern const uint8_t exception_stubs[], interrupt_stub[];
extern volatile uint8_t interrupt_taken;
void load_tables(const table_pointer *gdt, const table_pointer *idt, uint64_t code, uint64_t data, uint64_t tr);

uint64_t tables_tss(void) { return (uint64_t)&host_tss; }

static void set_gate(unsigned vector)
{
    const uint64_t at =
        vector >= HV_INTERRUPT ? (uint64_t)interrupt_stub : (uint64_t)exception_stubs + 16 * (uint64_t)vector;
    idt[vector] = (idt_gate){.offset0 = (uint16_t)at,
                             .offset1 = (uint16_t)(at >> 16),
                             .offset2 = (uint32_t)(at >> 32),
                             .selector = HV_CS,
                             .ist = 1, /* a stack that works whatever RSP is */
                             .type = 0x8E};
}

void tables_init(void)
{
    const uint64_t at = (uint64_t)&host_tss, top = (uint64_t)(emergency_stack + sizeof emergency_stack);
    host_tss.ist[0] = (uint32_t)top;
    host_tss.ist[1] = (uint32_t)(top >> 32);
    host_tss.io_map = sizeof host_tss;
    gdt[HV_CS / 8] = UINT64_C(0x00AF9B000000FFFF);
    gdt[HV_DS / 8] = UINT64_C(0x00CF93000000FFFF);
    gdt[HV_TR / 8] = (sizeof host_tss - 1) | (at & 0xFFFFFF) << 16 | UINT64_C(0x89) << 40 | (at >> 24 & 0xFF) << 56;
    gdt[HV_TR / 8 + 1] = at >> 32;
    for (unsigned vector = 0; vector < VECTORS; vector++)
        set_gate(vector);
    hv_gdt_pointer = (table_pointer){sizeof gdt - 1, (uint64_t)gdt};
    hv_idt_pointer = (table_pointer){sizeof idt - 1, (uint64_t)idt};
    load_tables(&hv_gdt_pointer, &hv_idt_pointer, HV_CS, HV_DS, HV_TR);
}

bool tables_take_interrupt(void)
{
    const bool taken = interrupt_taken != 0;
    interrupt_taken = 0;
    return taken;
}

/* What exceptions.asm pushes, from the lowest address. */
typedef struct exception_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
} exception_frame;

#define NMI           2
#define MACHINE_CHECK 18

/* An NMI while pxHV itself runs is logged and survived: a PC sends them for what it could only report. Everything else
 * is pxHV's end, a machine check the machine's. */
void exception(const exception_frame *f);
void exception(const exception_frame *f)
{
    if (f->vector == NMI) {
        hv_log("exception: NMI at rip %016lx", f->rip);
        return;
    }
    hv_log("exception: rax %016lx rbx %016lx rcx %016lx", f->rax, f->rbx, f->rcx);
    hv_log("exception: rdx %016lx rsi %016lx rdi %016lx", f->rdx, f->rsi, f->rdi);
    hv_log("exception: rbp %016lx rsp %016lx r8  %016lx", f->rbp, f->rsp, f->r8);
    hv_log("exception: r9  %016lx r10 %016lx r11 %016lx", f->r9, f->r10, f->r11);
    hv_log("exception: r12 %016lx r13 %016lx r14 %016lx", f->r12, f->r13, f->r14);
    hv_log("exception: r15 %016lx rflags %lx cs %lx ss %lx", f->r15, f->rflags, f->cs, f->ss);
    hv_log("exception: cr0 %lx cr3 %lx cr4 %lx", read_cr0(), read_cr3(), read_cr4());
    hv_stop("exception %lu%s in pxHV: error %lx rip %016lx cr2 %016lx", f->vector,
            f->vector == MACHINE_CHECK ? ", a machine check," : "", f->error, f->rip, read_cr2());
}
