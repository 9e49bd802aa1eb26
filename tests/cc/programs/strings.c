/* strings.c - strings by bytes, half-words of both signs at both places, UTF-16, and reversals. */
#include "tests/cc/say.h"

static unsigned length(const char *s)
{
    const char *end = s;
    while (*end != '\0')
        end++;
    return (unsigned)(end - s);
}

static int compare(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

static const char *find(const char *text, const char *what)
{
    for (; *text != '\0'; text++) {
        const char *a = text, *b = what;
        while (*b != '\0' && *a == *b)
            a++, b++;
        if (*b == '\0')
            return text;
    }
    return 0;
}

static void reverse(char *text)
{
    for (char *low = text, *high = text + length(text); low < --high; low++) {
        const char kept = *low;
        *low = *high;
        *high = kept;
    }
}

static int16_t halves[301];
static uint16_t wide[300];

static uint32_t half_work(void)
{
    uint32_t sum = 0;
    for (int i = 0; i < 301; i++)
        halves[i] = (int16_t)(chance() >> 7);
    for (int i = 1; i < 300; i++)
        halves[i] = (int16_t)((halves[i - 1] + 2 * halves[i] + halves[i + 1]) >> 2);
    for (int i = 0; i < 300; i++) {
        const uint16_t x = (uint16_t)halves[i];
        wide[299 - i] = (uint16_t)(x << 8 | x >> 8);
    }
    for (int i = 0; i < 300; i++)
        sum = mixed(sum, (uint32_t)halves[i] + wide[i]);
    return sum;
}

static uint32_t utf16(const char *text)
{
    uint32_t sum = 0;
    uint16_t *to = wide;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        uint32_t code = *at++;
        const int more = code < 0x80 ? 0 : code < 0xE0 ? 1 : code < 0xF0 ? 2 : 3;
        code &= more ? 0x3Fu >> more : 0x7Fu;
        for (int i = 0; i < more; i++)
            code = code << 6 | (*at++ & 0x3F);
        if (code >= 0x10000) {
            *to++ = (uint16_t)(0xD7C0 + (code >> 10));
            code = 0xDC00 | (code & 0x3FF);
        }
        *to++ = (uint16_t)code;
    }
    while (to > wide)
        sum = mixed(sum, *--to);
    return sum;
}

int main(void)
{
    static char text[] = "a picture is a program; a program is a picture";
    const char *found = find(text, "program is");
    uint32_t sum = 0;
    for (int i = 0; i < 20; i++)
        sum = mixed(sum, half_work());
    say("%u %d %d %d %x\n", length(text), (int)(found - text), compare("pixel", "pixels") < 0, compare("b", "a"), sum);
    reverse(text);
    say("%s %x\n", text, utf16("pixel \303\251\342\202\254\360\237\216\250"));
    for (int i = 0; i < 200; i++)
        sum = mixed(sum, (uint32_t)compare(text + i % 40, text + i * 7 % 40) + length(text + i % 46));
    say("%x\n", sum);
    return 0;
}
