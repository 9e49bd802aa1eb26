/* test_import.c - every kind of PNG becomes exactly the RGBA that it stands for, or is refused.
 *
 * The expected pixels are worked out by hand from the PNG specification; the interlaced files come from libpng's own
 * writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

#include "pxi/picture.h"
#include "pxi/pixel.h"
#include "pxi/png/import.h"
#include "pxi/png/picture_file.h"
#include "tests/unit/make_png.h"
#include "tests/unit/run_command.h"

static const char name[] = "some/place/x.png";

static void expect_import(const bytes *file, const uint32_t *expected, size_t count)
{
    px_picture p;
    px_error e = {0};
    if (!px_import_memory(&p, file->data, file->size, name, &e))
        fail_msg("refused: %s", e.text);
    assert_int_equal((size_t)p.w * p.h, count);
    for (size_t i = 0; i < count; i++)
        if (p.px[i] != expected[i])
            fail_msg("pixel %zu is 0x%08X, expected 0x%08X", i, (unsigned)p.px[i], (unsigned)expected[i]);
    px_picture_free(&p);
}

static void expect_refused(const bytes *file, const char *words)
{
    px_picture p = {1, 1, NULL};
    px_error e = {0};
    if (px_import_memory(&p, file->data, file->size, name, &e))
        fail_msg("accepted, expected a refusal with '%s'", words);
    assert_int_equal(e.code, PX_E_INPUT);
    assert_int_equal(p.w, 0);
    if (strstr(e.text, name) == NULL || strstr(e.text, words) == NULL)
        fail_msg("the message lacks the name or '%s': %s", words, e.text);
}

/* One row, with at most one chunk between IHDR and IDAT and one more before that. */
typedef struct chunk {
    const char *type, *data;
    size_t size;
} chunk;

static bytes one_row(uint32_t w, int depth, int colour, const char *row, size_t row_bytes, chunk first, chunk second)
{
    bytes extra = {0};
    if (first.type != NULL)
        put_chunk(&extra, first.type, first.data, first.size);
    if (second.type != NULL)
        put_chunk(&extra, second.type, second.data, second.size);
    bytes file = png_file(w, 1, depth, colour, row, row_bytes, &extra);
    bytes_free(&extra);
    return file;
}

static const chunk none = {0};
static const chunk two_colours = {"PLTE", "\x11\x22\x33\xFF\xFE\xFD", 6};
static const chunk three_colours = {"PLTE", "\x11\x22\x33\xFF\xFE\xFD\x00\x01\x02", 9};

static void imports(uint32_t w, int depth, int colour, const char *row, size_t row_bytes, chunk first, chunk second,
                    const uint32_t *expected)
{
    bytes file = one_row(w, depth, colour, row, row_bytes, first, second);
    expect_import(&file, expected, w);
    bytes_free(&file);
}

static void refuses(uint32_t w, int depth, int colour, const char *row, size_t row_bytes, chunk first, chunk second,
                    const char *words)
{
    bytes file = one_row(w, depth, colour, row, row_bytes, first, second);
    expect_refused(&file, words);
    bytes_free(&file);
}

/* ---- each colour type ---- */

static void rgba_stays(void **unused)
{
    (void)unused;
    imports(2, 8, 6, "\x11\x22\x33\x00\xFF\x80\x7F\x01", 8, none, none, (uint32_t[]){0x00332211, 0x017F80FF});
    imports(1, 8, 6, "\x11\x22\x33\x00", 4, (chunk){"gAMA", "\0\1\x86\xA0", 4}, (chunk){"bKGD", "\0\1", 2},
            (uint32_t[]){0x00332211});
}

static void rgb_is_opaque(void **unused)
{
    (void)unused;
    const uint32_t expected[] = {0xFF332211, 0xFF7F80FF};
    imports(2, 8, 2, "\x11\x22\x33\xFF\x80\x7F", 6, none, none, expected);
    imports(2, 8, 2, "\x11\x22\x33\xFF\x80\x7F", 6, (chunk){"gAMA", "\0\1\x86\xA0", 4}, (chunk){"iCCP", "nonsense", 8},
            expected);
    /* A key makes its colour transparent and keeps it; a near miss stays. */
    imports(2, 8, 2, "\x11\x22\x33\x11\x22\x34", 6, (chunk){"tRNS", "\0\x11\0\x22\0\x33", 6}, none,
            (uint32_t[]){0x00332211, 0xFF342211});
}

static void grey_is_spread(void **unused)
{
    (void)unused;
    imports(3, 8, 0, "\x00\x80\xFF", 3, none, none, (uint32_t[]){0xFF000000, 0xFF808080, 0xFFFFFFFF});
    imports(9, 1, 0, "\xA5\x80", 2, none, none,
            (uint32_t[]){0xFFFFFFFF, 0xFF000000, 0xFFFFFFFF, 0xFF000000, 0xFF000000, 0xFFFFFFFF, 0xFF000000, 0xFFFFFFFF,
                         0xFFFFFFFF});
    imports(5, 2, 0, "\x1B\x80", 2, none, none, /* 0 1 2 3 2: multiples of 85 */
            (uint32_t[]){0xFF000000, 0xFF555555, 0xFFAAAAAA, 0xFFFFFFFF, 0xFFAAAAAA});
    imports(3, 4, 0, "\x1F\xE0", 2, none, none, (uint32_t[]){0xFF111111, 0xFFFFFFFF, 0xFFEEEEEE});
    /* Keys are stored samples: 1 of 0..3, and only the low bits count. */
    imports(4, 2, 0, "\x1B", 1, (chunk){"tRNS", "\0\1", 2}, none,
            (uint32_t[]){0xFF000000, 0x00555555, 0xFFAAAAAA, 0xFFFFFFFF});
    imports(4, 2, 0, "\x1B", 1, (chunk){"tRNS", "\xFF\xFD", 2}, none,
            (uint32_t[]){0xFF000000, 0x00555555, 0xFFAAAAAA, 0xFFFFFFFF});
}

static void grey_and_alpha_is_spread(void **unused)
{
    (void)unused;
    imports(2, 8, 4, "\x7F\x00\x10\xFE", 4, none, none, (uint32_t[]){0x007F7F7F, 0xFE101010});
}

static void palettes_are_looked_up(void **unused)
{
    (void)unused;
    const uint32_t a = 0xFF332211, b = 0xFFFDFEFF, c = 0xFF020100;
    imports(3, 8, 3, "\0\1\2", 3, three_colours, none, (uint32_t[]){a, b, c});
    imports(3, 4, 3, "\x21\x00", 2, three_colours, none, (uint32_t[]){c, b, a});
    imports(4, 2, 3, "\x24", 1, three_colours, none, (uint32_t[]){a, c, b, a});
    imports(3, 1, 3, "\x40", 1, two_colours, none, (uint32_t[]){a, b, a});
    /* Alpha for the first colours; those without are opaque. */
    imports(3, 8, 3, "\0\1\2", 3, three_colours, (chunk){"tRNS", "\0\x80", 2},
            (uint32_t[]){0x00332211, 0x80FDFEFF, 0xFF020100});
    imports(3, 8, 3, "\0\1\2", 3, three_colours, (chunk){"tRNS", "", 0}, (uint32_t[]){a, b, c});
}

static void sixteen_bits_must_repeat(void **unused)
{
    (void)unused;
    imports(1, 16, 6, "\x12\x12\x00\x00\xFF\xFF\x01\x01", 8, none, none, (uint32_t[]){0x01FF0012});
    imports(1, 16, 2, "\x12\x12\x34\x34\x56\x56", 6, none, none, (uint32_t[]){0xFF563412});
    imports(1, 16, 4, "\x12\x12\x00\x00", 4, none, none, (uint32_t[]){0x00121212});
    imports(2, 16, 0, "\x12\x12\x34\x34", 4, (chunk){"tRNS", "\x12\x12", 2}, none,
            (uint32_t[]){0x00121212, 0xFF343434});
    /* The key is compared with all 16 bits. */
    imports(1, 16, 0, "\x12\x12", 2, (chunk){"tRNS", "\x12\x13", 2}, none, (uint32_t[]){0xFF121212});

    refuses(1, 16, 6, "\x12\x12\x00\x00\xFF\xFF\x01\x02", 8, none, none,
            "pixel (0,0) has A = 0x0102, expected a 16-bit");
    refuses(1, 16, 2, "\x12\x12\x34\x33\x56\x56", 6, none, none, "pixel (0,0) has G = 0x3433");
    refuses(2, 16, 0, "\x12\x12\x00\xFF", 4, none, none, "pixel (1,0) has grey = 0x00FF, expected");
    refuses(1, 16, 4, "\x12\x12\x00\xFF", 4, none, none, "pixel (0,0) has alpha = 0x00FF");
    refuses(1, 16, 0, "\x00\xFF", 2, none, none, "save the picture with 8 bits");
}

static void damage_is_refused(void **unused)
{
    (void)unused;
    refuses(3, 8, 3, "\0\3\2", 3, three_colours, none, "pixel (1,0) is colour 3 of a palette of 3");
    refuses(3, 8, 3, "\0\1\2", 3, none, none, "without a palette");
    refuses(3, 8, 3, "\0\1\2", 3, (chunk){"PLTE", "\1\2\3\4", 4}, none, "has 4 bytes");
    refuses(3, 8, 3, "\0\1\2", 3, (chunk){"PLTE", "", 0}, none, "has 0 bytes");
    refuses(3, 8, 3, "\0\1\2", 3, three_colours, (chunk){"tRNS", "\1\2\3\4", 4},
            "tRNS chunk at byte 54 has 4 bytes, expected at most 3");
    refuses(1, 8, 0, "\0", 1, (chunk){"tRNS", "\1", 1}, none, "tRNS chunk at byte 33 has 1 bytes, expected 2");
    refuses(1, 8, 2, "\0\0\0", 3, (chunk){"tRNS", "\1\2", 2}, none, "has 2 bytes, expected 6");
    refuses(2, 8, 0, "\0", 1, none, none, "end in row 0, expected 1 rows");
    bytes file = one_row(3, 8, 3, "\0\1\2", 3, three_colours, none);
    file.size--;
    expect_refused(&file, "truncated");
    bytes_free(&file);
    refuses(1u << 27, 1, 0, "\0", 1, none, none, "claims 134217728 x 1 pixels");
}

/* ---- interlaced ---- */

static void append(png_structp png, png_bytep data, size_t size) { put(png_get_io_ptr(png), data, size); }

static void flush(png_structp png) { (void)png; }

static bytes interlaced(uint32_t w, uint32_t h, int depth, int colour, uint8_t *rows, size_t row_bytes)
{
    bytes b = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &b, append, flush);
    png_set_IHDR(png, info, w, h, depth, colour, PNG_INTERLACE_ADAM7, 0, 0);
    if (colour == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[16];
        for (int i = 0; i < 16; i++)
            palette[i] = (png_color){(png_byte)i, (png_byte)(16 + i), (png_byte)(32 + i)};
        png_set_PLTE(png, info, palette, 16);
    }
    png_write_info(png, info);
    png_bytep row[16];
    for (uint32_t y = 0; y < h; y++)
        row[y] = rows + y * row_bytes;
    png_write_image(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return b;
}

/* Every size up to 9 x 9, since small pictures leave passes empty. */
static void interlacing_is_undone(void **unused)
{
    (void)unused;
    for (uint32_t w = 1; w <= 9; w++)
        for (uint32_t h = 1; h <= 9; h++) {
            uint8_t rgba[81 * 4], packed[9 * 5] = {0};
            uint32_t expected[81], looked_up[81];
            for (uint32_t i = 0; i < w * h; i++) {
                expected[i] = (i + 1) * UINT32_C(2654435761);
                for (unsigned k = 0; k < 4; k++)
                    rgba[4 * i + k] = (uint8_t)px_byte(expected[i], k);
                const uint32_t colour = (7 * i + w) % 16, x = i % w, y = i / w;
                packed[y * 5 + x / 2] |= (uint8_t)(colour << (x % 2 ? 0 : 4));
                looked_up[i] = px_rgba(colour, 16 + colour, 32 + colour, 255);
            }
            bytes file = interlaced(w, h, 8, PNG_COLOR_TYPE_RGB_ALPHA, rgba, 4 * w);
            expect_import(&file, expected, w * h);
            bytes_free(&file);
            file = interlaced(w, h, 4, PNG_COLOR_TYPE_PALETTE, packed, 5);
            expect_import(&file, looked_up, w * h);
            file.data[file.size - 20] ^= 1; /* within IDAT or its CRC */
            expect_refused(&file, "damaged");
            bytes_free(&file);
        }
}

/* ---- the command ---- */

static char folder[] = "/tmp/px-test-XXXXXX";
static char in[64], out[64];

static int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(in, sizeof in, "%s/in.png", folder);
    snprintf(out, sizeof out, "%s/out.pxi", folder);
    return 0;
}

static int remove_folder(void **unused)
{
    (void)unused;
    unlink(in);
    unlink(out);
    return rmdir(folder);
}

static void command_converts(void **unused)
{
    (void)unused;
    bytes file = one_row(3, 8, 3, "\0\1\2", 3, three_colours, none);
    write_file(in, &file);
    run_result r = run_command(px_cmd_import, (char *[]){"px import", in, "-o", out, NULL});
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.text, out));
    assert_non_null(strstr(r.text, "a classic program, 3 x 1 = 3 pixels"));
    px_picture p;
    px_error e = {0};
    if (!px_picture_read(&p, out, &e))
        fail_msg("%s", e.text);
    assert_int_equal(p.px[0], 0xFF332211);
    px_picture_free(&p);
    bytes_free(&file);

    r = run_command(px_cmd_import, (char *[]){"px import", "-q", in, "-o", out, NULL});
    assert_int_equal(r.status, 0);
    assert_string_equal(r.text, "");
}

static void command_refuses(void **unused)
{
    (void)unused;
    struct stat s;
    bytes file = one_row(1, 16, 0, "\0\1", 2, none, none);
    write_file(in, &file);
    bytes_free(&file);
    run_result r = run_command(px_cmd_import, (char *[]){"px import", in, "-o", out, NULL});
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.text, "px import: "));
    assert_non_null(strstr(r.text, "pixel (0,0) has grey = 0x0001"));
    assert_int_equal(stat(out, &s), -1);

    /* A v1 program whose alpha an RGB file could not keep: exact, and lost. */
    file = one_row(5, 8, 2, "PXI\5\0\0\5\0\0\0\0\0\0\0\0", 15, none, none);
    write_file(in, &file);
    bytes_free(&file);
    r = run_command(px_cmd_import, (char *[]){"px import", in, "-o", out, NULL});
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.text, "a program of version 255"));
    assert_non_null(strstr(r.text, "dropped the alpha channel"));
    assert_non_null(strstr(r.text, "nothing was written"));
    assert_int_equal(stat(out, &s), -1);

    r = run_command(px_cmd_import, (char *[]){"px import", "tests/nowhere/x.png", "-o", out, NULL});
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.text, "tests/nowhere/x.png: cannot read it"));
}

static void command_explains_its_use(void **unused)
{
    (void)unused;
    run_result r = run_command(px_cmd_import, (char *[]){"px import", in, NULL});
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.text, "no output given; add -o FILE"));
    r = run_command(px_cmd_import, (char *[]){"px import", "-o", out, NULL});
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.text, "no PNG given"));
    r = run_command(px_cmd_import, (char *[]){"px import", "a", "b", "-o", out, NULL});
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.text, "'a' and 'b'"));
    r = run_command(px_cmd_import, (char *[]){"px import", "--help", NULL});
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.text, "Exit status: 0 converted"));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rgba_stays),
        cmocka_unit_test(rgb_is_opaque),
        cmocka_unit_test(grey_is_spread),
        cmocka_unit_test(grey_and_alpha_is_spread),
        cmocka_unit_test(palettes_are_looked_up),
        cmocka_unit_test(sixteen_bits_must_repeat),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(interlacing_is_undone),
        cmocka_unit_test_setup_teardown(command_converts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(command_refuses, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(command_explains_its_use, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
