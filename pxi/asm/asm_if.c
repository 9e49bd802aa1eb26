/* asm_if.c - .if, .elif, .else, .endif: which lines are read. Those that are not are only looked at for where the next
 * branch begins. */
#include <string.h>

#include "pxi/asm/asm_internal.h"

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

asm_place asm_first_word(const asm_lexer *lexer, bool labels)
{
    const char *at = lexer->at, *end = lexer->file->end;
    for (;;) {
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        asm_place word = {lexer->file, at, 0, lexer->line};
        while (at < end && is_name(*at))
            at++;
        word.length = (uint32_t)(at - word.at);
        if (!labels || word.length == 0 || at >= end || *at != ':')
            return word;
        at++;
    }
}

/* From the token on: the condition of .if or .elif. One that is wrong counts as false. */
static bool condition(assembler *as, const char *what)
{
    int64_t value = 0;
    return asm_eval_early(as, what, INT64_MIN, INT64_MAX, &value) && value != 0;
}

/* The directive that the line at the lexer begins with becomes the token, and what follows it the next. */
static void enter(assembler *as, asm_place word)
{
    as->lexer.at = word.at + word.length;
    asm_next(as);
}

/* Whether the .elif or .else that the line at the lexer begins with begins the branch that is taken. */
static bool take_branch(assembler *as, asm_place word)
{
    if (as->ifs->last)
        return asm_error(as, word, "%.*s after .else", (int)word.length, word.at);
    as->ifs->last = asm_same_name(&word, ".else");
    if (as->ifs->taken)
        return false;
    enter(as, word);
    as->form_name = ".elif";
    as->ifs->taken = as->ifs->last || condition(as, "the condition of .elif");
    return as->ifs->taken;
}

/* Past the lines of a branch that is not taken, to the one that is or to .endif. */
static bool skip(assembler *as)
{
    unsigned depth = 0;
    while (asm_raw_line(as)) {
        const asm_place word = asm_first_word(&as->lexer, false), opens = asm_first_word(&as->lexer, true);
        if (asm_same_name(&opens, ".if")) {
            depth++;
        } else if (asm_same_name(&word, ".endif") && depth-- == 0) {
            enter(as, word);
            as->ifs = as->ifs->outer;
            return true;
        } else if (depth == 0 && (asm_same_name(&word, ".elif") || asm_same_name(&word, ".else")) &&
                   take_branch(as, word)) {
            return true;
        }
    }
    return true; /* asm_if_finish reports it */
}

bool asm_if_begin(assembler *as, asm_statement *statement)
{
    asm_if *new = asm_allocate(as, sizeof *new);
    const bool true_here = condition(as, "the condition of .if");
    const bool whole = as->token.kind == ASM_T_END || as->token.kind == ASM_T_BAD ||
                       asm_form_error(as, as->token.place, "", "%s, expected the end of the line", asm_found(as));
    *new = (asm_if){.place = statement->place, .taken = true_here, .outer = as->ifs};
    as->ifs = new;
    return true_here ? whole : skip(as);
}

/* .elif or .else after a branch that was read. */
bool asm_if_branch(assembler *as, asm_statement *statement)
{
    const char *name = statement->directive->name;
    if (as->ifs == NULL)
        return asm_error(as, statement->place, "%s without .if", name);
    if (as->ifs->last)
        asm_error(as, statement->place, "%s after .else", name);
    as->ifs->last = as->ifs->last || strcmp(name, ".else") == 0;
    return skip(as);
}

bool asm_if_end(assembler *as, asm_statement *statement)
{
    if (as->ifs == NULL)
        return asm_error(as, statement->place, ".endif without .if");
    as->ifs = as->ifs->outer;
    return true;
}

void asm_if_finish(assembler *as)
{
    for (; as->ifs != NULL && !asm_too_many(as); as->ifs = as->ifs->outer)
        asm_error(as, as->ifs->place, "this .if has no .endif");
}
