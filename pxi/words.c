/* words.c - see words.h. */
#include "pxi/words.h"

#include <stdlib.h>
#include <string.h>

uint32_t px_flags_of(const px_state *s) { return s->profile << 16 | s->cause << 8 | s->status; }

void px_set_flags(px_state *s, uint32_t flags)
{
    s->profile = flags >> 16 & 1;
    s->cause = flags >> 8 & 7;
    s->status = flags & 3;
}

void px_words_get(const px_state *s, enum px_space space, uint32_t at, uint32_t *words, uint32_t count)
{
    const uint32_t fields[PX_STATE_SPACE] = {s->pc, s->vl, px_flags_of(s), s->value};
    const uint32_t *from = space == PX_SPACE_PIXEL ? s->mem : space == PX_SPACE_REGISTER ? s->reg : fields;
    if (words != from + at)
        memcpy(words, from + at, count * sizeof *words);
}

static void put_field(px_state *s, uint32_t field, uint32_t word)
{
    switch (field) {
    case PX_WORD_PC:
        s->pc = word;
        return;
    case PX_WORD_VL:
        s->vl = word;
        return;
    case PX_WORD_FLAGS:
        px_set_flags(s, word);
        return;
    case PX_WORD_VALUE:
        s->value = word;
        return;
    }
    abort(); /* there is no such word, and callers check that */
}

void px_words_put(px_state *s, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count)
{
    if (space == PX_SPACE_STATE)
        for (uint32_t i = 0; i < count; i++)
            put_field(s, at + i, words[i]);
    else if (words != (space == PX_SPACE_PIXEL ? s->mem : s->reg) + at)
        memcpy((space == PX_SPACE_PIXEL ? s->mem : s->reg) + at, words, count * sizeof *words);
}

px_stop px_stop_of(const px_state *s, uint64_t executed)
{
    const bool waiting = s->status == PX_WAITING;
    return (px_stop){.status = s->status,
                     .cause = s->cause,
                     .value = s->value,
                     .pc = s->pc,
                     .vl = s->vl,
                     .request = waiting ? s->reg[s->value & 255] : 0,
                     .argument = waiting ? s->reg[(s->value + 1) & 255] : 0,
                     .executed = executed};
}
