/* json.c - RFC 8259, as far as px says something in it. */
#include "host/json.h"

#include <inttypes.h>

/* How many bytes at s are one character of UTF-8 (RFC 3629), or 0. */
static unsigned utf8_length(const unsigned char *s)
{
    const unsigned length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    for (unsigned i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    const bool beyond = s[0] == 0xF4 && s[1] > 0x8F;
    return length > 1 && (overlong || surrogate || beyond) ? 0 : length;
}

/* Names of files may hold any bytes: what is no UTF-8 becomes U+FFFD. */
static void write_string(FILE *to, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    fputc('"', to);
    while (*s != '\0') {
        const unsigned length = utf8_length(s);
        if (length == 0)
            fputs("\xEF\xBF\xBD", to);
        else if (*s == '"' || *s == '\\')
            fprintf(to, "\\%c", *s);
        else if (*s < ' ' || *s == 127)
            fprintf(to, "\\u%04x", *s);
        else
            fwrite(s, 1, length, to);
        s += length > 0 ? length : 1;
    }
    fputc('"', to);
}

static void begin(px_json *json, const char *key)
{
    if (json->depth > 0 && json->line)
        fputs(json->first ? "" : ", ", json->to);
    else if (json->depth > 0)
        fprintf(json->to, "%s\n%*s", json->first ? "" : ",", (int)(2 * json->depth), "");
    json->first = false;
    if (key == NULL)
        return;
    write_string(json->to, key);
    fputs(": ", json->to);
}

void px_json_open(px_json *json, const char *key, char bracket)
{
    begin(json, key);
    fputc(bracket, json->to);
    json->depth++;
    json->first = true;
}

void px_json_close(px_json *json, char bracket)
{
    json->depth--;
    if (!json->first && !json->line)
        fprintf(json->to, "\n%*s", (int)(2 * json->depth), "");
    fputc(bracket, json->to);
    json->first = false;
    if (json->depth == 0)
        fputc('\n', json->to);
}

void px_json_number(px_json *json, const char *key, uint64_t value)
{
    begin(json, key);
    fprintf(json->to, "%" PRIu64, value);
}

void px_json_signed(px_json *json, const char *key, int64_t value)
{
    begin(json, key);
    fprintf(json->to, "%" PRId64, value);
}

void px_json_bool(px_json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->to);
}

void px_json_string(px_json *json, const char *key, const char *value)
{
    begin(json, key);
    if (value == NULL)
        fputs("null", json->to);
    else
        write_string(json->to, value);
}
