/* fast_jit.cpp - native code for a region, written with Xbyak (fast_native.h says what a region is).
 *
 * rbx: registers of the machine   r12: its image   r13: what is left of the budget   r15: pages of what is known
 * rax, rcx, rdx: free within an op. hosts[]: the machine's registers that are used most; the others stay in memory. */
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#define class class_ /* a field's name in isa.h */
#include "vm/fast_native.h"
#undef class

#define XBYAK64
#include <xbyak/xbyak.h>
#include <xbyak/xbyak_util.h>

using namespace Xbyak;

namespace
{

class Writer : public CodeGenerator
{
    /* Where native code ends: the budget gets back what of the block was not done. */
    struct Leave {
        Label label;
        uint32_t at, undone;
    };
    /* A store into a page of which something is known: is it of the pixel? rax: its address, rdx: the page's number. */
    struct Check {
        Label label, back;
        Leave *leave;
    };

    /* A branch that is taken, when instructions are counted. */
    struct Jump {
        Label label;
        Label *target;
        uint32_t from, to;
    };

    const px_jit_plan &plan;
    const Reg32 hosts[PX_JIT_HOSTS] = {esi, edi, r8d, r9d, r10d, r11d, r14d, ebp};
    std::vector<Address> memory;
    std::vector<Label> labels;
    std::deque<Leave> leaves;
    std::deque<Check> checks;
    std::deque<Jump> jumps;
    Label end;
    uint32_t undone = 0; /* instructions of this block from this op on */

  public:
    Writer(const px_jit_plan &region, void *code, size_t room)
        : CodeGenerator(room, code), plan(region), labels(region.count)
    {
        setDefaultJmpNEAR(true);
        for (int i = 0; i < 256; i++)
            memory.push_back(dword[rbx + 4 * i]);
    }

    size_t write(uint32_t offset[PX_JIT_OPS])
    {
        for (uint32_t i = 0; i < plan.count; i++)
            if (plan.op[i].entry) {
                offset[i] = static_cast<uint32_t>(getSize());
                come_in(labels[i]);
            }
        for (uint32_t i = 0; i < plan.count; i++)
            one(i);
        for (Check &c : checks)
            check(c);
        for (Jump &j : jumps) {
            L(j.label);
            count_jump(j.from, j.to);
            jmp(*j.target);
        }
        for (Leave &l : leaves) {
            L(l.label);
            if (l.undone != 0)
                add(r13, static_cast<int>(l.undone));
            mov(eax, static_cast<int>(l.at));
            jmp(end);
        }
        L(end);
        go_out();
        return getSize();
    }

  private:
    const Operand &reg(unsigned number) const
    {
        if (plan.host[number] >= 0)
            return hosts[plan.host[number]];
        return memory[number];
    }

    bool is_host(unsigned number) const { return plan.host[number] >= 0; }

    Leave *leave_at(uint32_t at, uint32_t count)
    {
        leaves.push_back({Label(), at, count});
        return &leaves.back();
    }

    void come_in(Label &to)
    {
        for (const Reg64 &r : {rbx, rbp, r12, r13, r14, r15, rdi})
            push(r);
        mov(rbx, ptr[rdi + offsetof(px_fast_frame, r)]);
        mov(r12, ptr[rdi + offsetof(px_fast_frame, m)]);
        mov(r15, ptr[rdi + offsetof(px_fast_frame, pages)]);
        mov(r13, ptr[rdi + offsetof(px_fast_frame, left)]);
        for (uint32_t i = 0; i < plan.hosts; i++)
            mov(hosts[i], memory[plan.guest[i]]);
        jmp(to);
    }

    /* eax: the op that is next. */
    void go_out()
    {
        for (uint32_t i = 0; i < plan.hosts; i++)
            if (plan.written[i])
                mov(memory[plan.guest[i]], hosts[i]);
        pop(rdx);
        mov(ptr[rdx + offsetof(px_fast_frame, left)], r13);
        mov(dword[rdx + offsetof(px_fast_frame, at)], eax);
        for (const Reg64 &r : {r15, r14, r13, r12, rbp, rbx})
            pop(r);
        ret();
    }

    void check(Check &c)
    {
        L(c.label);
        mov(rdx, ptr[r15 + rdx * 8]);
        if (plan.base != 0)
            lea(ecx, ptr[rax + plan.base]);
        else
            mov(ecx, eax);
        and_(ecx, PX_FAST_PAGE - 1);
        cmp(byte[rdx + rcx + offsetof(px_fast_page, known)], 0);
        jne(c.leave->label);
        jmp(c.back);
    }

    /* ---- the order of things ---- */

    static uint32_t behind(const px_jit_op &o) { return o.at + (o.op.kind == PX_FAST_LIT ? 2u : 1u); }

    void go(uint32_t at)
    {
        const int to = at < PX_FAST_PAGE ? plan.index[at] : -1;
        jmp(to >= 0 ? labels[static_cast<size_t>(to)] : leave_at(at, 0)->label);
    }

    void one(uint32_t i)
    {
        const px_jit_op &o = plan.op[i];
        if (o.leader) {
            if (o.entry)
                align(16);
            L(labels[i]);
            undone = o.length;
            if (undone != 0) {
                sub(r13, static_cast<int>(undone));
                jb(leave_at(o.at, undone)->label);
            }
        }
        if (o.leaves) {
            jmp(leave_at(o.at, undone)->label);
            return;
        }
        if (i == 0 || !plan.op[i - 1].over)
            op(o);
        undone--;
        const bool gone = o.op.kind == PX_FAST_JMP_NEAR || o.op.kind == PX_FAST_CALL_NEAR;
        if (!gone && (i + 1 == plan.count || plan.op[i + 1].at != behind(o)))
            go(behind(o));
    }

    void op(const px_jit_op &o)
    {
        const px_fast_op &p = o.op;
        if (p.kind >= PX_FAST_ALUI)
            return alu(p, p.kind - PX_FAST_ALUI, true);
        if (p.kind >= PX_FAST_ALU)
            return alu(p, p.kind - PX_FAST_ALU, false);
        if (p.kind >= PX_FAST_NEAR)
            return branch(o);
        switch (p.kind) {
        case PX_FAST_CALL_NEAR:
            mov(reg(p.a), plan.pc0 + o.at + 1);
            count_jump(o.at, o.at + p.imm);
            return go(o.at + p.imm);
        case PX_FAST_JMP_NEAR:
            count_jump(o.at, o.at + p.imm);
            return go(o.at + p.imm);
        case PX_FAST_LIT:
            count_jump(o.at, o.at + 2);
            if (plan.edges != nullptr) {
                mov(rdx, address_of(plan.reads + static_cast<uint32_t>(plan.pc0 + o.at + 1)));
                add(qword[rdx], 1);
            }
            mov(reg(p.a), p.imm);
            return;
        case PX_FAST_CONSTANT:
            mov(reg(p.a), p.imm);
            return;
        case PX_FAST_EXT:
            mov(eax, reg(p.b));
            shr(eax, static_cast<int>(p.imm));
            movzx(eax, al);
            mov(reg(p.a), eax);
            return;
        case PX_FAST_INS:
            mov(ecx, reg(p.b));
            movzx(ecx, cl);
            shl(ecx, static_cast<int>(p.imm));
            mov(eax, reg(p.a));
            and_(eax, ~(UINT32_C(255) << p.imm));
            or_(eax, ecx);
            mov(reg(p.a), eax);
            return;
        case PX_FAST_LD:
            pixel(o);
            count_pixel(plan.reads);
            return result(p.a, dword[r12 + rax * 4]);
        case PX_FAST_LDB:
            pixel_of_byte(o);
            count_pixel(plan.reads);
            lea(rax, ptr[r12 + rax * 4]);
            movzx(eax, byte[rax + rcx]);
            mov(reg(p.a), eax);
            return;
        case PX_FAST_ST:
            pixel(o);
            may_store(o);
            count_pixel(plan.writes);
            if (!is_host(p.c))
                mov(ecx, reg(p.c));
            mov(dword[r12 + rax * 4], is_host(p.c) ? hosts[plan.host[p.c]] : ecx);
            return;
        case PX_FAST_STB:
            pixel_of_byte(o);
            may_store(o);
            count_pixel(plan.reads);
            count_pixel(plan.writes);
            mov(ecx, reg(p.c));
            and_(ecx, 3);
            lea(rax, ptr[r12 + rax * 4]);
            mov(edx, reg(p.a));
            mov(byte[rax + rcx], dl);
            return;
        default:
            return divide(p);
        }
    }

    /* The op behind a branch, without the branch: if that is taken, its result is what it was, and it was none. */
    void skip(const px_jit_op &o)
    {
        const px_jit_op &skipped = (&o)[1];
        const Reg32 &d = hosts[plan.host[skipped.op.a]];
        mov(edx, d);
        op(skipped);
        compare(o.op, false);
        switch (o.op.kind - PX_FAST_NEAR) {
        case PX_OP_BEQ & 7:
            cmove(d, edx), sete(al);
            break;
        case PX_OP_BNE & 7:
            cmovne(d, edx), setne(al);
            break;
        case PX_OP_BLT & 7:
            cmovl(d, edx), setl(al);
            break;
        case PX_OP_BGE & 7:
            cmovge(d, edx), setge(al);
            break;
        case PX_OP_BLTU & 7:
            cmovb(d, edx), setb(al);
            break;
        default:
            cmovae(d, edx), setae(al);
        }
        movzx(eax, al);
        add(r13, rax);
        if (plan.edges != nullptr) {
            mov(rdx, address_of(plan.edges + skipped.at));
            sub(dword[rdx], eax);
            add(dword[rdx + 4], eax);
        }
    }

    /* ---- heat ---- */

    static size_t address_of(const void *p) { return reinterpret_cast<size_t>(p); }

    /* The instruction at from goes to another than the next one. */
    void count_jump(uint32_t from, uint32_t to)
    {
        if (plan.edges == nullptr)
            return;
        mov(rdx, address_of(plan.edges + from + 1));
        sub(dword[rdx], 1);
        add(dword[rdx + 4 * (static_cast<int>(to) - static_cast<int>(from) - 1)], 1);
    }

    /* rax: the pixel. */
    void count_pixel(const uint64_t *counts)
    {
        if (plan.edges == nullptr)
            return;
        mov(rdx, address_of(counts));
        add(qword[rdx + rax * 8], 1);
    }

    /* ---- pixels ---- */

    void result(unsigned a, const Address &from)
    {
        if (is_host(a))
            return mov(hosts[plan.host[a]], from);
        mov(eax, from);
        mov(reg(a), eax);
    }

    /* rax: the pixel at r[b] + imm, within the image. */
    void pixel(const px_jit_op &o)
    {
        mov(eax, reg(o.op.b));
        if (o.op.imm != 0)
            add(rax, static_cast<int>(o.op.imm));
        cmp(rax, static_cast<int>(plan.n));
        jae(leave_at(o.at, undone)->label);
    }

    /* rax: the pixel that byte r[c] of r[b] lies in; ecx: which of its bytes. */
    void pixel_of_byte(const px_jit_op &o)
    {
        mov(ecx, reg(o.op.c));
        mov(edx, ecx);
        shr(edx, 2);
        mov(eax, reg(o.op.b));
        add(rax, rdx);
        cmp(rax, static_cast<int>(plan.n));
        jae(leave_at(o.at, undone)->label);
        and_(ecx, 3);
    }

    /* Goes on, with rax as it was, unless something is known of the pixel. */
    void may_store(const px_jit_op &o)
    {
        checks.push_back({Label(), Label(), leave_at(o.at, undone)});
        Check &c = checks.back();
        if (plan.base != 0)
            lea(edx, ptr[rax + plan.base]);
        else
            mov(edx, eax);
        shr(edx, PX_FAST_BITS);
        cmp(qword[r15 + rdx * 8], 0);
        jne(c.label);
        L(c.back);
    }

    /* ---- arithmetic ---- */

    /* d = y, or the second operand of a compare with x. */
    void second(const Reg32 &d, const px_fast_op &p, bool immediate)
    {
        if (immediate)
            mov(d, p.imm);
        else
            mov(d, reg(p.c));
    }

    const Reg32 &first(const px_fast_op &p)
    {
        if (is_host(p.b))
            return hosts[plan.host[p.b]];
        mov(eax, reg(p.b));
        return eax;
    }

    void compare(const px_fast_op &p, bool immediate)
    {
        const Reg32 &x = first(p);
        if (immediate)
            cmp(x, p.imm);
        else
            cmp(x, reg(p.c));
    }

    void flag(const px_fast_op &p)
    {
        movzx(eax, al);
        mov(reg(p.a), eax);
    }

    /* d: where x is put, to become the result; the target itself unless y is needed behind it. */
    const Reg32 &begin(const px_fast_op &p, bool immediate)
    {
        const bool there = is_host(p.a) && (immediate || p.c != p.a);
        const Reg32 &d = there ? hosts[plan.host[p.a]] : eax;
        if (!there || p.a != p.b)
            mov(d, reg(p.b));
        return d;
    }

    void finish(const px_fast_op &p, const Reg32 &d)
    {
        if (d == eax)
            mov(reg(p.a), eax);
    }

    void shift(const px_fast_op &p, unsigned fn, bool immediate)
    {
        if (!immediate)
            mov(ecx, reg(p.c));
        const Reg32 &d = begin(p, true);
        const int count = static_cast<int>(p.imm & 31);
        if (fn == PX_WORD_SHL)
            immediate ? shl(d, count) : shl(d, cl);
        else if (fn == PX_WORD_SHR)
            immediate ? shr(d, count) : shr(d, cl);
        else
            immediate ? sar(d, count) : sar(d, cl);
        finish(p, d);
    }

    void high(const px_fast_op &p, bool is_signed, bool immediate)
    {
        second(ecx, p, immediate);
        mov(eax, reg(p.b));
        if (is_signed) {
            movsxd(rax, eax);
            movsxd(rcx, ecx);
        }
        imul(rax, rcx);
        shr(rax, 32);
        mov(reg(p.a), eax);
    }

    void alu(const px_fast_op &p, unsigned fn, bool immediate)
    {
        switch (fn) {
        case PX_WORD_SHL:
        case PX_WORD_SHR:
        case PX_WORD_SAR:
            return shift(p, fn, immediate);
        case PX_WORD_SLT:
            compare(p, immediate);
            setl(al);
            return flag(p);
        case PX_WORD_SLTU:
            compare(p, immediate);
            setb(al);
            return flag(p);
        case PX_WORD_SEQ:
            compare(p, immediate);
            sete(al);
            return flag(p);
        case PX_WORD_MIN:
        case PX_WORD_MAX:
            second(ecx, p, immediate);
            mov(eax, reg(p.b));
            cmp(eax, ecx);
            fn == PX_WORD_MIN ? cmovge(eax, ecx) : cmovl(eax, ecx);
            mov(reg(p.a), eax);
            return;
        case PX_WORD_MULH:
        case PX_WORD_MULHU:
            return high(p, fn == PX_WORD_MULH, immediate);
        default:
            break;
        }
        const Reg32 &d = begin(p, immediate);
        switch (fn) {
        case PX_WORD_ADD:
            immediate ? add(d, p.imm) : add(d, reg(p.c));
            break;
        case PX_WORD_SUB:
            immediate ? sub(d, p.imm) : sub(d, reg(p.c));
            break;
        case PX_WORD_AND:
            immediate ? and_(d, p.imm) : and_(d, reg(p.c));
            break;
        case PX_WORD_OR:
            immediate ? or_(d, p.imm) : or_(d, reg(p.c));
            break;
        case PX_WORD_XOR:
            immediate ? xor_(d, p.imm) : xor_(d, reg(p.c));
            break;
        default:
            immediate ? imul(d, d, static_cast<int>(p.imm)) : imul(d, reg(p.c));
        }
        finish(p, d);
    }

    /* What x86 traps on is what SPEC.md names: by 0, and by -1, which is no division. */
    void divide(const px_fast_op &p)
    {
        const bool is_signed = p.kind == PX_FAST_DIV || p.kind == PX_FAST_REM;
        const bool quotient = p.kind == PX_FAST_DIV || p.kind == PX_FAST_DIVU;
        Label by_zero, negate, done;
        mov(ecx, reg(p.c));
        mov(eax, reg(p.b));
        test(ecx, ecx);
        je(by_zero);
        if (is_signed) {
            cmp(ecx, -1);
            je(negate);
            cdq();
            idiv(ecx);
        } else {
            xor_(edx, edx);
            div(ecx);
        }
        if (!quotient)
            mov(eax, edx);
        jmp(done);
        L(negate);
        if (is_signed)
            quotient ? neg(eax) : xor_(eax, eax);
        jmp(done);
        L(by_zero);
        if (quotient)
            mov(eax, -1);
        L(done);
        mov(reg(p.a), eax);
    }

    void branch(const px_jit_op &o)
    {
        if (o.over)
            return skip(o);
        const uint32_t at = o.at + o.op.imm;
        const int to = plan.index[at];
        Label &goes_on = to >= 0 ? labels[static_cast<size_t>(to)] : leave_at(at, 0)->label;
        if (plan.edges != nullptr)
            jumps.push_back({Label(), &goes_on, o.at, at});
        Label &target = plan.edges != nullptr ? jumps.back().label : goes_on;
        compare(o.op, false);
        switch (o.op.kind - PX_FAST_NEAR) {
        case PX_OP_BEQ & 7:
            return je(target);
        case PX_OP_BNE & 7:
            return jne(target);
        case PX_OP_BLT & 7:
            return jl(target);
        case PX_OP_BGE & 7:
            return jge(target);
        case PX_OP_BLTU & 7:
            return jb(target);
        default:
            return jae(target);
        }
    }
};

} // namespace

size_t px_jit_write(const px_jit_plan *plan, void *code, size_t room, uint32_t offset[PX_JIT_OPS])
{
    try {
        Writer writer(*plan, code, room);
        const size_t length = writer.write(offset);
        writer.ready(CodeGenerator::PROTECT_RW);
        /* The code was written at another address than it is executed at: x86 asks for an instruction that waits. */
        unsigned int ignored[4];
        util::Cpu::getCpuid(0, ignored);
        return length;
    } catch (const std::exception &) { /* no room, or no memory */
        return 0;
    }
}
