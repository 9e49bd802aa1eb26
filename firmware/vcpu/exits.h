/* exits.h - what a vendor's exits lead to. Each has either done the instruction and skipped it, or queued an exception.
 */
#ifndef VCPU_EXITS_H
#define VCPU_EXITS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/vcpu/vcpu.h"

/* IN, OUT, INS, OUTS. */
typedef struct vcpu_io {
    uint16_t port;
    unsigned bytes;
    bool in;
    bool string, repeated;
    uint64_t mask;        /* of a string: its address size */
    vcpu_segment segment; /* and the segment that it reads or writes */
} vcpu_io;
void exit_io(const vcpu_io *io); /* exit_io.c */

void exit_cpuid(void); /* exit_cpu.c */
void exit_rdmsr(void);
void exit_wrmsr(void);

/* A task switch that the processor has begun: the new TSS' selector, and what began it. */
typedef enum vcpu_switch { SWITCH_CALL, SWITCH_IRET, SWITCH_JMP, SWITCH_EVENT } vcpu_switch;
void exit_task_switch(uint16_t selector, vcpu_switch by); /* task.c */

void exit_hlt(void);       /* guest.c */
void exit_undefined(void); /* instructions that the guest's processor does not have */
void exit_forbidden(void); /* and those that it has, for things that it does not have */

/* The instruction that calls pxHV: the firmware's, where that has one there. */
void exit_call(void);

#endif
