/* test_asm_language.c - expressions, directives, labels, the header: pixels worked by hand from ASSEMBLY.md and
 * SPEC.md. The checksums are Python's: zlib.crc32(struct.pack('<2I', w, h) + the pixels' bytes, those of pixel 4 being
 * 0). */
#include "tests/unit/asm_text.h"

#include "pxi/state.h"

/* The whole picture. */
static void expect_picture(const char *text, uint32_t w, uint32_t h, const uint32_t *expected)
{
    px_assembly x = assemble_with(text, NULL);
    assert_int_equal(x.picture.w, w);
    assert_int_equal(x.picture.h, h);
    expect_at(&x, 0, expected, (size_t)w * h);
    px_assembly_free(&x);
}

/* ---- values ---- */

static const struct {
    const char *text;
    int64_t value;
} values[] = {
    {"0", 0},
    {"1_000_000", 1000000},
    {"0xfF", 255},
    {"0B101", 5},
    {"'a'", 97},
    {"'\\n'", 10},
    {"'\\x7f'", 127},
    {"'\\''", 39},
    {"'\"'", 34},
    {"-5", -5},
    {"- -5", 5},
    {"+5", 5},
    {"~0", -1},
    {"-~5", 6},
    {"2 + 3 * 4", 14},
    {"(2 + 3) * 4", 20},
    {"20 - 5 - 3", 12},
    {"100 / 7 / 2", 7},
    {"-7 / 2", -3},
    {"-7 % 2", -1},
    {"7 % -4", 3},
    {"1 << 4 + 1", 32},
    {"256 >> 2 >> 1", 32},
    {"-16 >> 2", -4},
    {"-1 >> 63", -1},
    {"-3 << 2", -12},
    {"6 & 3 | 8", 10},
    {"1 | 6 ^ 2 & 3", 5},
    {"1 << 2 & 6", 4},
    {"(1 << 62) / (1 << 61)", 2},
    {"9223372036854775807 - 9223372036854775806", 1},
    {"W", 16},
    {"H", 4},
    {"N", 64},
    {"row(2)", 32},
    {"at(3, 1)", 19},
    {"at(W - 1, H - 1)", 63},
    {"rgba(1, 2, 3, 4)", 0x04030201},
    {"rgba(-1, 255, 0, 128)", 0x8000FFFF},
    {".", 5},
    {"$ + 1", 6},
    {"later - .", 2},
    {"k * 2", 42},
    {"((((((((1))))))))", 1},
};

static void computes_values(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[200];
        snprintf(text, sizeof text, ".size 16, 4\n.pixel %s\nhalt\nlater: .pixel later\nk = 21\n", values[i].text);
        px_assembly x = assemble_with(text, NULL);
        if (x.picture.px[5] != (uint32_t)values[i].value)
            fail_msg("%s is %" PRIu32 ", expected %" PRId64, values[i].text, x.picture.px[5], values[i].value);
        px_assembly_free(&x);
    }
}

static void constants_in_any_order(void **unused)
{
    (void)unused;
    px_assembly x = assemble_with(".size 8, 4\n"
                                  "a = b + 1\n"
                                  "b = c * 2\n"
                                  "c = end - start\n"
                                  "start: .pixel a, b, c, here\n"
                                  "here = .\n"
                                  "end: .zero 1\n",
                                  NULL);
    expect_at(&x, 5, (uint32_t[]){9, 8, 4, 9, 0}, 5);
    px_assembly_free(&x);
}

static void local_labels(void **unused)
{
    (void)unused;
    px_assembly x = assemble_with(".size 8, 4\n"
                                  "one:\n"
                                  ".again: jmp .again\n"
                                  "two: .size = 3\n"
                                  ".again: jmp .again\n"
                                  "  jmp one.again\n"
                                  "  .pixel .size, two.size\n"
                                  "  .reg .x, r9\n"
                                  "  sys .x\n"
                                  "three: .reg .x = r8\n"
                                  "  sys .x\n"
                                  "_four: _five: halt\n"
                                  "  jmp two\n  jmp three\n",
                                  NULL);
    expect_at(&x, 5, (uint32_t[]){0x06, 0x06, 0xFFFE0006, 3, 3, 0x00090005, 0x00080005, 0, 0xFFF90006, 0xFFFD0006}, 10);
    px_assembly_free(&x);
}

/* The forms of set settle: making one longer moves the labels behind it, which may make others longer. */
static void set_chooses_its_length(void **unused)
{
    (void)unused;
    /* With both short, edge is 5 + 2 + 32760 = 32767, and li would do. The second is long: edge is 32768, the first
     * must be long too, and edge is 32769. */
    px_assembly x = assemble_with(".size 256, 256\n"
                                  "  set r1, edge\n"
                                  "  set r2, 0x12345678\n"
                                  "  .zero 32760\n"
                                  "edge: halt\n",
                                  NULL);
    expect_at(&x, 5, (uint32_t[]){0x010B, 32769, 0x020B, 0x12345678, 0}, 5);
    px_assembly_free(&x);
    /* One pixel less: with the second long, edge is 32767. */
    x = assemble_with(".size 256, 256\n"
                      "  set r1, edge\n"
                      "  set r2, 0x12345678\n"
                      "  .zero 32759\n"
                      "edge: halt\n",
                      NULL);
    expect_at(&x, 5, (uint32_t[]){0x7FFF0144, 0x020B, 0x12345678, 0}, 4);
    px_assembly_free(&x);
}

/* ---- directives ---- */

static void data_directives(void **unused)
{
    (void)unused;
    static const uint32_t expected[] = {1,          0xFFFFFFFF, 0xFFFFFFFF, 'h',        'i', /* .pixel */
                                        0x04030201, 0x00FF8005,                              /* .bytes: padded */
                                        0x6C6C6568, 0x00000A6F,                              /* "hello\n" */
                                        0x40302010, 0x80FF007F,                              /* .rgba */
                                        9,          9,          9,                           /* .fill */
                                        0,          0,                                       /* .zero */
                                        0x00030201, 0x00060504,                              /* .matrix 2, 3 */
                                        0x08070605,                                          /* .bytes: full */
                                        0x04030201,                                          /* .matrix 1, 4 */
                                        0xFC030201, 0x00000005, 0x09080706, 0x0000000A,      /* .matrix 2, 5 */
                                        'x',        0xC3,       0xA9,       0};
    expect_picture(".header none\n.size 28, 1\n"
                   ".pixel 1, -1, 0xFFFFFFFF, \"hi\" ; comment\n"
                   ".bytes 1, 2, 3,\n"
                   "    4, 5,   ; more follows\n"
                   "\n"
                   "    -128, 255\n"
                   ".Bytes \"hel\", \"lo\\n\"\n"
                   ".rgba 0x10, 0x20, 0x30, 0x40, 127, 0, -1, -128\n"
                   ".fill 3, 9\n"
                   ".fill 0, 5\n"
                   ".zero 2\n"
                   ".matrix 2, 3, 1, 2, 3,\n"
                   "              4, 5, 6\n"
                   ".bytes 5, 6, 7, 8\n"
                   ".matrix 1, 4, 1, 2, 3, 4\n"
                   ".matrix 2, 5, 1, 2, 3, -4, 5, 6, 7, 8, 9, 10\n"
                   ".matrix 0, 7\n"
                   ".text \"x\xC3\xA9\"\n"
                   ".word 0\n",
                   28, 1, expected);
}

static void place_directives(void **unused)
{
    (void)unused;
    static const uint32_t expected[24] = {
        [0] = 1, [4] = 2, [5] = 3, [8] = 4, [9] = 5, [16] = 6, [20] = 7, [18] = 8, [1] = 9, [23] = 10};
    expect_picture(".header none\n.size 4, 6\n"
                   ".row\n.pixel 1\n"           /* nothing to the left: this row */
                   ".row\n.pixel 2\n.pixel 3\n" /* the next */
                   ".align 4\n.pixel 4\n"
                   ".align 3\n.pixel 5\n.align 1\n"
                   ".row 4\n.pixel 6\n"
                   ".org row(5)\n.pixel 7\n"
                   ".org at(2, 4)\n.pixel 8\n"
                   ".org 1\n.pixel 9\n"
                   ".org N - 1\n.pixel 10\n",
                   4, 6, expected);
}

static void rows_as_needed(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        uint32_t w, h;
    } sizes[] = {
        {".size 4\n", 4, 2}, /* the header's five pixels */
        {".size 4\n.header none\n", 4, 1},
        {".size 4\n.header none\n.zero 8\n", 4, 2}, /* room asked for counts */
        {".size 4\n.header none\n.zero 9\n", 4, 3},
        {".size 4\n.header none\n.org 40\n", 4, 1}, /* a place alone does not */
        {".size 4\n.profile classic\nhalt\n", 4, 1},
        {".size 64\nset r1, N\nset r2, H\nhalt\n", 64, 1},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        px_assembly x = assemble_with(sizes[i].text, NULL);
        assert_int_equal(x.picture.w, sizes[i].w);
        assert_int_equal(x.picture.h, sizes[i].h);
        px_assembly_free(&x);
    }
}

/* SPEC.md section 10: the known result's program, and a matrix that goes round a row's end. */
static void classic_programs(void **unused)
{
    (void)unused;
    static const uint32_t dot[8 * 3] = {0x03020101, [8] = 1, 2, 3, 4, [16] = 10, 20, 30, 40};
    expect_picture(".profile classic\n.size 8, 3\ndot_rgb 1, 2, 3\nhalt\n"
                   ".row\n.pixel 1, 2, 3, 4\n.row\n.pixel 10, 20, 30, 40\n",
                   8, 3, dot);
    static const uint32_t matrix[4 * 4] = {0x03020104, [4] = 0x00020004, 1, 2, 3, 0, 4, 5, 6, 0, 7, 255, 77};
    expect_picture(".profile classic\n.size 4, 4\nmatmul 1, 2, 3\n"
                   ".row\n.classic_matrix 2, 4, 1, 2, 3, 4, 5, 6, 7, 255\n.pixel 77\n",
                   4, 4, matrix);
    static const uint32_t none[4 * 4] = {0x03020104, [4] = 0x00000005, 9};
    expect_picture(".profile classic\n.size 4, 4\nmatmul 1, 2, 3\n.row\n.classic_matrix 0, 5\n.pixel 9\n", 4, 4, none);
}

/* ---- the header ---- */

static void header(void **unused)
{
    (void)unused;
    static const uint32_t plain[8] = {0x01495850, 5, 7, 0, 0x6F05535E, 0x00070144, 0};
    expect_picture(".size 4, 2\nli r1, 7\nhalt\n", 4, 2, plain);
    static const uint32_t told[8] = {0x01495850, 6, 8, 0, 0, 0x00070144, 0};
    expect_picture(".size 4, 2\n.checksum none\n.endcode N\n.entry go\nli r1, 7\ngo: halt\n", 4, 2, told);
    static const uint32_t data_first[8] = {0x01495850, 6, 7, 0, 0, 55, 0};
    expect_picture(".size 4, 2\n.checksum none\n.pixel 55\nhalt\n", 4, 2, data_first);
    static const uint32_t empty[8] = {0x01495850, 5, 5, 0, 0};
    expect_picture(".size 4, 2\n.checksum none\n", 4, 2, empty);
    static const uint32_t tall[5] = {0x01495850, 0, 5, 0, 0};
    expect_picture(".size 1, 5\n.checksum none\n", 1, 5, tall);
    static const uint32_t raw[2] = {0, 0x00070144};
    expect_picture(".size 2, 1\n.header none\nhalt\nli r1, 7\n", 2, 1, raw);
}

static void loads_as_a_program(void **unused)
{
    (void)unused;
    px_assembly x = assemble_with(".size 16, 2\n_x: set r1, 0x12345678\nhalt\n", NULL);
    px_state state = {0};
    px_error error;
    if (!px_state_load(&state, &x.picture, "x", &error))
        fail_msg("%s", error.text);
    assert_int_equal(state.profile, PX_V1);
    assert_int_equal(state.pc, 5);
    px_state_free(&state);
    assert_int_equal(x.instructions, 2);
    assert_int_equal(x.code_pixels, 3);
    assert_int_equal(x.data_pixels, 0);
    assert_int_equal(x.free_pixels, 32 - 5 - 3);
    px_assembly_free(&x);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_values), cmocka_unit_test(constants_in_any_order),
        cmocka_unit_test(local_labels),    cmocka_unit_test(set_chooses_its_length),
        cmocka_unit_test(data_directives), cmocka_unit_test(place_directives),
        cmocka_unit_test(rows_as_needed),  cmocka_unit_test(classic_programs),
        cmocka_unit_test(header),          cmocka_unit_test(loads_as_a_program),
    };
    return cmocka_run_group_tests_name("asm_language", tests, NULL, NULL);
}
