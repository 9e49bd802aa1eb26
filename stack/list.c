/* list.c - see list.h. */
#include "stack/list.h"

#include <stddef.h>

#include "stack/stack.h"

const stack_op stack_ops[256] = {
#define STACK_CODE(name, byte, operand, takes, gives, text) [byte] = {#name, STACK_##operand, takes, gives},
#include "stack/stack.def"
};

const uint8_t stack_operand_bytes[] = {
#define STACK_OPERAND(name, bytes, text) [STACK_##name] = (bytes),
#include "stack/stack.def"
};

const char *stack_error_text(uint32_t error)
{
    static const char *const texts[] = {
#define STACK_ERROR(name, number, text) [number] = (text),
#include "stack/stack.def"
    };
    return error < sizeof texts / sizeof *texts ? texts[error] : NULL;
}

const char *stack_name_of(uint8_t byte) { return stack_ops[byte].name; }
