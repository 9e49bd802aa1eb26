/* follow.c - see follow.h. */
#include "exec/follow.h"

#include "pxi/pixel.h"

bool px_follow_look(px_follow *f, px_machine *machine, px_error *error)
{
    uint32_t words[PX_STATE_SPACE];
    if (!px_get(machine, PX_SPACE_REGISTER, 0, f->reg, 256, error) ||
        !px_get(machine, PX_SPACE_STATE, 0, words, PX_STATE_SPACE, error))
        return false;
    f->profile = machine->profile;
    f->pc = words[PX_WORD_PC];
    f->vl = words[PX_WORD_VL];
    return true;
}

bool px_follow_begin(px_follow *f, px_machine *machine, px_error *error)
{
    f->depth = f->least = 0;
    f->loaded = false;
    return px_follow_look(f, machine, error);
}

bool px_follow_calls(const px_follow *f, const px_retire *retire, uint32_t *to)
{
    const uint32_t op = px_byte(retire->instruction, 0);
    *to = retire->pc + 1;
    return retire->slot < 0 && f->profile == PX_V1 &&
           (op == PX_OP_CALL || (op == PX_OP_JR && f->loaded && f->literal == retire->pc + 1));
}

static uint32_t *place(px_follow *f, int64_t depth) { return &f->returns[(uint64_t)depth % PX_FOLLOW_CALLS]; }

/* A jump to where one of the open calls returns to ends that call, and those within it. */
static void jumped(px_follow *f, uint32_t target)
{
    const int64_t least = f->depth - f->least > PX_FOLLOW_CALLS ? f->depth - PX_FOLLOW_CALLS : f->least;
    for (int64_t d = f->depth; d > least; d--)
        if (*place(f, d - 1) == target) {
            f->depth = d - 1;
            return;
        }
    if (f->is_return != NULL && f->is_return(f->context, target)) {
        f->depth = f->least - 1;
        f->least = f->depth;
    }
}

static void called_or_returned(px_follow *f, const px_retire *retire)
{
    uint32_t to;
    if (px_follow_calls(f, retire, &to)) {
        *place(f, f->depth) = to;
        f->depth++;
    } else if (px_byte(retire->instruction, 0) == PX_OP_JR) {
        jumped(f, f->reg[px_byte(retire->instruction, 2)]);
    }
}

static bool taken(uint32_t op, uint32_t x, uint32_t y)
{
    const uint32_t sign = UINT32_C(0x80000000);
    switch (op) {
    case PX_OP_BEQ:
        return x == y;
    case PX_OP_BNE:
        return x != y;
    case PX_OP_BLT:
        return (x ^ sign) < (y ^ sign);
    case PX_OP_BGE:
        return (x ^ sign) >= (y ^ sign);
    case PX_OP_BLTU:
        return x < y;
    default:
        return x >= y;
    }
}

/* Where it goes on after an instruction of v1. */
static uint32_t next_pc(const px_follow *f, const px_retire *retire)
{
    const uint32_t pixel = retire->instruction, op = px_byte(pixel, 0), b = px_byte(pixel, 2), c = px_byte(pixel, 3);
    switch (op) {
    case PX_OP_HALT:
        return retire->pc;
    case PX_OP_LIT:
        return retire->pc + 2;
    case PX_OP_JMP:
    case PX_OP_CALL:
        return retire->pc + px_sign_extend16(b | c << 8);
    case PX_OP_JR:
        return f->reg[b];
    default:
        return px_opcode_of(PX_V1, (uint8_t)op)->class == PX_CLASS_BRANCH && taken(op, f->reg[b], f->reg[c])
                   ? retire->pc + px_sign_extend8(px_byte(pixel, 1))
                   : retire->pc + 1;
    }
}

void px_follow_retired(px_follow *f, const px_retire *retire)
{
    const uint32_t op = px_byte(retire->instruction, 0);
    if (retire->slot >= 0)
        return;
    if (f->profile == PX_V1) {
        called_or_returned(f, retire);
        f->loaded = op == PX_OP_LIT;
        f->literal = retire->value;
        f->pc = next_pc(f, retire);
        if (op == PX_OP_VL)
            f->vl = f->reg[px_byte(retire->instruction, 2)];
    }
    if (retire->reg >= 0)
        f->reg[retire->reg] = retire->value;
}
