/* integrity.c - see integrity.h. */
#include "firmware/machine/integrity.h"

#include <stdbool.h>
#include <stdint.h>

#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "pxi/link.h"

/* hv.ld: text and constants lie between the two. */
extern const uint8_t hv_start[], hv_data[];

#define CANARY 0xC5

static uint32_t crc;
static uint8_t *canary;

static uint32_t crc_now(void) { return px_link_crc(0, hv_start, (size_t)(hv_data - hv_start)); }

void integrity_init(void)
{
    crc = crc_now();
    canary = memset(page_alloc(1), CANARY, PAGE_SIZE);
}

static bool canary_lives(void)
{
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        if (canary[i] != CANARY)
            return false;
    return true;
}

void integrity_log(void)
{
    hv_log("integrity: text and constants are %s (CRC %x), the canary page is %s",
           crc_now() == crc ? "unchanged" : "CHANGED", crc, canary_lives() ? "untouched" : "WRITTEN");
}
