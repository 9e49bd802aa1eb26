/* asm_lex.c - text to tokens, one ahead of the parser. A malformed token is reported here and becomes ASM_T_BAD. */
#include <string.h>

#include "pxi/asm/asm_internal.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '.'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c; }

bool asm_same_name(const asm_place *place, const char *name)
{
    if (strlen(name) != place->length)
        return false;
    for (uint32_t i = 0; i < place->length; i++)
        if (lower(place->at[i]) != lower(name[i]))
            return false;
    return true;
}

asm_place asm_span(asm_place first, asm_place last)
{
    if (first.file == last.file && first.line == last.line && last.at >= first.at)
        first.length = (uint32_t)(last.at + last.length - first.at);
    return first;
}

/* Operators of two characters, and those of one that begin one of these: their codes. `=` alone defines a constant. */
static const struct {
    const char *text;
    char code;
} operators[] = {{"<<", '<'}, {">>", '>'}, {"<=", 'L'}, {">=", 'G'}, {"==", 'E'},
                 {"!=", 'U'}, {"&&", 'A'}, {"||", 'O'}, {"<", 'l'},  {">", 'g'}};

static char at(const asm_lexer *lexer, size_t ahead)
{
    return (size_t)(lexer->file->end - lexer->at) > ahead ? lexer->at[ahead] : '\n';
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static void read_number(assembler *as, asm_lexer *lexer, asm_token *token)
{
    int base = 10;
    if (at(lexer, 0) == '0' && (lower(at(lexer, 1)) == 'x' || lower(at(lexer, 1)) == 'b')) {
        base = lower(at(lexer, 1)) == 'x' ? 16 : 2;
        lexer->at += 2;
    }
    bool good = digit_value(at(lexer, 0)) < base, overflow = false;
    int64_t value = 0;
    for (; is_name(at(lexer, 0)); lexer->at++) {
        const char c = at(lexer, 0);
        if (c == '_')
            continue;
        const int digit = digit_value(c);
        good = good && digit < base;
        if (good && !overflow)
            overflow = __builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value);
    }
    token->kind = ASM_T_NUMBER;
    token->number = value;
    token->place.length = (uint32_t)(lexer->at - token->place.at);
    if (good && !overflow)
        return;
    token->kind = ASM_T_BAD;
    if (!good)
        asm_error(as, token->place, "'%.*s' is not a number; write 123, 0x7B or 0b1111011", (int)token->place.length,
                  token->place.at);
    else
        asm_error(as, token->place, "the number is above 9223372036854775807, the greatest there is");
}

/* One byte of a string or character constant; false at a malformed escape, which is reported. */
static bool read_byte(assembler *as, asm_lexer *lexer, asm_token *token, char *byte)
{
    *byte = *lexer->at++;
    if (*byte != '\\')
        return true;
    static const char names[] = "ntr0ea\\'\"", values[] = "\n\t\r\0\033\a\\'\"";
    const char c = at(lexer, 0);
    const char *known = c != '\0' ? strchr(names, c) : NULL;
    if (known != NULL) {
        *byte = values[known - names];
        lexer->at++;
        return true;
    }
    if (c == 'x' && digit_value(at(lexer, 1)) < 16 && digit_value(at(lexer, 2)) < 16) {
        *byte = (char)(digit_value(at(lexer, 1)) * 16 + digit_value(at(lexer, 2)));
        lexer->at += 3;
        return true;
    }
    asm_place place = token->place;
    place.at = lexer->at - 1;
    place.length = c == '\n' ? 1 : 2;
    token->kind = ASM_T_BAD;
    return asm_error(as, place,
                     "unknown escape; there are \\n \\t \\r \\0 \\a \\e \\\\ \\' \\\" and \\xHH, two digits");
}

static void read_character(assembler *as, asm_lexer *lexer, asm_token *token)
{
    lexer->at++;
    token->kind = ASM_T_NUMBER;
    char byte = 0;
    bool good = at(lexer, 0) != '\n' && at(lexer, 0) != '\'';
    if (good && !read_byte(as, lexer, token, &byte))
        return;
    good = good && at(lexer, 0) == '\'';
    if (good) {
        lexer->at++;
    } else {
        while (at(lexer, 0) != '\n' && at(lexer, 0) != '\'' && at(lexer, 0) != ' ')
            lexer->at++;
        if (at(lexer, 0) == '\'')
            lexer->at++;
    }
    token->number = (unsigned char)byte;
    token->place.length = (uint32_t)(lexer->at - token->place.at);
    if (good)
        return;
    token->kind = ASM_T_BAD;
    asm_error(as, token->place, "a character constant is one byte between quotes: 'a', '\\n', '\\xE9'");
}

static void read_string(assembler *as, asm_lexer *lexer, asm_token *token)
{
    const char *close = ++lexer->at;
    while (close < lexer->file->end && *close != '\n' && *close != '"')
        close += *close == '\\' && close + 1 < lexer->file->end && close[1] != '\n' ? 2 : 1;
    char *bytes = asm_allocate(as, (size_t)(close - lexer->at) + 1);
    uint32_t length = 0;
    token->kind = ASM_T_STRING;
    while (lexer->at < close)
        if (!read_byte(as, lexer, token, &bytes[length++]))
            return;
    token->string = bytes;
    token->string_length = length;
    token->place.length = (uint32_t)(lexer->at - token->place.at);
    if (at(lexer, 0) == '"') {
        lexer->at++;
        token->place.length++;
        return;
    }
    token->kind = ASM_T_BAD;
    asm_error(as, token->place, "the string has no closing \" on its line");
}

static bool read_operator(assembler *as, asm_lexer *lexer, asm_token *token)
{
    const char c = *lexer->at;
    token->kind = ASM_T_PUNCTUATION;
    if (c == '/' && (at(lexer, 1) == '/' || at(lexer, 1) == '*')) {
        token->kind = ASM_T_BAD;
        token->place.length = 2;
        asm_error(as, token->place, "comments begin with ;");
        return true;
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const size_t length = strlen(operators[i].text);
        if (c != operators[i].text[0] || (length == 2 && at(lexer, 1) != operators[i].text[1]))
            continue;
        token->number = operators[i].code;
        token->place.length = (uint32_t)length;
        lexer->at += length;
        return true;
    }
    if (c == '\0' || strchr("[](),:+-*/%&|^~=$!", c) == NULL)
        return false;
    token->number = c;
    lexer->at++;
    return true;
}

/* The character of UTF-8 that begins here and is not ASCII, of the plane that all scripts are in; 0 if there is none.
 */
static unsigned character(const asm_lexer *lexer)
{
    const unsigned a = (unsigned char)at(lexer, 0), b = (unsigned char)at(lexer, 1) ^ 0x80;
    if (b > 0x3F)
        return 0;
    if (a >= 0xC2 && a <= 0xDF)
        return (a & 0x1F) << 6 | b;
    const unsigned c = (unsigned char)at(lexer, 2) ^ 0x80, code = (a & 0x0F) << 12 | b << 6 | c;
    return a >> 4 == 0xE && c <= 0x3F && code >= 0x800 && (code < 0xD800 || code > 0xDFFF) ? code : 0;
}

/* What word processors and web pages put in place of ASCII. */
static bool no_ascii(assembler *as, const asm_lexer *lexer, asm_place place)
{
    static const struct {
        unsigned code;
        const char *is;
    } known[] = {
        {0x00A0, ", a blank that does not break; write a blank"},
        {0x2013, ", a dash; write -"},
        {0x2014, ", a dash; write -"},
        {0x2018, ", a curved quote; write '"},
        {0x2019, ", a curved quote; write '"},
        {0x201C, ", a curved quote; write \""},
        {0x201D, ", a curved quote; write \""},
        {0x2212, ", a minus; write -"},
        {0xFEFF, ", a byte order mark, which belongs at the start of a file"},
    };
    const unsigned code = character(lexer);
    if (code == 0)
        return asm_error(as, place, "unexpected byte 0x%02X; only comments and strings may hold it",
                         (unsigned)(unsigned char)at(lexer, 0));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return asm_error(as, place, "unexpected character U+%04X%s", code, known[i].is);
    return asm_error(as, place, "unexpected character U+%04X; only comments and strings may hold it", code);
}

static void read_token(assembler *as, asm_lexer *lexer, asm_token *token)
{
    const char *end = lexer->file->end;
    while (lexer->at < end && (*lexer->at == ' ' || *lexer->at == '\t'))
        lexer->at++;
    *token = (asm_token){.kind = ASM_T_END, .place = {lexer->file, lexer->at, 1, lexer->line}};
    if (lexer->at >= end || *lexer->at == '\n' || *lexer->at == ';')
        return;
    const char c = *lexer->at;
    if (is_digit(c)) {
        read_number(as, lexer, token);
    } else if (is_letter(c) || c == '.') {
        token->kind = ASM_T_NAME;
        while (is_name(at(lexer, 0)))
            lexer->at++;
        token->place.length = (uint32_t)(lexer->at - token->place.at);
    } else if (c == '\'') {
        read_character(as, lexer, token);
    } else if (c == '"') {
        read_string(as, lexer, token);
    } else if (!read_operator(as, lexer, token)) {
        token->kind = ASM_T_BAD;
        if (c == '#')
            asm_error(as, token->place, "unexpected character '#'; comments begin with ;, and a number has no mark");
        else if (c == '\\')
            asm_error(as, token->place,
                      "unexpected character '\\'; a parameter is its name alone, and no line goes on");
        else if (c > ' ' && c < 127)
            asm_error(as, token->place, "unexpected character '%c'", c);
        else
            no_ascii(as, lexer, token->place);
    }
}

void asm_next(assembler *as) { read_token(as, &as->lexer, &as->token); }

asm_token asm_peek(assembler *as)
{
    asm_lexer ahead = as->lexer;
    asm_token token;
    while (at(&ahead, 0) == ' ' || at(&ahead, 0) == '\t')
        ahead.at++;
    /* Only ':' and '=' are ever asked for; reading more could report an error twice. */
    if (at(&ahead, 0) == ':' || at(&ahead, 0) == '=')
        read_token(as, &ahead, &token);
    else
        token = (asm_token){.kind = ASM_T_END};
    return token;
}

bool asm_is(const assembler *as, char punctuation)
{
    return as->token.kind == ASM_T_PUNCTUATION && as->token.number == punctuation;
}

bool asm_take(assembler *as, char punctuation)
{
    if (!asm_is(as, punctuation))
        return false;
    asm_next(as);
    return true;
}

static void skip_line(assembler *as)
{
    asm_lexer *lexer = &as->lexer;
    while (lexer->at < lexer->file->end && *lexer->at != '\n')
        lexer->at++;
    as->token = (asm_token){.kind = ASM_T_END, .place = {lexer->file, lexer->at, 1, lexer->line}};
}

/* ---- without tokens ---- */

bool asm_raw_line(assembler *as)
{
    skip_line(as);
    if (as->lexer.at >= as->lexer.file->end)
        return false;
    as->lexer.at++;
    as->lexer.line++;
    return true;
}

bool asm_next_line(assembler *as)
{
    const bool more = asm_raw_line(as);
    if (more)
        asm_next(as);
    return more;
}

/* Behind a string or character constant, or at the end of its line. */
static const char *skip_quoted(const char *from, const char *end)
{
    const char quote = *from++;
    while (from < end && *from != '\n' && *from != quote)
        from += *from == '\\' && from + 1 < end && from[1] != '\n' ? 2 : 1;
    return from < end && *from == quote ? from + 1 : from;
}

asm_place asm_raw_argument(assembler *as)
{
    asm_lexer *lexer = &as->lexer;
    const char *end = lexer->file->end;
    int depth = 0;
    while (lexer->at < end && (*lexer->at == ' ' || *lexer->at == '\t'))
        lexer->at++;
    asm_place place = {lexer->file, lexer->at, 0, lexer->line};
    while (lexer->at < end && *lexer->at != '\n' && *lexer->at != ';' && (*lexer->at != ',' || depth > 0)) {
        const char c = *lexer->at;
        depth += c == '(' || c == '[' ? 1 : (c == ')' || c == ']') && depth > 0 ? -1 : 0;
        lexer->at = c == '"' || c == '\'' ? skip_quoted(lexer->at, end) : lexer->at + 1;
    }
    const char *last = lexer->at;
    while (last > place.at && (last[-1] == ' ' || last[-1] == '\t'))
        last--;
    place.length = (uint32_t)(last - place.at);
    return place;
}

/* ---- for messages ---- */

const char *asm_found(assembler *as)
{
    const asm_token *token = &as->token;
    if (token->kind == ASM_T_END)
        return "the line ends";
    const uint32_t shown = token->place.length < 40 ? token->place.length : 40;
    return asm_format(as, "found '%.*s%s'", (int)shown, token->place.at, shown < token->place.length ? "..." : "");
}
