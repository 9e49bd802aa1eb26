/* memory.c - see memory.h. Page tables: Intel SDM volume 3, "4-Level Paging". */
#include "firmware/machine/memory.h"

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"

#define MB2        (UINT64_C(2) << 20)
#define DIRECT     UINT64_C(0xFFFF800000000000) /* physical memory is seen from here */
#define PRESENT    UINT64_C(1)
#define WRITABLE   UINT64_C(2)
#define LARGE      UINT64_C(0x80)
#define CR0_NW     (UINT64_C(1) << 29)
#define CR0_CD     (UINT64_C(1) << 30)
#define NO_EXECUTE (UINT64_C(1) << 63)

/* hv.ld */
extern const uint8_t hv_start[], hv_rodata[], hv_data[], hv_end[];

static uint64_t base;      /* physical address of hv_start */
static uint64_t image;     /* bytes that are mapped at HV_VIRTUAL */
static uint64_t next_page; /* offset of the first free page */

void *page_alloc(size_t count)
{
    const uint64_t offset = next_page;
    if (count > (image - offset) / PAGE_SIZE)
        hv_stop("memory: pxHV has no %lu pages left", (uint64_t)count);
    next_page += count * PAGE_SIZE;
    return memset((void *)(HV_VIRTUAL + offset), 0, count * PAGE_SIZE);
}

uint64_t physical_of(const void *pointer)
{
    const uint64_t address = (uint64_t)pointer;
    return address >= HV_VIRTUAL ? address - HV_VIRTUAL + base : address - DIRECT;
}

void *virtual_of(uint64_t physical)
{
    return (void *)(physical - base < image ? physical - base + HV_VIRTUAL : physical + DIRECT);
}

/* pxHV's image in pages of 4 KB, each with the rights of its section. */
static uint64_t rights_at(uint64_t address)
{
    if (address < (uint64_t)hv_rodata)
        return PRESENT;
    if (address < (uint64_t)hv_data)
        return PRESENT | NO_EXECUTE;
    return PRESENT | WRITABLE | NO_EXECUTE;
}

static uint64_t *map_image(void)
{
    uint64_t *const level2 = page_alloc(1);
    for (uint64_t offset = 0; offset < image; offset += MB2) {
        uint64_t *const level1 = page_alloc(1);
        for (uint64_t i = 0; i < 512; i++) {
            const uint64_t at = offset + i * PAGE_SIZE;
            level1[i] = (base + at) | rights_at(HV_VIRTUAL + at);
        }
        level2[offset / MB2] = physical_of(level1) | PRESENT | WRITABLE;
    }
    return level2;
}

/* The first 4 GB at DIRECT, never to be executed; pxHV's image is left out, so that its rights hold. */
static void map_direct(uint64_t *level3)
{
    for (uint64_t gb = 0; gb < 4; gb++) {
        uint64_t *const level2 = page_alloc(1);
        for (uint64_t i = 0; i < 512; i++) {
            const uint64_t at = (gb * 512 + i) * MB2;
            if (at - base >= image)
                level2[i] = at | PRESENT | WRITABLE | LARGE | NO_EXECUTE;
        }
        level3[gb] = physical_of(level2) | PRESENT | WRITABLE;
    }
}

void memory_init(const hv_boot *boot)
{
    const hv_header *const header = (const hv_header *)HV_VIRTUAL;
    base = boot->base;
    image = header->memory;
    next_page = (uint64_t)hv_end - HV_VIRTUAL;
    uint64_t *const level4 = page_alloc(1), *const direct = page_alloc(1), *const high = page_alloc(1);
    map_direct(direct);
    high[510] = physical_of(map_image()) | PRESENT | WRITABLE;
    level4[DIRECT >> 39 & 511] = physical_of(direct) | PRESENT | WRITABLE;
    level4[511] = physical_of(high) | PRESENT | WRITABLE;
    write_cr3(physical_of(level4));
    write_cr0(read_cr0() & ~(CR0_CD | CR0_NW)); /* a guest has the caching that its host has */
}

/* gcc may call these three. */
void *memcpy(void *to, const void *from, size_t count)
{
    void *const start = to;
    size_t words = count / 8, rest = count % 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words)::"memory");
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest)::"memory");
    return start;
}

void *memset(void *to, int value, size_t count)
{
    void *const start = to;
    const uint64_t eight = (uint8_t)value * UINT64_C(0x0101010101010101);
    size_t words = count / 8, rest = count % 8;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(eight) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(eight) : "memory");
    return start;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const uint8_t *x = a, *y = b;
    for (; count > 0; count--, x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}
