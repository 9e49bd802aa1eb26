/* exit_cr.h - the exits of control registers. */
#ifndef VMX_EXIT_CR_H
#define VMX_EXIT_CR_H

void exit_cr(void);
void exit_cr_reset(void); /* CR8, which nobody else keeps */

#endif
