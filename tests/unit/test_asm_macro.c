/* test_asm_macro.c - macros, repeats and conditions: the pixels of what they make, worked by hand from ASSEMBLY.md;
 * bounds of what they may make. tests/asm has what they complain of. */
#include "tests/unit/asm_text.h"

/* The pixels from address 5 on. */
static void expect_pixels(const char *text, const uint32_t *expected, size_t count)
{
    px_assembly x = assemble_with(text, NULL);
    expect_at(&x, 5, expected, count);
    assert_int_equal(x.data_pixels + x.code_pixels, count);
    px_assembly_free(&x);
}

#define EXPECT(text, ...)                                                                                              \
    expect_pixels(".size 64, 4\n" text, (const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / 4)

static void arguments_take_the_place_of_parameters(void **unused)
{
    (void)unused;
    EXPECT(".macro m a, b\n.pixel a, b\n.endm\nm 1, 2\nM = 9\nm M, M + 1\n", 1, 2, 9, 10);
    EXPECT(".macro m a, b = 7\n.pixel a, b\n.endm\nm 1\nm 1, 2\nm 3,\n", 1, 7, 1, 2, 3, 7);
    EXPECT(".macro m a = 7, b = 8\n.pixel a, b\n.endm\nm\nm , 2\nm 3\n", 7, 8, 7, 2, 3, 8);
    EXPECT(".macro m\n.pixel 5\n.endm\nm\nx: m ; a comment\n.pixel x\n", 5, 5, 6);
    EXPECT(".macro m op, x\nop r1, x\n.endm\nm li, 3\nm lui, 4\n", 0x00030144, 0x00040145);
    /* Words alone: not in strings, comments, longer names. */
    EXPECT(".macro m a\naa = 1\n.pixel a, \"a\", aa, 'a' ; a\n.endm\nm 2\n", 2, 'a', 1, 'a');
    /* Commas in brackets and quotes do not part arguments; a ; in quotes begins no comment. */
    EXPECT(".macro m a, b\n.pixel a, b\n.endm\nm rgba(1, 2, 3, 4), \",;\"\n", 0x04030201, ',', ';');
    EXPECT(".macro m a, b\n.pixel a, b\n.endm\nm ',', ';'\n", ',', ';');
    /* An argument is one value, whatever stands around it: (1 + 2) * 2, -(1 + 2). */
    EXPECT(".macro m a\n.pixel a * 2, -a & 15\n.endm\nm 1 + 2\nm -1\n", 6, 13, 0xFFFFFFFE, 1);
    /* Brackets of an operand stay what they are. */
    EXPECT(".macro m x\nld r1, x\n.endm\nm [r2 + 4]\nm [r3]\n", 0x04020140, 0x00030140);
    /* Through two macros, with an argument that goes on. */
    EXPECT(".macro in a, b\n.pixel a, b\n.endm\n.macro out a\nin a, a * 2\n.endm\nout 1 + 2\n", 3, 6);
    /* A macro that makes a macro. */
    EXPECT(".macro make name, n\n.macro name\n.pixel n\n.endm\n.endm\nmake six, 6\nmake two, 2\nsix\ntwo\n", 6, 2);
    /* Names of macros and of labels do not meet. */
    EXPECT(".macro m a\n.pixel a\n.endm\nm: m m\n", 5);
}

static void local_names_are_the_expansions_own(void **unused)
{
    (void)unused;
    /* Each .x is where its expansion begins; the one outside is its label's. */
    EXPECT(".macro m\n.x: .pixel .x\n.endm\none:\n.x: .pixel .x\nm\nm\n.pixel .x, one.x\n", 5, 6, 7, 5, 5);
    /* What the body does not define, and what an argument names, is the caller's. */
    EXPECT(".macro m a\n.x: .pixel .x, a, .y\n.endm\none:\n.x: .y = 77\nm .x\n", 5, 5, 77);
    /* Through two levels, each with an .x: the argument is still the outermost one's. */
    EXPECT(".macro in a\n.x: .pixel .x, a\n.endm\n.macro out a\n.x: .pixel 0\nin .x\nin a\n.endm\none:\n.pixel 1\n"
           ".x:\nout .x + 100\n",
           1, 0, 7, 6, 9, 106);
    EXPECT(".macro m\n.k = 3\n.reg .r, r7\nsys .r\n.pixel .k\n.endm\nm\nm\n", 0x00070005, 3, 0x00070005, 3);
    EXPECT(".rept 2\n.x: jmp .x\njmp .out\n.endr\n.out: .pixel .out\n", 0x06, 0x00030006, 0x06, 0x00010006, 9);
    /* A label without a dot that a macro defines is there for all; locals after it are its. */
    EXPECT(".macro begin name\nname: .pixel 1\n.endm\nbegin f\n.x: .pixel f, f.x\n", 1, 5, 6);
}

static void repeats(void **unused)
{
    (void)unused;
    EXPECT(".rept 3, i\n.pixel i * i\n.endr\n.rept 0\n.pixel 99\n.endr\n", 0, 1, 4);
    EXPECT(".rept 2, y\n.rept 3, x\n.pixel 10 * y + x\n.endr\n.endr\n", 0, 1, 2, 10, 11, 12);
    EXPECT("K = 2\n.rept K + 1\n.pixel K\n.endr\n", 2, 2, 2);
    EXPECT(".macro m n\n.rept n, i\n.pixel i\n.endr\n.endm\nm 2\nm 1 + 1\n", 0, 1, 0, 1);
    EXPECT(".rept W / 32\n.pixel H\n.endr\n", 4, 4);
    EXPECT(".rept 2 ; twice\n.pixel 1, ; goes on\n 2\n.endr ; end\n", 1, 2, 1, 2);
}

static void conditions(void **unused)
{
    (void)unused;
    EXPECT(".if 1\n.pixel 1\n.else\n.pixel 2\n.endif\n.if 0\n.pixel 3\n.else\n.pixel 4\n.endif\n", 1, 4);
    EXPECT(".rept 4, i\n.if i == 0\n.pixel 10\n.elif i == 1\n.pixel 11\n.elif i < 3\n.pixel 12\n.else\n.pixel 13\n"
           ".endif\n.endr\n",
           10, 11, 12, 13);
    EXPECT(".if 0\n.if 1\n.pixel 1\n.else\n.pixel 2\n.endif\n.elif 1\n.pixel 3\n.if 0\n.else\n.pixel 4\n.endif\n.else\n"
           ".pixel 5\n.endif\n",
           3, 4);
    EXPECT("A = 1\n.if defined(A) && !defined(B)\nB = 2\n.endif\n.if defined(B)\n.pixel B\n.endif\n"
           ".if !defined(later)\nlater: .pixel 3\n.endif\n",
           2, 3);
    EXPECT(
        ".macro m\n.endm\n.reg x, r1\n.pixel defined(m), defined(x), defined(y), defined(.z)\n.z: sys x\n.pixel .z\n",
        1, 1, 0, 0, 0x00010005, 9);
    /* A recursive macro that ends: 4! in steps. */
    EXPECT(".macro f n, so_far = 1\n.if n > 1\nf n - 1, so_far * n\n.else\n.pixel so_far\n.endif\n.endm\nf 4\n", 24);
}

static void operators(void **unused)
{
    (void)unused;
    EXPECT(".pixel 1 < 2, 2 < 1, 2 <= 2, 3 > 2, 2 >= 3, 2 == 2, 2 != 2, -1 < 0\n", 1, 0, 1, 1, 0, 1, 0, 1);
    EXPECT(".pixel 5 && 3, 5 && 0, 0 || 7, 0 || 0, !5, !0, !!5\n", 1, 0, 1, 0, 0, 1, 1);
    /* As in C: comparisons above ==, that above &, | above &&, && above ||; shifts above comparisons. */
    EXPECT(".pixel 1 < 2 == 1, 3 & 2 == 2, 1 || 0 && 0, 1 << 2 > 3, 0 && 1 | 1, 4 | 0 && 1\n", 1, 1, 1, 1, 0, 1);
    /* The right side is not asked when the left decides. */
    EXPECT(".pixel 0 && 1 / 0, 1 || 1 / 0, (0 && 1 / 0) + 5, 1 && 0 || 6\n", 0, 1, 5, 1);
}

/* The places of an error: the line of the body, with the arguments in it; then each who asked, from the inside out. */
static void tells_the_way(void **unused)
{
    (void)unused;
    static const char text[] = ".size 8, 8\n.macro a x\n  li r1, x\n.endm\n.macro b y\n\n  a y + 1\n.endm\n  b 40000\n";
    static const struct {
        uint32_t line, column;
        const char *source;
    } expected[] = {{3, 10, "  li r1, (40000 + 1)"}, {7, 3, "  a 40000 + 1"}, {9, 3, "  b 40000"}};
    px_assembly x;
    assert_false(px_assemble(&x, "way", text, sizeof text - 1, NULL));
    assert_int_equal(x.errors, 1);
    assert_int_equal(x.diagnostic_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(x.diagnostics[i].line, expected[i].line);
        assert_int_equal(x.diagnostics[i].column, expected[i].column);
        assert_string_equal(x.diagnostics[i].source, expected[i].source);
    }
    px_assembly_free(&x);
}

/* Texts that would go on for ever, or make more than there is memory for: an error and an end. */
static void is_bounded(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        ".macro m\nm\nm\n.endm\nm\n",
        ".macro a\nb\n.endm\n.macro b\na\na\n.endm\na\n",
        ".macro m x\n.if 1\nm x x x x x x x x\n.endif\n.endm\nm 1\n",
        ".rept 1000000\n.rept 1000000\n.rept 1000000\n.endr\n.endr\n.endr\n",
        ".rept 100000\n.macro m\n.endm\n.endr\n",
        ".macro m x\nm x + x\n.endm\nm 1\n",
        ".rept 1000000\n.fill 60000000, 1\n.endr\n",
        ".rept 300\nwrong\n.endr\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[400];
        px_assembly x;
        snprintf(text, sizeof text, ".size 8\n%s", texts[i]);
        assert_false(px_assemble(&x, "bounded", text, strlen(text), NULL));
        assert_true(x.errors > 0 && x.errors <= 200);
        assert_true(x.diagnostic_count > 0);
        px_assembly_free(&x);
    }
}

/* 20 are told of the first 200, in the order of the text. */
static void counts_errors(void **unused)
{
    (void)unused;
    static const char text[] = ".size 8, 8\n.rept 30, i\nli r1, 40000 + i\n.endr\n";
    px_assembly x;
    assert_false(px_assemble(&x, "c", text, sizeof text - 1, NULL));
    assert_int_equal(x.errors, 30);
    assert_int_equal(x.diagnostic_count, 2 * PX_ASM_MAX_ERRORS); /* a note each */
    assert_string_equal(x.diagnostics[38].source, "li r1, 40000 + 19");
    char *printed;
    size_t size;
    FILE *to = open_memstream(&printed, &size);
    px_assembly_print(to, &x, false);
    fclose(to);
    assert_non_null(strstr(printed, "\n30 errors, 0 warnings; the first 20 of each are shown\n"));
    free(printed);
    px_assembly_free(&x);
}

/* Each instruction knows its line; what a macro makes stands where its body does, and a set of two pixels is one. */
static void instructions_know_their_lines(void **unused)
{
    (void)unused;
    static const uint32_t expected[][2] = {{5, 5}, {7, 3}, {8, 3}, {9, 3}, {40, 11}}; /* address, line */
    px_assembly x = assemble_with(".size 64, 4\n"
                                  ".macro one r\n"
                                  "  addi r, r, 1\n"
                                  ".endm\n"
                                  "  set r1, 0x12345678\n"
                                  "  one r1\n"
                                  "  .rept 2\n  one r2\n  .endr\n"
                                  "  .org 40\n  halt\n  .pixel 1\n",
                                  NULL);
    assert_int_equal(x.line_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < x.line_count; i++) {
        assert_int_equal(x.lines[i].address, expected[i][0]);
        assert_int_equal(x.lines[i].line, expected[i][1]);
        assert_string_equal(x.lines[i].file, "dir/main.pxa");
    }
    px_assembly_free(&x);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_know_their_lines),
        cmocka_unit_test(arguments_take_the_place_of_parameters),
        cmocka_unit_test(local_names_are_the_expansions_own),
        cmocka_unit_test(repeats),
        cmocka_unit_test(conditions),
        cmocka_unit_test(operators),
        cmocka_unit_test(tells_the_way),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(counts_errors),
    };
    return cmocka_run_group_tests_name("asm_macro", tests, NULL, NULL);
}
