/* pool.c - registers that hold a constant, or the base of 256 pixels of data, from the program's start on; and which
 * operands become such constants. */
#include <stdlib.h>
#include <string.h>

#include "cc/select.h"
#include "cc/uses.h"

enum { MOST = CC_POOL_LAST - CC_POOL_FIRST + 1, WORTH = 2, WINDOW = 256 };

static bool same(cc_value a, cc_value b) { return a.kind == b.kind && a.value == b.value; }

/* Where v is in p->pool_at, or the empty place where it would be. */
static uint32_t slot_of(const cc_program *p, cc_value v)
{
    uint32_t at = (v.value * UINT32_C(0x9E3779B1) >> 16) % CC_POOL_SLOTS;
    while (p->pool_at[at] != 0 && !same(p->pool[p->pool_at[at] - 1].value, v))
        at = (at + 1) % CC_POOL_SLOTS;
    return at;
}

bool cc_pool_holds(const cc_program *p, cc_value v, uint8_t *held)
{
    const uint8_t found = p->pool_at[slot_of(p, v)];
    *held = (uint8_t)(CC_POOL_FIRST + found - 1);
    return found != 0;
}

bool cc_pool_window(const cc_program *p, uint32_t pixel, uint8_t *base, uint8_t *offset)
{
    for (uint32_t i = 0; i < p->pool_count; i++) {
        const cc_value v = p->pool[i].value;
        if (v.kind != CC_NUMBER || pixel - v.value >= WINDOW)
            continue;
        *base = (uint8_t)(CC_POOL_FIRST + i);
        *offset = (uint8_t)(pixel - v.value);
        return true;
    }
    return false;
}

/* ---- what would be good to have ---- */

/* Wishes: constants as they are, and pixels that a window should reach. */
typedef struct wishes {
    cc_program *p;
    cc_pool_entry *of;
    uint32_t count, room;
} wishes;

static void wish(wishes *w, cc_value v, bool window, uint64_t weight)
{
    cc_pool_entry *of = cc_grow(w->p, w->of, w->count, &w->room, sizeof *of);
    if (of == NULL) {
        w->p->no_memory = true;
        return;
    }
    w->of = of;
    w->of[w->count++] = (cc_pool_entry){v, window, weight};
}

static bool fits8(uint32_t value) { return value + 128 < 256; }

/* As a number in the instruction itself, or as r0. */
static bool is_free(const cc_insn *n, cc_value v, bool second)
{
    if (v.kind != CC_NUMBER)
        return false;
    if (v.value == 0)
        return true;
    if (!cc_is_alu(n->op) || !fits8(v.value))
        return n->op == CC_AND && second && v.value == 255;
    return second || n->op == CC_ADD || n->op == CC_AND || n->op == CC_OR || n->op == CC_XOR || n->op == CC_MUL;
}

static void wish_number(wishes *w, uint32_t value, uint64_t weight)
{
    if (value != 0)
        wish(w, (cc_value){CC_NUMBER, value}, false, weight);
}

/* The address of a load or store that has a constant base; or its offset. */
static void wish_address(wishes *w, const cc_insn *n, cc_value base, uint64_t weight)
{
    const bool byte = n->op == CC_LB || n->op == CC_LBU || n->op == CC_SB;
    const bool half = n->op == CC_SH || n->op == CC_LH || n->op == CC_LHU;
    if (base.kind == CC_NUMBER) {
        const uint32_t at = base.value + (uint32_t)n->imm;
        if (byte || n->op == CC_SH)
            wish_number(w, at, weight);
        else if (at / 4 >= WINDOW)
            wish(w, (cc_value){CC_NUMBER, at / 4}, true, weight);
    } else if (byte && n->rs1 == CC_SP)
        wish_number(w, (uint32_t)n->imm, weight);
    else if (byte && n->imm > 0 && n->imm % 4 == 0)
        wish_number(w, (uint32_t)n->imm / 4, weight);
    else if (byte || half ? !fits8((uint32_t)n->imm) : n->imm < -4 * 128 || n->imm > 4 * 255)
        wish_number(w, byte || half ? (uint32_t)n->imm : (uint32_t)((n->imm + 3) >> 2), weight);
}

static void wish_operand(wishes *w, const cc_insn *n, cc_value fixed, cc_value candidate, bool second, uint64_t weight)
{
    const cc_value v = fixed.kind != CC_UNKNOWN ? fixed : candidate;
    if (v.kind != CC_UNKNOWN && !is_free(n, v, second))
        wish(w, v, false, weight);
}

static void wish_all_of(wishes *w, const cc_insn *n, uint64_t weight)
{
    const bool memory = cc_is_load(n->op) || cc_is_store(n->op);
    if (n->op == CC_CONST || n->op == CC_NOP || (n->flags & CC_DEAD))
        return;
    if (n->op == CC_ADD && n->rd == CC_SP && n->rs1 == CC_SP && n->k2.kind == CC_NUMBER) {
        if (!fits8((uint32_t)((int32_t)n->k2.value / 4)))
            wish_number(w, (uint32_t)((int32_t)n->k2.value / 4), weight);
        return;
    }
    if (n->form == CC_FORM_MAKES) {
        if (n->imm != 0)
            wish_number(w, CC_INDEX_MASK, weight);
        if (n->k1.kind == CC_NUMBER)
            wish_number(w, cc_pixel_of_byte(n->k1.value), weight);
        return;
    }
    if (n->form == CC_FORM_USES || n->form == CC_FORM_BYTE) {
        if (n->form == CC_FORM_BYTE)
            wish_number(w, (n->k1.value + (uint32_t)n->imm) / 4, weight);
        wish_operand(w, n, n->k2, n->c2, true, weight);
        return;
    }
    if (memory)
        wish_address(w, n, n->k1.kind != CC_UNKNOWN ? n->k1 : n->c1, weight);
    else
        wish_operand(w, n, n->k1, n->c1, false, weight);
    wish_operand(w, n, n->k2, n->c2, true, weight);
    if (n->op == CC_LHU && !cc_half_by_bytes(n))
        wish_number(w, 0xFFFF, weight / 2);
}

/* ---- the best of it ---- */

static int by_value(const void *a, const void *b)
{
    const cc_pool_entry *x = a, *y = b;
    if (x->window != y->window)
        return x->window ? 1 : -1;
    if (x->value.kind != y->value.kind)
        return x->value.kind < y->value.kind ? -1 : 1;
    return x->value.value < y->value.value ? -1 : x->value.value > y->value.value;
}

static int by_weight(const void *a, const void *b)
{
    const cc_pool_entry *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return by_value(a, b);
}

/* Equal wishes become one, pixels within 256 one window. */
static uint32_t gather(cc_pool_entry *of, uint32_t count)
{
    uint32_t kept = 0;
    qsort(of, count, sizeof *of, by_value);
    for (uint32_t i = 0; i < count; i++) {
        cc_pool_entry *last = kept > 0 ? &of[kept - 1] : NULL;
        if (last != NULL && last->window == of[i].window && last->value.kind == of[i].value.kind &&
            of[i].value.value - last->value.value < (last->window ? WINDOW : 1))
            last->weight += of[i].weight;
        else
            of[kept++] = of[i];
    }
    return kept;
}

static bool fill(cc_program *p)
{
    wishes w = {.p = p};
    for (uint32_t b = 0; b < p->block_count; b++)
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++)
            wish_all_of(&w, &p->insns[i], UINT64_C(1) << 3 * p->blocks[b].depth);
    if (p->no_memory)
        return false;
    const uint32_t count = w.count > 0 ? gather(w.of, w.count) : 0;
    if (count > 0)
        qsort(w.of, count, sizeof *w.of, by_weight);
    for (uint32_t i = 0; i < count && p->pool_count < MOST && w.of[i].weight >= WORTH; i++) {
        uint8_t *at = &p->pool_at[slot_of(p, w.of[i].value)];
        p->pool[p->pool_count++] = w.of[i];
        *at = *at == 0 ? (uint8_t)p->pool_count : *at; /* a number and a window may begin at one value */
    }
    return true;
}

/* ---- which operands become constants ---- */

static bool is_byte(uint8_t op) { return op == CC_LB || op == CC_LBU || op == CC_SB; }

static void settle(const cc_program *p, cc_insn *n)
{
    uint8_t held;
    if (n->form == CC_FORM_MAKES)
        return;
    if (n->c1.kind != CC_UNKNOWN) {
        bool good = is_free(n, n->c1, false) || cc_pool_holds(p, n->c1, &held);
        if (cc_is_load(n->op) || cc_is_store(n->op))
            good = n->c1.kind == CC_NUMBER && (!is_byte(n->op) || n->imm != 0 || cc_pool_holds(p, n->c1, &held));
        if (good)
            n->k1 = n->c1;
    }
    if (n->c2.kind != CC_UNKNOWN && (is_free(n, n->c2, true) || cc_pool_holds(p, n->c2, &held)))
        n->k2 = n->c2;
    n->c1 = n->c2 = (cc_value){0};
}

bool cc_pool(cc_program *p)
{
    if (!fill(p))
        return false;
    for (uint32_t i = 0; i < p->count; i++)
        settle(p, &p->insns[i]);
    return true;
}
