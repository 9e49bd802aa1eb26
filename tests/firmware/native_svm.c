/* native_svm.c - see native_svm.h. */
#include "tests/firmware/native_svm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/svm/wake.h"
#include "firmware/vcpu/guest.h"
#include "firmware/vcpu/guest_memory.h"

uint32_t native_svm_features = 1;
uint64_t native_svm_event;
void (*native_svm_before)(void);
unsigned native_svm_entries, native_svm_waits, native_svm_at_once;

static uint64_t exit_code, exit_info1, exit_info2;
static bool left;

void write_cr4(uint64_t value) { (void)value; }
void vmsave(uint64_t physical) { (void)physical; }
void wake_init(void) {}
void wake_after(uint64_t nanoseconds) { (void)nanoseconds; }
void wake_at_once(void) { native_svm_at_once++; }
void wake_done(void) {}
void wake_wait(void)
{
    native_svm_waits++;
    hv_stop("native: no more exits");
}

static cpuid_words features(uint32_t leaf)
{
    switch (leaf) {
    case 0:
        return (cpuid_words){.a = 7};
    case 0x80000000:
        return (cpuid_words){.a = 0x8000000A};
    case 0x80000008:
        return (cpuid_words){.a = 0x3027};
    case 0x8000000A:
        return (cpuid_words){1, 16, 0, native_svm_features};
    default:
        return (cpuid_words){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    }
}

/* "Canonicalization and Consistency Checks": a handler may not make a state that the processor refuses. */
void svm_enter(guest_registers *registers, uint64_t guest_vmcb, uint64_t host);
void svm_enter(guest_registers *registers, uint64_t guest_vmcb, uint64_t host)
{
    (void)registers, (void)guest_vmcb, (void)host;
    const char *const wrong = svm_check();
    if (wrong != NULL) {
        fprintf(stderr, "native: %s, behind code %llx\n", wrong, (unsigned long long)vmcb->exit_code);
        abort();
    }
    native_svm_entries++;
    if (!left)
        hv_stop("native: no more exits");
    left = false;
    if (native_svm_before != NULL)
        native_svm_before();
    vmcb->event &= ~SVM_EVENT_VALID;
    vmcb->exit_code = exit_code;
    vmcb->exit_info1 = exit_info1;
    vmcb->exit_info2 = exit_info2;
    vmcb->exit_event = native_svm_event;
    native_svm_event = 0;
}

static void poll_nothing(bool waiting) { (void)waiting; }

void native_svm_exit(uint64_t code, uint64_t info1, uint64_t info2)
{
    jmp_buf outer;
    memcpy(outer, native_stopped, sizeof outer);
    native_stop[0] = 0;
    exit_code = code;
    exit_info1 = info1;
    exit_info2 = info2;
    left = true;
    if (setjmp(native_stopped) == 0)
        guest_loop(poll_nothing);
    memcpy(native_stopped, outer, sizeof outer);
    if (strcmp(native_stop, "native: no more exits") == 0)
        native_stop[0] = 0;
}

void native_svm_reset(void)
{
    native_reset();
    native_cpuid = features;
    native_svm_before = NULL;
    native_svm_event = 0;
    native_svm_entries = native_svm_waits = native_svm_at_once = 0;
    vcpu = &svm_vendor;
    vcpu->start();
    guest_memory_init(NATIVE_RAM, page_alloc(GUEST_ROM_SIZE / PAGE_SIZE));
    vcpu->init();
    guest_reset();
    vcpu_load_real(SEGMENT_CS, 0);
    vcpu_set(VCPU_RIP, 0x7C00);
    vcpu_set(VCPU_RSP, 0x7C00);
}
