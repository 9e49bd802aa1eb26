/* word.cl - the functions on words and bytes (SPEC.md sections 5 and 6).
 *
 * All arithmetic is unsigned: signed overflow is undefined, and compilers use that. as_int only reinterprets. The
 * names after the underscore are isa.def's, so a function missing here is a compile error. */

#define KERNEL __kernel __attribute__((reqd_work_group_size(PX_WG, 1, 1))) void

/* For kernels that want many registers: NVIDIA's assembler keeps to the limit that program.c names, but not where it is told the
 * size of the group. */
#if PX_PTX
#define LIMITED_KERNEL __kernel void
#else
#define LIMITED_KERNEL KERNEL
#endif

/* The work-items of a group of px_run that run in step with item 0 and do short runs with it: team.cl. 0: none. What a GPU does by
 * 32 a group of a CPU, which tests alone have, does by 1. */
#if PX_WG == 1 || !defined(ONLY_px_run)
#define PX_TEAM 0
#elif PX_PTX && PX_WG % 32 == 0
#define PX_TEAM 32u
#else
#define PX_TEAM 1u
#endif

uint word_ADD(uint x, uint y) { return x + y; }
uint word_SUB(uint x, uint y) { return x - y; }
uint word_AND(uint x, uint y) { return x & y; }
uint word_OR(uint x, uint y) { return x | y; }
uint word_XOR(uint x, uint y) { return x ^ y; }
uint word_SHL(uint x, uint y) { return x << (y & 31u); }
uint word_SHR(uint x, uint y) { return x >> (y & 31u); }
uint word_SAR(uint x, uint y) { return as_uint(as_int(x) >> (y & 31u)); }
uint word_SLT(uint x, uint y) { return as_int(x) < as_int(y) ? 1u : 0u; }
uint word_SLTU(uint x, uint y) { return x < y ? 1u : 0u; }
uint word_SEQ(uint x, uint y) { return x == y ? 1u : 0u; }
uint word_MIN(uint x, uint y) { return as_int(x) < as_int(y) ? x : y; }
uint word_MAX(uint x, uint y) { return as_int(x) > as_int(y) ? x : y; }
uint word_MUL(uint x, uint y) { return x * y; }
uint word_MULH(uint x, uint y) { return (uint)(as_ulong((long)as_int(x) * (long)as_int(y)) >> 32); }
uint word_MULHU(uint x, uint y) { return (uint)((ulong)x * (ulong)y >> 32); }

uint compare_EQ(uint x, uint y) { return x == y; }
uint compare_NE(uint x, uint y) { return x != y; }
uint compare_LT(uint x, uint y) { return as_int(x) < as_int(y); }
uint compare_GE(uint x, uint y) { return as_int(x) >= as_int(y); }
uint compare_LTU(uint x, uint y) { return x < y; }
uint compare_GEU(uint x, uint y) { return x >= y; }

/* The divisor is replaced before the division: a branch around it does not stop every compiler from speculating. */
uint divide_DIVU(uint x, uint y) { return y == 0u ? 0xFFFFFFFFu : x / (y == 0u ? 1u : y); }
uint divide_REMU(uint x, uint y) { return y == 0u ? x : x % (y == 0u ? 1u : y); }

uint negate_if(uint x, uint condition) { return condition ? 0u - x : x; }
uint magnitude(uint x) { return negate_if(x, x >> 31); }

/* By magnitudes, -2^31 / -1 needs no case of its own: 2^31 / 1 is the bit pattern of -2^31. */
uint divide_DIV(uint x, uint y)
{
    return y == 0u ? 0xFFFFFFFFu : negate_if(divide_DIVU(magnitude(x), magnitude(y)), (x ^ y) >> 31);
}
uint divide_REM(uint x, uint y) { return y == 0u ? x : negate_if(divide_REMU(magnitude(x), magnitude(y)), x >> 31); }

/* Bytes travel in words, 0..255; only bits 7:0 of a result count. */
uint signed_byte(uint x) { return (x ^ 128u) - 128u; }
uint within(uint x, uint least, uint most) { return word_MIN(word_MAX(x, least), most); }
uint signed_limit(uint x) { return within(x, 0u - 128u, 127u); }
/* round(p / 255) for p <= 65025 */
uint by_255(uint p) { return (p + 128u + ((p + 128u) >> 8)) >> 8; }

uint byte_ADD(uint x, uint y) { return x + y; }
uint byte_SUB(uint x, uint y) { return x - y; }
uint byte_ADDU(uint x, uint y) { return word_MIN(x + y, 255u); }
uint byte_SUBU(uint x, uint y) { return x > y ? x - y : 0u; }
uint byte_ADDS(uint x, uint y) { return signed_limit(signed_byte(x) + signed_byte(y)); }
uint byte_SUBS(uint x, uint y) { return signed_limit(signed_byte(x) - signed_byte(y)); }
uint byte_SHL(uint x, uint y) { return x << (y & 7u); }
uint byte_SHR(uint x, uint y) { return x >> (y & 7u); }
uint byte_SLT(uint x, uint y) { return word_SLT(signed_byte(x), signed_byte(y)); }
uint byte_SLTU(uint x, uint y) { return word_SLTU(x, y); }
uint byte_SEQ(uint x, uint y) { return word_SEQ(x, y); }
uint byte_MIN(uint x, uint y) { return word_MIN(signed_byte(x), signed_byte(y)); }
uint byte_MAX(uint x, uint y) { return word_MAX(signed_byte(x), signed_byte(y)); }
uint byte_MINU(uint x, uint y) { return word_MIN(x, y); }
uint byte_MAXU(uint x, uint y) { return word_MAX(x, y); }
uint byte_MULU(uint x, uint y) { return by_255(x * y); }

uint byte_of(uint x, uint k) { return x >> 8u * k & 255u; }
uint pixel_of(uint k0, uint k1, uint k2, uint k3)
{
    return (k0 & 255u) | (k1 & 255u) << 8 | (k2 & 255u) << 16 | k3 << 24;
}
#define EACH_BYTE(g, x, y)                                                                                             \
    pixel_of(g(byte_of(x, 0), byte_of(y, 0)), g(byte_of(x, 1), byte_of(y, 1)), g(byte_of(x, 2), byte_of(y, 2)),        \
             g(byte_of(x, 3), byte_of(y, 3)))

#if PX_PTX
/* One instruction of NVIDIA's GPUs; program.c asks for it where it compiles. */
uint dot4(uint x, uint y)
{
    uint sum;
    asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(sum) : "r"(x), "r"(y), "r"(0u));
    return sum;
}
#else
uint dot4(uint x, uint y)
{
    return signed_byte(byte_of(x, 0)) * signed_byte(byte_of(y, 0)) +
           signed_byte(byte_of(x, 1)) * signed_byte(byte_of(y, 1)) +
           signed_byte(byte_of(x, 2)) * signed_byte(byte_of(y, 2)) +
           signed_byte(byte_of(x, 3)) * signed_byte(byte_of(y, 3));
}
#endif

uint blend_byte(uint s, uint d, uint alpha) { return by_255(s * alpha + d * (255u - alpha)); }
uint blend(uint s, uint d)
{
    const uint alpha = s >> 24;
    return pixel_of(blend_byte(byte_of(s, 0), byte_of(d, 0), alpha), blend_byte(byte_of(s, 1), byte_of(d, 1), alpha),
                    blend_byte(byte_of(s, 2), byte_of(d, 2), alpha), blend_byte(byte_of(s, 3), byte_of(d, 3), alpha));
}

/* REQ's byte: x scaled by multiplier / 2^(32 + shift), rounded, halves upward. */
uint requantise(uint x, uint multiplier, uint shift, uint zero)
{
    const uint h = word_MULH(x, multiplier);
    const uint q = shift == 0u ? h : word_SAR(h, shift) + (word_SHR(h, shift - 1u) & 1u);
    return signed_limit(q + zero);
}
