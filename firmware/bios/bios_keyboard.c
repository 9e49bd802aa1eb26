/* bios_keyboard.c - IRQ 1 and INT 16h: scan codes become words in the ring of the data area, the state of the shift and
 * lock keys, and calls of what programs hook.
 *
 * The ROM reads port 60h and asks INT 15h AH=4Fh; what it lets through comes here. */
#include "firmware/bios/services.h"
#include "firmware/bios/shift.h"

#include "firmware/pc/pc.h"
#include "firmware/vcpu/guest.h"

/* Bits of 40:18, beside the left control and Alt: SysReq is down, a pause is on; the lock keys that are down have the
 * bits that their states have at 40:17. */
#define SYSREQ_DOWN 0x04u
#define PAUSED      0x08u

/* Bits of 40:96: what the last byte was. */
#define AFTER_E1 0x01u
#define EXTENDED 0x02u

/* What the ROM is to call behind the byte, in AX: INT 1Bh, INT 05h, INT 15h with this AX; or to wait for the end of a
 * pause. */
enum call { NOTHING = 0, PRINT_SCREEN = 0x05, PAUSE = 0x08, BREAK = 0x1B, SYSREQ = 0x8500, POSTED = 0x9102 };

#define RFLAGS_CF 1u

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

static uint16_t post(uint16_t key) { return put_key(key) ? POSTED : NOTHING; }

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

static uint8_t lock_bit(uint8_t code, bool extended)
{
    return extended ? 0 : code == 0x3A ? CAPS : code == 0x45 ? NUM : code == 0x46 ? SCROLL : 0;
}

/* Insert is a lock key too where it is no digit and nothing is held with it. */
static bool inserts(uint8_t code, bool extended, bool released)
{
    const uint16_t key = code == 0x52 ? bios_key_word(code, bios_byte(BDA(0x17)), extended) : 0;
    return code == 0x52 && (released || key == 0x5200 || key == 0x52E0);
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

/* A lock key's state changes once, however long it is held. 40:97 has the lights as they would be. */
static void lock_key(uint8_t bit, bool released)
{
    const uint8_t down = bios_byte(BDA(0x18)), flags = bios_byte(BDA(0x17));
    bios_put_byte(BDA(0x18), (uint8_t)(released ? down & ~bit : down | bit));
    if (released || (down & bit) != 0)
        return;
    bios_put_byte(BDA(0x17), flags ^ bit);
    bios_put_byte(BDA(0x97), (uint8_t)((bios_byte(BDA(0x97)) & ~7u) | ((flags ^ bit) >> 4 & 7u)));
}

/* INT 15h AH=85h: AL = 0 pressed, once; 1 released. */
static uint16_t system_key(bool released)
{
    const uint8_t down = bios_byte(BDA(0x18));
    bios_put_byte(BDA(0x18), (uint8_t)(released ? down & ~SYSREQ_DOWN : down | SYSREQ_DOWN));
    return released ? (uint16_t)(SYSREQ | 1) : (down & SYSREQ_DOWN) == 0 ? SYSREQ : NOTHING;
}

/* Ctrl-Break: the ring is emptied; its word, 0, is put there when INT 1Bh has come back. */
static uint16_t break_key(void)
{
    const uint16_t start = bios_word(BDA(0x80));
    bios_put_word(BDA(0x1A), start);
    bios_put_word(BDA(0x1C), start);
    bios_put_byte(BDA(0x71), bios_byte(BDA(0x71)) | 0x80);
    return BREAK;
}

/* The machine stands until a key is pressed. A program that has sent these bytes itself (8042, command D2h) goes on:
 * there would be nobody to end its pause. */
static uint16_t pause_key(void)
{
    if (!pc_keyboard_sent())
        return NOTHING;
    bios_put_byte(BDA(0x18), bios_byte(BDA(0x18)) | PAUSED);
    return PAUSE;
}

/* E1h 1Dh 45h, and E1h 9Dh C5h when the key comes up: three bytes that belong together. */
static bool pause_byte(uint8_t byte, uint16_t *call)
{
    const uint8_t state = bios_byte(BDA(0x96));
    *call = NOTHING;
    if ((state & AFTER_E1) == 0)
        return false;
    if ((byte & 0x7F) == 0x1D)
        return true;
    bios_put_byte(BDA(0x96), state & (uint8_t)~AFTER_E1);
    if (byte == 0x45)
        *call = pause_key();
    return (byte & 0x7F) == 0x45;
}

/* Alt and digits of the pad make a character, 40:19, which comes when Alt is let go. */
#define ALT_NUMBER BDA(0x19)

static bool alt_digit(uint8_t code, uint8_t flags)
{
    static const uint8_t digit[] = {7, 8, 9, 10, 4, 5, 6, 10, 1, 2, 3, 0};
    if ((flags & (ALT | CONTROL)) != ALT || code < 0x47 || code > 0x52 || digit[code - 0x47] > 9)
        return false;
    bios_put_byte(ALT_NUMBER, (uint8_t)(bios_byte(ALT_NUMBER) * 10 + digit[code - 0x47]));
    return true;
}

static uint16_t alt_released(void)
{
    const uint8_t character = bios_byte(ALT_NUMBER);
    bios_put_byte(ALT_NUMBER, 0);
    return character != 0 ? post(character) : NOTHING;
}

static uint16_t shift_key(uint8_t bit, bool extended, bool released)
{
    const uint8_t flags = bios_byte(BDA(0x17));
    if (bit == CONTROL || bit == ALT)
        double_key(bit, extended, released);
    else
        bios_put_byte(BDA(0x17), (uint8_t)(released ? flags & ~bit : flags | bit));
    return bit == ALT && (bios_byte(BDA(0x17)) & ALT) == 0 ? alt_released() : NOTHING;
}

/* A key that has gone down and is no shift or lock key. */
static uint16_t pressed(uint8_t code, bool extended)
{
    const uint8_t flags = bios_byte(BDA(0x17));
    if ((bios_byte(BDA(0x18)) & PAUSED) != 0) { /* this ends it, and is nothing else */
        bios_put_byte(BDA(0x18), bios_byte(BDA(0x18)) & (uint8_t)~PAUSED);
        return NOTHING;
    }
    if (code == 0x53 && (flags & (CONTROL | ALT)) == (CONTROL | ALT)) {
        bios_put_word(BDA(0x72), 0x1234);
        pc_ask_reset();
        return NOTHING;
    }
    if (code == 0x46 && extended)
        return break_key();
    if (code == 0x37 && extended && (flags & (CONTROL | ALT)) == 0)
        return PRINT_SCREEN;
    if (!extended && alt_digit(code, flags))
        return NOTHING;
    bios_put_byte(ALT_NUMBER, 0);
    const uint16_t key = bios_key_word(code, flags, extended);
    return key != 0 ? post(key) : NOTHING;
}

static uint16_t key_byte(uint8_t byte, bool extended)
{
    const uint8_t code = byte & 0x7F;
    const bool released = (byte & 0x80) != 0;
    const uint8_t shift = shift_bit(code), lock = lock_bit(code, extended);
    if (extended && (shift & (SHIFT_LEFT | SHIFT_RIGHT)) != 0)
        return NOTHING; /* what a grey key sends so that the oldest programs take it for one of the pad */
    if (shift != 0)
        return shift_key(shift, extended, released);
    if (lock != 0)
        lock_key(lock, released);
    if (inserts(code, extended, released))
        lock_key(INSERT, released);
    if (code == 0x54 && !extended)
        return system_key(released);
    return released || lock != 0 ? NOTHING : pressed(code, extended);
}

static uint16_t scan_code(uint8_t byte)
{
    const uint8_t state = bios_byte(BDA(0x96));
    uint16_t call;
    if (byte == 0xE0 || byte == 0xE1) {
        bios_put_byte(BDA(0x96), (uint8_t)((state & ~(EXTENDED | AFTER_E1)) | (byte == 0xE0 ? EXTENDED : AFTER_E1)));
        return NOTHING;
    }
    if (pause_byte(byte, &call))
        return call;
    bios_put_byte(BDA(0x96), state & (uint8_t) ~(EXTENDED | AFTER_E1));
    return key_byte(byte, (state & EXTENDED) != 0);
}

/* What INT 15h AH=4Fh has left: AL = the byte, CF = 0: it is not the BIOS' any more. Behind INT 1Bh AH = 1Bh. out AX =
 * what is called next. The interrupt has ended. */
bios_answer bios_keyboard_irq(void)
{
    const bool passed = (vcpu_get(VCPU_RFLAGS) & RFLAGS_CF) != 0;
    if (high(guest.rax) == BREAK) {
        set_word(&guest.rax, post(0));
        return BIOS_DONE;
    }
    set_word(&guest.rax, passed ? scan_code(low(guest.rax)) : NOTHING);
    pc_out(0x20, 1, 0x20);
    return BIOS_DONE;
}

/* ---- INT 16h ---- */

/* F0h beside a scan code stands for no character, in words that programs or drivers put into the ring. */
static uint16_t new_key(uint16_t key) { return (key & 0xFF) == 0xF0 && key > 0xFF ? key & 0xFF00 : key; }

/* What an old caller (AH = 00h, 01h) gets for a key that only the newer keyboard has: what the older one had for it, or
 * 0 where it had none. */
static uint16_t old_key(uint16_t key)
{
    const uint8_t code = (uint8_t)(key >> 8), character = (uint8_t)key;
    if (code == 0xE0)
        return (uint16_t)(character == '/' ? 0x352F : 0x1C00 | character);
    if (code > 0x84)
        return 0;
    return character == 0xE0 && code != 0 ? key & 0xFF00 : new_key(key);
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
        *key = old ? old_key(found) : new_key(found);
        const bool known = !old || *key != 0 || found == 0; /* Ctrl-Break's word is 0 */
        if (take || !known)
            take_key(head);
        if (known)
            return true;
    }
    return false;
}

/* AH=00h, 10h wait for a key: out AX; 01h, 11h look: out AX and ZF = 0, or ZF = 1; 02h, 12h out AL = shift flags, AH
 * (12h) = which keys are down: 7 to 0 SysReq, Caps, Num, Scroll Lock, right Alt, right control, left Alt, left control;
 * 03h typematic: taken; 05h in CX = key: out AL = 0, or 1 when the ring is full */
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
        set_high(&guest.rax, (uint8_t)((bios_byte(BDA(0x18)) & 0x73) | (bios_byte(BDA(0x96)) & 0x0C) |
                                       (bios_byte(BDA(0x18)) & SYSREQ_DOWN) << 5));
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

/* ---- typing ahead ---- */

#define PATIENCE (3 * PC_SECOND)

/* Keys for which the ring has room; many where there is none, or where its words are nobody's. */
static unsigned room(void)
{
    const unsigned start = bios_word(BDA(0x80)), end = bios_word(BDA(0x82)), size = end - start;
    const unsigned head = bios_word(BDA(0x1A)), tail = bios_word(BDA(0x1C));
    if (end <= start || size % 2 != 0 || head < start || head >= end || tail < start || tail >= end)
        return UINT16_MAX;
    return (size - 2 - (tail + size - head) % size) / 2;
}

bool bios_keyboard_room(pc_time now)
{
    static pc_time full_since = PC_NEVER;
    const unsigned waiting = pc_keyboard_waiting();
    if (!bios_mode() || 2 * room() > waiting) { /* a key has two bytes and more */
        full_since = PC_NEVER;
        return true;
    }
    if (full_since == PC_NEVER)
        full_since = now;
    return now - full_since >= PATIENCE;
}
