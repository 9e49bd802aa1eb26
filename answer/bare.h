/* bare.h - the machine itself, for a host that has one: who does privileged requests, and the memory that devices
 * reach. The services are in machine.c. */
#ifndef ANSWER_BARE_H
#define ANSWER_BARE_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

enum { PX_BARE_BATCH = 256, PX_BARE_PAGE = 4096 };

/* One request: a service of pxi/HOST.md (PXH_PORT_READ and its like) by number, with the width as its log2. A register
 * of a PCI function is (bdf << 8) + register. */
typedef struct px_bare_request {
    uint32_t service, width;
    uint64_t address, value;
    bool fault; /* the processor could not do it */
} px_bare_request;

typedef struct px_bare {
    /* Does count requests, PX_BARE_BATCH at most, in their order. false: the machine is gone. */
    bool (*serve)(void *context, px_bare_request *requests, uint32_t count, px_error *error);
    /* The next interrupt that came, by its line, or how many were lost; false: there is none. */
    bool (*interrupt)(void *context, uint32_t *line, uint32_t *lost);
    /* Before a wait for an interrupt, which makes wakes readable, and behind it. false: the machine is gone. */
    bool (*rest)(void *context, bool begins, px_error *error);
    int wakes;
    uint32_t lines;        /* that interrupts can come by */
    uint64_t interrupt_at; /* what a device writes there: first_value + line */
    uint32_t first_value;
    uint32_t own;        /* bdf of the function through which all this goes: it is not to be written */
    uint8_t *pages;      /* memory that devices reach, and */
    uint32_t page_count; /* of PX_BARE_PAGE bytes each */
    uint64_t pages_at;   /* where they find it */
    uint8_t *image;      /* the same for the image's own place, as large as the image: the machine's pixels, where it is
                          * in place, else what is copied to there and from there */
    uint64_t image_at;
    void *context;
} px_bare;

#endif
