/* pxt_item.c - the items of a case: fields, registers and pixels of its machine, or of those in its slots, and the
 * words that stand for several of them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pxt_work.h"
#include "pxi/number.h"
#include "pxi/pixel.h"

/* One line being read. */
typedef struct scan {
    const pxt_draft *draft;
    const char *at;
    unsigned line;
    px_error *error;
} scan;

static bool fail(const scan *s, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return pxt_fail(s->error, s->draft->path, s->line, "%s", text);
}

/* ---- words and values ---- */

static void blanks(scan *s) { s->at += strspn(s->at, " "); }

static bool take(scan *s, char c)
{
    blanks(s);
    if (*s->at != c)
        return false;
    s->at++;
    return true;
}

static bool need(scan *s, char c) { return take(s, c) || fail(s, "found '%s', expected '%c'", s->at, c); }

static bool word(scan *s, char *text, size_t size)
{
    blanks(s);
    const size_t length = strspn(s->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (length == 0 || length >= size)
        return fail(s, "found '%s', expected a name", s->at);
    memcpy(text, s->at, length);
    text[length] = '\0';
    s->at += length;
    return true;
}

static bool number(scan *s, int64_t low, int64_t high, int64_t *value)
{
    blanks(s);
    const bool negative = *s->at == '-';
    const char *end = s->at + negative;
    uint64_t size;
    if (!px_scan_number(&end, &size) || size > INT64_MAX || strchr(" ,)]*=", *end) == NULL)
        return fail(s, "found '%s', expected a number", s->at);
    *value = negative ? -(int64_t)size : (int64_t)size;
    if (*value < low || *value > high)
        return fail(s, "found '%.*s', expected %" PRId64 " to %" PRId64, (int)(end - s->at), s->at, low, high);
    s->at = end;
    return true;
}

static bool unsigned_number(scan *s, uint32_t *value)
{
    int64_t wide;
    if (!number(s, INT32_MIN, UINT32_MAX, &wide))
        return false;
    *value = (uint32_t)wide;
    return true;
}

/* Bytes from channel first on: (r,g,b,a) or, behind a mnemonic, (a,b,c). */
static bool tuple(scan *s, unsigned first, uint32_t *value)
{
    for (unsigned k = first; k < 4; k++) {
        int64_t byte;
        if (!need(s, k == first ? '(' : ',') || !number(s, -128, 255, &byte))
            return false;
        *value = px_with_byte(*value, k, (uint32_t)byte & 255u);
    }
    return need(s, ')');
}

/* jmp(0,123,0): an instruction that the assembler would not write. */
static bool instruction(scan *s, uint32_t *value)
{
    char name[16];
    const size_t length = strspn(s->at, "abcdefghijklmnopqrstuvwxyz0123456789._");
    if (length >= sizeof name)
        return fail(s, "found '%s', expected a mnemonic", s->at);
    memcpy(name, s->at, length);
    name[length] = '\0';
    const px_opcode *opcode = px_opcode_named((int)s->draft->profile, name);
    if (opcode == NULL)
        return fail(s, "there is no instruction '%s'", name);
    s->at += length;
    *value = opcode->number;
    return tuple(s, 1, value);
}

static bool named_value(scan *s, uint32_t *value)
{
    static const struct {
        const char *name;
        uint32_t value;
    } names[] = {
#define PXI_STATUS(id, number, text) {#id, number},
#define PXI_CAUSE(id, number, text)  {#id, number},
#include "pxi/isa.def"
    };
    char name[16];
    if (!word(s, name, sizeof name))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            *value = names[i].value;
            return true;
        }
    return fail(s, "'%s' is no status or cause", name);
}

/* Values up to the comma or the end of the line; each may be repeated, as in 7*16. */
static bool values(pxt_work *b, scan *s, size_t *count)
{
    *count = 0;
    do {
        uint32_t value = 0;
        int64_t times = 1;
        blanks(s);
        const bool good = *s->at == '('                    ? tuple(s, 0, &value)
                          : *s->at >= 'a' && *s->at <= 'z' ? instruction(s, &value)
                          : *s->at >= 'A' && *s->at <= 'Z' ? named_value(s, &value)
                                                           : unsigned_number(s, &value);
        if (!good || (take(s, '*') && !number(s, 1, PXT_MOST_VALUES, &times)))
            return false;
        for (; times > 0; times--) {
            if (*count == PXT_MOST_VALUES)
                return fail(s, "more than %d values", PXT_MOST_VALUES);
            b->values[(*count)++] = value;
        }
        blanks(s);
    } while (*s->at != '\0' && *s->at != ',');
    return true;
}

/* ---- assignments ---- */

/* What an item names of a machine. The fields are in the order of SPEC.md section 9. */
enum part { FIELD, REGISTER, PIXEL, SLOT_PIXEL };
enum { PC, VL, STATUS, CAUSE, VALUE, RETIRED, FIELDS, SLOT_FIELDS = 4, SLOT_REGISTERS = 10 };

static const char *const field_names[FIELDS] = {"pc", "vl", "status", "cause", "value", "retired"};

uint32_t pxt_slot_before(const pxt_slot *slot) { return (PX_STATE_WORDS + slot->w - 1) / slot->w * slot->w; }

/* Pixels of the image that an item at hand counts in. */
static uint32_t image_pixels(const pxt_work *b, const px_state *machine)
{
    return b->slot != NULL ? b->slot->w * b->slot->h : px_state_pixels(machine);
}

static void part_name(const pxt_work *b, enum part part, size_t index, char *text, size_t size)
{
    const char slot[3] = {b->slot != NULL ? b->slot->name : '\0', part == SLOT_PIXEL ? '\0' : '.', '\0'};
    if (part == FIELD)
        snprintf(text, size, "%s%s", slot, field_names[index]);
    else
        snprintf(text, size, part == REGISTER ? "%sr%zu" : part == PIXEL ? "%sm[%zu]" : "%s[%zu]", slot, index);
}

/* The outer machine's word, and its place in seen. */
static uint32_t *outer_word(px_state *machine, enum part part, size_t index, size_t *place)
{
    uint32_t *const fields[FIELDS] = {&machine->pc,    &machine->vl,    &machine->status,
                                      &machine->cause, &machine->value, &machine->retired};
    *place = part == FIELD ? index : part == REGISTER ? PXT_SEEN_FIELDS + index : PXT_SEEN_FIELDS + 256 + index;
    return part == FIELD ? fields[index] : part == REGISTER ? &machine->reg[index] : &machine->mem[index];
}

static size_t slot_offset(const pxt_slot *slot, enum part part, size_t index)
{
    return part == FIELD      ? SLOT_FIELDS + index
           : part == REGISTER ? SLOT_REGISTERS + index
           : part == PIXEL    ? pxt_slot_before(slot) + index
                              : index;
}

static bool set_word(pxt_work *b, const scan *s, px_state *machine, enum part part, size_t index, uint32_t value)
{
    const pxt_slot *slot = b->slot;
    for (uint32_t i = 0; i < (slot != NULL ? slot->copies : 1); i++) {
        size_t place;
        uint32_t *word = slot != NULL
                             ? outer_word(machine, PIXEL,
                                          slot->at + (size_t)i * slot->apart + slot_offset(slot, part, index), &place)
                             : outer_word(machine, part, index, &place);
        if (b->seen[place]) {
            char what[32];
            part_name(b, part, index, what, sizeof what);
            return fail(s, "%s is named twice", what);
        }
        b->seen[place] = 1;
        *word = value;
    }
    return true;
}

/* What the word was before the item; of several slots, in the first. */
static uint32_t word_now(const pxt_work *b, px_state *machine, enum part part, size_t index)
{
    size_t place;
    return b->slot == NULL ? *outer_word(machine, part, index, &place)
                           : machine->mem[b->slot->at + slot_offset(b->slot, part, index)];
}

static bool assign_registers(pxt_work *b, scan *s, px_state *machine)
{
    int64_t first;
    size_t count;
    if (!number(s, 0, 255, &first) || !need(s, '=') || !values(b, s, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!set_word(b, s, machine, REGISTER, ((size_t)first + i) & 255, b->values[i]))
            return false;
    b->is_state = b->is_state || b->slot == NULL;
    return true;
}

/* [address] or [column,row] */
static bool place(scan *s, uint32_t w, uint32_t *address)
{
    int64_t x, y = 0;
    if (!need(s, '[') || !number(s, 0, UINT32_MAX, &x))
        return false;
    if (take(s, ',')) {
        if (!number(s, 0, UINT32_MAX / w, &y))
            return false;
        if (x >= w)
            return fail(s, "column %" PRId64 " of an image %" PRIu32 " wide", x, w);
    }
    *address = (uint32_t)(y * w + x);
    return need(s, ']');
}

/* Values for the pixels from address on, of pixels. */
static bool assign_run(pxt_work *b, scan *s, px_state *machine, enum part part, uint32_t w, uint32_t pixels)
{
    uint32_t address;
    size_t count;
    if (!place(s, w, &address) || !need(s, '=') || !values(b, s, &count))
        return false;
    if (address + (uint64_t)count > pixels)
        return fail(s, "%zu pixels at address %" PRIu32 " of an image of %" PRIu32, count, address, pixels);
    for (size_t i = 0; i < count; i++)
        if (!set_word(b, s, machine, part, address + i, b->values[i]))
            return false;
    return true;
}

static bool assign_pixels(pxt_work *b, scan *s, px_state *machine)
{
    return assign_run(b, s, machine, PIXEL, b->slot != NULL ? b->slot->w : machine->w, image_pixels(b, machine));
}

/* A[k]: the slot's own pixels, whatever they mean there. */
static bool assign_slot(pxt_work *b, scan *s, px_state *machine)
{
    return assign_run(b, s, machine, SLOT_PIXEL, b->slot->w, pxt_slot_before(b->slot) + image_pixels(b, machine));
}

/* file[k] = values: pixels of the input file, whatever they mean there. */
static bool assign_file(pxt_work *b, scan *s)
{
    uint32_t address;
    size_t count;
    if (!place(s, b->draft->w, &address) || !need(s, '=') || !values(b, s, &count))
        return false;
    uint32_t *at = realloc(b->file_at, (b->file_count + count) * sizeof *at);
    b->file_at = at != NULL ? at : b->file_at;
    uint32_t *value = realloc(b->file_value, (b->file_count + count) * sizeof *value);
    b->file_value = value != NULL ? value : b->file_value;
    if (at == NULL || value == NULL)
        return fail(s, "no memory");
    for (size_t i = 0; i < count; i++, b->file_count++) {
        at[b->file_count] = address + (uint32_t)i;
        value[b->file_count] = b->values[i];
    }
    return true;
}

static bool assign_field(pxt_work *b, scan *s, px_state *machine, const char *name)
{
    for (size_t i = 0; i < FIELDS; i++) {
        size_t count;
        if (strcmp(field_names[i], name) != 0)
            continue;
        if (!need(s, '=') || !values(b, s, &count))
            return false;
        if (count != 1)
            return fail(s, "%zu values for %s", count, name);
        if (!set_word(b, s, machine, (enum part)FIELD, i, b->values[0]))
            return false;
        b->has_pc = b->has_pc || (i == PC && b->slot == NULL);
        b->is_state = b->is_state || b->slot == NULL;
        return true;
    }
    return fail(s, "'%s' is not known here; README.md has the list", name);
}

static bool assign(pxt_work *b, scan *s, px_state *machine, const char *name)
{
    return strcmp(name, "r") == 0   ? assign_registers(b, s, machine)
           : strcmp(name, "m") == 0 ? assign_pixels(b, s, machine)
                                    : assign_field(b, s, machine, name);
}

/* An item's name. `A.r` is the r of the machine in slot A, and `A` alone the slot's pixels. */
static bool item_name(pxt_work *b, scan *s, char *name, size_t size)
{
    b->slot = NULL;
    if (!word(s, name, size))
        return false;
    if (name[0] < 'A' || name[0] > 'Z')
        return true;
    for (size_t i = 0; i < b->c->slot_count; i++)
        if (b->c->slots[i].name == name[0] && name[1] == '\0') {
            b->slot = &b->c->slots[i];
            return !take(s, '.') || word(s, name, size);
        }
    return fail(s, "there is no slot '%s'", name);
}

static bool is_slot(const pxt_work *b, const char *name) { return b->slot != NULL && name[0] == b->slot->name; }

static bool given_item(pxt_work *b, scan *s)
{
    char name[16];
    if (!item_name(b, s, name, sizeof name))
        return false;
    if (is_slot(b, name))
        return assign_slot(b, s, &b->machine);
    if (b->slot != NULL)
        return assign(b, s, &b->machine, name);
    if (strcmp(name, "file") == 0)
        return assign_file(b, s);
    if (strcmp(name, "checksum") == 0)
        b->checksum = true;
    else if (strcmp(name, "state") == 0)
        b->is_state = true;
    else
        return assign(b, s, &b->machine, name);
    return true;
}

/* next [COUNT]: that many instructions retired, one pixel each. */
static bool expect_next(pxt_work *b, scan *s, px_state *machine)
{
    int64_t count = 1;
    blanks(s);
    if (*s->at != '\0' && *s->at != ',' && !number(s, 1, UINT16_MAX, &count))
        return false;
    return set_word(b, s, machine, FIELD, PC, word_now(b, machine, FIELD, PC) + (uint32_t)count) &&
           set_word(b, s, machine, FIELD, RETIRED, word_now(b, machine, FIELD, RETIRED) + (uint32_t)count);
}

static bool expect_stop(pxt_work *b, scan *s, px_state *machine, uint32_t status)
{
    uint32_t cause, value;
    if (!set_word(b, s, machine, FIELD, STATUS, status))
        return false;
    if (status == PX_TRAPPED && !(named_value(s, &cause) && set_word(b, s, machine, FIELD, CAUSE, cause)))
        return false;
    return status == PX_HALTED || (unsigned_number(s, &value) && set_word(b, s, machine, FIELD, VALUE, value));
}

static bool expect_item(pxt_work *b, scan *s)
{
    px_state *machine = &b->c->expected;
    char name[16];
    if (!item_name(b, s, name, sizeof name))
        return false;
    if (is_slot(b, name))
        return assign_slot(b, s, machine);
    if (strcmp(name, "next") == 0)
        return expect_next(b, s, machine);
    if (strcmp(name, "trap") == 0)
        return expect_stop(b, s, machine, PX_TRAPPED);
    if (strcmp(name, "waiting") == 0)
        return expect_stop(b, s, machine, PX_WAITING);
    if (strcmp(name, "halted") == 0)
        return expect_stop(b, s, machine, PX_HALTED);
    if (b->slot == NULL && strcmp(name, "refused") == 0)
        b->c->refused = true;
    else if (b->slot != NULL || strcmp(name, "nothing") != 0)
        return assign(b, s, machine, name);
    return true;
}

static bool items(pxt_work *b, const pxt_line *line, bool (*item)(pxt_work *, scan *), px_error *error)
{
    scan s = {b->draft, line->text, line->line, error};
    do {
        if (!item(b, &s))
            return false;
    } while (take(&s, ','));
    blanks(&s);
    return *s.at == '\0' || fail(&s, "found '%s', expected ',' or the end of the line", s.at);
}

static bool all_items(pxt_work *b, const pxt_line *lines, size_t count, bool (*item)(pxt_work *, scan *),
                      px_error *error)
{
    memset(b->seen, 0, PXT_SEEN_FIELDS + 256 + (size_t)b->draft->w * b->draft->h);
    for (size_t i = 0; i < count; i++)
        if (!items(b, &lines[i], item, error))
            return false;
    return true;
}

bool pxt_given(pxt_work *b, px_error *error)
{
    return all_items(b, b->draft->given, b->draft->givens, given_item, error);
}

bool pxt_expect(pxt_work *b, px_error *error)
{
    return all_items(b, b->draft->expect, b->draft->expects, expect_item, error);
}

void px_case_pixel_name(const px_case *c, uint32_t address, char *text, size_t size)
{
    int length = snprintf(text, size, "pixel (%" PRIu32 ",%" PRIu32 "), address %" PRIu32, address % c->initial.w,
                          address / c->initial.w, address);
    for (size_t i = 0; i < c->slot_count && length >= 0 && (size_t)length < size; i++) {
        const pxt_slot *slot = &c->slots[i];
        const uint32_t before = pxt_slot_before(slot), beyond = address - slot->at;
        const uint32_t copy = slot->copies > 1 ? beyond / slot->apart : 0, at = beyond - copy * slot->apart;
        if (address < slot->at || copy >= slot->copies || at >= before + slot->w * slot->h)
            continue;
        length += snprintf(text + length, size - (size_t)length, ", %c", slot->name);
        if (slot->copies > 1 && (size_t)length < size)
            length += snprintf(text + length, size - (size_t)length, " number %" PRIu32, copy);
        if ((size_t)length >= size)
            return;
        text += length, size -= (size_t)length, length = 0;
        if (at < SLOT_FIELDS || (at >= PX_STATE_WORDS && at < before))
            snprintf(text, size, "[%" PRIu32 "]", at);
        else if (at < SLOT_REGISTERS)
            snprintf(text, size, ".%s", field_names[at - SLOT_FIELDS]);
        else if (at < PX_STATE_WORDS)
            snprintf(text, size, ".r%" PRIu32, at - SLOT_REGISTERS);
        else
            snprintf(text, size, ".m[%" PRIu32 "]", at - before);
        return;
    }
}
