/* test_link.c - the link's codec against LINK.md section 1. The literal frames and the CRC inside them were made with
 * zlib and a few lines of Python; lengths of COBS pieces are worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/link.h"
#include "tests/random/rng.h"

enum { ROOM = 400 };

/* Decodes bytes and compares the frames that come with expected, in order; returns how many came, or -1 when one is not
 * the next of those, some of which may be missing. */
static int decode(const uint8_t *bytes, size_t size, const px_link_frame *expected, int count)
{
    static uint32_t words[ROOM];
    px_link_rx rx;
    px_link_frame frame;
    int came = 0, at = 0;
    px_link_rx_init(&rx, words, ROOM);
    for (size_t i = 0; i < size; i++) {
        if (!px_link_rx_byte(&rx, bytes[i], &frame))
            continue;
        while (at < count && (frame.version != expected[at].version || frame.type != expected[at].type ||
                              frame.sequence != expected[at].sequence || frame.length != expected[at].length ||
                              (frame.length > 0 && memcmp(frame.payload, expected[at].payload, 4 * frame.length) != 0)))
            at++;
        if (at++ == count)
            return -1;
        came++;
    }
    return came;
}

static void expect_bytes(const px_link_frame *frame, const uint8_t *bytes, size_t size)
{
    uint8_t made[PX_LINK_BYTES(64)];
    assert_int_equal(px_link_encode(frame, made), size);
    assert_memory_equal(made, bytes, size);
    assert_int_equal(decode(bytes, size, frame, 1), 1);
}

/* ---- known vectors ---- */

static void the_crc_is_that_of_png(void **state)
{
    (void)state;
    const uint8_t *text = (const uint8_t *)"123456789";
    assert_int_equal(px_link_crc(0, text, 9), 0xCBF43926);
    assert_int_equal(px_link_crc(px_link_crc(0, text, 4), text + 4, 5), 0xCBF43926);
    assert_int_equal(px_link_crc(0, text, 0), 0);
}

static void known_frames(void **state)
{
    (void)state;
    static const uint8_t hello[] = {0, 4, 1, 1, 0x2A, 1, 1, 1, 1, 5, 0x13, 0xF2, 0xC8, 0xA9, 0};
    expect_bytes(&(px_link_frame){1, PXL_HELLO, 0x2A, 0, NULL}, hello, sizeof hello);

    static const uint8_t run[] = {0, 4, 1, 5, 0xFF, 2, 1, 1, 1, 1, 1, 2, 1, 5, 0x89, 0xC0, 0xD1, 0xA5, 0};
    const uint32_t budget = 0x00010000;
    expect_bytes(&(px_link_frame){1, PXL_RUN, 0xFF, 1, &budget}, run, sizeof run);

    static const uint8_t reply[] = {0x00, 0x04, 0x01, 0x81, 0x2A, 0x02, 0x09, 0x01, 0x01, 0x08, 0x50, 0x58, 0x4C,
                                    0x01, 0x01, 0x01, 0x01, 0x01, 0x02, 0x08, 0x01, 0x03, 0x01, 0x01, 0x01, 0x01,
                                    0x0F, 0x6C, 0xDC, 0x02, 0x69, 0x63, 0x63, 0x65, 0x62, 0x72, 0x65, 0x61, 0x6B,
                                    0x65, 0x72, 0x01, 0x01, 0x01, 0x01, 0x05, 0x6D, 0x19, 0xC1, 0x99, 0x00};
    static const uint32_t words[9] = {PX_LINK_MAGIC, 0x00010101, 2048,       257,
                                      48000000,      0x65636369, 0x61657262, 0x0072656B};
    assert_int_equal(decode(reply, sizeof reply, &(px_link_frame){1, 0x81, 0x2A, 9, words}, 1), 1);
}

/* ---- COBS ---- */

/* A payload of count bytes that are not 0, then zeros to the end of the word. */
static uint32_t nonzero_bytes(uint32_t *words, uint32_t count)
{
    const uint32_t length = count / 4 + 1;
    memset(words, 0, length * sizeof *words);
    for (uint32_t i = 0; i < count; i++)
        words[i / 4] |= (1 + i % 255) << 8 * (i % 4);
    return length;
}

/* The payload begins at byte 8, behind two zeros of word 1: its first piece's code byte is that of byte 8 + 1 (0x00 in
 * front) + 1 (the first code byte). */
static void long_pieces(void **state)
{
    (void)state;
    static const struct {
        uint32_t count;
        uint8_t first, second;
    } cases[] = {{1, 2, 1},     {252, 253, 1},   {253, 254, 1},  {254, 255, 1},
                 {255, 255, 2}, {508, 255, 255}, {509, 255, 255}};
    uint32_t words[200];
    uint8_t bytes[PX_LINK_BYTES(200)];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const px_link_frame frame = {1, PXL_WRITE, 1, nonzero_bytes(words, cases[i].count), words};
        const size_t size = px_link_encode(&frame, bytes);
        assert_true(size <= PX_LINK_BYTES(frame.length));
        assert_int_equal(bytes[0], 0);
        assert_int_equal(bytes[size - 1], 0);
        assert_null(memchr(bytes + 1, 0, size - 2));
        assert_int_equal(bytes[9], cases[i].first);
        const size_t second = 9u + cases[i].first;
        assert_int_equal(bytes[second], cases[i].second);
        if (cases[i].count == 509)
            assert_int_equal(bytes[second + 255], 2);
        assert_int_equal(decode(bytes, size, &frame, 1), 1);
    }
}

static void zeros_only(void **state)
{
    (void)state;
    const uint32_t words[64] = {0};
    uint8_t bytes[PX_LINK_BYTES(64)];
    const px_link_frame frame = {1, PXL_WRITE, 0, 64, words};
    const size_t size = px_link_encode(&frame, bytes);
    for (size_t i = 9; i < 9 + 4 * 64 - 1; i++)
        assert_int_equal(bytes[i], 1);
    assert_int_equal(decode(bytes, size, &frame, 1), 1);
}

/* The last 254 bytes of this frame, its CRC 0x1308BD76 among them, have no 0: it may end in the code 255 or, as some
 * COBS encoders have it, in an empty piece after that. */
static void a_frame_that_ends_in_a_full_piece(void **state)
{
    (void)state;
    uint32_t words[63];
    uint8_t bytes[PX_LINK_BYTES(63) + 1];
    for (int i = 0; i < 63; i++)
        words[i] = 0x11111111;
    words[0] = 0xABCD0000;
    words[62] = 0x01010102;
    const px_link_frame frame = {1, PXL_WRITE, 7, 63, words};
    const size_t size = px_link_encode(&frame, bytes);
    assert_int_equal(size, 1 + 265 + 1);
    assert_int_equal(bytes[size - 256], 255);
    assert_int_equal(bytes[size - 2], 0x13);
    assert_int_equal(decode(bytes, size, &frame, 1), 1);
    bytes[size - 1] = 1;
    bytes[size] = 0;
    assert_int_equal(decode(bytes, size + 1, &frame, 1), 1);
    bytes[size - 1] = 2; /* a piece cut short */
    assert_int_equal(decode(bytes, size + 1, &frame, 1), 0);
}

/* ---- what is dropped ---- */

/* Codes plain bytes as one COBS frame, by looking for each next 0. */
static size_t cobs(const uint8_t *plain, size_t size, uint8_t *bytes)
{
    size_t out = 0, at = 0;
    bytes[out++] = 0;
    while (at <= size) {
        size_t n = 0;
        while (at + n < size && plain[at + n] != 0 && n < 254)
            n++;
        bytes[out++] = (uint8_t)(n + 1);
        memcpy(bytes + out, plain + at, n);
        out += n;
        at += n + (n < 254);
    }
    bytes[out++] = 0;
    return out;
}

static void put_crc(uint8_t *plain, size_t at)
{
    const uint32_t crc = px_link_crc(0, plain, at);
    for (int i = 0; i < 4; i++)
        plain[at + (size_t)i] = (uint8_t)(crc >> 8 * i);
}

static void frames_that_are_wrong_in_one_way(void **state)
{
    (void)state;
    uint8_t plain[24] = {1, 5, 9, 0, 1, 0, 0, 0, 0xAA, 0xBB, 0xCC, 0xDD}, bytes[40], wrong[24];
    const uint32_t payload = 0xDDCCBBAA;
    const px_link_frame frame = {1, 5, 9, 1, &payload};
    put_crc(plain, 12);
    assert_int_equal(decode(bytes, cobs(plain, 16, bytes), &frame, 1), 1);

    static const struct {
        int at;
        uint8_t value;
        size_t size; /* before the CRC */
        const char *what;
    } cases[] = {{3, 1, 12, "bits 31:24 of word 0"},
                 {4, 2, 12, "L says one more"},
                 {4, 0, 12, "L says one less"},
                 {6, 1, 12, "bits 31:16 of word 1"},
                 {7, 1, 12, "bits 31:24 of word 1"},
                 {8, 0xAA, 11, "no whole word"},
                 {8, 0xAA, 13, "a byte too much"},
                 {8, 0xAA, 16, "a word too much"},
                 {0, 1, 4, "two words"},
                 {0, 1, 0, "a CRC alone"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(wrong, plain, sizeof wrong);
        memset(wrong + 12, 0, 12);
        wrong[cases[i].at] = cases[i].value;
        put_crc(wrong, cases[i].size);
        if (decode(bytes, cobs(wrong, cases[i].size + 4, bytes), NULL, 0) != 0)
            fail_msg("taken for a frame: %s", cases[i].what);
    }
}

static void zeros_between_frames_and_noise_before_one_are_nothing(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0, 0, 0, 17, 3, 200};
    const px_link_frame frame = {1, PXL_STATUS, 3, 0, NULL};
    size_t size = 6 + px_link_encode(&frame, bytes + 6);
    bytes[size++] = 0;
    size += px_link_encode(&frame, bytes + size);
    const px_link_frame two[] = {frame, frame};
    assert_int_equal(decode(bytes, size, two, 2), 2);
}

static void a_frame_longer_than_the_receiver_is_dropped(void **state)
{
    (void)state;
    uint32_t words[300] = {0}, room[10 + 3];
    uint8_t bytes[PX_LINK_BYTES(300)];
    px_link_rx rx;
    px_link_frame frame;
    px_link_rx_init(&rx, room, 13);
    for (uint32_t length = 9; length <= 300; length++) {
        const size_t size = px_link_encode(&(px_link_frame){1, 4, 0, length, words}, bytes);
        bool came = false;
        for (size_t i = 0; i < size; i++)
            came = px_link_rx_byte(&rx, bytes[i], &frame) || came;
        assert_int_equal(came, length <= 10);
    }
    assert_int_equal(rx.dropped, 290);
}

static void a_break_drops_the_frame_under_way_and_no_other(void **state)
{
    (void)state;
    uint32_t room[16];
    uint8_t bytes[64];
    px_link_rx rx;
    px_link_frame frame;
    const size_t size = px_link_encode(&(px_link_frame){1, PXL_STOP, 3, 0, NULL}, bytes);
    px_link_rx_init(&rx, room, 16);
    for (size_t at = 0; at <= size; at++) {
        bool came = false;
        for (size_t i = 0; i < size; i++) {
            if (i == at)
                px_link_rx_drop(&rx);
            came = px_link_rx_byte(&rx, bytes[i], &frame) || came;
        }
        if (at == size)
            px_link_rx_drop(&rx);
        assert_int_equal(came, at <= 1 || at == size); /* before the frame's first byte, or after its end */
    }
}

/* ---- every damage of one place ---- */

/* An exchange as it goes over the wire, both directions in one recording. */
static size_t record(uint8_t *bytes, px_link_frame *frames, int *count)
{
    static uint32_t block[257], status[5] = {1u << 31, 17, 0, 0, 1000}, hello[9] = {PX_LINK_MAGIC, 0x10101, 2048, 257};
    static const uint32_t reset[4] = {1, 8, 8, 64}, read[2] = {0x10000000, 256}, budget = 1000, range = PXL_E_RANGE;
    rng r = rng_of_case(7, 7);
    for (int i = 0; i < 257; i++)
        block[i] = rng_chance(&r, 30) ? 0 : rng_next(&r);
    const px_link_frame all[] = {{1, PXL_HELLO, 1, 0, NULL},  {1, 0x81, 1, 9, hello},       {1, PXL_RESET, 2, 4, reset},
                                 {1, 0x82, 2, 0, NULL},       {1, PXL_WRITE, 3, 65, block}, {1, 0x84, 3, 0, NULL},
                                 {1, PXL_RUN, 4, 1, &budget}, {1, 0x85, 4, 0, NULL},        {1, PXL_STATUS, 5, 0, NULL},
                                 {1, 0x86, 5, 5, status},     {1, PXL_READ, 6, 2, read},    {1, 0x83, 6, 256, block},
                                 {1, PXL_STOP, 7, 0, NULL},   {1, PXL_ERROR, 7, 1, &range}};
    size_t size = 0;
    *count = sizeof all / sizeof *all;
    for (int i = 0; i < *count; i++) {
        frames[i] = all[i];
        size += px_link_encode(&all[i], bytes + size);
    }
    return size;
}

static void every_flipped_bit_costs_a_frame_and_changes_none(void **state)
{
    (void)state;
    static uint8_t bytes[8192];
    px_link_frame frames[32];
    int count;
    const size_t size = record(bytes, frames, &count);
    assert_int_equal(decode(bytes, size, frames, count), count);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const int came = decode(bytes, size, frames, count);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (came < count - 2 || came >= count)
            fail_msg("bit %zu of byte %zu: %d frames of %d", bit % 8, bit / 8, came, count);
    }
}

static void every_lost_or_doubled_byte_changes_no_frame(void **state)
{
    (void)state;
    static uint8_t bytes[8192], damaged[8192];
    px_link_frame frames[32];
    int count;
    const size_t size = record(bytes, frames, &count);
    for (size_t at = 0; at < size; at++) {
        memcpy(damaged, bytes, at);
        memcpy(damaged + at, bytes + at + 1, size - at - 1);
        int came = decode(damaged, size - 1, frames, count);
        /* One of the two zeros between frames, or the first of all, can go without harm; the last cannot. */
        const bool harmless = bytes[at] == 0 && at != size - 1;
        if (came < count - 2 || (came == count) != harmless)
            fail_msg("byte %zu lost: %d frames of %d", at, came, count);
        memcpy(damaged, bytes, at + 1);
        memcpy(damaged + at + 1, bytes + at, size - at);
        came = decode(damaged, size + 1, frames, count);
        /* A byte like its neighbour changes what follows it, or the CRC would not hold. */
        if (came < count - 1 || (came == count) != (bytes[at] == 0))
            fail_msg("byte %zu doubled: %d frames of %d", at, came, count);
    }
}

/* Any noise, then a frame: it is found, for the client sends a 0x00 first. */
static void after_any_noise_the_next_frame_is_found(void **state)
{
    (void)state;
    static uint8_t bytes[700];
    const px_link_frame frame = {1, PXL_STATUS, 99, 0, NULL};
    for (uint64_t k = 0; k < 10000; k++) {
        rng r = rng_of_case(3, k);
        size_t size = rng_below(&r, 600);
        for (size_t i = 0; i < size; i++)
            bytes[i] = rng_chance(&r, 10) ? 0 : (uint8_t)rng_next(&r);
        size += px_link_encode(&frame, bytes + size);
        assert_int_equal(decode(bytes, size, &frame, 1), 1);
    }
}

/* ---- planes ---- */

static void unpacks(const uint8_t *bytes, size_t size, const uint32_t *expected, size_t count, bool good)
{
    uint32_t packed[64] = {0}, operations[300];
    for (size_t i = 0; i < size; i++)
        packed[i / 4] |= (uint32_t)bytes[i] << 8 * (i % 4);
    assert_int_equal(px_link_unpack(packed, size / 4, operations, count), good);
    if (good && count > 0)
        assert_memory_equal(operations, expected, count * sizeof *operations);
}

static void planes_by_hand(void **state)
{
    (void)state;
    static const uint32_t three[3] = {0x01030241, 0x01030242, 0x01030243};
    static const uint8_t raw[] = {0, 'A', 'B', 'C', 0, 2, 2, 2, 0, 3, 3, 3, 0, 1, 1, 1};
    unpacks(raw, 16, three, 3, true);
    /* R as it is by a control of 3-1; G twice and once; B thrice (126 + 3 = 129); A thrice: 14 bytes and two of
     * padding. */
    static const uint8_t runs[] = {1, 2, 'A', 'B', 'C', 1, 128, 2, 0, 2, 1, 129, 3, 1, 129, 1};
    unpacks(runs, 16, three, 3, true);
    static const uint8_t padded[] = {1, 2, 'A', 'B', 'C', 1, 129, 2, 1, 129, 3, 1, 129, 1, 0, 0};
    unpacks(padded, 16, three, 3, true);
    static const uint8_t none[] = {0, 1, 0, 1};
    unpacks(none, 4, NULL, 0, true);
    /* A run of 129, the longest, and 128 as they are. */
    uint8_t longest[4 + 4 * 131] = {1, 255, 7, 1, 255, 0, 1, 255, 0, 1, 255, 9};
    uint32_t many[129];
    for (int i = 0; i < 129; i++)
        many[i] = 0x09000007;
    unpacks(longest, 12, many, 129, true);
    unpacks(longest, 12, many, 128, false);
    unpacks(longest, 12, many, 130, false);
}

static void malformed_planes(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[20];
        size_t size, count;
        const char *what;
    } cases[] = {{{2, 'A', 'B', 'C', 0, 2, 2, 2, 0, 3, 3, 3, 0, 1, 1, 1}, 16, 3, "a kind of 2"},
                 {{0, 'A', 'B', 'C', 0, 2, 2, 2, 0, 3, 3, 3}, 12, 3, "a plane missing"},
                 {{0, 'A', 'B', 'C', 0, 2, 2, 2, 0, 3, 3, 3, 0, 1, 1, 1}, 16, 4, "too few bytes"},
                 {{0, 'A', 'B', 'C', 0, 2, 2, 2, 0, 3, 3, 3, 0, 1, 1, 1, 0, 0, 0, 0}, 20, 3, "a word of padding"},
                 {{1, 2, 'A', 'B', 'C', 1, 129, 2, 1, 129, 3, 1, 129, 1, 0, 1}, 16, 3, "padding that is not 0"},
                 {{1, 130, 'A', 0, 2, 2, 2, 0, 3, 3, 3, 0, 1, 1, 1, 0}, 16, 3, "a run beyond the end"},
                 {{1, 3, 'A', 'B', 'C', 'D', 0, 2, 2, 2, 0, 3, 3, 3, 0, 1, 1, 1, 0, 0}, 20, 3, "bytes beyond the end"},
                 {{1, 129, 'A', 1, 129, 2, 1, 129, 3, 1, 1, 7}, 12, 3, "cut in a control"},
                 {{1, 129, 'A', 1, 129, 2, 1, 129, 3, 0, 0, 1}, 12, 3, "cut in a plane as it is"},
                 {{0}, 0, 0, "nothing at all"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t packed[8] = {0}, operations[8];
        for (size_t k = 0; k < cases[i].size; k++)
            packed[k / 4] |= (uint32_t)cases[i].bytes[k] << 8 * (k % 4);
        if (px_link_unpack(packed, cases[i].size / 4, operations, cases[i].count))
            fail_msg("unpacked: %s", cases[i].what);
    }
}

static void packing_loses_nothing_and_pays(void **state)
{
    (void)state;
    enum { MOST = 2000 };
    static uint32_t operations[MOST], packed[PX_LINK_PLANES(MOST)], back[MOST];
    for (uint64_t k = 0; k < 3000; k++) {
        rng r = rng_of_case(11, k);
        const size_t count = k < 300 ? k : rng_below(&r, MOST + 1);
        uint32_t word = 0;
        const uint32_t calm = rng_below(&r, 101);
        for (size_t i = 0; i < count; i++) {
            for (unsigned shift = 0; shift < 32; shift += 8)
                if (!rng_chance(&r, calm))
                    word = (word & ~(0xFFu << shift)) | (rng_next(&r) & 0xFF) << shift;
            operations[i] = word;
        }
        const size_t words = px_link_pack(operations, count, packed);
        assert_true(words <= PX_LINK_PLANES(count));
        memset(back, 0xEE, sizeof back);
        assert_true(px_link_unpack(packed, words, back, count));
        assert_memory_equal(back, operations, count * sizeof *back);
    }
    /* A text of 1,000 letters at one rate: R as it is, and three planes of 7 runs of 129 and one of 97. */
    for (uint32_t i = 0; i < 1000; i++)
        operations[i] = 0x01030100 | (i * 7 % 251 + 1);
    assert_int_equal(px_link_pack(operations, 1000, packed), (1 + 1000 + 3 * (1 + 2 * 8) + 3) / 4);
}

static void names_are_those_of_the_list(void **state)
{
    (void)state;
    assert_string_equal(px_link_type_name(0x04), "WRITE");
    assert_string_equal(px_link_type_name(0xFE), "BUSY");
    assert_string_equal(px_link_type_name(0x84), "?");
    assert_string_equal(px_link_error_name(4), "RANGE");
    assert_string_equal(px_link_error_name(0), "?");
    assert_string_equal(px_link_error_text(5), "not while a run is under way");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_crc_is_that_of_png),
        cmocka_unit_test(known_frames),
        cmocka_unit_test(long_pieces),
        cmocka_unit_test(zeros_only),
        cmocka_unit_test(a_frame_that_ends_in_a_full_piece),
        cmocka_unit_test(frames_that_are_wrong_in_one_way),
        cmocka_unit_test(zeros_between_frames_and_noise_before_one_are_nothing),
        cmocka_unit_test(a_frame_longer_than_the_receiver_is_dropped),
        cmocka_unit_test(a_break_drops_the_frame_under_way_and_no_other),
        cmocka_unit_test(every_flipped_bit_costs_a_frame_and_changes_none),
        cmocka_unit_test(every_lost_or_doubled_byte_changes_no_frame),
        cmocka_unit_test(after_any_noise_the_next_frame_is_found),
        cmocka_unit_test(planes_by_hand),
        cmocka_unit_test(malformed_planes),
        cmocka_unit_test(packing_loses_nothing_and_pays),
        cmocka_unit_test(names_are_those_of_the_list),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
