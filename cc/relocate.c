/* relocate.c - where addresses of code are values: an instruction that makes one, a word of data that holds one.
 *
 * The linker has put in RISC-V addresses. Those of data are final, or all moved by one distance. Those of code become
 * pixel addresses, and the relocations tell them apart. A relocation that does not fit its instruction is an error,
 * never a guess. */
#include "cc/elf.h"
#include "cc/internal.h"

static const char *relocation_name(uint32_t type)
{
    switch (type) {
#define NAME(name, number)                                                                                             \
    case number:                                                                                                       \
        return "R_RISCV_" #name;
        ELF_RELOCATIONS(NAME)
#undef NAME
    default:
        return "an unknown type";
    }
}

static bool refuse(const cc_program *p, const cc_section *s, const cc_relocation *r, const char *why)
{
    return cc_fail(p, "%s, 0x%08x: relocation %s (%u): %s", s->name, (unsigned)r->address, relocation_name(r->type),
                   (unsigned)r->type, why);
}

static uint32_t target_of(const cc_program *p, const cc_relocation *r)
{
    return p->symbols[r->symbol].value + (uint32_t)r->addend;
}

/* How far what it names is moved. */
static uint32_t move_of(const cc_program *p, const cc_relocation *r)
{
    const cc_symbol *s = &p->symbols[r->symbol];
    return s->section < p->section_count && cc_is_moved(&p->sections[s->section]) ? p->move : 0;
}

/* Whether a value is an address of code; *index which. The end of the code is one, too. */
static bool is_code(const cc_program *p, uint32_t value, uint32_t *index)
{
    *index = cc_index(p, value);
    return *index != CC_NO_INDEX;
}

static void take_address(cc_program *p, uint32_t index)
{
    if (index < p->count)
        p->insns[index].flags |= CC_TAKEN;
}

/* ---- in code ---- */

/* What the lower half, which has a sign, leaves. */
static uint32_t upper_half(uint32_t value) { return (value + 2048) & ~UINT32_C(4095); }

/* The upper half: k1 remembers whose. */
static bool relocate_high(cc_program *p, const cc_section *s, const cc_relocation *r, cc_insn *n)
{
    const uint32_t value = target_of(p, r);
    const bool relative = r->type == R_PCREL_HI20;
    if (relative && n->op == CC_NOP) /* auipc and jalr, already one */
        return true;
    if (n->op != CC_CONST || relative != ((n->flags & CC_RELATIVE) != 0))
        return refuse(p, s, r, "its instruction is not the upper half of an address");
    const uint32_t move = move_of(p, r), low = value - move - n->k2.value; /* what the lower half has to add */
    if (low + 2048 >= 4096)
        return refuse(p, s, r, "the instruction does not hold it");
    uint32_t index;
    const uint32_t from = relative ? r->address : 0;
    if (move != 0)
        n->k2.value = from + upper_half(value - from);
    n->flags &= (uint8_t)~CC_RELATIVE;
    n->k1 = is_code(p, value, &index) ? (cc_value){CC_CODE, index} : (cc_value){CC_NUMBER, value};
    if (n->k1.kind == CC_CODE)
        take_address(p, index);
    return true;
}

static void set_low(cc_insn *n, uint32_t value)
{
    const int32_t low = (int32_t)(value - upper_half(value));
    if (cc_is_load(n->op) || cc_is_store(n->op))
        n->imm = low;
    else
        n->k2.value = (uint32_t)low;
}

/* The lower half of an address of code makes the whole of it. */
static bool relocate_low(cc_program *p, const cc_section *s, const cc_relocation *r, cc_insn *n)
{
    uint32_t value = target_of(p, r), index;
    if (r->type == R_PCREL_LO12_I || r->type == R_PCREL_LO12_S) {
        const uint32_t at = cc_index(p, value);
        if (at >= p->count || (p->insns[at].k1.kind == CC_UNKNOWN && p->insns[at].op != CC_NOP))
            return refuse(p, s, r, "there is no upper half where it says");
        if (p->insns[at].k1.kind == CC_NUMBER && p->move != 0)
            set_low(n, p->insns[at].k1.value - cc_address(p, at));
        if (p->insns[at].k1.kind != CC_CODE)
            return true;
        value = cc_address(p, p->insns[at].k1.value);
    }
    if (!is_code(p, value, &index)) {
        if (move_of(p, r) != 0)
            set_low(n, value);
        return true;
    }
    take_address(p, index);
    if (n->op == CC_ADD && n->k2.kind == CC_NUMBER) {
        n->op = CC_CONST;
        n->k2 = (cc_value){CC_CODE, index};
        n->k1 = (cc_value){0};
        return true;
    }
    if ((n->op == CC_JR || n->op == CC_CALLR) && index < p->count) {
        n->op = n->op == CC_JR ? CC_JUMP : CC_CALL;
        n->target = index;
        return true;
    }
    return refuse(p, s, r, "code is read or written as data there");
}

static bool relocate_code(cc_program *p, const cc_section *s, const cc_relocation *r, bool low)
{
    const uint32_t at = cc_index(p, r->address);
    if (at >= p->count)
        return refuse(p, s, r, "it is outside of the code");
    switch (r->type) {
    case R_HI20:
    case R_PCREL_HI20:
        return low || relocate_high(p, s, r, &p->insns[at]);
    case R_LO12_I:
    case R_LO12_S:
    case R_PCREL_LO12_I:
    case R_PCREL_LO12_S:
        return !low || relocate_low(p, s, r, &p->insns[at]);
    case R_NONE:
    case R_BRANCH:
    case R_JAL:
    case R_CALL:
    case R_CALL_PLT:
    case R_RELAX:
    case R_ALIGN:
    case R_TPREL_HI20:
    case R_TPREL_LO12_I:
    case R_TPREL_LO12_S:
    case R_TPREL_ADD:
        return true;
    case R_GOT_HI20:
    case R_TLS_GOT_HI20:
    case R_TLS_GD_HI20:
        return refuse(p, s, r, "position-independent code; compile it with -fno-pic");
    case R_RVC_BRANCH:
    case R_RVC_JUMP:
        return refuse(p, s, r, "a compressed instruction; compile it for -march=rv32im");
    default:
        return refuse(p, s, r, "pixel code has no form for it among instructions");
    }
}

/* ---- in data ---- */

static bool add_patch(cc_program *p, uint32_t address, uint32_t target, int32_t sign)
{
    cc_patch *patches = cc_grow(p, p->patches, p->patch_count, &p->patch_room, sizeof *patches);
    if (patches == NULL)
        return false;
    p->patches = patches;
    p->patches[p->patch_count++] = (cc_patch){address, target, sign};
    take_address(p, target);
    return true;
}

static bool relocate_data(cc_program *p, const cc_section *s, const cc_relocation *r)
{
    uint32_t index;
    const uint32_t value = target_of(p, r);
    const bool relative = r->type == R_32_PCREL; /* its own place moves, too */
    const int32_t sign = r->type == R_SUB32 ? -1 : 1;
    if (r->address < s->address || s->size < 4 || r->address - s->address > s->size - 4)
        return r->type == R_NONE || refuse(p, s, r, "it is outside of its section");
    switch (r->type) {
    case R_32:
    case R_ADD32:
    case R_SUB32:
    case R_32_PCREL:
        if (value >= p->text && value < cc_address(p, p->count) && value % 4 != 0)
            return refuse(p, s, r, "an address within an instruction");
        if (!is_code(p, value, &index))
            return move_of(p, r) == 0 || relative || add_patch(p, r->address, CC_NO_INDEX, sign);
        return add_patch(p, r->address, index, sign) && (!relative || add_patch(p, r->address, CC_NO_INDEX, -1));
    case R_NONE:
    case R_RELAX:
        return true;
    case R_ADD8:
    case R_ADD16:
    case R_SUB8:
    case R_SUB16:
    case R_SUB6:
    case R_SET6:
    case R_SET8:
    case R_SET16:
    case R_SET32:
        return !is_code(p, value, &index) || refuse(p, s, r, "the distance between instructions, in too few bits");
    default:
        return refuse(p, s, r, "pixel code has no form for it among data");
    }
}

/* ---- all of them ---- */

static bool relocate_section(cc_program *p, const cc_section *table, bool low)
{
    const cc_section *s = &p->sections[table->info];
    cc_relocation r;
    for (uint32_t at = 0; cc_next_relocation(p, table, &at, &r);) {
        if (r.symbol >= p->symbol_count)
            return refuse(p, s, &r, "there is no such symbol");
        r.address += cc_is_moved(s) ? p->move : 0;
        if (cc_is_text(s) ? !relocate_code(p, s, &r, low) : !low && !relocate_data(p, s, &r))
            return false;
    }
    return true;
}

static bool relocate_all(cc_program *p, bool low)
{
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *table = &p->sections[i];
        if (table->type == ELF_REL && table->info < p->section_count && cc_is_text(&p->sections[table->info]))
            return cc_fail(p, "%s: relocations without addends, which RISC-V does not have", table->name);
        if (table->type != ELF_RELATIONS)
            continue;
        if (table->info >= p->section_count || table->entry_size != ELF_RELA || table->size % ELF_RELA != 0)
            return cc_fail(p, "%s: a damaged table of relocations", table->name);
        const cc_section *of = &p->sections[table->info];
        if ((of->flags & ELF_ALLOC) == 0 || table->size == 0)
            continue;
        if (!cc_is_text(of) && (!cc_is_data(of) || of->type == ELF_NOBITS))
            return cc_fail(p, "%s: relocations of %s, which has no bytes", table->name, of->name);
        if (!relocate_section(p, table, low))
            return false;
    }
    return true;
}

/* An auipc that nothing explains depends on where it lies. */
static bool check_relative(const cc_program *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (p->insns[i].flags & CC_RELATIVE)
            return cc_fail_at(p, cc_address(p, i),
                              "an auipc without relocation; link with --emit-relocs, compile with -mcmodel=medlow");
    for (uint32_t i = 0; i < p->count; i++)
        if ((p->insns[i].op == CC_JR || p->insns[i].op == CC_CALLR) && p->insns[i].imm != 0)
            return cc_fail_at(p, cc_address(p, i),
                              "a jump to a register's value and %d bytes; pixels have no such distance",
                              (int)p->insns[i].imm);
    return true;
}

bool cc_relocate(cc_program *p) { return relocate_all(p, false) && relocate_all(p, true) && check_relative(p); }
