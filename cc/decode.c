/* decode.c - RV32IMA and the four custom opcodes, a word into a cc_insn each. Anything else is refused by name. */
#include <string.h>

#include "cc/internal.h"
#include "cc/vector.h"
#include "pxi/isa.h"

enum {
    CODE_LOAD = 0x03,
    CODE_CUSTOM0 = 0x0B,
    CODE_FENCE = 0x0F,
    CODE_IMM = 0x13,
    CODE_AUIPC = 0x17,
    CODE_STORE = 0x23,
    CODE_CUSTOM1 = 0x2B,
    CODE_AMO = 0x2F,
    CODE_REG = 0x33,
    CODE_LUI = 0x37,
    CODE_CUSTOM2 = 0x5B,
    CODE_BRANCH = 0x63,
    CODE_JALR = 0x67,
    CODE_JAL = 0x6F,
    CODE_SYSTEM = 0x73,
    CODE_CUSTOM3 = 0x7B
};

#define UNIMP UINT32_C(0xC0001073) /* csrrw x0, cycle, x0 */
enum { ECALL = 0x00000073, EBREAK = 0x00100073 };

typedef struct fields {
    uint32_t word;
    uint8_t code, rd, rs1, rs2, f3, f7;
} fields;

static fields take(uint32_t word)
{
    return (fields){word,           word & 127,           word >> 7 & 31, word >> 15 & 31, word >> 20 & 31,
                    word >> 12 & 7, (uint8_t)(word >> 25)};
}

static int32_t sign_extend(uint32_t value, unsigned bits)
{
    const uint32_t sign = UINT32_C(1) << (bits - 1);
    return (int32_t)((value ^ sign) - sign);
}

static int32_t imm_i(uint32_t w) { return sign_extend(w >> 20, 12); }
static int32_t imm_s(uint32_t w) { return sign_extend((w >> 25) << 5 | (w >> 7 & 31), 12); }
static int32_t imm_b(uint32_t w)
{
    return sign_extend((w >> 31) << 12 | (w >> 7 & 1) << 11 | (w >> 25 & 63) << 5 | (w >> 8 & 15) << 1, 13);
}
static int32_t imm_j(uint32_t w)
{
    return sign_extend((w >> 31) << 20 | (w >> 12 & 255) << 12 | (w >> 20 & 1) << 11 | (w >> 21 & 1023) << 1, 21);
}

/* ---- what is refused ---- */

/* Instructions of extensions that compilers like to use, for messages. rs2 -1: any. */
static const struct {
    uint8_t code, f3, f7;
    int8_t rs2;
    const char *name;
} foreign[] = {{CODE_REG, 2, 0x10, -1, "sh1add (Zba)"},      {CODE_REG, 4, 0x10, -1, "sh2add (Zba)"},
               {CODE_REG, 6, 0x10, -1, "sh3add (Zba)"},      {CODE_REG, 4, 0x20, -1, "xnor (Zbb)"},
               {CODE_REG, 6, 0x20, -1, "orn (Zbb)"},         {CODE_REG, 7, 0x20, -1, "andn (Zbb)"},
               {CODE_REG, 4, 0x05, -1, "min (Zbb)"},         {CODE_REG, 5, 0x05, -1, "minu (Zbb)"},
               {CODE_REG, 6, 0x05, -1, "max (Zbb)"},         {CODE_REG, 7, 0x05, -1, "maxu (Zbb)"},
               {CODE_REG, 1, 0x05, -1, "clmul (Zbc)"},       {CODE_REG, 2, 0x05, -1, "clmulr (Zbc)"},
               {CODE_REG, 3, 0x05, -1, "clmulh (Zbc)"},      {CODE_REG, 1, 0x30, -1, "rol (Zbb)"},
               {CODE_REG, 5, 0x30, -1, "ror (Zbb)"},         {CODE_REG, 4, 0x04, -1, "pack or zext.h (Zbb, Zbkb)"},
               {CODE_REG, 7, 0x04, -1, "packh (Zbkb)"},      {CODE_REG, 1, 0x24, -1, "bclr (Zbs)"},
               {CODE_REG, 5, 0x24, -1, "bext (Zbs)"},        {CODE_REG, 1, 0x34, -1, "binv (Zbs)"},
               {CODE_REG, 1, 0x14, -1, "bset (Zbs)"},        {CODE_IMM, 1, 0x30, 0, "clz (Zbb)"},
               {CODE_IMM, 1, 0x30, 1, "ctz (Zbb)"},          {CODE_IMM, 1, 0x30, 2, "cpop (Zbb)"},
               {CODE_IMM, 1, 0x30, 4, "sext.b (Zbb)"},       {CODE_IMM, 1, 0x30, 5, "sext.h (Zbb)"},
               {CODE_IMM, 5, 0x30, -1, "rori (Zbb)"},        {CODE_IMM, 5, 0x14, 7, "orc.b (Zbb)"},
               {CODE_IMM, 5, 0x34, 24, "rev8 (Zbb)"},        {CODE_IMM, 1, 0x24, -1, "bclri (Zbs)"},
               {CODE_IMM, 5, 0x24, -1, "bexti (Zbs)"},       {CODE_IMM, 1, 0x34, -1, "binvi (Zbs)"},
               {CODE_IMM, 1, 0x14, -1, "bseti (Zbs)"},       {CODE_REG, 5, 0x07, -1, "czero.eqz (Zicond)"},
               {CODE_REG, 7, 0x07, -1, "czero.nez (Zicond)"}};

static const char *family(uint8_t code)
{
    switch (code) {
    case 0x07:
    case 0x27:
    case 0x43:
    case 0x47:
    case 0x4B:
    case 0x4F:
    case 0x53: /* clang-format off */
        return "an instruction of the floating-point extensions F and D";
    case 0x57:
        return "an instruction of the vector extension V";
    case 0x1B: case 0x3B:
        return "an instruction of 64-bit RISC-V"; /* clang-format on */
    case CODE_SYSTEM:
        return "an instruction for control registers or privileges";
    default:
        return "no instruction of RV32IMA";
    }
}

static bool refuse(const cc_program *p, uint32_t index)
{
    const fields f = take(p->insns[index].word);
    const uint32_t address = cc_address(p, index);
    if ((f.word & 3) != 3)
        return cc_fail_at(p, address, "a compressed instruction or no code, 0x%08x; compile for -march=rv32im",
                          (unsigned)f.word);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (foreign[i].code == f.code && foreign[i].f3 == f.f3 && foreign[i].f7 == f.f7 &&
            (foreign[i].rs2 < 0 || foreign[i].rs2 == f.rs2))
            return cc_fail_at(p, address, "%s, 0x%08x, which pixels have no form for; compile for -march=rv32im",
                              foreign[i].name, (unsigned)f.word);
    return cc_fail_at(p, address, "%s, 0x%08x; compile for -march=rv32im", family(f.code), (unsigned)f.word);
}

/* ---- what is known ---- */

static void set_number(cc_value *value, uint32_t number) { *value = (cc_value){CC_NUMBER, number}; }

static bool decode_imm(cc_insn *n, fields f)
{
    static const uint8_t ops[8] = {CC_ADD, CC_SHL, CC_SLT, CC_SLTU, CC_XOR, CC_SHR, CC_OR, CC_AND};
    n->op = ops[f.f3];
    set_number(&n->k2, (uint32_t)imm_i(f.word));
    if (f.f3 != 1 && f.f3 != 5)
        return true;
    set_number(&n->k2, f.rs2);
    if (f.f3 == 5 && f.f7 == 0x20)
        n->op = CC_SAR;
    else if (f.f7 != 0)
        return false;
    return true;
}

static bool decode_reg(cc_insn *n, fields f)
{
    static const uint8_t plain[8] = {CC_ADD, CC_SHL, CC_SLT, CC_SLTU, CC_XOR, CC_SHR, CC_OR, CC_AND};
    static const uint8_t multiply[8] = {CC_MUL, CC_MULH, CC_MULHSU, CC_MULHU, CC_DIV, CC_DIVU, CC_REM, CC_REMU};
    if (f.f7 == 0x20 && (f.f3 == 0 || f.f3 == 5))
        n->op = f.f3 == 0 ? CC_SUB : CC_SAR;
    else if (f.f7 == 0 || f.f7 == 1)
        n->op = f.f7 == 0 ? plain[f.f3] : multiply[f.f3];
    else
        return false;
    return true;
}

static bool decode_memory(cc_insn *n, fields f)
{
    static const uint8_t loads[8] = {CC_LB, CC_LH, CC_LW, CC_NOP, CC_LBU, CC_LHU, CC_NOP, CC_NOP};
    static const uint8_t stores[8] = {CC_SB, CC_SH, CC_SW, CC_NOP, CC_NOP, CC_NOP, CC_NOP, CC_NOP};
    const bool load = f.code == CODE_LOAD;
    n->op = load ? loads[f.f3] : stores[f.f3];
    n->imm = load ? imm_i(f.word) : imm_s(f.word);
    return n->op != CC_NOP;
}

static bool decode_amo(cc_insn *n, fields f)
{
    static const uint8_t known[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C};
    n->op = CC_AMO;
    n->imm = f.f7 >> 2;
    return f.f3 == 2 && memchr(known, n->imm, sizeof known) != NULL;
}

static bool decode_system(cc_insn *n, uint32_t word)
{
    n->op = word == ECALL ? CC_SYS : word == EBREAK ? CC_HALT : CC_TRAP;
    return word == ECALL || word == EBREAK || word == UNIMP;
}

/* An operand that the opcode takes as a register is read, others are numbers. */
static bool is_register(enum px_role role)
{
    return role == PX_ROLE_REG || role == PX_ROLE_RUN || role == PX_ROLE_ADDRESS || role == PX_ROLE_INDEX;
}

static bool is_number(enum px_role role) { return role == PX_ROLE_OFFSET || role == PX_ROLE_BYTE; }

/* What the three bytes are, and whether the pixel may be written so at all. */
static bool custom_roles(uint8_t number, px_roles *roles)
{
    const px_opcode *opcode = px_opcode_of(PX_V1, number);
    if (opcode->mnemonic == NULL)
        return false;
    if (opcode->class == PX_CLASS_CTRL && number != PX_OP_VL && number != PX_OP_GET && number != PX_OP_RESUME)
        return false;
    *roles = px_roles_of(opcode->operands);
    for (int k = 0; k < 3; k++)
        if (roles->of[k] != PX_ROLE_UNUSED && !is_register(roles->of[k]) && !is_number(roles->of[k]))
            return false;
    return !roles->literal;
}

/* The pixel's opcode is func7 and the low bit of func3; the next bit: some operands are in groups from r80 on. ABI.md.
 */
static bool decode_custom(cc_insn *n, fields f)
{
    const uint8_t number = (uint8_t)(f.f7 | (f.f3 & 1) << 7);
    px_roles roles;
    if (f.f3 > 3 || !custom_roles(number, &roles))
        return false;
    n->op = CC_VECTOR;
    n->target = number;
    n->imm = (f.f3 & 2) != 0 ? CC_GROUPS : 0;
    const bool scan = number == PX_OP_SCANADD || number == PX_OP_SCANMAX;
    if (scan)
        n->imm |= CC_RD_IS_C | CC_READS_RD | CC_WRITES_RD | CC_READS_RS1 | CC_READS_RS2;
    else {
        if (is_register(roles.of[0]))
            n->imm |= (f.code != CODE_CUSTOM1 ? CC_READS_RD : 0) | (f.code != CODE_CUSTOM0 ? CC_WRITES_RD : 0);
        n->imm |= (is_register(roles.of[1]) ? CC_READS_RS1 : 0) | (is_register(roles.of[2]) ? CC_READS_RS2 : 0);
    }
    return !scan || f.code == CODE_CUSTOM2;
}

static bool decode_one(cc_insn *n, uint32_t address)
{
    const fields f = take(n->word);
    *n = (cc_insn){.word = f.word, .rd = f.rd, .rs1 = f.rs1, .rs2 = f.rs2, .demand = 4, .target = CC_NO_INDEX};
    switch (f.code) {
    case CODE_LUI:
    case CODE_AUIPC:
        n->op = CC_CONST;
        set_number(&n->k2, (f.word & 0xFFFFF000) + (f.code == CODE_AUIPC ? address : 0));
        n->flags = f.code == CODE_AUIPC ? CC_RELATIVE : 0;
        return true;
    case CODE_JAL:
        n->op = f.rd == 0 ? CC_JUMP : CC_CALL;
        n->target = address + (uint32_t)imm_j(f.word);
        return true;
    case CODE_JALR:
        n->op = f.rd == 0 ? CC_JR : CC_CALLR;
        n->imm = imm_i(f.word);
        return f.f3 == 0;
    case CODE_BRANCH: {
        static const uint8_t ops[8] = {CC_BEQ, CC_BNE, CC_NOP, CC_NOP, CC_BLT, CC_BGE, CC_BLTU, CC_BGEU};
        n->op = ops[f.f3];
        n->target = address + (uint32_t)imm_b(f.word);
        return n->op != CC_NOP;
    }
    case CODE_LOAD:
    case CODE_STORE:
        return decode_memory(n, f);
    case CODE_IMM:
        return decode_imm(n, f);
    case CODE_REG:
        return decode_reg(n, f);
    case CODE_FENCE:
        n->op = CC_NOP;
        return f.f3 < 2;
    case CODE_SYSTEM:
        return decode_system(n, f.word);
    case CODE_AMO:
        return decode_amo(n, f);
    case CODE_CUSTOM0:
    case CODE_CUSTOM1:
    case CODE_CUSTOM2:
        return decode_custom(n, f);
    case CODE_CUSTOM3:
        n->op = CC_GROUPSET;
        n->imm = f.f7;
        return f.f3 == 0 && f.f7 < CC_POOL_FIRST - CC_GROUP;
    default:
        n->op = CC_TRAP;
        return f.word == 0; /* between functions */
    }
}

/* auipc and jalr are one jump. */
static void pair(cc_program *p, uint32_t i)
{
    cc_insn *n = &p->insns[i], *before = i > 0 ? n - 1 : NULL;
    if ((n->op != CC_JR && n->op != CC_CALLR) || before == NULL || !(before->flags & CC_RELATIVE) ||
        before->rd != n->rs1)
        return;
    n->target = before->k2.value + (uint32_t)n->imm;
    n->op = n->op == CC_JR ? CC_JUMP : CC_CALL;
    before->op = CC_NOP;
    before->flags = 0;
}

/* Targets become indices. */
static bool resolve(cc_program *p, uint32_t i)
{
    cc_insn *n = &p->insns[i];
    if (!cc_is_branch(n->op) && n->op != CC_JUMP && n->op != CC_CALL)
        return true;
    const uint32_t index = cc_index(p, n->target);
    if (index >= p->count && n->op == CC_CALL && n->target < CC_LEAST_DATA) { /* a weak function that is not there */
        n->op = CC_TRAP;
        return true;
    }
    if (index >= p->count)
        return cc_fail_at(p, cc_address(p, i), "it goes to 0x%08x, where there is no instruction", (unsigned)n->target);
    n->target = index;
    return true;
}

bool cc_decode(cc_program *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (!decode_one(&p->insns[i], cc_address(p, i)))
            return refuse(p, i);
    for (uint32_t i = 0; i < p->count; i++) {
        pair(p, i);
        if (!resolve(p, i))
            return false;
    }
    return true;
}
