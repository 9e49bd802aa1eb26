/* test_disasm.c - the disassembler's words, worked by hand, and its promise: its text assembles to the same picture,
 * whatever the picture holds. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/asm/asm.h"
#include "pxi/asm/disasm.h"
#include "pxi/pixel.h"
#include "pxi/state.h"
#include "tests/random/rng.h"

/* ---- one instruction ---- */

static const struct {
    uint32_t profile, pixel;
    const char *text;
} examples[] = {
    {PX_V1, 0x00000000, "halt"},
    {PX_V1, 0x00020005, "sys r2"},
    {PX_V1, 0xFFFB0006, "jmp . - 5"},
    {PX_V1, 0x00000006, "jmp . + 0"},
    {PX_V1, 0x7FFF0006, "jmp . + 32767"},
    {PX_V1, 0x80000006, "jmp . - 32768"},
    {PX_V1, 0x01000107, "call r1, . + 256"},
    {PX_V1, 0x0003040A, "get r4, 3"},
    {PX_V1, 0x0000FF0B, "lit r255, ..."},
    {PX_V1, 0x03028010, "beq r2, r3, . - 128"},
    {PX_V1, 0x03027F15, "bgeu r2, r3, . + 127"},
    {PX_V1, 0x030201E0, ".pixel 0x030201E0"},
    {PX_V1, 0x03020120, "add r1, r2, r3"},
    {PX_V1, 0x80020130, "addi r1, r2, -128"},
    {PX_V1, 0x00020140, "ld r1, [r2]"},
    {PX_V1, 0xFF020140, "ld r1, [r2 + 255]"},
    {PX_V1, 0x03020041, "st [r2], r3"},
    {PX_V1, 0x03020141, "st [r2 + 1], r3"},
    {PX_V1, 0x03020142, "ldb r1, [r2 : r3]"},
    {PX_V1, 0x03020143, "stb [r2 : r3], r1"},
    {PX_V1, 0xFFFF0144, "li r1, -1"},
    {PX_V1, 0xFFFF0145, "lui r1, 65535"},
    {PX_V1, 0x03020146, "ext r1, r2, 3"},
    {PX_V1, 0x03020160, "vadd.vv [r1], [r2], [r3]"},
    {PX_V1, 0x03020170, "vadd.vx [r1], [r2], r3"},
    {PX_V1, 0x000201A0, "sum r1, [r2]"},
    {PX_V1, 0x030001B0, "fill [r1], r3"},
    {PX_V1, 0x030201B1, "iota [r1], r2, r3"},
    {PX_V1, 0x000201B2, "copys [r1], [r2]"},
    {PX_V1, 0x030201C0, "vdot r1, [r2], [r3]"},
    {PX_V1, 0x000001C1, "matmul r1"},
    /* Bytes that the instruction does not use: the assembler would make them 0. */
    {PX_V1, 0x00000100, ".pixel 0x00000100"},
    {PX_V1, 0x01000005, ".pixel 0x01000005"},
    {PX_V1, 0x000101C1, ".pixel 0x000101C1"},
    {PX_V1, 0x030201B0, ".pixel 0x030201B0"},
    {PX_V1, 0x00000001, ".pixel 0x00000001"},
    {PX_CLASSIC, 0x03020101, "dot_rgb 1, 2, 3"},
    {PX_CLASSIC, 0xFF000004, "matmul 0, 0, 255"},
    {PX_CLASSIC, 0x00000203, "relu 2"},
    {PX_CLASSIC, 0x00010203, ".pixel 0x00010203"},
    {PX_CLASSIC, 0x00000005, ".pixel 0x00000005"},
    {PX_CLASSIC, 0x00000000, "halt"},
};

static void says_instructions(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char text[64], small[4];
        const int length = px_disassemble_one(examples[i].profile, examples[i].pixel, text, sizeof text);
        assert_string_equal(text, examples[i].text);
        assert_int_equal(length, strlen(examples[i].text));
        assert_int_equal(px_disassemble_one(examples[i].profile, examples[i].pixel, small, sizeof small), length);
        assert_int_equal(strlen(small), 3);
        assert_int_equal(px_disassemble_one(examples[i].profile, examples[i].pixel, NULL, 0), length);
    }
}

/* ---- whole pictures ---- */

static char *disassemble(const px_picture *picture, const px_symbol *symbols, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    px_error error;
    if (!px_disassemble(to, picture, "a\nname", symbols, count, &error))
        fail_msg("%s", error.text);
    fclose(to);
    return text;
}

/* Prints both sides of a failure: the text, and what the assembler made of it. */
static void expect_assembles_to(const char *text, const px_picture *image)
{
    px_assembly assembly;
    if (!px_assemble(&assembly, "dis.pxa", text, strlen(text), NULL)) {
        for (size_t i = 0; i < assembly.diagnostic_count; i++)
            px_diagnostic_print(stderr, &assembly.diagnostics[i], false);
        fail_msg("the text does not assemble:\n%s", text);
    }
    if (assembly.picture.w != image->w || assembly.picture.h != image->h)
        fail_msg("another size:\n%s", text);
    for (uint32_t i = 0; i < image->w * image->h; i++)
        if (assembly.picture.px[i] != image->px[i])
            fail_msg("pixel %" PRIu32 " is 0x%08" PRIX32 ", was 0x%08" PRIX32 "; from:\n%s", i, assembly.picture.px[i],
                     image->px[i], text);
    px_assembly_free(&assembly);
}

static void expect_text(const uint32_t *px, uint32_t w, uint32_t h, const px_symbol *symbols, size_t count,
                        const char *expected)
{
    px_picture picture;
    assert_true(px_picture_new(&picture, w, h, NULL));
    memcpy(picture.px, px, (size_t)w * h * sizeof *px);
    char *text = disassemble(&picture, symbols, count);
    assert_string_equal(text, expected);
    expect_assembles_to(text, &picture);
    free(text);
    px_picture_free(&picture);
}

static const uint32_t program[24] = {
    0x01495850, 6,          11,         0,          0, /* entry 6, code up to 11 */
    0x00000100,                                        /* a halt with a byte that halt ignores */
    0x00100144, 0x0000020B, 0xDEADBEEF, 0xFFFD0006,    /* li; lit, its literal; jmp to 6 */
    0x00000000,                                        /* halt */
    0,          0,                                     /* nothing */
    0x6F6C6548, 0x00000021,                            /* "Helo!", packed */
    0,          7,          7,          7,          7, 7, 7, 7, 7};

static void writes_a_program(void **unused)
{
    (void)unused;
    expect_text(program, 8, 3, NULL, 0,
                "; made from a?name\n"
                ".profile v1\n"
                ".size 8, 3\n"
                ".entry L6\n"
                ".checksum none\n"
                "    .pixel 256                                   ;     5 (5,0)\n"
                "L6:\n"
                "    li r1, 16                                    ;     6 (6,0)  00100144\n"
                "    lit r2, 0xDEADBEEF                           ;     7 (7,0)  0000020B\n"
                "    jmp L6                                       ;     9 (1,1)  FFFD0006\n"
                "    halt                                         ;    10 (2,1)  00000000\n"
                "    .pixel 0, 0, 0x6F6C6548, 33                  ;    11 (3,1)  \"........Helo!...\"\n"
                "    .pixel 0                                     ;    15 (7,1)\n"
                "    .fill 8, 7                                   ;    16 (0,2)\n");
}

static void uses_symbols(void **unused)
{
    (void)unused;
    const px_symbol symbols[] = {
        {"start", 6, PX_SYMBOL_CODE},        {"start.again", 9, PX_SYMBOL_CODE}, {"r7", 10, PX_SYMBOL_CODE},
        {"other.local", 10, PX_SYMBOL_CODE}, {"inside", 8, PX_SYMBOL_DATA},      {"hello", 13, PX_SYMBOL_DATA},
        {"sevens", 17, PX_SYMBOL_DATA},      {"limit", 12, PX_SYMBOL_CONSTANT},  {"far", 24, PX_SYMBOL_DATA},
        {"L3", 12, PX_SYMBOL_DATA},          {"before", 2, PX_SYMBOL_DATA},
    };
    expect_text(program, 8, 3, symbols, sizeof symbols / sizeof *symbols,
                "; made from a?name\n"
                ".profile v1\n"
                ".size 8, 3\n"
                ".entry start\n"
                ".checksum none\n"
                "    .pixel 256                                   ;     5 (5,0)\n"
                "start:\n"
                "    li r1, 16                                    ;     6 (6,0)  00100144\n"
                "    lit r2, 0xDEADBEEF                           ;     7 (7,0)  0000020B\n"
                ".again:\n"
                "    jmp start                                    ;     9 (1,1)  FFFD0006\n"
                "    halt                                         ;    10 (2,1)  00000000\n"
                "    .pixel 0, 0                                  ;    11 (3,1)\n"
                "hello:\n"
                "    .pixel 0x6F6C6548, 33, 0, 7                  ;    13 (5,1)\n"
                "sevens:\n"
                "    .pixel 7, 7, 7, 7                            ;    17 (1,2)\n"
                "    .pixel 7, 7, 7                               ;    21 (5,2)\n");
}

/* A label without a symbol begins a scope, and so ends the one before; of two symbols at one address the first by name
 * is kept, and locals of the other are not. */
static void keeps_local_names_in_their_scope(void **unused)
{
    (void)unused;
    static const uint32_t px[16] = {0x01495850, 5, 10, 0, 0, 0x00010006, 0x00020006, 0, 0x00000005, 0, 0xFFFFFFFF};
    const px_symbol symbols[] = {
        {"a", 5, PX_SYMBOL_CODE},   {"a.b", 7, PX_SYMBOL_CODE},  {"c", 8, PX_SYMBOL_CODE},  {"d", 8, PX_SYMBOL_CODE},
        {"d.x", 9, PX_SYMBOL_CODE}, {"c.y", 10, PX_SYMBOL_DATA}, {"c", 12, PX_SYMBOL_CODE},
    };
    expect_text(px, 16, 1, symbols, sizeof symbols / sizeof *symbols,
                "; made from a?name\n"
                ".profile v1\n"
                ".size 16, 1\n"
                ".entry a\n"
                ".checksum none\n"
                "a:\n"
                "    jmp L6                                       ;     5 (5,0)  00010006\n"
                "L6:\n"
                "    jmp c                                        ;     6 (6,0)  00020006\n"
                "    halt                                         ;     7 (7,0)  00000000\n"
                "c:\n"
                "    sys r0                                       ;     8 (8,0)  00000005\n"
                "    halt                                         ;     9 (9,0)  00000000\n"
                ".y:\n"
                "    .pixel -1, 0, 0, 0                           ;    10 (10,0)\n"
                "    .pixel 0, 0                                  ;    14 (14,0)\n");
}

static void writes_classic(void **unused)
{
    (void)unused;
    uint32_t px[16 * 4] = {0x03020101};
    for (uint32_t x = 0; x < 4; x++) {
        px[16 + x] = x + 1;
        px[32 + x] = 10 * (x + 1);
    }
    expect_text(px, 16, 4, NULL, 0,
                "; made from a?name\n"
                ".profile classic\n"
                ".size 16, 4\n"
                "    dot_rgb 1, 2, 3                              ;     0 (0,0)  03020101\n"
                "    halt                                         ;     1 (1,0)  00000000\n"
                "    .row 1\n"
                "    .pixel 1, 2, 3, 4                            ;    16 (0,1)\n"
                "    .row 2\n"
                "    .pixel 10, 20, 30, 40                        ;    32 (0,2)\n");
}

static void tells_a_state(void **unused)
{
    (void)unused;
    px_state state;
    px_picture picture, image;
    assert_true(px_state_new(&state, PX_V1, 4, 2, NULL));
    memcpy(state.mem, (uint32_t[]){0x01495850, 5, 6, 0, 0, 0x030201E0}, 6 * sizeof(uint32_t));
    state.status = PX_TRAPPED;
    state.cause = PX_TRAP_OPCODE;
    state.value = 0x030201E0;
    state.pc = 5;
    state.vl = 3;
    state.retired = 77;
    state.reg[200] = 0xFFFFFFFF;
    assert_true(px_state_save(&state, &picture, NULL));
    assert_true(px_state_image(&state, &image, NULL));
    char *text = disassemble(&picture, NULL, 0);
    assert_string_equal(text, "; the image of the saved state a?name\n"
                              ";   status  TRAPPED, before an instruction that it cannot do\n"
                              ";   cause   OPCODE, illegal opcode; value: the instruction pixel\n"
                              ";   value   50463200 (0x030201E0)\n"
                              ";   pc      5, pixel (1,1)\n"
                              ";   vl      3\n"
                              ";   retired 77\n"
                              ";   r200    4294967295 (0xFFFFFFFF)\n"
                              "; the registers not listed are 0\n"
                              ".profile v1\n"
                              ".size 4, 2\n"
                              ".entry L5\n"
                              ".endcode 6\n"
                              ".checksum none\n"
                              "L5:\n"
                              "    .pixel 0x030201E0, 0, 0                      ;     5 (1,1)  <- pc\n");
    expect_assembles_to(text, &image);
    free(text);
    px_picture_free(&picture);
    px_picture_free(&image);
    px_state_free(&state);
}

/* ---- any picture ---- */

/* Pixels of every kind: noise, opcodes with noise behind, instructions as written, nothing, repeated ones. */
static uint32_t random_pixel(rng *r, uint32_t before)
{
    const uint32_t noise = rng_next(r);
    switch (rng_below(r, 8)) {
    case 0:
        return noise;
    case 1:
    case 2:
        return (noise & ~255u) | (rng_below(r, 14) << 4 & 0xF0) | (noise >> 8 & 15);
    case 3:
        return px_rgba(6 + rng_below(r, 16), 254 + rng_below(r, 6), rng_below(r, 8), rng_below(r, 2));
    case 4:
        return 0;
    case 5:
        return rng_below(r, 2) ? PX_OP_LIT | (noise & 0xFF00) : PX_OP_JMP | rng_below(r, 40) << 16;
    default:
        return before;
    }
}

static void random_header(rng *r, px_picture *p)
{
    const uint32_t n = p->w * p->h;
    if (n < PX_HEADER_PIXELS || rng_below(r, 4) == 0)
        return;
    p->px[PX_HEADER_MAGIC] = PX_MAGIC_PROGRAM;
    p->px[PX_HEADER_ENTRY] = rng_below(r, n + 1);
    p->px[PX_HEADER_END] = rng_below(r, n + 2);
    p->px[PX_HEADER_FLAGS] = rng_below(r, 10) == 0;
    p->px[PX_HEADER_CHECKSUM] = 0;
    if (rng_below(r, 2) == 0)
        p->px[PX_HEADER_CHECKSUM] = px_checksum(p->w, p->h, p->px) ^ (rng_below(r, 8) == 0);
    if (rng_below(r, 16) == 0)
        p->px[PX_HEADER_MAGIC] = rng_below(r, 2) ? PX_MAGIC_STATE : PX_MAGIC_PROGRAM + (1u << 24);
}

/* Symbols that are right, wrong, and in each other's way. */
static size_t random_symbols(rng *r, px_symbol *symbols, size_t room, uint32_t n)
{
    static const char *const names[] = {"a",  "a.b", "a.c", "b",     "b.b", "L7", "r1",
                                        "x1", "_",   "W",   "a.b.c", "",    ".",  "é"};
    const size_t count = rng_below(r, (uint32_t)room + 1);
    for (size_t i = 0; i < count; i++)
        symbols[i] = (px_symbol){names[rng_below(r, sizeof names / sizeof *names)], (int64_t)rng_below(r, n + 4) - 2,
                                 (px_symbol_kind)rng_below(r, 3)};
    return count;
}

static void any_picture_comes_back(void **unused)
{
    (void)unused;
    rng r = {0x5EED};
    for (int i = 0; i < 20000; i++) {
        px_picture picture;
        px_symbol symbols[6];
        assert_true(px_picture_new(&picture, rng_between(&r, 1, 9), rng_between(&r, 1, 9), NULL));
        const uint32_t n = picture.w * picture.h;
        uint32_t before = 0;
        for (uint32_t k = 0; k < n; k++)
            before = picture.px[k] = random_pixel(&r, before);
        random_header(&r, &picture);
        const size_t count = rng_below(&r, 2) * random_symbols(&r, symbols, 6, n);
        char *text = disassemble(&picture, symbols, count);
        expect_assembles_to(text, &picture);
        free(text);
        px_picture_free(&picture);
    }
}

static void any_state_comes_back(void **unused)
{
    (void)unused;
    rng r = {0x57A7E};
    for (int i = 0; i < 3000; i++) {
        px_state state;
        px_picture picture, image;
        const uint32_t profile = rng_below(&r, 2);
        assert_true(px_state_new(&state, profile, rng_between(&r, 1, 9), rng_between(&r, 1, 9), NULL));
        uint32_t before = 0;
        for (uint32_t k = 0; k < state.w * state.h; k++)
            before = state.mem[k] = random_pixel(&r, before);
        if (profile == PX_V1)
            state.pc = rng_below(&r, state.w * state.h + 1);
        if (state.w * state.h >= PX_HEADER_PIXELS && rng_below(&r, 2))
            memcpy(state.mem, (uint32_t[]){PX_MAGIC_PROGRAM, 3, rng_below(&r, state.w * state.h), 0, 0}, 20);
        assert_true(px_state_save(&state, &picture, NULL));
        assert_true(px_state_image(&state, &image, NULL));
        char *text = disassemble(&picture, NULL, 0);
        assert_non_null(strstr(text, "the image of the saved state"));
        expect_assembles_to(text, &image);
        free(text);
        px_picture_free(&picture);
        px_picture_free(&image);
        px_state_free(&state);
    }
}

/* Every opcode of both profiles with every operand byte in turn. */
static void every_instruction_comes_back(void **unused)
{
    (void)unused;
    rng r = {0xA11};
    for (uint32_t profile = PX_CLASSIC; profile <= PX_V1; profile++) {
        px_picture picture;
        assert_true(px_picture_new(&picture, 1024, profile == PX_V1 ? 300 : 1, NULL));
        const uint32_t n = picture.w * picture.h;
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t opcode = profile == PX_V1 ? i / 2 & 255 : rng_below(&r, 5);
            uint32_t operands = rng_next(&r) & ~255u;
            for (uint32_t k = 1; k < 4; k++)
                operands = rng_below(&r, 3) == 0 ? px_with_byte(operands, k, 0) : operands;
            picture.px[i] = operands | opcode;
        }
        if (profile == PX_V1)
            memcpy(picture.px, (uint32_t[]){PX_MAGIC_PROGRAM, 5, n, 0, 0}, 20);
        char *text = disassemble(&picture, NULL, 0);
        for (int i = 0; i < 256; i++) {
            const px_opcode *opcode = px_opcode_of((int)profile, (uint8_t)i);
            char line[64];
            snprintf(line, sizeof line, "\n    %s ", opcode->mnemonic != NULL ? opcode->mnemonic : "");
            if (opcode->mnemonic != NULL && strstr(text, line) == NULL)
                fail_msg("no %s in the text", opcode->mnemonic);
        }
        expect_assembles_to(text, &picture);
        free(text);
        px_picture_free(&picture);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_instructions),
        cmocka_unit_test(writes_a_program),
        cmocka_unit_test(uses_symbols),
        cmocka_unit_test(keeps_local_names_in_their_scope),
        cmocka_unit_test(writes_classic),
        cmocka_unit_test(tells_a_state),
        cmocka_unit_test(any_picture_comes_back),
        cmocka_unit_test(any_state_comes_back),
        cmocka_unit_test(every_instruction_comes_back),
    };
    return cmocka_run_group_tests_name("disasm", tests, NULL, NULL);
}
