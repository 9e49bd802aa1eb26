/* test_state.c - SPEC.md sections 2, 9 and 10 as a loader has them: what is taken, what is refused and with which
 * words.
 *
 * The checksums come from Python's zlib:
 *   def crc(w, h, px): return zlib.crc32(struct.pack('<2I%dI' % len(px), w, h, *px[:4], 0, *px[5:])) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pxi/png/picture_file.h"
#include "pxi/state.h"

static const char name[] = "some/place/x.pxi";

static px_picture picture_of(uint32_t w, uint32_t h, const uint32_t *px, size_t count)
{
    px_picture p;
    assert_true(px_picture_new(&p, w, h, NULL));
    memcpy(p.px, px, count * sizeof *px);
    return p;
}

static px_picture copy_of(const px_picture *p) { return picture_of(p->w, p->h, p->px, (size_t)p->w * p->h); }

/* Loaded, and with the pixels taken it is the same machine. */
static px_state load(const px_picture *p)
{
    px_state s, taken;
    px_error e = {0};
    char difference[200];
    px_picture copy = copy_of(p);
    if (!px_state_load(&s, p, name, &e) || !px_state_take(&taken, &copy, name, &e))
        fail_msg("refused: %s", e.text);
    assert_null(copy.px);
    if (!px_state_equal(&s, "loaded", &taken, "taken", difference, sizeof difference))
        fail_msg("%s", difference);
    px_state_free(&taken);
    return s;
}

/* Refused, with the file's name and these words in the message. */
static void expect_refused(const px_picture *p, const char *words)
{
    px_state s = {.w = 1};
    px_error e = {0};
    px_picture kept = *p;
    if (px_state_take(&s, &kept, name, &e) || px_state_load(&s, p, name, &e))
        fail_msg("accepted, expected a refusal with '%s'", words);
    assert_ptr_equal(kept.px, p->px);
    assert_int_equal(e.code, PX_E_INPUT);
    assert_null(s.mem);
    assert_int_equal(s.w, 0);
    if (strstr(e.text, name) != e.text || strstr(e.text, words) == NULL)
        fail_msg("the message lacks the name or '%s': %s", words, e.text);
}

/* ---- checksum ---- */

static void checksum_is_zlibs(void **unused)
{
    (void)unused;
    uint32_t px[2100] = {0x01495850, 4, 5, 0, 0};
    assert_int_equal(px_checksum(5, 1, px), 0x0D58426A);
    assert_int_equal(px_checksum(1, 5, px), 0x62892841);
    px[4] = 0xDEADBEEF; /* counts as 0 */
    assert_int_equal(px_checksum(5, 1, px), 0x0D58426A);

    memcpy(px, (uint32_t[]){0x01495850, 5, 9, 0, 0}, 20);
    for (uint32_t k = 1; k < 8; k++)
        px[4 + k] = 0x01020304 * k;
    assert_int_equal(px_checksum(3, 4, px), 0xDFF3F253);

    for (uint32_t i = 0; i < 2100; i++)
        px[i] = i * UINT32_C(2654435761);
    assert_int_equal(px_checksum(7, 300, px), 0x2627DDCC);
}

/* The last pixel is made so that the CRC is 0. */
static void checksum_is_never_zero(void **unused)
{
    (void)unused;
    const uint32_t px[6] = {0x01495850, 5, 6, 0, 0, 0xE4D5ACF0};
    assert_int_equal(px_checksum(3, 2, px), 0xFFFFFFFF);
}

/* ---- programs ---- */

static void loads_a_v1_program(void **unused)
{
    (void)unused;
    const uint32_t px[12] = {0x01495850, 5,          9,          0,          0xDFF3F253, 0x01020304,
                             0x02040608, 0x0306090C, 0x04080C10, 0x050A0F14, 0x060C1218, 0x070E151C};
    px_picture p = picture_of(3, 4, px, 12);
    px_state s = load(&p);
    assert_int_equal(s.profile, PX_V1);
    assert_int_equal(s.w, 3);
    assert_int_equal(s.h, 4);
    assert_int_equal(s.pc, 5);
    assert_int_equal(s.vl | s.status | s.cause | s.value | s.retired, 0);
    for (int i = 0; i < 256; i++)
        assert_int_equal(s.reg[i], 0);
    assert_int_equal(s.mem[4], 0); /* the checksum is for the file, not for the machine */
    assert_memory_equal(s.mem, px, 16);
    assert_memory_equal(s.mem + 5, px + 5, 28);
    px_state_free(&s);

    p.px[4] = 0; /* none */
    s = load(&p);
    px_state_free(&s);
    px_picture_free(&p);
    p = picture_of(5, 1, (uint32_t[]){0x01495850, 4, 5, 0, 0x0D58426A}, 5); /* the smallest: a header, no code */
    s = load(&p);
    assert_int_equal(s.pc, 4);
    px_state_free(&s);
    px_picture_free(&p);
    p = picture_of(3, 4, px, 12);
    p.px[4] = 0;
    p.px[1] = 11; /* the last address there is; and the end at N */
    p.px[2] = 12;
    s = load(&p);
    assert_int_equal(s.pc, 11);
    px_state_free(&s);
    px_picture_free(&p);
}

static void refuses_bad_headers(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t address, value;
        const char *words;
    } cases[] = {
        {1, 12, "the entry (pixel 1) is 12, expected an address below 12; `px check"},
        {1, 0xFFFFFFFF, "the entry (pixel 1) is 4294967295, expected an address below 12"},
        {2, 13, "the end of code (pixel 2) is 13, expected at most 12; `px check"},
        {3, 1, "the flags (pixel 3) are 0x00000001, expected 0; `px check"},
        {3, 0x80000000, "the flags (pixel 3) are 0x80000000, expected 0"},
        {4, 0xDFF3F252, "the checksum (pixel 4) is 0xDFF3F252, but the pixels give 0xDFF3F253"},
        {4, 0xFFFFFFFF, "`px check some/place/x.pxi` tells how"},
        {0, 0x02495850, "pixel 0 says a program of version 2, expected version 1"},
        {0, 0xFF495850, "pixel 0 says a program of version 255, expected version 1"},
        {0, 0x00495850, "pixel 0 says a program of version 0"},
        {0, 0x02535850, "pixel 0 says a saved state of version 2, expected version 1"},
        {0, 0xFF535850, "export it again with alpha kept"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t px[12] = {0x01495850, 5, 9, 0, 0xDFF3F253, 0x01020304, 0x02040608};
        for (uint32_t k = 1; k < 8; k++)
            px[4 + k] = 0x01020304 * k;
        px[cases[i].address] = cases[i].value;
        px_picture p = picture_of(3, 4, px, 12);
        expect_refused(&p, cases[i].words);
        px_picture_free(&p);
    }
    px_picture p = picture_of(4, 1, (uint32_t[]){0x01495850, 0, 0, 0}, 4);
    expect_refused(&p, "a v1 program of 4 x 1 pixels; its header alone takes 5");
    px_picture_free(&p);
}

/* A checksum of a picture that was only reshaped, or had one bit changed, is wrong. */
static void sees_every_changed_bit(void **unused)
{
    (void)unused;
    uint32_t px[12] = {0x01495850, 5, 9, 0, 0xDFF3F253};
    for (uint32_t k = 1; k < 8; k++)
        px[4 + k] = 0x01020304 * k;
    px_picture p = picture_of(4, 3, px, 12);
    expect_refused(&p, "the checksum (pixel 4) is 0xDFF3F253");
    px_picture_free(&p);
    for (uint32_t bit = 0; bit < 7 * 32; bit++) {
        p = picture_of(3, 4, px, 12);
        p.px[5 + bit / 32] ^= 1u << bit % 32;
        expect_refused(&p, "the checksum (pixel 4) is 0xDFF3F253");
        px_picture_free(&p);
    }
}

static void loads_a_classic_program(void **unused)
{
    (void)unused;
    static const uint32_t first[] = {0x03020101, 0, 0x01495851, 0x01505849, 0x01485850};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        const uint32_t px[2] = {first[i], 0x00112233};
        px_picture p = picture_of(1, 2, px, 2);
        px_state s = load(&p);
        assert_int_equal(s.profile, PX_CLASSIC);
        assert_int_equal(s.pc | s.vl | s.status | s.cause | s.value | s.retired, 0);
        assert_memory_equal(s.mem, px, sizeof px);
        px_state_free(&s);
        px_picture_free(&p);
    }
}

/* ---- saved states ---- */

static px_state example(uint32_t w, uint32_t h)
{
    px_state s;
    assert_true(px_state_new(&s, PX_V1, w, h, NULL));
    s.pc = 3;
    s.vl = 2;
    s.status = PX_TRAPPED;
    s.cause = PX_TRAP_RANGE;
    s.value = 0xFFFFFFF0;
    s.retired = 0xCAFE0001;
    for (uint32_t i = 0; i < 256; i++)
        s.reg[i] = 0xA0000000 + i;
    for (uint32_t i = 0; i < w * h; i++)
        s.mem[i] = 0x01010101 * (i + 1);
    return s;
}

/* The layout of section 9, by address, for pictures narrower than, as wide as and wider than the 266 words. */
static void saves_as_the_spec_lays_out(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t w, rows;
    } cases[] = {{1, 266}, {7, 38}, {265, 2}, {266, 1}, {267, 1}, {300, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint32_t w = cases[i].w, rows = cases[i].rows;
        px_state s = example(w, 4);
        px_picture p;
        assert_true(px_state_save(&s, &p, NULL));
        assert_int_equal(p.w, w);
        assert_int_equal(p.h, rows + 4);
        const uint32_t head[10] = {0x01535850, 1, w, 4, 3, 2, 3, 3, 0xFFFFFFF0, 0xCAFE0001};
        assert_memory_equal(p.px, head, sizeof head);
        assert_int_equal(p.px[10], 0xA0000000);
        assert_int_equal(p.px[265], 0xA00000FF);
        for (uint32_t x = 266; x < rows * w; x++)
            assert_int_equal(p.px[x], 0);
        assert_int_equal(p.px[rows * w], 0x01010101);
        assert_int_equal(p.px[rows * w + 4 * w - 1], 0x01010101 * (4 * w));

        px_state again = load(&p);
        char difference[200] = "x";
        assert_true(px_state_equal(&s, "s", &again, "again", difference, sizeof difference));
        assert_string_equal(difference, "");
        px_state_free(&again);
        px_state_free(&s);
        px_picture_free(&p);
    }
}

/* A v1 machine that has overwritten its magic is still v1, and its m[4] comes back. */
static void keeps_profile_and_all_pixels(void **unused)
{
    (void)unused;
    px_state s = example(5, 2);
    px_picture p;
    s.mem[0] = 0;
    s.mem[4] = 0x12345678;
    assert_true(px_state_save(&s, &p, NULL));
    px_state again = load(&p);
    assert_int_equal(again.profile, PX_V1);
    assert_int_equal(again.mem[4], 0x12345678);
    px_state_free(&again);
    px_picture_free(&p);

    assert_true(px_state_image(&s, &p, NULL));
    assert_int_equal(p.w, 5);
    assert_int_equal(p.h, 2);
    assert_memory_equal(p.px, s.mem, 40);
    px_picture_free(&p);
    px_state_free(&s);
}

static void survives_a_file(void **unused)
{
    (void)unused;
    char path[] = "/tmp/px-test-XXXXXX";
    close(mkstemp(path));
    px_state s = example(9, 3), again;
    px_picture p;
    px_error e = {0};
    char difference[200];
    assert_true(px_state_save(&s, &p, NULL));
    assert_true(px_picture_write(&p, path, NULL));
    if (!px_state_read(&again, path, &e))
        fail_msg("%s", e.text);
    assert_true(px_state_equal(&s, "s", &again, "again", difference, sizeof difference));
    px_state_free(&again);
    unlink(path);
    assert_false(px_state_read(&again, path, &e));
    assert_null(again.mem);
    assert_non_null(strstr(e.text, path));
    px_state_free(&s);
    px_picture_free(&p);
}

typedef struct word {
    uint32_t address, value;
} word;

/* A saved 20 x 4 state (14 rows of words, padding from 266 to 279) with up to three words changed. */
static px_picture saved_with(uint32_t profile, const word *words)
{
    px_state s;
    px_picture p;
    assert_true(px_state_new(&s, profile, 20, 4, NULL));
    assert_true(px_state_save(&s, &p, NULL));
    px_state_free(&s);
    for (int i = 0; i < 3 && words[i].address != 0; i++)
        p.px[words[i].address] = words[i].value;
    return p;
}

static void refuses_states_that_cannot_be(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t profile;
        word words[3];
        const char *message;
    } cases[] = {
        {PX_V1, {{1, 2}}, "the saved state's profile is 2, expected 0 (classic) or 1 (v1); no machine can be in it"},
        {PX_V1, {{2, 19}}, "the saved state says W = 19, but the picture is 20 wide"},
        {PX_V1, {{2, 0}}, "the saved state says W = 0"},
        {PX_V1, {{3, 5}}, "the saved state says H = 5, but below the registers the picture has 4 rows"},
        {PX_V1, {{4, 81}}, "the saved state's pc is 81, expected at most 80"},
        {PX_V1, {{5, 81}}, "the saved state's vl is 81, expected at most 80"},
        {PX_V1, {{6, 4}}, "the saved state's status is 4, expected one of"},
        {PX_V1, {{6, 3}, {7, 7}}, "the saved state's cause is 7, expected one of"},
        {PX_V1, {{6, 3}}, "the saved state's cause is 0, expected the cause of its trap"},
        {PX_V1, {{7, 3}}, "the saved state's cause is 3, expected 0, since it is not trapped"},
        {PX_V1, {{6, 1}, {7, 1}}, "the saved state's cause is 1, expected 0"},
        {PX_V1, {{6, 2}, {7, 1}}, "the saved state's cause is 1, expected 0"},
        {PX_V1, {{8, 1}}, "the saved state's value is 1, expected 0"},
        {PX_V1, {{6, 1}, {8, 1}}, "the saved state's value is 1, expected 0"},
        {PX_V1, {{6, 2}, {8, 256}}, "the saved state's value is 256, expected a register number of at most 255"},
        {PX_V1, {{266, 1}}, "the saved state's padding is 0x00000001 at pixel (6,13), expected 0"},
        {PX_V1, {{279, 0x80000000}}, "the saved state's padding is 0x80000000 at pixel (19,13), expected 0"},
        {PX_CLASSIC, {{4, 21}}, "the saved state's pc is 21, expected at most 20"},
        {PX_CLASSIC, {{4, 20}}, "the saved state's status is 0, expected 1 (halted), since pc is at the end"},
        {PX_CLASSIC, {{5, 1}}, "the saved state's vl is 1, expected 0 in the classic profile"},
        {PX_CLASSIC, {{10, 9}}, "the saved state's r0 is 9, expected 0 in the classic profile"},
        {PX_CLASSIC, {{265, 9}}, "the saved state's r255 is 9, expected 0 in the classic profile"},
        {PX_CLASSIC, {{6, 2}}, "the saved state's status is 2, expected 0 (running) or 1 (halted)"},
        {PX_CLASSIC, {{6, 3}, {7, 1}}, "the saved state's status is 3, expected 0 (running) or 1 (halted)"},
        {PX_CLASSIC, {{7, 1}}, "the saved state's cause is 1, expected 0"},
        {PX_CLASSIC, {{8, 1}}, "the saved state's value is 1, expected 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_picture p = saved_with(cases[i].profile, cases[i].words);
        expect_refused(&p, cases[i].message);
        px_picture_free(&p);
    }
}

static void accepts_states_at_the_edge(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t profile;
        word words[3];
    } cases[] = {
        {PX_V1, {{4, 80}, {5, 80}}},
        {PX_V1, {{6, 2}, {8, 255}}},
        {PX_V1, {{6, 1}}},
        {PX_V1, {{6, 3}, {7, 1}, {8, 1u << 31}}},
        {PX_V1, {{6, 3}, {7, 5}}},
        {PX_V1, {{9, 0xFFFFFFFF}}},
        {PX_CLASSIC, {{4, 20}, {6, 1}}},
        {PX_CLASSIC, {{4, 19}}},
        {PX_CLASSIC, {{6, 1}, {9, 1}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_picture p = saved_with(cases[i].profile, cases[i].words);
        px_state s = load(&p);
        px_state_free(&s);
        px_picture_free(&p);
    }
}

/* Classic programs end at column 1024 however wide the picture is. */
static void bounds_the_classic_pc(void **unused)
{
    (void)unused;
    px_state s;
    px_error e = {0};
    assert_true(px_state_new(&s, PX_CLASSIC, 2000, 2, NULL));
    s.pc = 1023;
    assert_true(px_state_valid(&s, name, &e));
    s.pc = 1024;
    assert_false(px_state_valid(&s, name, &e));
    s.status = PX_HALTED;
    assert_true(px_state_valid(&s, name, &e));
    s.pc = 1025;
    assert_false(px_state_valid(&s, name, &e));
    assert_non_null(strstr(e.text, "pc is 1025, expected at most 1024"));
    px_state_free(&s);
    assert_false(px_state_valid(&s, name, &e));
    assert_non_null(strstr(e.text, "0 x 0 pixels"));
}

static void refuses_states_without_an_image(void **unused)
{
    (void)unused;
    px_picture p = picture_of(133, 2, (uint32_t[]){0x01535850}, 1);
    expect_refused(&p, "its first 2 rows are registers, so it has no image; the picture was cut");
    px_picture_free(&p);
    p = picture_of(1, 1, (uint32_t[]){0x01535850}, 1);
    expect_refused(&p, "its first 266 rows are registers");
    px_picture_free(&p);
}

static void refuses_images_beyond_the_cap(void **unused)
{
    (void)unused;
    px_state s = {.w = 1};
    px_error e = {0};
    assert_true(px_state_new(&s, PX_V1, 8192, 8192, &e)); /* 2^26 */
    px_state_free(&s);
    assert_false(px_state_new(&s, PX_V1, 8192, 8193, &e));
    assert_int_equal(e.code, PX_E_INPUT);
    assert_non_null(strstr(e.text, "8192 x 8193"));
    assert_null(s.mem);
    assert_false(px_state_new(&s, PX_V1, 0x10000, 0x10000, &e)); /* 2^32, which wraps to 0 */
    assert_false(px_state_new(&s, PX_V1, 0, 5, &e));
    uint32_t mem = 0; /* an executor's reply is judged by its numbers before its pixels are touched */
    assert_false(px_state_valid(&(px_state){.profile = PX_V1, .w = 8192, .h = 8193, .mem = &mem}, name, &e));
    assert_false(px_state_valid(&(px_state){.profile = PX_V1, .w = 1, .h = 0, .mem = &mem}, name, &e));
    assert_false(px_state_valid(&(px_state){.profile = PX_V1, .w = 0, .h = 1, .mem = &mem}, name, &e));
    assert_false(px_state_valid(&(px_state){.profile = PX_V1, .w = 1, .h = 1}, name, &e));
    assert_true(px_state_valid(&(px_state){.profile = PX_V1, .w = 1, .h = 1, .mem = &mem}, name, &e));
    assert_true(px_state_valid(&(px_state){.profile = PX_V1, .w = 8192, .h = 8192, .mem = &mem}, name, &e));
    /* A picture may be as large as a state; a program may not. Only the size is looked at. */
    const uint32_t first = 0x01495850;
    uint32_t pixel = first;
    expect_refused(&(px_picture){8192, 8193, &pixel}, "a program of 8192 x 8193 pixels, expected at most 2^26");
}

/* ---- copies and differences ---- */

static void copies_are_independent(void **unused)
{
    (void)unused;
    px_state a = example(4, 2), b = {0};
    char difference[200];
    assert_true(px_state_copy(&b, &a, NULL));
    assert_true(px_state_equal(&a, "a", &b, "b", difference, sizeof difference));
    assert_ptr_not_equal(a.mem, b.mem);
    b.mem[0]++;
    assert_int_equal(a.mem[0], 0x01010101);

    px_state c = example(2, 2); /* over a valid state of another size */
    assert_true(px_state_copy(&b, &c, NULL));
    assert_true(px_state_equal(&c, "c", &b, "b", difference, sizeof difference));
    assert_true(px_state_copy(&b, &b, NULL));
    assert_true(px_state_equal(&c, "c", &b, "b", difference, sizeof difference));
    px_state_free(&a);
    px_state_free(&b);
    px_state_free(&c);
    px_state_free(&c);
}

enum change { STATUS, CAUSE, VALUE, PC, VL, RETIRED, R0, R255, FIRST, LAST, PROFILE, CHANGES };

static void names_the_first_difference(void **unused)
{
    (void)unused;
    static const char *const expected[CHANGES] = {
        [STATUS] = "status: ref TRAPPED (3), rtl HALTED (1)",
        [CAUSE] = "cause: ref RANGE (3), rtl VL (5)",
        [VALUE] = "value: ref 4294967280, rtl 7",
        [PC] = "pc: ref 3, rtl 4",
        [VL] = "vl: ref 2, rtl 1",
        [RETIRED] = "retired: ref 3405643777, rtl 0",
        [R0] = "r0: ref 0xA0000000, rtl 0x00000001",
        [R255] = "r255: ref 0xA00000FF, rtl 0x00000001",
        [FIRST] = "pixel (0,0), address 0: ref 0x01010101, rtl 0x0000012C",
        [LAST] = "pixel (3,1), address 7: ref 0x08080808, rtl 0x0000012D",
        [PROFILE] = "profile: ref 1, rtl 0",
    };
    for (int change = 0; change < CHANGES; change++) {
        px_state a = example(4, 2), b = example(4, 2);
        uint32_t *const field[CHANGES] = {&b.status, &b.cause,    &b.value,  &b.pc,     &b.vl,     &b.retired,
                                          &b.reg[0], &b.reg[255], &b.mem[0], &b.mem[7], &b.profile};
        static const uint32_t value[CHANGES] = {1, 5, 7, 4, 1, 0, 1, 1, 0x12C, 0x12D, 0};
        *field[change] = value[change];
        char difference[200], small[8];
        assert_false(px_state_equal(&a, "ref", &b, "rtl", difference, sizeof difference));
        assert_string_equal(difference, expected[change]);
        assert_false(px_state_equal(&a, "ref", &b, "rtl", small, sizeof small));
        assert_int_equal(strlen(small), 7);
        px_state_free(&a);
        px_state_free(&b);
    }
    px_state a = example(4, 2), b = example(2, 4);
    char difference[200];
    assert_false(px_state_equal(&a, "ref", &b, "rtl", difference, sizeof difference));
    assert_string_equal(difference, "W: ref 4, rtl 2");
    px_state_free(&a);
    px_state_free(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_is_zlibs),
        cmocka_unit_test(checksum_is_never_zero),
        cmocka_unit_test(loads_a_v1_program),
        cmocka_unit_test(refuses_bad_headers),
        cmocka_unit_test(sees_every_changed_bit),
        cmocka_unit_test(loads_a_classic_program),
        cmocka_unit_test(saves_as_the_spec_lays_out),
        cmocka_unit_test(keeps_profile_and_all_pixels),
        cmocka_unit_test(survives_a_file),
        cmocka_unit_test(refuses_states_that_cannot_be),
        cmocka_unit_test(accepts_states_at_the_edge),
        cmocka_unit_test(bounds_the_classic_pc),
        cmocka_unit_test(refuses_states_without_an_image),
        cmocka_unit_test(refuses_images_beyond_the_cap),
        cmocka_unit_test(copies_are_independent),
        cmocka_unit_test(names_the_first_difference),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
