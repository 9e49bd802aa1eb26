/* test_asm_api.c - what the assembler reads and gives besides pixels: included files, options, symbols, diagnostics. */
#include "pxi/png/picture_file.h"
#include "tests/unit/asm_text.h"

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

    const char *const debug[] = {"debug=1", "level = 2"};
    const px_asm_options with = {.defines = debug, .define_count = 2};
    static const char text[] = ".size 8, 2\nlevel = 5\n.if defined(debug)\n.pixel level\n.else\n.pixel 9\n.endif\n";
    x = assemble_with(text, &with);
    expect_at(&x, 5, (uint32_t[]){2}, 1);
    assert_int_equal(x.warnings, 0);
    px_assembly_free(&x);
    x = assemble_with(text, NULL);
    expect_at(&x, 5, (uint32_t[]){9}, 1);
    px_assembly_free(&x);

    const char *const wrong[] = {"halt", "x", "=4", "x=4\nhalt"};
    static const char *const messages[] = {"'halt', expected name=value", "'x', expected name=value",
                                           "'=4', expected name=value", "'x=4\nhalt', expected name=value"};
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
    expect_error(".size 11, 10\n", &options,
                 "the height is 10; allowed are 1 to 9; the form is '.size width [, height]'");
    expect_error(".size 8\n.fill 101, 1\n", &options,
                 "the first operand of .fill is 101; allowed are 0 to 100; the form is '.fill count, value'");
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
    assert_string_equal(text, "p.pxa:2:13: error: found 'wrong', expected ',' or the end of the line; "
                              "the form is '.text \"string\", ..'\n"
                              "\t.text \"h\xC3\xA9\" wrong ; ?[2J\n"
                              "\t           ^~~~~\n"
                              "p.pxa:4:7: \033[1;31merror:\033[0m 'gone' is not defined\n"
                              "  jmp gone\n"
                              "      \033[1;31m^~~~\033[0m\n");
    free(text);
    px_assembly_free(&x);
}

/* So much before a mistake of 1,000 letters: what is around its begin is shown, from 79 characters before on 200. */
static void prints_part_of_a_long_line(void **unused)
{
    (void)unused;
    for (int blanks = 300; blanks <= 300000; blanks *= 1000) {
        char *source = malloc((size_t)blanks + 1100), expected[1024], letters[122], waves[121], *text;
        size_t size;
        memset(letters, 'x', 121);
        memset(waves, '~', 120);
        letters[121] = waves[120] = '\0';
        const int head = sprintf(source, ".size 8, 2\n%*sjmp ", blanks, "");
        memset(source + head, 'x', 1000);
        source[head + 1000] = '\0';
        px_assembly x;
        assert_false(px_assemble(&x, "p", source, strlen(source), NULL));
        assert_int_equal(x.diagnostic_count, 1);
        assert_int_equal(x.diagnostics[0].column, blanks + 5);
        FILE *to = open_memstream(&text, &size);
        px_diagnostic_print(to, &x.diagnostics[0], false);
        fclose(to);
        snprintf(expected, sizeof expected, ".. %*sjmp %s ..\n%*s^%s\n", 75, "", letters, 3 + 79, "", waves);
        assert_non_null(strchr(text, '\n'));
        assert_string_equal(strchr(text, '\n') + 1, expected);
        free(text);
        free(source);
        px_assembly_free(&x);
    }
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
        cmocka_unit_test(prints_part_of_a_long_line),
        cmocka_unit_test(sorts_diagnostics),
        cmocka_unit_test(manual_example_assembles),
    };
    return cmocka_run_group_tests_name("asm_api", tests, NULL, NULL);
}
