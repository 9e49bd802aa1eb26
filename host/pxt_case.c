/* pxt_case.c - a draft of a case to what the runner needs: the input file, the machine after loading, the machine after
 * the run.
 *
 * The machine after loading is made here from the text, not by pxi/state.c, so that the loader is under test too. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pxt.h"
#include "pxi/asm/asm.h"
#include "pxi/number.h"
#include "pxi/pixel.h"

enum { SEEN_FIELDS = 16, MOST_VALUES = 4096 };

/* One line being read. */
typedef struct scan {
    const pxt_draft *draft;
    const char *at;
    unsigned line;
    px_error *error;
} scan;

/* A case being built. */
typedef struct build {
    const pxt_draft *draft;
    px_case *c;
    px_state machine; /* the image as loaded, and the fields that were given */
    bool is_state;    /* the input is a saved state */
    bool has_pc, checksum;
    const pxt_slot *slot;           /* whose machine the item at hand is about, or NULL: the outer one */
    uint32_t *file_at, *file_value; /* pixels of the input file that are set at the end */
    size_t file_count;
    uint8_t *seen; /* what this side (given or expect) has named: fields, registers, pixels */
    uint32_t values[MOST_VALUES];
} build;

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
static bool values(build *b, scan *s, size_t *count)
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
        if (!good || (take(s, '*') && !number(s, 1, MOST_VALUES, &times)))
            return false;
        for (; times > 0; times--) {
            if (*count == MOST_VALUES)
                return fail(s, "more than %d values", MOST_VALUES);
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
static uint32_t image_pixels(const build *b, const px_state *machine)
{
    return b->slot != NULL ? b->slot->w * b->slot->h : px_state_pixels(machine);
}

static void part_name(const build *b, enum part part, size_t index, char *text, size_t size)
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
    *place = part == FIELD ? index : part == REGISTER ? SEEN_FIELDS + index : SEEN_FIELDS + 256 + index;
    return part == FIELD ? fields[index] : part == REGISTER ? &machine->reg[index] : &machine->mem[index];
}

static size_t slot_offset(const pxt_slot *slot, enum part part, size_t index)
{
    return part == FIELD      ? SLOT_FIELDS + index
           : part == REGISTER ? SLOT_REGISTERS + index
           : part == PIXEL    ? pxt_slot_before(slot) + index
                              : index;
}

static bool set_word(build *b, const scan *s, px_state *machine, enum part part, size_t index, uint32_t value)
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
static uint32_t word_now(const build *b, px_state *machine, enum part part, size_t index)
{
    size_t place;
    return b->slot == NULL ? *outer_word(machine, part, index, &place)
                           : machine->mem[b->slot->at + slot_offset(b->slot, part, index)];
}

static bool assign_registers(build *b, scan *s, px_state *machine)
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
static bool assign_run(build *b, scan *s, px_state *machine, enum part part, uint32_t w, uint32_t pixels)
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

static bool assign_pixels(build *b, scan *s, px_state *machine)
{
    return assign_run(b, s, machine, PIXEL, b->slot != NULL ? b->slot->w : machine->w, image_pixels(b, machine));
}

/* A[k]: the slot's own pixels, whatever they mean there. */
static bool assign_slot(build *b, scan *s, px_state *machine)
{
    return assign_run(b, s, machine, SLOT_PIXEL, b->slot->w, pxt_slot_before(b->slot) + image_pixels(b, machine));
}

/* file[k] = values: pixels of the input file, whatever they mean there. */
static bool assign_file(build *b, scan *s)
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

static bool assign_field(build *b, scan *s, px_state *machine, const char *name)
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

static bool assign(build *b, scan *s, px_state *machine, const char *name)
{
    return strcmp(name, "r") == 0   ? assign_registers(b, s, machine)
           : strcmp(name, "m") == 0 ? assign_pixels(b, s, machine)
                                    : assign_field(b, s, machine, name);
}

/* An item's name. `A.r` is the r of the machine in slot A, and `A` alone the slot's pixels. */
static bool item_name(build *b, scan *s, char *name, size_t size)
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

static bool is_slot(const build *b, const char *name) { return b->slot != NULL && name[0] == b->slot->name; }

static bool given_item(build *b, scan *s)
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
static bool expect_next(build *b, scan *s, px_state *machine)
{
    int64_t count = 1;
    blanks(s);
    if (*s->at != '\0' && *s->at != ',' && !number(s, 1, UINT16_MAX, &count))
        return false;
    return set_word(b, s, machine, FIELD, PC, word_now(b, machine, FIELD, PC) + (uint32_t)count) &&
           set_word(b, s, machine, FIELD, RETIRED, word_now(b, machine, FIELD, RETIRED) + (uint32_t)count);
}

static bool expect_stop(build *b, scan *s, px_state *machine, uint32_t status)
{
    uint32_t cause, value;
    if (!set_word(b, s, machine, FIELD, STATUS, status))
        return false;
    if (status == PX_TRAPPED && !(named_value(s, &cause) && set_word(b, s, machine, FIELD, CAUSE, cause)))
        return false;
    return status == PX_HALTED || (unsigned_number(s, &value) && set_word(b, s, machine, FIELD, VALUE, value));
}

static bool expect_item(build *b, scan *s)
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

static bool items(build *b, const pxt_line *line, bool (*item)(build *, scan *), px_error *error)
{
    scan s = {b->draft, line->text, line->line, error};
    do {
        if (!item(b, &s))
            return false;
    } while (take(&s, ','));
    blanks(&s);
    return *s.at == '\0' || fail(&s, "found '%s', expected ',' or the end of the line", s.at);
}

static bool all_items(build *b, const pxt_line *lines, size_t count, bool (*item)(build *, scan *), px_error *error)
{
    memset(b->seen, 0, SEEN_FIELDS + 256 + (size_t)b->draft->w * b->draft->h);
    for (size_t i = 0; i < count; i++)
        if (!items(b, &lines[i], item, error))
            return false;
    return true;
}

/* ---- code ---- */

static bool assembly_error(const build *b, const px_assembly *assembly, unsigned before, px_error *error)
{
    for (size_t i = 0; i < assembly->diagnostic_count; i++) {
        const px_diagnostic *d = &assembly->diagnostics[i];
        const size_t index = d->line > before ? d->line - before - 1 : 0;
        if (d->severity == PX_ERROR)
            return pxt_fail(error, b->draft->path,
                            b->draft->code[index < b->draft->codes ? index : b->draft->codes - 1].line,
                            "does not assemble: %s", d->text);
    }
    return pxt_fail(error, b->draft->path, b->draft->code[0].line, "does not assemble");
}

static bool assemble(build *b, px_error *error)
{
    const pxt_draft *draft = b->draft;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to assemble %s", draft->path);
    fprintf(memory, ".profile %s\n.size %" PRIu32 ", %" PRIu32 "\n", draft->profile == PX_V1 ? "v1" : "classic",
            draft->w, draft->h);
    if (draft->profile == PX_V1)
        fputs(".checksum none\n", memory);
    for (size_t i = 0; i < draft->codes; i++)
        fprintf(memory, "%s\n", draft->code[i].text);
    const bool closed = fclose(memory) == 0;
    px_assembly assembly = {0};
    bool good = closed && px_assemble(&assembly, draft->path, text, size, NULL);
    if (good)
        memcpy(b->machine.mem, assembly.picture.px, (size_t)px_state_pixels(&b->machine) * sizeof(uint32_t));
    else
        assembly_error(b, &assembly, draft->profile == PX_V1 ? 3 : 2, error);
    px_assembly_free(&assembly);
    free(text);
    return good;
}

/* ---- the input file ---- */

/* SPEC.md section 9, written out once more: px_state_save would not write a state that no machine can be in. */
static bool state_picture(const build *b, px_picture *picture, px_error *error)
{
    const px_state *machine = &b->machine;
    const uint32_t rows = (PX_STATE_WORDS + machine->w - 1) / machine->w;
    const uint32_t fields[] = {PX_MAGIC_STATE, machine->profile, machine->w,     machine->h,     machine->pc,
                               machine->vl,    machine->status,  machine->cause, machine->value, machine->retired};
    if (!px_picture_new(picture, machine->w, rows + machine->h, error))
        return false;
    memcpy(picture->px, fields, sizeof fields);
    memcpy(picture->px + sizeof fields / sizeof *fields, machine->reg, sizeof machine->reg);
    memcpy(picture->px + (size_t)rows * machine->w, machine->mem,
           (size_t)px_state_pixels(machine) * sizeof *machine->mem);
    return true;
}

static bool program_picture(const build *b, px_picture *picture, px_error *error)
{
    const px_state *machine = &b->machine;
    if (!px_picture_new(picture, machine->w, machine->h, error))
        return false;
    memcpy(picture->px, machine->mem, (size_t)px_state_pixels(machine) * sizeof *machine->mem);
    if (b->checksum && picture->w * picture->h >= PX_HEADER_PIXELS)
        picture->px[PX_HEADER_CHECKSUM] = px_checksum(picture->w, picture->h, picture->px);
    return true;
}

static bool input_picture(const build *b, px_picture *picture, px_error *error)
{
    if (!(b->is_state ? state_picture(b, picture, error) : program_picture(b, picture, error)))
        return false;
    for (size_t i = 0; i < b->file_count; i++) {
        if (b->file_at[i] >= picture->w * picture->h)
            return pxt_fail(error, b->draft->path, b->c->line,
                            "file[%" PRIu32 "] of an input file of %" PRIu32 " pixels", b->file_at[i],
                            picture->w * picture->h);
        picture->px[b->file_at[i]] = b->file_value[i];
    }
    return true;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c >= 'a' && c <= 'f' ? c - 32 : c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Two digits a byte; blanks may stand between bytes. */
static bool bytes_of_line(pxt_file *file, const pxt_draft *draft, const pxt_line *line, px_error *error)
{
    for (const char *at = line->text + strspn(line->text, " "); *at != '\0'; at += 2 + strspn(at + 2, " ")) {
        const int high = digit_of(at[0]), low = high >= 0 ? digit_of(at[1]) : -1;
        if (low < 0)
            return pxt_fail(error, draft->path, line->line, "found '%.8s', expected bytes of two hexadecimal digits",
                            at);
        file->data[file->size++] = (uint8_t)(16 * high + low);
    }
    return true;
}

static bool given_bytes(const pxt_draft *draft, pxt_file *file, px_error *error)
{
    size_t room = 1;
    for (size_t i = 0; i < draft->pngs; i++)
        room += strlen(draft->png[i].text) / 2 + 1;
    *file = (pxt_file){malloc(room), 0};
    if (file->data == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a case of %s", draft->path);
    for (size_t i = 0; i < draft->pngs; i++)
        if (!bytes_of_line(file, draft, &draft->png[i], error))
            return false;
    return true;
}

static bool input_file(const build *b, px_error *error)
{
    const pxt_draft *draft = b->draft;
    pxt_file *file = &b->c->input;
    if ((draft->pngs > 0 || draft->zeros_w > 0) && (b->file_count > 0 || b->checksum))
        return pxt_fail(error, draft->path, b->c->line,
                        "png is the whole input file: no file[..], no checksum beside it");
    if (draft->pngs > 0)
        return given_bytes(draft, file, error);
    if (draft->zeros_w > 0)
        return pxt_png_of_zeros(file, draft->zeros_w, draft->zeros_h, error);
    px_picture picture = {0};
    const bool good = input_picture(b, &picture, error) && pxt_png_of(file, &picture, error);
    px_picture_free(&picture);
    return good;
}

/* ---- a case ---- */

/* The header of each slot: a machine that has not begun. */
static bool slots(build *b, px_error *error)
{
    for (size_t i = 0; i < b->c->slot_count; i++) {
        const pxt_slot *slot = &b->c->slots[i];
        const uint64_t length = pxt_slot_before(slot) + (uint64_t)slot->w * slot->h;
        if (slot->at + (uint64_t)(slot->copies - 1) * slot->apart + length > px_state_pixels(&b->machine))
            return pxt_fail(error, b->draft->path, b->c->line, "slot %c does not lie within the image of %" PRIu32,
                            slot->name, px_state_pixels(&b->machine));
        if (slot->copies > 1 && slot->apart < length)
            return pxt_fail(error, b->draft->path, b->c->line, "the slots %c of %" PRIu64 " pixels overlap", slot->name,
                            length);
        const uint32_t header[] = {PX_MAGIC_STATE, PX_V1, slot->w, slot->h};
        for (uint32_t k = 0; k < slot->copies; k++)
            memcpy(b->machine.mem + slot->at + (size_t)k * slot->apart, header, sizeof header);
    }
    return true;
}

/* The image before what was given: the code, or a header alone. */
static bool image(build *b, px_error *error)
{
    if (b->draft->codes > 0)
        return assemble(b, error);
    const uint32_t pixels = px_state_pixels(&b->machine);
    if (b->draft->profile == PX_V1 && pixels >= PX_HEADER_PIXELS) {
        b->machine.mem[PX_HEADER_MAGIC] = PX_MAGIC_PROGRAM;
        b->machine.mem[PX_HEADER_ENTRY] = pixels > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : 0;
    }
    return true;
}

/* SPEC.md section 2: what a program is once it has been loaded. */
static void as_loaded(build *b)
{
    if (b->draft->profile != PX_V1 || px_state_pixels(&b->machine) < PX_HEADER_PIXELS)
        return;
    if (!b->has_pc)
        b->machine.pc = b->machine.mem[PX_HEADER_ENTRY];
    if (!b->is_state)
        b->machine.mem[PX_HEADER_CHECKSUM] = 0;
}

static bool build_all(build *b, px_error *error)
{
    px_case *c = b->c;
    const pxt_draft *draft = b->draft;
    if (!px_state_new(&b->machine, draft->profile, draft->w, draft->h, error) || !image(b, error) || !slots(b, error) ||
        !all_items(b, draft->given, draft->givens, given_item, error))
        return false;
    if (b->is_state)
        as_loaded(b);
    if (!input_file(b, error))
        return false;
    as_loaded(b);
    if (!px_state_copy(&c->initial, &b->machine, error) || !px_state_copy(&c->expected, &b->machine, error) ||
        !all_items(b, draft->expect, draft->expects, expect_item, error))
        return false;
    return !c->refused || draft->expects == 1 ||
           pxt_fail(error, draft->path, draft->expect[0].line, "a refused input has no other expectation");
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

bool pxt_build(px_case *c, const pxt_draft *draft, px_error *error)
{
    build *b = calloc(1, sizeof *b);
    uint8_t *seen = calloc(SEEN_FIELDS + 256 + (size_t)draft->w * draft->h, 1);
    bool good = b != NULL && seen != NULL;
    if (good) {
        b->draft = draft;
        b->c = c;
        b->seen = seen;
        good = build_all(b, error);
        px_state_free(&b->machine);
        free(b->file_at);
        free(b->file_value);
    } else {
        px_fail(error, PX_E_SYSTEM, "no memory for a case of %s", draft->path);
    }
    free(seen);
    free(b);
    return good;
}
