/* straight.cl - what most scalar code consists of, in a loop that is short, for a work-item that is alone with it.
 *
 * A GPU's work-item waits four clocks for a sum of the one before, and some twenty-five for each condition. px_scalar has a tree of
 * conditions to each instruction, and more behind it. Here the most frequent have one, and the loop another; the pixel behind is read
 * with each, before it is known to be the next. What is not here, and what traps, is left to px_scalar. */

#if PX_TEAM

/* Where a machine is in it. */
typedef struct px_way {
    uint pc, vl, left; /* left: instructions that may retire */
    uint at;           /* the instruction at pc, where it has stopped before that */
} px_way;

#define NOWHERE 0xFFFFFFFFu

/* isa.def numbers the functions of two classes alike, ADD and SUB with a register and without, LUI behind LI, and each comparison
 * before its opposite. */
uint px_is_sum(uint op) { return (op & 0xEEu) == OP_ADD; }
uint px_is_constant(uint op) { return (op & 0xFEu) == OP_LI; }
uint px_holds(uint op, uint x, uint y)
{
    return (op < OP_BLT ? x == y : op < OP_BLTU ? as_int(x) < as_int(y) : x < y) != (op & 1u);
}

#define WAY_WORD(id, fn)                                                                                               \
    case OP_##id & 15u:                                                                                                \
        *to = word_##fn(x, y);                                                                                         \
        break;
#define WAY_QUOTIENT(id, fn)                                                                                           \
    case OP_##id:                                                                                                      \
        *to = divide_##fn(x, y);                                                                                       \
        break;

void px_way_word(uint op, __local uint *to, uint x, uint y)
{
    switch (op & 15u) {
        PX_CLASS_ALUI(WAY_WORD)
    }
}

void px_way_quotient(uint op, __local uint *to, uint x, uint y)
{
    switch (op) {
        PX_CLASS_DIV(WAY_QUOTIENT)
    }
}

/* Does the instruction i at pc, if it is one behind which the pixel ahead is not the next: a jump, a literal, or a store, which may
 * have changed it. Returns where it goes; beyond the image: it has not been done. */
uint px_way_elsewhere(uint i, uint pc, uint ahead, __local uint *r, __global uint *m, uint pixels)
{
    const uint op = byte_of(i, 0), x = r[byte_of(i, 2)], to = byte_of(i, 1);
    uint next = NOWHERE;
    if (op == OP_JMP) {
        next = pc + word_SAR(i, 16);
    } else if (op == OP_JR) {
        next = x;
    } else if (op == OP_CALL) {
        next = pc + word_SAR(i, 16);
        if (next < pixels)
            r[to] = pc + 1u;
    } else if (op == OP_LIT) {
        next = pc + 2u;
        if (next < pixels)
            r[to] = ahead;
    } else if (op == OP_ST && x < pixels && x + to < pixels && pc + 1u < pixels) {
        next = pc + 1u;
        m[x + to] = r[byte_of(i, 3)];
    }
    return next;
}

/* To a jump or to the end; returns where the instruction at pc goes, beyond the image where it is not done. */
uint px_way_straight(px_way *way, __local uint *r, __global uint *m, uint pixels)
{
    const uint begin = way->pc, end = begin + min(way->left, pixels - begin);
    uint pc = begin, i = m[pc], next = NOWHERE;
    do {
        const uint op = byte_of(i, 0), x = r[byte_of(i, 2)], z = r[byte_of(i, 3)], ahead = m[min(pc + 1u, pixels - 1u)];
        const uint y = op & (OP_ADDI - OP_ADD) ? word_SAR(i, 24) : z, minus = 0u - (op & 1u);
        __local uint *to = r + byte_of(i, 1);
        if (px_is_sum(op) | px_is_constant(op)) {
            *to = px_is_sum(op) ? x + ((y ^ minus) - minus) : op & 1u ? i & 0xFFFF0000u : word_SAR(i, 16);
        } else if (op >= FIRST_VECTOR) {
            break;
        } else if (op - OP_BEQ <= OP_BGEU - OP_BEQ) {
            if (px_holds(op, x, z)) {
                next = pc + word_SAR(i << 16, 24);
                break;
            }
        } else if (op == OP_VL) {
            if (x > pixels)
                break;
            way->vl = x;
        } else if (op - OP_ADD <= OP_MULHUI - OP_ADD) {
            px_way_word(op, to, x, y);
        } else if ((op < OP_BEQ) | (op == OP_ST)) {
            next = px_way_elsewhere(i, pc, ahead, r, m, pixels);
            break;
        } else if (op == OP_LD) {
            if (x >= pixels || x + byte_of(i, 3) >= pixels)
                break;
            *to = m[x + byte_of(i, 3)];
        } else if (op - OP_DIV <= OP_REMU - OP_DIV) {
            px_way_quotient(op, to, x, z);
        } else {
            break;
        }
        i = ahead;
    } while (++pc != end);
    way->left -= pc - begin;
    way->pc = pc;
    way->at = i;
    return next;
}

/* As far as it goes; returns whether it has come to a vector instruction. */
uint px_straight(px_cpu *cpu, __local uint *r, __global uint *m, uint pixels, uint allow, uint *fuel)
{
    const uint most = min(allow - cpu->executed, *fuel);
    px_way way;
    way.pc = cpu->pc;
    way.vl = cpu->vl;
    way.left = most;
    way.at = 0u;
    while (way.left != 0u && way.pc < pixels) {
        const uint next = px_way_straight(&way, r, m, pixels);
        if (next >= pixels)
            break;
        way.pc = next;
        way.left--;
    }
    cpu->pc = way.pc;
    cpu->vl = way.vl;
    cpu->executed += most - way.left;
    *fuel -= most - way.left;
    return way.left != 0u && way.pc < pixels && byte_of(way.at, 0) >= FIRST_VECTOR;
}

#endif
