/* asm_emit.c - addresses for all statements, then their pixels, then the header. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm_internal.h"
#include "pxi/pixel.h"

static bool has_header(const assembler *as) { return as->out->profile == PX_V1 && as->settings.header == NULL; }

static bool is_code(const asm_statement *s) { return s->kind == ASM_INSTRUCTION || s->kind == ASM_SET; }

/* ---- the size of the image ---- */

static bool read_size(assembler *as)
{
    const asm_statement *s = as->settings.size;
    if (s == NULL)
        return asm_error(
            as, (asm_place){.file = as->main_file},
            "the picture has no size; write .size width, height, or .size width for as many rows as needed");
    const int64_t most = as->options.max_pixels;
    int64_t w, h = 0;
    if (!asm_eval_range(as, s->data[0].expr, 0, "the width", 1, most, &w))
        return false;
    if (s->data_count == 2 && !asm_eval_range(as, s->data[1].expr, 0, "the height", 1, most / w, &h))
        return false;
    if (has_header(as) && h != 0 && w * h < PX_HEADER_PIXELS)
        return asm_error(as, s->place, "%" PRId64 " pixels; the header of a v1 program alone takes %d", w * h,
                         PX_HEADER_PIXELS);
    as->w = w;
    as->h = h;
    as->auto_height = h == 0;
    return true;
}

static void find_height(assembler *as)
{
    if (!as->auto_height)
        return;
    const int64_t least = has_header(as) ? PX_HEADER_PIXELS : 1, used = as->end > least ? as->end : least;
    as->h = (used + as->w - 1) / as->w;
}

/* ---- addresses ---- */

/* An instruction is one pixel and its literal. Whether a `set` has one, layout decides. */
static uint32_t instruction_size(const asm_statement *s)
{
    if (s->kind == ASM_SET)
        return s->size == 0 ? 1 : s->size;
    for (unsigned i = 0; i < s->operand_count; i++)
        if (s->operands[i].kind == '=')
            return 2;
    return 1;
}

/* Constants are tried in the order of the text, so that long chains of them need no deep recursion. One that has no
 * value yet is tried again. */
static void try_constant(assembler *as, asm_symbol *symbol)
{
    as->quiet = true;
    asm_eval_constant(as, symbol);
    as->quiet = false;
}

static bool place(assembler *as, asm_statement *s)
{
    s->address = as->here;
    switch (s->kind) {
    case ASM_LABEL:
        s->symbol->value = as->here;
        s->symbol->placed = s->symbol->known = true;
        return true;
    case ASM_CONSTANT:
        s->symbol->here = as->here;
        s->symbol->placed = true;
        try_constant(as, s->symbol);
        return true;
    case ASM_INSTRUCTION:
    case ASM_SET:
        s->size = instruction_size(s);
        break;
    case ASM_DIRECTIVE:
        if (s->directive->place != NULL && !s->directive->place(as, s))
            return false;
        break;
    }
    as->here = s->address + s->size;
    if (s->size > 0 && as->here > as->end)
        as->end = as->here;
    return true;
}

static bool place_all(assembler *as)
{
    as->here = has_header(as) ? PX_HEADER_PIXELS : 0;
    as->end = 0;
    if (as->auto_height)
        as->h = 0;
    for (asm_symbol *s = as->first_symbol; s != NULL; s = s->next) {
        s->placed = false;
        s->known = s->kind == ASM_S_REGISTER;
    }
    bool good = true;
    for (size_t i = 0; i < as->statement_count && !asm_too_many(as); i++)
        good &= place(as, as->statements[i]);
    find_height(as);
    for (size_t i = 0; i < as->statement_count; i++)
        if (as->statements[i]->kind == ASM_CONSTANT)
            try_constant(as, as->statements[i]->symbol);
    return good;
}

/* A value's two halves, or the one that `li` or `lui` can give. */
static bool fits_one_pixel(int64_t value)
{
    const uint32_t word = (uint32_t)value;
    return px_sign_extend16(word) == word || (word & 65535) == 0;
}

/* Gives every `set` that needs it its second pixel; a `set` never shrinks, so this ends. */
static bool widen(assembler *as, bool all, bool *changed)
{
    bool good = true;
    *changed = false;
    for (size_t i = 0; i < as->statement_count && !asm_too_many(as); i++) {
        asm_statement *s = as->statements[i];
        if (s->kind != ASM_SET || s->size == 2)
            continue;
        int64_t value;
        if (!asm_eval_range(as, s->operands[0].expr, s->address, "the value of set", INT32_MIN, UINT32_MAX, &value)) {
            good = false;
        } else if (all || !fits_one_pixel(value)) {
            s->size = 2;
            *changed = true;
        }
    }
    return good;
}

/* "pixel (3,1), address 67" */
static const char *spot(assembler *as, int64_t address)
{
    return asm_format(as, "address %" PRId64 ", pixel (%" PRId64 ",%" PRId64 ")", address, address % as->w,
                      address / as->w);
}

static bool check_room(assembler *as)
{
    const int64_t n = as->auto_height ? as->options.max_pixels : as->w * as->h;
    if (as->end <= n)
        return true;
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *s = as->statements[i];
        if (s->size == 0 || s->address + s->size <= n)
            continue;
        if (as->auto_height)
            return asm_error(as, s->place, "%s is beyond the largest picture, %" PRId64 " pixels",
                             spot(as, s->address + s->size - 1), n);
        return asm_error(as, s->place,
                         "this ends at %s, beyond the image, which ends at %s; everything needs '.size %" PRId64
                         ", %" PRId64 "'",
                         spot(as, s->address + s->size - 1), spot(as, n - 1), as->w, (as->end + as->w - 1) / as->w);
    }
    return true;
}

static int by_address(const void *x, const void *y)
{
    const asm_run *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static bool report_overlap(assembler *as, const asm_run *a, const asm_run *b)
{
    const asm_run *first = a->number < b->number ? a : b, *second = first == a ? b : a;
    const int64_t end = a->end < b->end ? a->end : b->end;
    const char *range = end - b->start == 1 ? spot(as, b->start)
                                            : asm_format(as, "addresses %" PRId64 " to %" PRId64, b->start, end - 1);
    if (first->statement == NULL)
        return asm_error(as, second->statement->place,
                         "%s: this writes into the header, addresses 0 to 4; begin at 5, or say '.header none'", range);
    asm_error(as, second->statement->place, "%s: already written by %s:%" PRIu32, range,
              first->statement->place.file->name, first->statement->place.line);
    asm_note(as, first->statement->place, "this wrote there first");
    return false;
}

static bool check_overlap(assembler *as)
{
    asm_run *runs = asm_allocate(as, (as->statement_count + 1) * sizeof *runs);
    size_t count = 0;
    if (has_header(as))
        runs[count++] = (asm_run){0, PX_HEADER_PIXELS, 0, NULL};
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *s = as->statements[i];
        if (s->size > 0)
            runs[count++] = (asm_run){s->address, s->address + s->size, i + 1, s};
    }
    if (count > 0)
        qsort(runs, count, sizeof *runs, by_address);
    bool good = true;
    const asm_run *reach = runs; /* of those so far, the one that goes furthest */
    for (size_t i = 1; i < count && !asm_too_many(as); i++) {
        if (runs[i].start < reach->end)
            good = report_overlap(as, reach, &runs[i]);
        if (runs[i].end > reach->end)
            reach = &runs[i];
    }
    return good;
}

/* Labels before instructions are code. */
static void mark_code(assembler *as)
{
    bool code = false;
    for (size_t i = as->statement_count; i-- > 0;) {
        asm_statement *s = as->statements[i];
        if (s->kind == ASM_LABEL)
            s->symbol->code = code;
        else if (s->size > 0)
            code = is_code(s);
    }
}

bool asm_layout(assembler *as)
{
    if (!read_size(as))
        return false;
    bool changed = true;
    for (int round = 0; changed; round++)
        if (!place_all(as) || !widen(as, round >= ASM_MAX_ROUNDS, &changed))
            return false;
    mark_code(as);
    const bool room = check_room(as);
    return check_overlap(as) && room;
}

/* ---- instructions ---- */

static bool jump_distance(assembler *as, const asm_statement *s, const asm_operand *operand, int64_t *value)
{
    const bool far = (operand->bytes & (operand->bytes - 1)) != 0; /* two bytes */
    const int64_t low = far ? -32768 : -128, high = far ? 32767 : 127;
    int64_t target;
    if (!asm_eval(as, operand->expr, s->address, "the jump target", &target))
        return false;
    if (target < 0 || target >= as->w * as->h)
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
        if (s->operands[i].kind == '=')
            as->px[s->address + 1] = (uint32_t)value;
        uint64_t left = (uint64_t)value;
        for (unsigned k = 1; k < 4; k++) {
            if ((s->operands[i].bytes >> k & 1) == 0)
                continue;
            word = px_with_byte(word, k, (uint32_t)left & 255);
            left >>= 8;
        }
    }
    as->px[s->address] = word;
    return good;
}

/* set: li or lui when one pixel does, lit and the literal otherwise. */
static bool emit_set(assembler *as, const asm_statement *s)
{
    int64_t value;
    if (!asm_eval_range(as, s->operands[0].expr, s->address, "the value of set", INT32_MIN, UINT32_MAX, &value))
        return false;
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
    if (is_code(s) && as->out->profile == PX_CLASSIC && s->address >= as->w)
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
        if (!is_code(s)) {
            out->data_pixels += s->size;
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
        (uint32_t)(as->w * as->h) - out->code_pixels - out->data_pixels - (has_header(as) ? PX_HEADER_PIXELS : 0);
}

static bool setting(assembler *as, const asm_statement *s, const char *what, int64_t high, int64_t *value)
{
    return s == NULL || asm_eval_range(as, s->data[0].expr, s->address, what, 0, high, value);
}

/* A setting of the header means nothing where there is none. */
static bool check_settings(assembler *as)
{
    const asm_statement *const settings[] = {as->settings.entry, as->settings.endcode, as->settings.checksum,
                                             as->settings.header};
    const bool classic = as->out->profile == PX_CLASSIC;
    bool good = true;
    for (int i = 0; i < (classic ? 4 : 3) && !has_header(as); i++)
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
    if (!has_header(as))
        return true;
    if (as->settings.entry == NULL && first < 0)
        *entry = n > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : 0;
    if (!setting(as, as->settings.entry, "the entry", n - 1, entry) ||
        !setting(as, as->settings.endcode, "the end of the code", n, &after))
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
    if (!good || !emit_header(as, first, after, &entry))
        return false;
    asm_report_unused(as, entry);
    return true;
}
