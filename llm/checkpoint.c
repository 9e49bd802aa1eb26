/* checkpoint.c - checkpoints of llama2.c. Nothing is believed before the file's length has confirmed it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "llm/llm.h"
#include "pxi/input_file.h"

enum { LEGACY_HEADER = 28, HEADER = 256, VERSION_MAGIC = 0x616b3432 };

typedef struct reader {
    const uint8_t *data;
    uint64_t size, at;
    const char *name;
    uint32_t group; /* of Q8_0; 0: floats */
} reader;

static uint32_t word_at(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static float float_at(const uint8_t *p)
{
    const uint32_t word = word_at(p);
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static bool within(const char *name, const char *what, uint32_t value, uint32_t least, uint32_t most, px_error *error)
{
    return (value >= least && value <= most) ||
           px_fail(error, PX_E_INPUT, "%s: %s is %" PRId32 ", expected %" PRIu32 " to %" PRIu32, name, what,
                   (int32_t)value, least, most);
}

static bool check_sizes(llm_model *m, const char *name, px_error *error)
{
    if (!within(name, "the dimension", m->dim, 8, 4096, error) ||
        !within(name, "the hidden dimension", m->hidden, 1, 16384, error) ||
        !within(name, "the number of layers", m->layers, 1, 256, error) ||
        !within(name, "the number of heads", m->heads, 1, 256, error) ||
        !within(name, "the number of KV heads", m->kv, 1, m->heads, error) ||
        !within(name, "the vocabulary", m->vocab, 4, 65536, error) ||
        !within(name, "the context", m->context, 4, 1020, error))
        return false;
    if (m->heads % m->kv != 0 || m->dim % m->heads != 0)
        return px_fail(error, PX_E_INPUT,
                       "%s: dimension %" PRIu32 ", %" PRIu32 " heads, %" PRIu32
                       " KV heads: each must divide the one before",
                       name, m->dim, m->heads, m->kv);
    m->size = m->dim / m->heads;
    if (m->size % 8 != 0)
        return px_fail(error, PX_E_TOO_LARGE,
                       "%s: a head has %" PRIu32
                       " channels; a pixel holds four of its even ones, so px llm wants a multiple of 8",
                       name, m->size);
    return m->context % 4 == 0 ||
           px_fail(error, PX_E_TOO_LARGE, "%s: the context is %" PRIu32 "; px llm wants a multiple of 4", name,
                   m->context);
}

/* The matrices and vectors of a model, in no file's order, with their numbers of values. */
static uint64_t count_values(const llm_model *m, bool shared)
{
    const uint64_t kv_dim = (uint64_t)m->kv * m->size, dim = m->dim;
    const uint64_t layer = 2 * dim + 2 * dim * dim + 2 * kv_dim * dim + 3 * dim * m->hidden;
    return m->layers * layer + (shared ? 1u : 2u) * (uint64_t)m->vocab * dim + dim;
}

static bool allocate(llm_model *m, bool shared, px_error *error)
{
    const size_t dim = m->dim, kv_dim = (size_t)m->kv * m->size, hidden = m->hidden;
    m->layer = calloc(m->layers, sizeof *m->layer);
    m->memory = malloc(count_values(m, shared) * sizeof *m->memory);
    if (m->layer == NULL || m->memory == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a model of %" PRIu64 " weights", count_values(m, shared));
    float *next = m->memory;
#define TAKE(place, count) ((place) = next, next += (count))
    TAKE(m->embed, m->vocab * dim);
    TAKE(m->final_norm, dim);
    m->class = m->embed;
    if (!shared)
        TAKE(m->class, m->vocab * dim);
    for (uint32_t i = 0; i < m->layers; i++) {
        llm_layer *l = &m->layer[i];
        TAKE(l->att_norm, dim), TAKE(l->ffn_norm, dim);
        TAKE(l->q, dim * dim), TAKE(l->k, kv_dim * dim), TAKE(l->v, kv_dim * dim), TAKE(l->o, dim * dim);
        TAKE(l->gate, hidden * dim), TAKE(l->down, dim * hidden), TAKE(l->up, hidden * dim);
    }
#undef TAKE
    return true;
}

static bool read_floats(reader *r, float *to, uint64_t count, px_error *error)
{
    for (uint64_t i = 0; i < count; i++, r->at += 4) {
        to[i] = float_at(r->data + r->at);
        if (!(fabsf(to[i]) < 1e6f)) /* nor a NaN */
            return px_fail(error, PX_E_INPUT,
                           "%s: the weight at byte %" PRIu64 " is %g, expected a number between -1e6 and 1e6", r->name,
                           r->at, (double)to[i]);
    }
    return true;
}

/* A matrix: floats, or bytes with a float for each group of them behind it. */
static bool read_matrix(reader *r, float *to, uint64_t count, px_error *error)
{
    if (r->group == 0)
        return read_floats(r, to, count, error);
    const uint8_t *bytes = r->data + r->at;
    r->at += count;
    for (uint64_t group = 0; group < count / r->group; group++) {
        float scale;
        if (!read_floats(r, &scale, 1, error))
            return false;
        for (uint64_t i = group * r->group; i < (group + 1) * r->group; i++)
            to[i] = (float)(int8_t)bytes[i] * scale;
    }
    return true;
}

#define EACH_LAYER(read, field, count)                                                                                 \
    for (uint32_t i = 0; i < m->layers; i++)                                                                           \
        if (!read(r, m->layer[i].field, (count), error))                                                               \
            return false;

static bool read_matrices(reader *r, llm_model *m, px_error *error)
{
    const uint64_t dim = m->dim, kv_dim = (uint64_t)m->kv * m->size;
    EACH_LAYER(read_matrix, q, dim * dim)
    EACH_LAYER(read_matrix, k, kv_dim * dim)
    EACH_LAYER(read_matrix, v, kv_dim * dim)
    EACH_LAYER(read_matrix, o, dim * dim)
    return true;
}

static bool read_ffn(reader *r, llm_model *m, px_error *error)
{
    const uint64_t count = (uint64_t)m->dim * m->hidden;
    EACH_LAYER(read_matrix, gate, count)
    EACH_LAYER(read_matrix, down, count)
    EACH_LAYER(read_matrix, up, count)
    return true;
}

static bool right_length(const reader *r, uint64_t expected, px_error *error)
{
    return r->size == expected ||
           px_fail(error, PX_E_INPUT, "%s has %" PRIu64 " bytes; a checkpoint of its sizes has %" PRIu64, r->name,
                   r->size, expected);
}

static bool read_legacy(reader *r, llm_model *m, px_error *error)
{
    const bool shared = (int32_t)m->vocab > 0;
    if (!shared)
        m->vocab = 0u - m->vocab;
    if (!check_sizes(m, r->name, error))
        return false;
    const uint64_t rope = (uint64_t)m->context * m->size; /* cosines and sines, which everybody computes anew */
    if (!right_length(r, LEGACY_HEADER + 4 * (count_values(m, shared) + rope), error) || !allocate(m, shared, error))
        return false;
    r->at = LEGACY_HEADER;
    const uint64_t dim = m->dim;
    if (!read_floats(r, m->embed, m->vocab * dim, error))
        return false;
    EACH_LAYER(read_floats, att_norm, dim)
    if (!read_matrices(r, m, error))
        return false;
    EACH_LAYER(read_floats, ffn_norm, dim)
    if (!read_ffn(r, m, error) || !read_floats(r, m->final_norm, dim, error))
        return false;
    r->at += 4 * rope;
    return shared || read_floats(r, m->class, m->vocab * dim, error);
}

static bool read_q8(reader *r, llm_model *m, px_error *error)
{
    const bool shared = r->data[36] != 0;
    if (!check_sizes(m, r->name, error))
        return false;
    r->group = word_at(r->data + 37);
    if (r->group == 0 || m->dim % r->group != 0 || m->hidden % r->group != 0)
        return px_fail(error, PX_E_INPUT,
                       "%s: groups of %" PRIu32 " do not divide dimension %" PRIu32 " and hidden dimension %" PRIu32
                       "; weights were left out when it was made",
                       r->name, r->group, m->dim, m->hidden);
    const uint64_t dim = m->dim, norms = (2 * (uint64_t)m->layers + 1) * dim;
    const uint64_t bytes = count_values(m, shared) - norms;
    if (!right_length(r, HEADER + 4 * norms + bytes + bytes / r->group * 4, error) || !allocate(m, shared, error))
        return false;
    r->at = HEADER;
    EACH_LAYER(read_floats, att_norm, dim)
    EACH_LAYER(read_floats, ffn_norm, dim)
    return read_floats(r, m->final_norm, dim, error) && read_matrix(r, m->embed, m->vocab * dim, error) &&
           read_matrices(r, m, error) && read_ffn(r, m, error) &&
           (shared || read_matrix(r, m->class, m->vocab * dim, error));
}

static bool read_model(reader *r, llm_model *m, px_error *error)
{
    if (r->size < HEADER)
        return px_fail(error, PX_E_INPUT, "%s has %" PRIu64 " bytes, too few for a checkpoint", r->name, r->size);
    const bool versioned = word_at(r->data) == VERSION_MAGIC;
    if (versioned && word_at(r->data + 4) != 2)
        return px_fail(error, PX_E_INPUT,
                       "%s: version %" PRIu32 " of llama2.c's checkpoints; px llm reads the legacy one and version 2",
                       r->name, word_at(r->data + 4));
    uint32_t *const fields[] = {&m->dim, &m->hidden, &m->layers, &m->heads, &m->kv, &m->vocab, &m->context};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = word_at(r->data + (versioned ? 8 : 0) + 4 * i);
    return versioned ? read_q8(r, m, error) : read_legacy(r, m, error);
}

bool llm_model_read(llm_model *model, const char *path, px_error *error)
{
    uint8_t *data;
    size_t size;
    *model = (llm_model){0};
    if (!px_file_read(&data, &size, path, error))
        return false;
    reader r = {data, size, 0, path, 0};
    const bool ok = read_model(&r, model, error);
    free(data);
    if (!ok)
        llm_model_free(model);
    return ok;
}

void llm_model_free(llm_model *model)
{
    free(model->layer);
    free(model->memory);
    *model = (llm_model){0};
}
