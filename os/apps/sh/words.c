/* words.c - from what is written to words: quotes, variables, $(commands), $((sums)), patterns. */
#include "os/apps/sh/sh.h"

char *words[WORDS];
uint32_t word_count;

static char room[ROOM];
static uint32_t used, begin; /* of the word that is being made */
static bool some;            /* it is one, though it may be empty */
static bool full;
bool whole_words; /* values are not taken apart: behind NAME= */
bool has_output;

void words_begin(void)
{
    word_count = used = begin = 0;
    has_output = false;
}

static void add(char c)
{
    if (used < ROOM - 1)
        room[used++] = c;
    else
        full = true;
    some = true;
}

/* ---- patterns ---- */

bool matches(const char *pattern, const char *name)
{
    for (; *pattern != '\0' && *pattern != ANY_TEXT; pattern++, name++)
        if (*name == '\0' || (*pattern != ANY_BYTE && *pattern != *name))
            return false;
    if (*pattern == '\0')
        return *name == '\0';
    for (;; name++) {
        if (matches(pattern + 1, name))
            return true;
        if (*name == '\0')
            return false;
    }
}

static void keep_word(void)
{
    add('\0');
    if (word_count == WORDS)
        full = true;
    if (!full)
        words[word_count++] = room + begin;
    begin = used;
    some = false;
}

static bool is_pattern(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == ANY_TEXT || *text == ANY_BYTE)
            return true;
    return false;
}

static void sort_words(uint32_t from)
{
    for (uint32_t i = from + 1; i < word_count; i++)
        for (uint32_t j = i; j > from; j--) {
            const uint8_t *a = (const uint8_t *)words[j - 1], *b = (const uint8_t *)words[j];
            for (; *a != 0 && *a == *b; a++)
                b++;
            if (*a <= *b)
                break;
            char *const swap = words[j];
            words[j] = words[j - 1];
            words[j - 1] = swap;
        }
}

folder listed;

bool list_folder(const char *path) { return folder_open(&listed, path) >= 0; }
bool next_listed(void) { return folder_next(&listed) > 0; }

/* The names that a pattern means, where it has any; its last part may be one. */
static bool name_all(const char *pattern, uint32_t base)
{
    char path[MOST_PATH];
    const uint32_t before = word_count;
    if (base >= MOST_PATH)
        return false;
    for (uint32_t i = 0; i < base; i++)
        path[i] = pattern[i];
    path[base] = '\0';
    if (is_pattern(path) || !list_folder(base == 0 ? "." : path))
        return false;
    while (next_listed())
        if ((listed.name[0] != '.' || pattern[base] == '.') && matches(pattern + base, listed.name)) {
            for (uint32_t i = 0; i < base; i++)
                add(path[i]);
            for (const char *c = listed.name; *c != '\0'; c++)
                add(*c);
            keep_word();
        }
    sort_words(before);
    return word_count > before;
}

static void end_word(void)
{
    char pattern[MOST_PATH];
    uint32_t length = 0, base = 0;
    if (!some)
        return;
    room[used] = '\0';
    if (is_pattern(room + begin)) {
        for (const char *c = room + begin; *c != '\0' && length < MOST_PATH - 1; c++) {
            pattern[length++] = *c;
            base = *c == '/' ? length : base;
        }
        pattern[length] = '\0';
        used = begin;
        if (name_all(pattern, base))
            return;
        for (uint32_t i = 0; i < length; i++)
            add(pattern[i] == ANY_TEXT ? '*' : pattern[i] == ANY_BYTE ? '?' : pattern[i]);
    }
    keep_word();
}

/* ---- values ---- */

static void add_text(const char *text, bool quoted)
{
    quoted = quoted || whole_words;
    for (; *text != '\0'; text++)
        if (!quoted && (*text == ' ' || *text == '\t' || *text == '\n'))
            end_word();
        else
            add(!quoted && *text == '*' ? ANY_TEXT : !quoted && *text == '?' ? ANY_BYTE : *text);
}

static void add_number(uint32_t number)
{
    char text[21];
    for (const char *c = number_text(number, 0, text); *c != '\0'; c++)
        add(*c);
}

/* ---- $((sums)): numbers, names, + - * / % and parentheses ---- */

static const char *sum_at;

static uint32_t sum_depth;

static int32_t sum(unsigned level);

/* From ( on. */
static int32_t inner_sum(void)
{
    enum { DEEP = 16 }; /* as far as the stack goes */
    if (sum_depth == DEEP) {
        sum_at = "";
        return wrong("too many ( in each other", NULL);
    }
    sum_depth++;
    sum_at++;
    const int32_t value = sum(0);
    sum_at += *sum_at == ')';
    sum_depth--;
    return value;
}

static int32_t term(void)
{
    bool negative = false;
    for (; *sum_at == ' ' || *sum_at == '-'; sum_at++)
        negative ^= *sum_at == '-';
    if (negative)
        return (int32_t)(0 - (uint32_t)term());
    if (*sum_at == '(')
        return inner_sum();
    sum_at += *sum_at == '$';
    const char *from = sum_at;
    uint32_t length = 0, number = 0;
    while (is_name(from, length + 1))
        length++;
    if (length > 0) {
        const char *v = value_of(from, length);
        const bool minus = v != NULL && *v == '-';
        sum_at += length;
        if (v != NULL)
            read_number(v + minus, &number);
        return (int32_t)(minus ? 0 - number : number);
    }
    for (; *sum_at >= '0' && *sum_at <= '9'; sum_at++)
        number = number * 10 + (uint32_t)(*sum_at - '0');
    return (int32_t)number;
}

static int32_t sum(unsigned level)
{
    uint32_t value = (uint32_t)(level == 0 ? sum(1) : term());
    for (;;) {
        while (*sum_at == ' ')
            sum_at++;
        const char c = *sum_at;
        if (level == 0 ? c != '+' && c != '-' : c != '*' && c != '/' && c != '%')
            return (int32_t)value;
        sum_at++;
        const uint32_t right = (uint32_t)(level == 0 ? sum(1) : term());
        if ((c == '/' || c == '%') && (right == 0 || right == UINT32_MAX))
            value = c == '%' || right == 0 ? 0 : 0 - value;
        else
            value = c == '+'   ? value + right
                    : c == '-' ? value - right
                    : c == '*' ? value * right
                    : c == '/' ? (uint32_t)((int32_t)value / (int32_t)right)
                               : (uint32_t)((int32_t)value % (int32_t)right);
    }
}

static void add_sum(const char *text)
{
    sum_at = text;
    const int32_t value = sum(0);
    if (value < 0)
        add('-');
    add_number(value < 0 ? 0 - (uint32_t)value : (uint32_t)value);
}

/* ---- $(commands): what a copy of the shell writes ---- */

static void add_output(const char *from, uint32_t length, bool quoted)
{
    uint32_t ends[2], lines = 0;
    char text[LINE], byte[2] = "";
    has_output = true;
    if (length >= LINE || pxo_pipe(ends) < 0) {
        wrong("no room for a command's output", NULL);
        return;
    }
    for (uint32_t i = 0; i < length; i++)
        text[i] = from[i];
    text[length] = '\0';
    const int32_t pid = fork_with_output(ends[1]);
    if (pid == 0) {
        pxo_close(ends[0]);
        run_text(text);
        px_sys(PXH_REQUEST(PXH_EXIT, last & 0xFF), 0);
    }
    pxo_close(ends[1]);
    while (pid > 0 && read_file(ends[0], byte, 1) == 1) /* lines at the end are none */
        if (byte[0] == '\n') {
            lines++;
        } else {
            for (; lines > 0; lines--)
                add_text("\n", quoted);
            add_text(byte, quoted);
        }
    pxo_close(ends[0]);
    if (pid > 0)
        wait_for(&pid, 1);
}

/* ---- $ ---- */

/* Behind the ) that belongs to the ( before; NULL: there is none. */
static const char *closing(const char *at)
{
    for (uint32_t depth = 1; *at != '\0'; at++) {
        if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
        else if (*at == '\'' || *at == '"') {
            const char quote = *at++;
            while (*at != '\0' && *at != quote)
                at++;
            if (*at == '\0')
                return NULL;
        }
    }
    return NULL;
}

static void add_parameters(uint32_t first, bool quoted, bool apart)
{
    if (parameter_count == 1 && apart && used == begin)
        some = false; /* "$@" is no word then */
    for (uint32_t i = first; i < parameter_count; i++) {
        add_text(parameters[i], quoted);
        if (i + 1 < parameter_count && apart)
            end_word();
        else if (i + 1 < parameter_count)
            add(' ');
        some = some || quoted;
    }
}

static void add_special(char c, bool quoted)
{
    if (c == '?')
        add_number(last);
    else if (c == '#')
        add_number(parameter_count - 1);
    else if (c == '$')
        add_number((uint32_t)pxo_getpid());
    else if (c == '!')
        add_number((uint32_t)last_behind);
    else if (c == '@' || c == '*')
        add_parameters(1, quoted, c == '@' || !quoted);
    else if ((uint32_t)(c - '0') < parameter_count)
        add_text(parameters[c - '0'], quoted);
}

static bool is_special(char c)
{
    return c == '?' || c == '#' || c == '$' || c == '!' || c == '@' || c == '*' || (c >= '0' && c <= '9');
}

/* From $ on; returns what is behind it. */
static const char *take_value(const char *at, bool quoted, bool execute)
{
    const char *name = at + 1;
    if (*name == '(') {
        const char *end = closing(name + 1);
        if (end == NULL || !execute)
            return end;
        if (name[1] == '(' && end[-2] == ')')
            add_sum(name + 2);
        else
            add_output(name + 1, (uint32_t)(end - name) - 2, quoted);
        return end;
    }
    const bool braces = *name == '{';
    uint32_t length = 0;
    name += braces;
    if (is_special(*name))
        length = 1;
    else
        while (is_name(name, length + 1))
            length++;
    if (length == 0 || (braces && name[length] != '}')) {
        add('$');
        return at + 1;
    }
    if (execute && is_special(*name)) {
        add_special(*name, quoted);
    } else if (execute) {
        const char *value = value_of(name, length);
        add_text(value == NULL ? "" : value, quoted);
    }
    return name + length + braces;
}

/* ---- a word ---- */

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>';
}

static const char *take_quoted(const char *at, bool execute)
{
    const char quote = *at++;
    some = true;
    while (at != NULL && *at != '\0' && *at != quote)
        if (quote == '"' && *at == '$') {
            at = take_value(at, true, execute);
        } else {
            at += quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '$' || at[1] == '\\');
            add(*at++);
        }
    return at == NULL || *at == '\0' ? NULL : at + 1;
}

const char *take_word(const char *at, bool execute)
{
    const char *from = at;
    some = full = false;
    begin = used;
    while (at != NULL && !ends_word(*at)) {
        if (*at == '\'' || *at == '"') {
            at = take_quoted(at, execute);
        } else if (*at == '$') {
            at = take_value(at, false, execute);
        } else if (*at == '~' && at == from && (at[1] == '/' || ends_word(at[1]))) {
            add_text(execute && value_of("HOME", 4) != NULL ? value_of("HOME", 4) : "~", true);
            at++;
        } else {
            const bool plain = whole_words || (*at == '\\' && at[1] != '\0');
            at += *at == '\\' && at[1] != '\0';
            add(!plain && *at == '*' ? ANY_TEXT : !plain && *at == '?' ? ANY_BYTE : *at);
            at++;
        }
    }
    if (!execute) {
        used = begin;
        return at;
    }
    if (at == NULL)
        return wrong("a quote is not closed", NULL), NULL;
    end_word();
    if (full)
        wrong("too many words", NULL);
    return full ? NULL : at;
}
