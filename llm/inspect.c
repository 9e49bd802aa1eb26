/* inspect.c - what a model's machine holds behind a layer, in numbers: how near its integers come to their limits, and
 * how attention is spread. */
#include "llm/inspect.h"

#include <math.h>
#include <stdlib.h>

/* ---- how full numbers are ---- */

static void count(llm_count *c, int32_t value, int32_t least, int32_t most)
{
    const double full = value < 0 ? (double)value / least : (double)value / most;
    c->seen++;
    c->clipped += value == least || value == most;
    c->most = fmax(c->most, full);
}

static void count_words(llm_count *c, const uint32_t *words, uint32_t n, int32_t least, int32_t most)
{
    for (uint32_t i = 0; i < n; i++)
        count(c, (int32_t)words[i], least, most);
}

static void count_bytes(llm_count *c, const uint32_t *words, uint32_t n)
{
    for (uint32_t i = 0; i < 4 * n; i++)
        count(c, (int8_t)(words[i / 4] >> (8 * (i % 4))), -128, 127);
}

/* n words as two bytes each: the high ones in n / 4 pixels, then the low ones. */
static void count_pairs(llm_count *c, const uint32_t *words, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const int8_t high = (int8_t)(words[i / 4] >> (8 * (i % 4))),
                     low = (int8_t)(words[n / 4 + i / 4] >> (8 * (i % 4)));
        count(c, 256 * high + low, -32768, 32639);
    }
}

static const uint32_t *held(const llm_layout *l, const uint32_t *work, int table)
{
    return work + (l->table[table].at - l->table[LLM_X].at);
}

static void count_attention(llm_inspection *in, const llm_layout *l, const uint32_t *work, uint32_t layer, uint32_t pos)
{
    const uint32_t padded = (pos + 4) / 4 * 4;
    for (uint32_t head = 0; head < l->z.heads; head++) {
        const uint32_t *weight = held(l, work, LLM_POWERS) + (size_t)head * padded;
        double sum = 0, squares = 0;
        for (uint32_t t = 0; t <= pos; t++) {
            sum += weight[t];
            squares += (double)weight[t] * weight[t];
            in->weights++;
            in->no_weight += weight[t] == 0;
        }
        if (!(sum > 0))
            continue; /* no program of px llm's leaves that */
        in->spread += sum * sum / squares / (pos + 1);
        in->heads++;
        for (uint32_t t = 0; t <= pos && in->heat.px != NULL; t++) {
            const uint32_t grey = (uint32_t)lrint(255 * sqrt(weight[t] / sum));
            const uint32_t x = LLM_HEAT_LEFT + head * (in->side + LLM_HEAT_GAP) + t,
                           y = LLM_HEAT_TOP + layer * (in->side + LLM_HEAT_GAP) + pos;
            in->heat.px[(size_t)y * in->heat.w + x] =
                grey | grey * grey / 255 << 8 | (grey > 200 ? (grey - 200) * 4 : 0) << 16 | 0xFF000000;
        }
    }
}

void llm_inspect(llm_inspection *in, const llm_layout *l, const uint32_t *work, uint32_t layer, uint32_t pos)
{
    const llm_sizes *z = &l->z;
    if (layer == z->layers) {
        count_pairs(&in->of[LLM_COUNT_FINAL], held(l, work, LLM_FINAL), z->dim);
        return;
    }
    count_pairs(&in->of[LLM_COUNT_ATT_IN], held(l, work, LLM_ATT_IN), z->dim);
    count_bytes(&in->of[LLM_COUNT_QUERY], held(l, work, LLM_QUERY), z->half / 2);
    count_words(&in->of[LLM_COUNT_VALUE], held(l, work, LLM_PROJECTED) + 2 * z->half, z->kv_dim, -127, 127);
    count_pairs(&in->of[LLM_COUNT_MIXED], held(l, work, LLM_MIXED), z->dim);
    count_pairs(&in->of[LLM_COUNT_FFN_IN], held(l, work, LLM_FFN_IN), z->dim);
    count_words(&in->of[LLM_COUNT_GATE], held(l, work, LLM_HIDDEN), z->ffn, -32768, 32767);
    count_words(&in->of[LLM_COUNT_UP], held(l, work, LLM_HIDDEN) + z->ffn, z->ffn, -32768, 32767);
    count_pairs(&in->of[LLM_COUNT_GATED], held(l, work, LLM_GATED), z->ffn);
    count_words(&in->of[LLM_COUNT_RESIDUAL], held(l, work, LLM_X), z->dim, -(1 << 25), (1 << 25) - 1);
    count_attention(in, l, work, layer, pos);
}

const char *const llm_count_names[LLM_COUNTS] = {
#define LLM_COUNT(name, text) text,
    LLM_EACH_COUNT
#undef LLM_COUNT
};
