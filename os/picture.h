/* picture.h - a picture of pxOS for who looks at it from outside: what each pixel of it belongs to, which processes are
 * in it, and what they ask. Everything is read from its map (map.h) and its table. */
#ifndef OS_PICTURE_H
#define OS_PICTURE_H

#include "os/map.h"
#include "pxi/state.h"

typedef struct os_region {
    char name[40];      /* of table runs as in table.def, of slots "slot 7" */
    uint32_t from, end; /* addresses */
    enum os_part part;
    uint32_t colour; /* 0xRRGGBB: blue the kernel's, green drivers', yellow file systems', orange programs' */
    char kind[56];   /* what several have in common: "kernel, process table", "slot, READY, sh" */
} os_region;

typedef struct os_process {
    uint32_t slot; /* its column; a slot without a process has pid 0 */
    uint32_t from, end;
    uint32_t pid, state; /* os.def's READY and so on */
    uint32_t parent, instructions;
    char name[4 * OS_NAME_WORDS];
    uint32_t request; /* what it asks for, of one that waits for an answer */
    bool asks;
} os_process;

/* The map of a picture of pxOS, its addresses and counts checked: all lie in the picture. False: it is none. */
bool os_picture_map(const px_state *state, os_map *map);

/* All of the picture, each pixel once, in order; owned by the caller. */
bool os_picture_regions(const px_state *state, const os_map *map, os_region **regions, size_t *count, px_error *error);

uint32_t os_picture_slots(const os_map *map);
os_process os_picture_process(const px_state *state, const os_map *map, uint32_t slot);

/* The slot that an address is in; os_picture_slots: none. */
uint32_t os_picture_slot_at(const os_map *map, uint32_t address);

/* The service or call that a request asks for, by its name, or "a request without a name". */
const char *os_request_name(uint32_t request);
const char *os_state_name(uint32_t state);

#endif
