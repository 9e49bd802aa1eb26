/* gen_px.c - makes what C programs know of the machine: `gen_px isa` prints px_isa.h from isa.def and its shapes,
 * `gen_px host` px_host.h from host.def. cc/ABI.md says how an instruction is written in RISC-V's custom space. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pxi/host.h"
#include "pxi/isa.h"

enum { CUSTOM_READ = 0x0B, CUSTOM_RESULT = 0x2B, CUSTOM_UPDATE = 0x5B, CUSTOM_GROUP = 0x7B, GROUPED = 2 };

/* What becomes of an operand's register. */
enum role { ABSENT, READ, RESULT, UPDATE };

typedef struct operand {
    enum role role;
    bool run, written; /* a run of pixels, and whether they are written */
    bool number;       /* not a register: the byte itself */
    unsigned registers;
} operand;

typedef struct form {
    const px_opcode *op;
    operand of[3];
    bool grouped;
    int changed; /* the operand whose register is written, or -1 */
    char name[32];
} form;

/* ---- what isa.def says of an instruction ---- */

/* The register that an instruction writes. Shapes know pixels only: a fold has its result in a, a running sum or
 * maximum goes on in c, PACK's destination moves on. */
static int changed_operand(const px_opcode *op)
{
    if (op->number == PX_OP_SCANADD || op->number == PX_OP_SCANMAX)
        return 2;
    return op->shape == PX_SHAPE_FOLD1 || op->shape == PX_SHAPE_FOLD2 || op->shape == PX_SHAPE_PACK ||
                   op->number == PX_OP_GET || op->class == PX_CLASS_ALU
               ? 0
               : -1;
}

static void read_operands(form *f)
{
    const px_shape *shape = px_shape_of(f->op);
    for (const char *at = f->op->operands; *at != '\0'; at++) {
        const bool run = at[0] == '[', number = at[0] == '#';
        const char letter = run || number || at[0] == 'r' ? at[1 + run] : '\0';
        const char which = number ? at[1] : letter;
        if (which < 'a' || which > 'c' || (run && at[1] != 'r'))
            continue;
        const int k = which - 'a';
        f->of[k] = (operand){.role = READ, .run = run, .number = number, .registers = shape->regs[k]};
        f->of[k].written = run && shape->use[k] != 'r';
        f->grouped |= shape->regs[k] > 1;
        at += 1 + run;
    }
    f->changed = changed_operand(f->op);
    if (f->changed >= 0) {
        const bool updates = f->op->shape == PX_SHAPE_FOLD2 || f->op->shape == PX_SHAPE_PACK || f->changed == 2;
        f->of[f->changed].role = updates ? UPDATE : RESULT;
    }
}

static bool make_form(form *f, unsigned number)
{
    *f = (form){.op = px_opcode_of(PX_V1, (uint8_t)number)};
    const px_opcode *op = f->op;
    const bool scalar = number == PX_OP_VL || number == PX_OP_GET || number == PX_OP_RESUME || number == PX_OP_MIN ||
                        number == PX_OP_MAX;
    if (op->mnemonic == NULL || (op->class < PX_CLASS_VV && !scalar))
        return false;
    for (size_t i = 0; op->mnemonic[i] != '\0' && i < sizeof f->name - 1; i++)
        f->name[i] = op->mnemonic[i] == '.' ? '_' : op->mnemonic[i];
    read_operands(f);
    return true;
}

/* ---- a group's registers as parameters ---- */

typedef struct piece {
    char name[24];
    bool run, written;
} piece;

/* Register i of operand k. A strided run or a table is a base and a number; MATMUL's matrices are three such pairs and
 * their sizes; what scales is three numbers. */
static piece group_piece(const form *f, int k, unsigned i)
{
    static const char *const matrix[] = {"c", "c_stride", "a", "a_stride", "b", "b_stride", "rows", "columns", "depth"};
    static const char *const scale[] = {"factor", "shift", "zero"};
    const px_shape *shape = px_shape_of(f->op);
    piece made = {.run = f->of[k].run && i == 0, .written = f->of[k].written};
    if (shape->extent[0] == PX_EXTENT_C) {
        made.run = i % 2 == 0 && i < 6;
        made.written = i == 0;
        strcpy(made.name, matrix[i]);
    } else if (!f->of[k].run) {
        strcpy(made.name, scale[i]);
    } else {
        const enum px_extent extent = (enum px_extent)shape->extent[k];
        const char *what = extent == PX_EXTENT_STRIDED ? "stride" : extent == PX_EXTENT_SLOTS ? "pixels" : "length";
        snprintf(made.name, sizeof made.name, i == 0 ? "%c" : "%c_%s", 'a' + k, what);
    }
    return made;
}

static piece plain_piece(const form *f, int k)
{
    piece made = {.run = f->of[k].run, .written = f->of[k].written};
    snprintf(made.name, sizeof made.name, "%c", 'a' + k);
    return made;
}

/* ---- printing ---- */

static void put_parameters(const form *f)
{
    const char *comma = "";
    for (int k = 0; k < 3; k++) {
        const operand *o = &f->of[k];
        if (o->role == ABSENT || o->role == RESULT)
            continue;
        for (unsigned i = 0; i < o->registers; i++) {
            const piece p = o->registers > 1 ? group_piece(f, k, i) : plain_piece(f, k);
            printf("%s%s%s", comma, !p.run ? "uint32_t " : p.written ? "px_run " : "px_source ", p.name);
            comma = ", ";
        }
    }
    if (*comma == '\0')
        fputs("void", stdout);
}

/* Instructions that set the operand registers of groups; their inputs are numbered after the fields'. */
static void put_group_setters(const form *f, int inputs)
{
    unsigned at = 0;
    for (int k = 0; k < 3; k++)
        for (unsigned i = 0; f->of[k].registers > 1 && i < f->of[k].registers; i++)
            printf("\".insn r 0x%02x, 0, %u, x0, %%%d, x0\\n\\t\"\n        ", CUSTOM_GROUP, at++, inputs++);
}

/* Operand numbers of the asm statement: the changed register is %0, the others follow in the order of the fields. */
static void put_statement(const form *f)
{
    const enum role role = f->changed < 0 ? READ : f->of[f->changed].role;
    const int code = role == READ ? CUSTOM_READ : role == RESULT ? CUSTOM_RESULT : CUSTOM_UPDATE;
    int order[3] = {0, 1, 2}, next = role == READ ? 0 : 1, field[3];
    if (f->changed == 2) { /* rd is what is written; a and b come behind it */
        order[0] = 2;
        order[1] = 0;
        order[2] = 1;
    }
    for (int k = 0; k < 3; k++) {
        const operand *o = &f->of[order[k]];
        const bool outside = o->role == ABSENT || o->registers > 1 || o->number;
        field[k] = outside ? -1 : role != READ && k == 0 ? 0 : next++;
    }
    fputs(f->op->class == PX_CLASS_ALU ? "    __asm__(" : "    __asm__ volatile(", stdout);
    put_group_setters(f, next);
    printf("\".insn r 0x%02x, %d, 0x%02x", code, (f->grouped ? GROUPED : 0) | f->op->number >> 7, f->op->number & 0x7F);
    for (int k = 0; k < 3; k++)
        if (field[k] >= 0)
            printf(", %%%d", field[k]);
        else if (f->of[order[k]].number)
            printf(", x%%%d", next);
        else
            fputs(", x0", stdout);
    fputs("\"\n        : ", stdout);
    if (role != READ)
        printf("\"%s\"(changed)", role == RESULT ? "=r" : "+r");
    fputs("\n        : ", stdout);
}

static void put_inputs(const form *f)
{
    const char *comma = "";
    for (int group = 0; group < 2; group++)
        for (int k = 0; k < 3; k++) {
            const operand *o = &f->of[k];
            if (o->role != READ || (o->registers > 1) != (group == 1))
                continue;
            for (unsigned i = 0; i < o->registers; i++) {
                const piece p = group ? group_piece(f, k, i) : plain_piece(f, k);
                printf(p.run ? "%s\"%s\"(PX_AT(%s))" : "%s\"%s\"(%s)", comma, o->number ? "i" : "r", p.name);
                comma = ", ";
            }
        }
    fputs(f->op->class == PX_CLASS_ALU ? ");\n" : "\n        : \"memory\");\n", stdout);
}

/* What a wrapper returns: signed where the comparison was, a pointer where a run has moved on. */
static const char *result_type(const form *f)
{
    if (f->changed < 0)
        return "void";
    if (f->of[f->changed].run)
        return "px_pixel *";
    const bool compared = strcmp(f->op->function, "MIN") == 0 || strcmp(f->op->function, "MAX") == 0;
    return compared ? "int32_t " : "uint32_t ";
}

static void put_wrapper(const form *f)
{
    const char *type = result_type(f);
    printf("\n/* %s %s: %s */\nPX_INLINE %s%spx_%s(", f->op->mnemonic, f->op->operands, f->op->effect, type,
           strcmp(type, "void") == 0 ? " " : "", f->name);
    put_parameters(f);
    fputs(")\n{\n", stdout);
    if (f->changed >= 0) {
        const operand *o = &f->of[f->changed];
        const char letter = (char)('a' + f->changed);
        if (o->role == RESULT)
            fputs("    uint32_t changed;\n", stdout);
        else
            printf(o->run ? "    uint32_t changed = PX_AT(%c);\n" : "    uint32_t changed = %c;\n", letter);
    }
    put_statement(f);
    put_inputs(f);
    if (f->changed >= 0)
        fputs(f->of[f->changed].run ? "    return (px_pixel *)(uintptr_t)(changed << 2);\n"
              : type[0] == 'i'      ? "    return (int32_t)changed;\n"
                                    : "    return changed;\n",
              stdout);
    fputs("}\n", stdout);
}

/* GET's number is part of the instruction, so that its wrapper is a macro with a statement in it. */
static void put_get(const form *f)
{
    printf("\n/* %s %s: %s */\n#define px_get(b) (__extension__({ uint32_t changed; \\\n", f->op->mnemonic,
           f->op->operands, f->op->effect);
    printf("    __asm__ volatile(\".insn r 0x%02x, %d, 0x%02x, %%0, x%%1, x0\" : \"=r\"(changed) : \"i\"(b)); changed; "
           "}))\n",
           CUSTOM_RESULT, f->op->number >> 7, f->op->number & 0x7F);
}

static void isa(void)
{
    puts("/* px_isa.h - made from isa.def. Operands are named by the byte that holds them: a, b, c. */");
    for (unsigned number = 0; number < 256; number++) {
        form f;
        if (!make_form(&f, number))
            continue;
        if (f.of[1].number)
            put_get(&f);
        else
            put_wrapper(&f);
    }
}

/* ---- the host's names and blocks ---- */

/* "its high word" belongs to the field before it; other names become identifiers as they are. */
static void put_fields(const char *block)
{
    char last[32] = "", field[64];
    for (size_t length; *block != '\0'; block += length + (block[length] == ',')) {
        block += strspn(block, " ");
        length = strcspn(block, ",");
        const bool its = strncmp(block, "its ", 4) == 0;
        const char *from = its ? block + 4 : block;
        const int rest = (int)(length - (size_t)(from - block));
        if (its)
            snprintf(field, sizeof field, "%s_%.*s", last, rest, from);
        else
            snprintf(field, sizeof field, "%.*s", rest, from);
        if (!its)
            snprintf(last, sizeof last, "%.*s", (int)sizeof last - 1, field);
        for (char *at = field; *at != '\0'; at++)
            *at = isalnum((unsigned char)*at) ? *at : '_';
        printf("    uint32_t %s%s;\n", field, strcmp(field, "register") == 0 ? "_" : ""); /* a word of C */
    }
}

/* The first block that an argument names, or what "with AT also" makes of it. */
static void put_block(const char *id, const char *argument)
{
    const char *open = strchr(argument, '*'), *close = open == NULL ? NULL : strchr(open + 1, '*');
    if (close == NULL)
        return;
    char block[160];
    snprintf(block, sizeof block, "%.*s", (int)(close - open - 1), open + 1);
    const char *also = strstr(close, "also *");
    if (also != NULL)
        snprintf(block + strlen(block), sizeof block - strlen(block), ", %.*s", (int)strcspn(also + 6, "*"), also + 6);
    fputs("\ntypedef struct pxh_", stdout);
    for (const char *at = id; *at != '\0'; at++)
        putchar(tolower((unsigned char)*at));
    puts(" {");
    put_fields(block);
    fputs("} pxh_", stdout);
    for (const char *at = id; *at != '\0'; at++)
        putchar(tolower((unsigned char)*at));
    puts(";");
}

static void host(void)
{
    puts("/* px_host.h - made from host.def: PXH_NAME a service's number or a value, PXH_E_NAME an error, "
         "PXH_EVENT_NAME a\n"
         " * kind of event, PXH_KEY_NAME a key; struct pxh_name the block that a service reads. */\n"
         "#ifndef PX_HOST_H\n#define PX_HOST_H\n\n#include <stdint.h>\n\n"
         "#define PXH_REQUEST(service, payload) ((uint32_t)(service) << 24 | (uint32_t)(payload))\n\nenum {");
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text)                         \
    printf("    PXH_" #id " = 0x%02X,\n", number);
#define PXH_ERROR(id, number, text)       printf("    PXH_E_" #id " = %d,\n", number);
#define PXH_EVENT(id, number, a, b, text) printf("    PXH_EVENT_" #id " = %d,\n", number);
#define PXH_VALUE(id, number, text)       printf("    PXH_" #id " = 0x%X,\n", (unsigned)(number));
#define PXH_KEY(id, number)               printf("    PXH_KEY_" #id " = 0x%X,\n", (unsigned)(number));
#include "pxi/host.def"
    puts("};");
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) put_block(#id, argument);
#include "pxi/host.def"
    puts("\n#endif");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "isa") == 0)
        isa();
    else if (argc == 2 && strcmp(argv[1], "host") == 0)
        host();
    else
        return fputs("usage: gen_px isa|host\n", stderr), 2;
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
