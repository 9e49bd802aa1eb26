/* archive.c - the programs in the picture, which nobody writes. */
#include "os/kernel/kernel.h"

static uint32_t found[MOST_PROGRAMS], one[MOST_PROGRAMS];

uint32_t program_named(const uint8_t *name, uint32_t length)
{
    uint32_t words[OS_NAME_WORDS] = {0};
    if (length == 0 || length >= PXO_NAME_BYTES)
        return map->programs;
    memcpy(words, name, length);
    px_vl(map->programs);
    px_fill(found, 1);
    for (unsigned k = 0; k < OS_NAME_WORDS; k++) {
        px_vseq_vx(one, px_image(map->names >> 2) + k * map->programs, words[k]);
        px_vmul_vv(found, found, one);
    }
    const uint32_t program = px_argmax(found);
    return found[program] != 0 ? program : map->programs;
}

void program_name(uint32_t program, uint32_t name[OS_NAME_WORDS])
{
    px_vl(OS_NAME_WORDS);
    px_copys(name, 1, px_image(map->names >> 2) + program, map->programs);
}
