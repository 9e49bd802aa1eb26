/* picture.c - byte-code into the picture of the machine that interprets it, and out of one. The picture is what the
 * assembler makes of machine.pxa with the lists of stack.def before it and the code behind it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm.h"
#include "pxi/state.h"
#include "stack/list.h"
#include "stack/stack.h"
#include "stack_machine.h"

void stack_code_free(stack_code *code)
{
    free(code->bytes);
    free(code->lines);
    *code = (stack_code){0};
}

/* ---- to a picture ---- */

static void put_constants(FILE *to, uint32_t bytes)
{
    fputs("; A program of the stack machine (px stack); its byte-code is at the end.\n", to);
#define STACK_PLACE(name, address, text) fprintf(to, "%-17s = %-5d; %s\n", #name, address, text);
#include "stack/stack.def"
#define STACK_ERROR(name, number, text) fprintf(to, "E_STACK_%-9s = %-5d; %s\n", #name, number, text);
#include "stack/stack.def"
    fprintf(to, "CODE_BYTES = %" PRIu32 "\n        .size %d\n\n", bytes, STACK_WIDTH);
}

static void put_table(FILE *to)
{
    fputs("\n        .org  TABLE\n", to);
    for (int byte = 0; byte < 256; byte++) {
        const stack_op *op = &stack_ops[byte];
        if (op->name == NULL)
            fputs("        .pixel 0\n", to);
        else
            fprintf(to, "        .pixel do_%s + (%d << 16) + (%d << 20) + (%d << 24)\n", op->name, op->takes, op->gives,
                    stack_operand_bytes[op->operand]);
    }
}

static void put_code(FILE *to, const stack_code *code)
{
    enum { A_LINE = 16 };
    fputs("\n        .org  CODE", to);
    for (uint32_t i = 0; i < code->count; i++)
        fprintf(to, "%s0x%02X", i % A_LINE == 0 ? "\n        .bytes " : ", ", code->bytes[i]);
    fputc('\n', to);
}

bool stack_source(char **text, size_t *size, const stack_code *code, px_error *error)
{
    FILE *to = open_memstream(text, size);
    if (to == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the stack machine's source");
    put_constants(to, code->count);
    for (size_t i = 0; stack_machine_lines[i] != NULL; i++)
        fputs(stack_machine_lines[i], to);
    put_table(to);
    put_code(to, code);
    const bool good = ferror(to) == 0;
    if (fclose(to) == 0 && good)
        return true;
    free(*text);
    *text = NULL;
    return px_fail(error, PX_E_SYSTEM, "no memory for the stack machine's source");
}

bool stack_picture(px_picture *picture, const stack_code *code, px_error *error)
{
    char *text;
    size_t size;
    px_assembly assembly;
    *picture = (px_picture){0};
    if (!stack_source(&text, &size, code, error))
        return false;
    const bool ok = px_assemble(&assembly, "the stack machine", text, size, NULL);
    if (ok) {
        *picture = assembly.picture;
        assembly.picture = (px_picture){0};
    } else {
        px_assembly_print(stderr, &assembly, false);
        px_fail(error, PX_E_SYSTEM, "the stack machine's source does not assemble");
    }
    px_assembly_free(&assembly);
    free(text);
    return ok;
}

/* ---- from a picture ---- */

/* Whether the rows above the stack are those that every program has: the machine and its table. What stands from BYTES
 * to the scratch pixels is a program's own. */
static bool is_ours(const uint32_t *pixels, const uint32_t *ours)
{
    for (uint32_t i = PX_HEADER_PIXELS; i < STACK_AT_STACK; i++)
        if (pixels[i] != ours[i] && (i < STACK_AT_BYTES || i >= STACK_AT_SCRATCH + 3))
            return false;
    return true;
}

bool stack_of_picture(stack_code *code, const px_picture *picture, const char *name, px_error *error)
{
    uint8_t nothing = 0xFF;
    px_picture ours;
    *code = (stack_code){0};
    if (!stack_picture(&ours, &(stack_code){&nothing, 1, NULL}, error))
        return false;
    const uint32_t pixels = picture->w * picture->h;
    const bool is = picture->w == STACK_WIDTH && pixels > STACK_AT_CODE && is_ours(picture->px, ours.px);
    px_picture_free(&ours);
    if (!is)
        return px_fail(error, PX_E_INPUT, "%s is no picture of a stack machine, as px stack asm writes it", name);
    const uint32_t count = picture->px[STACK_AT_BYTES];
    const uint32_t room = 4 * (pixels - STACK_AT_CODE);
    if (count == 0 || count > room || count > STACK_MOST_BYTES)
        return px_fail(error, PX_E_INPUT,
                       "%s: pixel %d says that there are %" PRIu32 " bytes of code, expected 1 to %" PRIu32, name,
                       STACK_AT_BYTES, count, room < STACK_MOST_BYTES ? room : STACK_MOST_BYTES);
    code->bytes = malloc(count);
    if (code->bytes == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for %" PRIu32 " bytes of code", count);
    code->count = count;
    for (uint32_t i = 0; i < count; i++)
        code->bytes[i] = (uint8_t)(picture->px[STACK_AT_CODE + i / 4] >> (8 * (i % 4)));
    return true;
}

stack_end stack_end_of(const uint32_t *image)
{
    stack_end end = {image[STACK_AT_FAILED], image[STACK_AT_WHERE], image[STACK_AT_DEPTH], 0};
    if (end.depth > 0 && end.depth <= STACK_AT_MEMORY - STACK_AT_STACK)
        end.top = image[STACK_AT_STACK + end.depth - 1];
    return end;
}
