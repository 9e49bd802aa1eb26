/* pxt_work.h - a case being built: pxt_item.c reads what it says, pxt_case.c makes what the runner needs. */
#ifndef HOST_PXT_WORK_H
#define HOST_PXT_WORK_H

#include "host/pxt.h"

enum { PXT_SEEN_FIELDS = 16, PXT_MOST_VALUES = 4096 };

/* A case being built. */
typedef struct pxt_work {
    const pxt_draft *draft;
    px_case *c;
    px_state machine; /* the image as loaded, and the fields that were given */
    bool is_state;    /* the input is a saved state */
    bool has_pc, checksum;
    const pxt_slot *slot;           /* whose machine the item at hand is about, or NULL: the outer one */
    uint32_t *file_at, *file_value; /* pixels of the input file that are set at the end */
    size_t file_count;
    uint8_t *seen; /* what this side (given or expect) has named: fields, registers, pixels */
    uint32_t values[PXT_MOST_VALUES];
} pxt_work;

/* The lines `given`, about b->machine and the input file; and the lines `expect`, about b->c->expected. */
bool pxt_given(pxt_work *b, px_error *error);
bool pxt_expect(pxt_work *b, px_error *error);

/* Pixels of a slot before those of its machine's image. */
uint32_t pxt_slot_before(const pxt_slot *slot);

#endif
