/* test_picture.c - pictures are read strictly and exactly: every kind of bad file is refused, and the message says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

#include "pxi/picture.h"
#include "pxi/png/picture_file.h"
#include "tests/unit/make_png.h"

static const char name[] = "some/place/x.pxi";

/* 2 x 3: a magic, data under A = 0, all bits, and bytes that gamma or premultiplication would change. */
enum { W = 2, H = 3 };
static const uint32_t pixels[W * H] = {0x01495850, 0x00332211, 0xFFFFFFFF, 0x00000000, 0x80FE7F01, 0x01C0FFEE};

static void expect_pixels(const px_picture *p)
{
    assert_int_equal(p->w, W);
    assert_int_equal(p->h, H);
    assert_memory_equal(p->px, pixels, sizeof pixels);
}

static void expect_read(const bytes *file)
{
    px_picture p;
    px_error e = {0};
    if (!px_picture_read_memory(&p, file->data, file->size, name, &e))
        fail_msg("refused: %s", e.text);
    expect_pixels(&p);
    px_picture_free(&p);
}

/* Refused, with the file's name and each of the words in the message. */
static void expect_refused(const bytes *file, const char *word1, const char *word2)
{
    px_picture p = {1, 1, NULL};
    px_error e = {0};
    if (px_picture_read_memory(&p, file->data, file->size, name, &e))
        fail_msg("accepted, expected a refusal with '%s'", word1);
    assert_int_equal(e.code, PX_E_INPUT);
    assert_null(p.px);
    assert_int_equal(p.w, 0);
    if (strstr(e.text, name) == NULL || strstr(e.text, word1) == NULL || strstr(e.text, word2) == NULL)
        fail_msg("the message lacks the name, '%s' or '%s': %s", word1, word2, e.text);
    assert_null(strchr(e.text, '\n'));
}

/* ---- reading ---- */

static void reads_every_bit(void **unused)
{
    (void)unused;
    bytes file = png_of_pixels(W, H, pixels);
    expect_read(&file);
    bytes_free(&file);
}

static void refuses_every_truncation(void **unused)
{
    (void)unused;
    const bytes whole = png_of_pixels(W, H, pixels);
    for (size_t size = 0; size < whole.size; size++) {
        /* A copy of its own, so that a read beyond the end is a fault under ASan. */
        bytes cut = {0};
        put(&cut, whole.data, size);
        expect_refused(&cut, size == 0 ? "is empty" : "truncated", size == 0 ? "PNG" : "copy it again");
        bytes_free(&cut);
    }
    free(whole.data);
}

static void refuses_every_flipped_bit(void **unused)
{
    (void)unused;
    bytes file = png_of_pixels(W, H, pixels);
    for (size_t bit = 0; bit < file.size * 8; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(&file, "", "");
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    bytes_free(&file);
}

static void names_the_chunk_with_a_wrong_crc(void **unused)
{
    (void)unused;
    static const char *const types[] = {"IHDR", "tEXt", "IDAT", "IEND"};
    bytes extra = {0};
    put_chunk(&extra, "tEXt", "Software\0x", 10);
    bytes rows = {0};
    put(&rows, pixels, sizeof pixels);
    bytes file = png_file(W, H, 8, 6, rows.data, 4 * W, &extra);

    size_t at = 8;
    for (int i = 0; i < 4; i++) {
        const size_t length = (size_t)file.data[at + 2] << 8 | file.data[at + 3];
        char where[64];
        snprintf(where, sizeof where, "the %s chunk at byte %zu has CRC 0x", types[i], at);
        file.data[at + 8 + length + 3] ^= 1;
        expect_refused(&file, where, "copy it again");
        file.data[at + 8 + length + 3] ^= 1;
        at += length + 12;
    }
    assert_int_equal(at, file.size);
    bytes_free(&extra);
    bytes_free(&rows);
    bytes_free(&file);
}

static void refuses_what_is_no_png(void **unused)
{
    (void)unused;
    bytes b = {0};
    put(&b, "GIF89a, a picture of another kind", 32);
    expect_refused(&b, "is not a PNG file but GIF: it begins with 47 49 46 38, a PNG with 89 50 4E 47", "8-bit RGBA");
    bytes_free(&b);
    put(&b, "x", 1);
    expect_refused(&b, "is not a PNG file: it begins with 78, a PNG", "8-bit RGBA");
    bytes_free(&b);
}

/* Bytes of zeros serve as pixels: the form is refused before they are read. */
static void refuses_other_forms(void **unused)
{
    (void)unused;
    static const struct {
        int depth, colour, interlace;
        const char *words, *remedy;
    } cases[] = {
        {8, 3, 0, "is a palette PNG (8-bit palette, colour type 3)", "`px import some/place/x.pxi -o NEW.pxi`"},
        {1, 3, 0, "is a palette PNG (1-bit palette", "converts it exactly"},
        {8, 2, 0, "is an RGB PNG (8-bit RGB, colour type 2)", "`px import"},
        {8, 0, 0, "is a grey PNG (8-bit grey, colour type 0)", "`px import"},
        {8, 4, 0, "is a grey PNG (8-bit grey and alpha, colour type 4)", "`px import"},
        {16, 6, 0, "is a 16-bit PNG (16-bit RGBA", "if its samples fit in 8 bits"},
        {8, 6, 1, "is an interlaced PNG (interlaced 8-bit RGBA, colour type 6)", "`px import"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        put_signature(&b);
        put_ihdr(&b, 1, 1, cases[i].depth, cases[i].colour, cases[i].interlace);
        if (cases[i].colour == 3)
            put_chunk(&b, "PLTE", "\1\2\3", 3);
        put_idat(&b, "\0\0\0\0\0\0\0\0", 9);
        put_iend(&b);
        expect_refused(&b, cases[i].words, cases[i].remedy);
        bytes_free(&b);
    }
}

static void refuses_headers_without_meaning(void **unused)
{
    (void)unused;
    static const int forms[][3] = {{4, 6, 0}, {8, 5, 0}, {16, 3, 0}, {8, 6, 2}, {0, 0, 0}, {200, 0, 0}, {8, 255, 0}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        bytes b = {0};
        put_signature(&b);
        put_ihdr(&b, 1, 1, forms[i][0], forms[i][1], forms[i][2]);
        put_idat(&b, "\0\0\0\0", 5);
        put_iend(&b);
        char words[80];
        snprintf(words, sizeof words, "IHDR has bit depth %d, colour type %d, compression 0, filter 0, interlace %d,",
                 forms[i][0], forms[i][1], forms[i][2]);
        expect_refused(&b, words, "which PNG does not define; expected 8, 6, 0, 0, 0");
        bytes_free(&b);
    }
}

/* A small file that claims many pixels; the 10000 x 10000 one is the classic 0.4 MB that unpacks to 400 MB. */
static void refuses_great_claims(void **unused)
{
    (void)unused;
    static const uint32_t sizes[][2] = {
        {10000, 10000}, {0x80000000, 1}, {1, 0x80000000},     {0xFFFFFFFF, 0xFFFFFFFF}, {0x10000, 0x10000},
        {0, 1},         {1, 0},          {(1u << 26) + 1, 1}, {1, (1u << 26) + 267}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bytes b = {0};
        char claim[64];
        put_signature(&b);
        put_ihdr(&b, sizes[i][0], sizes[i][1], 8, 6, 0);
        put_idat(&b, "\0\0\0\0", 5);
        put_iend(&b);
        snprintf(claim, sizeof claim, "claims %u x %u pixels", (unsigned)sizes[i][0], (unsigned)sizes[i][1]);
        expect_refused(&b, claim, "1 to 2^26");
        bytes_free(&b);
    }
}

/* Every size that SPEC.md sections 1 and 9 allow, and the first beyond it. */
static void knows_its_limits(void **unused)
{
    (void)unused;
    const uint32_t most = 1u << 26;
    assert_true(px_picture_fits(1, 1));
    assert_true(px_picture_fits(8192, 8192));
    assert_true(px_picture_fits(8192, 8193)); /* a state: ceil(266 / 8192) = 1 row on top */
    assert_false(px_picture_fits(8192, 8194));
    assert_true(px_picture_fits(256, most / 256 + 2)); /* ceil(266 / 256) = 2 */
    assert_false(px_picture_fits(256, most / 256 + 3));
    assert_true(px_picture_fits(1, most + 266));
    assert_false(px_picture_fits(1, most + 267));
    assert_true(px_picture_fits(most, 2));
    assert_false(px_picture_fits(most, 3));
    assert_false(px_picture_fits(most + 1, 1));
    assert_false(px_picture_fits(0, 1));
    assert_false(px_picture_fits(1, 0));
    assert_false(px_picture_fits(0x10000, 0x10000)); /* 2^32 */
    assert_false(px_picture_fits(3, 0xFFFFFFFF));

    px_picture p;
    px_error e = {0};
    assert_false(px_picture_new(&p, 8192, 8194, &e));
    assert_int_equal(e.code, PX_E_INPUT);
    assert_non_null(strstr(e.text, "8192 x 8194"));
    assert_true(px_picture_new(&p, 3, 2, &e));
    for (int i = 0; i < 6; i++)
        assert_int_equal(p.px[i], 0);
    px_picture_free(&p);
    px_picture_free(&p);
}

/* Files whose chunks are sound and whose sequence or compressed pixels are not. */
static bytes start(void)
{
    bytes b = {0};
    put_signature(&b);
    put_ihdr(&b, W, H, 8, 6, 0);
    return b;
}

static bytes raw_rows(void) { return filtered((const uint8_t *)pixels, 4 * W, H); }

static void finish_and_refuse(bytes *b, const char *word)
{
    put_iend(b);
    expect_refused(b, word, "");
    bytes_free(b);
}

static void refuses_surplus_and_missing_pixels(void **unused)
{
    (void)unused;
    bytes raw = raw_rows();

    bytes b = start(); /* bytes behind the compressed stream, in the same chunk */
    bytes z = deflated(raw.data, raw.size);
    put_byte(&z, 0);
    put_chunk(&b, "IDAT", z.data, z.size);
    finish_and_refuse(&b, "damaged");

    b = start(); /* the same in a chunk of its own, which libpng's pulling reader does not see */
    put_idat(&b, raw.data, raw.size);
    put_chunk(&b, "IDAT", "surplus", 7);
    finish_and_refuse(&b, "damaged");

    b = start(); /* one row too few, and too few bytes in the last row */
    put_idat(&b, raw.data, raw.size - 4 * W - 1);
    finish_and_refuse(&b, "end in row 2, expected 3 rows");
    b = start();
    put_idat(&b, raw.data, raw.size - 1);
    finish_and_refuse(&b, "end in row 2, expected 3 rows");

    b = start(); /* no checksum at the end of the stream, a wrong one, and half a stream */
    put_chunk(&b, "IDAT", z.data, z.size - 5);
    finish_and_refuse(&b, "damaged");
    b = start();
    z.data[z.size - 2] ^= 1;
    put_chunk(&b, "IDAT", z.data, z.size - 1);
    finish_and_refuse(&b, "damaged");
    b = start();
    put_chunk(&b, "IDAT", z.data, z.size / 2);
    finish_and_refuse(&b, "damaged");

    put_byte(&raw, 0); /* one byte too many within the stream */
    b = start();
    put_idat(&b, raw.data, raw.size);
    finish_and_refuse(&b, "damaged");

    raw.data[0] = 5; /* filters are 0 to 4 */
    b = start();
    put_idat(&b, raw.data, raw.size - 1);
    finish_and_refuse(&b, "damaged");

    bytes_free(&z);
    bytes_free(&raw);
}

static void refuses_wrong_sequences(void **unused)
{
    (void)unused;
    bytes raw = raw_rows(), z = deflated(raw.data, raw.size);

    bytes b = start();
    finish_and_refuse(&b, "no IDAT");

    b = start();
    put_ihdr(&b, W, H, 8, 6, 0);
    put_idat(&b, raw.data, raw.size);
    finish_and_refuse(&b, "damaged");

    b = (bytes){0};
    put_signature(&b);
    put_idat(&b, raw.data, raw.size);
    put_ihdr(&b, W, H, 8, 6, 0);
    finish_and_refuse(&b, "expected IHDR");

    b = start();
    put_chunk(&b, "IDAT", z.data, 5);
    put_chunk(&b, "tEXt", "a\0b", 3);
    put_chunk(&b, "IDAT", z.data + 5, z.size - 5);
    finish_and_refuse(&b, "damaged");

    b = start();
    put_chunk(&b, "ABCD", "critical", 8);
    put_idat(&b, raw.data, raw.size);
    finish_and_refuse(&b, "damaged");

    b = start();
    put_idat(&b, raw.data, raw.size);
    put_chunk(&b, "IEND", "x", 1);
    expect_refused(&b, "damaged", "");
    bytes_free(&b);

    b = start();
    put_chunk(&b, "ab1d", "x", 1);
    finish_and_refuse(&b, "61 62 31 64, expected four letters");

    b = start();
    put32(&b, 0x80000000);
    put(&b, "IDAT", 4);
    finish_and_refuse(&b, "beyond PNG's 2^31 - 1");

    bytes_free(&raw);
    bytes_free(&z);
}

static void refuses_trailing_bytes(void **unused)
{
    (void)unused;
    bytes file = png_of_pixels(W, H, pixels);
    const size_t end = file.size;
    char words[64];
    put_byte(&file, '\n');
    snprintf(words, sizeof words, "1 bytes after its end (IEND), from byte %zu on", end);
    expect_refused(&file, words, "cut the file to");
    file.size = end;
    bytes second = png_of_pixels(W, H, pixels);
    put(&file, second.data, second.size);
    expect_refused(&file, "after its end (IEND)", "cut the file to");
    bytes_free(&second);
    bytes_free(&file);
}

static void takes_ancillary_chunks_for_nothing(void **unused)
{
    (void)unused;
    static const struct {
        const char *type, *data;
        size_t size;
    } cases[] = {
        {"gAMA", "\0\0\xB1\x8F", 4},   /* 0.45455 */
        {"gAMA", "\0\x01\x86\xA0", 4}, /* 1.0, which changes every pixel for readers that apply it */
        {"gAMA", "nonsense", 8},
        {"sRGB", "\0", 1},
        {"cHRM", "", 0},
        {"iCCP", "no profile", 10},
        {"tRNS", "\0\x11\0\x22\0\x33", 6}, /* not allowed with RGBA */
        {"bKGD", "\0\xFF\0\xFF\0\xFF", 6},
        {"sBIT", "\5\5\5\5", 4},
        {"tIME", "xxxxxxx", 7},
        {"acTL", "xxxxxxxx", 8},
        {"abCd", "private", 7},
        {"PLTE", "\1\2\3", 3}, /* a suggested palette */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes extra = {0};
        put_chunk(&extra, cases[i].type, cases[i].data, cases[i].size);
        bytes file = png_file(W, H, 8, 6, pixels, 4 * W, &extra);
        expect_read(&file);
        bytes_free(&file);
        bytes_free(&extra);
    }
    bytes raw = raw_rows(), b = start(); /* behind the pixels, and larger than libpng's usual limit of 8 MB */
    bytes large = {calloc(1, 9000000), 9000000};
    put_idat(&b, raw.data, raw.size);
    put_chunk(&b, "gAMA", "\0\0\xB1\x8F", 4);
    put_chunk(&b, "zTXt", large.data, large.size);
    put_iend(&b);
    expect_read(&b);
    bytes_free(&large);
    bytes_free(&raw);
    bytes_free(&b);
}

static void reads_pixels_in_any_number_of_chunks(void **unused)
{
    (void)unused;
    bytes raw = raw_rows(), z = deflated(raw.data, raw.size), b = start();
    for (size_t i = 0; i < z.size; i++) {
        put_chunk(&b, "IDAT", z.data + i, 1);
        put_chunk(&b, "IDAT", NULL, 0);
    }
    put_iend(&b);
    expect_read(&b);
    bytes_free(&b);
    bytes_free(&z);
    bytes_free(&raw);
}

/* libpng's own writer, with every filter, as an independent source. */
static void reads_every_filter(void **unused)
{
    (void)unused;
    enum { SIDE = 64 };
    static uint32_t px[SIDE * SIDE];
    uint32_t seed = 1;
    for (int i = 0; i < SIDE * SIDE; i++) {
        seed = seed * 1664525 + 1013904223;
        px[i] = i % 3 != 0 ? seed : (uint32_t)i;
    }
    char path[] = "/tmp/px-test-XXXXXX";
    const int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, SIDE, SIDE, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE, 0, 0);
    png_set_gAMA(png, info, 0.45455);
    png_set_filter(png, 0, PNG_ALL_FILTERS);
    png_write_info(png, info);
    for (int y = 0; y < SIDE; y++) {
        uint8_t row[SIDE * 4];
        for (int i = 0; i < SIDE * 4; i++)
            row[i] = (uint8_t)(px[y * SIDE + i / 4] >> 8 * (i % 4));
        if (y > 0) /* from the first row on, libpng keeps what the filters need */
            png_set_filter(png, 0, PNG_FILTER_NONE << y % 5);
        png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);

    px_picture p;
    px_error e = {0};
    if (!px_picture_read(&p, path, &e))
        fail_msg("%s", e.text);
    assert_memory_equal(p.px, px, sizeof px);
    px_picture_free(&p);
    unlink(path);
}

static void read_one_wide_row(uint32_t w)
{
    bytes row = {calloc((size_t)w * 4, 1), (size_t)w * 4};
    row.data[row.size - 4] = 7;
    bytes file = png_file(w, 1, 8, 6, row.data, row.size, NULL);
    px_picture p;
    px_error e = {0};
    bytes_free(&row);
    if (!px_picture_read_memory(&p, file.data, file.size, name, &e))
        fail_msg("%s", e.text);
    assert_int_equal(p.w, w);
    assert_int_equal(p.px[w - 1], 7);
    px_picture_free(&p);
    bytes_free(&file);
}

/* libpng's usual limit is a million columns; the image's is 2^26, which takes 1.5 GB here. */
static void reads_wide_pictures(void **unused)
{
    (void)unused;
    read_one_wide_row(1u << 21);
    if (getenv("PX_TEST_LARGE") != NULL)
        read_one_wide_row(1u << 26);
}

/* Files are read in pieces that double from 64 KiB; these end before, at and behind such a seam. */
static void reads_long_files(void **unused)
{
    (void)unused;
    char from[] = "/tmp/px-test-XXXXXX";
    close(mkstemp(from));
    const bytes file = png_of_pixels(W, H, pixels);
    static const size_t sizes[] = {65535, 65536, 65537, 131072, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bytes text = {calloc(1, sizes[i]), sizes[i] - file.size - 12}, b = {0};
        put(&b, file.data, file.size - 12);
        put_chunk(&b, "zTXt", text.data, text.size);
        put_iend(&b);
        assert_int_equal(b.size, sizes[i]);
        FILE *to = fopen(from, "wb");
        assert_int_equal(fwrite(b.data, 1, b.size, to), b.size);
        fclose(to);
        px_picture p;
        px_error e = {0};
        if (!px_picture_read(&p, from, &e))
            fail_msg("%s", e.text);
        expect_pixels(&p);
        px_picture_free(&p);
        bytes_free(&text);
        bytes_free(&b);
    }
    free(file.data);
    unlink(from);
}

static void reports_files_that_cannot_be_read(void **unused)
{
    (void)unused;
    px_picture p = {1, 1, NULL};
    px_error e = {0};
    assert_false(px_picture_read(&p, "tests/nowhere/x.pxi", &e));
    assert_int_equal(e.code, PX_E_SYSTEM);
    assert_string_equal(e.text, "tests/nowhere/x.pxi: cannot read it: No such file or directory");
    assert_int_equal(p.w, 0);
    assert_false(px_picture_read(&p, "/tmp", &e));
    assert_non_null(strstr(e.text, "/tmp: cannot read it: Is a directory"));
    assert_non_null(strstr(e.text, "Is a directory"));
}

/* ---- messages ---- */

static void cuts_messages_that_are_too_long(void **unused)
{
    (void)unused;
    px_error e;
    char text[2000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_false(px_fail(&e, PX_E_USAGE, "%s", text));
    assert_int_equal(e.code, PX_E_USAGE);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_string_equal(e.text + sizeof e.text - 5, "a...");
    assert_false(px_fail(NULL, PX_E_USAGE, "%s", "nobody asks"));
    assert_false(px_fail(&e, PX_E_INPUT, "%d %s", 7, "pixels"));
    assert_string_equal(e.text, "7 pixels");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_bit),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_every_flipped_bit),
        cmocka_unit_test(names_the_chunk_with_a_wrong_crc),
        cmocka_unit_test(refuses_what_is_no_png),
        cmocka_unit_test(refuses_other_forms),
        cmocka_unit_test(refuses_headers_without_meaning),
        cmocka_unit_test(refuses_great_claims),
        cmocka_unit_test(knows_its_limits),
        cmocka_unit_test(refuses_surplus_and_missing_pixels),
        cmocka_unit_test(refuses_wrong_sequences),
        cmocka_unit_test(refuses_trailing_bytes),
        cmocka_unit_test(takes_ancillary_chunks_for_nothing),
        cmocka_unit_test(reads_pixels_in_any_number_of_chunks),
        cmocka_unit_test(reads_every_filter),
        cmocka_unit_test(reads_wide_pictures),
        cmocka_unit_test(reads_long_files),
        cmocka_unit_test(reports_files_that_cannot_be_read),
        cmocka_unit_test(cuts_messages_that_are_too_long),
    };
    return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
