/* endpoint.c - see endpoint.h.
 *
 * The machine is kept here as a px_state, for frames read and write it word by word; the executor gets it whole when a
 * run needs it, and gives it back whole when a frame asks for what the run has changed. */
#include "host/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "host/session.h"

/* One instruction can take a thousand times as long as another, so each run begins small. */
enum { FIRST_SLICE = 64 };

enum { HELLO_WORDS = 9, NAME_WORDS = 4, STATE_WORDS = 4, STATUS_WORDS = 5 };

/* A slice of a run: long enough to cost little, short enough that a STATUS does not wait for it. */
#define SLICE_SECONDS 0.03

struct px_endpoint {
    px_executor *executor;
    uint32_t name[NAME_WORDS];

    px_state state;   /* pixels live in mem, which never shrinks: RESET leaves them as they are */
    uint32_t n, had;  /* pixels of the machine; pixels that mem has room for */
    bool loaded;      /* the executor holds the machine */
    bool newer;       /* and has run it since: its pixels, registers and vl count, not those of state */
    px_error failure; /* why the executor lost the machine; no text while all is well */

    bool running;
    uint32_t left;  /* of the budget */
    uint64_t slice; /* instructions of the next slice */
    double cost;    /* the least time that a slice has taken, which is what starting one costs */

    bool remembers; /* a request came since HELLO: its number, and how it ended */
    uint8_t last;
    enum px_link_error last_error;

    uint32_t words[PX_LINK_BLOCK]; /* payload of the reply */
};

/* ---- the executor behind ---- */

static enum px_link_error fail(px_endpoint *e, const char *text)
{
    px_fail(&e->failure, PX_E_SYSTEM, "%s", text);
    e->running = e->loaded = e->newer = false;
    return PXL_E_EXECUTOR;
}

/* Brings the executor's machine into state. */
static enum px_link_error fetch(px_endpoint *e)
{
    px_error error = {0};
    px_state now = {0};
    if (e->failure.text[0] != '\0')
        return PXL_E_EXECUTOR;
    if (!e->newer)
        return PXL_E_NONE;
    if (!e->executor->ops->read(e->executor, &now, &error))
        return fail(e, error.text);
    if (now.w != e->state.w || now.h != e->state.h) {
        px_state_free(&now);
        return fail(e, "the executor gave back an image of another size");
    }
    uint32_t *mem = e->state.mem, *pixels = now.mem;
    memcpy(mem, pixels, (size_t)e->n * sizeof *mem);
    e->state = now;
    e->state.mem = mem;
    e->newer = false;
    free(pixels);
    return PXL_E_NONE;
}

/* vl alone, for STATUS: an executor at the end of a cable has it at hand, and its pixels not. */
static enum px_link_error fetch_vl(px_endpoint *e)
{
    px_error error = {0};
    if (!e->newer || e->executor->ops->vl == NULL)
        return fetch(e);
    return e->executor->ops->vl(e->executor, &e->state.vl, &error) ? PXL_E_NONE : fail(e, error.text);
}

static bool load(px_endpoint *e, px_error *error)
{
    return e->loaded || (px_state_valid(&e->state, "the state that was written", error) &&
                         e->executor->ops->load(e->executor, &e->state, error));
}

/* What it costs to start a slice at all (a process, a launch, a cable's round trip) bounds how short one should be. */
static void adapt_slice(px_endpoint *e, double took)
{
    if (e->cost < 0 || took < e->cost)
        e->cost = took;
    const double aim = 4 * e->cost > SLICE_SECONDS ? 4 * e->cost : SLICE_SECONDS;
    if (took < aim / 2 && e->slice < UINT32_MAX)
        e->slice *= took < aim / 16 ? 8 : 2;
    else if (took > 2 * aim && e->slice > 1)
        e->slice /= 2;
}

bool px_endpoint_step(px_endpoint *e)
{
    px_error error = {0};
    px_stop stop = {0};
    if (!e->running)
        return false;
    if (!load(e, &error)) {
        fail(e, error.text);
        return false;
    }
    e->loaded = true;
    const uint32_t budget = e->left < e->slice ? e->left : (uint32_t)e->slice;
    const double before = px_seconds();
    const bool ran = e->executor->ops->run(e->executor, budget, &stop, &error);
    if (!ran || stop.executed > budget) {
        fail(e, ran ? "the executor says that it executed more than its budget" : error.text);
        return false;
    }
    adapt_slice(e, px_seconds() - before);
    e->newer = true;
    e->left -= (uint32_t)stop.executed;
    e->state.pc = stop.pc;
    e->state.status = stop.status;
    e->state.cause = stop.cause;
    e->state.value = stop.value;
    e->running = stop.status == PX_RUNNING && e->left > 0;
    return e->running;
}

bool px_endpoint_running(const px_endpoint *e) { return e->running; }

/* ---- requests, once their length is right ---- */

static void hello(px_endpoint *e)
{
    const px_executor *x = e->executor;
    const uint32_t lanes = x->lanes < 255 ? x->lanes : 255;
    e->words[0] = PX_LINK_MAGIC;
    e->words[1] = 1u | lanes << 8 | (uint32_t)PXL_CAP_CLASSIC;
    e->words[2] = x->max_pixels;
    e->words[3] = PX_LINK_BASE;
    e->words[4] = 0;
    memcpy(e->words + 5, e->name, sizeof e->name);
}

static enum px_link_error reset(px_endpoint *e, const uint32_t *words)
{
    const uint32_t profile = words[0], w = words[1], h = words[2], n = words[3];
    if (profile > 1 || n == 0 || n > e->executor->max_pixels || (uint64_t)w * h != n)
        return PXL_E_RANGE;
    if (n > e->had) {
        uint32_t *mem = realloc(e->state.mem, (size_t)n * sizeof *mem);
        if (mem == NULL)
            return fail(e, "no memory for an image of this size");
        memset(mem + e->had, 0, (size_t)(n - e->had) * sizeof *mem);
        e->state.mem = mem;
        e->had = n;
    }
    /* The pixels that a run left in the executor stay too. */
    if (e->failure.text[0] == '\0' && fetch(e) != PXL_E_NONE)
        return PXL_E_EXECUTOR;
    e->state = (px_state){.profile = profile, .w = w, .h = h, .mem = e->state.mem};
    e->n = n;
    e->loaded = false;
    e->failure.text[0] = '\0';
    return PXL_E_NONE;
}

/* The words that a space has, and where they are; STATE's are no array. */
static uint32_t space_size(px_endpoint *e, uint32_t space, uint32_t **at)
{
    *at = space == PXL_SPACE_PIXEL ? e->state.mem : space == PXL_SPACE_REGISTER ? e->state.reg : NULL;
    return space == PXL_SPACE_PIXEL      ? e->n
           : space == PXL_SPACE_REGISTER ? 256
           : space == PXL_SPACE_STATE    ? STATE_WORDS
                                         : 0;
}

static bool within(uint32_t address, uint32_t count, uint32_t size)
{
    return count > 0 && count <= PX_LINK_BLOCK && address <= size && count <= size - address;
}

static enum px_link_error read_words(px_endpoint *e, uint32_t where, uint32_t count)
{
    uint32_t *from;
    const uint32_t address = where & 0x0FFFFFFF, size = space_size(e, where >> 28, &from);
    if (from == NULL || !within(address, count, size))
        return PXL_E_RANGE;
    const enum px_link_error error = fetch(e);
    if (error == PXL_E_NONE)
        memcpy(e->words, from + address, count * sizeof *from);
    return error;
}

static void write_state(px_state *state, uint32_t address, uint32_t word)
{
    switch (address) {
    case PXL_STATE_PC:
        state->pc = word;
        break;
    case PXL_STATE_VL:
        state->vl = word;
        break;
    case PXL_STATE_FLAGS:
        state->profile = word >> 16 & 1;
        state->cause = word >> 8 & 7;
        state->status = word & 3;
        break;
    default:
        state->value = word;
        break;
    }
}

static enum px_link_error write_words(px_endpoint *e, uint32_t where, const uint32_t *words, uint32_t count)
{
    uint32_t *to;
    const uint32_t address = where & 0x0FFFFFFF, size = space_size(e, where >> 28, &to);
    if (!within(address, count, size))
        return PXL_E_RANGE;
    const enum px_link_error error = fetch(e);
    if (error != PXL_E_NONE)
        return error;
    if (to != NULL)
        memcpy(to + address, words, count * sizeof *to);
    else
        for (uint32_t i = 0; i < count; i++)
            write_state(&e->state, address + i, words[i]);
    e->loaded = false;
    return PXL_E_NONE;
}

static enum px_link_error start(px_endpoint *e, uint32_t budget)
{
    if (e->failure.text[0] != '\0')
        return PXL_E_EXECUTOR;
    e->left = budget;
    e->slice = FIRST_SLICE;
    e->running = e->state.status == PX_RUNNING && budget > 0;
    if (!e->running || e->n > 0)
        return PXL_E_NONE;
    /* No pixel is there to be fetched before the first RESET. */
    e->running = false;
    e->state.status = PX_TRAPPED;
    e->state.cause = PX_TRAP_PC;
    e->state.value = 0;
    return PXL_E_NONE;
}

static enum px_link_error status(px_endpoint *e)
{
    const enum px_link_error error = e->running ? PXL_E_NONE : fetch_vl(e);
    if (error != PXL_E_NONE)
        return error;
    const px_state *s = &e->state;
    e->words[0] = (e->running ? PX_LINK_UNDERWAY : 0) | s->profile << 16 | s->cause << 8 | s->status;
    e->words[1] = s->pc;
    e->words[2] = s->vl;
    e->words[3] = s->value;
    e->words[4] = e->left;
    return PXL_E_NONE;
}

/* ---- one request ---- */

/* What each request needs and gives: lengths of its payload and of its reply's. READ's reply is as long as it says. */
typedef struct shape {
    uint8_t type;
    bool idle; /* refused while a run is under way */
    uint32_t least, most, reply;
} shape;

static const shape *shape_of(uint8_t type)
{
    static const shape shapes[] = {{PXL_HELLO, false, 0, UINT32_MAX, HELLO_WORDS},
                                   {PXL_RESET, true, 4, 4, 0},
                                   {PXL_READ, true, 2, 2, 0},
                                   {PXL_WRITE, true, 2, 1 + PX_LINK_BLOCK, 0},
                                   {PXL_RUN, true, 1, 1, 0},
                                   {PXL_STATUS, false, 0, 0, STATUS_WORDS},
                                   {PXL_STOP, false, 0, 0, 0}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].type == type)
            return &shapes[i];
    return NULL;
}

static enum px_link_error perform(px_endpoint *e, const px_link_frame *request, uint32_t *length)
{
    const shape *needs = shape_of(request->type);
    const uint32_t *words = request->payload;
    if (needs == NULL)
        return PXL_E_TYPE;
    if (request->length < needs->least || request->length > needs->most)
        return PXL_E_LENGTH;
    if (needs->idle && e->running)
        return PXL_E_RUNNING;
    *length = needs->reply;
    switch (request->type) {
    case PXL_HELLO:
        hello(e);
        return PXL_E_NONE;
    case PXL_RESET:
        return reset(e, words);
    case PXL_READ:
        *length = words[1];
        return read_words(e, words[0], words[1]);
    case PXL_WRITE:
        return write_words(e, words[0], words + 1, request->length - 1);
    case PXL_RUN:
        return start(e, words[0]);
    case PXL_STATUS:
        return status(e);
    default: /* STOP; between two slices the machine is at an instruction boundary */
        e->running = false;
        return PXL_E_NONE;
    }
}

/* Whether request has been carried out before, and only its reply was lost. */
static bool repeats(const px_endpoint *e, const px_link_frame *request)
{
    const uint8_t type = request->type;
    return e->remembers && request->sequence == e->last &&
           (type == PXL_RESET || type == PXL_WRITE || type == PXL_RUN || type == PXL_STOP);
}

void px_endpoint_request(px_endpoint *e, const px_link_frame *request, px_link_frame *reply)
{
    uint32_t length = 0;
    enum px_link_error error;
    if (request->version != PX_LINK_VERSION)
        error = PXL_E_VERSION;
    else if (repeats(e, request))
        error = e->last_error;
    else
        error = perform(e, request, &length);
    e->remembers = request->type != PXL_HELLO || error != PXL_E_NONE;
    e->last = request->sequence;
    e->last_error = error;
    if (error != PXL_E_NONE)
        px_endpoint_refuse(request, error, error == PXL_E_EXECUTOR ? e->failure.text : NULL, e->words, reply);
    else
        *reply = (px_link_frame){.version = PX_LINK_VERSION,
                                 .type = request->type | PX_LINK_REPLY,
                                 .sequence = request->sequence,
                                 .length = length,
                                 .payload = e->words};
}

void px_endpoint_refuse(const px_link_frame *request, enum px_link_error number, const char *text, uint32_t *words,
                        px_link_frame *reply)
{
    size_t size = text != NULL ? strlen(text) : 0;
    const size_t most = 4 * (PX_ENDPOINT_ERROR - 1);
    if (size > most)
        for (size = most; size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80;)
            size--; /* not in the middle of a character */
    const uint32_t length = (uint32_t)(1 + (size + 3) / 4);
    memset(words, 0, length * sizeof *words);
    words[0] = number;
    for (size_t i = 0; i < size; i++)
        words[1 + i / 4] |= (uint32_t)(unsigned char)text[i] << 8 * (i % 4);
    *reply = (px_link_frame){.version = PX_LINK_VERSION,
                             .type = PXL_ERROR,
                             .sequence = request->sequence,
                             .length = length,
                             .payload = words};
}

/* ---- life ---- */

bool px_endpoint_open(px_endpoint **endpoint, px_executor *executor, const char *name, px_error *error)
{
    px_endpoint *e = calloc(1, sizeof *e);
    if (e == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an endpoint of the link");
    e->executor = executor;
    e->cost = -1;
    for (size_t i = 0; i < 4 * NAME_WORDS && name[i] != '\0'; i++) {
        const unsigned char c = (unsigned char)name[i];
        e->name[i / 4] |= (uint32_t)(c >= ' ' && c <= '~' ? c : '?') << 8 * (i % 4);
    }
    *endpoint = e;
    return true;
}

void px_endpoint_close(px_endpoint *e)
{
    if (e != NULL)
        free(e->state.mem);
    free(e);
}
