/* vector.h - cc_insn.imm of a CC_VECTOR: which of its operands are registers, and what becomes of them; whether
 * some are in groups; whether rd, rs1, rs2 are the bytes c, a, b and not a, b, c. The pixel's opcode is in
 * cc_insn.target. */
#ifndef CC_VECTOR_H
#define CC_VECTOR_H

enum { CC_READS_RD = 1, CC_WRITES_RD = 2, CC_READS_RS1 = 4, CC_READS_RS2 = 8, CC_GROUPS = 16, CC_RD_IS_C = 32 };

#endif
