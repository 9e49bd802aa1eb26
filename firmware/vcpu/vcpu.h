/* vcpu.h - the guest's processor, whichever vendor's hardware runs it. Its state is reached through this file alone; a
 * room of each vendor (vmx/, svm/) keeps it.
 *
 * Register layouts are those of the Intel SDM, volume 3, which AMD's manual shares. */
#ifndef VCPU_VCPU_H
#define VCPU_VCPU_H

#include <stdbool.h>
#include <stdint.h>

/* What an exit leaves in the host's registers; the enter.asm of each vendor knows the order. The others are the
 * vendor's to keep. */
typedef struct guest_registers {
    uint64_t rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
} guest_registers;
_Static_assert(sizeof(guest_registers) == 15 * 8, "enter.asm");

extern guest_registers guest;

/* The segment registers, in the order of TSSs. */
typedef enum vcpu_segment {
    SEGMENT_ES,
    SEGMENT_CS,
    SEGMENT_SS,
    SEGMENT_DS,
    SEGMENT_FS,
    SEGMENT_GS,
    SEGMENT_LDTR,
    SEGMENT_TR,
    VCPU_SEGMENTS
} vcpu_segment;

/* All else that the guest's processor keeps from one instruction to the next. */
typedef enum vcpu_register {
    VCPU_SELECTOR, /* these four once a segment: below */
    VCPU_BASE = VCPU_SELECTOR + VCPU_SEGMENTS,
    VCPU_LIMIT = VCPU_BASE + VCPU_SEGMENTS,   /* in bytes */
    VCPU_RIGHTS = VCPU_LIMIT + VCPU_SEGMENTS, /* bytes 5 and 6 of a descriptor, no limit; bit 16: unusable */
    VCPU_GDTR_BASE = VCPU_RIGHTS + VCPU_SEGMENTS,
    VCPU_GDTR_LIMIT,
    VCPU_IDTR_BASE,
    VCPU_IDTR_LIMIT,
    VCPU_RIP,
    VCPU_RSP,
    VCPU_RFLAGS,
    VCPU_CR0, /* as the processor has it: the vendor may hold bits of it */
    VCPU_CR3,
    VCPU_CR4,    /* as CR0 */
    VCPU_PDPTE0, /* with PAE paging CR3 points to four entries, which the processor keeps */
    VCPU_PDPTE1,
    VCPU_PDPTE2,
    VCPU_PDPTE3,
    VCPU_DR7,
    VCPU_EFER,
    VCPU_PAT,
    VCPU_SYSENTER_CS,
    VCPU_SYSENTER_ESP,
    VCPU_SYSENTER_EIP,
    VCPU_HALTED,        /* 1: it waits for an interrupt */
    VCPU_BLOCKING,      /* what interrupts wait for; 0: nothing */
    VCPU_PENDING_DEBUG, /* traps that come before the next instruction, in the bits of DR6 */
    VCPU_CR2,           /* a vendor may share these with its host */
    VCPU_DR6,
    VCPU_STAR,
    VCPU_LSTAR,
    VCPU_CSTAR,
    VCPU_FMASK,
    VCPU_KERNEL_GS_BASE,
    VCPU_REGISTERS
} vcpu_register;

/* In VCPU_BLOCKING: the instruction behind STI or MOV SS. */
#define BLOCKED_ONE_INSTRUCTION UINT64_C(3)

/* A register of one segment: VCPU_SELECTOR, VCPU_BASE, VCPU_LIMIT or VCPU_RIGHTS of it. */
#define VCPU_OF(part, segment) ((vcpu_register)((unsigned)(part) + (unsigned)(segment)))

/* Vectors of exceptions. */
enum {
    GUEST_DE = 0,
    GUEST_DB = 1,
    GUEST_UD = 6,
    GUEST_DF = 8,
    GUEST_TS = 10,
    GUEST_NP = 11,
    GUEST_SS = 12,
    GUEST_GP = 13,
    GUEST_PF = 14,
    GUEST_MF = 16,
    GUEST_AC = 17,
    GUEST_MC = 18
};

/* What is delivered through the guest's IDT. Numbers as both vendors have them; the last two are VMX's alone. */
typedef enum vcpu_event_type {
    EVENT_INTERRUPT = 0,
    EVENT_NMI = 2,
    EVENT_EXCEPTION = 3,
    EVENT_INT_N = 4,
    EVENT_INT1 = 5,
    EVENT_INT3 = 6 /* and INTO */
} vcpu_event_type;

typedef struct vcpu_event {
    vcpu_event_type type;
    uint8_t vector;
    bool coded; /* with an error code */
    uint32_t error;
    unsigned length; /* of the instruction that is the event, for the last three types */
} vcpu_event;

/* An exit, as far as it is an exception or an access that the guest's memory map refused. */
typedef struct vcpu_exit {
    bool exception;
    vcpu_event event;
    uint64_t cause; /* of a debug exception, in the bits of DR6; of a page fault its address */
    bool write;     /* refused, at this guest-physical address */
    uint64_t physical;
} vcpu_exit;

/* One vendor's way to run a guest. */
typedef struct vcpu_vendor {
    const char *name; /* in lines of the log */

    const char *(*refusal)(void); /* why this processor cannot carry pxHV, or NULL; looks only at CPUID and MSRs */
    void (*start)(void);          /* switches it on; stops with a named reason where the processor refuses */
    void (*init)(void);           /* what exits, and what the host gets back; once there is a memory map */
    void (*reset)(void);          /* the guest's processor as after a reset, as far as vcpu_reset() cannot say it */

    uint64_t (*get)(vcpu_register r);
    void (*set)(vcpu_register r, uint64_t value);

    /* Enters the guest and comes back with its next exit. An entry that fails is logged with the whole guest state and
     * stops pxHV. The exit is then counted and handled; exits.h has the instructions. */
    unsigned (*run)(void);
    void (*handle)(unsigned reason);
    const char *(*exit_name)(unsigned reason);
    unsigned (*instruction_length)(void); /* of the instruction that has exited */

    /* What the next entry delivers; false: nothing. */
    bool (*queued)(vcpu_event *event);
    void (*queue)(const vcpu_event *event);
    void (*unqueue)(void);
    bool (*interrupted)(vcpu_event *event); /* what the exit has cut short; false: nothing */

    void (*want_window)(bool wanted);      /* an exit as soon as the guest takes interrupts */
    void (*want_exceptions)(uint32_t set); /* vectors that exit */
    void (*wake_after)(uint64_t nanoseconds);
    void (*wake_at_once)(void); /* with what is queued delivered, and no instruction executed */

    /* The guest's memory map: guest_memory.h says what is where. Closed, A20 folds 100000h to 10FFFFh onto 0. A page
     * that cannot be written takes writes between open and close, which are then forgotten; open is false where it can
     * be written already. */
    void (*map)(uint64_t top, uint8_t *rom);
    void (*map_a20)(bool open);
    bool (*map_open)(uint64_t physical);
    void (*map_close)(void);
} vcpu_vendor;

/* The one that runs; main.c chooses. */
extern const vcpu_vendor *vcpu;

/* Many an exit: -Os would make calls of them. */
__attribute__((always_inline)) static inline uint64_t vcpu_get(vcpu_register r) { return vcpu->get(r); }
__attribute__((always_inline)) static inline void vcpu_set(vcpu_register r, uint64_t value) { vcpu->set(r, value); }

/* A segment register whole. */
void vcpu_set_segment(vcpu_segment segment, uint16_t selector, uint64_t base, uint32_t limit, uint32_t rights);

/* Real mode's: the base is the selector's, limit and rights stay. */
void vcpu_load_real(vcpu_segment segment, uint16_t selector);

/* What of CR4 the guest may set: VME, PVI, TSD, DE, PSE, PAE, PGE, PCE, OSFXSR, OSXMMEXCPT, FSGSBASE, SMEP, SMAP. The
 * rest belongs to features that its CPUID hides, or to VMX; MCE is pxHV's. */
#define GUEST_CR4_BITS UINT64_C(0x3107BF)

/* The exceptions that exit. The machine check is the machine's and not the guest's; debug and alignment exceptions go
 * on to the guest, but can arise from their own delivery for ever, and then no timer would end that. */
#define VCPU_EXCEPTIONS (1u << GUEST_DB | 1u << GUEST_AC | 1u << GUEST_MC)

/* The guest as after a reset, in real mode at F000:FFF0. */
void vcpu_reset(void);

/* To be called by whoever has emulated the exiting instruction: RIP moves behind it. */
void vcpu_skip_instruction(void);

/* Whether it executes 64-bit code; is in real mode. */
bool vcpu_64_bit_code(void);
bool vcpu_real_mode(void);

/* A guest that executes step by step gets its trap at the next entry; false when it does not. */
bool vcpu_end_step(void);

/* What becomes of a processor that has shut down: a reset of the machine. */
void vcpu_triple_fault(void);

/* Guest state, one greppable line a group. */
void vcpu_dump(void);

#endif
