/* test_asm_errors.c - every complaint of the assembler, in the place and with the words that tests/asm asks for.
 *
 * There, a line `;!  ^~~ error: text` below a line of source expects a diagnostic under these columns of it, and
 * `;! file error: text` one of the file as a whole. A text that ends in * may go on. Every file is assembled; what it
 * expects and what comes must be the same, one for one. Files without errors in their expectations must assemble. */
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/asm/asm.h"

enum { MAX_EXPECTED = 100 };

typedef struct expected {
    char file[64];
    uint32_t line, column, span;
    char text[300]; /* "error: there is ..." */
    bool met;
} expected;

typedef struct expectations {
    expected list[MAX_EXPECTED];
    size_t count;
} expectations;

/* Characters of UTF-8 before a byte offset. */
static uint32_t characters(const char *text, size_t bytes)
{
    uint32_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

static void read_expectation(expectations *all, const char *file, uint32_t line, char *text)
{
    expected *e = &all->list[all->count++];
    assert_true(all->count < MAX_EXPECTED);
    *e = (expected){.line = line};
    snprintf(e->file, sizeof e->file, "%s", file);
    text[strcspn(text, "\n")] = '\0';
    if (strncmp(text, ";! file ", 8) == 0) {
        e->line = 0;
        e->span = 1;
        snprintf(e->text, sizeof e->text, "%.299s", text + 8);
        return;
    }
    const char *mark = strchr(text, '^');
    if (mark == NULL)
        fail_msg("%s:%" PRIu32 ": an expectation without ^: %s", file, line, text);
    e->column = characters(text, (size_t)(mark - text)) + 1;
    e->span = 1 + (uint32_t)strspn(mark + 1, "~");
    snprintf(e->text, sizeof e->text, "%.299s", mark + e->span + 1);
}

static void read_expectations(expectations *all, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s is missing", path);
    char text[1024];
    uint32_t line = 0;
    for (uint32_t number = 1; fgets(text, sizeof text, file) != NULL; number++) {
        if (strncmp(text, ";!", 2) == 0)
            read_expectation(all, path, line, text);
        else
            line = number;
    }
    fclose(file);
}

static bool matches(const expected *e, const px_diagnostic *d)
{
    static const char *const severities[] = {"note", "warning", "error"};
    char text[1200];
    snprintf(text, sizeof text, "%s: %s", severities[d->severity], d->text);
    const size_t length = strlen(e->text);
    const bool open = length > 0 && e->text[length - 1] == '*';
    return !e->met && strcmp(e->file, d->file) == 0 && e->line == d->line &&
           (d->line == 0 || (e->column == d->column && e->span == d->span)) &&
           (open ? strncmp(e->text, text, length - 1) == 0 : strcmp(e->text, text) == 0);
}

static void complains_as_expected(void **state)
{
    const char *path = *state;
    static expectations all;
    all.count = 0;
    read_expectations(&all, path);
    if (strstr(path, "include") != NULL) {
        const bool cycle = strstr(path, "cycle") != NULL;
        read_expectations(&all, cycle ? "tests/asm/inc/cycle_a.inc" : "tests/asm/inc/wrong.inc");
        if (cycle)
            read_expectations(&all, "tests/asm/inc/cycle_b.inc");
    }

    px_assembly assembly;
    const bool ok = px_assemble_file(&assembly, path, NULL);
    size_t surprises = 0, errors = 0;
    for (size_t i = 0; i < assembly.diagnostic_count; i++) {
        const px_diagnostic *d = &assembly.diagnostics[i];
        size_t k = 0;
        while (k < all.count && !matches(&all.list[k], d))
            k++;
        if (k < all.count) {
            all.list[k].met = true;
            continue;
        }
        px_diagnostic_print(stderr, d, false);
        surprises++;
    }
    for (size_t k = 0; k < all.count; k++) {
        const expected *e = &all.list[k];
        errors += strncmp(e->text, "error", 5) == 0;
        if (!e->met)
            fprintf(stderr, "missing: %s:%" PRIu32 ":%" PRIu32 " (%" PRIu32 "): %s\n", e->file, e->line, e->column,
                    e->span, e->text);
        surprises += !e->met;
    }
    assert_true(all.count > 0);
    assert_int_equal(surprises, 0);
    assert_int_equal(ok, errors == 0);
    const size_t told = assembly.errors < PX_ASM_MAX_ERRORS ? assembly.errors : PX_ASM_MAX_ERRORS;
    assert_int_equal(told, errors);
    px_assembly_free(&assembly);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    glob_t found;
    static struct CMUnitTest tests[200];
    size_t count = 0;
    if (glob("tests/asm/*.pxa", 0, NULL, &found) == 0)
        for (; count < found.gl_pathc && count < 200; count++)
            tests[count] =
                (struct CMUnitTest){found.gl_pathv[count], complains_as_expected, NULL, NULL, found.gl_pathv[count]};
    if (count == 0) {
        puts("1..1\nnot ok 1 - no tests/asm/*.pxa; run from the repository's root");
        return 1;
    }
    const int failed = _cmocka_run_group_tests("asm_errors", tests, count, NULL, NULL);
    globfree(&found);
    return failed;
}
