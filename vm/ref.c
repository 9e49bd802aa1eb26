/* ref.c - the reference VM: fetch, and the scalar instructions. */
#include "vm/ref.h"

#include <stdlib.h>
#include <string.h>

#include "pxi/pixel.h"

/* ---- scalar arithmetic, section 5 ---- */

static uint32_t mulh(uint32_t x, uint32_t y)
{
    const uint64_t product = (uint64_t)((int64_t)px_signed(x) * px_signed(y));
    return (uint32_t)(product >> 32);
}

static uint32_t sar(uint32_t x, uint32_t count)
{
    const uint32_t sign = x >> 31 ? ~(UINT32_MAX >> count) : 0;
    return x >> count | sign;
}

uint32_t px_word(unsigned fn, uint32_t x, uint32_t y)
{
    switch ((enum px_word_fn)fn) {
    case PX_WORD_ADD:
        return x + y;
    case PX_WORD_SUB:
        return x - y;
    case PX_WORD_AND:
        return x & y;
    case PX_WORD_OR:
        return x | y;
    case PX_WORD_XOR:
        return x ^ y;
    case PX_WORD_SHL:
        return x << (y & 31);
    case PX_WORD_SHR:
        return x >> (y & 31);
    case PX_WORD_SAR:
        return sar(x, y & 31);
    case PX_WORD_SLT:
        return px_signed(x) < px_signed(y);
    case PX_WORD_SLTU:
        return x < y;
    case PX_WORD_SEQ:
        return x == y;
    case PX_WORD_MIN:
        return px_signed(x) < px_signed(y) ? x : y;
    case PX_WORD_MAX:
        return px_signed(x) < px_signed(y) ? y : x;
    case PX_WORD_MUL:
        return (uint32_t)((uint64_t)x * y);
    case PX_WORD_MULH:
        return mulh(x, y);
    case PX_WORD_MULHU:
        return (uint32_t)((uint64_t)x * y >> 32);
    }
    abort(); /* fn has four bits, and every value is named */
}

static bool divide(px_vm *vm, px_insn i)
{
    const uint32_t x = vm->reg[i.b], y = vm->reg[i.c];
    const bool overflows = x == UINT32_C(0x80000000) && y == UINT32_MAX;
    switch (i.op) {
    case PX_OP_DIV:
        px_set(vm, i.a, y == 0 ? UINT32_MAX : overflows ? x : (uint32_t)(px_signed(x) / px_signed(y)));
        return true;
    case PX_OP_DIVU:
        px_set(vm, i.a, y == 0 ? UINT32_MAX : x / y);
        return true;
    case PX_OP_REM:
        px_set(vm, i.a, y == 0 ? x : overflows ? 0 : (uint32_t)(px_signed(x) % px_signed(y)));
        return true;
    case PX_OP_REMU:
        px_set(vm, i.a, y == 0 ? x : x % y);
        return true;
    default:
        return px_no_such(vm, i);
    }
}

/* ---- control, section 5 ---- */

static bool jump(px_vm *vm, uint32_t target)
{
    if (target >= vm->n)
        return px_trap(vm, PX_TRAP_PC, target);
    vm->next = target;
    return true;
}

static uint32_t imm16(px_insn i) { return i.b | (uint32_t)i.c << 8; }

static uint32_t get(const px_vm *vm, unsigned what)
{
    switch ((enum px_get)(what & 3)) {
    case PX_GET_N:
        return vm->n;
    case PX_GET_W:
        return vm->s.w;
    case PX_GET_H:
        return vm->s.h;
    case PX_GET_VL:
        return vm->s.vl;
    }
    abort(); /* two bits, and every value is named */
}

static bool control(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    switch (i.op) {
    case PX_OP_HALT:
        s->status = PX_HALTED;
        vm->next = s->pc;
        return true;
    case PX_OP_SYS:
        s->status = PX_WAITING;
        s->value = i.b;
        return true;
    case PX_OP_JMP:
        return jump(vm, s->pc + px_sign_extend16(imm16(i)));
    case PX_OP_CALL:
        if (!jump(vm, s->pc + px_sign_extend16(imm16(i))))
            return false;
        px_set(vm, i.a, s->pc + 1);
        return true;
    case PX_OP_JR:
        return jump(vm, vm->reg[i.b]);
    case PX_OP_VL:
        if (vm->reg[i.b] > vm->n)
            return px_trap(vm, PX_TRAP_VL, vm->reg[i.b]);
        s->vl = vm->reg[i.b];
        return true;
    case PX_OP_GET:
        px_set(vm, i.a, get(vm, i.b));
        return true;
    case PX_OP_LIT:
        if (s->pc + 1 == vm->n)
            return px_trap(vm, PX_TRAP_PC, vm->n);
        px_set(vm, i.a, s->mem[s->pc + 1]);
        vm->next = s->pc + 2;
        return true;
    case PX_OP_RESUME:
        return vm->nested && px_trap(vm, PX_TRAP_NEST, i.word);
    default:
        return px_no_such(vm, i);
    }
}

static bool branch(px_vm *vm, px_insn i)
{
    const uint32_t x = vm->reg[i.b], y = vm->reg[i.c];
    bool taken;
    switch (i.op) {
    case PX_OP_BEQ:
        taken = x == y;
        break;
    case PX_OP_BNE:
        taken = x != y;
        break;
    case PX_OP_BLT:
        taken = px_signed(x) < px_signed(y);
        break;
    case PX_OP_BGE:
        taken = px_signed(x) >= px_signed(y);
        break;
    case PX_OP_BLTU:
        taken = x < y;
        break;
    case PX_OP_BGEU:
        taken = x >= y;
        break;
    default:
        return px_no_such(vm, i);
    }
    return !taken || jump(vm, vm->s.pc + px_sign_extend8(i.a));
}

/* ---- loads, stores, constants, channels: section 5 ---- */

/* The pixel at base + offset, or NULL after a trap. */
static uint32_t *pixel_at(px_vm *vm, uint32_t base, uint32_t offset)
{
    const uint64_t address = (uint64_t)base + offset;
    if (address < vm->n)
        return &vm->s.mem[address];
    px_trap(vm, PX_TRAP_RANGE, (uint32_t)address);
    return NULL;
}

static bool load_store(px_vm *vm, px_insn i)
{
    const uint32_t *r = vm->reg;
    const bool byte = i.op == PX_OP_LDB || i.op == PX_OP_STB;
    const uint32_t offset = byte ? r[i.c] >> 2 : i.op == PX_OP_LD ? i.c : i.a;
    uint32_t *pixel = pixel_at(vm, r[i.b], offset);
    if (pixel == NULL)
        return false;
    switch (i.op) {
    case PX_OP_LD:
        px_set(vm, i.a, *pixel);
        break;
    case PX_OP_ST:
        *pixel = r[i.c];
        break;
    case PX_OP_LDB:
        px_set(vm, i.a, px_byte(*pixel, r[i.c] & 3));
        break;
    case PX_OP_STB:
        *pixel = px_with_byte(*pixel, r[i.c] & 3, r[i.a]);
        break;
    default:
        return px_no_such(vm, i);
    }
    return true;
}

static bool move(px_vm *vm, px_insn i)
{
    const uint32_t *r = vm->reg;
    switch (i.op) {
    case PX_OP_LI:
        px_set(vm, i.a, px_sign_extend16(imm16(i)));
        return true;
    case PX_OP_LUI:
        px_set(vm, i.a, imm16(i) << 16);
        return true;
    case PX_OP_EXT:
        px_set(vm, i.a, px_byte(r[i.b], i.c));
        return true;
    case PX_OP_INS:
        px_set(vm, i.a, px_with_byte(r[i.a], i.c, r[i.b]));
        return true;
    case PX_OP_LD:
    case PX_OP_ST:
    case PX_OP_LDB:
    case PX_OP_STB:
        return load_store(vm, i);
    default:
        return px_no_such(vm, i);
    }
}

/* ---- one instruction, section 3 ---- */

static bool execute(px_vm *vm, px_insn i, unsigned class)
{
    const uint32_t *r = vm->reg;
    switch ((enum px_class) class) {
    case PX_CLASS_CTRL:
        return control(vm, i);
    case PX_CLASS_BRANCH:
        return branch(vm, i);
    case PX_CLASS_ALU:
        px_set(vm, i.a, px_word(i.op & 15, r[i.b], r[i.c]));
        return true;
    case PX_CLASS_ALUI:
        px_set(vm, i.a, px_word(i.op & 15, r[i.b], px_sign_extend8(i.c)));
        return true;
    case PX_CLASS_MOVE:
        return move(vm, i);
    case PX_CLASS_DIV:
        return divide(vm, i);
    case PX_CLASS_REDUCE:
        return px_vm_reduce(vm, i);
    case PX_CLASS_RUN:
        return px_vm_run(vm, i);
    case PX_CLASS_TENSOR:
        return px_vm_tensor(vm, i);
    case PX_CLASS_VV:
    case PX_CLASS_VX:
    case PX_CLASS_BVV:
    case PX_CLASS_BVX:
        return px_vm_vector_map(vm, i);
    }
    return px_no_such(vm, i);
}

bool px_vm_step(px_vm *vm)
{
    px_state *s = &vm->s;
    vm->written = -1;
    if (s->pc >= vm->n)
        return px_trap(vm, PX_TRAP_PC, vm->n);
    const uint32_t word = s->mem[s->pc];
    const px_insn i = {word, (uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    const px_opcode *opcode = px_opcode_of(PX_V1, i.op);
    if (opcode->mnemonic == NULL)
        return px_trap(vm, PX_TRAP_OPCODE, word);
    vm->next = s->pc + 1;
    if (!execute(vm, i, opcode->class))
        return false;
    s->pc = vm->next;
    s->retired++;
    return true;
}
