/* asm_expr.c - expressions: C's operators and precedence over exact 64-bit integers. An overflow is an error. */
#include <inttypes.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/asm/expression.h"

/* ---- reading, to postfix ---- */

static void push(assembler *as, asm_op op, asm_place place, int64_t number, asm_symbol *symbol)
{
    as->stack = asm_grow(as, as->stack, as->stack_count, &as->stack_room, sizeof *as->stack);
    asm_item *item = &as->stack[as->stack_count++];
    *item = (asm_item){.op = op, .place = place};
    if (op == ASM_E_SYMBOL)
        item->symbol = symbol;
    else
        item->number = number;
}

static bool parse_binary(assembler *as, int level);

static const struct {
    const char *name;
    asm_op op;
    unsigned count;
} functions[] = {{"row", ASM_E_ROW, 1}, {"at", ASM_E_AT, 2}, {"rgba", ASM_E_RGBA, 4}};

static bool parse_function(assembler *as, size_t f, asm_place place)
{
    asm_next(as); /* the parenthesis */
    for (unsigned i = 0; i < functions[f].count; i++) {
        if (i > 0 && !asm_take(as, ','))
            return as->token.kind != ASM_T_BAD &&
                   asm_form_error(as, as->token.place, "", "%s, expected ',': %s takes %u values", asm_found(as),
                                  functions[f].name, functions[f].count);
        if (!parse_binary(as, 0))
            return false;
    }
    if (!asm_is(as, ')'))
        return as->token.kind != ASM_T_BAD &&
               asm_form_error(as, as->token.place, "", "%s, expected ')' to end %s with %u value%s", asm_found(as),
                              functions[f].name, functions[f].count, functions[f].count == 1 ? "" : "s");
    push(as, functions[f].op, asm_span(place, as->token.place), 0, NULL);
    asm_next(as);
    return true;
}

/* defined(name): whether it is a label's, a constant's, a register's or a macro's further up. */
static bool parse_defined(assembler *as, asm_place place)
{
    asm_next(as); /* the parenthesis */
    const asm_place name = as->token.place;
    if (as->token.kind != ASM_T_NAME)
        return as->token.kind != ASM_T_BAD &&
               asm_form_error(as, name, "", "%s, expected a name: defined(NAME)", asm_found(as));
    asm_symbol *symbol = asm_symbol_find(as, name);
    const bool defined = symbol != NULL && (symbol->kind != ASM_S_UNDEFINED || symbol->macro != NULL);
    if (defined)
        symbol->used = true;
    asm_next(as);
    if (!asm_is(as, ')'))
        return as->token.kind != ASM_T_BAD &&
               asm_form_error(as, as->token.place, "", "%s, expected ')' after defined(NAME", asm_found(as));
    push(as, ASM_E_NUMBER, asm_span(place, as->token.place), defined, NULL);
    asm_next(as);
    return true;
}

/* What a machine has by that name, if expressions are about one. */
static bool parse_machine_name(assembler *as, asm_place place)
{
    static const struct {
        const char *name;
        asm_op op;
    } words[] = {{"pc", ASM_E_PC}, {"vl", ASM_E_VL}, {"count", ASM_E_COUNT}};
    const int reg = asm_register_number(place);
    const asm_symbol *symbol = asm_symbol_find(as, place);
    if (!as->about_machine || reg == -2)
        return false;
    if (reg >= 0 || (symbol != NULL && symbol->kind == ASM_S_REGISTER)) {
        push(as, ASM_E_REGISTER, place, reg >= 0 ? reg : symbol->value, NULL);
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (symbol == NULL && asm_same_name(&place, words[i].name)) {
            push(as, words[i].op, place, 0, NULL);
            return true;
        }
    return false;
}

static bool parse_name(assembler *as)
{
    const asm_place place = as->token.place;
    static const struct {
        const char *name;
        asm_op op;
    } values[] = {{".", ASM_E_HERE}, {"W", ASM_E_W}, {"H", ASM_E_H}, {"N", ASM_E_N}};

    asm_next(as);
    if (asm_is(as, '(') && asm_same_name(&place, "defined"))
        return parse_defined(as, place);
    if (asm_is(as, '('))
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
            if (asm_same_name(&place, functions[f].name))
                return parse_function(as, f, place);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (place.length == 1 && place.at[0] == values[i].name[0]) {
            push(as, values[i].op, place, 0, NULL);
            return true;
        }
    }
    if (parse_machine_name(as, place))
        return true;
    if (asm_register_number(place) >= 0)
        return asm_form_error(as, place, asm_operand_hint(as, false),
                              "found register '%.*s', expected a number, a label or a constant", (int)place.length,
                              place.at);
    push(as, ASM_E_SYMBOL, place, 0, asm_symbol_get(as, place));
    as->references = asm_grow(as, as->references, as->reference_count, &as->reference_room, sizeof *as->references);
    as->references[as->reference_count++] = as->stack[as->stack_count - 1];
    as->stack[as->stack_count - 1].symbol->used = true;
    return true;
}

static bool parse_primary(assembler *as)
{
    const asm_token token = as->token;
    if (token.kind == ASM_T_NUMBER) {
        push(as, ASM_E_NUMBER, token.place, token.number, NULL);
        asm_next(as);
        return true;
    }
    if (token.kind == ASM_T_NAME)
        return parse_name(as);
    if (asm_take(as, '$')) {
        push(as, ASM_E_HERE, token.place, 0, NULL);
        return true;
    }
    if (asm_take(as, '(')) {
        if (!parse_binary(as, 0))
            return false;
        if (asm_take(as, ')'))
            return true;
        if (as->token.kind == ASM_T_BAD)
            return false;
        asm_form_error(as, as->token.place, "", "%s, expected an operator or ')'", asm_found(as));
        asm_note(as, token.place, "the parenthesis is opened here");
        return false;
    }
    if (as->about_machine && asm_take(as, '[')) {
        if (!parse_binary(as, 0))
            return false;
        push(as, ASM_E_PIXEL, asm_span(token.place, as->token.place), 0, NULL);
        return asm_take(as, ']') || (as->token.kind != ASM_T_BAD &&
                                     asm_error(as, as->token.place, "%s, expected an operator or ']'", asm_found(as)));
    }
    if (token.kind == ASM_T_BAD)
        return false;
    return asm_form_error(as, token.place, "", "%s, expected a value: a number, a name, '(' or a sign", asm_found(as));
}

static bool parse_unary(assembler *as)
{
    const asm_place place = as->token.place;
    if (++as->depth > ASM_MAX_DEPTH)
        return asm_error(as, place, "parentheses and signs nested more than %d deep", ASM_MAX_DEPTH);
    bool done;
    if (asm_is(as, '-') || asm_is(as, '~') || asm_is(as, '+') || asm_is(as, '!')) {
        const char sign = (char)as->token.number;
        asm_next(as);
        done = parse_unary(as);
        if (done && sign != '+')
            push(as, sign == '-' ? ASM_E_NEGATE : sign == '~' ? ASM_E_NOT : ASM_E_LOGICAL_NOT, place, 0, NULL);
    } else {
        done = parse_primary(as);
    }
    as->depth--;
    return done;
}

/* From the loosest; each row holds up to four operators of one precedence, by asm_lex.c's codes. */
static const struct {
    char character;
    asm_op op;
} operators[][4] = {{{'O', ASM_E_SKIP_IF_NOT}},
                    {{'A', ASM_E_SKIP_IF_0}},
                    {{'|', ASM_E_OR}},
                    {{'^', ASM_E_XOR}},
                    {{'&', ASM_E_AND}},
                    {{'E', ASM_E_EQ}, {'U', ASM_E_NE}},
                    {{'l', ASM_E_LT}, {'L', ASM_E_LE}, {'g', ASM_E_GT}, {'G', ASM_E_GE}},
                    {{'<', ASM_E_SHL}, {'>', ASM_E_SHR}},
                    {{'+', ASM_E_ADD}, {'-', ASM_E_SUB}},
                    {{'*', ASM_E_MUL}, {'/', ASM_E_DIV}, {'%', ASM_E_REM}}};

enum { LEVELS = sizeof operators / sizeof *operators };

static bool parse_binary(assembler *as, int level)
{
    if (level == LEVELS)
        return parse_unary(as);
    if (!parse_binary(as, level + 1))
        return false;
    for (;;) {
        int found = -1;
        for (int i = 0; i < 4 && operators[level][i].character != 0; i++)
            if (asm_is(as, operators[level][i].character))
                found = i;
        if (found < 0)
            return true;
        const asm_place place = as->token.place;
        const asm_op op = operators[level][found].op;
        const bool skips = op == ASM_E_SKIP_IF_0 || op == ASM_E_SKIP_IF_NOT;
        const size_t skip = as->stack_count;
        asm_next(as);
        if (skips)
            push(as, op, place, 0, NULL);
        if (!parse_binary(as, level + 1))
            return false;
        push(as, skips ? ASM_E_TRUTH : op, place, 0, NULL);
        if (skips)
            as->stack[skip].number = (int64_t)as->stack_count - 1; /* at TRUTH */
    }
}

const asm_expr *asm_expr_parse(assembler *as)
{
    const asm_place first = as->token.place;
    as->stack_count = 0;
    as->depth = 0;
    if (!parse_binary(as, 0))
        return NULL;
    asm_expr *expr = asm_allocate(as, sizeof *expr);
    asm_item *items = asm_allocate(as, as->stack_count * sizeof *items);
    memcpy(items, as->stack, as->stack_count * sizeof *items);
    asm_place last = first;
    for (size_t i = 0; i < as->stack_count; i++)
        if (items[i].place.at + items[i].place.length > last.at + last.length)
            last = items[i].place;
    *expr = (asm_expr){items, (uint32_t)as->stack_count, asm_span(first, last)};
    return expr;
}

/* ---- evaluating ---- */

/* Deep enough for every expression that parse_unary lets through: each level of nesting holds at most one value per
 * operator level, and functions a few arguments more. */
enum { STACK = (ASM_MAX_DEPTH + 1) * (LEVELS + 4) };

typedef struct evaluation {
    int64_t here;
    const char *what;
    unsigned depth;
} evaluation;

static bool evaluate(assembler *as, const asm_expr *expr, evaluation e, int64_t *value);

static bool overflow(assembler *as, asm_place place)
{
    return asm_error(as, place, "the result does not fit in 64 bits, signed");
}

/* A symbol that `place` names. */
static bool symbol_value(assembler *as, asm_symbol *symbol, asm_place place, evaluation e, int64_t *value)
{
    if (symbol->known) {
        *value = symbol->value;
        return true;
    }
    if (symbol->broken || (as->tainted && (symbol->kind != ASM_S_CONSTANT || symbol->uses_here)))
        return false; /* reported, or an address that nobody knows */
    if (as->early && symbol->kind != ASM_S_CONSTANT)
        return asm_error(as, place, "%s must be known here, but '%s' is %s", e.what, symbol->name,
                         symbol->kind == ASM_S_UNDEFINED ? "not defined further up" : asm_kind_name(symbol->kind));
    if (symbol->kind == ASM_S_LABEL || (symbol->uses_here && !symbol->placed))
        return asm_error(as, place, "%s must be known here, but '%s' has its place only further down", e.what,
                         symbol->name);
    if (symbol->visiting)
        return asm_error(as, symbol->place, "constant '%s' is defined in terms of itself", symbol->name);
    if (e.depth >= ASM_MAX_DEPTH)
        return asm_error(as, place,
                         "constants in terms of constants more than %d deep; define each above its first use",
                         ASM_MAX_DEPTH);
    symbol->visiting = true;
    const bool done = evaluate(as, symbol->expr, (evaluation){symbol->here, e.what, e.depth + 1}, &symbol->value);
    symbol->visiting = false;
    symbol->known = done;
    symbol->broken = !done && !as->quiet;
    *value = symbol->value;
    return done;
}

static bool image_value(assembler *as, const asm_item *item, evaluation e, int64_t *value)
{
    if (as->tainted && (as->w == 0 || (item->op != ASM_E_W && as->h == 0)))
        return false;
    if (as->early && as->w == 0)
        return asm_error(as, item->place, "%s must be known here; put .size, and the constants in it, further up",
                         e.what);
    if (item->op != ASM_E_W && as->h == 0)
        return asm_error(as, item->place,
                         "%s must be known here, but the height is found out last; give it as '.size W, H'", e.what);
    if (as->w == 0)
        return asm_error(as, item->place, "the size of the image cannot depend on itself");
    *value = item->op == ASM_E_W ? as->w : item->op == ASM_E_H ? as->h : as->w * as->h;
    return true;
}

static bool shift(assembler *as, const asm_item *item, int64_t x, int64_t by, int64_t *value)
{
    if (by < 0 || by > 63)
        return asm_error(as, item->place, "a shift by %" PRId64 "; allowed are 0 to 63", by);
    if (item->op == ASM_E_SHR) {
        *value = x < 0 ? ~(~x >> by) : x >> by;
        return true;
    }
    if (x == 0) {
        *value = 0;
        return true;
    }
    return (by < 63 && !__builtin_mul_overflow(x, INT64_C(1) << by, value)) || overflow(as, item->place);
}

static bool binary(assembler *as, const asm_item *item, int64_t x, int64_t y, int64_t *value)
{
    switch (item->op) {
    case ASM_E_MUL:
        return !__builtin_mul_overflow(x, y, value) || overflow(as, item->place);
    case ASM_E_ADD:
        return !__builtin_add_overflow(x, y, value) || overflow(as, item->place);
    case ASM_E_SUB:
        return !__builtin_sub_overflow(x, y, value) || overflow(as, item->place);
    case ASM_E_DIV:
    case ASM_E_REM:
        if (y == 0)
            return asm_error(as, item->place, "division by zero");
        if (x == INT64_MIN && y == -1)
            return overflow(as, item->place);
        *value = item->op == ASM_E_DIV ? x / y : x % y;
        return true;
    case ASM_E_EQ:
        *value = x == y;
        return true;
    case ASM_E_NE:
        *value = x != y;
        return true;
    case ASM_E_LT:
        *value = x < y;
        return true;
    case ASM_E_LE:
        *value = x <= y;
        return true;
    case ASM_E_GT:
        *value = x > y;
        return true;
    case ASM_E_GE:
        *value = x >= y;
        return true;
    case ASM_E_AND:
        *value = x & y;
        return true;
    case ASM_E_XOR:
        *value = x ^ y;
        return true;
    case ASM_E_OR:
        *value = x | y;
        return true;
    default:
        return shift(as, item, x, y, value);
    }
}

/* row(y) and at(x, y): addresses. */
static bool address(assembler *as, const asm_item *item, int64_t x, int64_t y, int64_t *value)
{
    if (as->w == 0)
        return !as->tainted &&
               asm_error(as, item->place, "%s",
                         as->early ? "the width must be known here; put .size, and the constants in it, further up"
                                   : "the size of the image cannot depend on itself");
    if (x < 0 || x >= as->w)
        return asm_error(as, item->place, "column %" PRId64 " is outside the image; columns are 0 to %" PRId64, x,
                         as->w - 1);
    return (!__builtin_mul_overflow(y, as->w, value) && !__builtin_add_overflow(*value, x, value)) ||
           overflow(as, item->place);
}

static bool rgba(assembler *as, const asm_item *item, const int64_t *channel, int64_t *value)
{
    *value = 0;
    for (unsigned k = 0; k < 4; k++) {
        if (channel[k] < -128 || channel[k] > 255)
            return asm_error(as, item->place, "channel %c is %" PRId64 "; allowed are -128 to 255", "RGBA"[k],
                             channel[k]);
        *value |= (channel[k] & 255) << 8 * k;
    }
    return true;
}

/* What the machine has; of a pixel, *value is the address. */
static bool machine_value(assembler *as, const asm_item *item, int64_t *value)
{
    const px_asked *asked = as->asked;
    uint32_t pixel = 0;
    if (item->op == ASM_E_PIXEL) {
        if (*value < 0 || *value >= as->w * as->h)
            return asm_error(as, item->place, "address %" PRId64 " is outside the image; addresses are 0 to %" PRId64,
                             *value, as->w * as->h - 1);
        if (asked->pixel == NULL || !asked->pixel(asked->context, (uint32_t)*value, &pixel))
            return asm_error(as, item->place, "pixel %" PRId64 " cannot be looked at", *value);
    }
    *value = item->op == ASM_E_PIXEL      ? (int64_t)pixel
             : item->op == ASM_E_REGISTER ? (int64_t)asked->reg[item->number]
             : item->op == ASM_E_PC       ? (int64_t)asked->pc
             : item->op == ASM_E_VL       ? (int64_t)asked->vl
                                          : (int64_t)asked->count;
    return true;
}

/* One item: what it takes from the stack, and what it leaves. */
static bool step(assembler *as, const asm_item *item, evaluation e, int64_t *stack, unsigned *top)
{
    int64_t *s = stack + *top; /* s[-1] is the uppermost value */
    switch (item->op) {
    case ASM_E_NUMBER:
        *s = item->number;
        break;
    case ASM_E_HERE:
        if (as->tainted)
            return false;
        if (as->early)
            return asm_error(as, item->place, "%s must be known here, but addresses are found out later", e.what);
        *s = e.here;
        break;
    case ASM_E_SYMBOL:
        if (!symbol_value(as, item->symbol, item->place, e, s))
            return false;
        break;
    case ASM_E_W:
    case ASM_E_H:
    case ASM_E_N:
        if (!image_value(as, item, e, s))
            return false;
        break;
    case ASM_E_REGISTER:
    case ASM_E_PC:
    case ASM_E_VL:
    case ASM_E_COUNT:
        if (!machine_value(as, item, s))
            return false;
        break;
    case ASM_E_PIXEL:
        return machine_value(as, item, &s[-1]);
    case ASM_E_NEGATE:
        return !__builtin_sub_overflow(0, s[-1], &s[-1]) || overflow(as, item->place);
    case ASM_E_NOT:
        s[-1] = ~s[-1];
        return true;
    case ASM_E_LOGICAL_NOT:
        s[-1] = s[-1] == 0;
        return true;
    case ASM_E_TRUTH:
        s[-1] = s[-1] != 0;
        return true;
    case ASM_E_ROW:
        return address(as, item, 0, s[-1], &s[-1]);
    case ASM_E_AT:
        *top -= 1;
        return address(as, item, s[-2], s[-1], &s[-2]);
    case ASM_E_RGBA: {
        const int64_t channel[4] = {s[-4], s[-3], s[-2], s[-1]};
        *top -= 3;
        return rgba(as, item, channel, &s[-4]);
    }
    default:
        *top -= 1;
        return binary(as, item, s[-2], s[-1], &s[-2]);
    }
    *top += 1;
    return true;
}

static bool evaluate(assembler *as, const asm_expr *expr, evaluation e, int64_t *value)
{
    int64_t stack[STACK];
    unsigned top = 0;
    for (uint32_t i = 0; i < expr->count; i++) {
        const asm_item *item = &expr->items[i];
        if (item->op == ASM_E_SKIP_IF_0 || item->op == ASM_E_SKIP_IF_NOT) {
            if ((stack[top - 1] != 0) == (item->op == ASM_E_SKIP_IF_NOT))
                i = (uint32_t)item->number - 1; /* the left side is the result */
            else
                top--;
        } else if (!step(as, item, e, stack, &top)) {
            return false;
        }
    }
    *value = stack[0];
    return true;
}

bool asm_eval_constant(assembler *as, asm_symbol *symbol)
{
    int64_t value;
    return symbol_value(as, symbol, symbol->place, (evaluation){symbol->here, "a constant", 0}, &value);
}

bool asm_eval(assembler *as, const asm_expr *expr, int64_t here, const char *what, int64_t *value)
{
    return evaluate(as, expr, (evaluation){here, what, 0}, value);
}

bool asm_eval_range(assembler *as, const asm_expr *expr, int64_t here, const char *what, int64_t low, int64_t high,
                    int64_t *value)
{
    if (!asm_eval(as, expr, here, what, value))
        return false;
    if (*value >= low && *value <= high)
        return true;
    return asm_form_error(as, expr->place, "", "%s is %" PRId64 "; allowed are %" PRId64 " to %" PRId64, what, *value,
                          low, high);
}

bool asm_eval_early(assembler *as, const char *what, int64_t low, int64_t high, int64_t *value)
{
    const size_t references = as->reference_count;
    const asm_expr *expr = asm_expr_parse(as);
    as->reference_count = references; /* what is not defined is reported below, if it is asked for */
    if (expr == NULL)
        return false;
    as->early = true;
    if (as->settings.size != NULL) {
        as->quiet = true; /* what is wrong with it, layout reports */
        if (!asm_read_size(as))
            as->w = as->h = 0;
        as->quiet = false;
    }
    const bool good = asm_eval_range(as, expr, 0, what, low, high, value);
    as->early = false;
    as->current = NULL;
    as->w = as->h = 0;
    return good;
}
