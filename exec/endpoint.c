/* endpoint.c - see endpoint.h.
 *
 * The machine lives in the executor from RESET to RESET. Pixels keep what they are over a RESET, as a board's memory
 * does; those that the machine does not have stay here meanwhile. */
#include "exec/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "exec/machine.h"
#include "pxi/pace.h"

enum { NAME_WORDS = PXR_HELLO_LENGTH - PXR_HELLO_NAME };

/* A step of a run: long enough to cost little, short enough that a STATUS does not wait for it. */
#define STEP_SECONDS 0.03

struct px_endpoint {
    px_executor *executor;
    uint32_t name[NAME_WORDS];

    px_machine *machine;    /* NULL before the first RESET, when the executor has failed, or released: */
    px_state released;      /* then it is here; else all zero */
    px_error failure;       /* then: why; no text before the first RESET */
    uint32_t flags_of_none; /* before the first RESET a run finds no pixel to fetch, and traps */
    uint32_t n;             /* pixels of the machine */
    uint32_t *kept;         /* pixels n to had - 1, each at its address */
    uint32_t had;           /* the most that the machine had so far */

    bool running;
    uint32_t left; /* of the budget */
    double step_seconds, step_end;
    uint64_t executed, cycles; /* of all runs */

    bool remembers; /* a request came since HELLO: its number, and how it ended */
    uint8_t last;
    enum px_link_error last_error;

    uint32_t words[PX_LINK_BLOCK]; /* payload of the reply */
    px_link_window *window;        /* or NULL */
    uint64_t *signs;               /* or NULL */
};

/* ---- the executor behind ---- */

static enum px_link_error fail(px_endpoint *e, const px_error *reason)
{
    e->failure = *reason;
    e->running = false;
    px_machine_drop(e->machine, NULL);
    e->machine = NULL;
    return PXL_E_EXECUTOR;
}

bool px_endpoint_release(px_endpoint *e, px_error *error)
{
    if (e->machine == NULL)
        return true;
    if (e->running)
        return px_fail(error, PX_E_USAGE, "a machine that runs cannot be released");
    if (!px_machine_read(e->machine, &e->released, error))
        return false;
    px_machine_drop(e->machine, NULL);
    e->machine = NULL;
    return true;
}

static enum px_link_error take_back(px_endpoint *e)
{
    px_error error = {0};
    if (e->released.mem == NULL || px_machine_create_from(e->executor, &e->released, &e->machine, &error))
        return PXL_E_NONE;
    return fail(e, &error);
}

static bool step_is_over(void *context, uint64_t executed)
{
    const px_endpoint *e = context;
    (void)executed;
    if (e->signs != NULL)
        ++*e->signs;
    return px_seconds() >= e->step_end;
}

bool px_endpoint_step(px_endpoint *e)
{
    const px_cancel cancel = {step_is_over, e};
    px_error error = {0};
    px_stop stop;
    if (!e->running)
        return false;
    e->step_end = px_seconds() + e->step_seconds;
    if (!px_run_one(e->machine, e->left, &cancel, &stop, &error)) {
        fail(e, &error);
        return false;
    }
    if (stop.executed == 0) /* an executor that starts over when it is cancelled must come to something */
        e->step_seconds *= 2;
    e->left -= (uint32_t)stop.executed;
    e->executed += stop.executed;
    e->cycles += stop.cycles;
    e->running = stop.status == PX_RUNNING && e->left > 0;
    return e->running;
}

bool px_endpoint_running(const px_endpoint *e) { return e->running; }

const px_error *px_endpoint_failure(const px_endpoint *e) { return &e->failure; }

void px_endpoint_see(px_endpoint *e, px_link_window *window) { e->window = window; }

void px_endpoint_signs(px_endpoint *e, uint64_t *signs) { e->signs = signs; }

void px_endpoint_counts(const px_endpoint *e, uint64_t *executed, uint64_t *cycles)
{
    *executed = e->executed;
    *cycles = e->cycles;
}

/* ---- requests, once their length is right ---- */

static void hello(px_endpoint *e)
{
    const px_executor *x = e->executor;
    const uint32_t lanes = x->caps.lanes < 255 ? x->caps.lanes : 255;
    e->words[PXR_HELLO_MAGIC] = PX_LINK_MAGIC;
    e->words[PXR_HELLO_ABOUT] = 1u | lanes << 8 | (uint32_t)PXL_CAP_CLASSIC | (uint32_t)PXL_CAP_REQUEST |
                                (x->caps.flat ? 0 : (uint32_t)PXL_CAP_RESUME);
    e->words[PXR_HELLO_PIXELS] = x->caps.max_pixels;
    e->words[PXR_HELLO_PAYLOAD] = PX_LINK_BASE;
    e->words[PXR_HELLO_CLOCK] = 0;
    memcpy(e->words + PXR_HELLO_NAME, e->name, sizeof e->name);
}

static bool keep_room(px_endpoint *e, uint32_t n, px_error *error)
{
    if (n <= e->had)
        return true;
    uint32_t *kept = realloc(e->kept, (size_t)n * sizeof *kept);
    if (kept == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an image of this size");
    memset(kept + e->had, 0, (size_t)(n - e->had) * sizeof *kept);
    e->kept = kept;
    e->had = n;
    return true;
}

/* The pixels of the machine go to where the others are kept; a new machine takes its own from there. */
static enum px_link_error reset(px_endpoint *e, const uint32_t *words)
{
    px_state state = {.profile = words[PXQ_RESET_PROFILE], .w = words[PXQ_RESET_W], .h = words[PXQ_RESET_H]};
    const uint32_t n = words[PXQ_RESET_N];
    px_error error = {0};
    if (state.profile > 1 || n == 0 || n > e->executor->caps.max_pixels || (uint64_t)state.w * state.h != n)
        return PXL_E_RANGE;
    if (!keep_room(e, n, &error) ||
        (e->machine != NULL && !px_get(e->machine, PX_SPACE_PIXEL, 0, e->kept, e->n, &error)))
        return fail(e, &error);
    px_machine_drop(e->machine, NULL);
    e->machine = NULL;
    e->n = n;
    e->failure = (px_error){0};
    state.mem = e->kept;
    return px_machine_create(e->executor, &state, &e->machine, &error) ? PXL_E_NONE : fail(e, &error);
}

/* The machine's space that words of space are in, if READ or WRITE may have it. */
static bool has_space(uint32_t space, bool written)
{
    return space == PXL_SPACE_PIXEL || space == PXL_SPACE_REGISTER || (written && space == PXL_SPACE_STATE);
}

/* most: as many words as the request can carry. */
static enum px_link_error may_have(const px_endpoint *e, uint32_t where, uint32_t count, uint32_t most, bool written)
{
    const uint32_t space = px_link_space_of(where), address = px_link_address_of(where);
    const uint32_t size = space == PXL_SPACE_PIXEL ? e->n : space == PXL_SPACE_REGISTER ? 256 : PX_STATE_SPACE;
    if (!has_space(space, written) || count == 0 || count > most || address > size || count > size - address)
        return PXL_E_RANGE;
    return e->failure.text[0] != '\0' ? PXL_E_EXECUTOR : PXL_E_NONE;
}

static enum px_link_error read_words(px_endpoint *e, uint32_t where, uint32_t *words, uint32_t count, uint32_t most)
{
    px_error error = {0};
    const enum px_link_error refused = may_have(e, where, count, most, false);
    if (refused != PXL_E_NONE)
        return refused;
    if (e->machine == NULL) { /* before the first RESET there are registers, and they are 0 */
        memset(words, 0, count * sizeof *words);
        return PXL_E_NONE;
    }
    return px_get(e->machine, (enum px_space)px_link_space_of(where), px_link_address_of(where), words, count, &error)
               ? PXL_E_NONE
               : fail(e, &error);
}

static enum px_link_error write_words(px_endpoint *e, uint32_t where, const uint32_t *words, uint32_t count,
                                      uint32_t most)
{
    px_error error = {0};
    const enum px_link_error refused = may_have(e, where, count, most, true);
    if (refused != PXL_E_NONE || e->machine == NULL) /* what is written before the first RESET, RESET clears */
        return refused;
    return px_put(e->machine, (enum px_space)px_link_space_of(where), px_link_address_of(where), words, count, &error)
               ? PXL_E_NONE
               : fail(e, &error);
}

static enum px_link_error start(px_endpoint *e, uint32_t budget)
{
    if (e->failure.text[0] != '\0')
        return PXL_E_EXECUTOR;
    e->left = budget;
    e->step_seconds = STEP_SECONDS;
    e->running = e->machine != NULL && e->machine->status == PX_RUNNING && budget > 0;
    if (e->machine == NULL && budget > 0)
        e->flags_of_none = PX_TRAP_PC << 8 | PX_TRAPPED;
    return PXL_E_NONE;
}

static enum px_link_error status(px_endpoint *e, bool longer)
{
    uint32_t *words = e->words, fields[PX_STATE_SPACE];
    px_error error = {0};
    if (e->failure.text[0] != '\0')
        return PXL_E_EXECUTOR;
    memset(words, 0, PXR_STATUS_LONG * sizeof *words);
    words[PXR_STATUS_FLAGS] = e->running ? PX_LINK_UNDERWAY : e->flags_of_none;
    words[PXR_STATUS_LEFT] = e->left;
    if (e->running || e->machine == NULL)
        return PXL_E_NONE;
    if (!px_get(e->machine, PX_SPACE_STATE, 0, fields, PX_STATE_SPACE, &error))
        return fail(e, &error);
    words[PXR_STATUS_FLAGS] = fields[PX_WORD_FLAGS];
    words[PXR_STATUS_PC] = fields[PX_WORD_PC];
    words[PXR_STATUS_VL] = fields[PX_WORD_VL];
    const uint32_t value = fields[PX_WORD_VALUE];
    words[PXR_STATUS_VALUE] = value;
    if (longer && (fields[PX_WORD_FLAGS] & 3) == PX_WAITING &&
        (!px_get(e->machine, PX_SPACE_REGISTER, value & 255, &words[PXR_STATUS_REQUEST], 1, &error) ||
         !px_get(e->machine, PX_SPACE_REGISTER, (value + 1) & 255, &words[PXR_STATUS_ARGUMENT], 1, &error)))
        return fail(e, &error);
    return PXL_E_NONE;
}

/* ---- one request ---- */

/* What each request needs and gives: lengths of its payload and of its reply's. READ's reply is as long as it says. */
typedef struct shape {
    uint8_t type;
    bool idle; /* refused while a run is under way */
    uint32_t least, most, reply;
} shape;

static const shape *shape_of(const px_endpoint *e, uint8_t type)
{
    static const shape shapes[] = {{PXL_HELLO, false, 0, UINT32_MAX, PXR_HELLO_LENGTH},
                                   {PXL_RESET, true, PXQ_RESET_LENGTH, PXQ_RESET_LENGTH, 0},
                                   {PXL_READ, true, PXQ_READ_LENGTH, PXQ_READ_LENGTH, 0},
                                   {PXL_WRITE, true, PXQ_WRITE_WORDS + 1, PXQ_WRITE_WORDS + PX_LINK_BLOCK, 0},
                                   {PX_LINK_FETCH, true, PXQ_READ_LENGTH, PXQ_READ_LENGTH, 0},
                                   {PX_LINK_STORE, true, PXQ_READ_LENGTH, PXQ_READ_LENGTH, 0},
                                   {PXL_RUN, true, PXQ_RUN_LENGTH, PXQ_RUN_LENGTH, 0},
                                   {PXL_STATUS, false, 0, PXQ_STATUS_LENGTH, PXR_STATUS_LENGTH},
                                   {PXL_STOP, false, 0, 0, 0}};
    if (e->window == NULL && (type == PX_LINK_FETCH || type == PX_LINK_STORE))
        return NULL;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].type == type)
            return &shapes[i];
    return NULL;
}

static enum px_link_error perform(px_endpoint *e, const px_link_frame *request, uint32_t *length)
{
    const shape *needs = shape_of(e, request->type);
    const uint32_t *words = request->payload;
    if (needs == NULL)
        return PXL_E_TYPE;
    if (request->length < needs->least || request->length > needs->most)
        return PXL_E_LENGTH;
    if (needs->idle && e->running)
        return PXL_E_RUNNING;
    if (request->type != PXL_HELLO && take_back(e) != PXL_E_NONE)
        return PXL_E_EXECUTOR;
    *length = needs->reply;
    switch (request->type) {
    case PXL_HELLO:
        hello(e);
        return PXL_E_NONE;
    case PXL_RESET:
        return reset(e, words);
    case PXL_READ:
        *length = words[PXQ_READ_COUNT];
        return read_words(e, words[PXQ_READ_WHERE], e->words, words[PXQ_READ_COUNT], PX_LINK_BLOCK);
    case PXL_WRITE:
        return write_words(e, words[PXQ_WRITE_WHERE], words + PXQ_WRITE_WORDS, request->length - PXQ_WRITE_WORDS,
                           PX_LINK_BLOCK);
    case PX_LINK_FETCH:
        return read_words(e, words[PXQ_READ_WHERE], e->window->words, words[PXQ_READ_COUNT], PX_LINK_WINDOW);
    case PX_LINK_STORE:
        return write_words(e, words[PXQ_READ_WHERE], e->window->words, words[PXQ_READ_COUNT], PX_LINK_WINDOW);
    case PXL_RUN:
        return start(e, words[PXQ_RUN_BUDGET]);
    case PXL_STATUS:
        if (request->length > 0 && words[PXQ_STATUS_LONGER] != 1)
            return PXL_E_RANGE;
        *length = request->length == 0 ? PXR_STATUS_LENGTH : PXR_STATUS_LONG;
        return status(e, request->length > 0);
    case PXL_STOP: /* between two steps the machine is at an instruction boundary */
        e->running = false;
        return PXL_E_NONE;
    default:
        return PXL_E_TYPE;
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
    const size_t most = 4 * (PX_ENDPOINT_ERROR - PXR_ERROR_TEXT);
    if (size > most)
        for (size = most; size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80;)
            size--; /* not in the middle of a character */
    const uint32_t length = (uint32_t)(PXR_ERROR_TEXT + (size + 3) / 4);
    memset(words, 0, length * sizeof *words);
    words[PXR_ERROR_NUMBER] = number;
    for (size_t i = 0; i < size; i++)
        words[PXR_ERROR_TEXT + i / 4] |= (uint32_t)(unsigned char)text[i] << 8 * (i % 4);
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
    for (size_t i = 0; i < 4 * NAME_WORDS && name[i] != '\0'; i++) {
        const unsigned char c = (unsigned char)name[i];
        e->name[i / 4] |= (uint32_t)(c >= ' ' && c <= '~' ? c : '?') << 8 * (i % 4);
    }
    *endpoint = e;
    return true;
}

void px_endpoint_close(px_endpoint *e)
{
    if (e == NULL)
        return;
    px_machine_drop(e->machine, NULL);
    px_state_free(&e->released);
    free(e->kept);
    free(e);
}
