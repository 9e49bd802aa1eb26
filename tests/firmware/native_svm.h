/* native_svm.h - native.h with AMD's processor: the VMCB is in memory, and svm_enter() plays one exit. */
#ifndef TESTS_FIRMWARE_NATIVE_SVM_H
#define TESTS_FIRMWARE_NATIVE_SVM_H

#include "firmware/svm/svm.h"
#include "tests/firmware/native.h"

/* What CPUID has at 8000000Ah in EDX, which a test may change before the reset: nested paging alone, as QEMU. */
extern uint32_t native_svm_features;

/* As native_reset(): the guest in real mode at 0000:7C00. */
void native_svm_reset(void);

/* One exit of the guest, handled as guest_loop would; event is what it has cut short (exit_event). What is injected
 * next stays in vmcb->event, 0 for nothing. */
void native_svm_exit(uint64_t code, uint64_t info1, uint64_t info2);
extern uint64_t native_svm_event;

/* The same exit, with what it is to find changed just before it. */
extern void (*native_svm_before)(void);

/* Entries so far, and turns in which a halted guest waited; the last wake_after(), and how often at once. */
extern unsigned native_svm_entries, native_svm_waits, native_svm_at_once;

#endif
