/* rv_step.c - one instruction of RV32IMA. */
#include "tests/cc/rv.h"

/* ---- fields of a word ---- */

static uint32_t bits(uint32_t word, unsigned high, unsigned low)
{
    return word >> low & (uint32_t)((UINT64_C(1) << (high - low + 1)) - 1);
}

static int32_t sign_extended(uint32_t value, unsigned width)
{
    const uint32_t sign = UINT32_C(1) << (width - 1);
    return (int32_t)((value ^ sign) - sign);
}

static int32_t imm_i(uint32_t w) { return sign_extended(bits(w, 31, 20), 12); }
static int32_t imm_s(uint32_t w) { return sign_extended(bits(w, 31, 25) << 5 | bits(w, 11, 7), 12); }
static int32_t imm_b(uint32_t w)
{
    return sign_extended(bits(w, 31, 31) << 12 | bits(w, 7, 7) << 11 | bits(w, 30, 25) << 5 | bits(w, 11, 8) << 1, 13);
}
static int32_t imm_j(uint32_t w)
{
    return sign_extended(bits(w, 31, 31) << 20 | bits(w, 19, 12) << 12 | bits(w, 20, 20) << 11 | bits(w, 30, 21) << 1,
                         21);
}

/* ---- memory: bytes, halves and words where they belong; a picture would not notice others ---- */

static uint32_t *word_at(rv *m, uint32_t address, uint32_t size)
{
    if (address / 4 >= m->pixels)
        return rv_fault(m, "access to %08x, beyond the image", address), NULL;
    if (address % size != 0)
        return rv_fault(m, "misaligned access to %08x, of %u bytes", address, size), NULL;
    return &m->image[address / 4];
}

static uint32_t load(rv *m, uint32_t address, uint32_t size)
{
    const uint32_t *word = word_at(m, address, size);
    return word == NULL ? 0 : size == 4 ? *word : *word >> (8 * (address & 3)) & ((1u << (8 * size)) - 1);
}

static void store(rv *m, uint32_t address, uint32_t size, uint32_t value)
{
    uint32_t *word = word_at(m, address, size);
    if (word == NULL)
        return;
    const unsigned shift = 8 * (address & 3);
    const uint32_t mask = size == 4 ? UINT32_MAX : ((1u << (8 * size)) - 1) << shift;
    *word = (*word & ~mask) | (value << shift & mask);
}

/* ---- arithmetic ---- */

static int32_t as_signed(uint32_t value) { return sign_extended(value, 32); }

static uint32_t shifted_right(uint32_t value, unsigned count)
{
    return (value & 0x80000000u) != 0 ? ~(~value >> count) : value >> count;
}

static uint32_t integer(unsigned function, bool other, uint32_t x, uint32_t y)
{
    switch (function) {
    case 0:
        return other ? x - y : x + y;
    case 1:
        return x << (y & 31);
    case 2:
        return as_signed(x) < as_signed(y);
    case 3:
        return x < y;
    case 4:
        return x ^ y;
    case 5:
        return other ? shifted_right(x, y & 31) : x >> (y & 31);
    case 6:
        return x | y;
    default:
        return x & y;
    }
}

static uint32_t multiplied(unsigned function, uint32_t x, uint32_t y)
{
    const int64_t sx = as_signed(x), sy = as_signed(y);
    switch (function) {
    case 0:
        return x * y;
    case 1:
        return (uint32_t)((uint64_t)(sx * sy) >> 32);
    case 2:
        return (uint32_t)((uint64_t)(sx * (int64_t)y) >> 32);
    case 3:
        return (uint32_t)((uint64_t)x * y >> 32);
    case 4:
        return y == 0 ? UINT32_MAX : (uint32_t)(sx / sy);
    case 5:
        return y == 0 ? UINT32_MAX : x / y;
    case 6:
        return y == 0 ? x : (uint32_t)(sx % sy);
    default:
        return y == 0 ? x : x % y;
    }
}

static bool compared(rv *m, unsigned function, uint32_t x, uint32_t y)
{
    switch (function) {
    case 0:
        return x == y;
    case 1:
        return x != y;
    case 4:
        return as_signed(x) < as_signed(y);
    case 5:
        return as_signed(x) >= as_signed(y);
    case 6:
        return x < y;
    case 7:
        return x >= y;
    default:
        return rv_fault(m, "no such branch"), false;
    }
}

static uint32_t amo_result(rv *m, unsigned function, uint32_t old, uint32_t with)
{
    switch (function) {
    case 0:
        return old + with;
    case 1:
        return with;
    case 4:
        return old ^ with;
    case 8:
        return old | with;
    case 12:
        return old & with;
    case 16:
        return as_signed(old) < as_signed(with) ? old : with;
    case 20:
        return as_signed(old) > as_signed(with) ? old : with;
    case 24:
        return old < with ? old : with;
    case 28:
        return old > with ? old : with;
    default:
        return rv_fault(m, "no such atomic operation"), 0;
    }
}

static uint32_t atomic(rv *m, uint32_t w, uint32_t address, uint32_t with)
{
    const unsigned function = bits(w, 31, 27);
    if (function == 3) { /* SC */
        const bool holds = m->reserved == address;
        m->reserved = 1;
        if (holds)
            store(m, address, 4, with);
        return holds ? 0 : 1;
    }
    const uint32_t old = load(m, address, 4);
    if (function == 2)
        m->reserved = address;
    else
        store(m, address, 4, amo_result(m, function, old, with));
    return old;
}

/* ---- one instruction ---- */

static uint32_t loaded(rv *m, unsigned function, uint32_t address)
{
    switch (function) {
    case 0:
        return (uint32_t)sign_extended(load(m, address, 1), 8);
    case 1:
        return (uint32_t)sign_extended(load(m, address, 2), 16);
    case 2:
        return load(m, address, 4);
    case 4:
        return load(m, address, 1);
    case 5:
        return load(m, address, 2);
    default:
        return rv_fault(m, "no such load"), 0;
    }
}

static void system_call(rv *m, uint32_t w)
{
    if (w == 0x00000073)
        rv_host(m);
    else if (w == 0x00100073)
        m->state = RV_ENDED;
    else
        rv_fault(m, "illegal instruction %08x", w);
}

static uint32_t immediate_operation(rv *m, uint32_t w, uint32_t x)
{
    const unsigned function = bits(w, 14, 12), top = bits(w, 31, 25);
    const bool shift = function == 1 || function == 5;
    if (shift && top != 0 && !(function == 5 && top == 32))
        return rv_fault(m, "illegal instruction %08x", w), 0;
    return integer(function, shift && top == 32, x, shift ? bits(w, 24, 20) : (uint32_t)imm_i(w));
}

static uint32_t register_operation(rv *m, uint32_t w, uint32_t x, uint32_t y)
{
    const unsigned function = bits(w, 14, 12), top = bits(w, 31, 25);
    if (top == 1)
        return multiplied(function, x, y);
    if (top != 0 && !(top == 32 && (function == 0 || function == 5)))
        return rv_fault(m, "illegal instruction %08x", w), 0;
    return integer(function, top == 32, x, y);
}

void rv_step(rv *m)
{
    const uint32_t at = (m->pc - RV_TEXT) / 4;
    if (m->pc % 4 != 0 || at >= m->code_words) {
        rv_fault(m, "jump to %08x, which is no code", m->pc);
        return;
    }
    const uint32_t w = m->code[at], x = m->x[bits(w, 19, 15)], y = m->x[bits(w, 24, 20)];
    const unsigned rd = bits(w, 11, 7), function = bits(w, 14, 12);
    uint32_t next = m->pc + 4, result = m->x[rd];
    switch (bits(w, 6, 0)) {
    case 0x03:
        result = loaded(m, function, x + (uint32_t)imm_i(w));
        break;
    case 0x0F:
        break; /* FENCE */
    case 0x13:
        result = immediate_operation(m, w, x);
        break;
    case 0x17:
        result = m->pc + (w & 0xFFFFF000u);
        break;
    case 0x23:
        if (function > 2)
            rv_fault(m, "no such store");
        else
            store(m, x + (uint32_t)imm_s(w), 1u << function, y);
        break;
    case 0x2F:
        result = atomic(m, w, x, y);
        break;
    case 0x33:
        result = register_operation(m, w, x, y);
        break;
    case 0x37:
        result = w & 0xFFFFF000u;
        break;
    case 0x63:
        if (compared(m, function, x, y))
            next = m->pc + (uint32_t)imm_b(w);
        break;
    case 0x67:
        result = next;
        next = (x + (uint32_t)imm_i(w)) & ~1u;
        break;
    case 0x6F:
        result = next;
        next = m->pc + (uint32_t)imm_j(w);
        break;
    case 0x73:
        system_call(m, w);
        result = m->x[rd]; /* ecall's answer is in a0 */
        break;
    case 0x0B:
    case 0x2B:
    case 0x5B:
    case 0x7B:
        rv_custom(m, w);
        result = m->x[rd];
        break;
    default:
        rv_fault(m, "illegal instruction %08x", w);
    }
    if (m->state == RV_FAULT)
        return;
    m->x[rd] = result;
    m->x[0] = 0;
    m->pc = next;
    m->retired++;
}
