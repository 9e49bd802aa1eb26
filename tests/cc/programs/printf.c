/* printf.c - a formatter with widths, signs and padding, and many lines of its output. */
#include "tests/cc/say.h"

static char line[200];
static char *at;

static void put_padded(const char *text, int length, int width, char pad, int left)
{
    for (int i = length; !left && i < width; i++)
        *at++ = pad;
    for (int i = 0; i < length; i++)
        *at++ = text[i];
    for (int i = length; left && i < width; i++)
        *at++ = ' ';
}

static void put_int(uint32_t value, int base, int negative, int width, char pad, int left)
{
    char digits[33];
    int first = 33;
    do {
        digits[--first] = "0123456789abcdef"[value % (uint32_t)base];
        value /= (uint32_t)base;
    } while (value != 0);
    if (negative)
        digits[--first] = '-';
    put_padded(digits + first, 33 - first, width, pad, left);
}

static void format(const char *text, ...)
{
    va_list list;
    va_start(list, text);
    for (at = line; *text != '\0'; text++) {
        if (*text != '%') {
            *at++ = *text;
            continue;
        }
        int width = 0, left = 0;
        char pad = ' ';
        for (text++; *text == '-' || *text == '0'; text++)
            *text == '-' ? (left = 1) : (pad = '0');
        for (; *text >= '0' && *text <= '9'; text++)
            width = 10 * width + *text - '0';
        if (*text == 's') {
            const char *word = va_arg(list, const char *);
            int length = 0;
            while (word[length] != '\0')
                length++;
            put_padded(word, length, width, pad, left);
        } else if (*text == 'c') {
            *at++ = (char)va_arg(list, int);
        } else {
            const uint32_t value = va_arg(list, uint32_t);
            const int negative = *text == 'd' && value >> 31 != 0;
            put_int(negative ? 0 - value : value,
                    *text == 'x'   ? 16
                    : *text == 'o' ? 8
                                   : 10,
                    negative, width, pad, left);
        }
    }
    *at = '\0';
    va_end(list);
}

int main(void)
{
    uint32_t sum = 0;
    for (int i = -60; i < 60; i++) {
        format("%5d|%-6d|%08x|%o|%c|%10s|%-4s|", i * 37, i, (uint32_t)i * 77777u, (uint32_t)(i + 60),
               'a' + (i + 60) % 26, &"hexadecimal"[(i + 60) % 11], "ab");
        if (i % 20 == 0)
            say("%s\n", line);
        for (const char *c = line; *c != '\0'; c++)
            sum = mixed(sum, (unsigned char)*c);
    }
    say("%x\n", sum);
    return 0;
}
