/* test_asm_encode.c - what each operand pattern of isa.def becomes, worked by hand from SPEC.md sections 1, 3, 4
 * and 10. A pixel is written as its bytes R G B A. The last test looks whether isa.def has a pattern that is not here.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/asm/asm.h"
#include "pxi/isa.h"
#include "pxi/pixel.h"

typedef struct example {
    const char *pattern, *text;
    unsigned count;      /* pixels */
    uint8_t bytes[2][4]; /* R G B A of each */
} example;

/* Each is assembled at address 5 of a picture of 256 x 256 pixels. */
static const example v1[] = {
    {"", "halt", 1, {{0x00, 0, 0, 0}}},
    {"rb", "sys r7", 1, {{0x05, 0, 7, 0}}},
    {"rb", "jr r255", 1, {{0x08, 0, 255, 0}}},
    {"rb", "VL R9", 1, {{0x09, 0, 9, 0}}},
    {"@bc", "jmp . + 1", 1, {{0x06, 0, 1, 0}}},
    {"@bc", "jmp 0", 1, {{0x06, 0, 0xFB, 0xFF}}}, /* -5 */
    {"@bc", "jmp 5 + 32767", 1, {{0x06, 0, 0xFF, 0x7F}}},
    {"@bc", "jmp 0x205", 1, {{0x06, 0, 0x00, 0x02}}},          /* +512: b low, c high */
    {"ra, @bc", "call r1, 0x108", 1, {{0x07, 1, 0x03, 0x01}}}, /* +0x103 */
    {"ra, #b", "get r3, 2", 1, {{0x0A, 3, 2, 0}}},
    {"ra, #b", "get r3, 255", 1, {{0x0A, 3, 255, 0}}},
    {"ra, =", "lit r4, 0x12345678", 2, {{0x0B, 4, 0, 0}, {0x78, 0x56, 0x34, 0x12}}},
    {"ra, =", "lit r4, -2", 2, {{0x0B, 4, 0, 0}, {0xFE, 0xFF, 0xFF, 0xFF}}},
    {"ra, =", "lit r4, 4294967295", 2, {{0x0B, 4, 0, 0}, {0xFF, 0xFF, 0xFF, 0xFF}}},
    {"rb, rc, @a", "beq r1, r2, .", 1, {{0x10, 0, 1, 2}}},
    {"rb, rc, @a", "bgeu r1, r2, . + 127", 1, {{0x15, 0x7F, 1, 2}}},
    {"rb, rc, @a", "blt r1, r2, . - 5", 1, {{0x12, 0xFB, 1, 2}}},
    {"ra, rb, rc", "add r1, r2, r3", 1, {{0x20, 1, 2, 3}}},
    {"ra, rb, rc", "mulhu r255, r254, r253", 1, {{0x2F, 255, 254, 253}}},
    {"ra, rb, rc", "remu r1, r2, r3", 1, {{0x53, 1, 2, 3}}},
    {"ra, rb, $c", "addi r1, r2, -128", 1, {{0x30, 1, 2, 0x80}}},
    {"ra, rb, $c", "mulhui r1, r2, 127", 1, {{0x3F, 1, 2, 0x7F}}},
    {"ra, [rb + #c]", "ld r1, [r2 + 255]", 1, {{0x40, 1, 2, 255}}},
    {"ra, [rb + #c]", "ld r1, [r2]", 1, {{0x40, 1, 2, 0}}},
    {"ra, [rb + #c]", "ld r1, [r2 + 0]", 1, {{0x40, 1, 2, 0}}},
    {"ra, [rb + #c]", "ld r1,[ r2+2*3 ]", 1, {{0x40, 1, 2, 6}}},
    {"[rb + #a], rc", "st [r2 + 9], r3", 1, {{0x41, 9, 2, 3}}},
    {"[rb + #a], rc", "st [r2], r3", 1, {{0x41, 0, 2, 3}}},
    {"ra, [rb : rc]", "ldb r1, [r2 : r3]", 1, {{0x42, 1, 2, 3}}},
    {"[rb : rc], ra", "stb [r2:r3], r1", 1, {{0x43, 1, 2, 3}}},
    {"ra, $bc", "li r1, -2", 1, {{0x44, 1, 0xFE, 0xFF}}},
    {"ra, $bc", "li r1, 32767", 1, {{0x44, 1, 0xFF, 0x7F}}},
    {"ra, $bc", "li r1, -32768", 1, {{0x44, 1, 0x00, 0x80}}},
    {"ra, #bc", "lui r1, 0xABCD", 1, {{0x45, 1, 0xCD, 0xAB}}},
    {"ra, rb, #c", "ext r1, r2, 3", 1, {{0x46, 1, 2, 3}}},
    {"ra, rb, #c", "ins r1, r2, 255", 1, {{0x47, 1, 2, 255}}},
    {"[ra], [rb], [rc]", "vadd.vv [r1], [r2], [r3]", 1, {{0x60, 1, 2, 3}}},
    {"[ra], [rb], [rc]", "BMULU.VV [r1], [r2], [r3]", 1, {{0x8F, 1, 2, 3}}},
    {"[ra], [rb], rc", "vmulhu.vx [r1], [r2], r3", 1, {{0x7F, 1, 2, 3}}},
    {"[ra], [rb], rc", "req [r1], [r2], r3", 1, {{0xC2, 1, 2, 3}}},
    {"ra, [rb]", "argmax r1, [r2]", 1, {{0xA4, 1, 2, 0}}},
    {"[ra], rc", "fill [r1], r3", 1, {{0xB0, 1, 0, 3}}},
    {"[ra], rb, rc", "iota [r1], r2, r3", 1, {{0xB1, 1, 2, 3}}},
    {"[ra], [rb]", "blend [r1], [r2]", 1, {{0xB8, 1, 2, 0}}},
    {"ra, [rb], [rc]", "vdot r1, [r2], [r3]", 1, {{0xC0, 1, 2, 3}}},
    {"ra", "matmul r10", 1, {{0xC1, 10, 0, 0}}},
    /* The pseudo-instructions. */
    {NULL, "nop", 1, {{0x30, 0, 0, 0}}},
    {NULL, "mov r1, r2", 1, {{0x30, 1, 2, 0}}},
    {NULL, "ret r3", 1, {{0x08, 0, 3, 0}}},
    {NULL, "set r1, 32767", 1, {{0x44, 1, 0xFF, 0x7F}}},
    {NULL, "set r1, 32768", 2, {{0x0B, 1, 0, 0}, {0x00, 0x80, 0, 0}}},
    {NULL, "set r1, -32768", 1, {{0x44, 1, 0x00, 0x80}}},
    {NULL, "set r1, -32769", 2, {{0x0B, 1, 0, 0}, {0xFF, 0x7F, 0xFF, 0xFF}}},
    {NULL, "set r1, 0xFFFFFFFF", 1, {{0x44, 1, 0xFF, 0xFF}}},
    {NULL, "set r1, 0x00010000", 1, {{0x45, 1, 0x01, 0x00}}},
    {NULL, "set r1, 0xFF000000", 1, {{0x45, 1, 0x00, 0xFF}}},
    {NULL, "set r1, 0xFF000001", 2, {{0x0B, 1, 0, 0}, {0x01, 0, 0, 0xFF}}},
    {NULL, "set r1, 0", 1, {{0x44, 1, 0, 0}}},
    {NULL, "Set r1, rgba(1, 2, 3, 255)", 2, {{0x0B, 1, 0, 0}, {1, 2, 3, 255}}},
};

static const example classic[] = {
    {"", "halt", 1, {{0, 0, 0, 0}}},
    {"#a, #b, #c", "dot_rgb 1, 2, 3", 1, {{1, 1, 2, 3}}},
    {"#a, #b, #c", "add 255, 0, 128", 1, {{2, 255, 0, 128}}},
    {"#a, #b, #c", "MatMul 1, 2, 3", 1, {{4, 1, 2, 3}}},
    {"#a", "relu 9", 1, {{3, 9, 0, 0}}},
};

enum { V1 = sizeof v1 / sizeof *v1, CLASSIC = sizeof classic / sizeof *classic };

static void check(const char *before, uint32_t address, const example *e)
{
    char text[200];
    px_assembly x;
    const int size = snprintf(text, sizeof text, "%s %s\n", before, e->text);
    if (!px_assemble(&x, "encode.pxa", text, (size_t)size, NULL)) {
        px_diagnostic_print(stderr, &x.diagnostics[0], false);
        fail_msg("%s does not assemble", e->text);
    }
    assert_int_equal(x.code_pixels, e->count);
    assert_int_equal(x.instructions, 1);
    for (unsigned i = 0; i < e->count; i++) {
        const uint8_t *b = e->bytes[i];
        const uint32_t found = x.picture.px[address + i], expected = px_rgba(b[0], b[1], b[2], b[3]);
        if (found != expected)
            fail_msg("%s: pixel %u is 0x%08" PRIX32 ", expected 0x%08" PRIX32, e->text, i, found, expected);
    }
    assert_int_equal(x.picture.px[address + e->count], 0);
    px_assembly_free(&x);
}

static void encodes_v1(void **unused)
{
    (void)unused;
    for (int i = 0; i < V1; i++)
        check(".size 256, 256\n", 5, &v1[i]);
}

static void encodes_classic(void **unused)
{
    (void)unused;
    for (int i = 0; i < CLASSIC; i++)
        check(".profile classic\n.size 16, 4\n", 0, &classic[i]);
}

static void covers_every_pattern(void **unused)
{
    (void)unused;
    for (int profile = PX_CLASSIC; profile <= PX_V1; profile++) {
        const example *list = profile == PX_V1 ? v1 : classic;
        const int count = profile == PX_V1 ? V1 : CLASSIC;
        for (int number = 0; number < 256; number++) {
            const px_opcode *opcode = px_opcode_of(profile, (uint8_t)number);
            if (opcode->mnemonic == NULL)
                continue;
            bool found = false;
            for (int i = 0; i < count; i++)
                found = found || (list[i].pattern != NULL && strcmp(list[i].pattern, opcode->operands) == 0);
            if (!found)
                fail_msg("no example for the pattern '%s' of %s", opcode->operands, opcode->mnemonic);
        }
    }
}

/* Every mnemonic gives its own opcode, with the operands of its pattern made up. */
static void knows_every_mnemonic(void **unused)
{
    (void)unused;
    for (int profile = PX_CLASSIC; profile <= PX_V1; profile++)
        for (int number = 0; number < 256; number++) {
            const px_opcode *opcode = px_opcode_of(profile, (uint8_t)number);
            if (opcode->mnemonic == NULL)
                continue;
            char text[200];
            size_t size = (size_t)snprintf(text, sizeof text, ".profile %s\n.size 16, 4\n_x: %s ",
                                           profile == PX_V1 ? "v1" : "classic", opcode->mnemonic);
            for (const char *p = opcode->operands; *p != '\0'; p++) {
                if (*p == 'r')
                    size += (size_t)snprintf(text + size, sizeof text - size, "r1");
                else if (strchr("#$=@", *p) != NULL)
                    size += (size_t)snprintf(text + size, sizeof text - size, *p == '@' ? "_x" : "1");
                else if (strchr("abc", *p) == NULL)
                    text[size++] = *p;
            }
            px_assembly x;
            if (!px_assemble(&x, "all.pxa", text, size, NULL)) {
                px_diagnostic_print(stderr, &x.diagnostics[0], false);
                fail_msg("%s does not assemble", opcode->mnemonic);
            }
            assert_int_equal(px_byte(x.picture.px[profile == PX_V1 ? 5 : 0], 0), number);
            px_assembly_free(&x);
        }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_v1),
        cmocka_unit_test(encodes_classic),
        cmocka_unit_test(covers_every_pattern),
        cmocka_unit_test(knows_every_mnemonic),
    };
    return cmocka_run_group_tests_name("asm_encode", tests, NULL, NULL);
}
