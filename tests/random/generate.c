/* generate.c - a random case from a seed and a number: its size, its profile, where it starts, and its script. */
#include "tests/random/case.h"
#include "tests/random/gen.h"

enum { MAX_CODE = 400, FAR = 30000 /* code stays where LI can name it */ };

/* most is the limit; sizes beyond the usual ones are drawn only when it allows them. */
static void choose_size(rng *r, uint32_t *w, uint32_t *h, uint32_t least, uint32_t most)
{
    static const uint32_t widths[] = {1, 2, 3, 5, 7, 8, 16, 17, 32, 64, 100, 256};
    static const uint32_t sizes[] = {100, 200, 300, 400, 700, 1200, CASE_PIXELS};
    uint32_t limit = rng_chance(r, 5) ? 16 : sizes[rng_below(r, 7)];
    if (most > CASE_PIXELS && rng_chance(r, 70))
        limit = most;
    uint32_t pixels = rng_between(r, least, limit);
    if (rng_chance(r, 10))
        pixels = limit;
    *w = rng_chance(r, 10) ? pixels : widths[rng_below(r, 12)];
    if (*w > pixels)
        *w = pixels;
    *h = pixels / *w;
}

/* A state as another executor might have left it: registers, vector length and count are not those of a new program. */
static void put_midway(gen *g)
{
    px_state *s = g->state;
    const bool all = rng_chance(&g->rng, 20);
    for (unsigned i = 0; i < 256; i++)
        if (all || rng_chance(&g->rng, 10))
            s->reg[i] = rng_chance(&g->rng, 60) ? gen_base(g, 8 < g->n ? 8 : g->n) : gen_interesting(g);
    s->vl = g->vl = gen_length(g);
    s->retired = rng_chance(&g->rng, 30) ? UINT32_MAX - rng_below(&g->rng, 8) : rng_next(&g->rng);
}

static void put_status(rng *r, px_state *s)
{
    switch (rng_below(r, 3)) {
    case 0:
        s->status = PX_HALTED;
        break;
    case 1:
        s->status = PX_WAITING;
        s->value = rng_below(r, 256);
        break;
    default:
        s->status = PX_TRAPPED;
        s->cause = PX_TRAP_RANGE;
        s->value = rng_next(r);
    }
}

/* Code stands after the header, at the very end of the image, or anywhere. */
static void choose_place(gen *g)
{
    const uint32_t header = g->n > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : 0;
    uint32_t room = (g->n - header) * 2 / 3 < MAX_CODE ? (g->n - header) * 2 / 3 : MAX_CODE;
    if (room == 0)
        room = g->n - header;
    const uint32_t kind = rng_below(&g->rng, 10), last = g->n - room < FAR ? g->n - room : FAR;
    g->start = header;
    if (kind < 2)
        g->start = last;
    else if (kind < 5)
        g->start = rng_between(&g->rng, header, last);
    g->at = g->start;
    g->end = g->start + room;
}

/* A literal instruction or a jump as the very last pixel of the image. */
static void put_last_pixel(gen *g)
{
    if (g->end == g->n && rng_chance(&g->rng, 30) && g->at < g->n) {
        g->at = g->n - 1;
        gen_emit(g, rng_chance(&g->rng, 60) ? PX_OP_LIT : PX_OP_ADDI, g->pool[0], g->pool[1], 1);
    }
}

void gen_machine(gen *g)
{
    gen_data(g);
    choose_place(g);
    put_midway(g);
    gen_program(g);
    put_last_pixel(g);
    g->state->reg[g->zero] = 0;
    g->state->pc = g->start;
}

static bool generate_v1(random_case *c, rng *r, uint32_t most, px_error *error)
{
    uint32_t w, h;
    const bool midway = rng_chance(r, 45);
    choose_size(r, &w, &h, midway && rng_chance(r, 10) ? 1 : PX_HEADER_PIXELS, most);
    if (!midway && w * h < PX_HEADER_PIXELS)
        h = (PX_HEADER_PIXELS + w - 1) / w;
    if (!px_state_new(&c->start, PX_V1, w, h, error))
        return false;
    gen g = {.rng = *r, .state = &c->start, .n = w * h};
    gen_data(&g);
    choose_place(&g);
    if (midway)
        put_midway(&g);
    gen_program(&g);
    put_last_pixel(&g);
    c->start.reg[g.zero] = 0;
    c->start.pc = g.start;
    *r = g.rng;
    if (midway && rng_chance(r, 3))
        put_status(r, &c->start);
    if (!midway) {
        const uint32_t header[PX_HEADER_PIXELS] = {PX_MAGIC_PROGRAM, g.start, g.end, 0, 0};
        for (int i = 0; i < PX_HEADER_PIXELS; i++)
            c->start.mem[i] = header[i];
    }
    return true;
}

/* Many turns of a loop: enough that an executor thinks it worth its while to remember the code. */
static bool generate_hot(random_case *c, rng *r, uint32_t most, px_error *error)
{
    uint32_t w, h;
    choose_size(r, &w, &h, 1, most);
    h += w * h < 100 ? (100 + w - 1) / w : 0;
    if (!px_state_new(&c->start, PX_V1, w, h, error))
        return false;
    gen g = {.rng = *r, .state = &c->start, .n = w * h};
    gen_data(&g);
    choose_place(&g);
    put_midway(&g);
    gen_hot(&g);
    c->start.reg[g.zero] = 0;
    c->start.pc = g.start;
    *r = g.rng;
    for (size_t i = 0; i < c->legs_count; i++)
        c->legs[i] *= rng_between(r, 1, 60);
    return true;
}

static bool generate_classic(random_case *c, rng *r, px_error *error)
{
    uint32_t w, h;
    choose_size(r, &w, &h, 1, CASE_PIXELS);
    if (rng_chance(r, 3)) {
        w = PX_CLASSIC_STEPS - 8 + rng_below(r, 16);
        h = 1;
    }
    if (!px_state_new(&c->start, PX_CLASSIC, w, h, error))
        return false;
    gen_classic(r, &c->start);
    if (rng_chance(r, 20)) {
        c->start.pc = rng_below(r, w < PX_CLASSIC_STEPS ? w : PX_CLASSIC_STEPS);
        c->start.retired = rng_next(r);
    }
    return true;
}

static void choose_script(random_case *c, rng *r)
{
    uint64_t budget = rng_between(r, 20, 300);
    c->legs_count = rng_between(r, 1, CASE_LEGS);
    for (size_t i = 0; i < c->legs_count; i++) {
        c->legs[i] = i + 1 == c->legs_count ? budget : rng_below(r, (uint32_t)budget);
        if (rng_chance(r, 20) && budget > 0)
            c->legs[i] = 1;
        budget -= c->legs[i] < budget ? c->legs[i] : budget;
    }
    c->answers_count = rng_below(r, CASE_ANSWERS + 1);
    for (size_t i = 0; i < c->answers_count; i++) {
        const uint32_t shift = rng_below(r, 32);
        c->answers[i] = rng_next(r) >> shift;
    }
    c->skips = rng_below(r, CASE_SKIPS + 1);
    c->relay = rng_below(r, 60);
}

/* Which cases are nested is drawn apart, so that the others are the same with and without them. */
static bool is_nested(uint64_t seed, uint64_t number, enum case_kinds kinds)
{
    rng r = rng_of_case(~seed, number);
    return kinds == CASES_NESTED || (kinds == CASES_ALL && rng_chance(&r, 15));
}

bool case_generate(random_case *c, uint64_t seed, uint64_t number, uint32_t most, enum case_kinds kinds,
                   px_error *error)
{
    rng r = rng_of_case(seed, number);
    *c = (random_case){.nested = is_nested(seed, number, kinds)};
    choose_script(c, &r);
    for (size_t i = 0; c->nested && i < c->legs_count; i++)
        c->legs[i] *= rng_between(&r, 1, 3);
    if (c->nested)
        return gen_nested(&r, &c->start, most, error);
    if (kinds == CASES_HOT)
        return generate_hot(c, &r, most, error);
    return rng_chance(&r, 15) ? generate_classic(c, &r, error) : generate_v1(c, &r, most, error);
}
