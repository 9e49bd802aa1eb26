/* asm_layout.c - the size of the image and an address for every statement; that all have room, each its own. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/pixel.h"

bool asm_has_header(const assembler *as) { return as->out->profile == PX_V1 && as->settings.header == NULL; }

bool asm_is_code(const asm_statement *s) { return s->kind == ASM_INSTRUCTION || s->kind == ASM_SET; }

/* ---- the size of the image ---- */

bool asm_read_size(assembler *as)
{
    const asm_statement *s = as->settings.size;
    if (s == NULL)
        return asm_error(
            as, (asm_place){.file = as->main_file},
            "the picture has no size; write .size width, height, or .size width for as many rows as needed");
    const int64_t most = as->options.max_pixels;
    as->current = s;
    int64_t w, h = 0;
    if (!asm_eval_range(as, s->data[0].expr, 0, "the width", 1, most, &w))
        return false;
    if (s->data_count == 2 && !asm_eval_range(as, s->data[1].expr, 0, "the height", 1, most / w, &h))
        return false;
    if (asm_has_header(as) && h != 0 && w * h < PX_HEADER_PIXELS)
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
    const int64_t least = asm_has_header(as) ? PX_HEADER_PIXELS : 1, used = as->end > least ? as->end : least;
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

int64_t asm_statement_end(const assembler *as, const asm_statement *s)
{
    return s->address + s->size + (s->rows > 1 ? (int64_t)(s->rows - 1) * as->w : 0);
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
    as->current = s;
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
    const int64_t end = asm_statement_end(as, s);
    if (s->rows == 0)
        as->here = end;
    if (s->size > 0 && end > as->end)
        as->end = end;
    return true;
}

static bool place_all(assembler *as)
{
    as->here = asm_has_header(as) ? PX_HEADER_PIXELS : 0;
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
        as->current = s;
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
        if (s->size == 0 || asm_statement_end(as, s) <= n)
            continue;
        if (as->auto_height)
            return asm_error(as, s->place, "%s is beyond the largest picture, %" PRId64 " pixels",
                             spot(as, asm_statement_end(as, s) - 1), n);
        return asm_error(as, s->place,
                         "this ends at %s, beyond the image, which ends at %s; everything needs '.size %" PRId64
                         ", %" PRId64 "'",
                         spot(as, asm_statement_end(as, s) - 1), spot(as, n - 1), as->w, (as->end + as->w - 1) / as->w);
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

static asm_run *runs_of(const assembler *as, const asm_statement *s, size_t number, asm_run *runs)
{
    for (uint32_t row = 0; s->size > 0 && row < (s->rows == 0 ? 1 : s->rows); row++) {
        const int64_t start = s->address + (int64_t)row * as->w;
        *runs++ = (asm_run){start, start + s->size, number, s};
    }
    return runs;
}

static bool check_overlap(assembler *as)
{
    size_t most = 1;
    for (size_t i = 0; i < as->statement_count; i++)
        most += as->statements[i]->rows == 0 ? 1 : as->statements[i]->rows;
    asm_run *runs = asm_allocate(as, most * sizeof *runs), *last = runs;
    if (asm_has_header(as))
        *last++ = (asm_run){0, PX_HEADER_PIXELS, 0, NULL};
    for (size_t i = 0; i < as->statement_count; i++)
        last = runs_of(as, as->statements[i], i + 1, last);
    const size_t count = (size_t)(last - runs);
    if (count > 0)
        qsort(runs, count, sizeof *runs, by_address);
    bool good = true;
    const asm_run *reach = runs; /* of those so far, the one that goes furthest */
    for (size_t i = 1; i < count && !asm_too_many(as); i++) {
        if (runs[i].start < reach->end && !as->statements[runs[i].number - 1]->overlaps) {
            good = report_overlap(as, reach, &runs[i]);
            as->statements[runs[i].number - 1]->overlaps = true; /* one row of a rectangle will do */
        }
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
            code = asm_is_code(s);
    }
}

/* A picture as a run of pixels keeps its look only if its rows are the image's. */
static void warn_of_torn_pictures(assembler *as)
{
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *s = as->statements[i];
        if (s->kind != ASM_DIRECTIVE || s->picture == NULL || s->x != NULL || s->linear || s->picture->h == 1 ||
            (s->picture->w == as->w && s->address % as->w == 0))
            continue;
        const char *why = s->picture->w != as->w
                              ? asm_format(as, "is %" PRIu32 " wide and the image %" PRId64, s->picture->w, as->w)
                              : asm_format(as, "begins in column %" PRId64, s->address % as->w);
        asm_warning(as, s->place,
                    "the picture %s, so its rows are torn; '.incimage \"file\", column, row' keeps them, "
                    "'.incimage \"file\", linear' says that a run is meant",
                    why);
    }
}

bool asm_layout(assembler *as)
{
    if (!asm_read_size(as))
        return false;
    bool changed = true;
    for (int round = 0; changed; round++)
        if (!place_all(as) || !widen(as, round >= ASM_MAX_ROUNDS, &changed))
            return false;
    as->laid_out = true;
    mark_code(as);
    warn_of_torn_pictures(as);
    const bool room = check_room(as);
    return check_overlap(as) && room;
}
