/* picture.c - a model's numbers as integers, in the picture of the program that works with them. README.md has the
 * scales. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "llm/llm.h"
#include "llm_forward.h"
#include "pxi/asm/asm.h"
#include "pxi/state.h"

/* What the greatest activation of the calibration becomes: 16 bits with a third to spare, or, where it becomes a byte
 * of the caches, with a twelfth. */
#define WIDE   24000.0
#define NARROW 30000.0
#define TWO_32 4294967296.0
#define TINY   1e-9
#define LOG2_E 1.4426950408889634

typedef struct maker {
    const llm_model *m;
    const llm_ranges *r;
    const llm_layout *l;
    uint32_t *px;
    double residual;   /* units in 1 */
    double gate;       /* range of SiLU's table */
    double *scale;     /* what a unit of each input channel is worth */
    double *unit;      /* what a unit of each output row shall be worth */
    const float **row; /* a matrix, row by row; NULL: a row of zeros */
} maker;

static uint32_t *table(const maker *k, int which) { return k->px + k->l->table[which].at; }

static uint32_t *of_layer(const maker *k, uint32_t layer, int which)
{
    return k->px + k->l->layers_at + layer * k->l->layer_pixels + k->l->in_layer[which].at;
}

static uint32_t word(double value) { return (uint32_t)(int32_t)fmin(fmax(rint(value), -2147483647.0), 2147483647.0); }

/* ---- matrices: bytes, and a multiplier a row ---- */

static void put_row(uint32_t *pixels, const float *row, const double *scale, uint32_t ins, uint32_t padded, double step)
{
    const uint32_t quarter = padded / 4;
    for (uint32_t i = 0; i < ins; i++) {
        const uint32_t byte = word(step > 0 ? row[i] * scale[i] / step : 0) & 0xFF;
        pixels[i % quarter] |= byte << (8 * (i / quarter));
    }
}

/* The matrix of k->row with outs rows of ins channels, whose units are k->scale, to words whose units are k->unit. */
static bool put_matrix(maker *k, uint32_t *pixels, uint32_t *multipliers, uint32_t outs, uint32_t ins, uint32_t padded,
                       double *steps, px_error *error)
{
    for (uint32_t n = 0; n < outs; n++) {
        double most = 0, sum = 0;
        for (uint32_t i = 0; i < ins && k->row[n] != NULL; i++) {
            const double weight = fabs(k->row[n][i] * k->scale[i]);
            most = fmax(most, weight);
            sum += weight;
        }
        const double step = most / 127;
        if (step > 0 && sum / step > 65000)
            return px_fail(error, PX_E_TOO_LARGE,
                           "a row of a matrix has weights of %.0f times the greatest; a sum of 32 bits holds 511 times",
                           sum / most);
        if (k->row[n] != NULL)
            put_row(pixels + (size_t)n * (padded / 4), k->row[n], k->scale, ins, padded, step);
        multipliers[n] = word(step / k->unit[n] * TWO_32);
        if (steps != NULL)
            steps[n] = step;
    }
    return true;
}

/* Units of a matrix's inputs: the fourth root of what the model makes there, over the column's weights. So neither
 * loses too much; the inputs, which have 16 bits, take more of it. */
static void balance(maker *k, const float *range, uint32_t ins, uint32_t outs)
{
    double most = TINY;
    for (uint32_t i = 0; i < ins; i++) {
        double column = 0;
        for (uint32_t n = 0; n < outs; n++)
            column = fmax(column, k->row[n] != NULL ? fabs((double)k->row[n][i]) : 0);
        k->scale[i] = pow(fmax(range[i], TINY) / fmax(column, TINY), 0.25);
        most = fmax(most, range[i] / k->scale[i]);
    }
    for (uint32_t i = 0; i < ins; i++)
        k->scale[i] *= most / WIDE;
}

/* RMSNorm's gains as multipliers, for the units of k->scale, which become exactly what the multipliers make. */
static void put_gains(maker *k, uint32_t *multipliers, const float *gain)
{
    const uint32_t dim = k->l->z.dim;
    const double whole = sqrt(dim) * 32; /* README.md: 2^27 units are the square root of dim */
    for (uint32_t i = 0; i < dim; i++) {
        multipliers[i] = word(gain[i] * whole / k->scale[i]);
        k->scale[i] = multipliers[i] != 0 ? gain[i] * whole / (int32_t)multipliers[i] : 0;
    }
}

static void each_unit(maker *k, uint32_t count, double unit)
{
    for (uint32_t n = 0; n < count; n++)
        k->unit[n] = unit;
}

/* ---- a layer ---- */

/* Rows and units of q and k: even channels of all heads of q and of k, then odd ones; and v. Pairs are balanced between
 * q and k; a head's units are what its greatest pair needs. */
static void rows_of_qkv(maker *k, uint32_t layer)
{
    const llm_sizes *z = &k->l->z;
    const llm_layer *w = &k->m->layer[layer];
    const llm_range *range = &k->r->layer[layer];
    const uint32_t pairs = z->size / 2, group = z->heads / z->kv;
    uint32_t *scores = of_layer(k, layer, LLM_L_SCORE_SCALE);
    for (uint32_t kv = 0; kv < z->kv; kv++) {
        double q_most[256] = {0}, k_most = TINY, lean[2048];
        for (uint32_t i = 0; i < pairs; i++) {
            double q = TINY;
            for (uint32_t g = 0; g < group; g++)
                q = fmax(q, range->q[(kv * group + g) * pairs + i]);
            lean[i] = sqrt(q / fmax(range->k[kv * pairs + i], TINY));
            k_most = fmax(k_most, range->k[kv * pairs + i] * lean[i]);
            for (uint32_t g = 0; g < group; g++)
                q_most[g] = fmax(q_most[g], fmax(range->q[(kv * group + g) * pairs + i], TINY) / lean[i]);
        }
        for (uint32_t odd = 0; odd < 2; odd++)
            for (uint32_t i = 0; i < pairs; i++) {
                for (uint32_t g = 0; g < group; g++) {
                    const uint32_t head = kv * group + g, at = odd * z->half + head * pairs + i;
                    k->row[at] = w->q + (size_t)(head * z->size + 2 * i + odd) * z->dim;
                    k->unit[at] = lean[i] * q_most[g] / NARROW;
                }
                const uint32_t at = odd * z->half + z->heads * pairs + kv * pairs + i;
                k->row[at] = w->k + (size_t)(kv * z->size + 2 * i + odd) * z->dim;
                k->unit[at] = k_most / lean[i] / NARROW;
            }
        for (uint32_t g = 0; g < group; g++) {
            const double nats = 256.0 * 256.0 * q_most[g] * k_most / NARROW / NARROW / sqrt(z->size);
            scores[kv * group + g] = word(nats * LOG2_E * 256 * TWO_32 / ldexp(1, (int)(15 - ceil(log2(z->size)))));
        }
    }
    for (uint32_t i = 0; i < z->kv_dim; i++) {
        k->row[2 * z->half + i] = w->v + (size_t)i * z->dim;
        k->unit[2 * z->half + i] = fmax(range->v[i], TINY) / NARROW;
    }
}

static bool put_attention(maker *k, uint32_t layer, px_error *error)
{
    const llm_sizes *z = &k->l->z;
    const llm_layer *w = &k->m->layer[layer];
    const llm_range *range = &k->r->layer[layer];
    rows_of_qkv(k, layer);
    balance(k, range->att_in, z->dim, z->qkv);
    put_gains(k, of_layer(k, layer, LLM_L_ATT_GAIN), w->att_norm);
    if (!put_matrix(k, of_layer(k, layer, LLM_L_QKV), of_layer(k, layer, LLM_L_QKV_SCALE), z->qkv, z->dim, z->dim, NULL,
                    error))
        return false;
    for (uint32_t i = 0; i < z->dim; i++) {
        const uint32_t channel = i / z->size / (z->heads / z->kv) * z->size + i % z->size;
        k->scale[i] = fmax(range->v[channel], TINY) / NARROW;
        k->row[i] = w->o + (size_t)i * z->dim;
    }
    each_unit(k, z->dim, 1 / k->residual);
    return put_matrix(k, of_layer(k, layer, LLM_L_O), of_layer(k, layer, LLM_L_O_SCALE), z->dim, z->dim, z->dim, NULL,
                      error);
}

static bool put_ffn(maker *k, uint32_t layer, px_error *error)
{
    const llm_sizes *z = &k->l->z;
    const llm_layer *w = &k->m->layer[layer];
    const llm_range *range = &k->r->layer[layer];
    const double gate = k->gate / 32768;
    for (uint32_t i = 0; i < z->ffn; i++) {
        const bool there = i < z->hidden;
        k->row[i] = there ? w->gate + (size_t)i * z->dim : NULL;
        k->row[z->ffn + i] = there ? w->up + (size_t)i * z->dim : NULL;
        k->unit[i] = gate;
        k->unit[z->ffn + i] = fmax(there ? range->up[i] : 1, TINY) / NARROW;
    }
    balance(k, range->ffn_in, z->dim, 2 * z->ffn);
    put_gains(k, of_layer(k, layer, LLM_L_FFN_GAIN), w->ffn_norm);
    if (!put_matrix(k, of_layer(k, layer, LLM_L_GATE), of_layer(k, layer, LLM_L_GATE_SCALE), 2 * z->ffn, z->dim, z->dim,
                    NULL, error))
        return false;
    for (uint32_t n = 0; n < z->dim; n++)
        k->row[n] = w->down + (size_t)n * z->hidden;
    balance(k, range->gated, z->hidden, z->dim);
    uint32_t *multipliers = of_layer(k, layer, LLM_L_GATED_SCALE);
    for (uint32_t i = 0; i < z->hidden; i++) {
        const double product = gate * fmax(range->up[i], TINY) / NARROW * TWO_32;
        multipliers[i] = word(fmax(product / k->scale[i], 1));
        k->scale[i] = product / multipliers[i];
    }
    each_unit(k, z->dim, 1 / k->residual);
    return put_matrix(k, of_layer(k, layer, LLM_L_DOWN), of_layer(k, layer, LLM_L_DOWN_SCALE), z->dim, z->hidden,
                      z->ffn, NULL, error);
}

/* ---- the classifier, and the embedding, which may be the same bytes ---- */

static void put_embedding(maker *k, const double *steps)
{
    const llm_sizes *z = &k->l->z;
    double most = TINY;
    for (uint32_t v = 0; v < z->vocab; v++)
        most = fmax(most, steps[v]);
    const double rows = (1 << 23) / most;
    for (uint32_t v = 0; v < z->vocab; v++)
        table(k, LLM_EMBED_ROW)[v] = word(steps[v] * rows);
    for (uint32_t i = 0; i < z->dim; i++)
        table(k, LLM_EMBED_COLUMN)[i] = word(k->scale[i] != 0 ? k->residual * TWO_32 / k->scale[i] / rows : 0);
}

static bool put_vocabulary(maker *k, px_error *error)
{
    const llm_sizes *z = &k->l->z;
    double *steps = calloc(z->vocab, sizeof *steps);
    if (steps == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a vocabulary");
    for (uint32_t v = 0; v < z->vocab; v++)
        k->row[v] = k->m->class + (size_t)v * z->dim;
    each_unit(k, z->vocab, 1.0 / LLM_LOGIT_ONE);
    balance(k, k->r->final_in, z->dim, z->vocab);
    put_gains(k, table(k, LLM_FINAL_GAIN), k->m->final_norm);
    bool ok = put_matrix(k, table(k, LLM_CLASS), table(k, LLM_CLASS_SCALE), z->vocab, z->dim, z->dim, steps, error);
    if (!z->shared) {
        for (uint32_t v = 0; v < z->vocab; v++)
            k->row[v] = k->m->embed + (size_t)v * z->dim;
        for (uint32_t i = 0; i < z->dim; i++)
            k->scale[i] = 1;
        uint32_t *unused = calloc(z->vocab, sizeof *unused);
        ok = ok && unused != NULL && put_matrix(k, table(k, LLM_EMBED), unused, z->vocab, z->dim, z->dim, steps, error);
        free(unused);
    }
    put_embedding(k, steps);
    free(steps);
    return ok;
}

/* ---- tables of functions, and what is said of the model ---- */

static double silu(double x) { return x / (1 + exp(-x)); }

static void put_functions(maker *k)
{
    const llm_sizes *z = &k->l->z;
    for (uint32_t i = 0; i < 256; i++)
        table(k, LLM_POWER)[i] = word(16384 * exp2(i / 256.0));
    for (uint32_t i = 0; i < 512; i++) {
        const double at = k->gate * (i / 256.0 - 1), next = k->gate * ((i + 1) / 256.0 - 1);
        const uint32_t value = word(silu(at) / k->gate * 32768);
        table(k, LLM_SILU)[i] = (value & 0xFFFF) | (word(silu(next) / k->gate * 32768) - value) << 16;
    }
    for (uint32_t pos = 0; pos < z->context; pos++)
        for (uint32_t i = 0; i < z->size / 2; i++) {
            const double angle = pos * pow(10000, -2.0 * i / z->size);
            table(k, LLM_ROPE)[pos * z->size / 2 + i] = (word(32767 * cos(angle)) & 0xFFFF) | word(32767 * sin(angle))
                                                                                                  << 16;
        }
}

static void put_pieces(maker *k, const llm_pieces *p)
{
    uint32_t at = k->l->table[LLM_PIECES].at * 4;
    for (uint32_t v = 0; v < p->count; v++) {
        table(k, LLM_PIECE)[v] = at | p->length[v] << 24;
        memcpy(&table(k, LLM_PIECE_SCORE)[v], &p->score[v], 4);
        for (uint32_t i = 0; i < p->length[v]; i++, at++)
            k->px[at / 4] |= (uint32_t)(uint8_t)p->text[v][i] << (8 * (at % 4));
    }
}

static void put_words(maker *k)
{
    const llm_sizes *z = &k->l->z;
    const uint32_t sizes[] = {z->dim, z->hidden, z->layers,  z->heads,
                              z->kv,  z->vocab,  z->context, z->piece_pixels | (z->shared ? UINT32_C(1) << 31 : 0)};
    memcpy(&k->px[LLM_AT_SIZES], "LLM1", 4);
    memcpy(&k->px[LLM_AT_SIZES + 1], sizes, sizeof sizes);
    k->px[LLM_AT_PROMPT] = 1;
    k->px[LLM_AT_STEPS] = z->context;
    k->px[LLM_AT_TOP_K] = 1;
    k->px[LLM_AT_CHANCE] = 1;
    k->px[LLM_AT_HEAT] = word(LOG2_E * 65536);
    k->px[LLM_AT_BITS] = (uint32_t)rint(log2(k->residual));
    k->px[LLM_AT_BITS + 1] = (uint32_t)rint(log2(k->gate));
    k->px[LLM_AT_TOKENS] = LLM_BOS;
}

/* ---- the whole ---- */

static bool fill(maker *k, const llm_pieces *pieces, px_error *error)
{
    put_words(k);
    put_functions(k);
    put_pieces(k, pieces);
    bool ok = put_vocabulary(k, error);
    for (uint32_t i = 0; i < k->l->z.layers && ok; i++)
        ok = put_attention(k, i, error) && put_ffn(k, i, error);
    return ok;
}

/* Epsilon of RMSNorm in its sums: README.md. */
static uint32_t epsilon_of(const llm_layout *l, double residual)
{
    return (uint32_t)fmin(l->z.dim * 1e-5 * residual * residual, 4294967295.0);
}

static bool assemble(px_picture *picture, const llm_layout *l, double residual, px_error *error)
{
    char *text, define[64];
    size_t size;
    px_assembly assembly;
    snprintf(define, sizeof define, "EPSILON=%" PRIu32, epsilon_of(l, residual));
    if (!llm_source(&text, &size, l, error))
        return false;
    const char *const defines[] = {define};
    bool ok =
        px_assemble(&assembly, "forward.pxa", text, size, &(px_asm_options){.defines = defines, .define_count = 1});
    if (!ok) {
        px_assembly_print(stderr, &assembly, false);
        px_fail(error, PX_E_SYSTEM, "the program of language models does not assemble for these sizes");
    } else if (assembly.picture.px[PX_HEADER_END] > l->code_end) {
        ok = px_fail(error, PX_E_SYSTEM, "the program of language models has no room for its code");
    } else {
        *picture = assembly.picture;
        assembly.picture = (px_picture){0};
    }
    px_assembly_free(&assembly);
    free(text);
    return ok;
}

bool llm_picture(px_picture *picture, const llm_model *m, const llm_ranges *ranges, const llm_pieces *pieces,
                 uint32_t width, px_error *error)
{
    llm_layout l;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < pieces->count; i++)
        bytes += pieces->length[i];
    const llm_sizes z = {.dim = m->dim,
                         .hidden = m->hidden,
                         .layers = m->layers,
                         .heads = m->heads,
                         .kv = m->kv,
                         .vocab = m->vocab,
                         .context = m->context,
                         .width = width,
                         .piece_pixels = (uint32_t)(bytes / 4 + 1),
                         .shared = m->class == m->embed};
    *picture = (px_picture){0};
    if (!llm_lay_out(&l, &z, error))
        return false;
    const size_t most = 4 * ((size_t)m->dim + m->hidden + m->vocab) + 16;
    maker k = {.m = m, .r = ranges, .l = &l};
    k.residual = exp2(fmin(floor(log2((1 << 21) / fmax(ranges->residual, TINY))), 20));
    k.gate = exp2(fmax(ceil(log2(ranges->gate * 1.1)), 3));
    k.scale = calloc(most, sizeof *k.scale);
    k.unit = calloc(most, sizeof *k.unit);
    k.row = calloc(most, sizeof *k.row);
    bool ok =
        (k.scale != NULL && k.unit != NULL && k.row != NULL) || px_fail(error, PX_E_SYSTEM, "no memory for a model");
    ok = ok && assemble(picture, &l, k.residual, error);
    if (ok) {
        k.px = picture->px;
        ok = fill(&k, pieces, error);
        picture->px[PX_HEADER_CHECKSUM] = 0;
        picture->px[PX_HEADER_CHECKSUM] = px_checksum(picture->w, picture->h, picture->px);
    }
    free(k.scale);
    free(k.unit);
    free(k.row);
    if (!ok)
        px_picture_free(picture);
    return ok;
}

/* ---- the program ---- */

static void put_constants(FILE *to, const llm_layout *l)
{
    const llm_sizes *z = &l->z;
    const uint32_t norm_bits = (62 - (uint32_t)ceil(log2(z->dim))) / 2;
    fprintf(to,
            "DIM = %" PRIu32 "\nFFN = %" PRIu32 "\nLAYERS = %" PRIu32 "\nHEADS = %" PRIu32 "\nKV = %" PRIu32
            "\nSIZE = %" PRIu32 "\nVOCAB = %" PRIu32 "\nCTX = %" PRIu32 "\n",
            z->dim, z->ffn, z->layers, z->heads, z->kv, z->size, z->vocab, z->context);
    fprintf(to, "NORM_BITS = %" PRIu32 "\nSCORE_SHIFT = %d\nEPSILON = 0\n", norm_bits, (int)(15 - ceil(log2(z->size))));
#define LLM_WORD(name, pixel, text) fprintf(to, "%s = %d\n", #name, pixel);
#include "llm/llm.def"
    for (int i = 0; i < LLM_TABLES; i++)
        fprintf(to, "%s = %" PRIu32 "\n", l->table[i].name, l->table[i].at);
    for (int i = 0; i < LLM_LAYER_TABLES; i++)
        fprintf(to, "%s = %" PRIu32 "\n", l->in_layer[i].name, l->in_layer[i].at);
    fprintf(to, "LAYER = %" PRIu32 "\nLAYER_PIXELS = %" PRIu32 "\n        .size %" PRIu32 ", %" PRIu32 "\n\n",
            l->layers_at, l->layer_pixels, z->width, l->rows);
}

bool llm_source(char **text, size_t *size, const llm_layout *layout, px_error *error)
{
    FILE *to = open_memstream(text, size);
    if (to == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a model's program");
    put_constants(to, layout);
    for (size_t i = 0; llm_forward_lines[i] != NULL; i++)
        fputs(llm_forward_lines[i], to);
    const bool good = ferror(to) == 0;
    if (fclose(to) == 0 && good)
        return true;
    free(*text);
    *text = NULL;
    return px_fail(error, PX_E_SYSTEM, "no memory for a model's program");
}
