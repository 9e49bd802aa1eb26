/* lines.c - source lines of pixels, from .debug_line: the line programs of DWARF 4 and 5. What is wrong in them costs
 * lines and nothing else: a program is not refused for what only debuggers read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/elf.h"
#include "cc/internal.h"

/* Bytes that are taken from the front; failed: more were wanted than there are. */
typedef struct bytes {
    const uint8_t *at, *end;
    bool failed;
} bytes;

typedef struct table {
    cc_program *p;
    bytes line_strings, strings;
    const char **files; /* full names, by number */
    uint32_t file_count, file_room;
    const char **folders;
    uint32_t folder_count, folder_room;
    uint8_t version, step, line_range, opcode_base;
    int8_t line_base;
    uint8_t lengths[256]; /* of the operands of standard opcodes */
    const char **file_of; /* of each instruction, with */
    uint32_t *line_of;
} table;

static uint64_t take(bytes *b, unsigned size)
{
    uint64_t value = 0;
    if ((size_t)(b->end - b->at) < size) {
        b->failed = true;
        b->at = b->end;
        return 0;
    }
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)*b->at++ << 8 * i;
    return value;
}

static uint64_t take_leb(bytes *b, bool is_signed)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = (uint8_t)take(b, 1);
        if (shift < 64)
            value |= (uint64_t)(byte & 127) << shift;
        shift += 7;
    } while ((byte & 128) != 0 && !b->failed);
    if (is_signed && (byte & 64) != 0 && shift < 64)
        value |= ~UINT64_C(0) << shift;
    return value;
}

static const char *take_text(bytes *b)
{
    const uint8_t *end = memchr(b->at, 0, (size_t)(b->end - b->at));
    const char *text = (const char *)b->at;
    b->failed |= end == NULL;
    b->at = end != NULL ? end + 1 : b->end;
    return end != NULL ? text : "";
}

static const char *text_at(const bytes *strings, uint64_t offset)
{
    if (offset >= (uint64_t)(strings->end - strings->at))
        return "";
    bytes rest = {strings->at + offset, strings->end, false};
    return take_text(&rest);
}

static bytes take_part(bytes *b, uint64_t size)
{
    bytes part = {b->at, b->at, false};
    if ((uint64_t)(b->end - b->at) < size) {
        b->failed = true;
        return part;
    }
    b->at += size;
    part.end = b->at;
    return part;
}

/* ---- names of files ---- */

static bool add_name(table *t, const char ***names, uint32_t *count, uint32_t *room, const char *name)
{
    const char **larger = cc_grow(t->p, *names, *count, room, sizeof *larger);
    if (larger == NULL)
        return false;
    *names = larger;
    (*names)[(*count)++] = name;
    return true;
}

static bool add_file(table *t, const char *name, uint64_t folder)
{
    const char *in = folder < t->folder_count ? t->folders[folder] : "";
    if (*name != '/' && *in != '\0' && strcmp(in, ".") != 0) {
        const size_t size = strlen(in) + strlen(name) + 2;
        char *full = cc_allocate(t->p, size, 1);
        if (full == NULL)
            return false;
        snprintf(full, size, "%s/%s", in, name);
        name = full;
    }
    return add_name(t, &t->files, &t->file_count, &t->file_room, name);
}

/* Version 4: texts up to an empty one; files have three numbers, and both count from 1. */
static bool read_names_4(table *t, bytes *b)
{
    bool good = add_name(t, &t->folders, &t->folder_count, &t->folder_room, "") && add_file(t, "?", 0);
    while (good && !b->failed && b->at < b->end && *b->at != 0)
        good = add_name(t, &t->folders, &t->folder_count, &t->folder_room, take_text(b));
    take(b, 1);
    while (good && !b->failed && b->at < b->end && *b->at != 0) {
        const char *name = take_text(b);
        const uint64_t folder = take_leb(b, false);
        take_leb(b, false);
        take_leb(b, false);
        good = add_file(t, name, folder);
    }
    take(b, 1);
    return good;
}

enum {
    FORM_BLOCK2 = 3,
    FORM_BLOCK4,
    FORM_DATA2,
    FORM_DATA4,
    FORM_DATA8,
    FORM_STRING,
    FORM_BLOCK,
    FORM_BLOCK1,
    FORM_DATA1 = 0x0B,
    FORM_STRP = 0x0E,
    FORM_UDATA,
    FORM_DATA16 = 0x1E,
    FORM_LINE_STRP,
    CONTENT_PATH = 1,
    CONTENT_FOLDER = 2,
    MOST_FORMATS = 16
};

/* A value of a form: its text or its number. */
static bool take_form(table *t, bytes *b, uint64_t form, const char **text, uint64_t *number)
{
    switch (form) {
    case FORM_STRING:
        *text = take_text(b);
        return true;
    case FORM_LINE_STRP:
        *text = text_at(&t->line_strings, take(b, 4));
        return true;
    case FORM_STRP:
        *text = text_at(&t->strings, take(b, 4));
        return true;
    case FORM_DATA1:
    case FORM_DATA2:
    case FORM_DATA4:
    case FORM_DATA8:
        *number = take(b, form == FORM_DATA1 ? 1 : form == FORM_DATA2 ? 2 : form == FORM_DATA4 ? 4 : 8);
        return true;
    case FORM_UDATA:
        *number = take_leb(b, false);
        return true;
    case FORM_DATA16:
        take_part(b, 16);
        return true;
    case FORM_BLOCK:
        take_part(b, take_leb(b, false));
        return true;
    case FORM_BLOCK1:
    case FORM_BLOCK2:
    case FORM_BLOCK4:
        take_part(b, take(b, form == FORM_BLOCK1 ? 1 : form == FORM_BLOCK2 ? 2 : 4));
        return true;
    default:
        b->failed = true;
        return false;
    }
}

/* Version 5: a list says of what each entry is made. */
static bool read_entries_5(table *t, bytes *b, bool files)
{
    uint64_t what[MOST_FORMATS], form[MOST_FORMATS];
    const uint64_t formats = take(b, 1);
    if (formats > MOST_FORMATS) {
        b->failed = true;
        return true;
    }
    for (uint64_t i = 0; i < formats; i++) {
        what[i] = take_leb(b, false);
        form[i] = take_leb(b, false);
    }
    for (uint64_t left = take_leb(b, false); left > 0 && !b->failed && formats > 0; left--) {
        const char *name = "?";
        uint64_t folder = 0;
        for (uint64_t i = 0; i < formats && !b->failed; i++) {
            const char *text = "?";
            uint64_t number = 0;
            if (!take_form(t, b, form[i], &text, &number))
                break;
            if (what[i] == CONTENT_PATH)
                name = text;
            if (what[i] == CONTENT_FOLDER)
                folder = number;
        }
        if (files ? !add_file(t, name, folder) : !add_name(t, &t->folders, &t->folder_count, &t->folder_room, name))
            return false;
    }
    return true;
}

/* ---- line programs ---- */

typedef struct row {
    uint32_t address, line;
    uint64_t file;
} row;

/* What was true from the last row on is true up to this one. */
static void fill(table *t, const row *from, uint32_t to)
{
    const uint32_t first = cc_index(t->p, from->address), end = cc_index(t->p, to);
    if (first == CC_NO_INDEX || end == CC_NO_INDEX || from->line == 0 || from->file >= t->file_count)
        return;
    for (uint32_t i = first; i < end && i < t->p->count; i++) {
        t->file_of[i] = t->files[from->file];
        t->line_of[i] = from->line;
    }
}

enum {
    COPY = 1,
    ADVANCE_PC,
    ADVANCE_LINE,
    SET_FILE,
    CONST_ADD_PC = 8,
    FIXED_ADVANCE_PC,
    END_SEQUENCE = 1,
    SET_ADDRESS
};

typedef struct machine {
    row now, before;
    bool begun; /* there is a row before */
} machine;

static void emit(table *t, machine *m)
{
    if (m->begun)
        fill(t, &m->before, m->now.address);
    m->before = m->now;
    m->begun = true;
}

static void extended(table *t, machine *m, bytes *b)
{
    const uint64_t size = take_leb(b, false);
    bytes part = take_part(b, size);
    switch (take(&part, 1)) {
    case END_SEQUENCE:
        emit(t, m);
        *m = (machine){.now = {0, 1, 1}};
        return;
    case SET_ADDRESS:
        m->now.address = (uint32_t)take(&part, 4);
        return;
    default:
        return;
    }
}

static void special(table *t, machine *m, uint8_t opcode)
{
    const uint8_t adjusted = (uint8_t)(opcode - t->opcode_base);
    m->now.address += (uint32_t)(adjusted / t->line_range) * t->step;
    m->now.line += (uint32_t)(t->line_base + adjusted % t->line_range);
}

static void standard(table *t, machine *m, bytes *b, uint8_t opcode)
{
    switch (opcode) {
    case COPY:
        emit(t, m);
        return;
    case ADVANCE_PC:
        m->now.address += (uint32_t)take_leb(b, false) * t->step;
        return;
    case ADVANCE_LINE:
        m->now.line += (uint32_t)take_leb(b, true);
        return;
    case SET_FILE:
        m->now.file = take_leb(b, false);
        return;
    case CONST_ADD_PC:
        m->now.address += (uint32_t)((255 - t->opcode_base) / t->line_range) * t->step;
        return;
    case FIXED_ADVANCE_PC:
        m->now.address += (uint32_t)take(b, 2);
        return;
    default:
        for (uint8_t i = 0; i < t->lengths[opcode]; i++)
            take_leb(b, false);
    }
}

static void run(table *t, bytes *b)
{
    machine m = {.now = {0, 1, 1}};
    while (b->at < b->end && !b->failed) {
        const uint8_t opcode = (uint8_t)take(b, 1);
        if (opcode == 0)
            extended(t, &m, b);
        else if (opcode < t->opcode_base)
            standard(t, &m, b, opcode);
        else {
            special(t, &m, opcode);
            emit(t, &m);
        }
    }
}

/* One unit's header and program. False without memory. */
static bool read_unit(table *t, bytes unit)
{
    t->version = (uint8_t)take(&unit, 2);
    if (t->version != 4 && t->version != 5)
        return true;
    if (t->version == 5)
        take(&unit, 2); /* sizes of addresses and selectors */
    const uint64_t header = take(&unit, 4);
    bytes names = take_part(&unit, header);
    t->step = (uint8_t)take(&names, 1);
    take(&names, 2); /* operations an instruction; whether lines are statements */
    t->line_base = (int8_t)take(&names, 1);
    t->line_range = (uint8_t)take(&names, 1);
    t->opcode_base = (uint8_t)take(&names, 1);
    for (unsigned i = 1; i < t->opcode_base; i++)
        t->lengths[i] = (uint8_t)take(&names, 1);
    if (names.failed || t->line_range == 0 || t->opcode_base == 0)
        return true;
    t->file_count = t->folder_count = 0;
    if (t->version == 4 ? !read_names_4(t, &names)
                        : !(read_entries_5(t, &names, false) && read_entries_5(t, &names, true)))
        return false;
    if (!names.failed)
        run(t, &unit);
    return true;
}

static bytes section_named(const cc_program *p, const char *name)
{
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *s = &p->sections[i];
        if (s->type == ELF_PROGBITS && strcmp(s->name, name) == 0)
            return (bytes){p->elf + s->offset, p->elf + s->offset + s->size, false};
    }
    return (bytes){p->elf, p->elf, false};
}

/* ---- what the picture's reader gets ---- */

static bool add_line(px_cc_result *result, size_t *room, px_line line)
{
    if (result->line_count == *room) {
        *room = *room == 0 ? 256 : 2 * *room;
        px_line *larger = realloc(result->lines, *room * sizeof *larger);
        if (larger == NULL)
            return false;
        result->lines = larger;
    }
    line.file = strdup(line.file);
    if (line.file == NULL)
        return false;
    result->lines[result->line_count++] = line;
    return true;
}

/* An entry where the line changes, for all pixels that it is true of. */
static bool give(const table *t, px_cc_result *result)
{
    const cc_program *p = t->p;
    size_t room = 0;
    for (uint32_t i = 0, end; i < p->count; i = end) {
        for (end = i + 1; end < p->count && t->file_of[end] == t->file_of[i] && t->line_of[end] == t->line_of[i]; end++)
            continue;
        const uint32_t from = cc_pixel_of(p, i), to = cc_pixel_of(p, end);
        if (t->file_of[i] != NULL && to > from &&
            !add_line(result, &room, (px_line){from, t->line_of[i], to - from, t->file_of[i]}))
            return cc_fail(p, "no memory for its lines");
    }
    return true;
}

bool cc_collect_lines(cc_program *p, px_cc_result *result)
{
    bytes all = section_named(p, ".debug_line");
    if (all.at == all.end)
        return true;
    table t = {.p = p,
               .line_strings = section_named(p, ".debug_line_str"),
               .strings = section_named(p, ".debug_str"),
               .file_of = cc_allocate(p, p->count + 1, sizeof *t.file_of),
               .line_of = cc_allocate(p, p->count + 1, sizeof *t.line_of)};
    if (t.file_of == NULL || t.line_of == NULL)
        return false;
    while (all.at < all.end && !all.failed)
        if (!read_unit(&t, take_part(&all, take(&all, 4))))
            return false;
    return give(&t, result);
}
