/* calibrate.c - the model in float, on stories that it tells itself: the greatest activations that an integer must
 * hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "llm/llm.h"

enum { STORIES = 8, SEED = 1 };

typedef struct run {
    const llm_model *m;
    llm_ranges *r;
    float *x, *normed, *q, *k, *v, *mixed, *out, *gate, *up, *scores, *logits, *keys,
        *values; /* caches: layer, position */
    float *memory;
    uint64_t chance;
} run;

static void multiply(float *out, const float *matrix, const float *in, uint32_t outs, uint32_t ins)
{
    for (uint32_t i = 0; i < outs; i++) {
        float sum = 0;
        for (uint32_t j = 0; j < ins; j++)
            sum += matrix[(size_t)i * ins + j] * in[j];
        out[i] = sum;
    }
}

static void normalise(float *out, const float *x, const float *gain, uint32_t dim)
{
    float sum = 0;
    for (uint32_t i = 0; i < dim; i++)
        sum += x[i] * x[i];
    const float scale = 1.0f / sqrtf(sum / (float)dim + 1e-5f);
    for (uint32_t i = 0; i < dim; i++)
        out[i] = gain[i] * x[i] * scale;
}

static void note(float *range, const float *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        range[i] = fmaxf(range[i], fabsf(values[i]));
}

/* Turns each pair by its angle, and notes how long the pair is. */
static void rotate(float *v, uint32_t heads, uint32_t size, uint32_t pos, float *range)
{
    for (uint32_t i = 0; i < heads * size; i += 2) {
        const float angle = (float)pos * powf(10000.0f, -(float)(i % size) / (float)size);
        const float c = cosf(angle), s = sinf(angle), even = v[i], odd = v[i + 1];
        v[i] = even * c - odd * s;
        v[i + 1] = even * s + odd * c;
        range[i / 2] = fmaxf(range[i / 2], hypotf(even, odd));
    }
}

static void softmax(float *v, uint32_t count)
{
    float most = v[0], sum = 0;
    for (uint32_t i = 1; i < count; i++)
        most = fmaxf(most, v[i]);
    for (uint32_t i = 0; i < count; i++)
        sum += v[i] = expf(v[i] - most);
    for (uint32_t i = 0; i < count; i++)
        v[i] /= sum;
}

static void attend(run *u, uint32_t layer, uint32_t pos)
{
    const llm_model *m = u->m;
    const uint32_t size = m->size, kv_dim = m->kv * size, group = m->heads / m->kv;
    float *keys = u->keys + (size_t)layer * m->context * kv_dim,
          *values = u->values + (size_t)layer * m->context * kv_dim;
    memcpy(keys + (size_t)pos * kv_dim, u->k, kv_dim * sizeof *keys);
    memcpy(values + (size_t)pos * kv_dim, u->v, kv_dim * sizeof *values);
    for (uint32_t head = 0; head < m->heads; head++) {
        const uint32_t first = head / group * size;
        for (uint32_t t = 0; t <= pos; t++) {
            float sum = 0;
            for (uint32_t i = 0; i < size; i++)
                sum += u->q[head * size + i] * keys[(size_t)t * kv_dim + first + i];
            u->scores[t] = sum / sqrtf((float)size);
        }
        softmax(u->scores, pos + 1);
        for (uint32_t i = 0; i < size; i++) {
            float sum = 0;
            for (uint32_t t = 0; t <= pos; t++)
                sum += u->scores[t] * values[(size_t)t * kv_dim + first + i];
            u->mixed[head * size + i] = sum;
        }
    }
}

static void add(run *u, const float *what)
{
    for (uint32_t i = 0; i < u->m->dim; i++) {
        u->x[i] += what[i];
        u->r->residual = fmaxf(u->r->residual, fabsf(u->x[i]));
    }
}

static void forward(run *u, uint32_t token, uint32_t pos)
{
    const llm_model *m = u->m;
    const uint32_t dim = m->dim, kv_dim = m->kv * m->size;
    memset(u->x, 0, dim * sizeof *u->x);
    add(u, m->embed + (size_t)token * dim);
    for (uint32_t i = 0; i < m->layers; i++) {
        const llm_layer *l = &m->layer[i];
        llm_range *range = &u->r->layer[i];
        normalise(u->normed, u->x, l->att_norm, dim);
        note(range->att_in, u->normed, dim);
        multiply(u->q, l->q, u->normed, dim, dim);
        multiply(u->k, l->k, u->normed, kv_dim, dim);
        multiply(u->v, l->v, u->normed, kv_dim, dim);
        note(range->v, u->v, kv_dim);
        rotate(u->q, m->heads, m->size, pos, range->q);
        rotate(u->k, m->kv, m->size, pos, range->k);
        attend(u, i, pos);
        multiply(u->out, l->o, u->mixed, dim, dim);
        add(u, u->out);
        normalise(u->normed, u->x, l->ffn_norm, dim);
        note(range->ffn_in, u->normed, dim);
        multiply(u->gate, l->gate, u->normed, m->hidden, dim);
        multiply(u->up, l->up, u->normed, m->hidden, dim);
        note(range->up, u->up, m->hidden);
        for (uint32_t k = 0; k < m->hidden; k++) {
            u->r->gate = fmaxf(u->r->gate, fabsf(u->gate[k]));
            u->gate[k] *= u->up[k] / (1.0f + expf(-u->gate[k]));
        }
        note(range->gated, u->gate, m->hidden);
        multiply(u->out, l->down, u->gate, dim, m->hidden);
        add(u, u->out);
    }
    normalise(u->normed, u->x, m->final_norm, dim);
    note(u->r->final_in, u->normed, dim);
}

static uint32_t draw(run *u)
{
    multiply(u->logits, u->m->class, u->normed, u->m->vocab, u->m->dim);
    softmax(u->logits, u->m->vocab);
    u->chance = u->chance * UINT64_C(6364136223846793005) + 1442695040888963407u;
    float rest = (float)(u->chance >> 40) / 16777216.0f;
    uint32_t token = 0;
    while (token + 1 < u->m->vocab && rest >= u->logits[token])
        rest -= u->logits[token++];
    return token;
}

static bool allocate(run *u, px_error *error)
{
    const llm_model *m = u->m;
    const size_t cache = (size_t)m->layers * m->context * m->kv * m->size;
    float **const places[] = {&u->x,    &u->normed, &u->q,      &u->k,      &u->v,    &u->mixed, &u->out,
                              &u->gate, &u->up,     &u->scores, &u->logits, &u->keys, &u->values};
    const size_t counts[] = {m->dim,    m->dim,    m->dim,     m->dim,   m->dim, m->dim, m->dim,
                             m->hidden, m->hidden, m->context, m->vocab, cache,  cache};
    size_t sum = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        sum += counts[i];
    u->memory = calloc(sum, sizeof *u->memory);
    if (u->memory == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to run a model");
    sum = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; sum += counts[i++])
        *places[i] = u->memory + sum;
    return true;
}

static bool allocate_ranges(llm_ranges *r, const llm_model *m, px_error *error)
{
    const size_t dim = m->dim, kv_dim = (size_t)m->kv * m->size;
    const size_t layer = 2 * dim + dim / 2 + kv_dim / 2 + kv_dim + 2 * (size_t)m->hidden;
    *r = (llm_ranges){.layer = calloc(m->layers, sizeof *r->layer),
                      .memory = calloc(dim + m->layers * layer, sizeof *r->memory)};
    if (r->layer == NULL || r->memory == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a model's ranges");
    float *next = r->memory;
    r->final_in = next, next += dim;
    for (uint32_t i = 0; i < m->layers; i++) {
        llm_range *l = &r->layer[i];
        l->att_in = next, next += dim;
        l->ffn_in = next, next += dim;
        l->q = next, next += dim / 2;
        l->k = next, next += kv_dim / 2;
        l->v = next, next += kv_dim;
        l->up = next, next += m->hidden;
        l->gated = next, next += m->hidden;
    }
    return true;
}

bool llm_calibrate(const llm_model *m, const uint32_t *tokens, size_t count, llm_ranges *ranges, px_error *error)
{
    run u = {.m = m, .r = ranges, .chance = SEED};
    const bool ok = allocate_ranges(ranges, m, error) && allocate(&u, error);
    for (uint32_t story = 0; story < STORIES && ok && tokens == NULL; story++) {
        uint32_t token = LLM_BOS;
        for (uint32_t pos = 0; pos < m->context && (pos == 0 || token > LLM_EOS); pos++) {
            forward(&u, token, pos);
            token = draw(&u);
        }
    }
    for (size_t i = 0; i < count && ok; i++)
        forward(&u, i % m->context == 0 ? LLM_BOS : tokens[i], (uint32_t)(i % m->context));
    free(u.memory);
    if (!ok)
        llm_ranges_free(ranges);
    return ok;
}

void llm_ranges_free(llm_ranges *ranges)
{
    free(ranges->layer);
    free(ranges->memory);
    *ranges = (llm_ranges){0};
}
