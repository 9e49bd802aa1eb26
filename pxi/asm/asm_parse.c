/* asm_parse.c - lines to statements. What an instruction looks like is read from its pattern in isa.def; no
 * instruction is known here by name but the four pseudo-instructions. */
#include <inttypes.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"

/* Instructions that are other words for one in isa.def, their unnamed bytes 0. `set` chooses by value and is apart. */
static const struct {
    const char *name, *operands;
    uint8_t opcode;
} pseudo[] = {{"nop", "", PX_OP_ADDI}, {"mov", "ra, rb", PX_OP_ADDI}, {"ret", "rb", PX_OP_JR}};

static const char set_name[] = "set";

bool asm_is_pseudo(asm_place name)
{
    for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo; i++)
        if (asm_same_name(&name, pseudo[i].name))
            return true;
    return asm_same_name(&name, set_name);
}

asm_statement *asm_add_statement(assembler *as, asm_statement_kind kind, asm_place place)
{
    as->statements = asm_grow(as, as->statements, as->statement_count, &as->statement_room, sizeof *as->statements);
    asm_statement *statement = asm_allocate(as, sizeof *statement);
    statement->kind = kind;
    statement->place = place;
    as->statements[as->statement_count++] = statement;
    return statement;
}

/* ---- the form of a statement ---- */

static const px_opcode *opcode_named(const assembler *as, const char *name)
{
    return px_opcode_named((int)as->out->profile, name);
}

/* A pattern as people write it: '=' is a value. */
static const char *form(assembler *as, const char *name, const char *operands)
{
    const size_t before = name[0] == '.' ? strlen(operands) : strcspn(operands, "=");
    if (*operands == '\0')
        return name;
    return asm_format(as, "%s %.*s%s", name, (int)before, operands, operands[before] == '=' ? "value" : "");
}

const char *asm_form(assembler *as)
{
    const asm_statement *s = as->current;
    if (as->form_name != NULL)
        return form(as, as->form_name, as->form_operands);
    if (s == NULL || s->kind == ASM_LABEL || s->kind == ASM_CONSTANT)
        return NULL;
    if (s->kind == ASM_DIRECTIVE)
        return form(as, s->directive->name, s->directive->usage);
    if (s->kind == ASM_SET)
        return form(as, set_name, "ra, =");
    const px_opcode *opcode = px_opcode_of((int)as->out->profile, (uint8_t)s->word);
    return form(as, opcode->mnemonic, opcode->operands);
}

const char *asm_operand_hint(assembler *as, bool number)
{
    const char *name = as->form_name;
    if (name == NULL || name[0] == '.')
        return "";
    const size_t length = strlen(name);
    const px_opcode *other =
        opcode_named(as, number                                  ? asm_format(as, "%si", name)
                         : length > 1 && name[length - 1] == 'i' ? asm_format(as, "%.*s", (int)length - 1, name)
                                                                 : "");
    if (other != NULL)
        return asm_format(as, "; for a %s: '%s'", number ? "number" : "register",
                          form(as, other->mnemonic, other->operands));
    if (!number)
        return "";
    if (strcmp(name, "mov") == 0)
        return "; for a number: 'set ra, value'";
    return "; a number goes into a register first, with 'set'";
}

/* "; with a register: 'vadd.vx ..'" for vadd.vv, and the other way round. */
static const char *vector_hint(assembler *as)
{
    const char *dot = as->form_name != NULL ? strchr(as->form_name, '.') : NULL;
    if (dot == NULL || dot[1] != 'v')
        return "";
    const bool vv = dot[2] == 'v';
    const px_opcode *other =
        opcode_named(as, asm_format(as, "%.*s.%s", (int)(dot - as->form_name), as->form_name, vv ? "vx" : "vv"));
    if (other == NULL)
        return "";
    return asm_format(as, "; with a %s: '%s'", vv ? "register" : "second run",
                      form(as, other->mnemonic, other->operands));
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
    if (symbol->complained || (as->incomplete && symbol->kind == ASM_S_UNDEFINED))
        return false;
    symbol->complained = true;
    if (symbol->kind != ASM_S_UNDEFINED)
        return asm_form_error(as, place, asm_operand_hint(as, true),
                              "'%s' is %s, expected a register, r0 to r255 or a name that .reg has given", symbol->name,
                              asm_kind_name(symbol->kind));
    px_guess guess = {0};
    asm_guess_symbols(as, &guess, place, true);
    const char *hint = as->form_name == NULL ? "" : asm_usage_hint(as->form_name);
    return asm_form_error(as, place, guess.best != NULL ? asm_guess_text(as, &guess) : hint,
                          "%s, expected a register, r0 to r255 or a name that .reg has given", asm_found(as));
}

bool asm_parse_register(assembler *as, uint8_t *number)
{
    const asm_token token = as->token;
    if (token.kind == ASM_T_BAD)
        return false;
    if (token.kind != ASM_T_NAME) {
        const bool is_number = token.kind == ASM_T_NUMBER || asm_is(as, '-') || asm_is(as, '(');
        const char *usage = as->form_name == NULL ? "" : asm_usage_hint(as->form_name);
        return asm_form_error(as, token.place,
                              asm_is(as, '[')               ? vector_hint(as)
                              : is_number && *usage == '\0' ? asm_operand_hint(as, true)
                                                            : usage,
                              "%s, expected a register, r0 to r255", asm_found(as));
    }
    const int found = asm_register_number(token.place);
    if (found == -2)
        return asm_form_error(as, token.place, "", "there is no register %.*s; there are r0 to r255",
                              (int)token.place.length, token.place.at);
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

static unsigned lowest_byte(uint8_t bytes) { return (bytes & 2) != 0 ? 1 : (bytes & 4) != 0 ? 2 : 3; }

static bool parse_operand(assembler *as, asm_statement *statement, px_piece piece)
{
    if (piece.kind == 'r') {
        uint8_t number;
        if (!asm_parse_register(as, &number))
            return false;
        statement->word |= (uint32_t)number << 8 * lowest_byte(piece.bytes);
        return true;
    }
    const asm_expr *expr = asm_expr_parse(as);
    if (expr == NULL)
        return false;
    for (uint32_t i = 0; piece.kind == '@' && i < expr->count; i++)
        if (expr->items[i].op == ASM_E_SYMBOL)
            expr->items[i].symbol->jumped_to = true;
    statement->operands[statement->operand_count++] = (asm_operand){piece.kind, piece.bytes, expr};
    return true;
}

/* The operands, as the pattern has them. */
static bool parse_operands(assembler *as, asm_statement *statement, const char *pattern, const char *name)
{
    as->form_name = name;
    as->form_operands = pattern;
    asm_next(as);
    for (px_piece piece; px_piece_next(&pattern, &piece);) {
        if (piece.kind == '+' && asm_is(as, ']')) {
            pattern = strchr(pattern, ']'); /* an offset of 0 may be left out */
        } else if (px_piece_is_operand(piece)) {
            if (!parse_operand(as, statement, piece))
                return false;
        } else if (piece.kind != ' ' && !asm_take(as, piece.kind)) {
            if (as->token.kind != ASM_T_BAD)
                asm_form_error(as, as->token.place,
                               piece.kind == '[' || as->token.kind == ASM_T_NAME ? vector_hint(as) : "",
                               "%s, expected '%c'", asm_found(as), piece.kind);
            return false;
        }
    }
    return true;
}

static bool parse_instruction(assembler *as, const px_opcode *opcode, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_INSTRUCTION, name);
    statement->word = opcode->number;
    statement->bad = !parse_operands(as, statement, opcode->operands, opcode->mnemonic);
    return !statement->bad;
}

static bool parse_pseudo(assembler *as, size_t i, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_INSTRUCTION, name);
    statement->word = pseudo[i].opcode;
    statement->bad = !parse_operands(as, statement, pseudo[i].operands, pseudo[i].name);
    return !statement->bad;
}

static bool parse_set(assembler *as, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_SET, name);
    statement->bad = !parse_operands(as, statement, "ra, =", set_name);
    return !statement->bad;
}

/* ---- everything else ---- */

static bool parse_directive(assembler *as, asm_place name)
{
    const asm_directive *directive = asm_directive_named(&name);
    if (directive != NULL) {
        asm_next(as);
        return asm_parse_directive(as, directive, name);
    }
    const char *foreign = asm_foreign(as, name);
    if (foreign != NULL)
        return asm_error(as, name, "'%.*s' is not a directive; %s", (int)name.length, name.at, foreign);
    px_guess guess = {0};
    asm_guess_directive(&guess, &name);
    asm_guess_check(&guess, name);
    return asm_error(as, name, "'%.*s' is not a directive%s", (int)name.length, name.at, asm_guess_text(as, &guess));
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

/* The name of an instruction or a macro that was meant. */
static const char *guess_operation(assembler *as, asm_place name)
{
    px_guess guess = {0};
    for (int i = 0; i < 256; i++) {
        const px_opcode *opcode = px_opcode_of((int)as->out->profile, (uint8_t)i);
        if (opcode->mnemonic != NULL)
            px_guess_try(&guess, name.at, name.length, opcode->mnemonic);
    }
    for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo && as->out->profile == PX_V1; i++)
        px_guess_try(&guess, name.at, name.length, pseudo[i].name);
    if (as->out->profile == PX_V1)
        px_guess_try(&guess, name.at, name.length, set_name);
    asm_guess_check(&guess, name);
    asm_guess_macro(as, &guess, name);
    return asm_guess_text(as, &guess);
}

static bool unknown(assembler *as, asm_place name)
{
    if (as->incomplete)
        return false; /* it may be a macro of the file that is missing */
    const char *word = asm_format(as, "%.*s", (int)name.length, name.at), *forms = forms_of(as, name);
    if (*forms != '\0')
        return asm_error(as, name, "there is no instruction '%s'; there is%s", word, forms);
    const px_opcode *other = px_opcode_named(as->out->profile == PX_V1 ? PX_CLASSIC : PX_V1, word);
    if (other != NULL)
        return asm_error(as, name, "'%s' is an instruction of the %s profile; this program is %s", other->mnemonic,
                         as->out->profile == PX_V1 ? "classic" : "v1", as->out->profile == PX_V1 ? "v1" : "classic");
    const char *foreign = asm_foreign(as, name);
    if (foreign != NULL)
        return asm_error(as, name, "there is no instruction '%s'; %s", word, foreign);
    return asm_error(as, name, "there is no instruction '%s'%s", word, guess_operation(as, name));
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
    if (opcode != NULL)
        return parse_instruction(as, opcode, name);
    const asm_macro *macro = asm_macro_named(as, name);
    return macro != NULL ? asm_expand_macro(as, macro, name) : unknown(as, name);
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
    if (!asm_definable(as, name))
        return false;
    asm_symbol *symbol = asm_symbol_get(as, name);
    if (symbol->from_command_line) {
        symbol->used = true; /* the source gives a default, the command line has decided otherwise */
        return expr != NULL;
    }
    if (!asm_define(as, symbol, ASM_S_CONSTANT, name))
        return false;
    symbol->expr = expr;
    symbol->broken = expr == NULL; /* it is there, but nothing is known of it */
    if (expr == NULL)
        return false;
    for (uint32_t i = 0; i < expr->count; i++)
        symbol->uses_here |= expr->items[i].op == ASM_E_HERE;
    asm_add_statement(as, ASM_CONSTANT, name)->symbol = symbol;
    return true;
}

/* What begins no statement, but may be another language's way to begin one: %define, #include. */
static bool stray(assembler *as)
{
    asm_place word = as->token.place;
    if (asm_is(as, '%')) {
        const char *end = as->lexer.file->end, *at = as->lexer.at;
        while (at < end && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')))
            at++;
        word.length = (uint32_t)(at - word.at);
        const char *foreign = asm_foreign(as, word);
        if (foreign != NULL)
            return asm_error(as, word, "'%.*s' is not a directive; %s", (int)word.length, word.at, foreign);
    }
    return asm_error(as, as->token.place, "%s, expected a label, an instruction or a directive", asm_found(as));
}

static bool parse_line(assembler *as)
{
    while (as->token.kind == ASM_T_NAME) {
        const asm_token after = asm_peek(as);
        if (after.kind == ASM_T_PUNCTUATION && after.number == '=')
            return parse_constant(as, as->token.place);
        if (after.kind != ASM_T_PUNCTUATION || after.number != ':')
            return parse_operation(as);
        parse_label(as, as->token.place); /* wrong or not, what follows it is looked at */
    }
    if (as->token.kind == ASM_T_END || as->token.kind == ASM_T_BAD)
        return as->token.kind == ASM_T_END;
    return stray(as);
}

void asm_parse_file(assembler *as, const asm_file *file)
{
    asm_if *const outer = as->ifs;
    const asm_lexer lexer = as->lexer;
    const asm_token token = as->token;
    as->ifs = NULL;
    as->lexer = (asm_lexer){file, file->text, file->first_line};
    asm_next(as);
    do {
        if (parse_line(as) && as->token.kind != ASM_T_END && as->token.kind != ASM_T_BAD)
            asm_form_error(as, as->token.place, "", "%s, expected the end of the line", asm_found(as));
        as->form_name = NULL;
    } while (!asm_too_many(as) && asm_next_line(as));
    asm_if_finish(as);
    as->ifs = outer;
    as->lexer = lexer;
    as->token = token;
}
