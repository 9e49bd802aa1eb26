/* test_asm_foreign.c - what the assembler says to words that it does not have: the advice must be right. Each piece of
 * source in quotes is put into a program and must assemble; no guess may be the opposite of what was mistyped. */
#include "tests/unit/asm_text.h"
#include "tests/unit/make_png.h"

#include "pxi/asm/asm_internal.h"

/* The words of a form, as something that can stand in a program. */
static const char *stand_in(const char *word, size_t length)
{
    static const char *const pairs[][2] = {{"ra", "r1"},       {"rb", "r2"},     {"rc", "r3"},      {"rs", "r4"},
                                           {"sum", "r5"},      {"number", "6"},  {"label", "here"}, {"address", "99"},
                                           {"value", "7"},     {"low", "8"},     {"high", "9"},     {"count", "2"},
                                           {"channel", "1"},   {"pixels", "4"},  {"NAME", "K"},     {"condition", "1"},
                                           {"register", "r6"}, {"counter", "i"}, {"name", "n"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strlen(pairs[i][0]) == length && memcmp(word, pairs[i][0], length) == 0)
            return pairs[i][1];
    return NULL;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* The quoted text with its placeholders replaced and ", .." left out. */
static void fill_in(char *to, const char *from, size_t length)
{
    for (const char *at = from; at < from + length;) {
        size_t word = 0;
        while (at + word < from + length && is_letter(at[word]))
            word++;
        const char *other = word > 0 && (at == from || at[-1] != '.') ? stand_in(at, word) : NULL;
        if (strncmp(at, ", ..", 4) == 0) {
            at += 4;
        } else if (other != NULL) {
            to += sprintf(to, "%s", other);
            at += word;
        } else {
            const size_t step = word > 0 ? word : 1;
            memcpy(to, at, step);
            to += step;
            at += step;
        }
    }
    *to = '\0';
}

/* What opens or closes something needs its other half. */
static void put_advice(char *program, size_t size, const char *advice)
{
    static const char *const halves[][3] = {{".macro", "", "\n.endm"},        {".rept", "", "\n.endr"},
                                            {".if", "", "\n.endif"},          {".endm", ".macro m\n", ""},
                                            {".endr", ".rept 1\n", ""},       {".endif", ".if 1\n", ""},
                                            {".elif", ".if 0\n", "\n.endif"}, {".else", ".if 0\n", "\n.endif"}};
    const char *before = "", *after = "";
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        const size_t length = strlen(halves[i][0]);
        if (strncmp(advice, halves[i][0], length) == 0 && !is_letter(advice[length])) {
            before = halves[i][1];
            after = halves[i][2];
        }
    }
    snprintf(program, size, ".size 64, 64\n%s%s%s\nhere: halt\n", before, advice, after);
}

/* Files that advice names are there: a text and a picture of one pixel. */
static bool give_file(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    (void)context;
    (void)error;
    if (strstr(path, ".png") != NULL) {
        const bytes file = png_of_pixels(1, 1, (uint32_t[]){7});
        *data = file.data;
        *size = file.size;
        return true;
    }
    *data = calloc(1, 1);
    *size = 0;
    return *data != NULL;
}

static void expect_to_assemble(const char *word, const char *quoted, size_t length)
{
    char advice[200], program[400];
    fill_in(advice, quoted, length);
    if (is_letter(advice[0]) && strchr(advice, ' ') == NULL) { /* an instruction's name alone */
        if (px_opcode_named(PX_V1, advice) == NULL &&
            !asm_is_pseudo((asm_place){.at = advice, .length = (uint32_t)length}))
            fail_msg("'%s' tells of '%s', which is no instruction", word, advice);
        return;
    }
    put_advice(program, sizeof program, advice);
    px_assembly x;
    const px_asm_options options = {.read = give_file};
    if (!px_assemble(&x, "advice", program, strlen(program), &options)) {
        for (size_t i = 0; i < x.diagnostic_count; i++)
            px_diagnostic_print(stderr, &x.diagnostics[i], false);
        fail_msg("'%s' is told to be '%s', which does not assemble", word, advice);
    }
    px_assembly_free(&x);
}

static px_assembly complaint(const char *word)
{
    char program[100];
    px_assembly x;
    snprintf(program, sizeof program, ".size 64, 64\n%s\n", word);
    assert_false(px_assemble(&x, "word", program, strlen(program), NULL));
    assert_true(x.diagnostic_count > 0);
    return x;
}

static void advice_assembles(void **unused)
{
    (void)unused;
    size_t count = 0;
    for (const char *word; (word = asm_foreign_word(count)) != NULL; count++) {
        px_assembly x = complaint(word);
        const char *text = strchr(x.diagnostics[0].text, ';');
        if (text == NULL || strstr(text, "did you mean") != NULL)
            fail_msg("nothing is told of '%s': %s", word, x.diagnostics[0].text);
        for (const char *open = strchr(text, '\''); open != NULL;) {
            const char *close = strchr(open + 1, '\'');
            assert_non_null(close);
            expect_to_assemble(word, open + 1, (size_t)(close - open - 1));
            open = strchr(close + 1, '\'');
        }
        px_assembly_free(&x);
    }
    assert_true(count > 100);
}

/* Everything that one slip of the finger makes of a word: a letter lost, doubled, changed, or two exchanged. */
static size_t slips(char out[200][16], const char *word)
{
    const size_t n = strlen(word);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        snprintf(out[count++], 16, "%.*s%s", (int)i, word, word + i + 1);
        snprintf(out[count++], 16, "%.*s%c%s", (int)i + 1, word, word[i], word + i + 1);
        for (const char *c = "abcdeginqstux"; *c != '\0'; c++)
            snprintf(out[count++], 16, "%.*s%c%s", (int)i, word, *c, word + i + 1);
        if (i + 1 < n)
            snprintf(out[count++], 16, "%.*s%c%c%s", (int)i, word, word[i + 1], word[i], word + i + 2);
    }
    return count;
}

static void no_guess_is_the_opposite(void **unused)
{
    (void)unused;
    static const char *const opposites[][2] = {{"beq", "bne"},   {"blt", "bge"}, {"bltu", "bgeu"}, {"shl", "shr"},
                                               {"shli", "shri"}, {"min", "max"}, {"mini", "maxi"}, {"add", "sub"},
                                               {"addi", "subi"}, {"ldb", "stb"}};
    static char typed[200][16];
    for (size_t i = 0; i < 2 * sizeof opposites / sizeof *opposites; i++) {
        const char *meant = opposites[i / 2][i % 2], *wrong = opposites[i / 2][1 - i % 2];
        char suggestion[32];
        snprintf(suggestion, sizeof suggestion, "did you mean '%s'", wrong);
        const size_t count = slips(typed, meant);
        for (size_t k = 0; k < count; k++) {
            if (px_opcode_named(PX_V1, typed[k]) != NULL || strlen(typed[k]) < 2)
                continue;
            px_assembly x = complaint(typed[k]);
            if (strstr(x.diagnostics[0].text, suggestion) != NULL)
                fail_msg("'%s', meant as '%s': %s", typed[k], meant, x.diagnostics[0].text);
            px_assembly_free(&x);
        }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_assembles),
        cmocka_unit_test(no_guess_is_the_opposite),
    };
    return cmocka_run_group_tests_name("asm_foreign", tests, NULL, NULL);
}
