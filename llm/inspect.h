/* inspect.h - how near a model's integers come to their limits, and how its attention is spread. */
#ifndef LLM_INSPECT_H
#define LLM_INSPECT_H

#include "llm/llm.h"

#define LLM_EACH_COUNT                                                                                                 \
    LLM_COUNT(ATT_IN, "input of q, k, v")                                                                              \
    LLM_COUNT(QUERY, "q and k, bytes")                                                                                 \
    LLM_COUNT(VALUE, "v, bytes")                                                                                       \
    LLM_COUNT(MIXED, "what heads take")                                                                                \
    LLM_COUNT(FFN_IN, "input of gates")                                                                                \
    LLM_COUNT(GATE, "gates")                                                                                           \
    LLM_COUNT(UP, "what gates let through")                                                                            \
    LLM_COUNT(GATED, "SwiGLU's product")                                                                               \
    LLM_COUNT(RESIDUAL, "residual")                                                                                    \
    LLM_COUNT(FINAL, "input of the logits")

enum {
#define LLM_COUNT(name, text) LLM_COUNT_##name,
    LLM_EACH_COUNT
#undef LLM_COUNT
        LLM_COUNTS
};

typedef struct llm_count {
    uint64_t seen, clipped; /* clipped: at a limit */
    double most;            /* the greatest, in parts of its limit */
} llm_count;

enum { LLM_HEAT_LEFT = 48, LLM_HEAT_TOP = 12, LLM_HEAT_GAP = 3 };

typedef struct llm_inspection {
    llm_count of[LLM_COUNTS];
    uint64_t weights, no_weight, heads; /* of attention: all, those that are 0, rows of them */
    double spread;                      /* sum over heads: positions that have effect, in parts of those there are */
    px_picture heat;                    /* if it is there: a square of this many positions for each layer and head */
    uint32_t side;
} llm_inspection;

extern const char *const llm_count_names[LLM_COUNTS];

/* At a stop behind a layer, or behind the logits (layer = layers): work is the picture from table X to WEIGHTS. */
void llm_inspect(llm_inspection *inspection, const llm_layout *layout, const uint32_t *work, uint32_t layer,
                 uint32_t pos);

#endif
