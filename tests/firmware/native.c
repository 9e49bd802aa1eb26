/* native.c - see native.h. */
#define _DEFAULT_SOURCE /* madvise */
#include "tests/firmware/native.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "firmware/bios/services.h"
#include "firmware/machine/cpu.h"
#include "firmware/machine/integrity.h"
#include "firmware/machine/log.h"
#include "firmware/machine/tables.h"
#include "firmware/machine/time.h"
#include "firmware/serial/link_port.h"
#include "firmware/serial/own.h"
#include "firmware/svm/svm.h"
#include "firmware/vcpu/guest.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vmx/check.h"

#define GUARD UINT64_C(0x2000)
#define POOL  UINT64_C(0x200000)

uint8_t native_memory[NATIVE_RAM + GUARD + POOL] __attribute__((aligned(4096)));
char native_log[4096], native_stop[256];
jmp_buf native_stopped;
pc_time native_time;
uint64_t native_cr2, native_dr6, native_wrmsr_value, native_cr4_fixed1 = 0x3767FF;
uint32_t native_wrmsr_number;
unsigned native_invept, native_wbinvd;
uint32_t native_vectoring, native_vectoring_error;
bool (*native_next_exit)(void);
void (*native_poll)(bool waiting);

static void broken(const char *what, uint64_t value)
{
    fprintf(stderr, "native: %s: %llx\n", what, (unsigned long long)value);
    abort();
}

/* ---- the VMCS ---- */

static uint64_t vmcs[0x7000];

static uint64_t width_mask(unsigned field)
{
    static const uint64_t mask[] = {UINT16_MAX, UINT64_MAX, UINT32_MAX, UINT64_MAX};
    return mask[field >> 13 & 3];
}

uint64_t native_work;
uint64_t vmcs_read(enum vmcs_field field)
{
    native_work++;
    return vmcs[field];
}
void vmcs_write(enum vmcs_field field, uint64_t value)
{
    if ((field >> 10 & 3) == 1)
        broken("VMWRITE to a read-only field", field);
    vmcs[field] = value & width_mask(field);
}

uint32_t native_injected(void)
{
    const uint32_t information = (uint32_t)vmcs[VMCS_ENTRY_INTERRUPTION];
    return (information & 0x80000000) != 0 ? information : 0;
}

void native_set(enum vmcs_field field, uint64_t value) { vmcs[field] = value & width_mask(field); }

const char *vmx_exit_name(unsigned reason) { return reason < VMX_EXITS ? "an exit" : "unknown"; }
const char *vmx_error_text(unsigned error) { return error != 0 ? "an error" : "none"; }
void vmx_forget(void) {}
void vmx_start(void) {}
void integrity_log(void) {}

/* vmx/enter.asm and tables.c */
const uint8_t vmx_exited[1];
table_pointer hv_gdt_pointer, hv_idt_pointer;
uint64_t tables_tss(void) { return 0; }
static bool entered_well; /* the guest whose exit is being handled was one that a processor could run */
int vmx_enter(guest_registers *registers, bool launched);
int vmx_enter(guest_registers *registers, bool launched)
{
    (void)registers, (void)launched;
    const char *const wrong = check_guest_state();
    if (entered_well && wrong != NULL)
        broken(wrong, vmcs[VMCS_EXIT_REASON]); /* a handler has made a state that the processor refuses */
    entered_well = false;
    if (native_next_exit == NULL || !native_next_exit())
        hv_stop("native: no more exits");
    entered_well = check_guest_state() == NULL;
    vmcs[VMCS_ENTRY_INTERRUPTION] &= 0x7FFFFFFF; /* the entry has taken what was injected */
    return 0;
}

/* ---- the processor ---- */

uint8_t (*native_in8)(uint16_t port);

void out8(uint16_t port, uint8_t value)
{
    if (native_in8 != NULL)
        return;
    if (port != 0x3D4 && port != 0x3D5)
        broken("a handler writes a real port", (uint64_t)port << 8 | value);
}
uint8_t in8(uint16_t port)
{
    if (native_in8 != NULL)
        return native_in8(port);
    broken("a handler reads a real port", port);
    return 0xFF;
}
uint64_t (*native_rdmsr)(uint32_t msr);
cpuid_words (*native_cpuid)(uint32_t leaf);
uint64_t native_feature_control;

uint64_t rdmsr(uint32_t msr)
{
    if (native_rdmsr != NULL)
        return native_rdmsr(msr);
    switch (msr) {
    case IA32_VMX_BASIC:
        return UINT64_C(1) << 55;
    case IA32_VMX_PINBASED_CTLS + IA32_VMX_TRUE_OFFSET:
    case IA32_VMX_PROCBASED_CTLS + IA32_VMX_TRUE_OFFSET:
    case IA32_VMX_EXIT_CTLS + IA32_VMX_TRUE_OFFSET:
    case IA32_VMX_ENTRY_CTLS + IA32_VMX_TRUE_OFFSET:
    case IA32_VMX_PROCBASED_CTLS2:
        return UINT64_C(0xFFFFFFFF00000000); /* everything may be, nothing must be */
    case IA32_VMX_MISC:
        return 0; /* the preemption timer counts what time_ticks() says */
    case IA32_VMX_CR0_FIXED0:
        return 0x80000021;
    case IA32_VMX_CR0_FIXED1:
        return UINT32_MAX;
    case IA32_VMX_CR4_FIXED0:
        return 0x2000;
    case IA32_VMX_CR4_FIXED1:
        return native_cr4_fixed1;
    default:
        return UINT64_C(0x1122334455667788);
    }
}
void wrmsr(uint32_t msr, uint64_t value)
{
    if (msr == IA32_FEATURE_CONTROL && native_rdmsr != NULL) {
        native_feature_control = value;
        return;
    }
    const bool svm = vcpu == &svm_vendor && (msr == IA32_EFER || msr == VM_HSAVE_PA);
    if (!svm && !(msr >= 0xC0000081 && msr <= 0xC0000084) && msr != 0xC0000102)
        broken("the guest writes a real MSR", msr);
    native_wrmsr_number = msr;
    native_wrmsr_value = value;
}
cpuid_words cpuid(uint32_t leaf, uint32_t subleaf)
{
    (void)subleaf;
    if (native_cpuid != NULL)
        return native_cpuid(leaf);
    if (leaf == 0x80000008)
        return (cpuid_words){.a = 0x3027};
    return (cpuid_words){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
}
uint64_t rdtsc(void) { return native_time * 2; }
void invept(uint64_t pointer) { native_invept += pointer != 0; }
void wbinvd(void) { native_wbinvd++; }
uint64_t read_cr0(void) { return 0x80000031; }
uint64_t read_cr3(void) { return 0x1000; }
uint64_t read_cr4(void) { return 0x2020; }
uint64_t read_dr6(void) { return native_dr6; }
void write_dr6(uint64_t value) { native_dr6 = value; }
uint64_t read_cr2(void) { return native_cr2; }
void write_cr2(uint64_t value) { native_cr2 = value; }

/* ---- memory, time, log ---- */

static uint64_t next_page;
void *page_alloc(size_t count);
void *page_alloc(size_t count)
{
    if (next_page + 4096 * count > sizeof native_memory)
        hv_stop("memory: pxHV has no %lu pages left", (uint64_t)count);
    uint8_t *const page = native_memory + next_page;
    next_page += 4096 * count;
    return memset(page, 0, 4096 * count);
}
uint64_t physical_of(const void *pointer);
uint64_t physical_of(const void *pointer) { return (uint64_t)((const uint8_t *)pointer - native_memory); }
void *virtual_of(uint64_t physical);
void *virtual_of(uint64_t physical)
{
    if (physical >= sizeof native_memory)
        broken("pxHV reaches beyond all memory", physical);
    return native_memory + physical;
}

bool native_untouched(void)
{
    for (uint64_t i = NATIVE_RAM; i < NATIVE_RAM + GUARD; i++)
        if (native_memory[i] != 0xA5)
            return false;
    return true;
}

uint64_t time_now(void) { return native_time; }
uint64_t time_ticks(uint64_t nanoseconds) { return nanoseconds / 1000; }

void hv_log(const char *format, ...)
{
    const size_t used = strlen(native_log), kept = used > sizeof native_log - 512 ? 0 : used;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(native_log + kept, 500, format, list);
    va_end(list);
    strcat(native_log, "\n");
}
#define NATIVE_STOP(name)                                                                                              \
    void name(const char *format, ...)                                                                                 \
    {                                                                                                                  \
        va_list list;                                                                                                  \
        va_start(list, format);                                                                                        \
        (void)vsnprintf(native_stop, sizeof native_stop, format, list);                                                \
        va_end(list);                                                                                                  \
        longjmp(native_stopped, 1);                                                                                    \
    }
NATIVE_STOP(hv_stop)
NATIVE_STOP(hv_finish)
void hv_log_com1(bool ours) { (void)ours; }

void hv_end_by(uint16_t port, uint8_t value) { (void)port, (void)value; }

/* ---- the rest of pxHV ---- */

/* The reset vector's jump is not executed here: the ROM's content does not matter, its stubs' places do. */
const uint8_t bios_rom[0x10000];
static void load_nothing(void) {}

static void crtc(uint8_t index, uint8_t value)
{
    out8(0x3D4, index);
    out8(0x3D5, value);
}

static uint8_t floppy[1440 * 1024], disk[512 * 100];

static unsigned once_reason, once_length, once_left;
static uint64_t once_qualification;

static bool next_once(void)
{
    if (once_left-- == 0)
        return false;
    vmcs[VMCS_IDT_VECTORING] = native_vectoring;
    vmcs[VMCS_IDT_VECTORING_ERROR] = native_vectoring_error;
    native_vectoring = 0;
    vmcs[VMCS_EXIT_REASON] = once_reason;
    vmcs[VMCS_EXIT_QUALIFICATION] = once_qualification;
    vmcs[VMCS_EXIT_INSTRUCTION_LENGTH] = once_length;
    return true;
}

static void poll_devices(bool waiting)
{
    if (native_poll != NULL)
        native_poll(waiting);
}

/* Each test's exit is a run of the real loop that ends at the second entry; what is injected there stays to be seen. */
void native_exit(unsigned reason, uint64_t qualification, unsigned length)
{
    jmp_buf outer;
    memcpy(outer, native_stopped, sizeof outer);
    native_stop[0] = 0;
    once_reason = reason;
    once_qualification = qualification;
    once_length = length;
    once_left = 1;
    entered_well = false;
    native_next_exit = next_once;
    if (setjmp(native_stopped) == 0)
        guest_loop(poll_devices);
    memcpy(native_stopped, outer, sizeof outer);
    if (strcmp(native_stop, "native: no more exits") == 0)
        native_stop[0] = 0;
}

void native_reset(void)
{
    memset(vmcs, 0, sizeof vmcs);
    if (madvise(native_memory, NATIVE_RAM, MADV_DONTNEED) != 0) /* zeros, and cheaper: most pages were not touched */
        broken("madvise", 0);
    memset(native_memory + NATIVE_RAM, 0xA5, GUARD);
    memset(floppy, 0xF1, sizeof floppy);
    memset(disk, 0xD1, sizeof disk);
    native_log[0] = native_stop[0] = 0;
    entered_well = false;
    next_page = NATIVE_RAM + GUARD;
    native_time = 0;
    native_invept = native_wbinvd = 0;
    native_next_exit = NULL;
    native_poll = NULL;
    native_rdmsr = NULL;
    native_in8 = NULL;
    native_cpuid = NULL;
    native_own_count = native_frame_count = 0;
    pc_com1_connect(NULL);
    pc_cmos_set(946684800);            /* 2000-01-01 */
    for (unsigned i = 0; i < 128; i++) /* what a reset of the guest leaves alone */
        pc_cmos_put((uint8_t)i, 0);
    uint8_t *const rom = page_alloc(sizeof bios_rom / 4096);
    vcpu = &vmx_vendor;
    guest_init(&(guest_firmware){bios_rom, bios_vmcall, bios_comes_back, load_nothing});
    guest_memory_init(NATIVE_RAM, rom);
    guest_memory_a20(true);
    bios_init(&(bios_options){.floppy = {floppy, sizeof floppy}, .disk = {disk, sizeof disk}, .top = NATIVE_RAM});
    pc_vga_connect(crtc);
    vcpu->init();
    guest_reset();
    pc_out(0x3F8, 1, 0); /* COM1's divisor has been told */
    pc_com1_connect(NULL);
    vmcs_write(VMCS_GUEST_RIP, BIOS_RESET + 8);
    native_exit(VMX_EXIT_VMCALL, 0, 3); /* vectors, data area, interrupt controllers */
    vmcs_write(VMCS_GUEST_CS, 0);
    vmcs_write(VMCS_GUEST_CS_BASE, 0);
    vmcs_write(VMCS_GUEST_RIP, 0x7C00);
    vmcs_write(VMCS_GUEST_RSP, 0x7C00);
}

/* ---- the link and pxHV's own path ---- */

void (*native_link)(const px_link_frame *frame);
bool native_link_present = true;
unsigned native_link_polls;
pc_time native_link_patience = PC_SECOND / 10;
uint32_t native_own[NATIVE_OWN];
size_t native_own_count;

#define QUEUE 16u
static struct {
    px_link_frame frame;
    uint32_t payload[LINK_PORT_WORDS];
} queue[QUEUE], current;
static unsigned queue_first, queue_count;

void native_link_reset(void) { queue_first = queue_count = native_link_polls = 0; }
uint16_t native_link_port, native_link_divisor;
bool link_port_open(uint16_t port, uint16_t divisor)
{
    native_link_port = port;
    native_link_divisor = divisor;
    return native_link_present;
}
void link_port_send(const px_link_frame *frame)
{
    if (native_link != NULL)
        native_link(frame);
}
bool link_port_sending(void) { return false; }
void native_reply(const px_link_frame *frame)
{
    if (queue_count == QUEUE || frame->length > LINK_PORT_WORDS)
        return;
    const unsigned at = (queue_first + queue_count++) % QUEUE;
    if (frame->length != 0)
        memcpy(queue[at].payload, frame->payload, 4 * (size_t)frame->length);
    queue[at].frame = *frame;
}
bool link_port_poll(px_link_frame *frame)
{
    native_link_polls++;
    if (queue_count == 0) {
        native_time += native_link_patience; /* waiting takes time */
        return false;
    }
    memcpy(&current, &queue[queue_first], sizeof current);
    queue_first = (queue_first + 1) % QUEUE;
    queue_count--;
    *frame = current.frame;
    frame->payload = current.payload;
    return true;
}

uint32_t native_frames[NATIVE_OWN];
size_t native_frame_count;
unsigned native_frame_waits;
bool native_com1 = true;
void own_allow(bool com1) { native_com1 = com1; }
bool own_open(void) { return native_com1; }
/* There is room every other time. */
bool own_frame(uint32_t frame)
{
    if (++native_frame_waits % 2 != 0)
        return false;
    if (native_frame_count < NATIVE_OWN)
        native_frames[native_frame_count++] = frame;
    return true;
}
void own_operation(uint32_t operation)
{
    if (native_own_count < NATIVE_OWN)
        native_own[native_own_count++] = operation;
}
void own_poll(void) {}
