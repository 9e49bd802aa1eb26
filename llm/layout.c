/* layout.c - where a model's picture has what: a function of its sizes alone. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "llm/llm.h"

enum { CODE_PIXELS = 1024 }; /* room for forward.pxa */

typedef struct rule {
    const char *name, *text;
    uint64_t pixels;
} rule;

static uint64_t up(uint64_t at, uint64_t step) { return (at + step - 1) / step * step; }

/* Whether LLM_ROW stands before a run. */
static bool begins_row(const char *name)
{
#define LLM_ROW                    "|"
#define LLM_TABLE(n, pixels, text) #n " "
#define LLM_LAYER(n, pixels, text) #n " "
    static const char list[] = " "
#include "llm/llm.def"
        ;
    char key[64];
    snprintf(key, sizeof key, "|%s ", name);
    return strstr(list, key) != NULL;
}

static uint64_t place(llm_place *places, rule *rules, size_t count, uint64_t at, uint32_t width)
{
    for (size_t i = 0; i < count; i++) {
        if (begins_row(rules[i].name))
            at = up(at, width);
        places[i] = (llm_place){rules[i].name, rules[i].text, (uint32_t)at, (uint32_t)rules[i].pixels};
        at += rules[i].pixels;
    }
    return up(at, width);
}

/* The pixels of the whole, of this width. */
static uint64_t lay(llm_layout *l, uint32_t width)
{
    const llm_sizes *z = &l->z;
    rule tables[] = {
#define LLM_TABLE(name, pixels, text) {#name, text, (pixels)},
#include "llm/llm.def"
    };
    rule layers[] = {
#define LLM_LAYER(name, pixels, text) {#name, text, (pixels)},
#include "llm/llm.def"
    };
    l->z.width = width;
    const uint64_t code_end = up(LLM_AT_TOKENS + (uint64_t)z->context + 1 + CODE_PIXELS, width);
    const uint64_t layers_at = place(l->table, tables, LLM_TABLES, code_end, width);
    const uint64_t layer = place(l->in_layer, layers, LLM_LAYER_TABLES, 0, width);
    l->code_end = (uint32_t)code_end;
    l->layers_at = (uint32_t)layers_at;
    l->layer_pixels = (uint32_t)layer;
    const uint64_t pixels = layers_at + layer * z->layers;
    l->rows = (uint32_t)(pixels / width);
    return pixels;
}

bool llm_lay_out(llm_layout *layout, const llm_sizes *sizes, px_error *error)
{
    enum { LEAST_WIDTH = 64, STEP = 16, MOST_WIDTH = 8192 };
    *layout = (llm_layout){.z = *sizes};
    llm_sizes *z = &layout->z;
    z->ffn = (z->hidden + 3) / 4 * 4;
    z->size = z->dim / z->heads;
    z->kv_dim = z->kv * z->size;
    z->qkv = z->dim + 2 * z->kv_dim;
    z->half = (z->dim + z->kv_dim) / 2;
    uint64_t pixels = 0;
    if (sizes->width != 0) {
        pixels = lay(layout, sizes->width);
    } else {
        for (uint32_t width = LEAST_WIDTH; width <= MOST_WIDTH; width += STEP)
            if ((pixels = lay(layout, width)) <= (uint64_t)width * width)
                break;
    }
    if (layout->table[LLM_PIECES].at + (uint64_t)z->piece_pixels > 1u << 22)
        return px_fail(error, PX_E_TOO_LARGE,
                       "the vocabulary's texts do not end within the picture's first 2^22 pixels");
    return pixels <= PX_MAX_PIXELS ||
           px_fail(error, PX_E_TOO_LARGE, "the model takes %" PRIu64 " pixels; a picture has at most %" PRIu32, pixels,
                   PX_MAX_PIXELS);
}

static bool fits(uint32_t value, uint32_t most) { return value >= 1 && value <= most; }

bool llm_layout_of(llm_layout *layout, const uint32_t *image, uint32_t w, uint32_t h, const char *name, px_error *error)
{
    const uint64_t pixels = (uint64_t)w * h;
    if (pixels <= LLM_AT_TOKENS || memcmp(&image[LLM_AT_SIZES], "LLM1", 4) != 0)
        return px_fail(error, PX_E_INPUT, "%s is no picture of a language model, as px llm convert writes it", name);
    const uint32_t *word = &image[LLM_AT_SIZES + 1];
    llm_sizes z = {.dim = word[0],
                   .hidden = word[1],
                   .layers = word[2],
                   .heads = word[3],
                   .kv = word[4],
                   .vocab = word[5],
                   .context = word[6],
                   .width = w};
    z.piece_pixels = word[7] & 0x7FFFFFFF;
    z.shared = word[7] >> 31 != 0;
    const bool sane = fits(z.dim, 4096) && fits(z.hidden, 16384) && fits(z.layers, 256) && fits(z.heads, 256) &&
                      fits(z.kv, z.heads) && fits(z.vocab, 65536) && fits(z.context, 1020) && z.dim % z.heads == 0 &&
                      z.piece_pixels < 1u << 22;
    if (!sane || !llm_lay_out(layout, &z, error) || layout->z.width * layout->rows != pixels)
        return px_fail(error, PX_E_INPUT,
                       "%s: the model's sizes are damaged, or the picture is of another size than theirs", name);
    return true;
}
