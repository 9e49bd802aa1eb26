/* asm_machine.c - see expression.h: one expression, read and asked outside of any program. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/asm/expression.h"

enum { MOST_TEXT = 4096 };

struct px_expression {
    px_assembly out; /* for the assembler's errors */
    assembler as;
    const asm_expr *expr;
    asm_file file;
};

/* The errors of the assembler are diagnostics; here the first one is the error. */
static bool told(px_expression *x, px_error *error)
{
    const px_diagnostic *d = x->as.diagnostic_count > 0 ? &x->as.diagnostics[0].shown : NULL;
    if (d == NULL)
        return px_fail(error, PX_E_INPUT, "'%s' has no value", x->file.text);
    return px_fail(error, PX_E_INPUT, "column %" PRIu32 " of '%s': %s", d->column, x->file.text, d->text);
}

static void define(assembler *as, const asm_file *file, const px_symbol *from)
{
    const asm_place place = {file, from->name, (uint32_t)strlen(from->name), 1};
    asm_symbol *symbol = asm_symbol_get(as, place);
    symbol->kind = from->kind == PX_SYMBOL_REGISTER ? ASM_S_REGISTER : ASM_S_CONSTANT;
    symbol->value = from->value;
    symbol->known = true;
    symbol->place = place;
}

static bool read_whole(px_expression *x)
{
    assembler *as = &x->as;
    as->lexer = (asm_lexer){&x->file, x->file.text, 1};
    asm_next(as);
    x->expr = asm_expr_parse(as);
    if (x->expr == NULL)
        return false;
    if (as->token.kind != ASM_T_END || as->lexer.at < x->file.end)
        return as->token.kind != ASM_T_BAD &&
               asm_error(as, as->token.place, "%s, expected an operator or the end", asm_found(as));
    asm_report_undefined(as);
    return x->out.errors == 0;
}

bool px_expression_read(px_expression **expression, const char *text, const px_symbol *symbols, size_t count,
                        uint32_t w, uint32_t h, px_error *error)
{
    px_expression *x = calloc(1, sizeof *x);
    *expression = NULL;
    if (x == NULL || strlen(text) > MOST_TEXT) {
        free(x);
        return px_fail(error, PX_E_INPUT, "no room for an expression of %zu characters", strlen(text));
    }
    assembler *as = &x->as;
    as->out = &x->out;
    as->last_symbol = &as->first_symbol;
    as->w = w;
    as->h = h;
    as->about_machine = true;
    if (setjmp(as->no_memory) != 0) {
        px_expression_free(x);
        return px_fail(error, PX_E_SYSTEM, "no memory for an expression");
    }
    const char *copy = asm_format(as, "%s", text);
    x->file = (asm_file){.name = "expression", .text = copy, .end = copy + strlen(copy), .first_line = 1};
    as->main_file = &x->file;
    for (size_t i = 0; i < count; i++)
        define(as, &x->file, &symbols[i]);
    *expression = x;
    if (read_whole(x))
        return true;
    told(x, error);
    px_expression_free(x);
    *expression = NULL;
    return false;
}

void px_expression_free(px_expression *x)
{
    if (x != NULL)
        asm_free_all(&x->as);
    free(x);
}

bool px_expression_pixels(const px_expression *x)
{
    for (uint32_t i = 0; i < x->expr->count; i++)
        if (x->expr->items[i].op == ASM_E_PIXEL)
            return true;
    return false;
}

bool px_expression_value(px_expression *x, const px_asked *asked, int64_t *value, px_error *error)
{
    x->as.asked = asked;
    x->as.diagnostic_count = 0;
    x->out.errors = 0;
    if (setjmp(x->as.no_memory) != 0)
        return px_fail(error, PX_E_SYSTEM, "no memory for an expression");
    return asm_eval(&x->as, x->expr, asked->pc, "the expression", value) || told(x, error);
}
