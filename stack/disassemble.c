/* disassemble.c - byte-code as text. What cannot be told as a byte-code with what belongs to it is told as bytes; only
 * places where a byte-code begins get a label, so jumps elsewhere keep their numbers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/text_file.h"
#include "stack/list.h"
#include "stack/stack.h"

enum { BEGINS = 1, REACHED = 2 };

static uint32_t number_at(const uint8_t *bytes, uint32_t count)
{
    uint32_t number = 0;
    for (uint32_t i = count; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

/* The bytes of what begins at `at`; 0: it is no byte-code, or not all of it is there. */
static uint32_t length_at(const stack_code *code, uint32_t at)
{
    const stack_op *op = &stack_ops[code->bytes[at]];
    const uint32_t left = code->count - at - 1, operand = stack_operand_bytes[op->operand];
    if (op->name == NULL || operand > left)
        return 0;
    if (op->operand != STACK_TEXT)
        return 1 + operand;
    const uint32_t text = number_at(code->bytes + at + 1, operand);
    return text > left - operand ? 0 : 1 + operand + text;
}

static void find_labels(const stack_code *code, uint8_t *marks)
{
    for (uint32_t at = 0, length; at<code->count; at += length> 0 ? length : 1) {
        length = length_at(code, at);
        marks[at] |= BEGINS;
        if (length == 0 || stack_ops[code->bytes[at]].operand != STACK_TARGET)
            continue;
        const uint32_t target = number_at(code->bytes + at + 1, stack_operand_bytes[STACK_TARGET]);
        if (target < code->count)
            marks[target] |= REACHED;
    }
}

static void put_text(FILE *to, const uint8_t *text, uint32_t length)
{
    fputs(" \"", to);
    for (uint32_t i = 0; i < length; i++)
        if (text[i] == '\n')
            fputs("\\n", to);
        else if (text[i] < ' ' || text[i] == 127)
            fprintf(to, "\\x%02X", text[i]);
        else
            fprintf(to, text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
    fputc('"', to);
}

static void put_code(FILE *to, const stack_code *code, const uint8_t *marks, uint32_t at)
{
    const stack_op *op = &stack_ops[code->bytes[at]];
    const uint8_t *behind = code->bytes + at + 1;
    const uint32_t bytes = stack_operand_bytes[op->operand], operand = number_at(behind, bytes);
    fprintf(to, "        %s", op->name);
    switch (op->operand) {
    case STACK_NONE:
        break;
    case STACK_NUMBER:
        fprintf(to, " %" PRId64, (int64_t)(operand >> 31 ? (int64_t)operand - (INT64_C(1) << 32) : operand));
        break;
    case STACK_TARGET:
        fprintf(to, operand < code->count && marks[operand] == (BEGINS | REACHED) ? " L%" PRIu32 : " %" PRIu32,
                operand);
        break;
    case STACK_ADDRESS:
    case STACK_HOST:
        fprintf(to, " %" PRIu32, operand);
        break;
    case STACK_TEXT:
        put_text(to, behind + bytes, operand);
        break;
    }
}

bool stack_disassemble(FILE *to, const stack_code *code, const char *name, px_error *error)
{
    uint8_t *marks = calloc(code->count, 1);
    if (marks == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the labels of %s", name);
    find_labels(code, marks);
    fprintf(to, "; %s: %" PRIu32 " bytes of code\n", name, code->count);
    for (uint32_t at = 0, length; at<code->count; at += length> 0 ? length : 1) {
        length = length_at(code, at);
        if (marks[at] == (BEGINS | REACHED))
            fprintf(to, "L%" PRIu32 ":\n", at);
        const bool text = length > 0 && stack_ops[code->bytes[at]].operand == STACK_TEXT;
        const uint32_t before = 1U + stack_operand_bytes[STACK_TEXT];
        if (length > 0 && (!text || px_text_is_utf8(code->bytes + at + before, length - before)))
            put_code(to, code, marks, at);
        else
            for (uint32_t i = 0; i < (length > 0 ? length : 1); i++)
                fprintf(to, "%s0x%02X",
                        i % 16 > 0 ? ", "
                        : i > 0    ? "\n        .byte "
                                   : "        .byte ",
                        code->bytes[at + i]);
        fputc('\n', to);
    }
    free(marks);
    return true;
}
