/* test_asm_image.c - .incimage: pictures as rectangles and as runs, PNGs of every kind, and programs. */
#include "tests/unit/asm_text.h"
#include "tests/unit/make_png.h"

static bool give(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    const bytes *file = context;
    (void)path;
    (void)error;
    *data = malloc(file->size);
    *size = file->size;
    memcpy(*data, file->data, file->size);
    return true;
}

static const uint32_t six[] = {1, 0x00FFFFFF, 3, 4, 0xFF000000, 6};

static px_assembly assemble_image(const char *text, bytes *file, bool *ok)
{
    px_assembly x;
    const px_asm_options options = {.read = give, .context = file};
    *ok = px_assemble(&x, "image", text, strlen(text), &options);
    bytes_free(file);
    return x;
}

static px_assembly expect_good(const char *text, bytes file, size_t warnings)
{
    bool ok;
    px_assembly x = assemble_image(text, &file, &ok);
    for (size_t i = 0; !ok && i < x.diagnostic_count; i++)
        px_diagnostic_print(stderr, &x.diagnostics[i], false);
    assert_true(ok);
    assert_int_equal(x.warnings, warnings);
    return x;
}

static void expect_wrong(const char *text, bytes file, size_t errors, const char *message)
{
    bool ok;
    px_assembly x = assemble_image(text, &file, &ok);
    assert_false(ok);
    assert_int_equal(x.errors, errors);
    if (strcmp(x.diagnostics[0].text, message) != 0)
        fail_msg("'%s', expected '%s'", x.diagnostics[0].text, message);
    px_assembly_free(&x);
}

/* 3 x 2 at (2,1) of 6 columns: rows at 8 and 14; the program goes on where it was. */
static void keeps_rectangles(void **unused)
{
    (void)unused;
    px_assembly x =
        expect_good(".size 6, 3\n.incimage \"x.png\", 2, 1\nhalt\n.pixel 7, 8\n", png_of_pixels(3, 2, six), 0);
    expect_at(&x, 5, (uint32_t[]){0, 7, 8, 1, 0x00FFFFFF, 3, 0, 0, 0, 4, 0xFF000000, 6, 0}, 13);
    assert_int_equal(x.data_pixels, 8);
    assert_int_equal(x.free_pixels, 18 - 5 - 1 - 8);
    px_assembly_free(&x);
    /* As many rows as it needs; the right edge is reached. */
    x = expect_good(".size 6\n.incimage \"x.png\", W - 3, 4\nhalt\n", png_of_pixels(3, 2, six), 0);
    assert_int_equal(x.picture.h, 6);
    expect_at(&x, 33, (uint32_t[]){4, 0xFF000000, 6}, 3);
    px_assembly_free(&x);
}

static void refuses_rectangles(void **unused)
{
    (void)unused;
    expect_wrong(
        ".size 6, 3\n.incimage \"x.png\", 4, 1\n", png_of_pixels(3, 2, six), 1,
        "the picture is 3 wide: from column 4 it goes beyond the right edge of the image, which is 6 wide; the "
        "form is '.incimage \"file\" [, column, row | , linear]'");
    expect_wrong(".size 6, 3\n.incimage \"x.png\", 6, 1\n", png_of_pixels(3, 2, six), 1,
                 "the column of the rectangle is 6; allowed are 0 to 5; the form is '.incimage \"file\" [, column, row "
                 "| , linear]'");
    expect_wrong(".size 6, 3\n.incimage \"x.png\", 0, 2\n", png_of_pixels(3, 2, six), 1,
                 "this ends at address 20, pixel (2,3), beyond the image, which ends at address 17, pixel (5,2); "
                 "everything needs '.size 6, 4'");
    expect_wrong(
        ".size 6, 3\n.incimage \"x.png\", 1\n", png_of_pixels(3, 2, six), 1,
        "the line ends, expected ',' and the row; the form is '.incimage \"file\" [, column, row | , linear]'");
    /* Into its second row, which is from 14 to 16; between its rows there is room. */
    expect_wrong(".size 6, 3\n.incimage \"x.png\", 2, 1\n.org 11\n.zero 3\n.pixel 9\n", png_of_pixels(3, 2, six), 1,
                 "address 14, pixel (2,2): already written by image:2");
    /* Two pictures, of which every row meets: told once. */
    expect_wrong(".size 6, 4\n.incimage \"x.png\", 2, 1\n.incimage \"x.png\", 3, 1\n", png_of_pixels(3, 2, six), 1,
                 "addresses 9 to 10: already written by image:2");
    expect_wrong(".size 6, 3\n.incimage \"x.png\", 0, 0\n", png_of_pixels(3, 2, six), 1,
                 "addresses 0 to 2: this writes into the header, addresses 0 to 4; begin at 5, or say '.header none'");
}

static void warns_of_torn_rows(void **unused)
{
    (void)unused;
    px_assembly x = expect_good(".size 6, 3\n.row\n.incimage \"x.png\"\n", png_of_pixels(3, 2, six), 1);
    assert_string_equal(x.diagnostics[0].text,
                        "the picture is 3 wide and the image 6, so its rows are torn; '.incimage \"file\", column, "
                        "row' keeps them, '.incimage \"file\", linear' says that a run is meant");
    expect_at(&x, 6, six, 6);
    px_assembly_free(&x);
    x = expect_good(".size 3, 4\n.incimage \"x.png\"\n", png_of_pixels(3, 2, six), 1);
    assert_string_equal(x.diagnostics[0].text,
                        "the picture begins in column 2, so its rows are torn; '.incimage \"file\", column, row' keeps "
                        "them, '.incimage \"file\", linear' says that a run is meant");
    px_assembly_free(&x);
    px_assembly good = expect_good(".size 3, 4\n.row\n.incimage \"x.png\"\n", png_of_pixels(3, 2, six), 0);
    px_assembly_free(&good);
    good = expect_good(".size 8, 4\n.incimage \"x.png\", LINEAR\n", png_of_pixels(3, 2, six), 0);
    expect_at(&good, 5, six, 6);
    px_assembly_free(&good);
    good = expect_good(".size 8, 4\n.incimage \"x.png\"\n", png_of_pixels(6, 1, six), 0);
    px_assembly_free(&good);
}

/* PNG's own rules (section 11.2, 13): grey is spread, a palette looked up, RGB opaque, equal bytes of 16 bits one. */
static void takes_every_png(void **unused)
{
    (void)unused;
    static const struct {
        int depth, colour;
        const char *row;
        size_t row_bytes;
        uint32_t expected[2];
    } kinds[] = {
        {8, 0, "\x00\x80", 2, {0xFF000000, 0xFF808080}},
        {1, 0, "\x40", 1, {0xFF000000, 0xFFFFFFFF}},
        {8, 4, "\x7F\x00\x10\xFE", 4, {0x007F7F7F, 0xFE101010}},
        {8, 2, "\x11\x22\x33\xFF\x80\x7F", 6, {0xFF332211, 0xFF7F80FF}},
        {8, 3, "\1\0", 2, {0xFFFDFEFF, 0xFF332211}},
        {16, 0, "\x12\x12\xFF\xFF", 4, {0xFF121212, 0xFFFFFFFF}},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bytes palette = {0};
        if (kinds[i].colour == 3)
            put_chunk(&palette, "PLTE", "\x11\x22\x33\xFF\xFE\xFD", 6);
        px_assembly x =
            expect_good(".size 8, 2\n.incimage \"x.png\"\n",
                        png_file(2, 1, kinds[i].depth, kinds[i].colour, kinds[i].row, kinds[i].row_bytes, &palette), 0);
        expect_at(&x, 5, kinds[i].expected, 2);
        px_assembly_free(&x);
        bytes_free(&palette);
    }
    bytes inexact = png_file(1, 1, 16, 0, "\x12\x34", 2, NULL);
    bool ok;
    px_assembly x = assemble_image(".size 8, 2\n.incimage \"x.png\"\n", &inexact, &ok);
    assert_false(ok);
    assert_non_null(
        strstr(x.diagnostics[0].text, "has grey = 0x1234, expected a 16-bit sample whose two bytes are equal"));
    px_assembly_free(&x);
}

static bytes text_file(const char *text)
{
    bytes file = {0};
    put(&file, text, strlen(text));
    return file;
}

/* A program's picture is what px asm makes of it, as a run or as a rectangle; the names are each program's own. */
static void assembles_programs(void **unused)
{
    (void)unused;
    static const char part[] = ".size 3, 4\nK = 9\nmain: set r1, there\nhalt\n.row 3\nthere: .pixel 7, 8, K\n";
    px_assembly alone;
    assert_true(px_assemble(&alone, "part.pxa", part, sizeof part - 1, NULL));
    px_assembly x = expect_good(".size 8, 3\nK = 1\nmain: halt\n.incimage \"p.pxa\", linear\n", text_file(part), 0);
    expect_at(&x, 6, alone.picture.px, 12);
    px_assembly_free(&x);
    x = expect_good(".size 8, 6\nmain: halt\n.incimage \"p.pxa\", 4, 2\n", text_file(part), 0);
    for (uint32_t row = 0; row < 4; row++)
        expect_at(&x, (2 + row) * 8 + 4, alone.picture.px + row * 3, 3);
    px_assembly_free(&x);
    px_assembly_free(&alone);
    /* A PNG is a PNG, whatever its name; -D and --werror are of the whole. */
    x = expect_good(".size 8, 4\n.incimage \"x.pxa\", linear\n", png_of_pixels(3, 2, six), 0);
    expect_at(&x, 5, six, 6);
    px_assembly_free(&x);
    bytes file = text_file(".size 4, 2\nK = 1\nset r1, K\nhalt\n.pixel K\ndoubt:\n");
    const char *const define = "K=5";
    const char whole[] = ".size 8, 4\nK = 3\nset r1, K\nhalt\n.incimage \"p.pxa\", linear\n";
    const px_asm_options options = {.read = give, .context = &file, .defines = &define, .define_count = 1};
    px_asm_options strict = options;
    strict.werror = true;
    assert_true(px_assemble(&x, "whole.pxa", whole, sizeof whole - 1, &options));
    expect_at(&x, 5, (uint32_t[]){5u << 16 | 0x144}, 1);
    expect_at(&x, 7 + 5, (uint32_t[]){1u << 16 | 0x144}, 1);
    assert_int_equal(x.warnings, 1);
    px_assembly_free(&x);
    assert_false(px_assemble(&x, "whole.pxa", whole, sizeof whole - 1, &strict));
    assert_int_equal(x.errors, 0);
    px_assembly_free(&x);
    bytes_free(&file);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_rectangles), cmocka_unit_test(refuses_rectangles), cmocka_unit_test(warns_of_torn_rows),
        cmocka_unit_test(takes_every_png),  cmocka_unit_test(assembles_programs),
    };
    return cmocka_run_group_tests_name("asm_image", tests, NULL, NULL);
}
