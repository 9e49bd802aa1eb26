/* ept.h - the guest's memory map as extended page tables: what vcpu_vendor asks for (vcpu.h). */
#ifndef VMX_EPT_H
#define VMX_EPT_H

#include <stdbool.h>
#include <stdint.h>

void ept_init(uint64_t top, uint8_t *rom);

/* The EPT pointer for the VMCS. */
uint64_t ept_pointer(void);

void ept_set_a20(bool open);
bool ept_open(uint64_t physical);
void ept_close(void);

#endif
