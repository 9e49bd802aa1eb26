/* svm_vcpu.c - vcpu_vendor (vcpu.h) by a VMCB: its fields behind the guest's registers and events, and the entry. APM,
 * "SVM Processor and Platform Extensions", "Event Injection", "Nested Paging". */
#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/svm/decode.h"
#include "firmware/svm/svm.h"
#include "firmware/svm/wake.h"
#include "firmware/vcpu/guest_map.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vcpu/vcpu.h"

#define CR0_NW  (UINT64_C(1) << 29)
#define CR0_CD  (UINT64_C(1) << 30)
#define CR4_MCE (UINT64_C(1) << 6)

#define DEBUG_BREAKPOINTS UINT64_C(0xF)
#define DEBUG_CAUSES      UINT64_C(0xE00F)

#define ASID       1u /* 0 is the host's */
#define FLUSH_ALL  1u
#define FLUSH_ASID 3u

#define IO_MAP_PAGES  3u
#define MSR_MAP_PAGES 2u

/* enter.asm */
void svm_enter(guest_registers *registers, uint64_t guest, uint64_t host);

vmcb_state *vmcb;
static uint64_t host_state; /* physical address of what VMLOAD gives back to pxHV */
svm_features svm_has;
static bool entered;

/* What a VMCB has no field for. */
static bool halted, window_wanted;
static uint64_t pending_debug;
static bool event_queued;
static vcpu_event queued_event;

/* ---- registers ---- */

#define UNUSABLE 0x10000u
#define PRESENT  0x80u
#define DPL      0x60u

static vmcb_segment *segment_of(unsigned segment)
{
    static const uint16_t at[VCPU_SEGMENTS] = {
        offsetof(vmcb_state, es), offsetof(vmcb_state, cs), offsetof(vmcb_state, ss),   offsetof(vmcb_state, ds),
        offsetof(vmcb_state, fs), offsetof(vmcb_state, gs), offsetof(vmcb_state, ldtr), offsetof(vmcb_state, tr)};
    return (vmcb_segment *)(void *)((uint8_t *)vmcb + at[segment]);
}

/* "Segment State in the VMCB": no P bit is what others call unusable. The privilege level is a field of its own, which
 * SYSRET changes without SS's. */
static uint64_t rights_of(unsigned segment)
{
    const uint32_t a = segment_of(segment)->attributes;
    const uint32_t rights = (a & 0xFF) | (a & 0xF00) << 4 | ((a & PRESENT) == 0 ? UNUSABLE : 0);
    return segment == SEGMENT_SS ? (rights & ~DPL) | (uint32_t)(vmcb->cpl & 3) << 5 : rights;
}

static void set_rights(unsigned segment, uint64_t rights)
{
    const uint64_t a = (rights & 0xFF) | (rights >> 4 & 0xF00);
    segment_of(segment)->attributes = (uint16_t)((rights & UNUSABLE) != 0 ? a & ~(uint64_t)PRESENT : a);
    if (segment == SEGMENT_SS)
        vmcb->cpl = (uint8_t)(rights >> 5 & 3);
}

/* Registers that are one field each, of 64 bits. */
static uint64_t *field_of(vcpu_register r)
{
    static const uint16_t at[VCPU_REGISTERS - VCPU_GDTR_BASE] = {
#define AT(r, field) [VCPU_##r - VCPU_GDTR_BASE] = offsetof(vmcb_state, field)
        AT(GDTR_BASE, gdtr.base),
        AT(IDTR_BASE, idtr.base),
        AT(RIP, rip),
        AT(RSP, rsp),
        AT(RFLAGS, rflags),
        AT(CR0, cr0),
        AT(CR3, cr3),
        AT(CR4, cr4),
        AT(DR7, dr7),
        AT(EFER, efer),
        AT(PAT, pat),
        AT(SYSENTER_CS, sysenter_cs),
        AT(SYSENTER_ESP, sysenter_esp),
        AT(SYSENTER_EIP, sysenter_eip),
        AT(CR2, cr2),
        AT(DR6, dr6),
        AT(STAR, star),
        AT(LSTAR, lstar),
        AT(CSTAR, cstar),
        AT(FMASK, fmask),
        AT(KERNEL_GS_BASE, kernel_gs_base),
#undef AT
    };
    return (uint64_t *)(void *)((uint8_t *)vmcb + at[r - VCPU_GDTR_BASE]);
}

/* "Legacy PAE Mode": with nested paging the four entries are no registers, but read where CR3 points to. */
static uint64_t pdpte(unsigned which)
{
    uint64_t entry = 0;
    (void)guest_read(&entry, (vmcb->cr3 & UINT64_C(0xFFFFFFE0)) + which * sizeof entry, sizeof entry);
    return entry;
}

static uint64_t get_segment(vcpu_register r)
{
    if (r < VCPU_BASE)
        return segment_of(r - VCPU_SELECTOR)->selector;
    if (r < VCPU_LIMIT)
        return segment_of(r - VCPU_BASE)->base;
    return r < VCPU_RIGHTS ? segment_of(r - VCPU_LIMIT)->limit : rights_of(r - VCPU_RIGHTS);
}

static void set_segment(vcpu_register r, uint64_t value)
{
    if (r < VCPU_BASE)
        segment_of(r - VCPU_SELECTOR)->selector = (uint16_t)value;
    else if (r < VCPU_LIMIT)
        segment_of(r - VCPU_BASE)->base = value;
    else if (r < VCPU_RIGHTS)
        segment_of(r - VCPU_LIMIT)->limit = (uint32_t)value;
    else
        set_rights(r - VCPU_RIGHTS, value);
}

static uint64_t get_register(vcpu_register r)
{
    if (r < VCPU_GDTR_BASE)
        return get_segment(r);
    switch (r) {
    case VCPU_GDTR_LIMIT:
        return vmcb->gdtr.limit;
    case VCPU_IDTR_LIMIT:
        return vmcb->idtr.limit;
    case VCPU_PDPTE0:
    case VCPU_PDPTE1:
    case VCPU_PDPTE2:
    case VCPU_PDPTE3:
        return pdpte(r - VCPU_PDPTE0);
    case VCPU_EFER:
        return vmcb->efer & ~EFER_SVME;
    case VCPU_HALTED:
        return halted;
    case VCPU_BLOCKING:
        return vmcb->shadow & 1;
    case VCPU_PENDING_DEBUG:
        return pending_debug;
    default:
        return *field_of(r);
    }
}

static void set_register(vcpu_register r, uint64_t value)
{
    if (r < VCPU_GDTR_BASE) {
        set_segment(r, value);
        return;
    }
    switch (r) {
    case VCPU_GDTR_LIMIT:
        vmcb->gdtr.limit = (uint32_t)value;
        break;
    case VCPU_IDTR_LIMIT:
        vmcb->idtr.limit = (uint32_t)value;
        break;
    case VCPU_PDPTE0:
    case VCPU_PDPTE1:
    case VCPU_PDPTE2:
    case VCPU_PDPTE3:
        break;
    case VCPU_EFER:
        vmcb->efer = value | EFER_SVME;
        break;
    case VCPU_HALTED:
        halted = value != 0;
        break;
    case VCPU_PENDING_DEBUG:
        pending_debug = value;
        break;
    case VCPU_BLOCKING:
        vmcb->shadow = (value & BLOCKED_ONE_INSTRUCTION) != 0;
        break;
    default:
        *field_of(r) = value;
        break;
    }
}

/* ---- events ---- */

static bool queued(vcpu_event *event)
{
    *event = queued_event;
    return event_queued;
}

static void queue(const vcpu_event *event)
{
    queued_event = *event;
    event_queued = true;
}

static void unqueue(void) { event_queued = false; }

/* INT3, INTO and INT1 are exceptions here. */
static uint64_t event_word(const vcpu_event *e)
{
    const uint64_t type = e->type > EVENT_INT_N ? EVENT_EXCEPTION : e->type;
    return SVM_EVENT_VALID | type << 8 | e->vector | (e->coded ? SVM_EVENT_CODED | (uint64_t)e->error << 32 : 0);
}

/* The return address of what an instruction raises is behind it. */
static bool behind_instruction(const vcpu_event *e) { return e->type >= EVENT_INT_N; }

static bool interrupted(vcpu_event *event)
{
    const uint64_t word = vmcb->exit_event;
    if ((word & SVM_EVENT_VALID) == 0)
        return false;
    *event = (vcpu_event){.type = (vcpu_event_type)(word >> 8 & 7),
                          .vector = (uint8_t)word,
                          .coded = (word & SVM_EVENT_CODED) != 0,
                          .error = (uint32_t)(word >> 32)};
    if (event->type == EVENT_EXCEPTION && (event->vector == 3 || event->vector == 4))
        event->type = EVENT_INT3;
    if (behind_instruction(event))
        event->length = decode_software_interrupt();
    return true;
}

static unsigned instruction_length(void)
{
    static const uint8_t bytes[] = {
#define SVM_EXIT(name, code, length, text)         [code < 0x400 ? code : 0xB0 + code - 0x400] = length,
#define SVM_EXITS(name, first, last, length, text) [first] = length,
#include "firmware/svm/exits.def"
    };
    const uint64_t code = vmcb->exit_code;
    if (code == SVM_EXIT_IO)
        return (unsigned)(vmcb->exit_info2 - vmcb->rip);
    if (svm_has.next_rip && code > SVM_EXIT_EXCEPTION + 31 && vmcb->next_rip > vmcb->rip)
        return (unsigned)(vmcb->next_rip - vmcb->rip);
    if (code > 0xFF)
        return 0;
    return decode().prefixes + bytes[code < SVM_EXIT_INTR ? code & ~(code < SVM_EXIT_EXCEPTION ? 0xFu : 0x1Fu) : code];
}

/* ---- what exits ---- */

static void want_window(bool wanted) { window_wanted = wanted; }

static void want_exceptions(uint32_t set) { vmcb->intercept_exceptions = set | 1u << GUEST_UD; }

void svm_flush(void) { vmcb->tlb_control = svm_has.flushes_guest ? FLUSH_ASID : FLUSH_ALL; }

static void map(uint64_t top, uint8_t *rom)
{
    static const guest_map_kind kind = {.write_back = 0, .uncached = 0x18 /* PCD, PWT */, .flush = svm_flush};
    vmcb->nested_cr3 = guest_map_init(&kind, top, rom);
}

static uint64_t all_ones(size_t pages) { return physical_of(memset(page_alloc(pages), 0xFF, pages * PAGE_SIZE)); }

static void start(void)
{
    svm_has = svm_find();
    wrmsr(IA32_EFER, rdmsr(IA32_EFER) | EFER_SVME);
    wrmsr(VM_HSAVE_PA, physical_of(page_alloc(1)));
    if ((cpuid(1, 0).d & 1 << 7) != 0) /* an exception and not a shutdown */
        write_cr4(read_cr4() | CR4_MCE);
    host_state = physical_of(page_alloc(1));
    vmsave(host_state);
    vmcb = page_alloc(1);
    entered = event_queued = false;
    hv_log("svm: %s next RIP, %s decode assists, %s flush by ASID", svm_has.next_rip ? "has" : "no",
           svm_has.decodes ? "has" : "no", svm_has.flushes_guest ? "has" : "no");
    wake_init();
}

/* Every port and every MSR exits; interrupts, INIT and NMIs exit though but the timer's is expected. */
static void init(void)
{
    vmcb->io_map = all_ones(IO_MAP_PAGES);
    vmcb->msr_map = all_ones(MSR_MAP_PAGES);
    vmcb->intercept_cr = INTERCEPT_CR_READ(4) | INTERCEPT_CR_WRITE(4) | INTERCEPT_CR_READ(8) | INTERCEPT_CR_WRITE(8);
    vmcb->intercept[0] = INTERCEPT0_INTR | INTERCEPT0_NMI | INTERCEPT0_INIT | INTERCEPT0_RDPMC | INTERCEPT0_CPUID |
                         INTERCEPT0_RSM | INTERCEPT0_INVD | INTERCEPT0_HLT | INTERCEPT0_INVLPGA | INTERCEPT0_IO |
                         INTERCEPT0_MSR | INTERCEPT0_FERR_FREEZE | INTERCEPT0_SHUTDOWN;
    vmcb->intercept[1] = INTERCEPT1_VMRUN | INTERCEPT1_VMMCALL | INTERCEPT1_VMLOAD | INTERCEPT1_VMSAVE |
                         INTERCEPT1_STGI | INTERCEPT1_CLGI | INTERCEPT1_SKINIT | INTERCEPT1_RDTSCP | INTERCEPT1_ICEBP |
                         INTERCEPT1_MONITOR | INTERCEPT1_MWAIT | INTERCEPT1_XSETBV | svm_has.intercept1;
    vmcb->intercept[2] = svm_has.intercept2;
    vmcb->asid = ASID;
    vmcb->nested = 1;
    want_exceptions(VCPU_EXCEPTIONS);
    vcpu_reset();
}

/* Machine checks are the host's. */
static void reset(void)
{
    vmcb->cr4 = read_cr4() & CR4_MCE;
    vmcb->interrupts = INTERRUPTS_MASKING | INTERRUPTS_IGNORE_TPR;
    svm_flush();
    svm_exit_reset();
}

/* ---- entry ---- */

/* A guest that has never run is checked whole; later states are the processor's own, changed in few places. */
static void check_first_entry(void)
{
    if (entered)
        return;
    svm_provoke_before_check();
    const char *const broken = svm_check();
    if (broken != NULL) {
        vcpu_dump();
        hv_stop("svm: guest state: %s", broken);
    }
    svm_provoke_before_entry();
}

/* A trap that has been pending is delivered as an exception; whatever is queued already goes ahead, and it is lost. */
static void deliver_pending_debug(void)
{
    if (pending_debug != 0 && !event_queued) {
        vmcb->dr6 |= pending_debug & DEBUG_CAUSES;
        queue(&(vcpu_event){.type = EVENT_EXCEPTION, .vector = GUEST_DB});
    }
    pending_debug = 0;
}

/* QEMU 7.2 takes MOV to CR0 of what it then refuses to enter; processors raise #GP. */
static void mend_cr0(void)
{
    if ((vmcb->cr0 & (CR0_NW | CR0_CD)) == CR0_NW)
        vmcb->cr0 &= ~CR0_NW;
}

static void prepare_interrupts(void)
{
    vmcb->interrupts = (vmcb->interrupts & ~INTERRUPTS_PENDING) | (window_wanted ? INTERRUPTS_PENDING : 0);
    vmcb->intercept[0] = (vmcb->intercept[0] & ~INTERCEPT0_VINTR) | (window_wanted ? INTERCEPT0_VINTR : 0);
}

/* "Software interrupts": where the processor keeps a next RIP it pushes that, else RIP, which is then put back if the
 * delivery has come to nothing. */
static uint64_t prepare_event(void)
{
    vmcb->event = event_queued ? event_word(&queued_event) : 0;
    if (!event_queued || !behind_instruction(&queued_event))
        return 0;
    vmcb->next_rip = vmcb->rip + queued_event.length;
    if (svm_has.next_rip)
        return 0;
    vmcb->rip += queued_event.length;
    return queued_event.length;
}

/* QEMU 7.2 keeps the vector of an interrupt that it injects as an exception to come. A guest that is still running when
 * a timer is due gets that as well, whatever its IF says; an exit forgets it, so that one follows at once. */
static void forget_vector(void)
{
    if (event_queued && queued_event.type == EVENT_INTERRUPT)
        wake_at_once();
}

/* The cause of a debug exception goes where a page fault has its address. DR6 keeps causes until the guest clears them,
 * and has those of a step of ours (discard.c), which are not the guest's. */
static void tell_cause(uint64_t dr6)
{
    if (vmcb->exit_code != SVM_EXIT_EXCEPTION + GUEST_DB)
        return;
    vmcb->exit_info2 = vmcb->dr6 & DEBUG_CAUSES;
    if (vmcb->intercept_exceptions != UINT32_MAX)
        return;
    vmcb->exit_info2 &= DEBUG_BREAKPOINTS | ~dr6;
    vmcb->dr6 = dr6;
}

static unsigned run(void)
{
    check_first_entry();
    deliver_pending_debug();
    if (halted && !event_queued) {
        vmcb->exit_event = 0;
        vmcb->exit_code = SVM_EXIT_INTR;
        wake_wait();
        return SVM_EXIT_INTR;
    }
    halted = false;
    hv_log_com1(false); /* before the entry: where it succeeds, this may be too late behind it */
    mend_cr0();
    prepare_interrupts();
    const uint64_t behind = prepare_event(), dr6 = vmcb->dr6;
    forget_vector();
    vmcb->rax = guest.rax;
    svm_enter(&guest, physical_of(vmcb), host_state);
    wake_done();
    guest.rax = vmcb->rax;
    const bool refused = (uint32_t)vmcb->exit_code == UINT32_MAX; /* QEMU 7.2 has no more than these bits of -1 */
    if (refused && !(entered && svm_guest_refused())) {
        hv_log_com1(!entered);
        vcpu_dump();
        const char *const broken = svm_check();
        hv_stop("svm: entry refused: %s", broken != NULL ? broken : "the processor says that the VMCB is invalid");
    }
    entered = true;
    svm_provoke_after_exit();
    event_queued = false;
    vmcb->tlb_control = 0;
    if ((vmcb->exit_event & SVM_EVENT_VALID) != 0)
        vmcb->rip -= behind;
    tell_cause(dr6);
    return (unsigned)vmcb->exit_code;
}

const vcpu_vendor svm_vendor = {.name = "svm",
                                .refusal = svm_refusal,
                                .start = start,
                                .init = init,
                                .reset = reset,
                                .get = get_register,
                                .set = set_register,
                                .run = run,
                                .handle = svm_handle,
                                .exit_name = svm_exit_name,
                                .instruction_length = instruction_length,
                                .queued = queued,
                                .queue = queue,
                                .unqueue = unqueue,
                                .interrupted = interrupted,
                                .want_window = want_window,
                                .want_exceptions = want_exceptions,
                                .wake_after = wake_after,
                                .wake_at_once = wake_at_once,
                                .map = map,
                                .map_a20 = guest_map_a20,
                                .map_open = guest_map_open,
                                .map_close = guest_map_close};
