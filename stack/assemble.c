/* assemble.c - text to byte-code, a line at a time: labels, then a byte-code with what belongs to it. Labels may be
 * used before they are defined, so places where they stand are filled in at the end. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pxi/asm/asm.h"
#include "pxi/guess.h"
#include "pxi/number.h"
#include "stack/list.h"
#include "stack/stack.h"

typedef struct label {
    const char *name;
    size_t length;
    uint32_t at, line;
} label;

/* Where a label's place is to be written. */
typedef struct use {
    const char *name, *source; /* in the text; the line that it is in */
    size_t length;
    uint32_t at, line;
} use;

typedef struct assembly {
    stack_code *code;
    uint32_t room; /* of code */
    label *labels;
    use *uses;
    size_t label_count, use_count;
    const char *name;   /* of the file */
    const char *at;     /* where it is read */
    const char *source; /* the line's first character */
    uint32_t line;
    FILE *to;
    size_t errors;
    bool no_memory;
} assembly;

/* ---- errors ---- */

static uint32_t characters(const char *from, const char *to)
{
    uint32_t count = 0;
    for (; from < to; from++)
        count += ((unsigned char)*from & 0xC0) != 0x80;
    return count;
}

/* An error at a place of a line; false. */
static bool wrong_at(assembly *as, const char *source, uint32_t line, const char *at, size_t span, const char *format,
                     ...) __attribute__((format(printf, 6, 7)));
static bool wrong_at(assembly *as, const char *source, uint32_t line, const char *at, size_t span, const char *format,
                     ...)
{
    enum { MOST = 300 };
    char text[256], shown[MOST + 1] = "";
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    as->errors++;
    for (size_t i = 0; i < MOST && source[i] != '\n' && source[i] != '\0'; i++)
        shown[i] = ((unsigned char)source[i] < ' ' && source[i] != '\t') || source[i] == 127 ? '?' : source[i];
    if (as->errors <= PX_ASM_MAX_ERRORS)
        px_diagnostic_print(as->to,
                            &(px_diagnostic){.severity = PX_ERROR,
                                             .file = as->name,
                                             .line = line,
                                             .column = characters(source, at) + 1,
                                             .span = span > 0 ? (uint32_t)span : 1,
                                             .text = text,
                                             .source = shown},
                            false);
    return false;
}
#define WRONG(as, from, span, ...) wrong_at(as, (as)->source, (as)->line, from, span, __VA_ARGS__)

/* ---- bytes ---- */

static bool put(assembly *as, uint32_t value, uint32_t bytes)
{
    stack_code *code = as->code;
    if (code->count + bytes > as->room) {
        const uint32_t room = as->room < 256 ? 256 : 2 * as->room;
        uint8_t *more = realloc(code->bytes, room);
        if (more != NULL)
            code->bytes = more;
        uint32_t *lines = realloc(code->lines, room * sizeof *lines);
        if (lines != NULL)
            code->lines = lines;
        if (more == NULL || lines == NULL)
            return !(as->no_memory = true);
        as->room = room;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        code->lines[code->count] = as->line;
        code->bytes[code->count++] = (uint8_t)(value >> (8 * i));
    }
    return true;
}

/* ---- words of a line ---- */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool ends_line(char c) { return c == '\0' || c == '\n' || c == ';' || c == '#'; }

static void skip_blanks(assembly *as)
{
    while (*as->at == ' ' || *as->at == '\t')
        as->at++;
}

/* Letters and digits, beginning with a letter; 0: none stands here. */
static size_t word_length(const char *at)
{
    size_t length = 0;
    if (is_letter(*at))
        while (is_letter(at[length]) || is_digit(at[length]))
            length++;
    return length;
}

/* A character of a text or in quotes; what an escape means as in pixel assembly (pxi/ASSEMBLY.md). */
static bool character(assembly *as, uint8_t *byte)
{
    static const char letters[] = "ntr0ea\\'\"", meanings[] = "\n\t\r\0\033\a\\'\"";
    if (*as->at != '\\') {
        *byte = (uint8_t)*as->at++;
        return true;
    }
    const char *escape = as->at++;
    const char *found = *as->at != '\0' ? strchr(letters, *as->at) : NULL;
    if (found != NULL) {
        as->at++;
        *byte = (uint8_t)meanings[found - letters];
        return true;
    }
    char digits[5] = {'0', 'x', as->at[1], as->at[1] != '\0' ? as->at[2] : '\0', '\0'};
    uint64_t value;
    if (*as->at != 'x' || !px_parse_number("", digits, 0, 255, &value, NULL) || digits[3] == '\0')
        return WRONG(as, escape, 2, "no such escape; there are \\n \\t \\r \\0 \\e \\a \\\\ \\' \\\" and \\xHH");
    as->at += 3;
    *byte = (uint8_t)value;
    return true;
}

static bool number(assembly *as, int64_t least, int64_t most, int64_t *value)
{
    const char *from = as->at;
    uint64_t size;
    uint8_t byte;
    const bool negative = *as->at == '-';
    as->at += negative;
    if (!negative && *as->at == '\'') {
        as->at++;
        if (*as->at == '\n' || *as->at == '\0' || !character(as, &byte) || *as->at != '\'')
            return WRONG(as, from, 1, "expected one character of ASCII between quotes");
        as->at++;
        size = byte;
    } else if (!px_scan_number(&as->at, &size) || size > UINT32_MAX || is_letter(*as->at)) {
        return WRONG(as, from, 1, "expected a number from %" PRId64 " to %" PRId64, least, most);
    }
    *value = negative ? -(int64_t)size : (int64_t)size;
    if (*value < least || *value > most)
        return WRONG(as, from, (size_t)(as->at - from), "%" PRId64 " is no number from %" PRId64 " to %" PRId64, *value,
                     least, most);
    return true;
}

/* ---- what belongs to a byte-code ---- */

static bool target(assembly *as)
{
    int64_t value;
    const size_t length = word_length(as->at);
    const uint32_t bytes = stack_operand_bytes[STACK_TARGET];
    if (length == 0)
        return number(as, 0, UINT32_MAX, &value) && put(as, (uint32_t)value, bytes);
    use *more = realloc(as->uses, (as->use_count + 1) * sizeof *more);
    if (more == NULL)
        return !(as->no_memory = true);
    as->uses = more;
    as->uses[as->use_count++] = (use){as->at, as->source, length, as->code->count, as->line};
    as->at += length;
    return put(as, 0, bytes);
}

static bool text(assembly *as)
{
    const char *from = as->at;
    const uint32_t bytes = stack_operand_bytes[STACK_TEXT], length_at = as->code->count;
    uint8_t byte;
    if (*as->at++ != '"')
        return WRONG(as, from, 1, "expected a text in quotes, \"like this\"");
    if (!put(as, 0, bytes))
        return false;
    while (*as->at != '"') {
        if (*as->at == '\n' || *as->at == '\0')
            return WRONG(as, from, 1, "this text has no end: expected \" before the end of the line");
        if (!character(as, &byte) || !put(as, byte, 1))
            return false;
    }
    as->at++;
    const uint32_t length = as->code->count - length_at - bytes;
    for (uint32_t i = 0; i < bytes; i++)
        as->code->bytes[length_at + i] = (uint8_t)(length >> (8 * i));
    return true;
}

static bool operand(assembly *as, enum stack_operand kind)
{
    int64_t value = 0;
    const uint32_t bytes = stack_operand_bytes[kind];
    switch (kind) {
    case STACK_NONE:
        return true;
    case STACK_TARGET:
        return target(as);
    case STACK_TEXT:
        return text(as);
    case STACK_NUMBER:
        return number(as, INT32_MIN, UINT32_MAX, &value) && put(as, (uint32_t)value, bytes);
    case STACK_ADDRESS:
    case STACK_HOST:
        return number(as, 0, (INT64_C(1) << 8 * bytes) - 1, &value) && put(as, (uint32_t)value, bytes);
    }
    return false;
}

/* ---- lines ---- */

static bool define(assembly *as, const char *name, size_t length)
{
    for (size_t i = 0; i < as->label_count; i++)
        if (as->labels[i].length == length && memcmp(as->labels[i].name, name, length) == 0)
            return WRONG(as, name, length, "'%.*s' is defined in line %" PRIu32, (int)length, name, as->labels[i].line);
    label *more = realloc(as->labels, (as->label_count + 1) * sizeof *more);
    if (more == NULL)
        return !(as->no_memory = true);
    as->labels = more;
    as->labels[as->label_count++] = (label){name, length, as->code->count, as->line};
    return true;
}

static bool data_bytes(assembly *as)
{
    int64_t value;
    do {
        skip_blanks(as);
        if (!number(as, -128, 255, &value) || !put(as, (uint32_t)value & 0xFF, 1))
            return false;
        skip_blanks(as);
    } while (*as->at == ',' && as->at++);
    return true;
}

static bool unknown(assembly *as, const char *name, size_t length)
{
    px_guess guess = {0};
    char upper[32] = "";
    for (size_t i = 0; i < length && i + 1 < sizeof upper; i++)
        upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i];
    for (int byte = 0; byte < 256; byte++)
        if (stack_ops[byte].name != NULL)
            px_guess_try(&guess, upper, strlen(upper), stack_ops[byte].name);
    if (guess.best != NULL)
        return WRONG(as, name, length, "no such byte-code: '%.*s'; did you mean %s?", (int)length, name, guess.best);
    return WRONG(as, name, length, "no such byte-code: '%.*s'", (int)length, name);
}

static bool statement(assembly *as)
{
    const char *name = as->at;
    const size_t length = word_length(name);
    int byte = 0;
    if (strncasecmp(name, ".byte", 5) == 0 && (name[5] == ' ' || name[5] == '\t')) {
        as->at += 5;
        return data_bytes(as);
    }
    if (length == 0)
        return WRONG(as, name, 1, "expected a label, a byte-code or .byte");
    while (byte < 256 && (stack_ops[byte].name == NULL || strlen(stack_ops[byte].name) != length ||
                          strncasecmp(stack_ops[byte].name, name, length) != 0))
        byte++;
    if (byte == 256)
        return unknown(as, name, length);
    as->at += length;
    skip_blanks(as);
    return put(as, (uint32_t)byte, 1) && operand(as, stack_ops[byte].operand);
}

static bool read_line(assembly *as)
{
    for (skip_blanks(as); !ends_line(*as->at); skip_blanks(as)) {
        const size_t length = word_length(as->at);
        if (length > 0 && as->at[length] == ':') {
            if (!define(as, as->at, length))
                return false;
            as->at += length + 1;
            continue;
        }
        if (!statement(as))
            return false;
        skip_blanks(as);
        return ends_line(*as->at) || WRONG(as, as->at, 1, "expected the end of the line");
    }
    return true;
}

static void fill_uses(assembly *as)
{
    for (size_t i = 0; i < as->use_count; i++) {
        const use *u = &as->uses[i];
        const label *found = NULL;
        for (size_t k = 0; k < as->label_count && found == NULL; k++)
            if (as->labels[k].length == u->length && memcmp(as->labels[k].name, u->name, u->length) == 0)
                found = &as->labels[k];
        if (found == NULL)
            wrong_at(as, u->source, u->line, u->name, u->length, "no label '%.*s'", (int)u->length, u->name);
        else
            for (uint32_t byte = 0; byte < stack_operand_bytes[STACK_TARGET]; byte++)
                as->code->bytes[u->at + byte] = (uint8_t)(found->at >> (8 * byte));
    }
}

static bool verdict(assembly *as, px_error *error)
{
    if (as->no_memory)
        return px_fail(error, PX_E_SYSTEM, "no memory for the byte-code of %s", as->name);
    if (as->errors > 0)
        return px_fail(error, PX_E_INPUT, "%s has %zu error%s", as->name, as->errors, as->errors == 1 ? "" : "s");
    if (as->code->count == 0)
        return px_fail(error, PX_E_INPUT, "%s has no byte-code in it", as->name);
    return as->code->count <= STACK_MOST_BYTES ||
           px_fail(error, PX_E_INPUT, "%s: %" PRIu32 " bytes of code, expected at most %d", as->name, as->code->count,
                   STACK_MOST_BYTES);
}

bool stack_assemble(stack_code *code, const char *name, const char *text, FILE *to, px_error *error)
{
    assembly as = {.code = code, .name = name, .at = text, .to = to};
    *code = (stack_code){0};
    while (*as.at != '\0' && !as.no_memory && code->count <= STACK_MOST_BYTES) {
        as.source = as.at;
        as.line++;
        read_line(&as);
        as.at = as.source + strcspn(as.source, "\n");
        as.at += *as.at == '\n';
    }
    fill_uses(&as);
    free(as.labels);
    free(as.uses);
    if (verdict(&as, error))
        return true;
    stack_code_free(code);
    return false;
}
