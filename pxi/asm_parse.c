/* asm_parse.c - lines to statements. What an instruction looks like is read from its pattern in isa.def; no
 * instruction is known here by name but the four pseudo-instructions. */
#include <inttypes.h>
#include <string.h>

#include "pxi/asm_internal.h"

/* Instructions that are other words for one in isa.def, their unnamed bytes 0. `set` chooses by value and is apart. */
static const struct {
    const char *name, *operands;
    uint8_t opcode;
} pseudo[] = {{"nop", "", PX_OP_ADDI}, {"mov", "ra, rb", PX_OP_ADDI}, {"ret", "rb", PX_OP_JR}};

static const char set_name[] = "set";

asm_statement *asm_add_statement(assembler *as, asm_statement_kind kind, asm_place place)
{
    as->statements = asm_grow(as, as->statements, as->statement_count, &as->statement_room, sizeof *as->statements);
    asm_statement *statement = asm_allocate(as, sizeof *statement);
    statement->kind = kind;
    statement->place = place;
    as->statements[as->statement_count++] = statement;
    return statement;
}

/* ---- registers ---- */

int asm_register_number(asm_place name)
{
    if (name.length < 2 || (name.at[0] != 'r' && name.at[0] != 'R'))
        return -1;
    int number = 0;
    for (uint32_t i = 1; i < name.length; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return -1;
        number = number > 255 ? 256 : number * 10 + name.at[i] - '0';
    }
    return number > 255 ? -2 : number;
}

/* Said once for each name. */
static bool not_a_register(assembler *as, asm_symbol *symbol, asm_place place)
{
    if (symbol->complained)
        return false;
    symbol->complained = true;
    if (symbol->kind != ASM_S_UNDEFINED)
        return asm_error(as, place, "'%s' is %s, expected a register, r0 to r255 or a name that .reg has given",
                         symbol->name, asm_kind_name(symbol->kind));
    px_guess guess = {0};
    for (const asm_symbol *s = as->first_symbol; s != NULL; s = s->next)
        if (s->kind == ASM_S_REGISTER)
            px_guess_try(&guess, symbol->name, symbol->length, s->name);
    return asm_error(as, place, "%s, expected a register, r0 to r255 or a name that .reg has given%s", asm_found(as),
                     asm_guess_text(as, &guess));
}

bool asm_parse_register(assembler *as, uint8_t *number)
{
    const asm_token token = as->token;
    if (token.kind == ASM_T_BAD)
        return false;
    if (token.kind != ASM_T_NAME)
        return asm_error(as, token.place, "%s, expected a register, r0 to r255", asm_found(as));
    const int found = asm_register_number(token.place);
    if (found == -2)
        return asm_error(as, token.place, "there is no register %.*s; there are r0 to r255", (int)token.place.length,
                         token.place.at);
    if (found < 0) {
        asm_symbol *symbol = asm_symbol_get(as, token.place);
        if (symbol->kind != ASM_S_REGISTER)
            return not_a_register(as, symbol, token.place);
        symbol->used = true;
        *number = (uint8_t)symbol->value;
    } else {
        *number = (uint8_t)found;
    }
    asm_next(as);
    return true;
}

/* ---- instructions ---- */

/* The bytes that the letters at *pattern name, as bits; *pattern moves past them. */
static uint8_t pattern_bytes(const char **pattern)
{
    uint8_t bytes = 0;
    for (; **pattern >= 'a' && **pattern <= 'c'; ++*pattern)
        bytes |= (uint8_t)(2u << (**pattern - 'a'));
    return bytes;
}

static unsigned lowest_byte(uint8_t bytes) { return (bytes & 2) != 0 ? 1 : (bytes & 4) != 0 ? 2 : 3; }

static bool parse_operand(assembler *as, asm_statement *statement, const char **pattern)
{
    const char kind = *(*pattern)++;
    const uint8_t bytes = pattern_bytes(pattern);
    if (kind == 'r') {
        uint8_t number;
        if (!asm_parse_register(as, &number))
            return false;
        statement->word |= (uint32_t)number << 8 * lowest_byte(bytes);
        return true;
    }
    const asm_expr *expr = asm_expr_parse(as);
    if (expr == NULL)
        return false;
    statement->operands[statement->operand_count++] = (asm_operand){kind, bytes, expr};
    return true;
}

/* The operands, as the pattern has them; syntax names the whole for messages. */
static bool parse_operands(assembler *as, asm_statement *statement, const char *pattern, const char *name)
{
    const char *const whole = pattern;
    while (*pattern != '\0') {
        if (*pattern == ' ') {
            pattern++;
        } else if (*pattern == '+' && asm_is(as, ']')) {
            pattern = strchr(pattern, ']'); /* an offset of 0 may be left out */
        } else if (strchr("r#$@=", *pattern) != NULL) {
            if (!parse_operand(as, statement, &pattern))
                return false;
        } else if (!asm_take(as, *pattern)) {
            if (as->token.kind != ASM_T_BAD)
                asm_error(as, as->token.place, "%s, expected '%c'; the form is '%s %s'", asm_found(as), *pattern, name,
                          whole);
            return false;
        } else {
            pattern++;
        }
    }
    return true;
}

static bool parse_instruction(assembler *as, const px_opcode *opcode, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_INSTRUCTION, name);
    statement->word = opcode->number;
    asm_next(as);
    return parse_operands(as, statement, opcode->operands, opcode->mnemonic);
}

static bool parse_pseudo(assembler *as, size_t i, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_INSTRUCTION, name);
    statement->word = pseudo[i].opcode;
    asm_next(as);
    return parse_operands(as, statement, pseudo[i].operands, pseudo[i].name);
}

static bool parse_set(assembler *as, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_SET, name);
    asm_next(as);
    return parse_operands(as, statement, "ra, =", set_name);
}

/* ---- everything else ---- */

static bool parse_directive(assembler *as, asm_place name)
{
    const asm_directive *directive = asm_directive_named(&name);
    if (directive == NULL) {
        px_guess guess = {0};
        asm_guess_directive(&guess, &name);
        return asm_error(as, name, "'%.*s' is not a directive%s", (int)name.length, name.at,
                         asm_guess_text(as, &guess));
    }
    asm_next(as);
    return asm_parse_directive(as, directive, name);
}

/* " vadd.vv vadd.vx" for vadd: the mnemonics that begin with a name and a dot. */
static const char *forms_of(assembler *as, asm_place name)
{
    const char *forms = "";
    for (int i = 0; i < 256; i++) {
        const px_opcode *opcode = px_opcode_of((int)as->out->profile, (uint8_t)i);
        const asm_place start = {.at = opcode->mnemonic, .length = name.length};
        if (opcode->mnemonic != NULL && strlen(opcode->mnemonic) > name.length &&
            opcode->mnemonic[name.length] == '.' &&
            asm_same_name(&start, asm_format(as, "%.*s", (int)name.length, name.at)))
            forms = asm_format(as, "%s %s", forms, opcode->mnemonic);
    }
    return forms;
}

static bool unknown(assembler *as, asm_place name)
{
    px_guess guess = {0};
    for (int i = 0; i < 256; i++) {
        const px_opcode *opcode = px_opcode_of((int)as->out->profile, (uint8_t)i);
        if (opcode->mnemonic != NULL)
            px_guess_try(&guess, name.at, name.length, opcode->mnemonic);
    }
    for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo && as->out->profile == PX_V1; i++)
        px_guess_try(&guess, name.at, name.length, pseudo[i].name);
    const char *forms = forms_of(as, name);
    if (*forms != '\0')
        return asm_error(as, name, "there is no instruction '%.*s'; there is%s", (int)name.length, name.at, forms);
    const px_opcode *other = px_opcode_named(as->out->profile == PX_V1 ? PX_CLASSIC : PX_V1,
                                             asm_format(as, "%.*s", (int)name.length, name.at));
    if (other != NULL)
        return asm_error(as, name, "'%s' is an instruction of the %s profile; this program is %s", other->mnemonic,
                         as->out->profile == PX_V1 ? "classic" : "v1", as->out->profile == PX_V1 ? "v1" : "classic");
    return asm_error(as, name, "there is no instruction '%.*s'%s", (int)name.length, name.at,
                     asm_guess_text(as, &guess));
}

static bool parse_operation(assembler *as)
{
    const asm_place name = as->token.place;
    if (name.at[0] == '.')
        return parse_directive(as, name);
    if (as->out->profile == PX_V1) {
        for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo; i++)
            if (asm_same_name(&name, pseudo[i].name))
                return parse_pseudo(as, i, name);
        if (asm_same_name(&name, set_name))
            return parse_set(as, name);
    }
    const px_opcode *opcode =
        name.length < 32 ? px_opcode_named((int)as->out->profile, asm_format(as, "%.*s", (int)name.length, name.at))
                         : NULL;
    return opcode != NULL ? parse_instruction(as, opcode, name) : unknown(as, name);
}

bool asm_definable(assembler *as, asm_place name)
{
    if (asm_register_number(name) != -1)
        return asm_error(as, name, "'%.*s' is a register; choose another name", (int)name.length, name.at);
    if (name.length == 1 && strchr(".WHN", name.at[0]) != NULL)
        return asm_error(as, name, "'%c' is built in; choose another name", name.at[0]);
    if (memchr(name.at + 1, '.', name.length - 1) != NULL)
        return asm_error(as, name, "a name that is defined has a dot only at its start, for a local one");
    return true;
}

static bool parse_label(assembler *as, asm_place name)
{
    asm_next(as);
    asm_next(as); /* the colon */
    if (!asm_definable(as, name))
        return false;
    if (name.at[0] != '.') {
        as->scope = name.at;
        as->scope_length = name.length;
    }
    asm_symbol *symbol = asm_symbol_get(as, name);
    if (!asm_define(as, symbol, ASM_S_LABEL, name))
        return false;
    asm_add_statement(as, ASM_LABEL, name)->symbol = symbol;
    return true;
}

static bool parse_constant(assembler *as, asm_place name)
{
    asm_next(as);
    asm_next(as); /* the sign */
    const asm_expr *expr = asm_expr_parse(as);
    if (expr == NULL || !asm_definable(as, name))
        return false;
    asm_symbol *symbol = asm_symbol_get(as, name);
    if (symbol->from_command_line) {
        symbol->used = true; /* the source gives a default, the command line has decided otherwise */
        return true;
    }
    if (!asm_define(as, symbol, ASM_S_CONSTANT, name))
        return false;
    symbol->expr = expr;
    for (uint32_t i = 0; i < expr->count; i++)
        symbol->uses_here |= expr->items[i].op == ASM_E_HERE;
    asm_add_statement(as, ASM_CONSTANT, name)->symbol = symbol;
    return true;
}

static bool parse_line(assembler *as)
{
    while (as->token.kind == ASM_T_NAME) {
        const asm_token after = asm_peek(as);
        if (after.kind == ASM_T_PUNCTUATION && after.number == '=')
            return parse_constant(as, as->token.place);
        if (after.kind != ASM_T_PUNCTUATION || after.number != ':')
            return parse_operation(as);
        if (!parse_label(as, as->token.place))
            return false;
    }
    if (as->token.kind == ASM_T_END || as->token.kind == ASM_T_BAD)
        return as->token.kind == ASM_T_END;
    return asm_error(as, as->token.place, "%s, expected a label, an instruction or a directive", asm_found(as));
}

void asm_parse_file(assembler *as, const asm_file *file)
{
    as->lexer = (asm_lexer){file, file->text, 1};
    asm_next(as);
    do {
        if (parse_line(as) && as->token.kind != ASM_T_END && as->token.kind != ASM_T_BAD)
            asm_error(as, as->token.place, "%s, expected the end of the line", asm_found(as));
    } while (!asm_too_many(as) && asm_next_line(as));
}
