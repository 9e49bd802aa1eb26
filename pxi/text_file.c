/* text_file.c - byte order marks and line ends. The marks are those of the Unicode Standard, table 23-5. */
#include "pxi/text_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/input_file.h"

static bool begins(const char *text, size_t size, const char *mark, size_t length)
{
    return size >= length && memcmp(text, mark, length) == 0;
}

/* Whether every other byte of the first two characters is 0: ASCII in UTF-16. */
static bool is_wide(const char *text, size_t size)
{
    return size >= 4 && ((text[0] == '\0') != (text[1] == '\0')) && ((text[0] == '\0') == (text[2] == '\0')) &&
           ((text[1] == '\0') == (text[3] == '\0'));
}

/* What the file is instead of a text in UTF-8, and what to do; NULL when nothing says so. */
static const char *other_kind(const char *text, size_t size)
{
    static const char utf16[] = "is text in UTF-16, expected UTF-8; save it as UTF-8 in the editor";
    const struct {
        const char *mark, *is;
        size_t length;
    } kinds[] = {
        {"\xFF\xFE\0\0", "is text in UTF-32, expected UTF-8; save it as UTF-8 in the editor", 4},
        {"\0\0\xFE\xFF", "is text in UTF-32, expected UTF-8; save it as UTF-8 in the editor", 4},
        {"\xFF\xFE", utf16, 2},
        {"\xFE\xFF", utf16, 2},
        {"\x89PNG", "is a picture (PNG), expected a text; `px dis` makes a text of a program's picture", 4},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (begins(text, size, kinds[i].mark, kinds[i].length))
            return kinds[i].is;
    return is_wide(text, size) ? utf16 : NULL;
}

bool px_text_clean(char *text, size_t *size, const char *name, px_error *error)
{
    const char *other = other_kind(text, *size);
    if (other != NULL)
        return px_fail(error, PX_E_INPUT, "%s %s", name, other);
    size_t from = begins(text, *size, "\xEF\xBB\xBF", 3) ? 3 : 0, to = 0;
    for (; from < *size; from++) {
        if (text[from] == '\r' && from + 1 < *size && text[from + 1] == '\n')
            continue;
        text[to++] = text[from] == '\r' ? '\n' : text[from];
    }
    *size = to;
    return true;
}

bool px_text_looks(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    bool line = false;
    for (size_t i = 0; i < size && i < 4096; i++) {
        if (bytes[i] == 127 || (bytes[i] < ' ' && strchr("\t\n\r\f", bytes[i]) == NULL) || bytes[i] == 0)
            return false;
        line = line || bytes[i] == '\n' || bytes[i] == '\r';
    }
    return line;
}

/* How many bytes follow a first one, by the Unicode Standard's table 3-7; 4: none can begin so. least and most bound
 * the second, which keeps out what could be shorter, surrogates and what is above U+10FFFF. */
static unsigned follow(uint8_t first, uint8_t *least, uint8_t *most)
{
    *least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return first < 0x80 ? 0 : first < 0xC2 ? 4 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 4;
}

bool px_text_is_utf8(const void *data, size_t size)
{
    const uint8_t *at = data, *const end = at + size;
    while (at < end) {
        uint8_t least, most;
        unsigned more = follow(*at++, &least, &most);
        if (more > 3)
            return false;
        for (; more > 0; more--, least = 0x80, most = 0xBF)
            if (at == end || *at < least || *at++ > most)
                return false;
    }
    return true;
}

/* Whoever takes it for the text's end would go on with half of the file. */
static bool holds_nul(const char *text, const char *path, px_error *error)
{
    size_t line = 1;
    for (const char *at = text; *at != '\0'; at++)
        line += *at == '\n';
    return px_fail(error, PX_E_INPUT, "%s:%zu: a text holds no byte 0", path, line);
}

bool px_text_read(char **text, size_t *size, const char *path, px_error *error)
{
    uint8_t *data;
    *text = NULL;
    if (!px_file_read(&data, size, path, error))
        return false;
    *text = realloc(data, *size + 1);
    if (*text == NULL) {
        free(data);
        return px_fail(error, PX_E_SYSTEM, "%s: no memory", path);
    }
    const bool good = px_text_clean(*text, size, path, error) &&
                      (memchr(*text, '\0', *size) == NULL || holds_nul(*text, path, error));
    if (good) {
        (*text)[*size] = '\0';
    } else {
        free(*text);
        *text = NULL;
    }
    return good;
}

char *px_text_line(char **rest)
{
    char *line = *rest, *end = line + strcspn(line, "\n");
    if (*line == '\0')
        return NULL;
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return line;
}
