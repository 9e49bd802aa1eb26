/* list.h - stack.def as C has it. */
#ifndef STACK_LIST_H
#define STACK_LIST_H

#include <stdint.h>

enum stack_operand {
#define STACK_OPERAND(name, bytes, text) STACK_##name,
#include "stack/stack.def"
};

enum { STACK_WIDTH = 64 }; /* of a picture */

enum {
#define STACK_PLACE(name, address, text) STACK_AT_##name = (address),
#include "stack/stack.def"
};

/* A byte-code; name is NULL where there is none. */
typedef struct stack_op {
    const char *name;
    enum stack_operand operand;
    uint8_t takes, gives;
} stack_op;

extern const stack_op stack_ops[256];
extern const uint8_t stack_operand_bytes[];

#endif
