/* console.c - what comes from outside the kernel and goes there: output in batches, input ahead, time. The host has the
 * console, or the machine's devices are it. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"
#include "os/kernel/kernel.h"

enum {
    MOST_WAIT = 1000,     /* milliseconds */
    DRAWS = OS_EVENTS > 0 /* programs draw on the terminal; those of a mini system do not */
};

static uint8_t out[OS_OUTPUT] __attribute__((aligned(4))), in[OS_INPUT] __attribute__((aligned(4)));
static uint32_t out_count, in_taken, in_count;
static bool in_line; /* what was written last is not the end of a line */
static bool in_ended;
static bool asked;            /* somebody has looked for input, and there was none */
static bool devices;          /* are the console */
static bool other_host;       /* than the one that was met: its devices have to begin */
static bool keys;             /* the host gives each byte as it comes, and lines are edited here */
static bool as_lines;         /* who reads wants lines */
static uint8_t line[OS_LINE]; /* that is being typed */
static uint32_t line_count;
static int32_t failed;

static void meet_host(void)
{
    drivers_begin();
    devices = drivers_have_console();
}

void console_meets_anew(bool anew) { other_host = anew && drivers_are_there(); }

void console_begin(void)
{
    meet_host();
    keys = as_lines = devices;
}

/* ---- output ---- */

void console_flush(void)
{
    if (devices) {
        drivers_put(out, out_count);
        out_count = 0;
    }
    for (uint32_t done = 0; done < out_count && failed == 0;) {
        const int32_t now = px_sys(PXH_REQUEST(PXH_PRINT, out_count - done), PXO_ADDRESS(out + done));
        failed = now < 0 ? now : now == 0 ? PXH_E_IO : 0;
        done += failed == 0 ? (uint32_t)now : 0;
    }
    out_count = 0;
}

void console_put(const void *bytes, uint32_t count)
{
    const uint8_t last = count > 0 ? ((const uint8_t *)bytes)[count - 1] : 0;
    in_line = DRAWS && count > 0 ? last != '\n' && last != '\r' : in_line;
    for (const uint8_t *from = bytes; count > 0;) {
        const uint32_t now = count < OS_OUTPUT - out_count ? count : OS_OUTPUT - out_count;
        memcpy(out + out_count, from, now);
        out_count += now;
        from += now;
        count -= now;
        if (out_count == OS_OUTPUT)
            console_flush();
    }
}

void console_text(const char *text)
{
    while (*text != '\0')
        console_put(text++, 1);
}

void console_number(uint32_t number)
{
    char digits[10];
    unsigned at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    console_put(digits + at, sizeof digits - at);
}

int32_t console_failed(void)
{
    const int32_t was = failed;
    failed = 0;
    return was;
}

/* ---- lines that are typed ---- */

static void give(const uint8_t *bytes, uint32_t count)
{
    memcpy(in + in_count, bytes, count);
    in_count += count;
    wake(FOR_CONSOLE);
}

static void give_line(void)
{
    give(line, line_count);
    line_count = 0;
}

/* Of those who WATCH, the youngest: a shell in a shell. */
bool console_interrupt(void)
{
    unsigned whom = columns;
    console_text("^C\n");
    line_count = 0;
    for (unsigned who = 0; who < columns; who++)
        if (t.state[who] == BLOCKED && t.armed[who] == WATCHES && (whom == columns || t.pid[who] > t.pid[whom]))
            whom = who;
    if (whom == columns)
        return false;
    t.armed[whom] = INTERRUPTED;
    wake(FOR_CHILD);
    return true;
}

/* A character is gone with the bytes of UTF-8 that follow its first. */
static void rub_out(void)
{
    while (line_count > 0 && (line[--line_count] & 0xC0) == 0x80)
        ;
    console_text("\b \b");
}

static void type(uint8_t byte)
{
    enum { CTRL_C = 3, CTRL_D = 4, CTRL_U = 0x15, BACKSPACE = 8, DELETE = 0x7F };
    if (byte == CTRL_C) {
        if (!console_interrupt()) { /* a shell reads, and gets an empty line, so that it prompts again */
            line[line_count++] = '\n';
            give_line();
        }
    } else if (byte == BACKSPACE || byte == DELETE) {
        if (line_count > 0)
            rub_out();
    } else if (byte == CTRL_U) {
        while (line_count > 0)
            rub_out();
    } else if (byte == CTRL_D) {
        in_ended = line_count == 0;
        give_line();
    } else if (byte == '\r' || byte == '\n') {
        console_text("\n");
        line[line_count++] = '\n';
        give_line();
    } else if ((byte >= ' ' || byte == '\t') && line_count < OS_LINE - 1) {
        line[line_count++] = byte;
        console_put(&byte, 1);
    }
}

/* Who reads keys has the begun line's, too. A host that the system goes on with is told again. */
int32_t console_mode(bool bytes)
{
    if (DRAWS && bytes && as_lines && keys && in_line)
        console_text("\n"); /* who reads keys begins at a line's begin, as a prompt, which it draws again and again */
    const int32_t terminal = devices ? 1 : px_sys(PXH_REQUEST(PXH_CONSOLE, bytes || keys), 0);
    keys = terminal == 1 && (bytes || keys);
    as_lines = !bytes;
    if (bytes)
        give_line();
    return terminal;
}

/* The terminal is another, or has shown other things since. Who reads keys is asked to draw its screen, as by Ctrl-L.
 */
static void show_again(void)
{
    static const uint8_t redraw = 'L' & 0x1F;
    if (as_lines)
        console_put(line, line_count);
    else if (in_count < OS_INPUT)
        give(&redraw, 1);
}

void console_again(void)
{
    if (other_host)
        meet_host();
    if (keys || other_host)
        console_mode(!as_lines);
    if (DRAWS && keys && other_host && !devices)
        show_again();
    if (OS_EVENTS > 0)
        display_again();
    other_host = false;
}

/* ---- input and time ---- */

bool console_get(uint8_t *bytes, uint32_t count, int32_t *got)
{
    const uint32_t now = in_count - in_taken < count ? in_count - in_taken : count;
    *got = (int32_t)now;
    asked = now == 0 && count > 0 && !in_ended;
    if (asked)
        return false;
    if (now == 0 && count > 0)
        in_ended = false; /* one end for one reader: a terminal may go on behind it */
    memcpy(bytes, in + in_taken, now);
    in_taken += now;
    if (in_taken == in_count)
        in_taken = in_count = 0;
    return true;
}

/* Nanoseconds that the system has run. The host's clock begins anew where a saved system goes on; this one goes on too.
 */
uint64_t time_now(void)
{
    static uint64_t before, last; /* of other hosts; of this one */
    const uint64_t now = host_clock(0);
    before += now < last ? last : 0;
    other_host |= now < last;
    last = now;
    return before + now;
}

uint64_t time_of_day(void) { return drivers_today(); }

static bool has_waiting(uint32_t reason)
{
    px_vl(columns);
    px_vseq_vx(t.scratch, t.reason, reason);
    return px_sum(t.scratch) > 0;
}

static uint64_t next_due(void)
{
    uint64_t next = UINT64_MAX;
    for (unsigned who = 0; who < columns; who++)
        if (t.reason[who] >= FOR_TIME && t.reason[who] <= FOR_FRAME) {
            const uint64_t due = (uint64_t)t.due_high[who] << 32 | t.due_low[who];
            next = due < next ? due : next;
        }
    return next;
}

/* All whose deadline is not above now: the high word is below, or the same and the low one not above. */
static void wake_sleepers(uint64_t now)
{
    px_vl(columns);
    px_fill(t.other, (uint32_t)now);
    px_vsltu_vv(t.other, t.other, t.due_low);
    px_vxor_vx(t.other, t.other, 1);
    px_vseq_vx(t.scratch, t.due_high, (uint32_t)(now >> 32));
    px_vand_vv(t.scratch, t.scratch, t.other);
    px_vsltu_vx(t.other, t.due_high, (uint32_t)(now >> 32));
    px_vor_vv(t.scratch, t.scratch, t.other);
    px_vadd_vx(t.other, t.reason, -(uint32_t)FOR_TIME);
    px_vsltu_vx(t.other, t.other, FOR_FRAME - FOR_TIME + 1);
    px_vand_vv(t.scratch, t.scratch, t.other);
    wake_those(t.scratch);
}

static void take_input(const uint8_t *bytes, int32_t answer)
{
    const uint32_t count = answer > 0 && answer <= OS_INPUT ? (uint32_t)answer : 0;
    if (count == 0) {
        in_ended = true;
        wake(FOR_CONSOLE);
    } else if (!keys || !as_lines) {
        give(bytes, count);
    } else {
        for (uint32_t i = 0; i < count; i++)
            type(bytes[i]);
    }
}

/* What is typed while nobody reads is looked at, too, for Ctrl-C: as long as there is room for it and a line. */
static bool has_room(void)
{
    for (uint32_t i = in_taken; i < in_count; i++)
        in[i - in_taken] = in[i];
    in_count -= in_taken;
    in_taken = 0;
    return in_count + 2 * OS_LINE <= OS_INPUT;
}

/* Waits for the next deadline or an event, which is what input is; events are taken and dropped. Never long: in a
 * system that is saved and goes on, this wait begins anew, and only then is the new host's clock looked at. */
static void wait_for_time(uint64_t now)
{
    const uint64_t next = next_due(), left = next > now ? next - now : 0;
    const uint32_t milliseconds = left > MOST_WAIT * 1000000ull ? MOST_WAIT : (uint32_t)left / 1000000 + 1;
    if (left > 0 && OS_EVENTS > 0 && !devices && display_is_on())
        px_sys(PXH_REQUEST(PXH_WAIT, milliseconds), 0); /* the events stay, and are taken then */
    else if (left > 0)
        host_rest(milliseconds);
}

/* Of the machine's devices: while there is something to run they are asked only when one of them has told. */
static int32_t hear_devices(uint8_t *typed, uint32_t most, bool idle, bool rests)
{
    uint32_t count = host_told() || idle ? drivers_take(typed, most) : 0;
    if (count == 0 && rests) {
        host_rest(MOST_WAIT);
        count = drivers_take(typed, most);
    }
    return count > 0 ? (int32_t)count : WAITS;
}

/* What has been typed, or the end, or WAITS; with `rests` nothing is to be done meanwhile. */
static int32_t hear(uint8_t *typed, bool room, bool idle, bool rests)
{
    static host_entry input;
    if (devices)
        return hear_devices(typed, room ? OS_LINE : 0, idle, rests);
    input = host_entry_of(PXH_INPUT, keys ? OS_LINE : OS_INPUT, PXO_ADDRESS(typed));
    px_sys(PXH_REQUEST(rests ? PXH_POLL : PXH_SUBMIT, 1), PXO_ADDRESS(&input));
    other_host |= rests && input.state != PXH_DONE; /* than was asked: the system was saved meanwhile */
    return input.state == PXH_DONE ? input.answer : WAITS;
}

/* Output goes out, input and time come in. False: idle, and nothing will ever come. */
bool hear_host(bool idle)
{
    static uint8_t typed[OS_INPUT] __attribute__((aligned(4)));
    if (devices)
        (void)time_now();
    if (other_host)
        console_again();
    console_flush();
    if (idle)
        settle_files();
    const bool reads = has_waiting(FOR_CONSOLE), hears = OS_FRAMES > 0 && has_waiting(FOR_FRAME),
               sees = OS_EVENTS > 0 && (display_is_on() || has_waiting(FOR_EVENT)),
               sleeps = has_waiting(FOR_TIME) || hears || sees;
    const bool room = reads || asked || (keys && has_room()), events = OS_EVENTS > 0 && display_is_on(),
               looks = devices ? room || events : room && !(OS_EVENTS > 0 && display_has_keys());
    asked = false;
    const int32_t answer = looks ? hear(typed, room, idle, idle && reads && !sleeps) : WAITS;
    const bool seen = OS_EVENTS > 0 && display_take(), heard = (hears && frames_take()) || seen;
    if (looks) {
        if (answer != WAITS)
            take_input(typed, answer);
        console_flush();
    }
    if (sleeps) {
        const uint64_t now = time_now();
        if (idle && answer == WAITS && !heard)
            wait_for_time(now);
        wake_sleepers(time_now());
    }
    return reads || sleeps || !idle;
}

_Noreturn void shut_down(uint32_t status)
{
    console_flush();
    settle_files();
    for (;;)
        px_sys(PXH_REQUEST(PXH_EXIT, status & 0xFF), 0);
}
