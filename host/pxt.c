/* pxt.c - the conformance set's files: lines to drafts of cases, one case after the other. */
#include "host/pxt.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/number.h"
#include "pxi/text_file.h"

bool pxt_fail(px_error *error, const char *path, unsigned line, const char *format, ...)
{
    char text[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return px_fail(error, PX_E_INPUT, "%s:%u: %s", path, line, text);
}

typedef struct reader {
    px_cases *cases;
    pxt_draft draft;
    char *text; /* the file, cut into lines as it is read */
    unsigned line;
    bool in_case, sized, has_profile, has_budget;
    enum { NO_BLOCK, CODE_BLOCK, PNG_BLOCK } block; /* that indented lines belong to */
} reader;

/* ---- the lines of a case ---- */

static bool keep(reader *r, pxt_line *lines, size_t *count, char *text, px_error *error)
{
    if (*count == PXT_MOST_LINES)
        return pxt_fail(error, r->cases->path, r->line, "more than %d such lines in a case", PXT_MOST_LINES);
    lines[(*count)++] = (pxt_line){text, r->line};
    return true;
}

static bool once(reader *r, bool *seen, const char *word, px_error *error)
{
    if (*seen)
        return pxt_fail(error, r->cases->path, r->line, "'%s' twice in a case", word);
    *seen = true;
    return true;
}

static bool end_case(reader *r, px_error *error)
{
    if (!r->in_case)
        return true;
    px_case *c = &r->cases->at[r->cases->count - 1];
    if (r->draft.expects == 0)
        return pxt_fail(error, r->cases->path, c->line, "the case '%s' expects nothing", c->name);
    r->in_case = false;
    return pxt_build(c, &r->draft, error);
}

static bool begin_case(reader *r, const char *name, px_error *error)
{
    px_cases *cases = r->cases;
    if (!end_case(r, error))
        return false;
    if (*name == '\0')
        return pxt_fail(error, cases->path, r->line, "a case needs a name");
    for (size_t i = 0; i < cases->count; i++)
        if (strcmp(cases->at[i].name, name) == 0)
            return pxt_fail(error, cases->path, r->line, "there is a case '%s' in line %u already", name,
                            cases->at[i].line);
    char *copy = strdup(name);
    px_case *more = realloc(cases->at, (cases->count + 1) * sizeof *more);
    cases->at = more != NULL ? more : cases->at;
    if (more == NULL || copy == NULL) {
        free(copy);
        return pxt_fail(error, cases->path, r->line, "no memory");
    }
    cases->at[cases->count++] = (px_case){.name = copy, .line = r->line, .budget = 1};
    r->draft.profile = PX_V1;
    r->draft.w = 16;
    r->draft.h = 8;
    r->draft.givens = r->draft.expects = r->draft.codes = r->draft.pngs = 0;
    r->draft.zeros_w = r->draft.zeros_h = 0;
    r->sized = r->has_profile = r->has_budget = false;
    r->in_case = true;
    return true;
}

/* "16x8", of at most most pixels. */
static bool size_of(const char *text, uint32_t most, uint32_t *w, uint32_t *h)
{
    uint64_t columns, rows;
    if (!px_scan_number(&text, &columns) || *text++ != 'x' || !px_scan_number(&text, &rows) || *text != '\0' ||
        columns == 0 || rows == 0 || columns > most / rows)
        return false;
    *w = (uint32_t)columns;
    *h = (uint32_t)rows;
    return true;
}

static bool size_line(reader *r, const char *text, px_error *error)
{
    return once(r, &r->sized, "size", error) &&
           (size_of(text, PXT_MOST_PIXELS, &r->draft.w, &r->draft.h) ||
            pxt_fail(error, r->cases->path, r->line, "'size %s', expected a size as in 'size 16x8'", text));
}

static bool profile_line(reader *r, const char *text, px_error *error)
{
    if (!once(r, &r->has_profile, "profile", error))
        return false;
    if (strcmp(text, "v1") != 0 && strcmp(text, "classic") != 0)
        return pxt_fail(error, r->cases->path, r->line, "'profile %s', expected v1 or classic", text);
    r->draft.profile = strcmp(text, "v1") == 0 ? PX_V1 : PX_CLASSIC;
    return true;
}

static bool slot_named(const px_case *c, char name)
{
    for (size_t i = 0; i < c->slot_count; i++)
        if (c->slots[i].name == name)
            return true;
    return false;
}

/* "A 64 2x4", or "A 64 2x4 x100 apart 267". */
static bool slot_of(const char *text, pxt_slot *slot)
{
    char size[32];
    uint64_t at, copies = 1, apart = 0;
    if (text[0] < 'A' || text[0] > 'Z' || text[1] != ' ')
        return false;
    slot->name = text[0];
    text += 2;
    if (!px_scan_number(&text, &at) || *text++ != ' ')
        return false;
    const size_t length = strcspn(text, " ");
    snprintf(size, sizeof size, "%.*s", (int)length, text);
    text += length;
    if (strncmp(text, " x", 2) == 0) {
        text += 2;
        if (!px_scan_number(&text, &copies) || strncmp(text, " apart ", 7) != 0)
            return false;
        text += 7;
        if (!px_scan_number(&text, &apart))
            return false;
    }
    if (*text != '\0' || !size_of(size, PXT_MOST_PIXELS, &slot->w, &slot->h) || at > PXT_MOST_PIXELS || copies == 0 ||
        copies > PXT_MOST_PIXELS || apart > PXT_MOST_PIXELS)
        return false;
    slot->at = (uint32_t)at;
    slot->copies = (uint32_t)copies;
    slot->apart = (uint32_t)apart;
    return true;
}

/* Whether it lies in the image is seen when the case is built, since `size` may follow. */
static bool slot_line(reader *r, const char *text, px_error *error)
{
    px_case *c = &r->cases->at[r->cases->count - 1];
    pxt_slot slot;
    if (!slot_of(text, &slot))
        return pxt_fail(error, r->cases->path, r->line,
                        "'slot %s', expected a letter, an address and a size as in 'slot A 64 2x4', and for several "
                        "'x100 apart 267' behind it",
                        text);
    if (slot_named(c, slot.name))
        return pxt_fail(error, r->cases->path, r->line, "a second slot %c", slot.name);
    c->slots[c->slot_count++] = slot;
    return true;
}

static bool budget_line(reader *r, const char *text, px_error *error)
{
    px_case *c = &r->cases->at[r->cases->count - 1];
    if (!once(r, &r->has_budget, "budget", error))
        return false;
    return px_parse_number("budget", text, 0, UINT64_MAX, &c->budget, NULL) ||
           pxt_fail(error, r->cases->path, r->line, "'budget %s', expected a number of instructions", text);
}

/* That the ids are those of SPEC.md, tests/conformance/rules.py checks. */
static bool rule_line(reader *r, const char *text, px_error *error)
{
    px_case *c = &r->cases->at[r->cases->count - 1];
    if (*text == '\0' || c->rules != NULL)
        return pxt_fail(error, r->cases->path, r->line, "'rule %s', expected one line of ids of SPEC.md", text);
    c->rules = strdup(text);
    return c->rules != NULL || pxt_fail(error, r->cases->path, r->line, "no memory");
}

/* `png`, and the file in hexadecimal below it, or `png zeros WxH`. */
static bool png_line(reader *r, const char *text, px_error *error)
{
    if (*text == '\0') {
        r->block = PNG_BLOCK;
        return true;
    }
    if (strncmp(text, "zeros ", 6) == 0 && size_of(text + 6, 1u << 28, &r->draft.zeros_w, &r->draft.zeros_h))
        return true;
    return pxt_fail(error, r->cases->path, r->line,
                    "'png %s', expected png alone, with the file's bytes in the lines below, or as in 'png zeros 16x8'",
                    text);
}

static bool key_line(reader *r, const char *key, char *rest, px_error *error)
{
    if (strcmp(key, "case") == 0)
        return begin_case(r, rest, error);
    if (!r->in_case)
        return pxt_fail(error, r->cases->path, r->line, "'%s' before the first case", key);
    if (strcmp(key, "rule") == 0)
        return rule_line(r, rest, error);
    if (strcmp(key, "size") == 0)
        return size_line(r, rest, error);
    if (strcmp(key, "slot") == 0)
        return slot_line(r, rest, error);
    if (strcmp(key, "profile") == 0)
        return profile_line(r, rest, error);
    if (strcmp(key, "budget") == 0)
        return budget_line(r, rest, error);
    if (strcmp(key, "given") == 0)
        return keep(r, r->draft.given, &r->draft.givens, rest, error);
    if (strcmp(key, "expect") == 0)
        return keep(r, r->draft.expect, &r->draft.expects, rest, error);
    if (strcmp(key, "run") == 0 && r->draft.codes == 0)
        return keep(r, r->draft.code, &r->draft.codes, rest, error);
    if (strcmp(key, "code") == 0 && r->draft.codes == 0 && *rest == '\0') {
        r->block = CODE_BLOCK;
        return true;
    }
    if (strcmp(key, "png") == 0 && r->draft.pngs == 0 && r->draft.zeros_w == 0)
        return png_line(r, rest, error);
    return pxt_fail(
        error, r->cases->path, r->line,
        "'%s %s', expected case, rule, size, slot, profile, given, one run or code, one png, budget or expect", key,
        rest);
}

static void trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\r'))
        text[--length] = '\0';
}

static bool end_block(reader *r, px_error *error)
{
    const size_t lines = r->block == CODE_BLOCK ? r->draft.codes : r->draft.pngs;
    if (r->block != NO_BLOCK && lines == 0)
        return pxt_fail(error, r->cases->path, r->line, "%s without an indented line",
                        r->block == CODE_BLOCK ? "code" : "png");
    r->block = NO_BLOCK;
    return true;
}

static bool one_line(reader *r, char *text, px_error *error)
{
    trim(text);
    if (strchr(text, '\t') != NULL)
        return pxt_fail(error, r->cases->path, r->line, "a tab; blanks are written as spaces here");
    if (text[strspn(text, " ")] == '\0' || text[strspn(text, " ")] == '#')
        return true;
    if (text[0] == ' ') {
        if (r->block == NO_BLOCK)
            return pxt_fail(error, r->cases->path, r->line, "an indented line outside code and png");
        return r->block == CODE_BLOCK ? keep(r, r->draft.code, &r->draft.codes, text, error)
                                      : keep(r, r->draft.png, &r->draft.pngs, text, error);
    }
    if (!end_block(r, error))
        return false;
    char *rest = text + strcspn(text, " ");
    if (*rest != '\0') {
        *rest++ = '\0';
        rest += strspn(rest, " ");
    }
    return key_line(r, text, rest, error);
}

/* ---- the file ---- */

static bool all_lines(reader *r, px_error *error)
{
    char *rest = r->text;
    while (*rest != '\0') {
        char *line = rest;
        rest += strcspn(rest, "\n");
        if (*rest == '\n')
            *rest++ = '\0';
        r->line++;
        if (!one_line(r, line, error))
            return false;
    }
    if (!end_case(r, error))
        return false;
    return r->cases->count > 0 || pxt_fail(error, r->cases->path, 1, "no case in this file");
}

bool px_cases_read(px_cases *cases, const char *path, px_error *error)
{
    *cases = (px_cases){.path = path};
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, path, error))
        return false;
    reader *r = calloc(1, sizeof *r);
    bool good = r != NULL;
    if (good) {
        r->cases = cases;
        r->draft.path = path;
        r->text = text;
        good = all_lines(r, error);
    } else {
        px_fail(error, PX_E_SYSTEM, "%s: no memory", path);
    }
    free(text);
    free(r);
    if (!good)
        px_cases_free(cases);
    return good;
}

void px_cases_free(px_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        px_case *c = &cases->at[i];
        free(c->name);
        free(c->rules);
        pxt_file_free(&c->input);
        px_state_free(&c->initial);
        px_state_free(&c->expected);
    }
    free(cases->at);
    *cases = (px_cases){0};
}
