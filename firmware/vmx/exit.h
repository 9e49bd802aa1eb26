/* exit.h - a VM exit, counted and handed to whoever handles its reason. */
#ifndef VMX_EXIT_H
#define VMX_EXIT_H

void vmx_handle(unsigned reason);

#endif
