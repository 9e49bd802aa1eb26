/* gen.h - what the parts of the program generator share: a program being written, and how to write the next pixel. */
#ifndef TESTS_RANDOM_GEN_H
#define TESTS_RANDOM_GEN_H

#include "pxi/isa.h"
#include "pxi/pixel.h"
#include "pxi/state.h"
#include "tests/random/rng.h"

enum { GEN_POOL = 10, GEN_DEPTH = 2, GEN_LABELS = 4 };

/* A program being written. Few registers (the pool) carry everything, so that hazards are dense; the counters and the
 * zero register keep loops bounded and are no operands of anything else. */
typedef struct gen {
    rng rng;
    px_state *state;
    uint32_t n;          /* pixels in the image */
    uint32_t start, end; /* where code may stand */
    uint32_t at;         /* the next pixel of code */
    uint32_t vl;         /* the vector length here, if nothing jumped */
    unsigned pool_size;
    uint8_t pool[GEN_POOL];
    uint8_t counter[GEN_DEPTH], zero;
    struct gen_label {
        uint32_t at;    /* a jump whose target comes later */
        uint32_t after; /* so many instructions; 0: none is pending */
    } label[GEN_LABELS];
} gen;

void gen_emit(gen *g, uint32_t op, uint32_t a, uint32_t b, uint32_t c);

static inline void gen_literal(gen *g, uint32_t word)
{
    if (g->at < g->end)
        g->state->mem[g->at++] = word;
}

static inline uint8_t gen_reg(gen *g) { return g->pool[rng_below(&g->rng, g->pool_size)]; }

uint32_t gen_interesting(gen *g);                  /* a word at some edge */
uint32_t gen_base(gen *g, uint32_t length);        /* mostly a valid base of a run of that length */
uint32_t gen_length(gen *g);                       /* mostly a small vector length */
void gen_put(gen *g, uint8_t reg, uint32_t value); /* code that sets reg */
void gen_set_vl(gen *g, uint32_t length);          /* code that sets the vector length */
void gen_instruction(gen *g, const px_opcode *op); /* one instruction, mostly with the set-up that makes it valid */
void gen_data(gen *g);                             /* fills the image */
void gen_registers(gen *g);                        /* which registers the program has */
void gen_block(gen *g, uint32_t length);           /* so many instructions, each with what belongs to it */
void gen_program(gen *g);                          /* code from g->at to about g->end */
void gen_hot(gen *g);                              /* the same, but a loop of many turns that changes itself */
void gen_machine(gen *g);                          /* a machine as another executor might have left it */
void gen_classic(rng *r, px_state *state);         /* fills a classic image */

/* A machine of at most so many pixels that runs machines in its image; state is zeroed. */
bool gen_nested(rng *r, px_state *state, uint32_t most, px_error *error);

#endif
