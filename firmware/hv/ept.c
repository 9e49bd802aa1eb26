/* ept.c - see ept.h. Intel SDM volume 3, "The Extended Page Table Mechanism (EPT)". */
#include "firmware/hv/ept.h"

#include <stddef.h>

#include "firmware/hv/cpu.h"
#include "firmware/hv/memory.h"

#define MB           (UINT64_C(1) << 20)
#define ALL          UINT64_C(7) /* read, write, execute */
#define HOLE_TABLES  128
#define READ_EXECUTE UINT64_C(5)
#define UNCACHED     (UINT64_C(0) << 3)
#define WRITE_BACK   (UINT64_C(6) << 3)
#define LARGE        UINT64_C(0x80)
#define LEVELS_FOUR  (UINT64_C(3) << 3)

#define LOW_END   UINT64_C(0xA0000)
#define VIDEO_END UINT64_C(0xC0000)
#define ROM       UINT64_C(0xF0000)
#define ROM_SIZE  UINT64_C(0x10000)
#define WRAP      UINT64_C(0x10000) /* what real mode reaches above 1 MB, and A20 folds back */

static uint64_t *level4, *first_2mb;
static uint64_t ram_top;
static unsigned hole_tables;
static uint8_t *ones, *sink; /* what holes show: read so far, and written */
static uint8_t *bios;

/* The first 2 MB in pages of 4 KB. */
static void map_first(void)
{
    for (uint64_t i = 0; i < 512; i++) {
        const uint64_t at = i * PAGE_SIZE;
        if (at < LOW_END || at >= MB)
            first_2mb[i] = at | ALL | WRITE_BACK;
        else if (at < VIDEO_END)
            first_2mb[i] = at | ALL | UNCACHED;
        else if (at >= ROM)
            first_2mb[i] = physical_of(bios + (at - ROM)) | ALL | WRITE_BACK;
    }
}

void ept_init(uint64_t top, uint8_t *rom)
{
    uint64_t *const level3 = page_alloc(1);
    level4 = page_alloc(1);
    first_2mb = page_alloc(1);
    ram_top = top;
    hole_tables = 0;
    ones = sink = NULL;
    bios = rom;
    map_first();
    for (uint64_t gb = 0; gb * 1024 * MB < top; gb++) {
        uint64_t *const level2 = page_alloc(1);
        for (uint64_t i = 0; i < 512 && (gb * 512 + i) * 2 * MB < top; i++)
            level2[i] = (gb * 512 + i) * 2 * MB | ALL | WRITE_BACK | LARGE;
        if (gb == 0)
            level2[0] = physical_of(first_2mb) | ALL;
        level3[gb] = physical_of(level2) | ALL;
    }
    level4[0] = physical_of(level3) | ALL;
}

uint64_t ept_pointer(void) { return physical_of(level4) | LEVELS_FOUR | 6; }

static bool a20_open = true;

void ept_set_a20(bool open)
{
    a20_open = open;
    for (uint64_t i = 0; i < WRAP / PAGE_SIZE; i++) {
        const uint64_t page = MB / PAGE_SIZE + i;
        first_2mb[page] = (open ? page : i) * PAGE_SIZE | ALL | WRITE_BACK;
    }
    invept(ept_pointer());
}

/* The next table below entry, made when it is not there; NULL when entry is a large page, or when a guest that touches
 * ever more of nothing has used up its share of pxHV's memory. */
static uint64_t *table_below(uint64_t *entry)
{
    if ((*entry & LARGE) != 0 || (*entry == 0 && ++hole_tables > HOLE_TABLES))
        return NULL;
    if (*entry == 0)
        *entry = physical_of(page_alloc(1)) | ALL;
    return virtual_of(*entry & ~UINT64_C(0xFFF));
}

bool ept_fill_hole(uint64_t physical, bool write)
{
    if (physical >= UINT64_C(4096) * MB)
        return false;
    if (ones == NULL) {
        ones = memset(page_alloc(1), 0xFF, PAGE_SIZE);
        sink = memset(page_alloc(1), 0xFF, PAGE_SIZE);
    }
    uint64_t *table = level4;
    for (unsigned shift = 39; shift > 12 && table != NULL; shift -= 9)
        table = table_below(&table[physical >> shift & 511]);
    if (table == NULL)
        return false;
    uint64_t *const entry = &table[physical >> 12 & 511];
    const uint64_t read_only = physical_of(ones) | READ_EXECUTE | WRITE_BACK;
    if (*entry != 0 && (*entry != read_only || !write))
        return false;
    *entry = write ? physical_of(sink) | ALL | WRITE_BACK : read_only;
    invept(ept_pointer());
    return true;
}

/* Where the guest's bytes [physical, physical + count) are, or NULL. */
static uint8_t *guest_bytes(uint64_t physical, uint64_t count)
{
    if (count > ram_top || physical > ram_top - count)
        return NULL;
    if (!a20_open && physical >= MB && physical < MB + WRAP) {
        if (count > MB + WRAP - physical)
            return NULL;
        physical -= MB;
    }
    const uint64_t end = physical + count;
    if (physical >= ROM && end <= ROM + ROM_SIZE)
        return bios + (physical - ROM);
    if (end <= VIDEO_END || physical >= MB)
        return virtual_of(physical);
    return NULL;
}

bool guest_read(void *to, uint64_t physical, uint64_t count)
{
    const uint8_t *const from = guest_bytes(physical, count);
    if (from == NULL)
        return false;
    memcpy(to, from, count);
    return true;
}

bool guest_write(uint64_t physical, const void *from, uint64_t count)
{
    uint8_t *const to = guest_bytes(physical, count);
    if (to == NULL)
        return false;
    memcpy(to, from, count);
    return true;
}
