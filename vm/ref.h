/* ref.h - the reference VM's insides: the machine, one instruction, and the function that does each class.
 *
 * The reference VM is SPEC.md as C. It is read more often than it is run, so it has no caches, no tables of its own and
 * no tricks: each function below quotes the section that it carries out. */
#ifndef VM_REF_H
#define VM_REF_H

#include "pxi/state.h"

typedef struct px_vm {
    px_state s;
    uint32_t *reg; /* s.reg, or where the registers of a machine in a slot are */
    uint32_t n;    /* pixels in the image */
    uint32_t next; /* pc after this instruction, unless it traps */
    int written;   /* the register that this instruction wrote, or -1 */
    bool nested;   /* it lies in a slot of another machine's image; then s.reg means nothing */
} px_vm;

/* The fetched pixel, taken apart. */
typedef struct px_insn {
    uint32_t word;
    uint8_t op, a, b, c;
} px_insn;

/* Execute one instruction: true when it retires; false when it traps (status, cause and value are then set), or when it
 * is RESUME: then the machine is RUNNING still, and what follows is px_vm_resume's. */
bool px_vm_step(px_vm *vm);
void px_vm_step_classic(px_vm *vm); /* the classic profile never traps */

/* RESUME: its slots in turn. Zeroed, it has none. */
typedef struct px_slots {
    px_vm *outer;
    uint32_t first, size, count; /* S, q and vl of SPEC.md section 5 */
    uint32_t allowances;         /* t */
    uint32_t at;                 /* the slot entered last, or the next to be looked at */
} px_slots;

/* RESUME at pc is checked, and its slots are there to be entered. False when it traps. */
bool px_vm_resume(px_vm *outer, px_slots *slots);

/* The machine in the next slot that is ready, in place, and how many instructions it may retire. False when there is
 * none: then RESUME has nothing left to do but to retire. */
bool px_slot_enter(px_slots *slots, px_vm *inner, uint32_t *allowance);
uint32_t px_slot_address(const px_slots *slots); /* of the slot entered last */

/* That machine has retired executed instructions. */
void px_slot_leave(px_slots *slots, const px_vm *inner, uint32_t executed);

/* One function a class. fn is the opcode's low nibble. */
bool px_vm_vector_map(px_vm *vm, px_insn i);
bool px_vm_reduce(px_vm *vm, px_insn i);
bool px_vm_run(px_vm *vm, px_insn i);
bool px_vm_tensor(px_vm *vm, px_insn i);

/* The arithmetic, shared by the scalar and the vector instructions. */
uint32_t px_word(unsigned fn, uint32_t x, uint32_t y);  /* enum px_word_fn */
uint32_t px_bytes(unsigned fn, uint32_t x, uint32_t y); /* enum px_byte_fn, on each of the four bytes */
uint32_t px_div255(uint32_t p); /* p / 255 to nearest, p <= 65025 */

static inline int32_t px_signed(uint32_t x)
{
    return x < UINT32_C(0x80000000) ? (int32_t)x : (int32_t)(x - UINT32_C(0x80000000)) + INT32_MIN;
}

static inline bool px_trap(px_vm *vm, enum px_cause cause, uint32_t value)
{
    vm->s.status = PX_TRAPPED;
    vm->s.cause = cause;
    vm->s.value = value;
    return false;
}

/* For an opcode that is in isa.def, but that this VM does not carry out. */
static inline bool px_no_such(px_vm *vm, px_insn i) { return px_trap(vm, PX_TRAP_OPCODE, i.word); }

static inline void px_set(px_vm *vm, unsigned reg, uint32_t value)
{
    vm->reg[reg & 255u] = value;
    vm->written = (int)(reg & 255u);
}

/* Section 7: runs of an instruction's operands a, b, c, and how a may lie to b and to c. Length 0: no such operand. */
typedef struct px_run {
    uint32_t base;
    uint64_t length;
} px_run;
typedef enum { PX_APART, PX_SAME_OR_APART, PX_ANYHOW } px_overlap;

bool px_check_runs(px_vm *vm, px_run a, px_run b, px_run c, bool a_overlaps_itself, px_overlap ab, px_overlap ac);

#endif
