/* keyboard.c - a PS/2 keyboard behind an 8042. */
#include "os/drivers/driver.h"
#include "os/drivers/input.h"
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
    MORE = 0xE0      /* a code of the keys that came later follows */
};

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

static void take_code(uint32_t code)
{
    enum { LEFT_SHIFT = 0x2A, RIGHT_SHIFT = 0x36 };
    static bool more;
    const uint32_t key = code & ~(uint32_t)RELEASED;
    const bool behind = more;
    more = code == MORE;
    if (!more && !(behind && (key == LEFT_SHIFT || key == RIGHT_SHIFT))) /* behind MORE they are no keys */
        input_key(key | (behind ? INPUT_BEYOND : 0), key == code);
}

static void hear(void)
{
    uint32_t status;
    while (input_has_room() && ((status = port_read(0, STATUS)) & CAME) != 0 && status != 0xFF) {
        const uint32_t code = port_read(0, DATA);
        if ((status & AUX) == 0)
            take_code(code);
    }
}

const driver driver_keyboard = {.begin = begin, .hear = hear};
