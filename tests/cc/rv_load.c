/* rv_load.c - the segments of an ELF file into the simulator's two memories. */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cc/rv.h"

void rv_fault(rv *m, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(m->fault, sizeof m->fault, format, arguments);
    va_end(arguments);
    m->state = RV_FAULT;
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    uint8_t *bytes = NULL;
    size_t room = 0, got;
    *size = 0;
    do {
        room = room * 2 + 65536;
        uint8_t *more = realloc(bytes, room);
        if (more == NULL)
            break;
        bytes = more;
        got = fread(bytes + *size, 1, room - *size, file);
        *size += got;
    } while (*size == room);
    fclose(file);
    return bytes;
}

/* Words are taken apart by hand: the file is little-endian wherever the test runs. */
static void put_bytes(uint32_t *words, uint32_t at, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, at++)
        words[at / 4] |= (uint32_t)bytes[i] << (8 * (at & 3));
}

static bool load_segment(rv *m, const Elf32_Phdr *segment, const uint8_t *file, size_t size)
{
    if (segment->p_offset > size || segment->p_filesz > size - segment->p_offset)
        return rv_fault(m, "a segment goes beyond the file"), false;
    const uint8_t *bytes = file + segment->p_offset;
    if (segment->p_vaddr >= RV_TEXT) {
        const uint32_t at = segment->p_vaddr - RV_TEXT, words = (at + segment->p_memsz + 3) / 4;
        if (words > m->code_words) {
            m->code = realloc(m->code, words * sizeof *m->code);
            if (m->code == NULL)
                return rv_fault(m, "out of memory"), false;
            memset(m->code + m->code_words, 0, (words - m->code_words) * sizeof *m->code);
            m->code_words = words;
        }
        put_bytes(m->code, at, bytes, segment->p_filesz);
        return true;
    }
    const uint64_t end = (uint64_t)segment->p_vaddr + segment->p_memsz;
    if (end > (uint64_t)m->pixels * 4)
        return rv_fault(m, "data end at byte %llu, the image has %u pixels", (unsigned long long)end, m->pixels), false;
    put_bytes(m->image, segment->p_vaddr, bytes, segment->p_filesz);
    m->data_end = end > m->data_end ? (uint32_t)end : m->data_end;
    return true;
}

static bool load_elf(rv *m, const uint8_t *file, size_t size)
{
    Elf32_Ehdr header;
    if (size < sizeof header)
        return rv_fault(m, "not an ELF file"), false;
    memcpy(&header, file, sizeof header);
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS32 ||
        header.e_machine != EM_RISCV)
        return rv_fault(m, "not an ELF file for RV32"), false;
    m->entry = m->pc = header.e_entry;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf32_Phdr segment;
        const size_t at = header.e_phoff + (size_t)i * header.e_phentsize;
        if (at + sizeof segment > size)
            return rv_fault(m, "a program header goes beyond the file"), false;
        memcpy(&segment, file + at, sizeof segment);
        if (segment.p_type == PT_LOAD && segment.p_memsz > 0 && !load_segment(m, &segment, file, size))
            return false;
    }
    return true;
}

bool rv_load(rv *m, const char *path, uint32_t pixels)
{
    size_t size = 0;
    *m = (rv){.pixels = pixels, .image = calloc(pixels, 4), .reserved = 1, .random = 1};
    uint8_t *file = read_file(path, &size);
    if (file == NULL || m->image == NULL)
        return free(file), rv_fault(m, "%s: cannot be read", path), false;
    const bool loaded = load_elf(m, file, size);
    free(file);
    return loaded;
}

void rv_arguments(rv *m, int count, char *const *words)
{
    const uint32_t list = (m->data_end + 15) & ~15u;
    uint32_t at = list + 4 * ((uint32_t)count + 1);
    m->image[5] = (uint32_t)count;
    m->image[6] = list;
    for (int i = 0; i < count; i++) {
        const uint32_t length = (uint32_t)strlen(words[i]) + 1;
        if ((uint64_t)at + length + 16 > (uint64_t)m->pixels * 4) {
            rv_fault(m, "no room for the arguments");
            return;
        }
        m->image[list / 4 + (uint32_t)i] = at;
        put_bytes(m->image, at, (const uint8_t *)words[i], length);
        at += length;
    }
    m->image[7] = (at + 15) & ~15u;
}
