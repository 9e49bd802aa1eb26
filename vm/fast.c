/* fast.c - what the fast executor keeps of code, and when it forgets it. */
#include "vm/fast.h"

#include <stdlib.h>
#include <string.h>

#include "pxi/pixel.h"
#include "pxi/touch.h"
#include "vm/fast_heat.h"
#include "vm/fast_native.h"
#include "vm/fast_vector.h"

/* A program may run everywhere in its image. Of so many pages, of 16 KiB each, all are forgotten. */
enum { MOST_PAGES = 4096 };

bool px_fast_init(px_fast *fast, uint32_t *mem, uint32_t n, px_fast_native *native)
{
    const size_t pages = ((size_t)n + PX_FAST_PAGE - 1) / PX_FAST_PAGE;
    *fast = (px_fast){.mem = mem, .n = n, .page = calloc(pages, sizeof *fast->page), .pages = pages};
    fast->go = px_fast_places();
    fast->native = native;
    fast->patience = native != NULL ? px_fast_patience(native, 0, true) : 0;
    fast->lazy = (px_fast_op){.go = fast->go[PX_FAST_LAZY], .kind = PX_FAST_LAZY};
    return fast->page != NULL;
}

void px_fast_forget(px_fast *fast)
{
    for (size_t i = 0; fast->used > 0 && i < fast->pages; i++) {
        if (fast->page[i] == NULL)
            continue;
        px_fast_native_drop(fast, fast->page[i], 0, PX_FAST_PAGE);
        if (fast->heat != NULL)
            px_fast_heat_of_page(fast->heat, fast->page[i]);
        free(fast->page[i]->edges);
        free(fast->page[i]->entry);
        free(fast->page[i]);
        fast->page[i] = NULL;
        fast->used--;
    }
}

void px_fast_free(px_fast *fast)
{
    if (fast->page != NULL)
        px_fast_forget(fast);
    free(fast->page);
}

static void stored_in(const px_fast *fast, px_fast_page *page, uint64_t from, uint64_t end)
{
    uint32_t at = from > page->first ? (uint32_t)from - page->first : 0;
    uint32_t last = end - page->first < page->high ? (uint32_t)end - page->first : page->high;
    at = at > page->low ? at : page->low;
    while (at < last && page->known[at] == 0)
        at++;
    if (at >= last)
        return;
    px_fast_native_drop(fast, page, at, last);
    for (uint32_t i = at; i < last; i++) {
        page->op[i] = fast->lazy;
        page->known[i] = 0;
    }
    if (at > 0 && page->op[at - 1].kind == PX_FAST_LIT)
        page->op[at - 1] = fast->lazy;
    px_fast_part(fast, page, at);
}

void px_fast_stored(px_fast *fast, uint32_t from, uint64_t length)
{
    const uint64_t most = from + length, end = most < fast->n ? most : fast->n;
    for (uint64_t at = from; at < end; at = (at | (PX_FAST_PAGE - 1)) + 1) {
        px_fast_page *page = fast->page[at >> PX_FAST_BITS];
        if (page != NULL)
            stored_in(fast, page, from, end);
    }
}

void px_fast_compare(px_fast *fast, uint32_t from, uint64_t length)
{
    for (uint64_t at = from; at < from + length; at = (at | (PX_FAST_PAGE - 1)) + 1) {
        px_fast_page *const page = fast->page[at >> PX_FAST_BITS];
        if (page == NULL)
            continue;
        const uint64_t low = page->first + page->low, high = page->first + page->high;
        const uint64_t end = from + length < high ? from + length : high;
        for (uint64_t i = at > low ? at : low; i < end; i++)
            if (page->known[i - page->first] != 0 && page->word[i - page->first] != fast->mem[i])
                stored_in(fast, page, i, i + 1);
    }
}

/* ---- pages ---- */

static px_fast_page *new_page(px_fast *fast, uint32_t at)
{
    if (fast->used == MOST_PAGES)
        px_fast_forget(fast);
    px_fast_page *page = malloc(sizeof *page);
    uint32_t *edges = fast->heat != NULL ? calloc(PX_FAST_PAGE + 1, sizeof *edges) : NULL;
    if (page == NULL || (fast->heat != NULL && edges == NULL)) {
        free(page);
        free(edges);
        return NULL;
    }
    page->edges = edges;
    page->counted = false;
    for (uint32_t i = 0; i < PX_FAST_PAGE; i++)
        page->op[i] = fast->lazy;
    page->op[PX_FAST_PAGE] = (px_fast_op){.go = fast->go[PX_FAST_END], .kind = PX_FAST_END};
    memset(page->known, 0, sizeof page->known);
    page->first = at & ~(uint32_t)(PX_FAST_PAGE - 1);
    page->low = PX_FAST_PAGE;
    page->high = 0;
    page->regions = NULL;
    page->entry = NULL;
    page->lost = 0;
    fast->page[at >> PX_FAST_BITS] = page;
    fast->used++;
    return page;
}

static px_fast_page *page_of(px_fast *fast, uint32_t at)
{
    px_fast_page *page = fast->page[at >> PX_FAST_BITS];
    return page != NULL ? page : new_page(fast, at);
}

/* ---- taking apart ---- */

/* at: the pixel's place in its page. A target behind the outermost image is px_vm_step's to complain about. */
static void decode_jump(const px_fast *fast, const px_fast_page *page, px_fast_op *op, uint32_t distance, unsigned near,
                        unsigned far)
{
    const uint32_t at = (uint32_t)(op - page->op), target = at + distance;
    const bool inside = target < PX_FAST_PAGE;
    op->imm = distance;
    op->kind = (uint8_t)(inside ? near : far);
    if (inside && page->first + target >= fast->n)
        op->kind = PX_FAST_SLOW;
}

static void decode_control(const px_fast *fast, const px_fast_page *page, px_fast_op *op, uint32_t word, uint32_t end)
{
    const bool last = op == &page->op[PX_FAST_PAGE - 1];
    const uint32_t at = page->first + (uint32_t)(op - page->op), distance = px_sign_extend16(word >> 16);
    switch (px_byte(word, 0)) {
    case PX_OP_JMP:
        decode_jump(fast, page, op, distance, PX_FAST_JMP_NEAR, PX_FAST_JMP_FAR);
        return;
    case PX_OP_CALL:
        decode_jump(fast, page, op, distance, PX_FAST_CALL_NEAR, PX_FAST_CALL_FAR);
        return;
    case PX_OP_JR:
        op->kind = PX_FAST_JR;
        return;
    case PX_OP_VL:
        op->kind = PX_FAST_VL;
        return;
    case PX_OP_GET:
        op->kind = PX_FAST_GET;
        return;
    case PX_OP_LIT: /* one whose literal lies in the next page would have to be forgotten with that */
        if (last || at + 1 >= end)
            return;
        op->kind = PX_FAST_LIT;
        op->imm = fast->mem[at + 1];
        return;
    default: /* HALT, SYS, RESUME */
        return;
    }
}

static void decode_move(px_fast_op *op, uint32_t word)
{
    switch (px_byte(word, 0)) {
    case PX_OP_LD:
        op->kind = PX_FAST_LD;
        op->imm = op->c;
        return;
    case PX_OP_ST:
        op->kind = PX_FAST_ST;
        op->imm = op->a;
        return;
    case PX_OP_LDB:
        op->kind = PX_FAST_LDB;
        return;
    case PX_OP_STB:
        op->kind = PX_FAST_STB;
        return;
    case PX_OP_LI:
        op->kind = PX_FAST_CONSTANT;
        op->imm = px_sign_extend16(word >> 16);
        return;
    case PX_OP_LUI:
        op->kind = PX_FAST_CONSTANT;
        op->imm = word & UINT32_C(0xFFFF0000);
        return;
    case PX_OP_EXT:
    case PX_OP_INS:
        op->kind = px_byte(word, 0) == PX_OP_EXT ? PX_FAST_EXT : PX_FAST_INS;
        op->imm = 8 * (op->c & 3u);
        return;
    default:
        return;
    }
}

static void decode_vector(px_fast_op *op, const px_opcode *opcode)
{
    const px_shape *shape = px_shape_of(opcode);
    bool written = false;
    for (unsigned k = 0; k < 3; k++)
        written = written || shape->use[k] == 'w' || shape->use[k] == 'u';
    op->imm = opcode->class;
    op->kind = !written ? PX_FAST_VEC_PURE : shape->extent[0] == PX_EXTENT_VL ? PX_FAST_VEC_RUN : PX_FAST_VEC_ANY;
}

static void decode_divide(px_fast_op *op, unsigned number)
{
    op->kind = number == PX_OP_DIV    ? PX_FAST_DIV
               : number == PX_OP_DIVU ? PX_FAST_DIVU
               : number == PX_OP_REM  ? PX_FAST_REM
               : number == PX_OP_REMU ? PX_FAST_REMU
                                      : PX_FAST_SLOW;
}

static int first_of(unsigned kind)
{
    switch (kind) {
    case PX_FAST_ALU + PX_WORD_ADD:
        return PX_FIRST_ADD;
    case PX_FAST_ALU + PX_WORD_XOR:
        return PX_FIRST_XOR;
    case PX_FAST_ALUI + PX_WORD_ADD:
        return PX_FIRST_ADDI;
    case PX_FAST_ALUI + PX_WORD_AND:
        return PX_FIRST_ANDI;
    case PX_FAST_ALUI + PX_WORD_SHL:
        return PX_FIRST_SHLI;
    case PX_FAST_ALUI + PX_WORD_SHR:
        return PX_FIRST_SHRI;
    case PX_FAST_LD:
        return PX_FIRST_LD;
    default:
        return -1;
    }
}

/* made: the register that the first one writes. */
static int second_of(const px_fast_op *op, unsigned made)
{
    if (op->kind >= PX_FAST_NEAR && op->kind < PX_FAST_NEAR + 8)
        return op->b == made ? PX_SECOND_BRANCH + (op->kind - PX_FAST_NEAR) : -1;
    switch (op->kind) {
    case PX_FAST_ALU + PX_WORD_ADD:
        return op->c == made ? PX_SECOND_ADD : -1;
    case PX_FAST_ALU + PX_WORD_XOR:
        return op->c == made ? PX_SECOND_XOR : -1;
    case PX_FAST_ALU + PX_WORD_OR:
        return op->c == made ? PX_SECOND_OR : -1;
    case PX_FAST_LD:
        return op->b == made ? PX_SECOND_LD : -1;
    default:
        return -1;
    }
}

/* The op at this place, and the next one. */
static void pair(const px_fast *fast, px_fast_page *page, uint32_t at)
{
    px_fast_op *const op = &page->op[at];
    const int first = first_of(op->kind), second = second_of(op + 1, op->a);
    if (first >= 0 && second >= 0)
        op->go = fast->go[PX_FAST_PAIR(first, second)];
}

void px_fast_part(const px_fast *fast, px_fast_page *page, uint32_t at)
{
    if (at > 0)
        page->op[at - 1].go = fast->go[page->op[at - 1].kind];
}

void px_fast_decode(px_fast *fast, px_fast_page *page, px_fast_op *op, uint32_t end)
{
    const uint32_t at = (uint32_t)(op - page->op), word = fast->mem[page->first + at];
    const px_opcode *opcode = px_opcode_of(PX_V1, (uint8_t)word);
    *op = (px_fast_op){.a = (uint8_t)px_byte(word, 1),
                       .b = (uint8_t)px_byte(word, 2),
                       .c = (uint8_t)px_byte(word, 3),
                       .kind = PX_FAST_SLOW};
    if (opcode->mnemonic != NULL)
        switch ((enum px_class)opcode->class) {
        case PX_CLASS_CTRL:
            decode_control(fast, page, op, word, end);
            break;
        case PX_CLASS_BRANCH:
            decode_jump(fast, page, op, px_sign_extend8(op->a), PX_FAST_NEAR + (word & 7), PX_FAST_FAR + (word & 7));
            break;
        case PX_CLASS_ALU:
            op->kind = (uint8_t)(PX_FAST_ALU + (word & 15));
            break;
        case PX_CLASS_ALUI:
            op->kind = (uint8_t)(PX_FAST_ALUI + (word & 15));
            op->imm = px_sign_extend8(op->c);
            break;
        case PX_CLASS_MOVE:
            decode_move(op, word);
            break;
        case PX_CLASS_DIV:
            decode_divide(op, px_byte(word, 0));
            break;
        default:
            decode_vector(op, opcode);
        }
    op->go = fast->go[op->kind];
    pair(fast, page, at);
    if (at > 0)
        pair(fast, page, at - 1);
    const uint32_t pixels = op->kind == PX_FAST_LIT ? 2 : 1;
    memset(page->known + at, 1, pixels);
    page->word[at] = word;
    if (pixels == 2)
        page->word[at + 1] = op->imm;
    page->low = at < page->low ? at : page->low;
    page->high = at + pixels > page->high ? at + pixels : page->high;
}

/* ---- running ---- */

static uint32_t base_of(const px_fast *fast, const px_vm *vm) { return (uint32_t)(vm->s.mem - fast->mem); }

/* Whether something of these pixels may be kept. */
static bool is_kept(const px_fast *fast, uint32_t from, uint64_t length)
{
    const uint64_t most = from + length, end = most < fast->n ? most : fast->n;
    for (uint64_t at = from; at < end; at = (at | (PX_FAST_PAGE - 1)) + 1) {
        const px_fast_page *page = fast->page[at >> PX_FAST_BITS];
        if (page != NULL && page->first + page->low < end && page->first + page->high > at)
            return true;
    }
    return false;
}

/* What an instruction writes with gaps lies, in a kernel, between the programs of its slots, which are kept: pixels
 * that it leaves alone are not forgotten. */
static void forget_written(px_fast *fast, const px_vm *vm, uint32_t word, const px_touch *touch)
{
    const uint32_t first = base_of(fast, vm) + touch->base;
    const uint64_t length = px_touch_length(touch);
    const bool scatters = (uint8_t)word == PX_OP_SCATADD, gaps = touch->rows > 1 && touch->pitch > touch->columns;
    if (!scatters && !gaps) {
        px_fast_stored(fast, first, length);
    } else if (!is_kept(fast, first, length)) {
        return;
    } else if (scatters) {
        const uint32_t *const index = vm->s.mem + vm->reg[px_byte(word, 3)];
        for (uint32_t i = 0; i < vm->s.vl; i++)
            if (index[i] < length)
                px_fast_stored(fast, first + index[i], 1);
    } else {
        for (uint64_t row = 0; row < touch->rows; row++)
            px_fast_stored(fast, first + (uint32_t)(row * touch->pitch), touch->columns);
    }
}

static void forget(px_fast *fast, const px_vm *vm, uint32_t word, const px_touch *touch, unsigned count)
{
    for (unsigned k = 0; k < count; k++)
        if (touch[k].written)
            forget_written(fast, vm, word, &touch[k]);
}

bool px_fast_writing(px_fast *fast, px_vm *vm, px_insn i, const px_fast_op *op)
{
    px_touch touch[PX_TOUCHES] = {{.base = vm->reg[i.a], .rows = 1, .columns = vm->s.vl, .written = true}};
    const unsigned count = op->kind == PX_FAST_VEC_RUN ? 1 : px_touches(i.word, vm->s.pc, vm->reg, vm->s.vl, touch);
    if (!px_fast_vector(vm, i, op->imm))
        return false;
    forget(fast, vm, i.word, touch, count);
    return true;
}

/* Does what px_vm_step does. */
static bool step(px_fast *fast, px_vm *vm)
{
    px_touch touch[PX_TOUCHES];
    const px_state *s = &vm->s;
    const uint32_t pc = s->pc, word = pc < vm->n ? s->mem[pc] : 0;
    const unsigned count = pc < vm->n ? px_touches(word, pc, vm->reg, s->vl, touch) : 0;
    if (!px_vm_step(vm))
        return false;
    forget(fast, vm, word, touch, count);
    if (fast->heat != NULL) {
        fast->heat->counts.executed[base_of(fast, vm) + pc]++;
        px_fast_heat_touched(fast->heat, base_of(fast, vm), touch, count);
    }
    return true;
}

/* Up to count, 1 or more, instructions of the code in page; returns how many have retired. */
static uint64_t run_page(px_fast *fast, px_vm *vm, px_fast_page *page, uint64_t count)
{
    const bool within = px_fast_within(fast, page, base_of(fast, vm), vm->n);
    const bool loop = fast->heat == NULL && count > PX_FAST_PAGE && within;
    const uint64_t most = fast->native == NULL ? PX_FAST_HEAT_MOST : fast->patience + (loop ? PX_FAST_PAGE : 0);
    const uint64_t given = count < most ? count : most;
    const uint64_t left = loop                 ? px_fast_loop(fast, vm, page, given)
                          : fast->heat == NULL ? px_fast_edge(fast, vm, page, given)
                                               : px_fast_counted(fast, vm, page, given);
    fast->ran += given - left;
    if (fast->heat != NULL && (fast->heat->since += given - left) >= PX_FAST_HEAT_MOST)
        px_fast_heat_settle(fast);
    if (fast->native != NULL && fast->ran >= fast->patience && vm->s.status == PX_RUNNING && vm->s.pc < vm->n) {
        const bool more = px_fast_native_make(fast, base_of(fast, vm), vm->n, vm->s.pc);
        fast->patience = px_fast_patience(fast->native, fast->patience, more);
        fast->ran = 0;
    }
    return given - left;
}

uint64_t px_fast_run(px_fast *fast, px_vm *vm, uint64_t count)
{
    px_state *s = &vm->s;
    const uint32_t before = s->retired, base = base_of(fast, vm);
    uint64_t left = count;
    while (s->status == PX_RUNNING && left > 0) {
        px_fast_page *page = s->pc < vm->n ? page_of(fast, base + s->pc) : NULL;
        fast->slow = page == NULL;
        left -= page != NULL ? run_page(fast, vm, page, left) : 0;
        if (!fast->slow)
            continue;
        if (!step(fast, vm))
            break;
        left--;
    }
    s->retired = before + (uint32_t)(count - left);
    return count - left;
}
