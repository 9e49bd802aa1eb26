/* bios_keymap.c - the words of keys: a scan code of set 1 and the shift flags make what INT 16h hands out, as the
 * keyboard of the United States with 101 or 102 keys has it. */
#include "firmware/bios/services.h"
#include "firmware/bios/shift.h"

/* Scan codes 01h to 39h: plain, and with shift. 0 has no character. */
static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\0QWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool letter(char c) { return c >= 'a' && c <= 'z'; }

/* F1 to F12: plain, and with shift, control, Alt. */
static uint16_t function_key(unsigned number, bool shift, bool control, bool alt)
{
    const unsigned row = alt ? 3 : control ? 2 : shift ? 1 : 0;
    static const uint8_t first[4] = {0x3B, 0x54, 0x5E, 0x68}, eleventh[4] = {0x85, 0x87, 0x89, 0x8B};
    return (uint16_t)((number < 10 ? first[row] + number : eleventh[row] + number - 10) << 8);
}

/* 47h to 53h: digits with Num Lock, else cursor keys; behind E0h the grey cursor keys. */
static uint16_t pad_key(uint8_t code, uint8_t flags, bool extended)
{
    static const char digits[] = "789-456+1230.";
    static const uint8_t controlled[] = {0x77, 0x8D, 0x84, 0x8E, 0x73, 0x8F, 0x74, 0x90, 0x75, 0x91, 0x76, 0x92, 0x93};
    const bool shift = (flags & (SHIFT_LEFT | SHIFT_RIGHT)) != 0;
    const char c = digits[code - 0x47];
    if ((flags & ALT) != 0)
        return (uint16_t)(extended ? (code + 0x50) << 8 : c == '-' || c == '+' ? code << 8 : 0);
    if ((flags & CONTROL) != 0)
        return (uint16_t)(controlled[code - 0x47] << 8 | (extended ? 0xE0 : 0));
    if (c == '-' || c == '+' || (!extended && ((flags & NUM) != 0) != shift))
        return (uint16_t)(code << 8 | c);
    return (uint16_t)(code << 8 | (extended ? 0xE0 : 0));
}

/* The Enter and the / beside the pad, and Print Screen with control, behind E0h; no other key of the main block stands
 * there. */
static uint16_t grey_key(uint8_t code, uint8_t flags)
{
    const bool alt = (flags & ALT) != 0, control = (flags & CONTROL) != 0;
    if (code == 0x1C)
        return alt ? 0xA600 : control ? 0xE00A : 0xE00D;
    if (code == 0x35)
        return alt ? 0xA400 : control ? 0x9500 : 0xE02F;
    return code == 0x37 && control ? 0x7200 : 0;
}

static uint16_t with_alt(uint8_t code)
{
    if (code == 0x39)
        return 0x3920;
    return (uint16_t)((code == 0x0F ? 0xA5 : code >= 2 && code <= 13 ? code + 0x76 : code) << 8);
}

static uint16_t with_control(uint8_t code, char c)
{
    static const uint16_t others[] = {0x011B, 0x0300, 0x071E, 0x0C1F, 0x0E7F, 0x9400,
                                      0x1A1B, 0x1B1D, 0x1C0A, 0x2B1C, 0x9600, 0x3920};
    static const uint8_t codes[] = {0x01, 0x03, 0x07, 0x0C, 0x0E, 0x0F, 0x1A, 0x1B, 0x1C, 0x2B, 0x37, 0x39};
    if (letter(c))
        return (uint16_t)(code << 8 | (c & 0x1F));
    for (unsigned i = 0; i < sizeof codes; i++)
        if (codes[i] == code)
            return others[i];
    return 0;
}

uint16_t bios_key_word(uint8_t code, uint8_t flags, bool extended)
{
    const bool shift = (flags & (SHIFT_LEFT | SHIFT_RIGHT)) != 0;
    const bool control = (flags & CONTROL) != 0, alt = (flags & ALT) != 0;
    if ((code >= 0x3B && code <= 0x44) || code == 0x57 || code == 0x58)
        return function_key(code <= 0x44 ? code - 0x3Bu : code - 0x57u + 10, shift, control, alt);
    if (code >= 0x47 && code <= 0x53)
        return pad_key(code, flags, extended);
    if (extended)
        return grey_key(code, flags);
    if (code == 0x56 && !alt && !control) /* the 102nd, beside the left shift */
        return shift ? 0x567C : 0x565C;
    if (code >= sizeof plain || plain[code] == '\0')
        return 0;
    const char c = plain[code];
    if (alt)
        return with_alt(code);
    if (control)
        return with_control(code, c);
    if (code == 0x0F && shift)
        return 0x0F00;
    return (uint16_t)(code << 8 | (uint8_t)(shift != (letter(c) && (flags & CAPS) != 0) ? shifted[code] : c));
}
