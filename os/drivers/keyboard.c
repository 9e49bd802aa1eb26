/* keyboard.c - a PS/2 keyboard behind an 8042, as the keyboard of the United States has its keys. It gives what a
 * terminal gives: characters, Ctrl's, and sequences for the keys that have none. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

enum {
    DATA = 0x60,
    STATUS = 0x64,
    COMMAND = 0x64,
    CAME = 1,   /* of STATUS: a byte has come */
    BUSY = 2,   /* it has not taken the last one */
    AUX = 0x20, /* what came is the mouse's */
    IRQ = 1,
    LOOKS = 1000,
    RELEASED = 0x80, /* of a code: the key was let go */
    MORE = 0xE0,     /* a code of the keys that came later follows */
    ONE_KEY = 4      /* bytes that one key gives, at most */
};

/* Codes 01h to 39h, of set 1: plain, and with shift. 0 has no character. */
static const char plain[] = "\0\0331234567890-=\x7F\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\x7F\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* 47h to 53h: how the sequence of each ends; 0 has none. */
static const char *const beyond[] = {"H", "A", "5~", 0, "D", 0, "C", 0, "F", "B", "6~", "2~", "3~"};

static bool shift, control, capitals, more;

static bool can_command(void)
{
    for (int i = 0; i < LOOKS; i++)
        if ((port_read(0, STATUS) & BUSY) == 0)
            return true;
    return false;
}

static bool begin(void)
{
    enum {
        WRITE_SETTINGS = 0x60,
        SETTINGS = 0x61 /* interrupts of the keyboard, set 1, no mouse */,
        ON = 0xAE,
        ALL = 0xFF
    };
    if (port_read(0, STATUS) == ALL || !can_command())
        return false;
    port_write(0, COMMAND, WRITE_SETTINGS);
    if (!can_command())
        return false;
    port_write(0, DATA, SETTINGS);
    if (!can_command())
        return false;
    port_write(0, COMMAND, ON);
    return irq_interrupt(IRQ, KEYBOARD_INTERRUPT);
}

/* What a key gives that was pressed. */
static uint32_t give(uint32_t code, uint8_t bytes[ONE_KEY])
{
    if (code >= 0x47 && code <= 0x53 && beyond[code - 0x47] != NULL) {
        uint32_t count = 2;
        bytes[0] = 0x1B;
        bytes[1] = '[';
        for (const char *c = beyond[code - 0x47]; *c != '\0'; c++)
            bytes[count++] = (uint8_t)*c;
        return count;
    }
    if (code >= sizeof plain)
        return 0;
    const bool letter = plain[code] >= 'a' && plain[code] <= 'z';
    const char c = (shift != (letter && capitals)) ? shifted[code] : plain[code];
    bytes[0] = (uint8_t)(control ? c & 0x1F : c);
    return c != '\0';
}

static uint32_t take_code(uint32_t code, uint8_t bytes[ONE_KEY])
{
    enum { LEFT = 0x2A, RIGHT = 0x36, CONTROL = 0x1D, CAPITALS = 0x3A };
    const uint32_t key = code & ~(uint32_t)RELEASED;
    const bool pressed = key == code, behind = more;
    more = code == MORE;
    if (more)
        return 0;
    if (key == CONTROL)
        control = pressed;
    else if (!behind && (key == LEFT || key == RIGHT)) /* behind MORE they are no keys */
        shift = pressed;
    else if (key == CAPITALS)
        capitals ^= pressed;
    else if (pressed)
        return give(key, bytes);
    return 0;
}

static uint32_t take(uint8_t *bytes, uint32_t most)
{
    uint32_t count = 0, status;
    while (most - count >= ONE_KEY && ((status = port_read(0, STATUS)) & CAME) != 0 && status != 0xFF) {
        const uint32_t code = port_read(0, DATA);
        if ((status & AUX) == 0)
            count += take_code(code, bytes + count);
    }
    return count;
}

const driver driver_keyboard = {.begin = begin, .take = take};
