/* guest_map.h - the guest's memory map as the tables that a vendor's processor walks: what vcpu_vendor asks for
 * (vcpu.h). Theirs differ in memory types alone. */
#ifndef VCPU_GUEST_MAP_H
#define VCPU_GUEST_MAP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct guest_map_kind {
    uint64_t write_back, uncached; /* in the entry of a page */
    void (*flush)(void);           /* what the processor has kept of the tables goes */
} guest_map_kind;

/* The physical address of the first table. */
uint64_t guest_map_init(const guest_map_kind *kind, uint64_t top, uint8_t *rom);

void guest_map_a20(bool open);
bool guest_map_open(uint64_t physical);
void guest_map_close(void);

#endif
