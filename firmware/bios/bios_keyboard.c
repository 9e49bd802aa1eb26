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

/* The word of a key that is pressed; 0 when it has none. */
static uint16_t key_of(uint8_t code, uint8_t flags, bool extended)
{
    const bool shift = (flags & (SHIFT_LEFT | SHIFT_RIGHT)) != 0;
    if (code >= 0x3B && code <= 0x44) { /* F1 to F10 */
        const unsigned base = (flags & ALT) != 0 ? 0x68 : (flags & CONTROL) != 0 ? 0x5E : shift ? 0x54 : 0x3B;
        return (uint16_t)((base + code - 0x3B) << 8);
    }
    if (code >= 0x47 && code <= 0x53) { /* the pad: digits with Num Lock, else cursor keys */
        static const char digits[] = "789-456+1230.";
        const char c = digits[code - 0x47];
        const bool digit = c == '-' || c == '+' || (!extended && ((flags & NUM) != 0) != shift);
        return (uint16_t)(code << 8 | (digit ? c : extended ? 0xE0 : 0));
    }
    if (code >= sizeof plain)
        return 0;
    char c = plain[code];
    if (c == '\0' || (extended && code != 0x1C && code != 0x35))
        return 0;
    if ((flags & ALT) != 0)
        return (uint16_t)((code >= 2 && code <= 13 ? code + 0x76 : code) << 8);
    if ((flags & CONTROL) != 0) {
        if (letter(c))
            return (uint16_t)(code << 8 | (c & 0x1F));
        return c == '\r' ? 0x1C0A : c == '\b' ? 0x0E7F : c == '[' ? 0x1A1B : c == '\\' ? 0x2B1C : c == ']' ? 0x1B1D : 0;
    }
    if (code == 0x0F && shift)
        return 0x0F00;
    if (shift != (letter(c) && (flags & CAPS) != 0))
        c = shifted[code];
    return (uint16_t)(code << 8 | (uint8_t)c);
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
    if (shift != 0)
        bios_put_byte(BDA(0x17), (uint8_t)(released ? flags & ~shift : flags | shift));
    else if (!released && lock_bit(code) != 0)
        bios_put_byte(BDA(0x17), flags ^ lock_bit(code));
    else if (!released && code == 0x53 && (flags & (CONTROL | ALT)) == (CONTROL | ALT))
        pc_ask(PC_RESET);
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

/* The next key, taken out of the ring or left in it. An old caller (AH = 00h, 01h) gets 0 where a grey key has E0h. */
static bool next_key(bool take, bool old, uint16_t *key)
{
    const uint16_t head = bios_word(BDA(0x1A));
    if (head == bios_word(BDA(0x1C)))
        return false;
    *key = bios_word(BDA(head));
    if (old && (*key & 0xFF) == 0xE0 && *key >> 8 != 0)
        *key &= 0xFF00;
    if (take) {
        uint16_t after = (uint16_t)(head + 2);
        if (after >= bios_word(BDA(0x82)))
            after = bios_word(BDA(0x80));
        bios_put_word(BDA(0x1A), after);
    }
    return true;
}

/* AH=00h, 10h wait for a key: out AX; 01h, 11h look: out AX and ZF = 0, or ZF = 1; 02h, 12h out AL = shift flags (AH =
 * 40:18); 03h typematic: taken; 05h in CX = key: out AL = 0, or 1 when the ring is full */
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
        set_word(&guest.rax, (uint16_t)(bios_byte(BDA(0x17)) | bios_byte(BDA(0x18)) << 8));
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
