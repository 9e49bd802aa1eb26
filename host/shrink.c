/* shrink.c - see shrink.h: whatever can be 0 while the executors still differ becomes 0, first much at a time, then
 * little. */
#include "host/shrink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/disasm.h"
#include "pxi/output_file.h"
#include "pxi/pace.h"
#include "pxi/pixel.h"

#define MOST_SECONDS 20 /* for what starts a process a trial */
enum { A_LINE = 8 };

typedef struct shrinker {
    px_executor *executor[2];
    px_state best, end[2]; /* end: what they make of best */
    double until;
} shrinker;

static bool one_step(px_executor *executor, const px_state *from, px_state *end, px_error *error)
{
    px_stop stop;
    return px_state_copy(end, from, error) && px_run_state(executor, end, 1, &stop, error);
}

/* What is tried becomes the best if the executors differ over it. A state that they refuse is none. */
static bool tried(shrinker *s, px_state *trial)
{
    px_state end[2] = {{0}, {0}};
    char text[256];
    const bool good = one_step(s->executor[0], trial, &end[0], NULL) &&
                      one_step(s->executor[1], trial, &end[1], NULL) &&
                      !px_state_equal(&end[0], "", &end[1], "", text, sizeof text);
    if (good)
        for (int i = 0; i < 2; i++) {
            px_state_free(&s->end[i]);
            s->end[i] = end[i];
            end[i] = (px_state){0};
        }
    px_state_free(&end[0]);
    px_state_free(&end[1]);
    return good;
}

/* Of the words of best those that are not 0: as many at a time become 0 as does no harm. */
static void clear(shrinker *s, uint32_t *words, uint32_t count)
{
    uint32_t *place = malloc((count + 1) * sizeof *place), *kept = malloc((count + 1) * sizeof *kept), found = 0;
    for (uint32_t at = 0; place != NULL && at < count; at++)
        if (words[at] != 0)
            place[found++] = at;
    for (uint32_t size = found; kept != NULL && size > 0; size /= 2)
        for (uint32_t first = 0; first < found && px_seconds() < s->until; first += size) {
            const uint32_t end = found - first < size ? found : first + size;
            bool any = false;
            for (uint32_t i = first; i < end; i++) {
                kept[i] = words[place[i]];
                any |= kept[i] != 0;
                words[place[i]] = 0;
            }
            if (any && !tried(s, &s->best))
                for (uint32_t i = first; i < end; i++)
                    words[place[i]] = kept[i];
        }
    free(place);
    free(kept);
}

static void shorten(shrinker *s)
{
    const uint32_t vl = s->best.vl;
    for (uint32_t less = 0; less < vl; less = less == 0 ? 1 : 2 * less) {
        s->best.vl = less;
        if (tried(s, &s->best))
            return;
    }
    s->best.vl = vl;
}

/* The image but for the header, and for the instruction with its literal. */
static void clear_image(shrinker *s)
{
    const uint32_t n = px_state_pixels(&s->best), pc = s->best.pc;
    const uint32_t from = n > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : n;
    const bool literal = pc < n && s->best.profile == PX_V1 && px_byte(s->best.mem[pc], 0) == PX_OP_LIT;
    const uint32_t end = pc < n ? pc + 1 + literal : n;
    if (pc > from)
        clear(s, s->best.mem + from, (pc < n ? pc : n) - from);
    if (end < n)
        clear(s, s->best.mem + end, n - end);
}

/* Rows at the end, which hold nothing. */
static void cut(shrinker *s)
{
    const uint32_t h = s->best.h;
    uint32_t rows = s->best.pc / s->best.w + 1;
    for (uint32_t at = 0; at < px_state_pixels(&s->best); at++)
        if (s->best.mem[at] != 0 && at / s->best.w >= rows)
            rows = at / s->best.w + 1;
    for (; rows < h; rows *= 2) {
        s->best.h = rows;
        if (tried(s, &s->best))
            return;
    }
    s->best.h = h;
}

/* ---- the case ---- */

/* Words that are not what they were, each run of them as one item; a run goes over at most A_LINE. */
static void write_words(FILE *to, const char *keyword, const char *form, const uint32_t *words, const uint32_t *were,
                        uint32_t count)
{
    for (uint32_t at = 0; at < count; at++) {
        uint32_t end = at;
        while (end < count && end < at + A_LINE && words[end] != were[end])
            end++;
        if (end == at)
            continue;
        fprintf(to, "%s ", keyword);
        fprintf(to, form, at);
        fputs(" =", to);
        for (; at < end; at++)
            fprintf(to, " 0x%08" PRIX32, words[at]);
        fputc('\n', to);
        at--;
    }
}

static void write_fields(FILE *to, const char *keyword, const px_state *s, const px_state *was)
{
    if (s->pc != was->pc)
        fprintf(to, "%s pc = %" PRIu32 "\n", keyword, s->pc);
    if (s->vl != was->vl)
        fprintf(to, "%s vl = %" PRIu32 "\n", keyword, s->vl);
    if (s->status != was->status)
        fprintf(to, "%s status = %s\n", keyword, px_status_name(s->status));
    if (s->cause != was->cause)
        fprintf(to, "%s cause = %s\n", keyword, px_cause_name(s->cause));
    if (s->value != was->value)
        fprintf(to, "%s value = 0x%08" PRIX32 "\n", keyword, s->value);
    if (s->retired != was->retired)
        fprintf(to, "%s retired = %" PRIu32 "\n", keyword, s->retired);
    write_words(to, keyword, "r%" PRIu32, s->reg, was->reg, 256);
    write_words(to, keyword, "m[%" PRIu32 "]", s->mem, was->mem, px_state_pixels(s));
}

static bool write_case(const shrinker *s, const char *name, FILE *to, px_error *error)
{
    const px_state *best = &s->best;
    px_state blank = {0};
    char text[128];
    if (!px_state_new(&blank, best->profile, best->w, best->h, error))
        return false;
    if (best->profile == PX_V1 && px_state_pixels(best) >= PX_HEADER_PIXELS) { /* as a case begins */
        blank.mem[PX_HEADER_MAGIC] = PX_MAGIC_PROGRAM;
        blank.mem[PX_HEADER_ENTRY] = px_state_pixels(best) > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : 0;
    }
    px_disassemble_one(best->profile, best->pc < px_state_pixels(best) ? best->mem[best->pc] : 0, text, sizeof text);
    fprintf(to, "# %s\n# %s is believed, %s differs\ncase %s\n", text, s->executor[0]->name, s->executor[1]->name,
            name);
    fprintf(to, "size %" PRIu32 "x%" PRIu32 "\n", best->w, best->h);
    if (best->profile == PX_CLASSIC)
        fputs("profile classic\n", to);
    fprintf(to, "given pc = %" PRIu32 "\n", best->pc);
    blank.pc = best->pc;
    write_fields(to, "given", best, &blank);
    fprintf(to, "budget 1\n");
    write_fields(to, "expect", &s->end[0], best);
    px_state_free(&blank);
    return true;
}

bool px_shrink(px_executor *a, px_executor *b, const px_state *before, const char *name, const char *path,
               px_error *error)
{
    shrinker s = {.executor = {a, b}, .until = px_seconds() + MOST_SECONDS};
    px_output output;
    bool ok = px_state_copy(&s.best, before, error);
    if (ok && !tried(&s, &s.best))
        ok = px_fail(error, PX_E_INPUT,
                     "from the state before the instruction alone %s and %s do the same; no case is written", a->name,
                     b->name);
    if (ok) {
        shorten(&s);
        s.best.retired = 0;
        if (!tried(&s, &s.best))
            s.best.retired = before->retired;
        clear(&s, s.best.reg, 256);
        clear_image(&s);
        cut(&s);
        ok = tried(&s, &s.best) && px_output_open(&output, path, error) &&
             px_output_close(&output, write_case(&s, name, output.file, error), error);
    }
    px_state_free(&s.best);
    px_state_free(&s.end[0]);
    px_state_free(&s.end[1]);
    return ok;
}
