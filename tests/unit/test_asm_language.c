/* test_asm_language.c - expressions, directives, labels, the header: pixels worked by hand from ASSEMBLY.md and
 * SPEC.md. The checksums are Python's: zlib.crc32(struct.pack('<2I', w, h) + the pixels' bytes, those of pixel 4 being
 * 0). */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/asm.h"
#include "pxi/pixel.h"
#include "pxi/state.h"

static px_assembly assemble_with(const char *text, const px_asm_options *options)
{
    px_assembly x;
    if (!px_assemble(&x, "dir/main.pxa", text, strlen(text), options)) {
        for (size_t i = 0; i < x.diagnostic_count; i++)
            px_diagnostic_print(stderr, &x.diagnostics[i], false);
        fail_msg("this does not assemble:\n%s", text);
    }
    return x;
}

static void expect_at(const px_assembly *x, uint32_t address, const uint32_t *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (x->picture.px[address + i] != expected[i])
            fail_msg("pixel %zu is 0x%08" PRIX32 ", expected 0x%08" PRIX32, address + i, x->picture.px[address + i],
                     expected[i]);
}

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

/* ---- files ---- */

typedef struct reading {
    char paths[20][64];
    int count;
} reading;

static bool read_file(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    static const struct {
        const char *path, *text;
    } files[] = {{"dir/a.inc", "v = 7\n.include \"sub/b.inc\"\n"},
                 {"dir/sub/b.inc", ".pixel v\n.include \"c.inc\""},
                 {"dir/sub/c.inc", "halt"},
                 {"/abs.inc", "nop\n"}};
    reading *log = context;
    snprintf(log->paths[log->count++], 64, "%s", path);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(path, files[i].path) == 0) {
            *size = strlen(files[i].text);
            *data = malloc(*size);
            memcpy(*data, files[i].text, *size);
            return true;
        }
    if (strncmp(path, "dir/deep", 8) != 0)
        return px_fail(error, PX_E_SYSTEM, "%s: not here", path);
    *data = malloc(64);
    *size = (size_t)snprintf((char *)*data, 64, ".include \"%sx\"\n", path + 4);
    return true;
}

static void includes(void **unused)
{
    (void)unused;
    reading log = {0};
    const px_asm_options options = {.read = read_file, .context = &log};
    px_assembly x = assemble_with(".size 8, 2\n.include \"a.inc\" ; here\n.include \"/abs.inc\"\n", &options);
    expect_at(&x, 5, (uint32_t[]){7, 0, 0x30}, 3);
    assert_int_equal(log.count, 4);
    assert_string_equal(log.paths[0], "dir/a.inc");
    assert_string_equal(log.paths[1], "dir/sub/b.inc");
    assert_string_equal(log.paths[2], "dir/sub/c.inc");
    assert_string_equal(log.paths[3], "/abs.inc");
    px_assembly_free(&x);
}

static void expect_error(const char *text, const px_asm_options *options, const char *message)
{
    px_assembly x;
    assert_false(px_assemble(&x, "dir/main.pxa", text, strlen(text), options));
    assert_null(x.picture.px);
    assert_true(x.diagnostic_count > 0);
    if (strcmp(x.diagnostics[0].text, message) != 0)
        fail_msg("'%s', expected '%s'", x.diagnostics[0].text, message);
    px_assembly_free(&x);
}

static void bounds_includes(void **unused)
{
    (void)unused;
    reading log = {0};
    const px_asm_options options = {.read = read_file, .context = &log};
    expect_error(".include \"a.inc\"\n", NULL, "files cannot be included here: the text was not read from a file");
    expect_error(".include \"b.inc\"\n", &options, "dir/b.inc: not here");
    reading deep = {0};
    const px_asm_options deep_options = {.read = read_file, .context = &deep};
    expect_error(".include \"deep\"\n", &deep_options, "files included more than 16 deep");
    assert_int_equal(deep.count, 16);
}

static bool read_picture(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    return px_asm_read_file(NULL, *path != '\0' ? context : path, data, size, error);
}

static void embeds_pictures(void **unused)
{
    (void)unused;
    char path[] = "/tmp/test_asm_XXXXXX";
    px_picture picture;
    assert_true(px_picture_new(&picture, 3, 2, NULL));
    memcpy(picture.px, (uint32_t[]){1, 0x00FFFFFF, 3, 4, 0xFF000000, 6}, 24);
    assert_non_null(mkdtemp(path));
    char file[64];
    snprintf(file, sizeof file, "%s/x.png", path);
    assert_true(px_picture_write(&picture, file, NULL));
    const px_asm_options options = {.read = read_picture, .context = file};
    px_assembly x = assemble_with(".size 4, 4\nhalt\n.row\nsprite: .incimage \"x.png\"\n.pixel sprite\n", &options);
    expect_at(&x, 8, (uint32_t[]){1, 0x00FFFFFF, 3, 4, 0xFF000000, 6, 8}, 7);
    assert_int_equal(x.data_pixels, 7);
    px_assembly_free(&x);
    px_picture_free(&picture);
    remove(file);
    remove(path);
}

static void reads_files(void **unused)
{
    (void)unused;
    px_assembly x;
    assert_false(px_assemble_file(&x, "tests/asm/no-such.pxa", NULL));
    assert_int_equal(x.errors, 1);
    assert_string_equal(x.diagnostics[0].text, "tests/asm/no-such.pxa: cannot read it: No such file or directory");
    px_assembly_free(&x);
    assert_false(px_assemble_file(&x, "tests/asm", NULL));
    assert_string_equal(x.diagnostics[0].text, "tests/asm: cannot read it: Is a directory");
    px_assembly_free(&x);
}

/* ---- options ---- */

static void definitions_from_outside(void **unused)
{
    (void)unused;
    const char *const defines[] = {"size=8", "other = size * 2", "unused=1"};
    const px_asm_options options = {.defines = defines, .define_count = 3};
    px_assembly x = assemble_with(".size size, 2\nsize = 64\n.pixel size, other\n", &options);
    expect_at(&x, 5, (uint32_t[]){8, 16}, 2);
    assert_int_equal(x.warnings, 1);
    assert_string_equal(x.diagnostics[0].text, "'unused' is set on the command line, but nothing uses it");
    px_assembly_free(&x);

    const char *const wrong[] = {"halt", "x", "=4", "x=4\nhalt"};
    static const char *const messages[] = {"'halt', expected name=value", "there is no instruction 'x'",
                                           "found '=', expected a label, an instruction or a directive",
                                           "'x=4\nhalt', expected name=value"};
    for (int i = 0; i < 4; i++) {
        const px_asm_options bad = {.defines = wrong + i, .define_count = 1};
        expect_error(".size 8, 2\n", &bad, messages[i]);
    }
}

static void warnings_as_errors(void **unused)
{
    (void)unused;
    const px_asm_options options = {.werror = true};
    px_assembly x = assemble_with(".size 8, 2\nhalt\n", &options);
    px_assembly_free(&x);
    static const char text[] = ".size 8, 2\nhalt\nlost: halt\n";
    assert_false(px_assemble(&x, "w", text, strlen(text), &options));
    assert_int_equal(x.errors, 0);
    assert_int_equal(x.warnings, 1);
    assert_null(x.picture.px);
    px_assembly_free(&x);
}

static void bounds_the_picture(void **unused)
{
    (void)unused;
    const px_asm_options options = {.max_pixels = 100};
    expect_error(".size 11, 10\n", &options, "the height is 10; allowed are 1 to 9");
    expect_error(".size 8\n.fill 101, 1\n", &options, "the first operand of .fill is 101; allowed are 0 to 100");
    expect_error(".size 9\n.org 98\n.zero 100\n", &options,
                 "address 197, pixel (8,21) is beyond the largest picture, 100 pixels");
}

/* ---- what comes out ---- */

static void symbols(void **unused)
{
    (void)unused;
    px_assembly x = assemble_with(".size 8, 2\n.reg acc, r5\nk = -3\nstart: li acc, k\n.in: halt\ndata: .pixel data\n"
                                  "  jmp start.in\n",
                                  NULL);
    static const px_symbol expected[] = {{"start", 5, PX_SYMBOL_CODE},
                                         {"start.in", 6, PX_SYMBOL_CODE},
                                         {"data", 7, PX_SYMBOL_DATA},
                                         {"k", -3, PX_SYMBOL_CONSTANT},
                                         {"acc", 5, PX_SYMBOL_REGISTER}};
    assert_int_equal(x.symbol_count, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(x.symbols[i].name, expected[i].name);
        assert_int_equal(x.symbols[i].value, expected[i].value);
        assert_int_equal(x.symbols[i].kind, expected[i].kind);
    }

    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    assert_true(px_symbols_write(to, x.symbols, x.symbol_count));
    fclose(to);
    assert_string_equal(text, "5 code start\n6 code start.in\n7 data data\n-3 constant k\n5 register acc\n");
    px_symbol *read;
    size_t count;
    assert_true(px_symbols_read(&read, &count, text, size, "x.sym", NULL));
    assert_int_equal(count, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(read[i].name, expected[i].name);
        assert_int_equal(read[i].value, expected[i].value);
        assert_int_equal(read[i].kind, expected[i].kind);
    }
    px_symbols_free(read, count);
    free(text);
    px_assembly_free(&x);
}

static void refuses_bad_symbol_files(void **unused)
{
    (void)unused;
    static const char *const files[][2] = {
        {"5 code a\nx code b\n", "x.sym:2: not a line of a symbol file: it does not begin with a number"},
        {"5 code\n", "x.sym:1: not a line of a symbol file: expected 'value kind name'"},
        {"5 code a b\n", "x.sym:1: not a line of a symbol file: expected 'value kind name'"},
        {"5 label a\n", "x.sym:1: not a line of a symbol file: the kind is none of code, data, constant, register"},
        {"99999999999999999999 code a", "x.sym:1: not a line of a symbol file: it does not begin with a number"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        px_symbol *read;
        size_t count;
        px_error error;
        assert_false(px_symbols_read(&read, &count, files[i][0], strlen(files[i][0]), "x.sym", &error));
        assert_string_equal(error.text, files[i][1]);
        assert_null(read);
    }
}

/* Marks stand below what they mark: tabs stay tabs, and é is one character wide. */
static void prints_diagnostics(void **unused)
{
    (void)unused;
    static const char source[] = ".size 8, 2\n\t.text \"h\xC3\xA9\" wrong ; \x1B[2J\r\n\n  jmp gone";
    px_assembly x;
    assert_false(px_assemble(&x, "p.pxa", source, strlen(source), NULL));
    assert_int_equal(x.diagnostic_count, 2);
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    px_diagnostic_print(to, &x.diagnostics[0], false);
    px_diagnostic_print(to, &x.diagnostics[1], true);
    fclose(to);
    assert_string_equal(text, "p.pxa:2:13: error: found 'wrong', expected ',' or the end of the line\n"
                              "\t.text \"h\xC3\xA9\" wrong ; ?[2J\n"
                              "\t           ^~~~~\n"
                              "p.pxa:4:7: \033[1;31merror:\033[0m 'gone' is not defined\n"
                              "  jmp gone\n"
                              "      \033[1;31m^~~~\033[0m\n");
    free(text);
    px_assembly_free(&x);
}

static void sorts_diagnostics(void **unused)
{
    (void)unused;
    /* Found in this order: the syntax of line 4, the name of line 2, the name of line 3. */
    static const char source[] = ".size 8, 2\njmp a\njmp b\nadd\n";
    px_assembly x;
    assert_false(px_assemble(&x, "s", source, strlen(source), NULL));
    assert_int_equal(x.diagnostic_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(x.diagnostics[i].line, i + 2);
    px_assembly_free(&x);
}

static void manual_example_assembles(void **unused)
{
    (void)unused;
    uint8_t *text;
    size_t size;
    assert_true(px_asm_read_file(NULL, "pxi/ASSEMBLY.md", &text, &size, NULL));
    text = realloc(text, size + 1);
    text[size] = '\0';
    char *start = strstr((char *)text, "\n```\n"), *end = start != NULL ? strstr(start + 5, "\n```\n") : NULL;
    assert_non_null(end);
    end[1] = '\0';
    px_assembly x = assemble_with(start + 5, NULL);
    char summary[100];
    snprintf(summary, sizeof summary,
             "gradient.pxa: %" PRIu32 "x%" PRIu32 ", %" PRIu32 " instructions, %" PRIu32 " data pixels, %" PRIu32
             " free",
             x.picture.w, x.picture.h, x.instructions, x.data_pixels, x.free_pixels);
    end[1] = '`';
    assert_non_null(strstr(end, summary));
    assert_int_equal(x.warnings, 0);
    px_assembly_free(&x);
    free(text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_values),
        cmocka_unit_test(constants_in_any_order),
        cmocka_unit_test(local_labels),
        cmocka_unit_test(set_chooses_its_length),
        cmocka_unit_test(data_directives),
        cmocka_unit_test(place_directives),
        cmocka_unit_test(rows_as_needed),
        cmocka_unit_test(classic_programs),
        cmocka_unit_test(header),
        cmocka_unit_test(loads_as_a_program),
        cmocka_unit_test(includes),
        cmocka_unit_test(bounds_includes),
        cmocka_unit_test(embeds_pictures),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(definitions_from_outside),
        cmocka_unit_test(warnings_as_errors),
        cmocka_unit_test(bounds_the_picture),
        cmocka_unit_test(symbols),
        cmocka_unit_test(refuses_bad_symbol_files),
        cmocka_unit_test(prints_diagnostics),
        cmocka_unit_test(sorts_diagnostics),
        cmocka_unit_test(manual_example_assembles),
    };
    return cmocka_run_group_tests_name("asm_language", tests, NULL, NULL);
}
