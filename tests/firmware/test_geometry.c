/* test_geometry.c - cylinders, heads and sectors of images. The floppies' formats are those of IBM's manuals and of the
 * tables that QEMU (hw/block/fdc.c) and Linux (drivers/block/floppy.c) have; partition tables and parameter blocks are
 * made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/bios/geometry.h"

static uint8_t sector[512];

static int setup(void **state)
{
    (void)state;
    memset(sector, 0, sizeof sector);
    sector[510] = 0x55;
    sector[511] = 0xAA;
    return 0;
}

static void word(unsigned at, unsigned value)
{
    sector[at] = (uint8_t)value;
    sector[at + 1] = (uint8_t)(value >> 8);
}
static void dword(unsigned at, uint32_t value)
{
    word(at, value & 0xFFFF);
    word(at + 2, value >> 16);
}

/* A parameter block of DOS. */
static void block(unsigned total, unsigned per_track, unsigned heads, unsigned media)
{
    word(0x0B, 512);
    sector[0x0D] = 1;
    word(0x0E, 1);
    sector[0x10] = 2;
    word(0x11, 224);
    if (total < 0x10000)
        word(0x13, total);
    else
        dword(0x20, total);
    sector[0x15] = (uint8_t)media;
    word(0x18, per_track);
    word(0x1A, heads);
}

static void want_floppy(uint64_t bytes, unsigned cylinders, unsigned heads, unsigned sectors, unsigned drive)
{
    disk_geometry g;
    assert_true(geometry_of_floppy(sector, bytes, &g));
    assert_int_equal(g.cylinders, cylinders);
    assert_int_equal(g.heads, heads);
    assert_int_equal(g.sectors, sectors);
    assert_int_equal(g.drive, drive);
    assert_true(geometry_is_floppy(sector, bytes));
}

static void want_disk(uint64_t bytes, unsigned cylinders, unsigned heads, unsigned sectors)
{
    const disk_geometry g = geometry_of_disk(sector, bytes);
    assert_int_equal(g.cylinders, cylinders);
    assert_int_equal(g.heads, heads);
    assert_int_equal(g.sectors, sectors);
}

/* Bytes of every format; drives: 1 360 KB, 2 1.2 MB, 3 720 KB, 4 1.44 MB, 5 2.88 MB. */
static const struct {
    uint64_t bytes;
    uint8_t cylinders, heads, sectors, drive;
} formats[] = {{163840, 40, 1, 8, 1},   {184320, 40, 1, 9, 1},   {327680, 40, 2, 8, 1},   {368640, 40, 2, 9, 1},
               {409600, 40, 2, 10, 1},  {419840, 41, 2, 10, 1},  {430080, 42, 2, 10, 1},  {655360, 80, 2, 8, 3},
               {737280, 80, 2, 9, 3},   {819200, 80, 2, 10, 3},  {839680, 82, 2, 10, 3},  {849920, 83, 2, 10, 3},
               {901120, 80, 2, 11, 3},  {1064960, 80, 2, 13, 3}, {1146880, 80, 2, 14, 3}, {1228800, 80, 2, 15, 2},
               {1474560, 80, 2, 18, 4}, {1511424, 82, 2, 18, 4}, {1529856, 83, 2, 18, 4}, {1638400, 80, 2, 20, 4},
               {1720320, 80, 2, 21, 4}, {1763328, 82, 2, 21, 4}, {1784832, 83, 2, 21, 4}, {1802240, 80, 2, 22, 4},
               {1884160, 80, 2, 23, 4}, {1966080, 80, 2, 24, 4}, {2949120, 80, 2, 36, 5}, {3194880, 80, 2, 39, 5},
               {3276800, 80, 2, 40, 5}, {3604480, 80, 2, 44, 5}, {3932160, 80, 2, 48, 5}};

static void exact_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        assert_int_equal((uint64_t)formats[i].cylinders * formats[i].heads * formats[i].sectors * 512,
                         formats[i].bytes);
        want_floppy(formats[i].bytes, formats[i].cylinders, formats[i].heads, formats[i].sectors, formats[i].drive);
    }
}

static void a_parameter_block_splits_a_size(void **state)
{
    (void)state;
    block(720, 9, 1, 0xF8); /* one side of a 3.5-inch disk: 80 x 1 x 9 */
    want_floppy(368640, 80, 1, 9, 3);
    block(640, 8, 1, 0xFA);
    want_floppy(327680, 80, 1, 8, 3);
    block(1280, 16, 1, 0xFA); /* no size of the table */
    want_floppy(655360, 80, 1, 16, 4);
    block(80 * 2 * 19, 19, 2, 0xF0);
    want_floppy(80 * 2 * 19 * 512, 80, 2, 19, 4);
}

static void an_unfinished_image_with_a_parameter_block(void **state)
{
    (void)state;
    block(720, 9, 2, 0xFD);
    want_floppy(10752, 40, 2, 9, 1);
    want_floppy(512, 40, 2, 9, 1);
    block(2400, 15, 2, 0xF9);
    want_floppy(300000, 80, 2, 15, 2);
    want_floppy(368640, 40, 2, 9, 1); /* an exact size counts more than a block that says another */
    want_floppy(1474560, 80, 2, 18, 4);
}

/* The boot sector reads by its block: what stands behind the block's last sector cannot be reached, what is in front of
 * it must be where the block says. */
static void an_image_longer_than_its_parameter_block(void **state)
{
    (void)state;
    block(2880, 18, 2, 0xF0);
    want_floppy(1474560 + 512, 80, 2, 18, 4);
    want_floppy(1474560 + 1, 80, 2, 18, 4);
    block(720, 9, 2, 0xFD);
    want_floppy(368640 + 512, 40, 2, 9, 1);
    block(2400, 15, 2, 0xF9);
    want_floppy(1300032, 80, 2, 15, 2);
    want_floppy(2949119, 80, 2, 15, 2);
    disk_geometry g;
    assert_false(geometry_of_floppy(sector, 2949121, &g)); /* no floppy */
    sector[0x1A] = 3;
    want_floppy(1474560 + 512, 80, 2, 36, 5); /* not sound */
}

static void unsound_parameter_blocks(void **state)
{
    (void)state;
    static const struct {
        uint8_t at, value;
    } wrong[] = {{0x0B, 1}, {0x0C, 4}, {0x0D, 0}, {0x0D, 3}, {0x0E, 0},    {0x10, 0}, {0x10, 3},
                 {0x15, 0}, {0x18, 0}, {0x1A, 0}, {0x1A, 3}, {0x18, 0x40}, {0x18, 7}, {0x14, 0x0F}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        block(720, 9, 2, 0xFD);
        sector[wrong[i].at] = wrong[i].value;
        want_floppy(10752, 80, 2, 18, 4);
        (void)setup(state);
    }
}

static void images_of_no_size(void **state)
{
    (void)state;
    static const unsigned small[] = {1, 512, 10752, 163841, 368641, 1474559}, large[] = {1474561, 2000000, 2949119};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        want_floppy(small[i], 80, 2, 18, 4);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        want_floppy(large[i], 80, 2, 36, 5);
    disk_geometry g;
    assert_false(geometry_of_floppy(sector, 2949121, &g));
    assert_false(geometry_is_floppy(sector, 2949632));
    assert_false(geometry_is_floppy(sector, 4194304));
}

static void partition(unsigned row, unsigned type, uint32_t first, uint32_t count, uint32_t from, uint32_t to)
{
    uint8_t *const at = sector + 0x1BE + (size_t)16 * row;
    at[0] = row == 0 ? 0x80 : 0;
    for (unsigned i = 0; i < 3; i++) { /* head, sector and high bits, cylinder */
        at[1 + i] = (uint8_t)(from >> 8 * (2 - i));
        at[5 + i] = (uint8_t)(to >> 8 * (2 - i));
    }
    at[4] = (uint8_t)type;
    dword((unsigned)(at - sector) + 8, first);
    dword((unsigned)(at - sector) + 12, count);
}

static void a_small_image_with_partitions_is_a_disk(void **state)
{
    (void)state;
    partition(0, 0x0C, 1, 2047, 0x000200, 0x000200);
    assert_false(geometry_is_floppy(sector, 1048576));
    assert_true(geometry_is_floppy(sector, 1474560)); /* the size of a floppy */
    assert_true(geometry_is_floppy(sector, 1048064)); /* a partition that ends beyond it: this is code */
    sector[0x1BE] = 0x81;
    assert_true(geometry_is_floppy(sector, 1048576));
    sector[0x1BE] = 0x80;
    sector[0x1FE] = 0;
    assert_true(geometry_is_floppy(sector, 1048576));
    (void)setup(state);
    assert_true(geometry_is_floppy(sector, 1048576)); /* an empty table is none */
}

static void disks_by_their_partitions(void **state)
{
    (void)state;
    /* An ST-225: 615 x 4 x 17. One partition, from head 1 of cylinder 0 to the end of cylinder 613. */
    partition(0, 0x04, 17, 614 * 68 - 17, 0x010100, 0x03 << 16 | (0x80 | 17) << 8 | (613 & 0xFF));
    want_disk(UINT64_C(615) * 68 * 512, 615, 4, 17);
    /* With 255 heads, as LBA translation has it: a disk of 80 MB that is not the 16 heads of the rule. */
    (void)setup(state);
    partition(0, 0x06, 63, 10 * 16065 - 63, 0x010100, 0xFE3F09);
    want_disk(UINT64_C(10) * 16065 * 512, 10, 255, 63);
    /* From sector 2,048 = (0 x 255 + 32) x 63 + 33 - 1 to 8,191 = (0 x 255 + 130) x 63 + 2 - 1: no cylinder ends here.
     */
    (void)setup(state);
    partition(0, 0x0C, 2048, 8192 - 2048, 0x202100, 0x820200);
    want_disk(8192 * 512, 1, 255, 63);
    want_disk(UINT64_C(100) << 20, 12, 255, 63);
    partition(0, 0x0C, 2048, 8192 - 2048, 0x202100, 0x822000); /* another place: it says nothing */
    want_disk(8192 * 512, 8, 16, 63);
    /* Places that contradict the numbers. */
    (void)setup(state);
    partition(0, 0x04, 18, 614 * 68 - 18, 0x010100, 0x03 << 16 | (0x80 | 17) << 8 | (613 & 0xFF));
    want_disk(UINT64_C(615) * 68 * 512, 41, 16, 63);
}

static void disks_by_rule(void **state)
{
    (void)state;
    want_disk(UINT64_C(4) << 20, 8, 16, 63);
    want_disk(UINT64_C(1024) * 16 * 63 * 512, 1024, 16, 63);
    want_disk(UINT64_C(1024) * 16 * 63 * 512 + 512, 64, 255, 63);
    want_disk(UINT64_C(100) << 30, 1024, 255, 63);
    want_disk(512, 1, 16, 63);
    block(8192, 32, 8, 0xF8); /* no partitions: DOS' block from sector 0 on */
    want_disk(UINT64_C(4) << 20, 32, 8, 32);
    block(8193, 32, 8, 0xF8);
    want_disk(UINT64_C(4) << 20, 8, 16, 63);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(exact_sizes),
                                       TEST(a_parameter_block_splits_a_size),
                                       TEST(an_unfinished_image_with_a_parameter_block),
                                       TEST(an_image_longer_than_its_parameter_block),
                                       TEST(unsound_parameter_blocks),
                                       TEST(images_of_no_size),
                                       TEST(a_small_image_with_partitions_is_a_disk),
                                       TEST(disks_by_their_partitions),
                                       TEST(disks_by_rule)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
