/* hexdump - bytes in hexadecimal
 *
 * usage: hexdump [-C] [FILE]
 *
 * Of the file, or of its input: place, 16 bytes, and what they are as text. It
 * is always as with -C. Lines that are the same as the one before are one line
 * with *. */
#include "os/apps/app.h"

enum { BYTES = 16 };

static bool put_hex(uint32_t number, unsigned digits)
{
    char text[8];
    for (unsigned i = digits; i-- > 0; number >>= 4)
        text[i] = "0123456789abcdef"[number & 15];
    return put_bytes(1, text, digits);
}

static bool put_line(uint32_t place, const uint8_t *bytes, uint32_t count)
{
    char text[BYTES];
    bool good = put_hex(place, 8) && put("  ");
    for (uint32_t i = 0; i < BYTES; i++) {
        good = (i < count ? put_hex(bytes[i], 2) : put("  ")) && put(i == 7 ? "  " : " ") && good;
        text[i] = i < count && bytes[i] >= ' ' && bytes[i] < 0x7F ? (char)bytes[i] : '.';
    }
    return good && put(" |") && put_bytes(1, text, count) && put("|\n");
}

int main(int argc, char **argv)
{
    static reader r;
    uint8_t bytes[BYTES], before[BYTES];
    uint32_t place = 0, count = BYTES, options;
    int first;
    bool good = true, repeated = false;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "C", &options, &first) || argc > first + 1)
        return usage();
    if (!open_reader(&r, "hexdump", first < argc ? argv[first] : NULL))
        return 1;
    while (good && count == BYTES) {
        bool again = place > 0;
        int byte;
        for (count = 0; count < BYTES && (byte = next_of(&r)) >= 0; count++)
            bytes[count] = (uint8_t)byte;
        for (uint32_t i = 0; i < BYTES; i++)
            again = again && i < count && bytes[i] == before[i];
        if (count > 0 && !again)
            good = put_line(place, bytes, count);
        else if (again && !repeated)
            good = put("*\n");
        repeated = again;
        place += count;
        for (uint32_t i = 0; i < count; i++)
            before[i] = bytes[i];
    }
    return !(good && (place == 0 || (put_hex(place, 8) && put("\n"))) && !r.failed);
}
