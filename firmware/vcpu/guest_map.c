/* guest_map.c - see guest_map.h. Intel SDM volume 3, "The Extended Page Table Mechanism (EPT)"; AMD64 APM volume 2,
 * "Nested Paging". Both have four levels and mean the same by bits 0 to 2 and 7: to be read, or present; to be written;
 * to be executed, or a user's, as every access of a guest is. Without one of the three nothing is reached. */
#include "firmware/vcpu/guest_map.h"

#include <stddef.h>

#include "firmware/machine/memory.h"
#include "firmware/vcpu/guest_memory.h"

#define MB           (UINT64_C(1) << 20)
#define ALL          UINT64_C(7)
#define READ_EXECUTE UINT64_C(5)
#define LARGE        UINT64_C(0x80)
#define ENTRIES      512u

static guest_map_kind kind;

static uint64_t *first_2mb;
static uint64_t ram_top;

/* Where nothing is: tables of level 1, 2 and 3 that all such places share, down to one page of ones. */
static uint64_t *nothing[4];
static uint8_t *ones;

/* Pages that take writes for a moment: the ROM's, as they are, and one for all of nothing. */
static uint8_t *rom_copy, *sink;
#define MOST_OPEN 32u
static struct {
    uint64_t *entry, before;
} opened[MOST_OPEN];
static unsigned opens;

static uint64_t read_only(const uint8_t *page) { return physical_of(page) | READ_EXECUTE | kind.write_back; }

static void map_nothing(void)
{
    ones = memset(page_alloc(1), 0xFF, PAGE_SIZE);
    sink = page_alloc(1);
    for (unsigned level = 1; level <= 3; level++) {
        nothing[level] = page_alloc(1);
        for (unsigned i = 0; i < ENTRIES; i++)
            nothing[level][i] = level == 1 ? read_only(ones) : physical_of(nothing[level - 1]) | ALL;
    }
}

/* The first 2 MB in pages of 4 KB. */
static void map_first(const uint8_t *rom)
{
    for (uint64_t i = 0; i < ENTRIES; i++) {
        const uint64_t at = i * PAGE_SIZE;
        if (at < GUEST_LOW_END || at >= GUEST_HIGH)
            first_2mb[i] = at | ALL | kind.write_back;
        else if (at < GUEST_VIDEO_END)
            first_2mb[i] = at | ALL | kind.uncached;
        else
            first_2mb[i] = read_only(at < GUEST_ROM ? ones : rom + (at - GUEST_ROM));
    }
}

/* A table whose entries lead to nothing until they are given something. */
static uint64_t *empty_table(unsigned level) { return memcpy(page_alloc(1), nothing[level], PAGE_SIZE); }

uint64_t guest_map_init(const guest_map_kind *given, uint64_t top, uint8_t *rom)
{
    kind = *given;
    ram_top = top;
    rom_copy = page_alloc(GUEST_ROM_SIZE / PAGE_SIZE);
    opens = 0;
    map_nothing();
    first_2mb = page_alloc(1);
    map_first(rom);
    uint64_t *const level3 = empty_table(3);
    for (uint64_t gb = 0; gb * 1024 * MB < top; gb++) {
        uint64_t *const level2 = empty_table(2);
        for (uint64_t i = 0; i < ENTRIES && (gb * ENTRIES + i) * 2 * MB < top; i++)
            level2[i] = (gb * ENTRIES + i) * 2 * MB | ALL | kind.write_back | LARGE;
        if (gb == 0)
            level2[0] = physical_of(first_2mb) | ALL;
        level3[gb] = physical_of(level2) | ALL;
    }
    uint64_t *const level4 = page_alloc(1);
    for (unsigned i = 0; i < ENTRIES; i++)
        level4[i] = physical_of(i == 0 ? level3 : nothing[3]) | ALL;
    return physical_of(level4);
}

void guest_map_a20(bool open)
{
    for (uint64_t i = 0; i < GUEST_WRAP / PAGE_SIZE; i++) {
        const uint64_t page = GUEST_HIGH / PAGE_SIZE + i;
        first_2mb[page] = (open ? page : i) * PAGE_SIZE | ALL | kind.write_back;
    }
    kind.flush();
}

/* The entry of a page that cannot be written, and the page that stands in for it; NULL: it can. */
static uint64_t *entry_of(uint64_t physical, uint8_t **instead)
{
    *instead = sink;
    if (physical >= ram_top)
        return &nothing[1][physical / PAGE_SIZE % ENTRIES]; /* and of every such place: it is for a moment */
    if (physical < GUEST_VIDEO_END || physical >= GUEST_HIGH)
        return NULL;
    if (physical >= GUEST_ROM)
        *instead = rom_copy + (physical - GUEST_ROM) / PAGE_SIZE * PAGE_SIZE;
    return &first_2mb[physical / PAGE_SIZE];
}

bool guest_map_open(uint64_t physical)
{
    uint8_t *instead;
    uint64_t *const entry = entry_of(physical, &instead);
    if (entry == NULL || (*entry & ALL) == ALL)
        return false;
    if (opens == MOST_OPEN)
        guest_map_close();
    opened[opens].entry = entry;
    opened[opens++].before = *entry;
    memcpy(instead, virtual_of(*entry & ~(uint64_t)(PAGE_SIZE - 1)), PAGE_SIZE);
    *entry = physical_of(instead) | ALL | kind.write_back;
    kind.flush();
    return true;
}

void guest_map_close(void)
{
    for (; opens > 0; opens--)
        *opened[opens - 1].entry = opened[opens - 1].before;
    kind.flush();
}
