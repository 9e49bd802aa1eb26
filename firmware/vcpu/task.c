/* task.c - hardware task switches, which processors leave to the host of a guest. Intel SDM volume 3, "Task Management"
 * and "Treatment of Task Switches"; for the older task states, the 80286 programmer's reference.
 *
 *   JMP, CALL, IRET with NT set, a task gate, an event whose IDT entry is a task gate
 *        |  the processor has looked at gate, privilege and the new TSS' descriptor
 *   exit: the new TSS' selector, and what began the switch
 *        |
 *   admit()     the descriptor, once more; every byte that the old task's end touches can be had
 *        |      #GP #NP #TS #PF: nothing has happened, the fault is the old task's
 *   leave()     JMP and IRET: the old TSS is not busy any more. Registers, flags and EIP go there
 *   enter()     CALL and events: back link and NT. The new TSS is busy; TR, CR3, registers, CR0.TS
 *        |      from here on a fault is the new task's, in front of its first instruction
 *   segments()  LDTR, CS, SS, DS, ES, FS, GS, each with its checks: #TS #NP #SS
 *   push()      an event's error code, on the new stack: #SS #PF
 *        |
 *   the T flag of the new TSS: #DB
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/memory.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/exits.h"
#include "firmware/vcpu/linear.h"
#include "firmware/vcpu/vcpu.h"

#define CR0_TS  UINT64_C(8)
#define CR0_PG  (UINT64_C(1) << 31)
#define CR4_PAE (UINT64_C(1) << 5)

#define FLAG_NT  UINT32_C(0x4000)
#define FLAG_RF  UINT32_C(0x10000)
#define FLAG_VM  UINT32_C(0x20000)
#define FLAGS    UINT32_C(0x3F7FD5) /* those that there are */
#define FLAG_ONE UINT32_C(2)

#define DR7_LOCAL UINT64_C(0x155) /* L0 to L3, LE: a task's own */
#define DR6_BT    UINT64_C(0x8000)

/* Access rights, as descriptors have them. */
#define ACCESSED 1u
#define BUSY     2u
#define WRITABLE 2u /* of data; code: readable */
#define CONFORMS 4u
#define CODE     8u
#define SEGMENT  0x10u /* no system descriptor */
#define PRESENT  0x80u
#define BIG      0x4000u
#define GRANULAR 0x8000u
#define UNUSABLE 0x10000u

#define TSS_16   1u /* types, not busy */
#define TSS_32   9u
#define TYPE_LDT 2u

#define T_FLAG 100u /* in a TSS of 32 bits */

/* Where a TSS keeps what: the two kinds. */
typedef struct layout {
    unsigned width;    /* of a register */
    unsigned bytes;    /* that it must have */
    unsigned cr3;      /* 0: none */
    unsigned ip;       /* then flags and the eight registers, in the order of their numbers */
    unsigned segment;  /* each takes a register's width */
    unsigned segments; /* ES, CS, SS, DS; FS, GS */
    unsigned ldt;
} layout;

static const layout layout_16 = {2, 44, 0, 0x0E, 0x22, 4, 0x2A}, layout_32 = {4, 104, 0x1C, 0x20, 0x48, 6, 0x60};
#define MOST_BYTES 104u

typedef struct descriptor {
    uint64_t at; /* linear address */
    uint32_t base, limit, rights;
} descriptor;

/* One switch. */
static struct {
    vcpu_switch by;
    bool delivers; /* the event below, and not an instruction of the program */
    vcpu_event event;
    uint32_t external; /* the EXT bit of error codes */
    uint16_t selector; /* of the new TSS */
    descriptor tss;
    const layout *old, *new;
    uint8_t saved[MOST_BYTES], loaded[MOST_BYTES];
} now;

/* ---- faults ---- */

static bool fault(uint8_t vector, uint16_t selector)
{
    event_exception(vector, (selector & 0xFFFCu) | now.external);
    return false;
}

static bool system_read(void *to, uint64_t linear, uint64_t count)
{
    uint64_t at;
    uint32_t error;
    if (linear_system_read(to, linear, count, &at, &error))
        return true;
    event_page_fault(at, error);
    return false;
}

static bool system_write(uint64_t linear, const void *from, uint64_t count)
{
    uint64_t at;
    uint32_t error;
    if (linear_system_write(linear, from, count, &at, &error))
        return true;
    event_page_fault(at, error);
    return false;
}

static bool may_write(uint64_t linear, uint64_t count)
{
    uint64_t at;
    uint32_t error;
    if (linear_system_write_check(linear, count, &at, &error))
        return true;
    event_page_fault(at, error);
    return false;
}

/* ---- descriptors ---- */

static uint32_t word_at(const uint8_t *bytes, unsigned at, unsigned width)
{
    uint32_t value = 0;
    memcpy(&value, bytes + at, width);
    return value;
}

/* A selector's descriptor; false, and vector queued, when it lies beyond its table. */
static bool fetch(uint16_t selector, descriptor *d, uint8_t vector)
{
    const bool local = (selector & 4) != 0;
    const uint64_t base = vcpu_get(local ? VCPU_OF(VCPU_BASE, SEGMENT_LDTR) : VCPU_GDTR_BASE),
                   limit = vcpu_get(local ? VCPU_OF(VCPU_LIMIT, SEGMENT_LDTR) : VCPU_GDTR_LIMIT);
    if ((selector | 7u) > limit || (local && (vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_LDTR)) & UNUSABLE) != 0))
        return fault(vector, selector);
    uint8_t bytes[8];
    d->at = (base + (selector & 0xFFF8u)) & UINT32_MAX;
    if (!system_read(bytes, d->at, sizeof bytes))
        return false;
    const uint32_t high = word_at(bytes, 4, 4);
    d->base = word_at(bytes, 2, 2) | (high & 0xFF) << 16 | (high & 0xFF000000);
    d->limit = word_at(bytes, 0, 2) | (high & 0xF0000);
    d->rights = high >> 8 & 0xF0FF;
    if ((d->rights & GRANULAR) != 0)
        d->limit = d->limit << 12 | 0xFFF;
    return true;
}

static bool write_rights(const descriptor *d, uint32_t rights)
{
    const uint8_t byte = (uint8_t)rights;
    return system_write(d->at + 5, &byte, 1);
}

static unsigned dpl_of(uint32_t rights) { return rights >> 5 & 3; }
static bool null(uint16_t selector) { return (selector & 0xFFFC) == 0; }

static void put_segment(unsigned which, uint16_t selector, const descriptor *d)
{
    vcpu_set_segment(which, selector, d->base, d->limit, d->rights);
}

/* A descriptor that has passed its checks; the segment has been accessed then. */
static bool take_segment(unsigned which, uint16_t selector, descriptor *d)
{
    if ((d->rights & ACCESSED) == 0) {
        d->rights |= ACCESSED;
        if (!write_rights(d, d->rights))
            return false;
    }
    put_segment(which, selector, d);
    return true;
}

/* ---- the old task ---- */

static bool nests(void) { return now.by == SWITCH_CALL || now.by == SWITCH_EVENT; }

static const layout *layout_of(uint32_t rights) { return (rights & 8) != 0 ? &layout_32 : &layout_16; }

/* "Exception Conditions Checked During a Task Switch", those before the new TR. */
static bool new_tss_is_good(void)
{
    const uint8_t unfit = now.by == SWITCH_IRET ? GUEST_TS : GUEST_GP;
    if ((now.selector & 4) != 0 || null(now.selector))
        return fault(unfit, now.selector);
    if (!fetch(now.selector, &now.tss, unfit))
        return false;
    const uint32_t type = now.tss.rights & 0x1F, wanted = now.by == SWITCH_IRET ? BUSY : 0;
    if (((type & ~BUSY) != TSS_16 && (type & ~BUSY) != TSS_32) || (type & BUSY) != wanted)
        return fault(unfit, now.selector);
    if ((now.tss.rights & PRESENT) == 0)
        return fault(GUEST_NP, now.selector);
    now.new = layout_of(now.tss.rights);
    return now.tss.limit >= now.new->bytes - 1 || fault(GUEST_TS, now.selector);
}

static uint64_t old_descriptor(void)
{
    return (vcpu_get(VCPU_GDTR_BASE) + (vcpu_get(VCPU_OF(VCPU_SELECTOR, SEGMENT_TR)) & 0xFFF8)) & UINT32_MAX;
}

/* Behind it nothing that the old task's end touches can fail. */
static bool admit(void)
{
    if (!new_tss_is_good())
        return false;
    now.old = layout_of((uint32_t)vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_TR)));
    const uint64_t old = vcpu_get(VCPU_OF(VCPU_BASE, SEGMENT_TR));
    if (vcpu_get(VCPU_OF(VCPU_LIMIT, SEGMENT_TR)) < now.old->ldt - 1)
        return fault(GUEST_TS, (uint16_t)vcpu_get(VCPU_OF(VCPU_SELECTOR, SEGMENT_TR)));
    return may_write(old + now.old->ip, now.old->ldt - now.old->ip) &&
           system_read(now.loaded, now.tss.base, now.new->bytes) && (!nests() || may_write(now.tss.base, 2)) &&
           (now.by == SWITCH_IRET || may_write(now.tss.at + 5, 1)) && (nests() || may_write(old_descriptor() + 5, 1));
}

/* The general registers, by number; RSP is kept apart. */
enum { RSP = 4 };
static uint64_t *const general[] = {&guest.rax, &guest.rcx, &guest.rdx, &guest.rbx,
                                    NULL,       &guest.rbp, &guest.rsi, &guest.rdi};

/* Where the old task goes on: behind an instruction, at one that has faulted, or where an interrupt came. */
static uint32_t return_address(void)
{
    const bool behind = !now.delivers || now.event.type >= EVENT_INT_N; /* INT n, INT1, INT3, INTO */
    return (uint32_t)(vcpu_get(VCPU_RIP) + (behind ? vcpu->instruction_length() : 0));
}

static void save(unsigned at, uint32_t value) { memcpy(now.saved + at, &value, now.old->width); }

static bool leave(void)
{
    const layout *const l = now.old;
    const uint64_t old = vcpu_get(VCPU_OF(VCPU_BASE, SEGMENT_TR));
    uint32_t flags = (uint32_t)vcpu_get(VCPU_RFLAGS);
    uint8_t rights;
    if (!nests()) {
        if (!system_read(&rights, old_descriptor() + 5, 1))
            return false;
        rights = (uint8_t)(rights & ~BUSY);
        if (!system_write(old_descriptor() + 5, &rights, 1))
            return false;
    }
    if (now.by == SWITCH_IRET)
        flags &= ~FLAG_NT;
    if (now.by != SWITCH_EVENT)
        flags &= ~FLAG_RF;
    if (!system_read(now.saved + l->ip, old + l->ip, l->ldt - l->ip)) /* what lies between the selectors stays */
        return false;
    save(l->ip, return_address());
    save(l->ip + l->width, flags);
    for (unsigned i = 0; i < 8; i++)
        save(l->ip + (2 + i) * l->width, (uint32_t)(i == RSP ? vcpu_get(VCPU_RSP) : *general[i]));
    for (unsigned i = 0; i < l->segments; i++) {
        const uint16_t selector = (uint16_t)vcpu_get(VCPU_OF(VCPU_SELECTOR, i));
        memcpy(now.saved + l->segment + i * l->width, &selector, 2);
    }
    return system_write(old + l->ip, now.saved + l->ip, l->ldt - l->ip);
}

/* ---- the new task ---- */

static uint32_t load(unsigned at) { return word_at(now.loaded, at, now.new->width); }

static uint16_t selector_of(unsigned which)
{
    return which < now.new->segments ? (uint16_t)word_at(now.loaded, now.new->segment + which *now.new->width, 2) : 0;
}

static void enter_registers(void)
{
    const layout *const l = now.new;
    const uint32_t above = l->width == 2 ? 0xFFFF0000 : 0; /* what a 386 has in the upper halves then */
    for (unsigned i = 0; i < 8; i++) {
        const uint32_t value = load(l->ip + (2 + i) * l->width) | above;
        if (i == RSP)
            vcpu_set(VCPU_RSP, value);
        else
            *general[i] = value;
    }
    vcpu_set(VCPU_RIP, load(l->ip));
    vcpu_set(VCPU_RFLAGS, (load(l->ip + l->width) & FLAGS) | FLAG_ONE | (nests() ? FLAG_NT : 0));
    vcpu_set(VCPU_DR7, vcpu_get(VCPU_DR7) & ~DR7_LOCAL);
    vcpu_set(VCPU_CR0, vcpu_get(VCPU_CR0) | CR0_TS);
    vcpu_set(VCPU_BLOCKING, 0);
    vcpu_set(VCPU_HALTED, 0);
    vcpu_set(VCPU_PENDING_DEBUG, 0);
}

/* Every selector, with what the checks to come have not looked at yet: nothing can be reached by it, but a fault finds
 * the new task's CPL. */
static void enter_selectors(void)
{
    const uint32_t flags = (uint32_t)vcpu_get(VCPU_RFLAGS), cpl = selector_of(SEGMENT_CS) & 3u;
    for (unsigned i = SEGMENT_ES; i <= SEGMENT_GS; i++) {
        const uint16_t selector = selector_of(i);
        descriptor d = {.rights = UNUSABLE | cpl << 5};
        if ((flags & FLAG_VM) != 0)
            d = (descriptor){.base = (uint32_t)selector << 4, .limit = 0xFFFF, .rights = 0xF3};
        else if (i == SEGMENT_CS)
            d = (descriptor){.limit = UINT32_MAX,
                             .rights = GRANULAR | BIG | PRESENT | cpl << 5 | SEGMENT | CODE | WRITABLE | ACCESSED};
        put_segment(i, selector, &d);
    }
    put_segment(SEGMENT_LDTR, (uint16_t)word_at(now.loaded, now.new->ldt, 2), &(descriptor){.rights = UNUSABLE});
}

static bool enter(void)
{
    const uint16_t link = (uint16_t)vcpu_get(VCPU_OF(VCPU_SELECTOR, SEGMENT_TR));
    if (!system_read(now.loaded, now.tss.base, now.new->bytes) || /* it may be the old one, or overlap with it */
        (nests() && !system_write(now.tss.base, &link, 2)) ||
        (now.by != SWITCH_IRET && !write_rights(&now.tss, now.tss.rights | BUSY)))
        return false;
    now.tss.rights |= BUSY;
    put_segment(SEGMENT_TR, now.selector, &now.tss);
    enter_registers();
    enter_selectors();
    if (now.new->cr3 == 0 || (vcpu_get(VCPU_CR0) & CR0_PG) == 0)
        return true;
    vcpu_set(VCPU_CR3, load(now.new->cr3));
    return (vcpu_get(VCPU_CR4) & CR4_PAE) == 0 || linear_load_pdptes() || fault(GUEST_GP, 0);
}

static bool load_ldt(uint16_t selector)
{
    descriptor d;
    if (null(selector))
        return true;
    if ((selector & 4) != 0)
        return fault(GUEST_TS, selector);
    if (!fetch(selector, &d, GUEST_TS))
        return false;
    if ((d.rights & 0x1F) != TYPE_LDT || (d.rights & PRESENT) == 0)
        return fault(GUEST_TS, selector);
    put_segment(SEGMENT_LDTR, selector, &d);
    return true;
}

static bool load_code(uint16_t selector)
{
    descriptor d;
    const unsigned rpl = selector & 3;
    if (null(selector))
        return fault(GUEST_TS, selector);
    if (!fetch(selector, &d, GUEST_TS))
        return false;
    if ((d.rights & (SEGMENT | CODE)) != (SEGMENT | CODE) ||
        ((d.rights & CONFORMS) != 0 ? dpl_of(d.rights) > rpl : dpl_of(d.rights) != rpl))
        return fault(GUEST_TS, selector);
    return (d.rights & PRESENT) != 0 ? take_segment(SEGMENT_CS, selector, &d) : fault(GUEST_NP, selector);
}

static bool load_stack(uint16_t selector, unsigned cpl)
{
    descriptor d;
    if (null(selector))
        return fault(GUEST_TS, selector);
    if (!fetch(selector, &d, GUEST_TS))
        return false;
    if ((d.rights & (SEGMENT | CODE | WRITABLE)) != (SEGMENT | WRITABLE) || dpl_of(d.rights) != cpl ||
        (selector & 3u) != cpl)
        return fault(GUEST_TS, selector);
    return (d.rights & PRESENT) != 0 ? take_segment(SEGMENT_SS, selector, &d) : fault(GUEST_SS, selector);
}

static bool load_data(unsigned which, uint16_t selector, unsigned cpl)
{
    descriptor d;
    if (null(selector))
        return true;
    if (!fetch(selector, &d, GUEST_TS))
        return false;
    const uint32_t code = d.rights & (CODE | CONFORMS | WRITABLE);
    const bool conforms = (code & (CODE | CONFORMS)) == (CODE | CONFORMS);
    if ((d.rights & SEGMENT) == 0 || (code & (CODE | WRITABLE)) == CODE ||
        (!conforms && (dpl_of(d.rights) < cpl || dpl_of(d.rights) < (selector & 3u))))
        return fault(GUEST_TS, selector);
    return (d.rights & PRESENT) != 0 ? take_segment(which, selector, &d) : fault(GUEST_NP, selector);
}

static bool segments(void)
{
    static const uint8_t data[] = {SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS};
    const unsigned cpl = selector_of(SEGMENT_CS) & 3u;
    if (!load_ldt((uint16_t)word_at(now.loaded, now.new->ldt, 2)))
        return false;
    if ((vcpu_get(VCPU_RFLAGS) & FLAG_VM) != 0)
        return true;
    if (!load_code(selector_of(SEGMENT_CS)) || !load_stack(selector_of(SEGMENT_SS), cpl))
        return false;
    for (size_t i = 0; i < sizeof data; i++)
        if (!load_data(data[i], selector_of(data[i]), cpl))
            return false;
    return true;
}

/* ---- what is left of the event ---- */

static bool stack_holds(uint32_t at, unsigned width)
{
    const uint64_t rights = vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_SS)),
                   limit = vcpu_get(VCPU_OF(VCPU_LIMIT, SEGMENT_SS));
    const uint64_t last = (uint64_t)at + width - 1, top = (rights & BIG) != 0 ? UINT32_MAX : 0xFFFF;
    return (rights & 4) != 0 ? at > limit && last <= top : last <= limit; /* bit 2 of data: expand-down */
}

static bool push(uint32_t value)
{
    const unsigned width = now.new->width;
    const uint32_t mask = (vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_SS)) & BIG) != 0 ? UINT32_MAX : 0xFFFF;
    const uint32_t esp = (uint32_t)vcpu_get(VCPU_RSP), at = (esp - width) & mask;
    uint64_t where;
    uint32_t error;
    if (!stack_holds(at, width))
        return fault(GUEST_SS, 0);
    if (!linear_write((vcpu_get(VCPU_OF(VCPU_BASE, SEGMENT_SS)) + at) & UINT32_MAX, &value, width, &where, &error)) {
        event_page_fault(where, error);
        return false;
    }
    vcpu_set(VCPU_RSP, (esp & ~mask) | at);
    return true;
}

void exit_task_switch(uint16_t selector, vcpu_switch by)
{
    now.by = by;
    now.delivers = vcpu->queued(&now.event) && by == SWITCH_EVENT;
    now.external = now.delivers && now.event.type != EVENT_INT_N && now.event.type != EVENT_INT3;
    now.selector = selector;
    if (!admit() || !leave() || !enter() || !segments() || (now.delivers && now.event.coded && !push(now.event.error)))
        return; /* with a fault, or what that and the event become together */
    vcpu->unqueue();
    if (now.new == &layout_32 && (now.loaded[T_FLAG] & 1) != 0)
        event_debug(DR6_BT);
}
