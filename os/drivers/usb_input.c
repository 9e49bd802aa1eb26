/* usb_input.c - see usb_input.h. Nothing that a device says is believed to be as long as it says. */
#include "os/drivers/usb_input.h"
#include "os/drivers/input.h"

/* Usages of page 7, from 4 on, as input.h has keys: A to Z, 1 to 0, Enter to the slash, Caps Lock, F1 to F12, Print to
 * the arrows, the keypad. 0 is none. */
static const uint8_t codes[] = {0x1E, 0x30, 0x2E, 0x20, 0x12, 0x21, 0x22, 0x23, 0x17, 0x24, 0x25, 0x26, 0x32, 0x31,
                                0x18, 0x19, 0x10, 0x13, 0x1F, 0x14, 0x16, 0x2F, 0x11, 0x2D, 0x15, 0x2C, 0x02, 0x03,
                                0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x1C, 0x01, 0x0E, 0x0F, 0x39, 0x0C,
                                0x0D, 0x1A, 0x1B, 0x2B, 0x2B, 0x27, 0x28, 0x29, 0x33, 0x34, 0x35, 0x3A, 0x3B, 0x3C,
                                0x3D, 0x3E, 0x3F, 0x40, 0x41, 0x42, 0x43, 0x44, 0x57, 0x58, 0xB7, 0x46, 0x00, 0xD2,
                                0xC7, 0xC9, 0xD3, 0xCF, 0xD1, 0xCD, 0xCB, 0xD0, 0xC8, 0x45, 0xB5, 0x37, 0x4A, 0x4E,
                                0x9C, 0x4F, 0x50, 0x51, 0x4B, 0x4C, 0x4D, 0x47, 0x48, 0x49, 0x52, 0x53, 0x56, 0xDD};

/* Bits of a report's first byte: Ctrl, Shift, Alt and the logo, left and right. */
static const uint8_t modifiers[] = {0x1D, 0x2A, 0x38, 0xDB, 0x9D, 0x36, 0xB8, 0xDC};

/* ---- descriptors ---- */

enum { INTERFACE = 4, ENDPOINT = 5, HID = 0x21, HID_CLASS = 3 };

/* An interface's. */
static usb_kind kind_of(const uint8_t *d)
{
    enum { BOOT = 1, KEYBOARD = 1, MOUSE = 2 };
    return d[5] != HID_CLASS                  ? USB_OTHER
           : d[6] == BOOT && d[7] == KEYBOARD ? USB_KEYBOARD
           : d[6] == BOOT && d[7] == MOUSE    ? USB_MOUSE
           : d[7] == 0                        ? USB_TABLET
                                              : USB_OTHER;
}

usb_input usb_input_of(uint32_t class, const uint8_t *descriptors, uint32_t bytes)
{
    enum { CONFIGURATION = 9, IN = 0x80, INTERRUPT = 3 };
    static const uint8_t least[] = {[INTERFACE] = 9, [ENDPOINT] = 7, [HID] = 9}; /* bytes */
    usb_input found = {.class = class}, now = {.kind = USB_OTHER};
    uint32_t length;
    for (uint32_t at = 0; at + 2 <= bytes && (length = descriptors[at]) >= 2 && length <= bytes - at; at += length) {
        const uint8_t *d = descriptors + at;
        if (at == 0 && length >= CONFIGURATION)
            found.configuration = d[5];
        if (d[1] >= sizeof least || least[d[1]] == 0 || length < least[d[1]])
            continue;
        if (d[1] == INTERFACE) {
            now = (usb_input){kind_of(d), found.class == 0 ? d[5] : found.class, found.configuration, d[2],
                              .interval = 0};
            now.kind = d[3] == 0 ? now.kind : USB_OTHER; /* another setting of it would have to be asked for */
            found.class = now.class;
        } else if (d[1] == HID) {
            now.described = d[7] | (uint32_t)d[8] << 8;
        } else if (now.kind != USB_OTHER && (d[2] & IN) != 0 && (d[2] & 15) != 0 && (d[3] & 3) == INTERRUPT) {
            now.endpoint = d[2] & 15;
            now.bytes = (d[4] | (uint32_t)d[5] << 8) & 0x7FF;
            now.interval = d[6];
            if (now.bytes > 0 && now.bytes <= USB_REPORT)
                return now;
        }
    }
    return found;
}

/* ---- the description of reports: items, each a byte that says what and how long, and its value ---- */

typedef struct items {
    uint32_t page, usage[2], usages, far, size, count, at;
} items;

/* The fields of an INPUT item. */
static void take_input(usb_input *device, items *i, bool constant)
{
    enum { DESKTOP = 1, BUTTONS = 9, X = 0x30, Y = 0x31 };
    if (!constant && i->page == BUTTONS && device->buttons.bits == 0)
        device->buttons = (usb_field){i->at, i->size * i->count < 3 ? i->size * i->count : 3, 7};
    for (uint32_t k = 0; k < i->count && k < 2 && !constant && i->page == DESKTOP; k++) {
        const uint32_t usage = k < i->usages ? i->usage[k] : 0;
        if (usage == X || usage == Y)
            *(usage == X ? &device->x : &device->y) = (usb_field){i->at + k * i->size, i->size, i->far};
    }
    i->at += i->size * i->count;
}

static bool is_field(const usb_field *f) { return f->bits > 0 && f->bits <= 16 && f->far > 0 && f->far <= 0xFFFF; }

bool usb_input_describe(usb_input *device, const uint8_t *d, uint32_t bytes)
{
    enum {
        PAGE = 0x04,
        FAR = 0x24,
        SIZE = 0x74,
        COUNT = 0x94,
        NUMBER = 0x84,
        USAGE = 0x08,
        INPUT = 0x80,
        RELATIVE = 4
    };
    items now = {0};
    uint32_t length = 0;
    for (uint32_t at = 0; at < bytes; at += 1 + length) {
        length = (d[at] & 3) == 3 ? 4 : d[at] & 3;
        uint32_t value = 0;
        for (uint32_t k = 0; k < length && at + 1 + k < bytes; k++)
            value |= (uint32_t)d[at + 1 + k] << 8 * k;
        const uint32_t item = d[at] & ~3u;
        if (item == PAGE)
            now.page = value;
        else if (item == FAR)
            now.far = value;
        else if (item == SIZE)
            now.size = value & 0xFF;
        else if (item == COUNT)
            now.count = value & 0xFF;
        else if (item == USAGE && now.usages < 2)
            now.usage[now.usages++] = value;
        else if (item == NUMBER) /* several kinds of reports: their first bytes tell them apart */
            return false;
        else if (item == INPUT && now.page == 1 && (value & RELATIVE) != 0)
            now.at += now.size * now.count;
        else if (item == INPUT)
            take_input(device, &now, (value & 1) != 0);
        if ((item & 0x0C) == 0) /* usages are those of one item */
            now.usages = 0;
    }
    return is_field(&device->x) && is_field(&device->y);
}

static uint32_t field_in(const usb_field *f, const uint8_t *report, uint32_t bytes)
{
    uint32_t value = 0;
    for (uint32_t k = 0; k < f->bits; k++) {
        const uint32_t at = f->at + k;
        value |= at / 8 < bytes ? (uint32_t)(report[at / 8] >> at % 8 & 1) << k : 0;
    }
    return value;
}

/* ---- reports ---- */

static bool has(const uint8_t keys[USB_KEYS], uint8_t usage)
{
    for (uint32_t i = 2; i < USB_KEYS; i++)
        if (keys[i] == usage)
            return true;
    return false;
}

static void tell(uint8_t usage, bool pressed)
{
    enum { FIRST = 4 };
    if (usage >= FIRST && usage < FIRST + sizeof codes && codes[usage - FIRST] != 0)
        input_key(codes[usage - FIRST], pressed);
}

/* Modifiers first: what is pressed with them is to have them. */
static void keyboard_says(usb_input *device, const uint8_t *now)
{
    enum { TOO_MANY = 1 }; /* keys are held: it does not know which */
    uint8_t *last = device->last;
    for (uint32_t i = 0; i < sizeof modifiers; i++)
        if (((last[0] ^ now[0]) >> i & 1) != 0)
            input_key(modifiers[i], (now[0] >> i & 1) != 0);
    last[0] = now[0];
    if (has(now, TOO_MANY))
        return;
    for (uint32_t i = 2; i < USB_KEYS; i++)
        if (!has(now, last[i]))
            tell(last[i], false);
    for (uint32_t i = 2; i < USB_KEYS; i++)
        if (!has(last, now[i]))
            tell(now[i], true);
    for (uint32_t i = 2; i < USB_KEYS; i++)
        last[i] = now[i];
}

/* USB has the right button before the one in the middle. */
static uint32_t buttons_of(uint32_t bits) { return (bits & 1) | (bits & 2) << 1 | (bits & 4) >> 1; }

void usb_input_report(usb_input *device, const uint8_t *report, uint32_t bytes)
{
    if (device->kind == USB_KEYBOARD && bytes >= USB_KEYS)
        keyboard_says(device, report);
    if (device->kind == USB_MOUSE && bytes >= 3)
        input_move((int8_t)report[1], (int8_t)report[2], buttons_of(report[0]));
    if (device->kind == USB_TABLET && bytes * 8 >= device->x.at + device->x.bits &&
        bytes * 8 >= device->y.at + device->y.bits) {
        const uint32_t x = field_in(&device->x, report, bytes), y = field_in(&device->y, report, bytes);
        input_point(x * INPUT_FAR / device->x.far, y * INPUT_FAR / device->y.far,
                    buttons_of(field_in(&device->buttons, report, bytes)));
    }
}

void usb_input_leave(usb_input *device)
{
    static const uint8_t nothing[USB_KEYS];
    if (device->kind == USB_KEYBOARD)
        keyboard_says(device, nothing);
}
