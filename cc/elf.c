/* elf.c - the sections, symbols and relocations of a linked program. Nothing is believed: each offset is checked before
 * it is followed. */
#include <string.h>

#include "cc/elf.h"
#include "cc/internal.h"

static uint32_t half(const uint8_t *at) { return (uint32_t)(at[0] | at[1] << 8); }
static uint32_t word(const uint8_t *at) { return half(at) | half(at + 2) << 16; }

static bool within(const cc_program *p, uint64_t offset, uint64_t size)
{
    return offset <= p->size && size <= p->size - offset;
}

static bool check_header(const cc_program *p)
{
    const uint8_t *e = p->elf;
    if (!within(p, 0, ELF_HEADER) || memcmp(e, "\177ELF", 4) != 0)
        return cc_fail(p, "not an ELF file");
    if (e[4] != 1 || e[5] != 1 || half(e + 18) != ELF_RISCV)
        return cc_fail(p, "not a program for 32-bit RISC-V (machine %u, class %u)", (unsigned)half(e + 18), e[4]);
    if (half(e + 16) == 1)
        return cc_fail(p, "an object that is not linked yet; name it .o");
    if (half(e + 16) != 2)
        return cc_fail(p, "position-independent (ELF type %u); link it at a fixed place, without -pie and -shared",
                       (unsigned)half(e + 16));
    if (word(e + 36) & 1)
        return cc_fail(p, "it has compressed instructions; compile it with -march=rv32im");
    if (word(e + 36) & 14)
        return cc_fail(p,
                       "its ABI has floating-point registers or few registers (flags 0x%x); compile it with "
                       "-mabi=ilp32",
                       (unsigned)word(e + 36));
    return true;
}

/* A text within a string table, or NULL. */
static const char *text_at(const cc_program *p, const cc_section *table, uint32_t offset)
{
    if (table->type != ELF_STRTAB || offset >= table->size)
        return NULL;
    const char *text = (const char *)p->elf + table->offset + offset;
    return memchr(text, 0, table->size - offset) != NULL ? text : NULL;
}

/* All data are moved by one distance, which no alignment notices. */
static void move_data(cc_program *p)
{
    uint32_t first = UINT32_MAX, align = 16;
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *s = &p->sections[i];
        if (!cc_is_moved(s))
            continue;
        first = s->address < first ? s->address : first;
        align = s->align > align ? s->align : align;
    }
    if (p->options->data == 0 || first == UINT32_MAX || (align & (align - 1)) != 0)
        return;
    p->move = (p->options->data - first + align - 1) & ~(align - 1);
    for (uint32_t i = 0; i < p->section_count; i++)
        if (cc_is_moved(&p->sections[i]))
            p->sections[i].address += p->move;
}

static bool read_sections(cc_program *p)
{
    const uint8_t *e = p->elf;
    const uint32_t offset = word(e + 32), entry = half(e + 46), count = half(e + 48), names = half(e + 50);
    if (count == 0 || entry != ELF_SECTION || !within(p, offset, (uint64_t)count * ELF_SECTION))
        return cc_fail(p, "its table of sections is damaged");
    p->sections = cc_allocate(p, count, sizeof *p->sections);
    if (p->sections == NULL)
        return false;
    p->section_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = e + offset + (size_t)i * ELF_SECTION;
        p->sections[i] = (cc_section){NULL,          word(at + 4),  word(at + 8),  word(at + 12), word(at + 16),
                                      word(at + 20), word(at + 24), word(at + 28), word(at + 32), word(at + 36)};
        const cc_section *s = &p->sections[i];
        if (s->type != ELF_NULL && s->type != ELF_NOBITS && !within(p, s->offset, s->size))
            return cc_fail(p, "section %u ends outside of the file", (unsigned)i);
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *name =
            names < count ? text_at(p, &p->sections[names], word(e + offset + (size_t)i * ELF_SECTION)) : NULL;
        p->sections[i].name = name != NULL ? name : "?";
    }
    move_data(p);
    return true;
}

enum { THREAD_LOCAL = 6 }; /* symbols: offsets, not addresses */

static bool read_symbol(cc_program *p, const cc_section *table, const cc_section *names, uint32_t i)
{
    const uint8_t *at = p->elf + table->offset + (size_t)i * ELF_SYMBOL;
    const char *name = text_at(p, names, word(at));
    if (name == NULL)
        return cc_fail(p, "symbol %u has no name within its table", (unsigned)i);
    cc_symbol *s = &p->symbols[i];
    *s = (cc_symbol){name, word(at + 4), word(at + 8), at[12] & 15, (uint8_t)(at[12] >> 4), (uint16_t)half(at + 14)};
    if (s->section < p->section_count && cc_is_moved(&p->sections[s->section]) && s->type != THREAD_LOCAL)
        s->value += p->move;
    return true;
}

static bool read_symbols(cc_program *p)
{
    for (uint32_t k = 0; k < p->section_count; k++) {
        const cc_section *s = &p->sections[k];
        if (s->type != ELF_SYMTAB)
            continue;
        if (s->link >= p->section_count || s->entry_size != ELF_SYMBOL || s->size % ELF_SYMBOL != 0)
            return cc_fail(p, "its table of symbols is damaged");
        const uint32_t count = s->size / ELF_SYMBOL;
        p->symbols = cc_allocate(p, count, sizeof *p->symbols);
        if (p->symbols == NULL)
            return false;
        for (; p->symbol_count < count; p->symbol_count++)
            if (!read_symbol(p, s, &p->sections[s->link], p->symbol_count))
                return false;
        return true;
    }
    return cc_fail(p, "it has no symbols; link it without -s");
}

bool cc_next_relocation(const cc_program *p, const cc_section *table, uint32_t *at, cc_relocation *relocation)
{
    if (*at >= table->size / ELF_RELA)
        return false;
    const uint8_t *e = p->elf + table->offset + (size_t)*at * ELF_RELA;
    *relocation = (cc_relocation){word(e), e[4], word(e + 4) >> 8, (int32_t)word(e + 8)};
    ++*at;
    return true;
}

/* The text is one run of words; what lies between its sections is nothing that runs. */
static bool read_text(cc_program *p)
{
    uint64_t first = UINT64_MAX, end = 0;
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *s = &p->sections[i];
        if (!cc_is_text(s) || s->size == 0)
            continue;
        if (s->type != ELF_PROGBITS || s->address % 4 != 0 || s->size % 4 != 0)
            return cc_fail(p, "%s: code that is no run of words", s->name);
        first = s->address < first ? s->address : first;
        end = (uint64_t)s->address + s->size > end ? (uint64_t)s->address + s->size : end;
    }
    if (end == 0)
        return cc_fail(p, "there is no code in it");
    if (first < CC_TEXT)
        return cc_fail(p, "its code is linked at 0x%08x, below 0x%08x; link it with px.ld", (unsigned)first,
                       (unsigned)CC_TEXT);
    if (end - first > 4 * (uint64_t)PX_MAX_PIXELS)
        return cc_fail(p, "more code than a picture has pixels");
    p->text = (uint32_t)first;
    p->count = (uint32_t)((end - first) / 4);
    p->insns = cc_allocate(p, p->count + 1, sizeof *p->insns);
    if (p->insns == NULL)
        return false;
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *s = &p->sections[i];
        for (uint32_t at = 0; cc_is_text(s) && at < s->size; at += 4)
            p->insns[(s->address + at - p->text) / 4].word = word(p->elf + s->offset + at);
    }
    p->entry = word(p->elf + 24);
    return cc_index(p, p->entry) < p->count ||
           cc_fail(p, "its entry, 0x%08x, is not within its code; is there a _start?", (unsigned)p->entry);
}

bool cc_read_elf(cc_program *p) { return check_header(p) && read_sections(p) && read_symbols(p) && read_text(p); }
