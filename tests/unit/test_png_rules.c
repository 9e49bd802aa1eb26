/* test_png_rules.c - the list of SPEC.md section 2, file by file: what is refused, what for, and what is let through.
 *
 * Every file is made here, byte by byte; what it should come to is read off the PNG and zlib specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/picture.h"
#include "pxi/png/import.h"
#include "pxi/png/picture_file.h"
#include "tests/unit/make_png.h"

static const char name[] = "some/place/x.png";
static const char colours[771]; /* one more than there may be */

/* ---- files, chunk by chunk ---- */

/* One pixel, or two rows of one, of the colour type, with the named chunks in order. */
typedef struct spelling {
    const char *chunks; /* "PLTE:6 IDAT tRNS:2": a type, its length; IDAT is the whole stream unless it has one */
    int depth, colour;
} spelling;

static bytes spelled(spelling s)
{
    bytes b = {0}, z = deflated("\0\0\0\0\0\0\0\0", s.colour == 6 ? 5 : s.colour == 2 ? 4 : s.colour == 4 ? 3 : 2);
    size_t used = 0;
    put_signature(&b);
    put_ihdr(&b, 1, 1, s.depth, s.colour, 0);
    for (const char *at = s.chunks; *at != '\0'; at += strspn(at, " ")) {
        char type[5] = {at[0], at[1], at[2], at[3], '\0'};
        size_t length = 0;
        at += 4;
        if (strcmp(type, "IDAT") == 0)
            length = z.size - used;
        if (*at == ':')
            length = strtoul(at + 1, (char **)(uintptr_t)&at, 10);
        if (strcmp(type, "IDAT") == 0) {
            put_chunk(&b, type, z.data + used, length);
            used += length;
        } else {
            put_chunk(&b, type, colours, length);
        }
    }
    if (strstr(s.chunks, "IEND") == NULL)
        put_iend(&b);
    bytes_free(&z);
    return b;
}

static bool read_it(const bytes *file, bool imported, px_error *e)
{
    px_picture p = {0};
    const bool good = imported ? px_import_memory(&p, file->data, file->size, name, e)
                               : px_picture_read_memory(&p, file->data, file->size, name, e);
    px_picture_free(&p);
    return good;
}

static void expect_file(bytes *file, bool imported, const char *words)
{
    px_error e = {0};
    const bool good = read_it(file, imported, &e);
    if (good != (words == NULL))
        fail_msg("%s, expected %s", good ? "accepted" : e.text, words != NULL ? words : "to be accepted");
    if (words != NULL && (strstr(e.text, words) == NULL || strstr(e.text, name) == NULL))
        fail_msg("the message lacks the name or '%s': %s", words, e.text);
    bytes_free(file);
}

static void expect_spelled(int depth, int colour, const char *chunks, const char *words)
{
    bytes file = spelled((spelling){chunks, depth, colour});
    expect_file(&file, colour != 6, words);
}

/* ---- chunks ---- */

static void critical_chunks_have_their_places(void **unused)
{
    (void)unused;
    expect_spelled(8, 6, "IDAT", NULL);
    expect_spelled(8, 6, "IDAT:1 IDAT:0 IDAT IDAT:0", NULL);
    expect_spelled(8, 6, "IDAT:3 tEXt:4 IDAT", "does not follow the one before it");
    expect_spelled(8, 6, "IHDR:13 IDAT", "IHDR chunk at byte 33 is a second header");
    expect_spelled(8, 6, "IDAT IHDR:13", "is a second header");
    expect_spelled(8, 6, "PXOS:0 IDAT", "PXOS chunk at byte 33 is critical and not known");
    expect_spelled(8, 6, "IDAT IEND:1", "is not empty");
    expect_spelled(8, 6, "", "no IDAT chunk");
}

static void palettes_have_their_places(void **unused)
{
    (void)unused;
    expect_spelled(8, 6, "PLTE:3 IDAT", NULL); /* a suggestion */
    expect_spelled(8, 6, "PLTE:768 IDAT", NULL);
    expect_spelled(8, 6, "PLTE:0 IDAT", "has 0 bytes, expected 3 for each");
    expect_spelled(8, 6, "PLTE:4 IDAT", "has 4 bytes, expected 3 for each");
    expect_spelled(8, 6, "PLTE:771 IDAT", "has 771 bytes, expected 3 for each");
    expect_spelled(8, 6, "PLTE:3 PLTE:3 IDAT", "PLTE chunk at byte 48 is a second palette");
    expect_spelled(8, 6, "IDAT PLTE:3", "comes after the pixels");
    expect_spelled(8, 2, "PLTE:3 PLTE:3 IDAT", "is a second palette");
    expect_spelled(8, 2, "IDAT PLTE:3", "comes after the pixels");
    expect_spelled(8, 0, "PLTE:3 IDAT", "a grey picture may not have");
    expect_spelled(8, 4, "PLTE:3 IDAT", "a grey picture may not have");
    expect_spelled(8, 3, "IDAT", "without a palette");
    expect_spelled(8, 3, "IDAT PLTE:3", "without a palette");
    for (int depth = 1; depth <= 4; depth *= 2) {
        char chunks[32];
        snprintf(chunks, sizeof chunks, "PLTE:%d IDAT", 3 << depth);
        expect_spelled(depth, 3, chunks, NULL);
        snprintf(chunks, sizeof chunks, "PLTE:%d IDAT", 3 * ((1 << depth) + 1));
        expect_spelled(depth, 3, chunks, "bits can name only");
    }
}

/* What import takes alpha from has to be where every reader finds the same one. */
static void transparency_has_its_place(void **unused)
{
    (void)unused;
    expect_spelled(8, 3, "PLTE:6 tRNS:2 IDAT", NULL);
    expect_spelled(8, 3, "PLTE:6 tRNS:3 IDAT", "tRNS chunk at byte 51 has 3 bytes, expected at most 2");
    expect_spelled(8, 3, "PLTE:6 tRNS:2 tRNS:1 IDAT", "tRNS chunk at byte 65 is a second one");
    expect_spelled(8, 3, "tRNS:2 PLTE:6 IDAT", "comes before the palette");
    expect_spelled(8, 3, "PLTE:6 IDAT tRNS:2", "comes after the pixels");
    expect_spelled(8, 2, "tRNS:6 PLTE:6 IDAT", "comes before the palette");
    expect_spelled(8, 2, "tRNS:6 IDAT", NULL);
    expect_spelled(8, 2, "tRNS:2 IDAT", "has 2 bytes, expected 6");
    expect_spelled(8, 2, "IDAT tRNS:6", "comes after the pixels");
    expect_spelled(8, 0, "tRNS:2 IDAT", NULL);
    expect_spelled(8, 0, "tRNS:1 IDAT", "has 1 bytes, expected 2");
    expect_spelled(8, 0, "tRNS:2 tRNS:2 IDAT", "is a second one");
    expect_spelled(8, 4, "tRNS:2 IDAT", "beside an alpha channel");
    bytes file = spelled((spelling){"tRNS:6 IDAT", 8, 6});
    expect_file(&file, true, "beside an alpha channel");
    expect_spelled(8, 6, "tRNS:6 IDAT", NULL); /* an executor has alpha, and looks at nothing else */
}

/* Each of these is an error to the PNG specification, and nothing to a pixel program. */
static void other_ancillary_chunks_mean_nothing(void **unused)
{
    (void)unused;
    static const char *const chunks[] = {
        "IDAT gAMA:4",        "gAMA:4 gAMA:4 IDAT", "gAMA:3 IDAT",        "PLTE:3 gAMA:4 IDAT", "IDAT sRGB:1",
        "sRGB:1 iCCP:9 IDAT", "iCCP:0 IDAT",        "IDAT iCCP:9",        "bKGD:1 IDAT",        "IDAT bKGD:6",
        "hIST:2 IDAT",        "IDAT sPLT:9",        "PLTE:3 hIST:4 IDAT", "pHYs:9 pHYs:9 IDAT", "IDAT pHYs:1",
        "sBIT:9 IDAT",        "tIME:1 IDAT",        "zTXt:1 IDAT",        "acTL:8 IDAT",        "eXIf:0 IDAT",
        "abcd:1 IDAT",        "pxoS:3 IDAT",
    };
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        expect_spelled(8, 6, chunks[i], NULL);
        expect_spelled(8, 2, chunks[i], NULL); /* imported */
    }
}

/* ---- the compressed pixels ---- */

/* 128 x 1 pixels; from pixel 80 on the first 40 again, 320 bytes back: farther than a window of 256. */
static bytes far_back(int cinfo, int header, int preset)
{
    uint8_t row[1 + 512] = {0};
    uint32_t noise = 1;
    for (int i = 1; i <= 320; i++) {
        noise = noise * 1664525 + 1013904223;
        row[i] = (uint8_t)(noise >> 24);
    }
    memcpy(row + 321, row + 1, 160);
    bytes b = {0}, z = deflated(row, sizeof row);
    assert_true(z.size < 460); /* it did use the repetition */
    if (header >= 0) {
        z.data[0] = (uint8_t)(cinfo << 4 | 8);
        z.data[1] = (uint8_t)(header + preset);
        z.data[1] = (uint8_t)(z.data[1] + 31 - (z.data[0] * 256 + z.data[1]) % 31);
    }
    put_signature(&b);
    put_ihdr(&b, 128, 1, 8, 6, 0);
    put_chunk(&b, "IDAT", z.data, z.size);
    put_iend(&b);
    bytes_free(&z);
    return b;
}

static void a_window_is_what_it_says(void **unused)
{
    (void)unused;
    for (int cinfo = 1; cinfo <= 7; cinfo++) {
        bytes file = far_back(cinfo, 0, 0);
        expect_file(&file, false, NULL);
    }
    bytes file = far_back(0, 0, 0);
    expect_file(
        &file, false,
        "reach back farther than the window of 256 bytes that their zlib header declares: an encoder's mistake; "
        "`pngfix --out=NEW.png some/place/x.png`");
    file = far_back(8, 0, 0);
    expect_file(&file, false, "cannot be unpacked: invalid window size");
    file = far_back(7, 0, 0x20);
    expect_file(&file, false, "preset dictionary");
}

enum { ROW = 5, ROWS = 3 };

/* 1 x 3 pixels with these bytes in place of the rows, then the stream cut or continued by some. */
static bytes stream(const char *raw, size_t size, int change, int interlace)
{
    bytes b = {0}, z = deflated(raw, size);
    for (; change > 0; change--)
        put_byte(&z, 0);
    z.size -= (size_t)-change;
    put_signature(&b);
    put_ihdr(&b, 1, ROWS, 8, 6, interlace);
    put_chunk(&b, "IDAT", z.data, z.size);
    put_iend(&b);
    bytes_free(&z);
    return b;
}

static void refuses_stream(const char *raw, size_t size, int change, const char *words)
{
    bytes file = stream(raw, size, change, 0);
    expect_file(&file, false, words);
}

static void what_is_wrong_with_a_stream_is_said(void **unused)
{
    (void)unused;
    static const char rows[ROW * ROWS + 2], odd[ROW * ROWS] = {4, 0, 0, 0, 0, 5};
    refuses_stream(rows, ROW * ROWS, 0, NULL);
    refuses_stream(rows, ROW * ROWS, 3, "have 3 bytes behind their end");
    refuses_stream(rows, ROW * ROWS, -4, "are cut short: their last bytes (Adler-32) are missing");
    refuses_stream(rows, ROW * ROWS, -1, "are cut short");
    refuses_stream(rows, ROW * ROWS + 1, 0, "are more than the header's 1 x 3 pixels");
    refuses_stream(rows, ROW * ROWS - 1, 0, "end in row 2, expected 3 rows");
    refuses_stream(rows, ROW * 2, 0, "end in row 2, expected 3 rows");
    refuses_stream(rows, 0, 0, "end in row 0, expected 3 rows");
    refuses_stream(odd, sizeof odd, 0, "have filter type 5 in row 1, expected 0 to 4");
    /* 1 x 3 interlaced: pass 1 has row 0, pass 5 has row 2, pass 7 has row 1. */
    bytes file = stream(odd, sizeof odd, 0, 1);
    expect_file(&file, true, "have filter type 5 in row 0 of pass 5");
    file = stream(rows, ROW * 2, 0, 1);
    expect_file(&file, true, "end in row 0 of pass 7");
    file = stream(rows, ROW * ROWS, 0, 1);
    expect_file(&file, true, NULL);

    static const struct {
        size_t at;
        int to;
        const char *words;
    } damages[] = {{0, 0x77, "incorrect header check"},
                   {0, 0x79, "incorrect header check"},
                   {2, 0x07, "cannot be unpacked: invalid block type"},
                   {100, 0, "their Adler-32 is wrong"}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        bytes b = {0}, z = deflated(rows, ROW * ROWS);
        const size_t at = damages[i].at < z.size ? damages[i].at : z.size - 1;
        z.data[at] = damages[i].at < z.size ? (uint8_t)damages[i].to : (uint8_t)(z.data[at] ^ 1);
        put_signature(&b);
        put_ihdr(&b, 1, ROWS, 8, 6, 0);
        put_chunk(&b, "IDAT", z.data, z.size);
        put_iend(&b);
        bytes_free(&z);
        expect_file(&b, false, damages[i].words);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(critical_chunks_have_their_places), cmocka_unit_test(palettes_have_their_places),
        cmocka_unit_test(transparency_has_its_place),        cmocka_unit_test(other_ancillary_chunks_mean_nothing),
        cmocka_unit_test(a_window_is_what_it_says),          cmocka_unit_test(what_is_wrong_with_a_stream_is_said),
    };
    return cmocka_run_group_tests_name("png_rules", tests, NULL, NULL);
}
