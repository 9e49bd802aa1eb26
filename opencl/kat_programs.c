/* kat_programs.c - the programs of the known-answer test. Every answer was worked out on paper from SPEC.md; comments
 * say how where it does not show. */
#include "opencl/kat_programs.h"

#include "pxi/isa.h"

/* The tables are laid out by hand. */
/* clang-format off */

#define BYTE(x)        ((uint32_t)(x) & 255u)
#define I(op, a, b, c) ((uint32_t)PX_OP_##op | BYTE(a) << 8 | BYTE(b) << 16 | BYTE(c) << 24)
#define SET(r, x)      I(LIT, r, 0, 0), (x)
#define M(address)     (KAT_MEMORY + (address))
#define HALT           I(HALT, 0, 0, 0)

/* f(0x80000001, 35) for each word function. As signed numbers: -2147483647 and 35; their product is
 * -17.499.. * 2^32; unsigned, 17.5 * 2^32 + 35. */
#define WORDS(X)                                                                                                       \
    X(ADD, 0, 0x80000024)  X(SUB, 1, 0x7FFFFFDE)  X(AND, 2, 1)           X(OR, 3, 0x80000023)                          \
    X(XOR, 4, 0x80000022)  X(SHL, 5, 8)           X(SHR, 6, 0x10000000)  X(SAR, 7, 0xF0000000)                         \
    X(SLT, 8, 1)           X(SLTU, 9, 0)          X(SEQ, 10, 0)          X(MIN, 11, 0x80000001)                        \
    X(MAX, 12, 35)         X(MUL, 13, 0x80000023) X(MULH, 14, 0xFFFFFFEE) X(MULHU, 15, 17)

/* f(0xF0107F80, 0x20018001) for each byte function. The pairs, from byte 0: 80,01 7F,80 10,01 F0,20. */
#define BYTES(X)                                                                                                       \
    X(ADD, 0, 0x1011FF81)  X(SUB, 1, 0xD00FFF7F)   X(ADDU, 2, 0xFF11FF81)  X(SUBU, 3, 0xD00F007F)                      \
    X(ADDS, 4, 0x1011FF81) X(SUBS, 5, 0xD00F7F80)  X(SHL, 6, 0xF0207F00)   X(SHR, 7, 0xF0087F40)                       \
    X(SLT, 8, 0x01000001)  X(SLTU, 9, 0x00000100)  X(SEQ, 10, 0)           X(MIN, 11, 0xF0018080)                      \
    X(MAX, 12, 0x20107F01) X(MINU, 13, 0x20017F01) X(MAXU, 14, 0xF0108080) X(MULU, 15, 0x1E004001)

#define SCALAR_CODE(f, n, x)   I(f, 100 + (n), 1, 2),
#define SCALAR_ANSWER(f, n, x) {100 + (n), x, PX_OP_##f},

static const uint32_t scalar_code[] = {
    SET(1, 0x80000001), SET(2, 35), WORDS(SCALAR_CODE)
    I(ADDI, 10, 2, -36), I(SLTUI, 11, 2, -1), I(SLTI, 12, 2, -1), /* the byte's sign is extended for all */
    I(SHLI, 13, 2, 33), I(MULHUI, 14, 1, -1), I(MULHI, 15, 1, -1), I(SARI, 16, 1, 4),
    I(LI, 20, 0xFE, 0xFF), I(LUI, 21, 0x34, 0x12),
    SET(22, 0x44332211), I(EXT, 23, 22, 6), I(INS, 22, 1, 3), HALT};
static const px_answer scalar_answers[] = {
    WORDS(SCALAR_ANSWER) {10, 0xFFFFFFFF, PX_OP_ADDI}, {11, 1, PX_OP_SLTUI}, {12, 0, PX_OP_SLTI}, {13, 70, PX_OP_SHLI}, {14, 0x80000000, PX_OP_MULHUI}, {15, 0, PX_OP_MULHI}, {16, 0xF8000000, PX_OP_SARI},
    {20, 0xFFFFFFFE, PX_OP_LI}, {21, 0x12340000, PX_OP_LUI}, {23, 0x33, PX_OP_EXT}, {22, 0x01332211, PX_OP_INS}};

/* 7, -2, -7, 2, -2^31, -1 in r1..r6; 4294967294 = 7 * 613566756 + 2 */
static const uint32_t divide_code[] = {
    SET(1, 7), SET(2, 0xFFFFFFFE), SET(3, 0xFFFFFFF9), SET(4, 2), SET(5, 0x80000000), SET(6, 0xFFFFFFFF),
    I(DIV, 10, 1, 2),  I(REM, 11, 1, 2),  I(DIV, 12, 3, 4),  I(REM, 13, 3, 4),  I(DIV, 14, 3, 0),  I(REM, 15, 3, 0),
    I(DIVU, 16, 1, 0), I(REMU, 17, 1, 0), I(DIVU, 18, 2, 4), I(REMU, 19, 2, 1), I(DIV, 20, 5, 6),  I(REM, 21, 5, 6),
    I(DIVU, 22, 5, 6), I(REMU, 23, 5, 6), HALT};
static const px_answer divide_answers[] = {
    {10, 0xFFFFFFFD, PX_OP_DIV}, {11, 1, PX_OP_REM}, {12, 0xFFFFFFFD, PX_OP_DIV}, {13, 0xFFFFFFFF, PX_OP_REM}, {14, 0xFFFFFFFF, PX_OP_DIV}, {15, 0xFFFFFFF9, PX_OP_REM}, {16, 0xFFFFFFFF, PX_OP_DIVU},
    {17, 7, PX_OP_REMU}, {18, 0x7FFFFFFF, PX_OP_DIVU}, {19, 2, PX_OP_REMU}, {20, 0x80000000, PX_OP_DIV}, {21, 0, PX_OP_REM}, {22, 0, PX_OP_DIVU}, {23, 0x80000000, PX_OP_REMU}};

/* The comments are addresses; the picture is 64 x 4. */
static const uint32_t control_code[] = {
    /*  5 */ I(LI, 2, 10, 0),                                    /* r1 = 10 + 9 + .. + 1 */
    /*  6 */ I(ADD, 1, 1, 2), I(ADDI, 2, 2, -1), I(BNE, -2, 2, 0),
    /*  9 */ I(CALL, 3, 2, 0), I(JMP, 0, 2, 0), I(JR, 0, 3, 0),  /* to 11, back to 10, on to 12 */
    /* 12 */ SET(4, I(LI, 5, 77, 0)), I(LI, 6, 16, 0), I(ST, 0, 6, 4), HALT, /* 16 is overwritten, then fetched */
    /* 17 */ SET(7, 0xFFFFFFFF), I(BLT, 2, 7, 0), I(LI, 8, 1, 0), I(BLTU, 2, 7, 0), I(LI, 9, 1, 0),
    /* 23 */ I(BGEU, 2, 7, 0), I(LI, 8, 1, 0), I(BGE, 2, 7, 0), I(LI, 10, 1, 0), I(BEQ, 2, 0, 0), I(LI, 8, 1, 0),
    /* 29 */ I(GET, 11, 0, 0), I(GET, 12, 1, 0), I(GET, 13, 2, 0), I(VL, 0, 1, 0), I(GET, 14, 3, 0),
    /* 34 */ SET(15, 200), SET(16, 0x44332211), I(ST, 1, 15, 16), I(LI, 17, 6, 0), I(LDB, 18, 15, 17),
    /* 41 */ I(LI, 17, 7, 0), SET(19, 0xAB), I(STB, 19, 15, 17), I(LD, 20, 15, 1), I(SYS, 0, 21, 0)};
static const px_answer control_answers[] = {
    {1, 55, PX_OP_BNE}, {3, 10, PX_OP_CALL}, {5, 77, PX_OP_ST}, {8, 0, PX_OP_BLT}, {9, 1, PX_OP_BLTU}, {10, 1, PX_OP_BGE}, {11, 256, PX_OP_GET}, {12, 64, PX_OP_GET}, {13, 4, PX_OP_GET}, {14, 55, PX_OP_GET}, {18, 0x33, PX_OP_LDB},
    {20, 0xAB332211, PX_OP_STB}};

static const uint32_t range_code[] = {SET(1, 0xFFFFFFFF), I(LD, 2, 1, 1)};
static const uint32_t opcode_code[] = {0xAABBCC01};
static const uint32_t overlap_code[] = {I(LI, 1, 4, 0), I(VL, 0, 1, 0), I(LI, 2, 20, 0), I(LI, 3, 23, 0),
                                        I(VADD_VX, 2, 3, 1)};
static const uint32_t jump_code[] = {I(JMP, 0, -6, 0xFF)};
static const uint32_t vl_code[] = {SET(1, 257), I(VL, 0, 1, 0)};

/* The runs of the vector programs: A, B, C, D of 9,000 pixels, which no work-group does in one step, and more room at
 * 60000. r10..r13 hold the bases, r1 the length, r2 = 0, r3 = 1. */
enum { A = 1024, B = 11264, C = 21504, D = 31744, MORE = 60000, LONG = 9000 };
#define RUNS                                                                                                           \
    SET(1, LONG), I(VL, 0, 1, 0), SET(10, A), SET(11, B), SET(12, C), SET(13, D), I(LI, 2, 0, 0), I(LI, 3, 1, 0)

/* Each function on runs (VV) and with a register (VX); the last pixel is looked at. */
#define VV_CODE(f, n, x)     I(V##f##_VV, 13, 10, 11), I(LD, 100 + (n), 14, 0),
#define VX_CODE(f, n, x)     I(V##f##_VX, 13, 10, 5), I(LD, 120 + (n), 14, 0),
#define BVV_CODE(f, n, x)    I(B##f##_VV, 13, 10, 11), I(LD, 100 + (n), 14, 0),
#define BVX_CODE(f, n, x)    I(B##f##_VX, 13, 10, 5), I(LD, 120 + (n), 14, 0),
#define MAP_ANSWERS(f, n, x)  {100 + (n), x, PX_OP_V##f##_VV}, {120 + (n), x, PX_OP_V##f##_VX},
#define BMAP_ANSWERS(f, n, x) {100 + (n), x, PX_OP_B##f##_VV}, {120 + (n), x, PX_OP_B##f##_VX},
static const uint32_t words_code[] = {
    RUNS, SET(14, D + LONG - 1), SET(4, 0x80000001), SET(5, 35), I(FILL, 10, 0, 4), I(FILL, 11, 0, 5),
    WORDS(VV_CODE) WORDS(VX_CODE) HALT};
static const px_answer words_answers[] = {WORDS(MAP_ANSWERS) {M(D + LONG), 0, PX_OP_VMULHU_VX}};
static const uint32_t bytes_code[] = {
    RUNS, SET(14, D + LONG - 1), SET(4, 0xF0107F80), SET(5, 0x20018001), I(FILL, 10, 0, 4), I(FILL, 11, 0, 5),
    BYTES(BVV_CODE) BYTES(BVX_CODE) HALT};
static const px_answer bytes_answers[] = {BYTES(BMAP_ANSWERS) {M(D + LONG), 0, PX_OP_BMULU_VX}};

/* With A[i] = i: the sum of i is 40495500. */
static const uint32_t reduce_code[] = {
    RUNS, I(LI, 4, 3, 0), I(IOTA, 10, 2, 3), I(IOTA, 11, 2, 4),        /* A[i] = i, B[i] = 3i */
    I(VADD_VV, 12, 10, 11), I(SUM, 20, 12, 0),                         /* 4i */
    I(VSUB_VV, 12, 12, 10), I(SUM, 21, 12, 0),                         /* in place: 3i */
    SET(6, 0x7FFFFFFF - 4500), I(VADD_VX, 12, 10, 6),                  /* wraps after i = 4500 */
    I(RMIN, 22, 12, 0), I(RMAX, 23, 12, 0), I(ARGMIN, 24, 12, 0), I(ARGMAX, 25, 12, 0),
    I(LI, 7, 7, 0), I(VAND_VX, 12, 10, 7), I(ARGMAX, 26, 12, 0), I(ARGMIN, 27, 12, 0), /* the first of many */
    I(FILL, 12, 0, 3), I(LI, 8, 5, 0), I(SCANADD, 12, 12, 8), I(SUM, 28, 12, 0), /* in place: C[i] = 5 + i */
    I(VXOR_VX, 12, 10, 3), I(LI, 9, 2, 0), I(SCANMAX, 13, 12, 9),      /* of 1, 0, 3, 2, 5, 4, .. */
    I(VL, 0, 2, 0), I(SUM, 30, 12, 0), I(RMIN, 31, 12, 0), I(RMAX, 32, 12, 0), HALT};
static const px_answer reduce_answers[] = {
    {20, 161982000, PX_OP_SUM}, {21, 121486500, PX_OP_SUM}, {22, 0x80000000, PX_OP_RMIN}, {23, 0x7FFFFFFF, PX_OP_RMAX}, {24, 4501, PX_OP_ARGMIN}, {25, 4500, PX_OP_ARGMAX}, {26, 7, PX_OP_ARGMAX}, {27, 0, PX_OP_ARGMIN},
    {8, 9005, PX_OP_SCANADD}, {28, 40540500, PX_OP_SCANADD}, {9, 8999, PX_OP_SCANMAX}, {M(D), 2, PX_OP_SCANMAX}, {M(D + 1), 2, PX_OP_SCANMAX}, {M(D + 5), 5, PX_OP_SCANMAX}, {M(D + 8192), 8191, PX_OP_SCANMAX},
    {M(D + 8999), 8999, PX_OP_SCANMAX}, {30, 0, PX_OP_SUM}, {31, 0x7FFFFFFF, PX_OP_RMIN}, {32, 0x80000000, PX_OP_RMAX}};

static const uint32_t runs_code[] = {
    RUNS, I(IOTA, 10, 2, 3), I(VAND_VX, 11, 10, 3),                     /* A[i] = i, B[i] = i & 1 */
    I(SELECT, 13, 10, 11), I(SUM, 20, 13, 0),                           /* the odd i: 4500^2 together */
    SET(5, 8999), SET(6, 0xFFFFFFFF), I(IOTA, 11, 5, 6),                /* B[i] = 8999 - i */
    SET(30, A), SET(31, 4000), I(GATHER, 13, 30, 11), I(SUM, 21, 13, 0), /* 0 + 1 + .. + 3999 */
    I(LD, 22, 13, 0), SET(14, D + 5000), I(LD, 23, 14, 0),              /* outside the table; 3999 */
    I(LI, 15, 15, 0), I(VAND_VX, 11, 10, 15), I(FILL, 12, 0, 3),
    SET(40, MORE), SET(41, 8), I(SCATADD, 40, 12, 11),                  /* 562 sixteens, and 0..7 once more */
    SET(50, D), I(LI, 51, 1, 0), SET(52, A), I(LI, 53, 3, 0), SET(54, 3000), I(VL, 0, 54, 0), I(COPYS, 50, 52, 0),
    I(LI, 55, 0, 1), I(VL, 0, 55, 0), SET(56, MORE + 1000), SET(57, 0xFFFFFFFF), SET(58, 0xFEFEFEFF),
    I(IOTA, 56, 57, 58), I(VL, 0, 1, 0), I(LUT, 10, 10, 56), I(SUM, 24, 10, 0), /* bytes inverted: A[i] = -1 - i */
    HALT};
static const px_answer runs_answers[] = {
    {20, 20250000, PX_OP_SELECT}, {21, 7998000, PX_OP_GATHER}, {22, 0, PX_OP_GATHER}, {23, 3999, PX_OP_GATHER}, {M(MORE), 563, PX_OP_SCATADD}, {M(MORE + 7), 563, PX_OP_SCATADD}, {M(MORE + 8), 0, PX_OP_SCATADD},
    {M(D + 2999), 8997, PX_OP_COPYS}, {M(A + 5), 0xFFFFFFFA, PX_OP_LUT}, {24, 4254462796u, PX_OP_LUT}};

/* In place; looked at where packed and unpacked pixels meet. */
static const uint32_t pack_code[] = {
    RUNS, I(IOTA, 10, 2, 3), I(VADD_VX, 12, 10, 2), I(VAND_VX, 11, 10, 3), I(PACK, 12, 12, 11), HALT};
static const px_answer pack_answers[] = {
    {12, C + 4500, PX_OP_PACK}, {M(C), 1, PX_OP_PACK}, {M(C + 100), 201, PX_OP_PACK}, {M(C + 4096), 8193, PX_OP_PACK}, {M(C + 4499), 8999, PX_OP_PACK}, {M(C + 4500), 4500, PX_OP_PACK},
    {M(C + 8999), 8999, PX_OP_PACK}};

/* BLEND: alpha 128 of (16, 32, 64, 128) over (128, 0, 255, 16): 18304, 4096, 40577, 18416 by 255.
 * dot4 of 0x80402010 and 0x489F1048: 16*72 + 32*16 + 64*-97 + -128*72 = -13760.
 * REQ: x = i - 40, times 2^30 / 2^33, halves upward, less 3.
 * MATMUL: A[m][k] = 40m + k, B = 1, C starts at 5: 1600m + 780 + 5. */
static const uint32_t tensor_code[] = {
    RUNS, SET(4, 0x80402010), SET(5, 0x10FF0080), I(FILL, 12, 0, 4), I(FILL, 13, 0, 5), I(BLEND, 13, 12, 0),
    I(LD, 20, 13, 0), I(DOT4_VV, 11, 12, 13), I(LD, 21, 11, 0), I(DOT4_VX, 11, 12, 20), I(LD, 22, 11, 0),
    I(LI, 23, 1, 0), I(VDOT, 23, 12, 13),
    SET(30, 8000), I(VL, 0, 30, 0), SET(31, 0xFFFFFFD8), I(IOTA, 12, 31, 3), SET(32, 2000), I(VL, 0, 32, 0),
    SET(40, 0x40000000), I(LI, 41, 33, 0), SET(42, 0xFFFFFFFD), I(REQ, 13, 12, 40),
    I(VL, 0, 1, 0), I(IOTA, 10, 2, 3), I(FILL, 11, 0, 3), SET(60, MORE), SET(61, 64), SET(62, A), SET(63, 40),
    SET(64, B), SET(65, 0), SET(66, 3), SET(67, 50), SET(68, 40), SET(50, 5), SET(51, 192), I(VL, 0, 51, 0),
    I(FILL, 60, 0, 50), I(MATMUL, 60, 0, 0), HALT};
static const px_answer tensor_answers[] = {
    {20, 0x489F1048, PX_OP_BLEND}, {21, 0xFFFFCA40, PX_OP_DOT4_VV}, {22, 0xFFFFCA40, PX_OP_DOT4_VX}, {23, 0xF89E5A01, PX_OP_VDOT}, {M(D), 0xF8F8F8F8, PX_OP_REQ}, {M(D + 1), 0xF9F9F9F9, PX_OP_REQ},
    {M(D + 10), 0xFDFDFDFD, PX_OP_REQ}, {M(D + 11), 0xFEFEFEFE, PX_OP_REQ}, {M(D + 1999), 0x7F7F7F7F, PX_OP_REQ}, {M(MORE), 785, PX_OP_MATMUL}, {M(MORE + 64), 2385, PX_OP_MATMUL},
    {M(MORE + 128 + 49), 3985, PX_OP_MATMUL}, {M(MORE + 50), 5, PX_OP_MATMUL}, {M(MORE + 191), 5, PX_OP_MATMUL}};

/* Five slots of 300 pixels at 1024, machines of 4 x 8 whose image is at 268: r1 counts rounds, m[16+i] = r1 * (i + 1), r2
 * their sum, 136 * r1. The first goes round until its allowance of 9 ends, in its second round before the jump; the
 * others have other words there: HALT, RESUME, SYS; the last is no state. So 0, 95, 96, 95 and 100 are left. */
enum { SLOTS = 1024, SLOT = 300, ALLOWANCES = 400, INNER = SLOTS + 268 };
#define IN_SLOT(k, at) M(SLOTS + (k)*SLOT + (at))
static const uint32_t slots_code[] = {
    SET(10, SLOTS), SET(11, SLOT), SET(12, ALLOWANCES), SET(13, INNER), SET(14, SLOTS + SLOT),
    SET(1, 0x01535850), I(ST, 0, 10, 1), I(LI, 2, 1, 0), I(ST, 1, 10, 2), I(LI, 3, 4, 0), I(ST, 2, 10, 3),
    I(LI, 4, 8, 0), I(ST, 3, 10, 4), I(LI, 5, 16, 0), I(ST, 14, 10, 5),
    SET(6, I(ADDI, 1, 1, 1)), I(ST, 0, 13, 6), SET(6, I(VL, 0, 4, 0)), I(ST, 1, 13, 6),
    SET(6, I(IOTA, 4, 1, 1)), I(ST, 2, 13, 6), SET(6, I(SUM, 2, 4, 0)), I(ST, 3, 13, 6),
    SET(6, I(JMP, 0, -4, 0xFF)), I(ST, 4, 13, 6),
    I(VL, 0, 11, 0), I(VADD_VX, 14, 10, 0), I(ADD, 14, 14, 11), I(VADD_VX, 14, 10, 0), I(ADD, 14, 14, 11),
    I(VADD_VX, 14, 10, 0), I(ADD, 14, 14, 11), I(VADD_VX, 14, 10, 0), I(ST, 0, 14, 0),
    I(ADD, 13, 13, 11), I(ST, 4, 13, 0), I(ADD, 13, 13, 11), SET(6, I(RESUME, 1, 2, 3)), I(ST, 4, 13, 6),
    I(ADD, 13, 13, 11), SET(6, I(SYS, 0, 2, 0)), I(ST, 4, 13, 6),
    I(LI, 7, 5, 0), I(VL, 0, 7, 0), I(LI, 8, 100, 0), I(FILL, 12, 0, 8), I(LI, 9, 9, 0), I(ST, 0, 12, 9),
    I(RESUME, 10, 12, 0), I(SUM, 20, 12, 0), HALT};
static const px_answer slots_answers[] = {
    {20, 386, PX_OP_RESUME}, {M(ALLOWANCES), 0, PX_OP_RESUME}, {1, 0x01535850, PX_OP_RESUME}, {12, ALLOWANCES, PX_OP_RESUME},
    {IN_SLOT(0, 4), 4, PX_OP_RESUME}, {IN_SLOT(0, 5), 16, PX_OP_RESUME}, {IN_SLOT(0, 6), PX_RUNNING, PX_OP_RESUME}, {IN_SLOT(0, 9), 9, PX_OP_RESUME}, {IN_SLOT(0, 11), 2, PX_OP_RESUME}, {IN_SLOT(0, 12), 272, PX_OP_SUM},
    {IN_SLOT(0, 268 + 31), 32, PX_OP_IOTA}, {IN_SLOT(1, 6), PX_HALTED, PX_OP_RESUME}, {IN_SLOT(1, 12), 136, PX_OP_SUM},
    {IN_SLOT(2, 4), 4, PX_OP_RESUME}, {IN_SLOT(2, 6), PX_TRAPPED, PX_OP_RESUME}, {IN_SLOT(2, 7), PX_TRAP_NEST, PX_OP_RESUME}, {IN_SLOT(2, 8), I(RESUME, 1, 2, 3), PX_OP_RESUME},
    {IN_SLOT(3, 4), 5, PX_OP_RESUME}, {IN_SLOT(3, 6), PX_WAITING, PX_OP_RESUME}, {IN_SLOT(3, 8), 2, PX_OP_RESUME}, {IN_SLOT(4, 9), 0, PX_OP_RESUME}, {IN_SLOT(4, 11), 0, PX_OP_RESUME}};

/* dot_test of SPEC.md section 10, and a saturating ADD of rows 1 and 4 to row 4; 8 x 5. */
static const uint32_t classic_code[] = {
    PX_OP_C_DOT | 1u << 8 | 2u << 16 | 3u << 24, PX_OP_C_ADD | 1u << 8 | 4u << 16 | 4u << 24, 0, 0, 0, 0, 0, 0,
    1, 2, 3, 4, 0, 0, 0, 0,
    10, 20, 30, 40, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    255, 0x0000FF00, 7, 0, 0, 0, 0, 0};
static const px_answer classic_answers[] = {{M(24), 300, PX_OP_C_DOT}, {M(32), 255, PX_OP_C_ADD}, {M(33), 0x0000FF02, PX_OP_C_ADD}, {M(34), 10, PX_OP_C_ADD}, {M(35), 4, PX_OP_C_ADD}};

/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HALTS(name, w, h, which, pc)                                                                                   \
    {                                                                                                                  \
        name, PX_V1, w, h, which##_code, COUNT(which##_code), PX_HALTED, PX_TRAP_NONE, 0, pc, which##_answers,         \
            COUNT(which##_answers)                                                                                     \
    }
#define TRAPS(name, which, cause, value, pc)                                                                           \
    {                                                                                                                  \
        name, PX_V1, 64, 4, which##_code, COUNT(which##_code), PX_TRAPPED, PX_TRAP_##cause, value, pc, NULL, 0         \
    }
#define LAST(which) (5 + COUNT(which##_code) - 1) /* the HALT stands last */

const char px_kat_slots[] = "slots";

const px_kat px_kats[] = {
    HALTS("scalar", 64, 4, scalar, LAST(scalar)),
    HALTS("divide", 64, 4, divide, LAST(divide)),
    {"control", PX_V1, 64, 4, control_code, COUNT(control_code), PX_WAITING, PX_TRAP_NONE, 21, 5 + COUNT(control_code),
     control_answers, COUNT(control_answers)},
    TRAPS("range trap", range, RANGE, 0, 7),
    TRAPS("opcode trap", opcode, OPCODE, 0xAABBCC01, 5),
    TRAPS("overlap trap", overlap, OVERLAP, 23, 9),
    TRAPS("jump trap", jump, PC, 0xFFFFFFFF, 5),
    TRAPS("vl trap", vl, VL, 257, 7),
    HALTS("word maps", 256, 256, words, LAST(words)),
    HALTS("byte maps", 256, 256, bytes, LAST(bytes)),
    HALTS("reduce and scan", 256, 256, reduce, LAST(reduce)),
    HALTS("runs", 256, 256, runs, LAST(runs)),
    HALTS("pack", 256, 256, pack, LAST(pack)),
    HALTS("tensor", 256, 256, tensor, LAST(tensor)),
    HALTS(px_kat_slots, 64, 40, slots, LAST(slots)),
    {"classic", PX_CLASSIC, 8, 5, classic_code, COUNT(classic_code), PX_HALTED, PX_TRAP_NONE, 0, 2, classic_answers,
     COUNT(classic_answers)},
};
const size_t px_kat_count = COUNT(px_kats);
