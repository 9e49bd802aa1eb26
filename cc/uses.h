/* uses.h - which registers an instruction reads and writes. */
#ifndef CC_USES_H
#define CC_USES_H

#include "cc/internal.h"
#include "cc/vector.h"

enum { CC_ARGUMENT = 10 /* a0; requests and answers of ecall, too */ };

#define CC_BIT(x) (UINT32_C(1) << (x))
/* s0 to s11: as they were, after a call. */
#define CC_SAVED (CC_BIT(8) | CC_BIT(9) | UINT32_C(0x0FFC0000))
/* gp, tp, sp */
#define CC_FIXED   (CC_BIT(2) | CC_BIT(3) | CC_BIT(4))
#define CC_RESULTS (CC_BIT(10) | CC_BIT(11))

static inline bool cc_reads_rs1(const cc_insn *n)
{
    if (n->form == CC_FORM_USES) /* its shadow */
        return false;
    if (n->form == CC_FORM_BYTE) /* beside its constant */
        return true;
    if (n->op == CC_VECTOR)
        return (n->imm & CC_READS_RS1) != 0;
    return n->k1.kind == CC_UNKNOWN && (n->op <= CC_REMU || (n->op >= CC_LB && n->op <= CC_BGEU) || n->op == CC_JR ||
                                        n->op == CC_CALLR || n->op == CC_AMO || n->op == CC_GROUPSET);
}

static inline bool cc_reads_rs2(const cc_insn *n)
{
    if (n->op == CC_VECTOR)
        return (n->imm & CC_READS_RS2) != 0;
    return n->k2.kind == CC_UNKNOWN &&
           (n->op <= CC_REMU || cc_is_store(n->op) || cc_is_branch(n->op) || n->op == CC_AMO);
}

/* The register that it writes, or 0. */
static inline uint8_t cc_writes(const cc_insn *n)
{
    if (n->form == CC_FORM_MAKES) /* its shadow */
        return 0;
    if (n->op == CC_VECTOR)
        return n->imm & CC_WRITES_RD ? n->rd : 0;
    if (n->op == CC_SYS)
        return CC_ARGUMENT;
    return n->op <= CC_LW || n->op == CC_CALL || n->op == CC_CALLR || n->op == CC_AMO ? n->rd : 0;
}

/* Goes to a pointer's value, and that is not where the function was called from. */
static inline bool cc_goes_by_table(const cc_insn *n) { return n->op == CC_JR && n->rs1 != CC_RA; }

/* Makes a value and does nothing else. */
static inline bool cc_is_pure(const cc_insn *n) { return n->op <= CC_CONST; }

#endif
