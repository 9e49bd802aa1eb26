/* keyboard.c - the 8042 keyboard controller at 60h and 64h with a keyboard behind it: interrupt line 1, A20 and reset
 * by the output port. There is no mouse.
 *
 * The output buffer keeps its byte after it has been read, and the keyboard's next one takes a while: a program that
 * looks at 60h in its own INT 09h and then calls the old one, which looks again, sees the same byte. */
#include "firmware/pc/pc.h"

#define STATUS_FULL    0x01 /* a byte waits at 60h */
#define STATUS_COMMAND 0x08 /* the last write was to 64h */
#define STATUS_ENABLED 0x10

#define COMMAND_INTERRUPT 0x01
#define COMMAND_SYSTEM    0x04 /* shown in the status register too */
#define COMMAND_DISABLE   0x10
#define COMMAND_TRANSLATE 0x40

#define BYTE_TIME (500 * PC_SECOND / 1000000) /* from a byte that has been read to the keyboard's next */

#define ROOM 32u

typedef struct queue {
    uint8_t byte[ROOM];
    unsigned first, count;
} queue;

static queue controller, keyboard; /* who the bytes come from; the controller's go first */
static uint8_t output;             /* what 60h shows */
static bool full;                  /* it has not been read */
static bool sent;                  /* it is the keyboard's */
static pc_time ready;              /* for the keyboard's next */
static uint8_t command_byte;
static bool command_last;
static uint8_t expected;         /* the 64h command whose byte comes next at 60h, or 0 */
static uint8_t keyboard_expects; /* the keyboard command whose byte comes next, or 0 */
static uint8_t scan_set;
static bool scanning;

static void update_line(void) { pc_irq(1, full && (command_byte & COMMAND_INTERRUPT) != 0); }

static bool keyboard_waits(void) { return keyboard.count != 0 && (command_byte & COMMAND_DISABLE) == 0; }

/* The next byte into the output buffer, when it is empty. */
static void load(void)
{
    queue *const q = controller.count != 0 ? &controller : &keyboard;
    if (full || (q == &keyboard && (!keyboard_waits() || pc_now < ready)))
        return;
    output = q->byte[q->first];
    sent = q == &keyboard;
    q->first = (q->first + 1) % ROOM;
    q->count--;
    full = true;
    update_line();
}

static void put(queue *q, uint8_t byte)
{
    if (q->count < ROOM)
        q->byte[(q->first + q->count++) % ROOM] = byte;
    load();
}

static uint8_t take(void)
{
    const uint8_t byte = output;
    if (full)
        ready = pc_now + BYTE_TIME;
    full = false;
    update_line(); /* one edge a byte */
    load();
    return byte;
}

/* ---- the keyboard ---- */

/* Scan codes of set 1, 00h to 58h, in set 2, which a controller that does not translate lets through. */
static const uint8_t set_2[] = {
    0x00, 0x76, 0x16, 0x1E, 0x26, 0x25, 0x2E, 0x36, 0x3D, 0x3E, 0x46, 0x45, 0x4E, 0x55, 0x66, 0x0D, 0x15, 0x1D,
    0x24, 0x2D, 0x2C, 0x35, 0x3C, 0x43, 0x44, 0x4D, 0x54, 0x5B, 0x5A, 0x14, 0x1C, 0x1B, 0x23, 0x2B, 0x34, 0x33,
    0x3B, 0x42, 0x4B, 0x4C, 0x52, 0x0E, 0x12, 0x5D, 0x1A, 0x22, 0x21, 0x2A, 0x32, 0x31, 0x3A, 0x41, 0x49, 0x4A,
    0x59, 0x7C, 0x11, 0x29, 0x58, 0x05, 0x06, 0x04, 0x0C, 0x03, 0x0B, 0x83, 0x0A, 0x01, 0x09, 0x77, 0x7E, 0x6C,
    0x75, 0x7D, 0x7B, 0x6B, 0x73, 0x74, 0x79, 0x69, 0x72, 0x7A, 0x70, 0x71, 0x84, 0x60, 0x61, 0x78, 0x07};

static bool translated(void) { return scan_set == 1 || (command_byte & COMMAND_TRANSLATE) != 0; }

unsigned pc_keyboard_waiting(void) { return keyboard.count + (full && sent); }
bool pc_keyboard_sent(void) { return sent; }
bool pc_keyboard_room(void) { return keyboard.count + 2 <= ROOM; }

/* A key's bytes, of set 1, from the real keyboard; false when the guest does not take them. */
bool pc_keyboard_byte(uint8_t scan_code)
{
    if (!scanning || !pc_keyboard_room())
        return false;
    const uint8_t code = scan_code & 0x7F;
    if (translated() || code >= sizeof set_2) { /* E0h and E1h stand in both sets */
        put(&keyboard, scan_code);
        return true;
    }
    if ((scan_code & 0x80) != 0)
        put(&keyboard, 0xF0);
    put(&keyboard, set_2[code]);
    return true;
}

static void answer(uint8_t byte) { put(&keyboard, byte); }

/* LEDs and typematic rate are taken and forgotten. */
static void keyboard_argument(uint8_t byte)
{
    const uint8_t command = keyboard_expects;
    keyboard_expects = 0;
    answer(0xFA);
    if (command != 0xF0)
        return;
    if (byte == 1 || byte == 2)
        scan_set = byte;
    else if (byte == 0) /* which set: the controller translates the answer too */
        answer((command_byte & COMMAND_TRANSLATE) == 0 ? scan_set : scan_set == 1 ? 0x43 : 0x41);
}

static void to_keyboard(uint8_t byte)
{
    command_byte &= (uint8_t)~COMMAND_DISABLE; /* sending opens the line */
    if (keyboard_expects != 0 && byte < 0xED) {
        keyboard_argument(byte);
        return;
    }
    keyboard_expects = 0;
    switch (byte) {
    case 0xED:
    case 0xF0:
    case 0xF3:
        keyboard_expects = byte;
        answer(0xFA);
        break;
    case 0xEE:
        answer(0xEE);
        break;
    case 0xF2:
        answer(0xFA);
        answer(0xAB);
        answer((command_byte & COMMAND_TRANSLATE) != 0 ? 0x41 : 0x83);
        break;
    case 0xF4:
    case 0xF5:
    case 0xF6:
    case 0xFF:
        keyboard.count = 0;
        scanning = byte != 0xF5;
        scan_set = byte == 0xF4 ? scan_set : 2;
        answer(0xFA);
        if (byte == 0xFF)
            answer(0xAA);
        break;
    default:
        answer(0xFE); /* resend */
        break;
    }
}

/* ---- the controller ---- */

static void set_output_port(uint8_t value)
{
    pc_set_a20((value & 2) != 0);
    if ((value & 1) == 0)
        pc_ask_reset();
}

static void controller_command(uint8_t command)
{
    switch (command) {
    case 0x20:
        put(&controller, command_byte);
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
    case 0xA4:
        put(&controller, 0xF1);
        break; /* no password */
    case 0xA9:
        put(&controller, 1);
        break; /* its clock line is stuck */
    case 0xAA:
        command_byte |= COMMAND_SYSTEM;
        put(&controller, 0x55);
        break;
    case 0xAB:
        put(&controller, 0);
        break;
    case 0xAD:
        command_byte |= COMMAND_DISABLE;
        break;
    case 0xAE:
        command_byte &= (uint8_t)~COMMAND_DISABLE;
        load();
        break;
    case 0xC0:
        put(&controller, 0x80);
        break;
    case 0xD0:
        put(&controller, (uint8_t)(1 | pc_a20() << 1 | full << 4));
        break;
    case 0xDD:
        pc_set_a20(false);
        break;
    case 0xDF:
        pc_set_a20(true);
        break;
    default:
        if (command >= 0xF0 && (command & 1) == 0)
            pc_ask_reset();
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
        load();
        break;
    case 0xD1:
        set_output_port(value);
        break;
    case 0xD2:
        put(&controller, value);
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
    command_last = false;
    data_byte(value);
}

static uint8_t status_in(unsigned offset)
{
    (void)offset;
    return (uint8_t)(STATUS_ENABLED | (command_byte & COMMAND_SYSTEM) | (command_last ? STATUS_COMMAND : 0) |
                     (full ? STATUS_FULL : 0));
}

static void status_out(unsigned offset, uint8_t value)
{
    (void)offset;
    command_last = true;
    controller_command(value);
}

static void advance(pc_time now)
{
    (void)now;
    load();
}

static pc_time deadline(void) { return !full && keyboard_waits() ? ready : PC_NEVER; }

static void reset(pc_time now)
{
    controller.count = keyboard.count = 0;
    output = 0;
    full = sent = command_last = false;
    expected = keyboard_expects = 0;
    scanning = true;
    scan_set = 2;
    ready = now;
    command_byte = COMMAND_INTERRUPT | COMMAND_TRANSLATE | COMMAND_SYSTEM;
}

const pc_device pc_keyboard = {.name = "keyboard",
                               .first = 0x60,
                               .last = 0x60,
                               .in = data_in,
                               .out = data_out,
                               .reset = reset,
                               .advance = advance,
                               .deadline = deadline};
const pc_device pc_keyboard_status = {
    .name = "keyboard controller", .first = 0x64, .last = 0x64, .in = status_in, .out = status_out};
