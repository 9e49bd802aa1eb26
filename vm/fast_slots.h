/* fast_slots.h - slots of one RESUME on several threads, as SPEC.md section 5 allows: the first k that are ready, whose
 * allowances together are at most what is left of the budget.
 *
 * Each thread has a keeper of code of its own, for the same slots each time. Pixels may have been written meanwhile by
 * whoever uses another keeper; so they are compared with those that were taken apart, before a slot is entered by such
 * a keeper, and after it was left for the machine's own. */
#ifndef VM_FAST_SLOTS_H
#define VM_FAST_SLOTS_H

#include "vm/fast_machine.h"

/* px_runner's at_once. */
uint64_t px_fast_slots(px_runner *runner, px_slots *slots, uint64_t most);

void px_fast_slots_free(px_fast_machine *machine);

/* PX_FAST_SLOTS: from as many instructions of the slots together threads are worth it. */
bool px_fast_slots_settings(uint64_t *least, px_error *error);

#endif
