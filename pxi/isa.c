/* isa.c - the tables made from isa.def. */
#include "pxi/isa.h"

#include <stddef.h>
#include <strings.h>

static const px_opcode v1[256] = {
#define PXI_OP(id, mnemonic, number, class, function, operands, colour, effect)                                        \
    [number] = {mnemonic, #function, operands, effect, colour, number, PX_CLASS_##class},
#include "pxi/isa.def"
};

static const px_opcode classic[256] = {
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)                                                    \
    [number] = {mnemonic, #id, operands, effect, colour, number, PX_CLASS_CTRL},
#include "pxi/isa.def"
};

static const struct {
    const char *name, *text;
} statuses[] =
    {
#define PXI_STATUS(id, number, text) [number] = {#id, text},
#include "pxi/isa.def"
},
  causes[] = {
#define PXI_CAUSE(id, number, text) [number] = {#id, text},
#include "pxi/isa.def"
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const px_opcode *table_of(int profile) { return profile == PX_CLASSIC ? classic : v1; }

const px_opcode *px_opcode_of(int profile, uint8_t number) { return &table_of(profile)[number]; }

const px_opcode *px_opcode_named(int profile, const char *mnemonic)
{
    const px_opcode *table = table_of(profile);
    for (int i = 0; i < 256; i++)
        if (table[i].mnemonic != NULL && strcasecmp(table[i].mnemonic, mnemonic) == 0)
            return &table[i];
    return NULL;
}

const char *px_status_name(uint32_t status) { return status < COUNT(statuses) ? statuses[status].name : "?"; }
const char *px_status_text(uint32_t status) { return status < COUNT(statuses) ? statuses[status].text : "?"; }
const char *px_cause_name(uint32_t cause) { return cause < COUNT(causes) ? causes[cause].name : "?"; }
const char *px_cause_text(uint32_t cause) { return cause < COUNT(causes) ? causes[cause].text : "?"; }
