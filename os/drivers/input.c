/* input.c - see input.h. Keys are those of the keyboard of the United States. */
#include "os/drivers/input.h"
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

enum {
    EVENTS = 64,
    ROOM = 16, /* of them, for what one report of a device tells at most */
    NONE = INT32_MAX,
    ONE_KEY = 4 /* bytes that one key gives, at most */
};

/* Codes 01h to 39h: plain, and with shift. 0 has no character. */
static const char plain[] = "\0\0331234567890-=\x7F\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\x7F\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* 47h to 53h, the keys with arrows and those that came later. */
static const uint32_t beyond[] = {PXH_KEY_HOME,  PXH_KEY_UP,   PXH_KEY_PAGE_UP,   '-',
                                  PXH_KEY_LEFT,  NONE,         PXH_KEY_RIGHT,     '+',
                                  PXH_KEY_LAST,  PXH_KEY_DOWN, PXH_KEY_PAGE_DOWN, PXH_KEY_INSERT,
                                  PXH_KEY_DELETE};

/* How a terminal's sequence ends, from PXH_KEY_UP on. */
static const char *const ends[] = {"A", "B", "D", "C", "H", "F", "5~", "6~", "2~", "3~"};

static input_event events[EVENTS];
static uint32_t taken, told, lost; /* event i is events[i % EVENTS] */
static uint32_t held[INPUT_KEYS];  /* 1 + what it gave when it was pressed; 0: it is not */
static bool capitals;
static uint32_t pointer_x, pointer_y; /* pixels */

void input_begin(void)
{
    for (uint32_t i = 0; i < INPUT_KEYS; i++)
        held[i] = 0;
    taken = told = lost = 0;
    capitals = false;
}

bool input_has_room(void) { return told - taken <= EVENTS - ROOM; }

static void tell(uint32_t kind, uint32_t a, uint32_t b)
{
    if (told - taken == EVENTS) {
        taken++;
        lost++;
    }
    events[told++ % EVENTS] = (input_event){kind, a, b, (uint32_t)(host_clock(0) / 1000000)};
}

bool input_next(input_event *event)
{
    if (lost > 0) {
        *event = (input_event){PXH_EVENT_LOST, lost, 0, (uint32_t)(host_clock(0) / 1000000)};
        lost = 0;
        return true;
    }
    if (taken == told)
        return false;
    *event = events[taken++ % EVENTS];
    return true;
}

/* ---- keys ---- */

/* What a key gives; NONE: it has no character, and no number of HOST.md. */
static uint32_t given_by(uint32_t key)
{
    enum { SHIFT = 0x2A, RIGHT_SHIFT = 0x36, CONTROL = 0x1D, FIRST = 0x47, LAST = 0x53 };
    const uint32_t code = key & (INPUT_BEYOND - 1);
    if (code >= FIRST && code <= LAST)
        return beyond[code - FIRST];
    if (code >= sizeof plain - 1 || plain[code] == '\0' || key == (INPUT_BEYOND | 0x37))
        return NONE;
    const bool shift = (held[SHIFT] | held[RIGHT_SHIFT]) != 0,
               control = (held[CONTROL] | held[CONTROL | INPUT_BEYOND]) != 0;
    const bool letter = plain[code] >= 'a' && plain[code] <= 'z';
    const char c = shift != (letter && capitals) ? shifted[code] : plain[code];
    return control ? c & 0x1F : c;
}

void input_key(uint32_t key, bool pressed)
{
    enum { CAPITALS = 0x3A };
    if (key >= INPUT_KEYS || (!pressed && held[key] == 0))
        return;
    const uint32_t gives = pressed ? given_by(key) : held[key] - 1;
    capitals ^= key == CAPITALS && pressed && held[key] == 0;
    held[key] = pressed ? 1 + gives : 0;
    if (gives != NONE)
        tell(PXH_EVENT_KEY, gives, pressed);
}

static uint32_t spell(uint32_t key, uint8_t bytes[ONE_KEY])
{
    uint32_t count = 2;
    if (key < PXH_KEY_UP) {
        bytes[0] = (uint8_t)key;
        return 1;
    }
    bytes[0] = 0x1B;
    bytes[1] = '[';
    for (const char *c = ends[key - PXH_KEY_UP]; *c != '\0'; c++)
        bytes[count++] = (uint8_t)*c;
    return count;
}

static bool (*diverts)(const input_event *event);

void input_divert(bool (*takes)(const input_event *event)) { diverts = takes; }

uint32_t input_take(uint8_t *bytes, uint32_t most)
{
    uint32_t count = 0;
    input_event event;
    while ((diverts != NULL || most - count >= ONE_KEY) && input_next(&event)) {
        if (diverts != NULL && diverts(&event))
            continue;
        if (event.kind == PXH_EVENT_KEY && event.b == 1 && most - count < ONE_KEY) {
            taken--; /* its place has not been told over */
            break;
        }
        if (event.kind == PXH_EVENT_KEY && event.b == 1)
            count += spell(event.a, bytes + count);
    }
    return count;
}

/* ---- the pointer ---- */

static void show_pointer(uint32_t x, uint32_t y, uint32_t buttons)
{
    static uint32_t before;
    if (x == pointer_x && y == pointer_y && buttons == before)
        return;
    pointer_x = x;
    pointer_y = y;
    before = buttons;
    tell(PXH_EVENT_POINTER, x << 16 | y, buttons);
}

static uint32_t scaled(uint32_t place, uint32_t pixels)
{
    return (place < INPUT_FAR ? place : INPUT_FAR) * pixels / (INPUT_FAR + 1);
}

void input_point(uint32_t x, uint32_t y, uint32_t buttons)
{
    show_pointer(scaled(x, SCREEN_WIDTH), scaled(y, SCREEN_HEIGHT), buttons);
}

static uint32_t moved(uint32_t place, int32_t by, uint32_t pixels)
{
    const int32_t to = (int32_t)place + by;
    return to < 0 ? 0 : to < (int32_t)pixels ? (uint32_t)to : pixels - 1;
}

void input_move(int32_t right, int32_t down, uint32_t buttons)
{
    show_pointer(moved(pointer_x, right, SCREEN_WIDTH), moved(pointer_y, down, SCREEN_HEIGHT), buttons);
}
