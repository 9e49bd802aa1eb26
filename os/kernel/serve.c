/* serve.c - what processes ask for one by one. Requests are checked as pxi/HOST.md wants it, against the caller's own
 * image: the number, the payload, the place of the block. */
#include "os/kernel/kernel.h"

enum { MOST_LISTED = 64, STRING = 0xFFFFFF, MOST_INPUT = 0x7FFFFFFF };

/* Handlers that are long stay apart, so that serve() has few registers to save for those that are short. */
#define APART __attribute__((noinline)) static

/* What a call is about. */
typedef struct call {
    unsigned who;
    uint32_t kind, payload, argument;
} call;

uint8_t *bytes_at(unsigned who, uint32_t address, uint32_t count)
{
    if (count == 0)
        address = 0;
    if (address > t.bytes[who] || count > t.bytes[who] - address)
        return NULL;
    return (uint8_t *)(uintptr_t)(t.image[who] + address);
}

int32_t words_at(unsigned who, uint32_t address, uint32_t count, uint32_t **words)
{
    if (address % 4 != 0)
        return PXH_E_INVALID;
    *words = (uint32_t *)(void *)bytes_at(who, address, 4 * count);
    return *words == NULL ? PXH_E_RANGE : 0;
}

int32_t waits_for(unsigned who, uint32_t reason)
{
    t.reason[who] = reason;
    t.state[who] = BLOCKED;
    return WAITS;
}

/* ---- handles ---- */

static uint32_t open_handle(unsigned who, uint32_t handle)
{
    return handle < HANDLES ? t.handle[handle][who] : NO_HANDLE;
}

static bool is_pipe(uint32_t open, bool written)
{
    return (int32_t)open >= PIPE_HANDLES && open % 2 == (PIPE_HANDLES + written) % 2;
}

static int32_t read_from(unsigned who, uint32_t handle, uint32_t address, uint32_t count)
{
    const uint32_t open = open_handle(who, handle);
    int32_t got;
    count = count > MOST_INPUT ? MOST_INPUT : count;
    uint8_t *bytes = bytes_at(who, address, count);
    if (open == NO_HANDLE)
        return PXH_E_HANDLE;
    if (bytes == NULL)
        return PXH_E_RANGE;
    if (open == NULL_HANDLE)
        return 0;
    if (open == CONSOLE_HANDLE)
        return console_get(bytes, count, &got) ? got : waits_for(who, FOR_CONSOLE);
    if (!is_pipe(open, false))
        return is_file(open) ? file_move(open, false, NULL, bytes, count) : PXH_E_KIND;
    got = pipe_read((open - PIPE_HANDLES) / 2, bytes, count);
    return got == WAITS ? waits_for(who, FOR_PIPE + (open - PIPE_HANDLES) / 2) : got;
}

static int32_t write_to(unsigned who, uint32_t handle, const uint8_t *bytes, uint32_t count)
{
    const uint32_t open = open_handle(who, handle);
    if (open == NO_HANDLE)
        return PXH_E_HANDLE;
    if (bytes == NULL)
        return PXH_E_RANGE;
    if (open == CONSOLE_HANDLE) {
        console_put(bytes, count);
        const int32_t wrong = console_failed();
        return wrong < 0 ? wrong : (int32_t)count;
    }
    if (open == NULL_HANDLE)
        return (int32_t)count;
    if (!is_pipe(open, true))
        return is_file(open) ? file_move(open, true, NULL, (uint8_t *)(uintptr_t)bytes, count) : PXH_E_KIND;
    const int32_t put = pipe_write((open - PIPE_HANDLES) / 2, bytes, count);
    return put == WAITS ? waits_for(who, FOR_PIPE + (open - PIPE_HANDLES) / 2) : put;
}

static int32_t transfer_at(const call *c, const uint32_t block[4])
{
    const uint32_t open = open_handle(c->who, c->payload & 0xFFFF);
    const uint64_t offset = (uint64_t)block[3] << 32 | block[2];
    const uint32_t count = block[1] > MOST_INPUT ? MOST_INPUT : block[1];
    uint8_t *bytes = bytes_at(c->who, block[0], count);
    if (!is_file(open) && open != NULL_HANDLE)
        return open == NO_HANDLE ? PXH_E_HANDLE : PXH_E_KIND;
    if (bytes != NULL && open == NULL_HANDLE)
        return c->kind == PXH_WRITE ? (int32_t)count : 0;
    return bytes == NULL ? PXH_E_RANGE : file_move(open, c->kind == PXH_WRITE, &offset, bytes, count);
}

/* READ and WRITE: a handle, and *address, bytes*; with AT *offset, its high word*, which only files have. */
APART int32_t transfer(const call *c)
{
    uint32_t *block;
    if ((c->payload & ~(0xFFFFu | PXH_AT)) != 0)
        return PXH_E_INVALID;
    const bool at = (c->payload & PXH_AT) != 0;
    const int32_t wrong = words_at(c->who, c->argument, at ? 4 : 2, &block);
    if (wrong < 0)
        return wrong;
    if (at)
        return transfer_at(c, block);
    if (c->kind == PXH_READ)
        return read_from(c->who, c->payload, block[0], block[1]);
    return write_to(c->who, c->payload, bytes_at(c->who, block[0], block[1]), block[1]);
}

/* Whether one of the bytes of these words, OS_PIECE at most, is 0: a borrow sets bit 7 of such a byte, which was clear.
 */
static bool has_zero(const uint32_t *run, uint32_t words)
{
    static uint32_t clear[OS_PIECE], scratch[OS_PIECE];
    px_vl(words);
    px_vxor_vx(clear, run, 0xFFFFFFFF);
    px_vand_vx(clear, clear, 0x80808080);
    px_vsub_vx(scratch, run, 0x01010101);
    px_vand_vv(clear, clear, scratch);
    px_vshr_vx(clear, clear, 7); /* so that the sum does not wrap */
    return px_sum(clear) > 0;
}

/* Bytes before the first byte 0; `most` where there is none: the image's end. A text may be as long as an image, and
 * the kernel's time is nobody's share, so words are looked at side by side. */
APART uint32_t text_length(const uint8_t *text, uint32_t most)
{
    for (uint32_t count = 0; count < most;) {
        const bool aligned = (uintptr_t)(text + count) % 4 == 0;
        const uint32_t left = (most - count) / 4, words = !aligned ? 0 : left < OS_PIECE ? left : OS_PIECE;
        const uint32_t end = count + (words > 0 ? 4 * words : 1);
        if (words > 0 && !has_zero((const uint32_t *)(const void *)(text + count), words))
            count = end;
        for (; count < end; count++)
            if (text[count] == 0)
                return count;
    }
    return most;
}

APART int32_t print(const call *c)
{
    const uint8_t *bytes = bytes_at(c->who, c->argument, c->payload == STRING ? 1 : c->payload);
    uint32_t count = c->payload;
    if (count == STRING && bytes != NULL) {
        const uint32_t most = t.bytes[c->who] - c->argument;
        count = text_length(bytes, most);
        if (count == most)
            return PXH_E_RANGE;
    }
    return write_to(c->who, 1, bytes, count);
}

static int32_t put_character(const call *c)
{
    const uint8_t byte = (uint8_t)c->payload;
    return c->payload > 255 ? PXH_E_INVALID : write_to(c->who, 1, &byte, 1);
}

/* GETC has no place in the caller's image, so it asks what is open itself. */
static int32_t get_character(const call *c)
{
    const uint32_t open = open_handle(c->who, 0);
    uint8_t byte = 0;
    int32_t got;
    if (c->payload != 0)
        return PXH_E_INVALID;
    if (open == CONSOLE_HANDLE) {
        if (!console_get(&byte, 1, &got))
            return waits_for(c->who, FOR_CONSOLE);
    } else if (open == NULL_HANDLE) {
        got = 0;
    } else if (is_file(open)) {
        got = file_move(open, false, NULL, &byte, 1);
        if (got < 0)
            return got;
    } else if (!is_pipe(open, false)) {
        return open == NO_HANDLE ? PXH_E_HANDLE : PXH_E_KIND;
    } else {
        got = pipe_read((open - PIPE_HANDLES) / 2, &byte, 1);
        if (got == WAITS)
            return waits_for(c->who, FOR_PIPE + (open - PIPE_HANDLES) / 2);
    }
    return got == 0 ? PXH_E_END : byte;
}

int32_t handle_left(uint32_t open)
{
    if (is_file(open))
        return file_left(open);
    pipe_left(open);
    return 0;
}

static int32_t close_handle(const call *c)
{
    const uint32_t open = open_handle(c->who, c->payload);
    if (open == NO_HANDLE)
        return PXH_E_HANDLE;
    t.handle[c->payload][c->who] = NO_HANDLE;
    return handle_left(open);
}

static int32_t make_pipe(const call *c)
{
    uint32_t *ends;
    if (c->payload != 0)
        return PXH_E_INVALID;
    const int32_t wrong = words_at(c->who, c->argument, 2, &ends);
    return wrong < 0 ? wrong : pipe_make(c->who, ends);
}

/* ---- processes ---- */

/* What SPAWN and EXEC name: a program, and strings, which go to a place of the kernel's, since EXEC writes over them.
 */
APART int32_t name_and_arguments(unsigned who, const uint32_t *block, strings *with)
{
    static uint8_t to[OS_ARGUMENTS];
    const uint8_t *name = bytes_at(who, block[0], block[1]), *arguments = bytes_at(who, block[2], block[3]);
    if (name == NULL || arguments == NULL)
        return PXH_E_RANGE;
    if (block[1] == 0 || block[1] > PXO_MOST_PATH)
        return PXH_E_NAME;
    if (block[3] > OS_ARGUMENTS)
        return PXH_E_LIMIT;
    if (block[3] == 0 || arguments[block[3] - 1] != 0)
        return PXH_E_INVALID;
    memcpy(to, arguments, block[3]);
    *with = (strings){to, block[3], 0};
    for (uint32_t i = 0; i < block[3]; i++)
        with->arguments += to[i] == 0;
    return 0;
}

/* The program that a block names, of which name_and_arguments has nothing to say. */
static int32_t open_program(unsigned who, const uint32_t *block, program *p)
{
    return program_open(folder_of(who), bytes_at(who, block[0], block[1]), block[1], p);
}

/* With MORE: the handle for errors, and how many of the strings are arguments. */
static int32_t read_more(const call *c, const uint32_t *block, strings *with, uint32_t *errors)
{
    *errors = open_handle(c->who, block[6]);
    if (*errors == NO_HANDLE && block[6] != PXO_NOTHING)
        return PXH_E_HANDLE;
    if (block[7] == 0 || block[7] > with->arguments)
        return PXH_E_INVALID;
    with->arguments = block[7];
    return 0;
}

APART int32_t spawn_program(const call *c)
{
    uint32_t *block, handles[3];
    program of;
    strings with;
    if (c->payload > PXO_MORE)
        return PXH_E_INVALID;
    int32_t wrong = words_at(c->who, c->argument, c->payload == PXO_MORE ? 8 : 6, &block);
    if (wrong == 0)
        wrong = name_and_arguments(c->who, block, &with);
    if (wrong < 0)
        return wrong;
    for (unsigned h = 0; h < 2; h++) {
        handles[h] = open_handle(c->who, block[4 + h]);
        if (handles[h] == NO_HANDLE && block[4 + h] != PXO_NOTHING)
            return PXH_E_HANDLE;
    }
    handles[2] = t.handle[2][c->who];
    if (c->payload == PXO_MORE)
        wrong = read_more(c, block, &with, &handles[2]);
    if (wrong == 0)
        wrong = open_program(c->who, block, &of);
    if (wrong < 0)
        return wrong;
    const int32_t answer = spawn(&of, c->who, &with, handles);
    program_close(&of);
    return answer;
}

APART int32_t exec(const call *c)
{
    uint32_t *block;
    program of;
    strings with;
    if (c->payload != 0)
        return PXH_E_INVALID;
    int32_t wrong = words_at(c->who, c->argument, 4, &block);
    if (wrong == 0)
        wrong = name_and_arguments(c->who, block, &with);
    if (wrong == 0)
        wrong = open_program(c->who, block, &of);
    if (wrong < 0)
        return wrong;
    const int32_t answer = exec_program(c->who, &of, &with);
    program_close(&of);
    return answer;
}

APART int32_t set_priority(const call *c)
{
    const unsigned whom = c->payload == 0 ? c->who : column_of(c->payload);
    if (whom == columns)
        return PXH_E_ABSENT;
    if (c->argument >= LEVELS)
        return PXH_E_INVALID;
    const uint32_t share = (uint32_t)SHARE >> c->argument, pid = t.pid[c->who];
    if (pid != 1 && (share > t.share[c->who] || (whom != c->who && !is_above(pid, whom))))
        return PXH_E_DENIED;
    t.share[whom] = share;
    return 0;
}

static int32_t post_message(const call *c)
{
    uint32_t *block;
    const int32_t wrong = words_at(c->who, c->argument, PXO_MESSAGE_WORDS, &block);
    return wrong < 0 ? wrong : post(c->who, c->payload, block);
}

static int32_t take_message(const call *c)
{
    uint32_t *block;
    if ((c->payload & ~PXO_NOW) != 0)
        return PXH_E_INVALID;
    const int32_t wrong = words_at(c->who, c->argument, PXO_MESSAGE_WORDS, &block);
    const int32_t sender = wrong < 0 ? wrong : take(c->who, block);
    return sender != WAITS ? sender : c->payload != 0 ? 0 : waits_for(c->who, FOR_MESSAGE);
}

/* WAITPID and WATCH. */
APART int32_t wait_for_child(const call *c)
{
    uint32_t *how;
    bool any;
    const bool interrupted = t.armed[c->who] == INTERRUPTED;
    const int32_t wrong = words_at(c->who, c->argument, 3, &how);
    t.armed[c->who] = NOT_ARMED;
    if (wrong < 0)
        return wrong;
    const unsigned child = ended_child(t.pid[c->who], c->payload & ~(PXO_NOW | PXO_KEEP), &any);
    if (!any)
        return PXH_E_ABSENT;
    if (child == columns) {
        if ((c->payload & PXO_NOW) != 0 || interrupted)
            return 0;
        t.armed[c->who] = c->kind == PXO_WATCH ? WATCHES : NOT_ARMED;
        return waits_for(c->who, FOR_CHILD);
    }
    const int32_t pid = (int32_t)t.pid[child];
    how[0] = t.how[child];
    how[1] = t.status[child];
    how[2] = t.value[child];
    if ((c->payload & PXO_KEEP) == 0)
        forget(child);
    return pid;
}

APART int32_t copy_picture(const call *c)
{
    uint32_t *block, *to;
    const unsigned child = column_of(c->payload);
    int32_t wrong = words_at(c->who, c->argument, sizeof(pxo_picture) / 4, &block);
    if (wrong < 0)
        return wrong;
    if (child == columns || t.parent[child] != t.pid[c->who])
        return PXH_E_ABSENT;
    if (t.state[child] != ENDED)
        return PXH_E_DENIED;
    pxo_picture *told = (pxo_picture *)(void *)block;
    const px_pixel *slot = slots + t.where[child];
    const uint32_t pixels = t.bytes[child] / 4, left = told->first < pixels ? pixels - told->first : 0;
    const uint32_t count = told->pixels < left ? told->pixels : left, most = t.bytes[c->who] / 4;
    wrong = words_at(c->who, told->address, told->pixels <= most ? told->pixels : most + 1, &to);
    if (wrong < 0)
        return wrong;
    const px_pixel *from = px_image(t.image[child] >> 2) + told->first;
    told->width = slot[SAVED_W];
    told->height = slot[SAVED_H];
    copy_words(to, from, count);
    return (int32_t)count;
}

APART int32_t kill_process(const call *c)
{
    const unsigned victim = column_of(c->payload);
    if (victim == columns)
        return PXH_E_ABSENT;
    if (c->payload == 1 || !is_above(t.pid[c->who], victim))
        return PXH_E_DENIED;
    if (t.state[victim] == ENDED)
        return 0;
    end_process(victim, PXO_KILLED, 0, 0);
    return 0;
}

static void describe(unsigned who, uint32_t *entry)
{
    entry[0] = t.pid[who];
    entry[1] = t.parent[who];
    entry[2] = t.state[who];
    entry[3] = t.used[who];
    program_name(t.program[who], entry + 4);
}

static int32_t tell_process(const call *c)
{
    const unsigned who = c->payload == 0 ? c->who : column_of(c->payload);
    uint32_t *to;
    const int32_t wrong = words_at(c->who, c->argument, 8, &to);
    if (wrong < 0)
        return wrong;
    if (who == columns)
        return PXH_E_ABSENT;
    describe(who, to);
    return 0;
}

APART int32_t list_processes(const call *c)
{
    uint32_t *to, count = 0;
    const uint32_t most = c->payload;
    const int32_t wrong = words_at(c->who, c->argument, 8 * most, &to);
    if (wrong < 0)
        return wrong;
    for (unsigned who = 0; who < columns && count < most; who++)
        if (t.state[who] != FREE)
            describe(who, to + 8 * count++);
    return (int32_t)count;
}

static int32_t leave(const call *c)
{
    if (c->payload > 255)
        return PXH_E_INVALID;
    end_process(c->who, PXO_EXITED, c->payload, 0);
    return GONE;
}

/* ---- what the host has ---- */

/* Whether this system has what the service needs: a display, an Ethernet. */
static bool is_there(uint32_t kind)
{
    switch (kind) {
    case PXH_EVENTS:
        return OS_EVENTS > 0;
    case PXH_DISPLAY:
    case PXH_DISPLAY_SIZE:
    case PXH_KEYBOARD:
    case PXH_POINTER:
        return OS_EVENTS > 0 && drivers_serve(kind);
    case PXH_SEND:
    case PXH_RECEIVE:
    case PXO_FRAME:
    case PXO_ETHERNET:
        return OS_FRAMES > 0 && drivers_serve(PXH_SEND);
    default:
        return true;
    }
}

APART int32_t tell_services(const call *c)
{
    static const uint8_t served[] = {
#define PXO_CALL(id, number, payload, argument, answer, errors, text) number,
#define PXO_SERVED(id)                                                PXH_##id,
#include "os/os.def"
    };
    uint32_t *bits;
    if (c->payload != 0)
        return PXH_E_INVALID;
    const int32_t wrong = words_at(c->who, c->argument, 8, &bits);
    if (wrong < 0)
        return wrong;
    for (unsigned i = 0; i < 8; i++)
        bits[i] = 0;
    for (unsigned i = 0; i < sizeof served; i++)
        bits[served[i] / 32] |= (uint32_t)is_there(served[i]) << served[i] % 32;
    return 1;
}

APART int32_t clock(const call *c)
{
    uint32_t *to;
    if (c->payload > 1)
        return PXH_E_INVALID;
    const int32_t wrong = words_at(c->who, c->argument, 2, &to);
    if (wrong < 0)
        return wrong;
    const uint64_t now = c->payload == 1 ? time_of_day() : time_now();
    to[0] = (uint32_t)now;
    to[1] = (uint32_t)(now >> 32);
    return 0;
}

APART int32_t random_bytes(const call *c)
{
    uint8_t piece[OS_PIECE], *to = bytes_at(c->who, c->argument, c->payload);
    if (to == NULL)
        return PXH_E_RANGE;
    for (uint32_t done = 0; done < c->payload;) {
        const uint32_t now = c->payload - done < OS_PIECE ? c->payload - done : OS_PIECE;
        const int32_t answer = px_sys(PXH_REQUEST(PXH_RANDOM, now), PXO_ADDRESS(piece));
        if (answer < 0)
            return answer;
        memcpy(to + done, piece, now);
        done += now;
    }
    return (int32_t)c->payload;
}

static int32_t wait_until(unsigned who, uint64_t due, uint32_t reason)
{
    t.due_low[who] = (uint32_t)due;
    t.due_high[who] = (uint32_t)(due >> 32);
    t.armed[who] = SLEEPS;
    return waits_for(who, reason);
}

/* WAIT without a block: a sleep, and of who has the keyboard or the pointer until an event, too. */
APART int32_t sleep(const call *c)
{
    const int32_t there = OS_EVENTS > 0 ? events_there(c->who) : 0;
    if (t.armed[c->who] != NOT_ARMED || there > 0) {
        t.armed[c->who] = NOT_ARMED;
        return there;
    }
    if (c->payload == 0)
        return PXH_E_INVALID;
    return wait_until(c->who, time_now() + (uint64_t)c->payload * 1000000,
                      OS_EVENTS > 0 ? event_reason(c->who) : FOR_TIME);
}

/* EVENTS, and WAIT with a block: *ring, entries, head, room*, and of WAIT *deadline, its high word*. */
APART int32_t take_events(const call *c)
{
    const bool waits = c->kind == PXH_WAIT;
    uint32_t *block;
    const int32_t wrong = words_at(c->who, c->argument, waits ? 6 : 4, &block);
    if (wrong < 0 || (!waits && c->payload != 0))
        return wrong < 0 ? wrong : PXH_E_INVALID;
    const int32_t there = events_there(c->who), given = events_give(c->who, block);
    const bool armed = t.armed[c->who] == SLEEPS;
    t.armed[c->who] = NOT_ARMED;
    if (!waits || given != 0 || there > 0)
        return given != 0 || !waits ? given : there;
    const uint64_t deadline = (uint64_t)block[5] << 32 | block[4], now = time_now();
    const uint64_t due = armed            ? (uint64_t)t.due_high[c->who] << 32 | t.due_low[c->who]
                         : c->payload > 0 ? now + (uint64_t)c->payload * 1000000
                         : deadline == 0  ? UINT64_MAX
                                          : deadline;
    return now >= due ? 0 : wait_until(c->who, due, FOR_EVENT);
}

/* How a terminal gives what is typed is the same for all who read it. */
static int32_t ask_console(const call *c)
{
    if (c->payload > 1)
        return PXH_E_INVALID;
    return open_handle(c->who, 0) == CONSOLE_HANDLE ? console_mode(c->payload == 1) : 0;
}

/* Whether it cannot be in a list: what waits with more than a reason, ends its caller, or is no service of host.def. */
static bool is_alone(uint32_t kind)
{
    switch (kind) {
    case PXH_EXIT:
    case PXH_WAIT:
    case PXH_SUBMIT:
    case PXH_POLL:
#define PXO_CALL(id, number, payload, argument, answer, errors, text) case PXO_##id:
#include "os/os.def"
        return true;
    default:
        return false;
    }
}

/* One entry of a list: request, argument, answer, state. True: it is done; else *reason is what it waits for. */
static bool serve_entry(unsigned who, uint32_t *entry, uint32_t *reason)
{
    const bool known = entry[3] == PXH_TO_DO || entry[3] == PXH_PENDING;
    const int32_t answer = !known                     ? PXH_E_INVALID
                           : is_alone(entry[0] >> 24) ? PXH_E_NEST
                                                      : serve(who, entry[0], entry[1]);
    if (answer == WAITS) {
        entry[3] = PXH_PENDING;
        *reason = t.reason[who];
        t.reason[who] = FOR_NOTHING;
        t.state[who] = READY;
        return false;
    }
    entry[2] = (uint32_t)answer;
    entry[3] = PXH_DONE;
    return true;
}

/* SUBMIT and POLL. One that waits for several things is asked again in each round. */
APART int32_t serve_list(const call *c)
{
    uint32_t *list, reason = FOR_NOTHING, waits = FOR_NOTHING;
    int32_t done = 0;
    bool several = false;
    const int32_t wrong = words_at(c->who, c->argument, 4 * c->payload, &list);
    if (wrong < 0 || c->payload > MOST_LISTED)
        return wrong < 0 ? wrong : PXH_E_LIMIT;
    for (uint32_t *entry = list; entry < list + 4 * c->payload; entry += 4)
        if (entry[3] == PXH_DONE) {
            continue;
        } else if (serve_entry(c->who, entry, &reason)) {
            done++;
        } else {
            several = several || (waits != FOR_NOTHING && waits != reason);
            waits = reason;
        }
    if (c->kind == PXH_SUBMIT || done > 0 || waits == FOR_NOTHING)
        return done;
    return several ? WAITS : waits_for(c->who, waits);
}

static int32_t refuse(const call *c)
{
    switch (c->kind) {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) case number:
#include "pxi/host.def"
        return PXH_E_DENIED;
    default:
        return PXH_E_NOSYS;
    }
}

/* FRAME: *address, bytes*. */
static int32_t wait_for_frame(const call *c)
{
    uint32_t *block;
    const int32_t wrong = words_at(c->who, c->argument, 2, &block);
    if (wrong < 0 || c->payload == 0)
        return wrong < 0 ? wrong : PXH_E_INVALID;
    return frame_receive(c->who, c->payload, block[0], block[1]);
}

static int32_t tell_ethernet(const call *c)
{
    uint32_t *words;
    uint8_t address[8] = {0};
    const int32_t wrong = words_at(c->who, c->argument, 2, &words),
                  answer = wrong < 0 ? wrong : ethernet_address(address);
    if (answer >= 0)
        memcpy(words, address, sizeof address);
    return c->payload != 0 ? PXH_E_INVALID : answer;
}

APART int32_t serve_frames(const call *c)
{
    switch (c->kind) {
    case PXH_SEND:
        return frame_send(c->who, c->payload, c->argument);
    case PXH_RECEIVE:
        return frame_receive(c->who, 0, c->argument, c->payload);
    case PXO_FRAME:
        return wait_for_frame(c);
    default: /* ETHERNET */
        return tell_ethernet(c);
    }
}

int32_t serve(unsigned who, uint32_t request, uint32_t argument)
{
    const call c = {who, request >> 24, request & 0xFFFFFF, argument};
    switch (c.kind) {
    case PXO_GETPID:
        return c.payload != 0 ? PXH_E_INVALID : (int32_t)t.pid[who];
    case PXH_YIELD:
        return c.payload != 0 ? PXH_E_INVALID : 0;
    case PXH_SERVICES:
        return tell_services(&c);
    case PXH_CLOCK:
        return clock(&c);
    case PXH_RANDOM:
        return random_bytes(&c);
    case PXH_WAIT:
        return OS_EVENTS > 0 && argument != 0 ? take_events(&c) : sleep(&c);
    case PXH_EVENTS:
        return OS_EVENTS > 0 ? take_events(&c) : PXH_E_DENIED;
    case PXH_DISPLAY:
    case PXH_DISPLAY_SIZE:
    case PXH_KEYBOARD:
    case PXH_POINTER:
        return OS_EVENTS > 0 && is_there(c.kind) ? display_ask(who, c.kind, c.payload, argument) : PXH_E_DENIED;
    case PXH_PRINT:
        return print(&c);
    case PXH_INPUT:
        return read_from(who, 0, argument, c.payload);
    case PXH_CONSOLE:
        return ask_console(&c);
    case PXH_CLOSE:
        return close_handle(&c);
    case PXH_READ:
    case PXH_WRITE:
        return transfer(&c);
    case PXH_SEND:
    case PXH_RECEIVE:
    case PXO_FRAME:
    case PXO_ETHERNET:
        return OS_FRAMES > 0 && is_there(c.kind) ? serve_frames(&c) : PXH_E_DENIED;
    case PXH_PUTC:
        return put_character(&c);
    case PXH_GETC:
        return get_character(&c);
    case PXH_EXIT:
        return leave(&c);
    case PXH_SUBMIT:
    case PXH_POLL:
        return serve_list(&c);
    case PXH_OPEN:
    case PXH_SIZE:
    case PXH_LIST:
    case PXO_MKDIR:
    case PXO_REMOVE:
    case PXO_RENAME:
    case PXO_LINK:
    case PXO_STAT:
    case PXO_FSTAT:
    case PXO_SEEK:
    case PXO_RESIZE:
    case PXO_CHDIR:
    case PXO_FOLDER:
    case PXO_SYNC:
    case PXO_SPACE:
    case PXO_MOUNT:
    case PXO_UNMOUNT:
    case PXO_MOUNTS:
    case PXO_SAVE:
        return serve_files(who, c.kind, c.payload, argument);
    case PXO_SPAWN:
        return spawn_program(&c);
    case PXO_WAITPID:
    case PXO_WATCH:
        return wait_for_child(&c);
    case PXO_PICTURE:
        return copy_picture(&c);
    case PXO_KILL:
        return kill_process(&c);
    case PXO_PIPE:
        return make_pipe(&c);
    case PXO_PROCESSES:
        return list_processes(&c);
    case PXO_FORK:
        return c.payload != 0 ? PXH_E_INVALID : fork_process(who);
    case PXO_EXEC:
        return exec(&c);
    case PXO_HEAP:
        return c.payload != 0 ? PXH_E_INVALID : grow(who, argument);
    case PXO_PRIORITY:
        return set_priority(&c);
    case PXO_POST:
        return post_message(&c);
    case PXO_TAKE:
        return take_message(&c);
    case PXO_PROCESS:
        return tell_process(&c);
    default:
        return refuse(&c);
    }
}
