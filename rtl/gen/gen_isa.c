/* gen_isa.c - makes what the Verilog knows of the instruction set, from pxi/isa.def and rtl/gen/micro.def.
 *
 *   gen_isa MILLICODE.pxa ISA.vh FACTS.vh ROM.vh
 *
 * ISA.vh: every number as a localparam. FACTS.vh: the facts of each opcode as functions of its number (class, which
 * operands are runs and which of them must lie apart, what the immediate is, where its millicode starts). ROM.vh: the
 * assembled millicode.
 *
 * The assembler is as small as it can be: one instruction a line in the syntax of isa.def's operand patterns,
 * "label:" on a line of its own, "name = 7" for a hidden register, ";" starts a comment. A label that is the mnemonic
 * of an opcode is that opcode's entry. */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/isa.h"
#include "pxi/state.h"

enum { ROM_WORDS = 640, ROM_FIRST = 512, MAX_NAMES = 256 };

typedef struct name {
    char text[32];
    long number;
} name;

static const struct {
    const char *id, *mnemonic, *operands;
    unsigned number;
} micro[] = {
#define MICRO(id, mnemonic, number, operands, effect) {#id, mnemonic, operands, number},
#include "rtl/gen/micro.def"
};

static const name constants[] = {
#define PXI_CAUSE(id, number, text)                                 {"TRAP_" #id, number},
#define PXI_GET(id, number, text)                                   {"GET_" #id, number},
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect) {#id, number},
#include "pxi/isa.def"
#define PX_SAVED(id, pixel, count, text) {"SAVED_" #id, pixel},
#include "pxi/state.def"
#define CONTROL(id, number, text) {"CTL_" #id, number},
#include "rtl/gen/micro.def"
    {"CLASSIC_STEPS", PX_CLASSIC_STEPS},
    {"PROFILE_V1", PX_V1},
    {"MAGIC_LOW", PX_MAGIC_STATE & 0xFFFF},
    {"MAGIC_HIGH", PX_MAGIC_STATE >> 16},
};

static const char *file_name;
static int line_number;
static name labels[MAX_NAMES], registers[MAX_NAMES];
static int label_count, register_count;
static uint32_t rom[ROM_WORDS];
static long rom_used;

static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file_name, line_number);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static const name *find(const name *list, int count, const char *text)
{
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].text, text) == 0)
            return &list[i];
    return NULL;
}

static void define(name *list, int *count, const char *text, long number)
{
    if (find(list, *count, text) != NULL)
        die("'%s' is defined twice", text);
    if (*count == MAX_NAMES || strlen(text) >= sizeof list->text)
        die("'%s' is one name too many, or too long", text);
    strcpy(list[*count].text, text);
    list[(*count)++].number = number;
}

/* Copies the identifier or number at *at and steps over it. */
static void word_at(const char **at, char word[32])
{
    size_t length = 0;
    while (isalnum((unsigned char)**at) || **at == '_' || **at == '-') {
        if (length == 31)
            die("a word of more than 31 characters");
        word[length++] = *(*at)++;
    }
    word[length] = 0;
}

/* A number, or the id of one in isa.def. */
static long number_of(const char *word, long low, long high)
{
    char *end;
    long number = strtol(word, &end, 0);
    const name *known = find(constants, sizeof constants / sizeof *constants, word);
    if (known != NULL) {
        number = known->number;
        end = (char *)word + strlen(word);
    }
    if (*word == 0 || *end != 0 || number < low || number > high)
        die("'%s' is not a number in %ld..%ld", word, low, high);
    return number;
}

enum { BYTE_A = 2, BYTE_B = 4, BYTE_C = 8 }; /* as px_piece has them */

/* One operand of the pattern, "rb", "#c", "$bc", "@a", put into the instruction. */
static uint32_t operand(px_piece piece, const char *word)
{
    const unsigned shift = piece.bytes & BYTE_A ? 8 : piece.bytes & BYTE_B ? 16 : 24;
    const long top = piece.bytes == (BYTE_B | BYTE_C) ? 65536 : 256;
    const name *known;
    long number;

    switch (piece.kind) {
    case 'r':
        if ((known = find(registers, register_count, word)) == NULL)
            die("'%s' is not a hidden register; write \"%s = NUMBER\" above", word, word);
        number = known->number;
        break;
    case '@':
        if ((known = find(labels, label_count, word)) == NULL)
            die("there is no label '%s'", word);
        number = known->number - rom_used;
        if (number < -top / 2 || number >= top / 2)
            die("'%s' is %ld instructions away, which is too far", word, number);
        break;
    case '$':
        number = number_of(word, -top / 2, top / 2 - 1);
        break;
    default:
        number = number_of(word, 0, top - 1);
    }
    return ((uint32_t)number & (uint32_t)(top - 1)) << shift;
}

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* Matches text against the pattern piece by piece; blanks do not count. */
static uint32_t operands(const char *const pattern, const char *text)
{
    uint32_t bits = 0;
    const char *rest = pattern;
    px_piece piece;
    while (px_piece_next(&rest, &piece)) {
        if (piece.kind == ' ')
            continue;
        text = skip_blanks(text);
        if (px_piece_is_operand(piece)) {
            char word[32];
            text += piece.kind != 'r' && *text == piece.kind; /* # $ @ may be left out */
            word_at(&text, word);
            bits |= operand(piece, word);
        } else if (*text++ != piece.kind) {
            die("the operands should look like \"%s\"", pattern);
        }
    }
    if (*skip_blanks(text) != 0)
        die("the operands should look like \"%s\"", pattern);
    return bits;
}

static uint32_t instruction(const char *mnemonic, const char *text)
{
    for (size_t i = 0; i < sizeof micro / sizeof *micro; i++)
        if (strcmp(micro[i].mnemonic, mnemonic) == 0)
            return micro[i].number | operands(micro[i].operands, text);
    const px_opcode *opcode = px_opcode_named(PX_V1, mnemonic);
    if (opcode == NULL)
        die("'%s' is no instruction", mnemonic);
    return opcode->number | operands(opcode->operands, text);
}

static void line(char *text, int pass)
{
    char word[32];
    const char *at = text;
    text[strcspn(text, ";\n")] = 0;
    while (isspace((unsigned char)*at))
        at++;
    if (*at == 0)
        return;
    word_at(&at, word);
    while (*at == '.' && strlen(word) < 28) { /* mnemonics such as dot4.vv */
        char rest[32];
        at++;
        word_at(&at, rest);
        strcat(word, ".");
        strncat(word, rest, sizeof word - strlen(word) - 1);
    }
    while (isspace((unsigned char)*at))
        at++;
    if (*at == ':') {
        if (pass == 0)
            define(labels, &label_count, word, rom_used);
    } else if (*at == '=') {
        char number[32];
        for (at++; isspace((unsigned char)*at); at++)
            ;
        word_at(&at, number);
        if (pass == 0)
            define(registers, &register_count, word, number_of(number, 0, 255));
    } else {
        if (rom_used == ROM_WORDS)
            die("the ROM of %d instructions is full", ROM_WORDS);
        if (pass == 1)
            rom[rom_used] = instruction(word, at);
        rom_used++;
    }
}

static void assemble(void)
{
    char text[256];
    FILE *file = fopen(file_name, "r");
    if (file == NULL)
        die("cannot be opened");
#define HIDDEN(id, number, text) define(registers, &register_count, #id, number);
#include "rtl/gen/micro.def"
    for (int pass = 0; pass < 2; pass++) {
        rewind(file);
        rom_used = 0;
        for (line_number = 1; fgets(text, sizeof text, file) != NULL; line_number++)
            line(text, pass);
    }
    fclose(file);
}

/* function [width-1:0] NAME(opcode): one case a distinct value, 0 for the rest. */
static void function(FILE *out, const char *title, int width, uint32_t (*fact)(const px_opcode *))
{
    bool done[256] = {false};
    fprintf(out, "function [%d:0] %s(input [7:0] op);\n    case (op)\n", width - 1, title);
    for (int i = 0; i < 256; i++) {
        const uint32_t value = fact(px_opcode_of(PX_V1, (uint8_t)i));
        if (done[i] || value == 0)
            continue;
        const char *comma = "    ";
        for (int j = i; j < 256; j++)
            if (fact(px_opcode_of(PX_V1, (uint8_t)j)) == value) {
                fprintf(out, "%s8'h%02x", comma, (unsigned)j);
                comma = ", ";
                done[j] = true;
            }
        fprintf(out, ": %s = %d'h%x;\n", title, width, (unsigned)value);
    }
    fprintf(out, "    default: %s = %d'h0;\n    endcase\nendfunction\n", title, width);
}

static uint32_t class_of(const px_opcode *op) { return op->class; }

static const name *label_of(const px_opcode *op)
{
    return op->mnemonic == NULL ? NULL : find(labels, label_count, op->mnemonic);
}

/* Whether millicode carries it out, and where that starts. */
static uint32_t in_rom(const px_opcode *op) { return label_of(op) != NULL; }

static uint32_t entry(const px_opcode *op) { return in_rom(op) ? (uint32_t)label_of(op)->number : 0; }

/* Bit k: operand k is a run that the core must check; millicode checks its own. */
static uint32_t runs(const px_opcode *op)
{
    uint32_t bits = 0;
    if (op->mnemonic == NULL || in_rom(op))
        return 0;
    const px_roles roles = px_roles_of(op->operands);
    for (unsigned k = 0; k < 3; k++)
        bits |= (uint32_t)(roles.of[k] == PX_ROLE_RUN) << k;
    return bits;
}

/* Run a must lie apart from run b (bit 0), run c (bit 1), and may not even be the same. */
static uint32_t apart(const px_opcode *op)
{
    if (op->mnemonic == NULL || in_rom(op))
        return 0;
    const px_shape *shape = px_shape_of(op);
    return (uint32_t)(shape->ab == PX_LIE_APART) | (uint32_t)(shape->ac == PX_LIE_APART) << 1;
}

/* What the second operand is when it is not r[c]. */
static const struct {
    const char *name;
    px_piece piece;
} immediates[] = {{"SC", {'$', BYTE_C}},           {"UC", {'#', BYTE_C}},
                  {"UA", {'#', BYTE_A}},           {"SBC", {'$', BYTE_B | BYTE_C}},
                  {"UBC", {'#', BYTE_B | BYTE_C}}, {"DBC", {'@', BYTE_B | BYTE_C}},
                  {"DA", {'@', BYTE_A}},           {"UB", {'#', BYTE_B}}};
enum { IMMEDIATES = sizeof immediates / sizeof *immediates };

/* 0: none; else 1 + the place in that list. */
static uint32_t immediate(const px_opcode *op)
{
    if (op->mnemonic == NULL)
        return 0;
    const char *rest = op->operands;
    px_piece piece;
    while (px_piece_next(&rest, &piece)) {
        if (!px_piece_is_operand(piece) || piece.kind == 'r' || piece.kind == '=')
            continue;
        for (uint32_t i = 0; i < IMMEDIATES; i++)
            if (immediates[i].piece.kind == piece.kind && immediates[i].piece.bytes == piece.bytes)
                return i + 1;
        die("the core has no immediate like that in '%s' of %s", op->operands, op->mnemonic);
    }
    return 0;
}

static void write_isa(FILE *out)
{
    fprintf(out, "// Made by rtl/gen/gen_isa.c from pxi/isa.def and rtl/gen/micro.def.\n"
                 "/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it\n");
#define PXI_CLASS(id, number, text)   fprintf(out, "localparam [3:0] CL_%s = 4'd%d;\n", #id, number);
#define PXI_FN(set, id, number, text) fprintf(out, "localparam [3:0] %s_%s = 4'd%d;\n", #set, #id, number);
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect)                                 \
    fprintf(out, "localparam [7:0] OP_%s = 8'd%d;\n", #id, number);
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)                                                    \
    fprintf(out, "localparam [7:0] OP_%s = 8'd%d;\n", #id, number);
#define PXI_STATUS(id, number, text) fprintf(out, "localparam [1:0] ST_%s = 2'd%d;\n", #id, number);
#define PXI_CAUSE(id, number, text)  fprintf(out, "localparam [2:0] TRAP_%s = 3'd%d;\n", #id, number);
#define PXI_GET(id, number, text)    fprintf(out, "localparam [1:0] GET_%s = 2'd%d;\n", #id, number);
#include "pxi/isa.def"
#define MICRO(id, mnemonic, number, operands, effect) fprintf(out, "localparam [7:0] OP_%s = 8'd%d;\n", #id, number);
#define HIDDEN(id, number, text)                      fprintf(out, "localparam [7:0] HID_%s = 8'd%d;\n", #id, number);
#define CONTROL(id, number, text)                     fprintf(out, "localparam [2:0] CTL_%s = 3'd%d;\n", #id, number);
#include "rtl/gen/micro.def"
    fprintf(out, "localparam [3:0] IMM_NONE = 4'd0;\n");
    for (unsigned i = 0; i < IMMEDIATES; i++)
        fprintf(out, "localparam [3:0] IMM_%s = 4'd%u;\n", immediates[i].name, i + 1);
    const name *classic = find(labels, label_count, "classic");
    if (classic == NULL)
        die("there is no label 'classic'");
    fprintf(out, "localparam [9:0] ENTRY_CLASSIC = 10'd%ld;\n", classic->number);
    const name *leave = find(labels, label_count, "leave");
    if (leave == NULL)
        die("there is no label 'leave'");
    fprintf(out, "localparam [9:0] ENTRY_LEAVE = 10'd%ld;\n", leave->number);
    fprintf(out, "/* verilator lint_on UNUSEDPARAM */\n");
}

static void write_facts(FILE *out)
{
    function(out, "f_class", 4, class_of);
    function(out, "f_runs", 3, runs);
    function(out, "f_apart", 2, apart);
    function(out, "f_imm", 4, immediate);
    function(out, "f_in_rom", 1, in_rom);
    function(out, "f_entry", 10, entry);
}

static FILE *create(const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    return out;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: gen_isa MILLICODE.pxa ISA.vh FACTS.vh ROM.vh\n");
        return 2;
    }
    file_name = argv[1];
    for (size_t i = 0; i < sizeof micro / sizeof *micro; i++)
        if (px_opcode_of(PX_V1, (uint8_t)micro[i].number)->mnemonic != NULL)
            die("micro-operation %s stands on a number of isa.def", micro[i].id);
    assemble();

    FILE *isa = create(argv[2]), *facts = create(argv[3]), *code = create(argv[4]);
    write_isa(isa);
    write_facts(facts);
    fprintf(code, "// Made by rtl/gen/gen_isa.c from rtl/core/millicode.pxa: %ld of %d instructions.\n", rom_used,
            ROM_WORDS);
    for (int i = 0; i < ROM_WORDS; i++)
        fprintf(code, i < ROM_FIRST ? "rom[%d] = 32'h%08x;\n" : "`MORE(%d) = 32'h%08x;\n", i, (unsigned)rom[i]);
    return fclose(isa) | fclose(facts) | fclose(code) ? 1 : 0;
}
