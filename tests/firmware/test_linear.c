/* test_linear.c - the guest's page tables, walked for string I/O and the BIOS: what is let through, which error code a
 * fault has, and which bits of an entry are set. Expectations are the Intel SDM's chapter "Paging", worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/vcpu/linear.h"
#include "tests/firmware/native.h"

#define CR0_PAGED   UINT64_C(0x80000031)
#define CR0_PAGEDWP UINT64_C(0x80010031)
#define CR4_PSE     UINT64_C(0x2010)
#define CR4_PAE     UINT64_C(0x2020)
#define CR4_SMAP    UINT64_C(0x202020)

#define P 1u
#define W 2u
#define U 4u
#define A 0x20u
#define D 0x40u
#define L 0x80u /* a large page */

static uint64_t fault;
static uint32_t error;

static void put(uint64_t at, uint64_t entry, unsigned size) { memcpy(native_memory + at, &entry, size); }
static uint64_t get(uint64_t at, unsigned size)
{
    uint64_t entry = 0;
    memcpy(&entry, native_memory + at, size);
    return entry;
}

static bool reads(uint64_t linear, uint8_t expected)
{
    uint8_t byte = 0;
    return linear_read(&byte, linear, 1, &fault, &error) && byte == expected;
}

static bool writes(uint64_t linear)
{
    const uint8_t byte = 0xAB;
    return linear_write(linear, &byte, 1, &fault, &error);
}

static void user(bool is) { native_set(VMCS_GUEST_SS_RIGHTS, is ? 0xC0F3 : 0xC093); }

/* Linear 400000h: directory 100000h, table 101000h; its first page 50000h has the given rights. */
static void two_levels(uint64_t rights)
{
    native_set(VMCS_GUEST_CR0, CR0_PAGED);
    native_set(VMCS_GUEST_CR3, 0x100000);
    put(0x100004, 0x101000 | P | W | U, 4);
    put(0x101000, 0x50000 | rights, 4);
    native_memory[0x50123] = 0x42;
}

/* Linear 0: four levels, 100000h to 103000h; the last entry is the given one. */
static void four_levels(uint64_t last)
{
    native_set(VMCS_GUEST_CR0, CR0_PAGEDWP);
    native_set(VMCS_GUEST_CR4, CR4_PAE);
    native_set(VMCS_GUEST_EFER, 0x500);
    native_set(VMCS_GUEST_CR3, 0x100000);
    for (uint64_t i = 0; i < 3; i++)
        put(0x100000 + i * 0x1000, (0x101000 + i * 0x1000) | P | W | U, 8);
    put(0x103000, last, 8);
    native_memory[0x50123] = 0x42;
}

static int setup(void **state)
{
    (void)state;
    native_reset();
    return 0;
}

static void reading_marks_accessed_alone(void **state)
{
    (void)state;
    two_levels(P);
    assert_true(reads(0x400123, 0x42));
    assert_int_equal(get(0x100004, 4), 0x101000 | P | W | U | A);
    assert_int_equal(get(0x101000, 4), 0x50000 | P | A);
}

static void writing_marks_the_page_dirty(void **state)
{
    (void)state;
    two_levels(P | W);
    assert_true(writes(0x400123));
    assert_int_equal(native_memory[0x50123], 0xAB);
    assert_int_equal(get(0x100004, 4), 0x101000 | P | W | U | A);
    assert_int_equal(get(0x101000, 4), 0x50000 | P | W | A | D);
}

static void a_fault_marks_nothing(void **state)
{
    (void)state;
    two_levels(0);
    assert_false(reads(0x400123, 0x42));
    assert_int_equal(fault, 0x400123);
    assert_int_equal(error, 0);
    two_levels(P);
    native_set(VMCS_GUEST_CR0, CR0_PAGEDWP);
    assert_false(writes(0x400123)); /* WP holds a supervisor too */
    assert_int_equal(error, 3);
    assert_int_equal(get(0x101000, 4), 0x50000 | P);
    assert_int_equal(get(0x100004, 4), 0x101000 | P | W | U);
    native_set(VMCS_GUEST_CR0, CR0_PAGED);
    assert_true(writes(0x400123));
}

static void users_need_every_level(void **state)
{
    (void)state;
    two_levels(P | W | U);
    user(true);
    assert_true(writes(0x400123));
    put(0x100004, 0x101000 | P | W, 4);
    assert_false(writes(0x400123));
    assert_int_equal(error, 7); /* present, a write, a user */
    put(0x100004, 0x101000 | P | U, 4);
    assert_true(reads(0x400123, 0xAB));
    assert_false(writes(0x400123));
    assert_int_equal(error, 7);
}

static void smap_keeps_a_supervisor_off_user_pages(void **state)
{
    (void)state;
    four_levels(0x50000 | P | W | U);
    assert_true(reads(0x123, 0x42));
    native_set(VMCS_GUEST_CR4, CR4_SMAP);
    assert_false(reads(0x123, 0x42));
    assert_int_equal(error, 1);
    native_set(VMCS_GUEST_RFLAGS, 0x40002); /* AC */
    assert_true(reads(0x123, 0x42));
    native_set(VMCS_GUEST_RFLAGS, 2);
    put(0x102000, 0x103000 | P | W, 8); /* a supervisor's page by one level */
    assert_true(reads(0x123, 0x42));
}

static void large_pages(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_CR0, CR0_PAGED);
    native_set(VMCS_GUEST_CR3, 0x100000);
    put(0x100004, 0x000000 | P | W | L, 4); /* 4 MB at 400000h */
    native_memory[0x50123] = 0x42;
    native_set(VMCS_GUEST_CR4, CR4_PSE);
    assert_true(writes(0x450123));
    assert_int_equal(get(0x100004, 4), P | W | L | A | D);
    assert_int_equal(native_memory[0x50123], 0xAB);
    put(0x100004, 1 << 13 | P | W | L, 4); /* the same above 4 GB: nothing is there */
    assert_true(reads(0x450123, 0xFF));
    native_set(VMCS_GUEST_CR4, 0x2000); /* without PSE the bit means nothing: a table at 0 */
    put(0x100004, 0x101000 | P | W | L, 4);
    put(0x101140, 0x50000 | P | W, 4);
    assert_true(reads(0x450123, 0xAB));
    four_levels(0);
    put(0x102000, 0x000000 | P | W | L, 8); /* 2 MB */
    assert_true(reads(0x50123, 0x42));
    put(0x101000, 0x000000 | P | W | L, 8); /* 1 GB */
    assert_true(reads(0x50123, 0x42));
    assert_int_equal(get(0x101000, 8), P | W | L | A);
}

/* PAE: the four top entries are the processor's, whatever has become of memory at CR3; they have neither rights nor an
 * accessed bit. */
static void pae_begins_at_registers(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_CR0, CR0_PAGED);
    native_set(VMCS_GUEST_CR4, CR4_PAE);
    native_set(VMCS_GUEST_CR3, 0x100020);
    native_set(VMCS_GUEST_PDPTE3, 0x101000 | P);
    put(0x101000, 0x102000 | P | W | U, 8);
    put(0x102008, 0x50000 | P | W | U, 8);
    native_memory[0x50123] = 0x42;
    user(true);
    assert_true(reads(0xC0001123, 0x42));
    assert_true(writes(0xC0001123));
    assert_int_equal(vmcs_read(VMCS_GUEST_PDPTE3), 0x101000 | P);
    assert_int_equal(get(0x102008, 8), 0x50000 | P | W | U | A | D);
    assert_false(reads(0x1123, 0x42));
    assert_int_equal(error, 4);
}

static void a_check_before_ins_is_a_write(void **state)
{
    (void)state;
    two_levels(P | W);
    put(0x101004, 0, 4);
    assert_false(linear_write_check(0x400FFE, 4, &fault, &error)); /* two bytes on the next page */
    assert_int_equal(fault, 0x401000);
    assert_int_equal(error, 2);
    assert_true(linear_write_check(0x400FFC, 4, &fault, &error));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(reading_marks_accessed_alone), TEST(writing_marks_the_page_dirty),           TEST(a_fault_marks_nothing),
        TEST(users_need_every_level),       TEST(smap_keeps_a_supervisor_off_user_pages), TEST(large_pages),
        TEST(pae_begins_at_registers),      TEST(a_check_before_ins_is_a_write)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
