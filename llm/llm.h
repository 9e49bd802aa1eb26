/* llm.h - language models as pictures: checkpoints of llama2.c become pixel programs of integers. README.md defines
 * each layer; forward.pxa is the program. */
#ifndef LLM_LLM_H
#define LLM_LLM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pxi/error.h"
#include "pxi/picture.h"

enum {
    LLM_BOS = 1,
    LLM_EOS = 2,
    LLM_FIRST_BYTE = 3,
    LLM_MOST_BEST = 64,
    LLM_MOST_TEXT = 1 << 16,
    LLM_LOGIT_ONE = 65536
};

/* ---- files ---- */

typedef struct llm_layer {
    float *att_norm, *q, *k, *v, *o, *ffn_norm, *gate, *down, *up; /* matrices row by row, a row an output */
} llm_layer;

typedef struct llm_model {
    uint32_t dim, hidden, layers, heads, kv, vocab, context;
    uint32_t size;                     /* channels of a head */
    float *embed, *final_norm, *class; /* class: embed where they are shared */
    llm_layer *layer;
    float *memory;
} llm_model;

/* A checkpoint of llama2.c: legacy float, or version 2 (Q8_0). */
bool llm_model_read(llm_model *model, const char *path, px_error *error);
void llm_model_free(llm_model *model);

typedef struct llm_pieces {
    uint32_t count;
    float *score;
    char **text; /* each owned, its length beside it: a piece may hold any bytes */
    uint32_t *length;
    uint32_t *order; /* by text, for looking up */
    bool bytes;      /* token 3 + b is the byte b */
} llm_pieces;

bool llm_pieces_read(llm_pieces *pieces, const char *path, uint32_t count, px_error *error);
/* Of texts and scores that are there: sorts them. */
bool llm_pieces_order(llm_pieces *pieces, px_error *error);
void llm_pieces_free(llm_pieces *pieces);

/* BOS and the tokens of a text; free(*tokens). A byte without a token is an error. */
bool llm_encode(const llm_pieces *pieces, const char *text, size_t size, uint32_t **tokens, size_t *count,
                px_error *error);

/* ---- what a model does in float: how large its activations are ---- */

typedef struct llm_range {
    float *att_in, *q, *k, *v, *ffn_in, *up, *gated; /* the greatest of each channel; q and k: of each pair's norm */
} llm_range;

typedef struct llm_ranges {
    float residual, gate;
    float *final_in;
    llm_range *layer;
    float *memory;
} llm_ranges;

/* By stories that the model tells itself, of a fixed seed, and of tokens where they are given. */
bool llm_calibrate(const llm_model *model, const uint32_t *tokens, size_t count, llm_ranges *ranges, px_error *error);
void llm_ranges_free(llm_ranges *ranges);

/* ---- the picture ---- */

typedef struct llm_sizes {
    uint32_t dim, hidden, layers, heads, kv, vocab, context, width;
    uint32_t ffn; /* hidden, to whole pixels */
    uint32_t size, kv_dim, qkv, half, piece_pixels;
    bool shared;
} llm_sizes;

#define LLM_ENUM_WORD(name, pixel, text)   LLM_AT_##name = (pixel),
#define LLM_ENUM_TABLE(name, pixels, text) LLM_##name,
enum {
#define LLM_WORD(name, pixel, text) LLM_ENUM_WORD(name, pixel, text)
#include "llm/llm.def"
};
enum {
#define LLM_TABLE(name, pixels, text) LLM_ENUM_TABLE(name, pixels, text)
#include "llm/llm.def"
    LLM_TABLES
};
enum {
#define LLM_LAYER(name, pixels, text) LLM_ENUM_TABLE(name, pixels, text)
#include "llm/llm.def"
    LLM_LAYER_TABLES
};

typedef struct llm_place {
    const char *name, *text;
    uint32_t at, pixels;
} llm_place;

typedef struct llm_layout {
    llm_sizes z;
    llm_place table[LLM_TABLES], in_layer[LLM_LAYER_TABLES]; /* in_layer: at counts from the layer's first pixel */
    uint32_t code_end, layers_at, layer_pixels, rows;
} llm_layout;

/* z has the first eight fields, piece_pixels and shared; width 0: the least square. */
bool llm_lay_out(llm_layout *layout, const llm_sizes *z, px_error *error);

bool llm_picture(px_picture *picture, const llm_model *model, const llm_ranges *ranges, const llm_pieces *pieces,
                 uint32_t width, px_error *error);

/* The layout of an image that llm_picture has made, whatever it has run to since; and its pieces. */
bool llm_layout_of(llm_layout *layout, const uint32_t *image, uint32_t w, uint32_t h, const char *name,
                   px_error *error);
bool llm_pieces_of(llm_pieces *pieces, const llm_layout *layout, const uint32_t *image, px_error *error);

/* The program alone, as source; free(*text). */
bool llm_source(char **text, size_t *size, const llm_layout *layout, px_error *error);

#endif
