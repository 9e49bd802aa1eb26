/* state.c - a machine's state from a picture and back, whether it can exist, and how two of them differ. */
#define _DEFAULT_SOURCE /* madvise */
#include "pxi/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__ /* a machine of pixels has no pages */
#include <sys/mman.h>
#endif
#include <zlib.h>

#include "pxi/pixel.h"
#include "pxi/saved.h"

_Static_assert(PX_SAVED_REG + 256 == PX_STATE_WORDS, "a saved state is its fields and 256 registers");

/* ---- life ---- */

/* A large image lies in large pages where the system has them for those who ask: filling it, fetching it to a device
 * and freeing it take a fraction of the time. */
static void ask_for_large_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    enum { PAGE = 1 << 21 };
    const uintptr_t begin = ((uintptr_t)memory + PAGE - 1) / PAGE * PAGE,
                    end = ((uintptr_t)memory + bytes) / PAGE * PAGE;
    if (begin < end)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

bool px_state_new(px_state *state, uint32_t profile, uint32_t w, uint32_t h, px_error *error)
{
    *state = (px_state){0};
    if (w == 0 || h == 0 || (uint64_t)w * h > PX_MAX_PIXELS)
        return px_fail(error, PX_E_INPUT, "an image of %" PRIu32 " x %" PRIu32 " pixels; expected 1 to 2^26 pixels", w,
                       h);
    uint32_t *mem = calloc((size_t)w * h, sizeof *mem);
    if (mem == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an image of %" PRIu32 " x %" PRIu32 " pixels", w, h);
    ask_for_large_pages(mem, (size_t)w * h * sizeof *mem);
    *state = (px_state){.profile = profile, .w = w, .h = h, .mem = mem};
    return true;
}

bool px_state_copy(px_state *to, const px_state *from, px_error *error)
{
    if (to == from)
        return true;
    px_state copy;
    if (!px_state_new(&copy, from->profile, from->w, from->h, error))
        return false;
    uint32_t *mem = copy.mem;
    memcpy(mem, from->mem, (size_t)px_state_pixels(from) * sizeof *mem);
    copy = *from;
    copy.mem = mem;
    copy.lent = false;
    px_state_free(to);
    *to = copy;
    return true;
}

void px_state_free(px_state *state)
{
    if (!state->lent)
        free(state->mem);
    *state = (px_state){0};
}

void px_state_answer(px_state *state, uint32_t answer)
{
    state->reg[state->value & 255] = answer;
    state->value = 0;
    state->status = PX_RUNNING;
}

/* ---- checksum ---- */

static uint32_t crc_of_words(uint32_t crc, const uint32_t *words, size_t count)
{
    uint8_t bytes[4096];
    while (count > 0) {
        const size_t now = count < sizeof bytes / 4 ? count : sizeof bytes / 4;
        for (size_t i = 0; i < now; i++)
            for (unsigned k = 0; k < 4; k++)
                bytes[4 * i + k] = (uint8_t)px_byte(words[i], k);
        crc = (uint32_t)crc32(crc, bytes, (uInt)(4 * now));
        words += now;
        count -= now;
    }
    return crc;
}

uint32_t px_checksum(uint32_t w, uint32_t h, const uint32_t *px)
{
    const size_t n = (size_t)w * h;
    const size_t before = n < PX_HEADER_CHECKSUM ? n : PX_HEADER_CHECKSUM;
    uint32_t crc = crc_of_words(0, (const uint32_t[]){w, h}, 2);
    crc = crc_of_words(crc, px, before);
    if (n > PX_HEADER_CHECKSUM) {
        crc = crc_of_words(crc, (const uint32_t[]){0}, 1);
        crc = crc_of_words(crc, px + PX_HEADER_PIXELS, n - PX_HEADER_PIXELS);
    }
    return crc != 0 ? crc : UINT32_MAX;
}

/* ---- loading ---- */

static bool check_header(const px_picture *picture, const char *name, px_error *error)
{
    const uint32_t n = picture->w * picture->h; /* at most PX_MAX_PIXELS: px_state_new came first */
    const uint32_t *px = picture->px;
    if (n < PX_HEADER_PIXELS)
        return px_fail(error, PX_E_INPUT,
                       "%s: a v1 program of %" PRIu32 " x %" PRIu32 " pixels; its header alone takes %d", name,
                       picture->w, picture->h, PX_HEADER_PIXELS);
    if (px[PX_HEADER_ENTRY] >= n)
        return px_fail(error, PX_E_INPUT,
                       "%s: the entry (pixel 1) is %" PRIu32 ", expected an address below %" PRIu32
                       "; `px check %s` tells more, or assemble the program again",
                       name, px[PX_HEADER_ENTRY], n, name);
    if (px[PX_HEADER_END] > n)
        return px_fail(error, PX_E_INPUT,
                       "%s: the end of code (pixel 2) is %" PRIu32 ", expected at most %" PRIu32
                       "; `px check %s` tells more, or assemble the program again",
                       name, px[PX_HEADER_END], n, name);
    if (px[PX_HEADER_FLAGS] != 0)
        return px_fail(error, PX_E_INPUT,
                       "%s: the flags (pixel 3) are 0x%08" PRIX32
                       ", expected 0; `px check %s` tells more, or assemble the program again",
                       name, px[PX_HEADER_FLAGS], name);
    const uint32_t stored = px[PX_HEADER_CHECKSUM];
    const uint32_t found = stored == 0 ? 0 : px_checksum(picture->w, picture->h, px);
    if (stored != found)
        return px_fail(error, PX_E_INPUT,
                       "%s: the checksum (pixel 4) is 0x%08" PRIX32 ", but the pixels give 0x%08" PRIX32
                       "; the picture was changed after it was made: `px check %s` tells how",
                       name, stored, found, name);
    return true;
}

static bool view_program(px_state *view, const px_picture *picture, const char *name, px_error *error)
{
    const bool v1 = picture->px[0] == PX_MAGIC_PROGRAM;
    if ((uint64_t)picture->w * picture->h > PX_MAX_PIXELS)
        return px_fail(error, PX_E_INPUT, "%s: a program of %" PRIu32 " x %" PRIu32 " pixels, expected at most 2^26",
                       name, picture->w, picture->h);
    if (v1 && !check_header(picture, name, error))
        return false;
    *view = (px_state){.profile = v1 ? PX_V1 : PX_CLASSIC, .w = picture->w, .h = picture->h, .mem = picture->px};
    if (v1)
        view->pc = view->mem[PX_HEADER_ENTRY];
    return true;
}

/* The words that say how large the image is, before any of it is copied. */
static bool check_size(const px_picture *picture, const char *name, px_error *error)
{
    const uint32_t rows = px_state_rows(picture->w);
    if (picture->h <= rows)
        return px_fail(error, PX_E_INPUT,
                       "%s: a saved state of %" PRIu32 " x %" PRIu32 " pixels; its first %" PRIu32
                       " rows are registers, so it has no image; the picture was cut",
                       name, picture->w, picture->h, rows);
    const uint32_t *px = picture->px;
    if (px[PX_SAVED_W] != picture->w)
        return px_fail(error, PX_E_INPUT,
                       "%s: the saved state says W = %" PRIu32 ", but the picture is %" PRIu32
                       " wide; the picture was cut or scaled",
                       name, px[PX_SAVED_W], picture->w);
    if (px[PX_SAVED_H] != picture->h - rows)
        return px_fail(error, PX_E_INPUT,
                       "%s: the saved state says H = %" PRIu32 ", but below the registers the picture has %" PRIu32
                       " rows; the picture was cut or scaled",
                       name, px[PX_SAVED_H], picture->h - rows);
    for (uint32_t x = PX_STATE_WORDS; x < rows * picture->w; x++)
        if (px[x] != 0)
            return px_fail(error, PX_E_INPUT,
                           "%s: the saved state's padding is 0x%08" PRIX32 " at pixel (%" PRIu32 ",%" PRIu32
                           "), expected 0",
                           name, px[x], x % picture->w, x / picture->w);
    return true;
}

static bool view_saved(px_state *view, const px_picture *picture, const char *name, px_error *error)
{
    if (!check_size(picture, name, error))
        return false;
    uint32_t *px = picture->px;
    px_state saved = {.profile = px[PX_SAVED_PROFILE],
                      .w = px[PX_SAVED_W],
                      .h = px[PX_SAVED_H],
                      .pc = px[PX_SAVED_PC],
                      .vl = px[PX_SAVED_VL],
                      .status = px[PX_SAVED_STATUS],
                      .cause = px[PX_SAVED_CAUSE],
                      .value = px[PX_SAVED_VALUE],
                      .retired = px[PX_SAVED_RETIRED],
                      .mem = px + (size_t)px_state_rows(picture->w) * picture->w};
    memcpy(saved.reg, px + PX_SAVED_REG, sizeof saved.reg);
    if (!px_state_valid(&saved, name, error))
        return false;
    *view = saved;
    return true;
}

bool px_state_view(px_state *view, const px_picture *picture, const char *name, px_error *error)
{
    *view = (px_state){0};
    const uint32_t magic = picture->px[0];
    const uint32_t version = magic >> 24;
    if (magic == PX_MAGIC_STATE)
        return view_saved(view, picture, name, error);
    if (magic != PX_MAGIC_PROGRAM && ((magic ^ PX_MAGIC_PROGRAM) << 8 == 0 || (magic ^ PX_MAGIC_STATE) << 8 == 0))
        return px_fail(error, PX_E_INPUT,
                       "%s: pixel 0 says a %s of version %" PRIu32 ", expected version 1 (A = 1); either a newer px "
                       "made it, or a program dropped the alpha channel: export it again with alpha kept",
                       name, (magic & 0xFF0000u) == 'I' << 16 ? "program" : "saved state", version);
    return view_program(view, picture, name, error);
}

/* What a machine begins with where its picture has a checksum. */
static void clear_checksum(px_state *state, bool program)
{
    if (program)
        state->mem[PX_HEADER_CHECKSUM] = 0;
}

bool px_state_load(px_state *state, const px_picture *picture, const char *name, px_error *error)
{
    px_state view;
    *state = (px_state){0};
    if (!px_state_view(&view, picture, name, error) || !px_state_copy(state, &view, error))
        return false;
    clear_checksum(state, picture->px[0] == PX_MAGIC_PROGRAM);
    return true;
}

bool px_state_take(px_state *state, px_picture *picture, const char *name, px_error *error)
{
    if (!px_state_view(state, picture, name, error))
        return false;
    const bool program = picture->px[0] == PX_MAGIC_PROGRAM;
    if (state->mem != picture->px) {
        const size_t size = (size_t)px_state_pixels(state) * sizeof *state->mem;
        memmove(picture->px, state->mem, size);
        uint32_t *smaller = realloc(picture->px, size);
        state->mem = smaller != NULL ? smaller : picture->px;
    }
    *picture = (px_picture){0};
    clear_checksum(state, program);
    return true;
}

/* ---- saving ---- */

void px_state_words(const px_state *state, uint32_t *words)
{
    words[PX_SAVED_MAGIC] = PX_MAGIC_STATE;
    words[PX_SAVED_PROFILE] = state->profile;
    words[PX_SAVED_W] = state->w;
    words[PX_SAVED_H] = state->h;
    words[PX_SAVED_PC] = state->pc;
    words[PX_SAVED_VL] = state->vl;
    words[PX_SAVED_STATUS] = state->status;
    words[PX_SAVED_CAUSE] = state->cause;
    words[PX_SAVED_VALUE] = state->value;
    words[PX_SAVED_RETIRED] = state->retired;
    memcpy(words + PX_SAVED_REG, state->reg, sizeof state->reg);
}

bool px_state_save(const px_state *state, px_picture *picture, px_error *error)
{
    const uint32_t rows = px_state_rows(state->w);
    if (!px_picture_new(picture, state->w, rows + state->h, error))
        return false;
    px_state_words(state, picture->px);
    memcpy(picture->px + (size_t)rows * state->w, state->mem, (size_t)px_state_pixels(state) * sizeof *state->mem);
    return true;
}

bool px_state_image(const px_state *state, px_picture *picture, px_error *error)
{
    if (!px_picture_new(picture, state->w, state->h, error))
        return false;
    memcpy(picture->px, state->mem, (size_t)px_state_pixels(state) * sizeof *picture->px);
    return true;
}

/* ---- validity ---- */

static bool bad(const char *name, const char *field, uint32_t found, px_error *error, const char *expected)
{
    return px_fail(error, PX_E_INPUT, "%s: the saved state's %s is %" PRIu32 ", expected %s; no machine can be in it",
                   name, field, found, expected);
}

static bool bad_limit(const char *name, const char *field, uint32_t found, uint32_t limit, px_error *error)
{
    return px_fail(error, PX_E_INPUT,
                   "%s: the saved state's %s is %" PRIu32 ", expected at most %" PRIu32 "; no machine can be in it",
                   name, field, found, limit);
}

static bool valid_classic(const px_state *state, const char *name, px_error *error)
{
    const uint32_t end = state->w < PX_CLASSIC_STEPS ? state->w : PX_CLASSIC_STEPS;
    if (state->pc > end)
        return bad_limit(name, "pc", state->pc, end, error);
    if (state->vl != 0)
        return bad(name, "vl", state->vl, error, "0 in the classic profile");
    for (int i = 0; i < 256; i++)
        if (state->reg[i] != 0) {
            char field[16];
            snprintf(field, sizeof field, "r%d", i);
            return bad(name, field, state->reg[i], error, "0 in the classic profile");
        }
    if (state->status == PX_WAITING || state->status == PX_TRAPPED)
        return bad(name, "status", state->status, error, "0 (running) or 1 (halted) in the classic profile");
    if (state->status == PX_RUNNING && state->pc == end)
        return bad(name, "status", state->status, error, "1 (halted), since pc is at the end of the classic program");
    return true;
}

static bool valid_v1(const px_state *state, const char *name, px_error *error)
{
    const uint32_t n = px_state_pixels(state);
    if (state->pc > n)
        return bad_limit(name, "pc", state->pc, n, error);
    if (state->vl > n)
        return bad_limit(name, "vl", state->vl, n, error);
    return true;
}

/* Whether a number has a name in isa.def. */
static bool has_meaning(const char *isa_name) { return isa_name[0] != '?'; }

static bool bad_size(const px_state *state, const char *name, px_error *error)
{
    return px_fail(error, PX_E_INPUT, "%s: an image of %" PRIu32 " x %" PRIu32 " pixels, expected 1 to 2^26", name,
                   state->w, state->h);
}

bool px_state_fields_valid(const px_state *state, const char *name, px_error *error)
{
    if (state->w == 0 || state->h == 0 || (uint64_t)state->w * state->h > PX_MAX_PIXELS)
        return bad_size(state, name, error);
    if (state->profile != PX_CLASSIC && state->profile != PX_V1)
        return bad(name, "profile", state->profile, error, "0 (classic) or 1 (v1)");
    if (!has_meaning(px_status_name(state->status)))
        return bad(name, "status", state->status, error, "one of SPEC.md section 7");
    if (!has_meaning(px_cause_name(state->cause)))
        return bad(name, "cause", state->cause, error, "one of SPEC.md section 7");
    if (!(state->profile == PX_CLASSIC ? valid_classic : valid_v1)(state, name, error))
        return false;
    if ((state->cause != PX_TRAP_NONE) != (state->status == PX_TRAPPED))
        return bad(name, "cause", state->cause, error,
                   state->status == PX_TRAPPED ? "the cause of its trap" : "0, since it is not trapped");
    if ((state->status == PX_RUNNING || state->status == PX_HALTED) && state->value != 0)
        return bad(name, "value", state->value, error, "0, since it is neither waiting nor trapped");
    if (state->status == PX_WAITING && state->value > 255)
        return bad(name, "value", state->value, error, "a register number of at most 255, since it is waiting");
    return true;
}

bool px_state_valid(const px_state *state, const char *name, px_error *error)
{
    return state->mem == NULL ? bad_size(state, name, error) : px_state_fields_valid(state, name, error);
}

/* ---- comparing ---- */

/* Whose values differ, and where the difference is written. */
struct comparison {
    const char *a_name, *b_name;
    char *text;
    size_t size;
};

static bool same(const struct comparison *c, const char *what, uint32_t a, uint32_t b)
{
    if (a != b)
        snprintf(c->text, c->size, "%s: %s %" PRIu32 ", %s %" PRIu32, what, c->a_name, a, c->b_name, b);
    return a == b;
}

static bool same_name(const struct comparison *c, const char *what, uint32_t a, uint32_t b,
                      const char *(*name_of)(uint32_t))
{
    if (a != b)
        snprintf(c->text, c->size, "%s: %s %s (%" PRIu32 "), %s %s (%" PRIu32 ")", what, c->a_name, name_of(a), a,
                 c->b_name, name_of(b), b);
    return a == b;
}

/* ", pc of the machine saved at 64", or nothing. */
static void place_inside(const px_state *s, uint32_t address, char *text, size_t size)
{
    px_saved saved;
    char part[40];
    text[0] = '\0';
    if (s->profile != PX_V1 || !px_saved_around(s->mem, px_state_pixels(s), address, &saved))
        return;
    px_saved_part(&saved, address, part, sizeof part);
    snprintf(text, size, ", %s of the machine saved at %" PRIu32, part, saved.at);
}

static bool same_words(const struct comparison *c, const px_state *a, const px_state *b)
{
    for (int i = 0; i < 256; i++)
        if (a->reg[i] != b->reg[i]) {
            snprintf(c->text, c->size, "r%d: %s 0x%08" PRIX32 ", %s 0x%08" PRIX32, i, c->a_name, a->reg[i], c->b_name,
                     b->reg[i]);
            return false;
        }
    for (uint32_t x = 0; x < px_state_pixels(a); x++)
        if (a->mem[x] != b->mem[x]) {
            char inside[80];
            place_inside(a, x, inside, sizeof inside);
            snprintf(c->text, c->size,
                     "pixel (%" PRIu32 ",%" PRIu32 "), address %" PRIu32 "%s: %s 0x%08" PRIX32 ", %s 0x%08" PRIX32,
                     x % a->w, x / a->w, x, inside, c->a_name, a->mem[x], c->b_name, b->mem[x]);
            return false;
        }
    return true;
}

bool px_state_equal(const px_state *a, const char *a_name, const px_state *b, const char *b_name, char *difference,
                    size_t size)
{
    const struct comparison c = {a_name, b_name, difference, size};
    if (size > 0)
        difference[0] = '\0';
    return same(&c, "profile", a->profile, b->profile) && same(&c, "W", a->w, b->w) && same(&c, "H", a->h, b->h) &&
           same_name(&c, "status", a->status, b->status, px_status_name) &&
           same_name(&c, "cause", a->cause, b->cause, px_cause_name) && same(&c, "value", a->value, b->value) &&
           same(&c, "pc", a->pc, b->pc) && same(&c, "vl", a->vl, b->vl) &&
           same(&c, "retired", a->retired, b->retired) && same_words(&c, a, b);
}
