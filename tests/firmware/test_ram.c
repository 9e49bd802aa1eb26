/* test_ram.c - memory maps as BIOSes give them, and how much of each the guest gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/machine/ram.h"

#define MB UINT64_C(0x100000)
#define GB (1024 * MB)

static hv_boot boot;
static uint64_t top(uint64_t base, const hv_range *range, uint32_t count)
{
    boot.base = base;
    boot.ranges = count;
    for (uint32_t i = 0; i < count; i++)
        boot.range[i] = range[i];
    return ram_top(&boot);
}
#define TOP(base, ...)                                                                                                 \
    top(base, (const hv_range[]){__VA_ARGS__}, sizeof((const hv_range[]){__VA_ARGS__}) / sizeof(hv_range))
#define LOW                                                                                                            \
    {0, 0x9FC00, 1}, {0x9FC00, 0x400, 2}, { 0xE8000, 0x18000, 2 }

static void plain_maps(void **state)
{
    (void)state;
    assert_int_equal(TOP(120 * MB, LOW, {MB, 127 * MB, 1}), 120 * MB);
    assert_int_equal(TOP(3 * GB, LOW, {MB, 3 * GB - MB, 1}, {4 * GB, 4 * GB, 1}, {0xFEC00000, 0x1400000, 2}), 3 * GB);
    assert_int_equal(TOP(120 * MB, {MB, 50 * MB + 0x1000, 1}), 50 * MB); /* pxHV lies in another piece of RAM */
}

static void odd_maps(void **state)
{
    (void)state;
    /* Any order, pieces that touch. */
    assert_int_equal(TOP(120 * MB, {64 * MB, 64 * MB, 1}, {MB, 15 * MB, 1}, {16 * MB, 48 * MB, 1}), 120 * MB);
    /* A hole at 15 MB, as old chipsets make it for cards. */
    assert_int_equal(TOP(120 * MB, {MB, 14 * MB, 1}, {16 * MB, 112 * MB, 1}), 14 * MB);
    /* A reserved range over RAM: graphics at 512 MB, and one that ends where RAM begins does no harm. */
    assert_int_equal(TOP(3 * GB, {MB, 4 * GB - 1, 1}, {512 * MB, 2 * MB, 2}, {0xF0000, 0x10000, 2}), 512 * MB);
    assert_int_equal(TOP(120 * MB, {MB, 127 * MB, 1}, {64 * MB, 0, 2}), 120 * MB); /* an empty row */
    assert_int_equal(TOP(120 * MB, {MB, UINT64_MAX, 1}, {UINT64_MAX, UINT64_MAX, 2}), 120 * MB);
    assert_int_equal(TOP(120 * MB, {MB, 127 * MB, 1}, {0x80000, 3 * MB, 3}), 0); /* ACPI data over 1 MB */
    assert_int_equal(TOP(120 * MB, {MB, MB / 2, 1}), 0);
    assert_int_equal(TOP(120 * MB, LOW, {2 * MB, 126 * MB, 1}), 0);
    assert_int_equal(TOP(120 * MB, {0, 0, 1}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_maps), cmocka_unit_test(odd_maps)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
