/* asm_emit.c - the statements' pixels, then the header. After errors there is no image, and values are only looked at.
 */
#include <inttypes.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/pixel.h"

/* ---- instructions ---- */

static bool jump_distance(assembler *as, const asm_statement *s, const asm_operand *operand, int64_t *value)
{
    const bool far = (operand->bytes & (operand->bytes - 1)) != 0; /* two bytes */
    const int64_t low = far ? -32768 : -128, high = far ? 32767 : 127;
    int64_t target;
    if (!asm_eval(as, operand->expr, s->address, "the jump target", &target))
        return false;
    if (as->tainted)
        return true; /* how far it is, nobody knows */
    if (as->px != NULL && (target < 0 || target >= as->w * as->h))
        return asm_error(as, operand->expr->place,
                         "the jump target is %" PRId64 ", outside the image; addresses are 0 to %" PRId64, target,
                         as->w * as->h - 1);
    *value = target - s->address;
    if (*value >= low && *value <= high)
        return true;
    return asm_error(as, operand->expr->place,
                     "the target is %" PRId64 " pixels %s; this jump reaches %" PRId64 " back and %" PRId64
                     " forward%s",
                     *value < 0 ? -*value : *value, *value < 0 ? "back" : "forward", -low, high,
                     far ? "; use set and jr" : "; branch to a jmp that is near");
}

static bool operand_value(assembler *as, const asm_statement *s, const asm_operand *operand, int64_t *value)
{
    const bool two = (operand->bytes & (operand->bytes - 1)) != 0;
    switch (operand->kind) {
    case '@':
        return jump_distance(as, s, operand, value);
    case '$':
        return asm_eval_range(as, operand->expr, s->address, two ? "the 16-bit constant" : "the signed byte",
                              two ? INT16_MIN : INT8_MIN, two ? INT16_MAX : INT8_MAX, value);
    case '=':
        return asm_eval_range(as, operand->expr, s->address, "the literal", INT32_MIN, UINT32_MAX, value);
    default:
        return asm_eval_range(as, operand->expr, s->address, two ? "the 16-bit number" : "the byte", 0,
                              two ? UINT16_MAX : UINT8_MAX, value);
    }
}

static bool emit_instruction(assembler *as, const asm_statement *s)
{
    uint32_t word = s->word;
    bool good = true;
    for (unsigned i = 0; i < s->operand_count; i++) {
        int64_t value;
        if (!operand_value(as, s, &s->operands[i], &value)) {
            good = false;
            continue;
        }
        if (s->operands[i].kind == '=' && as->px != NULL)
            as->px[s->address + 1] = (uint32_t)value;
        uint64_t left = (uint64_t)value;
        for (unsigned k = 1; k < 4; k++) {
            if ((s->operands[i].bytes >> k & 1) == 0)
                continue;
            word = px_with_byte(word, k, (uint32_t)left & 255);
            left >>= 8;
        }
    }
    if (as->px != NULL)
        as->px[s->address] = word;
    return good;
}

/* set: li or lui when one pixel does, lit and the literal otherwise. */
static bool emit_set(assembler *as, const asm_statement *s)
{
    int64_t value;
    if (!asm_eval_range(as, s->operands[0].expr, s->address, "the value of set", INT32_MIN, UINT32_MAX, &value))
        return false;
    if (as->px == NULL)
        return true;
    const uint32_t number = (uint32_t)value, high = number >> 16;
    uint32_t *to = as->px + s->address;
    if (s->size == 2) {
        to[0] = PX_OP_LIT | s->word;
        to[1] = number;
    } else if (px_sign_extend16(number) == number) {
        to[0] = PX_OP_LI | s->word | (number & 65535) << 16;
    } else {
        to[0] = PX_OP_LUI | s->word | high << 16;
    }
    return true;
}

static bool emit_statement(assembler *as, asm_statement *s)
{
    as->current = s;
    if (s->bad)
        return false;
    if (asm_is_code(s) && as->out->profile == PX_CLASSIC && s->address >= as->w && !as->tainted)
        return asm_error(as, s->place,
                         "a classic program is row 0, and row 0 is full: its %" PRId64 " pixels end before this",
                         as->w);
    switch (s->kind) {
    case ASM_INSTRUCTION:
        return emit_instruction(as, s);
    case ASM_SET:
        return emit_set(as, s);
    case ASM_DIRECTIVE:
        return s->directive->emit == NULL || s->directive->emit(as, s);
    default:
        return true;
    }
}

/* Every constant, so that each one's error is seen and the symbol table is whole. */
static bool evaluate_constants(assembler *as)
{
    bool good = true;
    as->current = NULL;
    for (size_t i = 0; i < as->statement_count && !asm_too_many(as); i++)
        if (as->statements[i]->kind == ASM_CONSTANT)
            good &= asm_eval_constant(as, as->statements[i]->symbol);
    return good;
}

/* ---- the header ---- */

static void count(assembler *as, int64_t *first, int64_t *after)
{
    px_assembly *out = as->out;
    *first = -1;
    *after = PX_HEADER_PIXELS;
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *s = as->statements[i];
        if (!asm_is_code(s)) {
            out->data_pixels += s->size * (s->rows == 0 ? 1 : s->rows);
            continue;
        }
        out->instructions++;
        out->code_pixels += s->size;
        if (*first < 0)
            *first = s->address;
        if (s->address + s->size > *after)
            *after = s->address + s->size;
    }
    out->free_pixels =
        (uint32_t)(as->w * as->h) - out->code_pixels - out->data_pixels - (asm_has_header(as) ? PX_HEADER_PIXELS : 0);
}

static bool setting(assembler *as, const asm_statement *s, const char *what, int64_t high, int64_t *value)
{
    as->current = s;
    return s == NULL || asm_eval_range(as, s->data[0].expr, s->address, what, 0, high, value);
}

/* A setting of the header means nothing where there is none. */
static bool check_settings(assembler *as)
{
    const asm_statement *const settings[] = {as->settings.entry, as->settings.endcode, as->settings.checksum,
                                             as->settings.header};
    const bool classic = as->out->profile == PX_CLASSIC;
    bool good = true;
    for (int i = 0; i < (classic ? 4 : 3) && !asm_has_header(as); i++)
        if (settings[i] != NULL)
            good = asm_error(as, settings[i]->place, "%s: %s has no header", settings[i]->directive->name,
                             classic ? "a classic program" : "a program with '.header none'");
    return good;
}

static bool emit_header(assembler *as, int64_t first, int64_t after, int64_t *entry)
{
    const int64_t n = as->w * as->h;
    *entry = first;
    if (!check_settings(as))
        return false;
    if (!asm_has_header(as))
        return true;
    if (as->settings.entry == NULL && first < 0)
        *entry = n > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : 0;
    const bool begin = setting(as, as->settings.entry, "the entry", n - 1, entry);
    if (!setting(as, as->settings.endcode, "the end of the code", n, &after) || !begin)
        return false;
    as->px[PX_HEADER_MAGIC] = PX_MAGIC_PROGRAM;
    as->px[PX_HEADER_ENTRY] = (uint32_t)*entry;
    as->px[PX_HEADER_END] = (uint32_t)after;
    if (as->settings.checksum == NULL)
        as->px[PX_HEADER_CHECKSUM] = px_checksum((uint32_t)as->w, (uint32_t)as->h, as->px);
    return true;
}

bool asm_emit(assembler *as)
{
    px_error error;
    if (!px_picture_new(&as->out->picture, (uint32_t)as->w, (uint32_t)as->h, &error))
        return asm_error(as, as->settings.size->place, "%s", error.text);
    as->px = as->out->picture.px;
    bool good = evaluate_constants(as);
    for (size_t i = 0; i < as->statement_count && !asm_too_many(as); i++)
        good &= emit_statement(as, as->statements[i]);
    int64_t first, after, entry;
    count(as, &first, &after);
    if (!emit_header(as, first, after, &entry) || !good)
        return false;
    asm_report_unused(as, entry);
    asm_report_falls(as, entry);
    return true;
}

/* What a statement needs to have its place, as far as no address is asked for. */
static void check_places(assembler *as)
{
    for (asm_symbol *s = as->first_symbol; s != NULL; s = s->next)
        s->known = s->kind == ASM_S_REGISTER;
    as->w = as->h = 0;
    if (as->settings.size == NULL || as->settings.size->bad || !asm_read_size(as))
        as->w = as->h = 0;
    as->here = 0;
    for (size_t i = 0; as->w > 0 && i < as->statement_count && !asm_too_many(as); i++) {
        asm_statement *s = as->statements[i];
        as->current = s;
        if (s->kind == ASM_DIRECTIVE && !s->bad && s->directive->place != NULL)
            s->directive->place(as, s);
    }
}

void asm_check(assembler *as)
{
    px_picture_free(&as->out->picture);
    as->px = NULL;
    as->tainted = !as->laid_out;
    if (as->tainted)
        check_places(as);
    evaluate_constants(as);
    for (size_t i = 0; i < as->statement_count && !asm_too_many(as); i++)
        emit_statement(as, as->statements[i]);
}
