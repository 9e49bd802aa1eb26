/* bios_keyboard.c - INT 16h and IRQ 1: scan codes of set 1 become words in the ring of the data area, as a keyboard of
 * the United States has them. */
#include "firmware/bios/bios.h"

#include "firmware/hv/exit.h"
#include "firmware/pc/pc.h"

/* Bits of the shift flags at 40:17. */
#define SHIFT_RIGHT 0x01u
#define SHIFT_LEFT  0x02u
#define CONTROL     0x04u
#define ALT         0x08u
#define SCROLL      0x10u
#define NUM         0x20u
#define CAPS        0x40u

#define EXTENDED 0x02u /* at 40:96: the last byte was E0h */

/* Scan codes 01h to 39h: plain, and with shift. 0 has no character. */
static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\0QWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool letter(char c) { return c >= 'a' && c <= 'z'; }

static bool put_key(uint16_t key)
{
    const uint16_t tail = bios_word(BDA(0x1C)), start = bios_word(BDA(0x80)), end = bios_word(BDA(0x82));
    uint16_t next = (uint16_t)(tail + 2);
    if (next >= end)
        next = start;
    if (next == bios_word(BDA(0x1A)))
        return false;
    bios_put_word(BDA(tail), key);
    bios_put_word(BDA(0x1C), next);
    return true;
}

static uint8_t shift_bit(uint8_t code)
{
    switch (code) {
    case 0x2A:
        return SHIFT_LEFT;
    case 0x36:
        return SHIFT_RIGHT;
    case 0x1D:
        return CONTROL;
    case 0x38:
        return ALT;
    default:
        return 0;
    }
}

static uint8_t lock_bit(uint8_t code) { return code == 0x3A ? CAPS : code == 0x45 ? NUM : code == 0x46 ? SCROLL : 0; }

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

/* The Enter and the / beside the pad, behind E0h; no other key of the main block stands there. */
static uint16_t grey_key(uint8_t code, uint8_t flags)
{
    const bool alt = (flags & ALT) != 0, control = (flags & CONTROL) != 0;
    if (code == 0x1C)
        return alt ? 0xA600 : control ? 0xE00A : 0xE00D;
    if (code == 0x35)
        return alt ? 0xA400 : control ? 0x9500 : 0xE02F;
    return 0;
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

/* The word of a key that is pressed; 0 when it has none. */
static uint16_t key_of(uint8_t code, uint8_t flags, bool extended)
{
    const bool shift = (flags & (SHIFT_LEFT | SHIFT_RIGHT)) != 0;
    const bool control = (flags & CONTROL) != 0, alt = (flags & ALT) != 0;
    if ((code >= 0x3B && code <= 0x44) || code == 0x57 || code == 0x58)
        return function_key(code <= 0x44 ? code - 0x3Bu : code - 0x57u + 10, shift, control, alt);
    if (code >= 0x47 && code <= 0x53)
        return pad_key(code, flags, extended);
    if (extended)
        return grey_key(code, flags);
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

/* Control and Alt are there twice: the left ones in bits 0 and 1 of 40:18, the right ones in bits 2 and 3 of 40:96; at
 * 40:17 it does not matter which. */
static void double_key(uint8_t bit, bool right, bool released)
{
    const uint64_t at = right ? BDA(0x96) : BDA(0x18);
    const uint8_t left_bit = bit == CONTROL ? 1 : 2, right_bit = bit == CONTROL ? 4 : 8;
    const uint8_t own = right ? right_bit : left_bit;
    bios_put_byte(at, (uint8_t)(released ? bios_byte(at) & ~own : bios_byte(at) | own));
    const bool held = (bios_byte(BDA(0x18)) & left_bit) != 0 || (bios_byte(BDA(0x96)) & right_bit) != 0;
    const uint8_t flags = bios_byte(BDA(0x17));
    bios_put_byte(BDA(0x17), (uint8_t)(held ? flags | bit : flags & ~bit));
}

static void scan_code(uint8_t byte)
{
    const uint8_t flags = bios_byte(BDA(0x17)), state = bios_byte(BDA(0x96));
    const bool extended = (state & EXTENDED) != 0, released = (byte & 0x80) != 0;
    const uint8_t code = byte & 0x7F;
    if (byte == 0xE0 || byte == 0xE1) {
        bios_put_byte(BDA(0x96), state | EXTENDED);
        return;
    }
    bios_put_byte(BDA(0x96), state & (uint8_t)~EXTENDED);
    const uint8_t shift = extended && (code == 0x2A || code == 0x36) ? 0 : shift_bit(code);
    if (shift == CONTROL || shift == ALT)
        double_key(shift, extended, released);
    else if (shift != 0)
        bios_put_byte(BDA(0x17), (uint8_t)(released ? flags & ~shift : flags | shift));
    else if (!released && lock_bit(code) != 0)
        bios_put_byte(BDA(0x17), flags ^ lock_bit(code));
    else if (!released && code == 0x53 && (flags & (CONTROL | ALT)) == (CONTROL | ALT))
        pc_ask_reset();
    else if (!released) {
        const uint16_t key = key_of(code, flags, extended);
        if (key != 0)
            (void)put_key(key);
    }
}

bios_answer bios_keyboard_irq(void)
{
    scan_code((uint8_t)pc_in(0x60, 1));
    pc_out(0x20, 1, 0x20);
    return BIOS_DONE;
}

/* ---- INT 16h ---- */

/* What an old caller (AH = 00h, 01h) gets for a key that only the newer keyboard has: what the older one had for it, or
 * 0 where it had none. */
static uint16_t old_key(uint16_t key)
{
    const uint8_t code = (uint8_t)(key >> 8), character = (uint8_t)key;
    if (code == 0xE0)
        return (uint16_t)(character == '/' ? 0x352F : 0x1C00 | character);
    if (code > 0x84)
        return 0;
    return character == 0xE0 && code != 0 ? key & 0xFF00 : key;
}

/* No ring has more, whatever the guest has made of its head and tail. */
#define MOST_KEYS 128u

static void take_key(uint16_t head)
{
    uint16_t after = (uint16_t)(head + 2);
    if (after >= bios_word(BDA(0x82)))
        after = bios_word(BDA(0x80));
    bios_put_word(BDA(0x1A), after);
}

/* The next key, taken out of the ring or left in it; those that an old caller does not know are thrown away. */
static bool next_key(bool take, bool old, uint16_t *key)
{
    for (unsigned i = 0; i < MOST_KEYS; i++) {
        const uint16_t head = bios_word(BDA(0x1A));
        if (head == bios_word(BDA(0x1C)))
            return false;
        const uint16_t found = bios_word(BDA(head));
        *key = old ? old_key(found) : found;
        const bool known = !old || *key != 0 || found == 0; /* Ctrl-Break's word is 0 */
        if (take || !known)
            take_key(head);
        if (known)
            return true;
    }
    return false;
}

/* AH=00h, 10h wait for a key: out AX; 01h, 11h look: out AX and ZF = 0, or ZF = 1; 02h, 12h out AL = shift flags, AH
 * (12h) = which keys are down; 03h typematic: taken; 05h in CX = key: out AL = 0, or 1 when the ring is full */
bios_answer bios_keyboard(void)
{
    const uint8_t function = high(guest.rax);
    uint16_t key = 0;
    switch (function) {
    case 0x00:
    case 0x10:
        if (!next_key(true, function == 0, &key))
            return BIOS_WAIT;
        set_word(&guest.rax, key);
        break;
    case 0x01:
    case 0x11: {
        const bool there = next_key(false, function == 1, &key);
        if (there)
            set_word(&guest.rax, key);
        bios_zero(!there);
        break;
    }
    case 0x02:
        set_low(&guest.rax, bios_byte(BDA(0x17)));
        break;
    case 0x12:
        set_low(&guest.rax, bios_byte(BDA(0x17)));
        set_high(&guest.rax, (bios_byte(BDA(0x18)) & 0x73) | (bios_byte(BDA(0x96)) & 0x0C));
        break;
    case 0x03:
        break;
    case 0x05:
        set_low(&guest.rax, !put_key(word(guest.rcx)));
        break;
    case 0x92:
        set_high(&guest.rax, 0x80);
        break; /* asked by programs that look for 10h to 12h */
    default:
        bios_unknown(0x16);
        break;
    }
    return BIOS_DONE;
}
