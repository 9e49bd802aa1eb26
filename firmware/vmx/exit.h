/* exit.h - what happens when the guest exits. */
#ifndef VMX_EXIT_H
#define VMX_EXIT_H

#include <stdbool.h>
#include <stdint.h>

/* Runs the guest, which has been started, until it ends: shut down, or a state that pxHV does not go on from. poll is
 * called between exit and entry. */
_Noreturn void guest_loop(void (*poll)(bool waiting));
void guest_reset(void);

/* main.c: the guest reset and given what it boots from. */
void guest_start(void);

/* What becomes of a guest whose processor has shut down: a reset. */
void guest_triple_fault(void);

/* The end of a guest, in one line, with counters; state shows the guest's registers as well. */
_Noreturn void guest_end(const char *why, int state);

/* Handlers by reason; each has either done the instruction and skipped it, or queued an exception. */
void exit_io(void);    /* exit_io.c */
void exit_cpuid(void); /* exit_cpu.c */
void exit_rdmsr(void);
void exit_wrmsr(void);
void exit_cr(void);
bool exit_load_pdptes(void); /* by CR3; false, and nothing loaded, where one has reserved bits */
void exit_task_switch(void); /* task.c */
void exit_cpu_reset(void);   /* what exit_cpu.c keeps of the guest's processor, as at power-up */
void exit_undefined(void);   /* instructions that the guest's processor does not have */
void exit_forbidden(void);   /* and those that it has, for things that it does not have */

#endif
