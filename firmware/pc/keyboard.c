/* keyboard.c - the 8042 keyboard controller at 60h and 64h with a keyboard behind it: interrupt line 1, A20 and reset
 * by the output port, scan codes of set 1 as the controller translates them. There is no mouse. */
#include "firmware/pc/pc.h"

#define STATUS_FULL    0x01 /* a byte waits at 60h */
#define STATUS_SYSTEM  0x04
#define STATUS_COMMAND 0x08 /* the last write was to 64h */
#define STATUS_ENABLED 0x10

#define COMMAND_INTERRUPT 0x01
#define COMMAND_DISABLE   0x10
#define COMMAND_TRANSLATE 0x40

static uint8_t queue[64];
static unsigned first, count;
static uint8_t command_byte, status;
static uint8_t expected;         /* the 64h command whose byte comes next at 60h, or 0 */
static uint8_t keyboard_expects; /* the keyboard command whose byte comes next, or 0 */
static bool scanning;

static void update_line(void) { pc_irq(1, count != 0 && (command_byte & COMMAND_INTERRUPT) != 0); }

static bool put(uint8_t byte)
{
    if (count == sizeof queue)
        return false;
    queue[(first + count++) % sizeof queue] = byte;
    update_line();
    return true;
}

/* A key's bytes from the real keyboard; false when the guest does not take them. */
bool pc_keyboard_byte(uint8_t scan_code) { return scanning && (command_byte & COMMAND_DISABLE) == 0 && put(scan_code); }

static uint8_t take(void)
{
    if (count == 0)
        return 0;
    const uint8_t byte = queue[first];
    first = (first + 1) % sizeof queue;
    count--;
    pc_irq(1, false); /* one edge a byte */
    update_line();
    return byte;
}

static void to_keyboard(uint8_t byte)
{
    if (keyboard_expects != 0) { /* LEDs, scan code set, typematic rate: taken and forgotten */
        const bool asks = keyboard_expects == 0xF0 && byte == 0;
        keyboard_expects = 0;
        put(0xFA);
        if (asks)
            put((command_byte & COMMAND_TRANSLATE) != 0 ? 0x41 : 2); /* set 2, translated */
        return;
    }
    switch (byte) {
    case 0xED:
    case 0xF0:
    case 0xF3:
        keyboard_expects = byte;
        put(0xFA);
        break;
    case 0xEE:
        put(0xEE);
        break;
    case 0xF2:
        put(0xFA);
        put(0xAB);
        put((command_byte & COMMAND_TRANSLATE) != 0 ? 0x41 : 0x83);
        break;
    case 0xF4:
    case 0xF5:
    case 0xF6:
        scanning = byte != 0xF5;
        put(0xFA);
        break;
    case 0xFF:
        scanning = true;
        put(0xFA);
        put(0xAA);
        break;
    default:
        put(0xFE);
        break; /* resend */
    }
}

static void set_output_port(uint8_t value)
{
    pc_set_a20((value & 2) != 0);
    if ((value & 1) == 0)
        pc_ask(PC_RESET);
}

static void controller_command(uint8_t command)
{
    switch (command) {
    case 0x20:
        put(command_byte);
        break;
    case 0x60:
    case 0xD1:
    case 0xD2:
    case 0xD3:
    case 0xD4:
        expected = command;
        break;
    case 0xA7:
    case 0xA8:
        break; /* the mouse that is not there */
    case 0xA9:
        put(1);
        break; /* its clock line is stuck */
    case 0xAA:
        status |= STATUS_SYSTEM;
        put(0x55);
        break;
    case 0xAB:
        put(0);
        break;
    case 0xAD:
        command_byte |= COMMAND_DISABLE;
        break;
    case 0xAE:
        command_byte &= (uint8_t)~COMMAND_DISABLE;
        break;
    case 0xC0:
        put(0x80);
        break;
    case 0xD0:
        put((uint8_t)(1 | pc_a20() << 1 | (count != 0) << 4));
        break;
    case 0xDD:
        pc_set_a20(false);
        break;
    case 0xDF:
        pc_set_a20(true);
        break;
    default:
        if (command >= 0xF0 && (command & 1) == 0)
            pc_ask(PC_RESET);
        break;
    }
}

static void data_byte(uint8_t value)
{
    const uint8_t command = expected;
    expected = 0;
    switch (command) {
    case 0x60:
        command_byte = value;
        update_line();
        break;
    case 0xD1:
        set_output_port(value);
        break;
    case 0xD2:
        put(value);
        break;
    case 0xD3:
    case 0xD4:
        break;
    default:
        to_keyboard(value);
        break;
    }
}

static uint8_t data_in(unsigned offset)
{
    (void)offset;
    return take();
}

static void data_out(unsigned offset, uint8_t value)
{
    (void)offset;
    status &= (uint8_t)~STATUS_COMMAND;
    data_byte(value);
}

static uint8_t status_in(unsigned offset)
{
    (void)offset;
    return (uint8_t)(status | STATUS_ENABLED | (count != 0 ? STATUS_FULL : 0));
}

static void status_out(unsigned offset, uint8_t value)
{
    (void)offset;
    status |= STATUS_COMMAND;
    controller_command(value);
}

static void reset(pc_time now)
{
    (void)now;
    first = count = 0;
    expected = keyboard_expects = 0;
    scanning = true;
    command_byte = COMMAND_INTERRUPT | COMMAND_TRANSLATE | 4;
    status = STATUS_SYSTEM;
}

const pc_device pc_keyboard = {
    .name = "keyboard", .first = 0x60, .last = 0x60, .in = data_in, .out = data_out, .reset = reset};
const pc_device pc_keyboard_status = {
    .name = "keyboard controller", .first = 0x64, .last = 0x64, .in = status_in, .out = status_out};
