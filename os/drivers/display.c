/* display.c - display, keyboard and pointer, the machine's where its devices are the console, or the host's: for one
 * process at a time. The first that asks for one of them has all three until it ends. What is typed and pointed at is
 * kept for it as events, as pxi/HOST.md has them. */
#include "os/drivers/driver.h"
#include "os/drivers/input.h"
#include "os/kernel/kernel.h"

enum { EVENTS = OS_EVENTS, CTRL_C = 3, MOST_SIDE = 4096 };

typedef input_event event;

static event events[EVENTS];
static uint32_t first, count, lost;
static uint32_t owner; /* its number; 0: nobody */
static bool on[2];     /* the keyboard, the pointer: what comes of them are events */
enum { KEYBOARD, POINTER };
static screen_picture shown; /* on the machine's screen; times 0: none */
static bool came;            /* events of the machine's devices, since it was asked last */

static bool keep_own(const event *e);

static int32_t turn(unsigned which, bool to)
{
    const bool own = drivers_have_console();
    const int32_t answer = own ? 0 : px_sys(PXH_REQUEST(which == KEYBOARD ? PXH_KEYBOARD : PXH_POINTER, to), 0);
    on[which] = to && answer == 0; /* a host that the system goes on with may have none: its console has the keys */
    input_divert(display_is_on() ? keep_own : NULL);
    if (which == KEYBOARD && !to && !own)
        console_again(); /* the host has the terminal as it is without */
    return answer;
}

/* ---- the display ---- */

static uint32_t less(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* On the machine's screen: in the middle, as many times as large as there is room for, or with rows and columns left
 * out. */
static int32_t show_own(const uint32_t *pixels, uint32_t width, uint32_t height, uint32_t stride)
{
    uint32_t step = 1;
    if (width == 0 || height == 0)
        return PXH_E_INVALID;
    if (width > MOST_SIDE || height > MOST_SIDE)
        return PXH_E_LIMIT;
    while ((width - 1) / step >= SCREEN_WIDTH || (height - 1) / step >= SCREEN_HEIGHT)
        step++;
    shown = (screen_picture){pixels, (width - 1) / step + 1, (height - 1) / step + 1, stride * step, step};
    shown.times = less(SCREEN_WIDTH / shown.width, SCREEN_HEIGHT / shown.height);
    shown.left = (SCREEN_WIDTH - shown.width * shown.times) / 2;
    shown.top = (SCREEN_HEIGHT - shown.height * shown.times) / 2;
    drivers_show(&shown);
    return 0;
}

/* A place on the screen becomes the picture's; false: it is beside it. */
static bool is_within(uint32_t *place)
{
    if (shown.times == 0)
        return false;
    const uint32_t x = ((*place >> 16) - shown.left) / shown.times, y = ((*place & 0xFFFF) - shown.top) / shown.times;
    *place = x * shown.step << 16 | y * shown.step;
    return x < shown.width && y < shown.height;
}

/* DISPLAY: *address, width, height, stride*, of the caller's image. */
static int32_t show(unsigned who, uint32_t address)
{
    uint32_t *block;
    const int32_t wrong = words_at(who, address, 4, &block);
    if (wrong < 0)
        return wrong;
    const uint32_t width = block[1], height = block[2], stride = block[3], pixels = t.bytes[who] / 4;
    const uint64_t all = height == 0 ? 0 : (uint64_t)(height - 1) * stride + width;
    if (block[0] % 4 != 0 || all > pixels || block[0] / 4 > pixels - (uint32_t)all)
        return block[0] % 4 != 0 ? PXH_E_INVALID : PXH_E_RANGE;
    if (drivers_have_screen())
        return show_own((const uint32_t *)(uintptr_t)(t.image[who] + block[0]), width, height, stride);
    const uint32_t there[4] = {t.image[who] + block[0], width, height, stride};
    return px_sys(PXH_REQUEST(PXH_DISPLAY, 0), PXO_ADDRESS(there));
}

int32_t display_ask(unsigned who, uint32_t kind, uint32_t payload, uint32_t argument)
{
    if (payload > (kind == PXH_KEYBOARD || kind == PXH_POINTER))
        return PXH_E_INVALID;
    if (kind == PXH_DISPLAY_SIZE && drivers_have_screen())
        return SCREEN_WIDTH << 16 | SCREEN_HEIGHT;
    if (kind == PXH_DISPLAY_SIZE)
        return px_sys(PXH_REQUEST(PXH_DISPLAY_SIZE, 0), 0);
    if (owner != 0 && owner != t.pid[who])
        return PXH_E_DENIED;
    const int32_t answer =
        kind == PXH_DISPLAY ? show(who, argument) : turn(kind == PXH_KEYBOARD ? KEYBOARD : POINTER, payload == 1);
    if (answer >= 0)
        owner = t.pid[who];
    return answer;
}

void display_left(uint32_t pid)
{
    if (owner != pid || pid == 0)
        return;
    for (unsigned which = 0; which < 2; which++)
        if (on[which])
            (void)turn(which, false);
    if (shown.times > 0)
        drivers_show(NULL);
    shown.times = 0;
    owner = first = count = lost = 0;
}

void display_again(void)
{
    for (unsigned which = 0; which < 2; which++)
        if (on[which])
            (void)turn(which, true);
}

bool display_has_keys(void) { return on[KEYBOARD]; }
bool display_is_on(void) { return on[KEYBOARD] || on[POINTER]; }

/* ---- events ---- */

/* The oldest is lost where there is no room. Ctrl-C is what it is elsewhere. */
static void keep(const event *e)
{
    if (e->kind == PXH_EVENT_KEY && e->a == CTRL_C) {
        if (e->b != 0)
            (void)console_interrupt();
    } else if (e->kind == PXH_EVENT_LOST) {
        lost += e->a;
    } else if (e->kind == PXH_EVENT_KEY || e->kind == PXH_EVENT_POINTER) {
        const bool full = count == EVENTS;
        lost += full;
        first = (first + full) % EVENTS;
        count -= full;
        events[(first + count++) % EVENTS] = *e;
    }
}

/* An event of the machine's devices: whether it is not the console's. */
static bool keep_own(const event *e)
{
    event own = *e;
    if (e->kind == PXH_EVENT_KEY ? !on[KEYBOARD] : e->kind == PXH_EVENT_POINTER && !on[POINTER])
        return false;
    if (e->kind == PXH_EVENT_POINTER && !is_within(&own.a))
        return true;
    keep(&own);
    return came = true;
}

static bool take_own(void)
{
    const bool some = came;
    came = false;
    if (count > 0 || lost > 0)
        wake(FOR_EVENT);
    return some;
}

bool display_take(void)
{
    static event came[8];
    const uint32_t ring[] = {PXO_ADDRESS(came), sizeof came / sizeof *came, 0, sizeof came / sizeof *came};
    bool some = false;
    int32_t got;
    if (!display_is_on() || drivers_have_console())
        return display_is_on() && take_own();
    do {
        got = px_sys(PXH_REQUEST(PXH_EVENTS, 0), PXO_ADDRESS(ring));
        for (int32_t i = 0; i < got && i < (int32_t)ring[1]; i++)
            keep(&came[i]);
        some |= got > 0;
    } while (got == (int32_t)ring[1]);
    if (count > 0 || lost > 0)
        wake(FOR_EVENT);
    return some;
}

static bool next_event(event *e)
{
    if (lost > 0) {
        *e = (event){PXH_EVENT_LOST, lost, 0, (uint32_t)(time_now() / 1000000)};
        lost = 0;
        return true;
    }
    if (count == 0)
        return false;
    *e = events[first];
    first = (first + 1) % EVENTS;
    count--;
    return true;
}

uint32_t event_reason(unsigned who) { return owner == t.pid[who] ? FOR_EVENT : FOR_TIME; }

int32_t events_there(unsigned who) { return owner == t.pid[who] ? (int32_t)(count + (lost > 0)) : 0; }

int32_t events_give(unsigned who, const uint32_t ring[4])
{
    const uint32_t entries = ring[1], head = ring[2], room = ring[3];
    uint32_t *to;
    int32_t given = 0;
    if (room > entries || (entries > 0 && head >= entries))
        return PXH_E_INVALID;
    if (entries > UINT32_MAX / sizeof(event))
        return PXH_E_RANGE;
    const int32_t wrong = words_at(who, ring[0], 4 * entries, &to);
    if (wrong < 0 || room == 0)
        return wrong;
    for (event e; given < (int32_t)room && events_there(who) > 0 && next_event(&e); given++)
        memcpy(to + (head + (uint32_t)given) % entries * 4, &e, sizeof e);
    return given;
}
