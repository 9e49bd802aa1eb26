/* asm_macro.c - .macro and .rept: lines that are read again, with other words in them.
 *
 * An expansion is a text of its own, line for line that of the body, and is read like an included file. It knows which
 * of its parts an argument gave, so that a local name among them stays the caller's, and who asked for it, so that an
 * error tells the way there. How deep and how long expansions get is bounded, so a recursive one ends too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}
static bool same(asm_place a, asm_place b) { return a.length == b.length && memcmp(a.at, b.at, a.length) == 0; }

/* ---- bodies ---- */

/* Names of the body that begin with a dot and are followed by : or =, or that .reg gives. */
static void find_locals(assembler *as, asm_body *body)
{
    asm_place *locals = NULL;
    size_t count = 0, room = 0;
    asm_lexer line = {body->file, body->start, body->line};
    while (line.at < body->end) {
        asm_place word = asm_first_word(&line, false);
        const bool reg = asm_same_name(&word, ".reg");
        if (reg)
            word = asm_first_word(&(asm_lexer){line.file, word.at + word.length, line.line}, false);
        for (;;) {
            const char *after = word.at + word.length;
            while (after < body->end && (*after == ' ' || *after == '\t'))
                after++;
            const bool label = after < body->end && *after == ':';
            if (word.length > 1 && word.at[0] == '.' && (reg || label || (after < body->end && *after == '='))) {
                locals = asm_grow(as, locals, count, &room, sizeof *locals);
                locals[count++] = word;
            }
            if (!label)
                break;
            word = asm_first_word(&(asm_lexer){line.file, after + 1, line.line}, false);
        }
        while (line.at < body->end && *line.at != '\n')
            line.at++;
        line.at++;
        line.line++;
    }
    body->locals = locals;
    body->local_count = count;
}

/* The lines from here to the one that begins with `close`; those that begin with `open` need a close of their own. The
 * token is then the one after it. */
static bool collect(assembler *as, asm_place begun, const char *open, const char *close, asm_body *body)
{
    unsigned depth = 0;
    bool first = true;
    while (asm_raw_line(as)) {
        const asm_place word = asm_first_word(&as->lexer, false), opens = asm_first_word(&as->lexer, true);
        if (first)
            *body = (asm_body){.file = as->lexer.file, .start = as->lexer.at, .line = as->lexer.line};
        first = false;
        depth += asm_same_name(&opens, open);
        if (!asm_same_name(&word, close) || depth-- > 0)
            continue;
        body->end = as->lexer.at;
        body->lines = as->lexer.line - body->line;
        find_locals(as, body);
        as->lexer.at = word.at + word.length;
        asm_next(as);
        return true;
    }
    asm_next(as);
    return asm_error(as, begun, "this %s has no %s", open, close);
}

/* ---- an expansion's text ---- */

/* What a word of the body becomes. */
typedef struct binding {
    asm_place name;
    const char *text; /* with brackets around an expression, whose parts others could tear apart */
    uint32_t length, inner, inner_length;
    asm_place written;
} binding;

/* Whether a text has an operator outside of brackets, and begins with none: `a + b`, not `r1`, not `[r1 + 4]`. */
static bool is_compound(asm_place text)
{
    int depth = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        const char c = text.at[i];
        if (c == '"' || c == '\'' || (i == 0 && c == '['))
            return false;
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        if (depth == 0 && strchr("+-*/%&|^~<>!=", c) != NULL)
            return true;
    }
    return false;
}

static binding bind_name(assembler *as, asm_place name, asm_place text)
{
    const bool wrap = is_compound(text);
    char *copy = asm_allocate(as, (size_t)text.length + 3);
    if (text.length > 0)
        memcpy(copy + wrap, text.at, text.length);
    if (wrap) {
        copy[0] = '(';
        copy[text.length + 1] = ')';
    }
    return (binding){name, copy, text.length + 2u * wrap, wrap, text.length, text};
}

typedef struct expansion {
    const binding *bindings;
    unsigned binding_count;
    char *text; /* NULL: only measured */
    size_t length;
    asm_argument *arguments;
    size_t argument_count;
} expansion;

static void put(expansion *e, const char *text, size_t length)
{
    if (e->text != NULL && length > 0)
        memcpy(e->text + e->length, text, length);
    e->length += length;
}

/* A word of the body: itself, or what it is bound to. */
static void put_word(expansion *e, asm_place word)
{
    for (unsigned i = 0; i < e->binding_count; i++) {
        const binding *b = &e->bindings[i];
        if (!same(b->name, word))
            continue;
        if (e->text != NULL)
            e->arguments[e->argument_count] =
                (asm_argument){e->text + e->length + b->inner, b->inner_length, b->written};
        e->argument_count++;
        put(e, b->text, b->length);
        return;
    }
    put(e, word.at, word.length);
}

/* Where a string, a character or a comment ends that begins here; the same place when none does. */
static const char *skip_opaque(const char *from, const char *end)
{
    const char c = *from, *at = from;
    if (c != ';' && c != '"' && c != '\'')
        return from;
    at++;
    while (at < end && *at != '\n' && (c == ';' || *at != c))
        at += c != ';' && *at == '\\' && at + 1 < end && at[1] != '\n' ? 2 : 1;
    return at < end && *at == c && c != ';' ? at + 1 : at;
}

static void put_body(expansion *e, const asm_body *body)
{
    for (const char *at = body->start; at < body->end;) {
        const char *next = skip_opaque(at, body->end);
        if (next > at) {
            put(e, at, (size_t)(next - at));
        } else if (is_name(*at)) {
            while (next < body->end && is_name(*next))
                next++;
            put_word(e, (asm_place){.at = at, .length = (uint32_t)(next - at)});
        } else {
            put(e, at, 1);
            next = at + 1;
        }
        at = next;
    }
}

/* ---- limits ---- */

static bool stop(assembler *as, asm_place place, const char *what)
{
    as->expansions_stopped = true; /* more of them would only say the same again */
    return asm_error(as, place, "%s", what);
}

static bool take_room(assembler *as, asm_place place, const asm_body *body, size_t bytes)
{
    const uint32_t lines = body->lines == 0 ? 1 : body->lines;
    const uint32_t most = as->options.max_lines;
    if (lines > most - as->expanded_lines || bytes > ASM_MAX_EXPANDED_BYTES - as->expanded_bytes)
        return stop(as, place,
                    asm_format(as, "macros and repeats make more than %" PRIu32 " lines or %d MiB", most,
                               ASM_MAX_EXPANDED_BYTES >> 20));
    as->expanded_lines += lines;
    as->expanded_bytes += (uint32_t)bytes;
    return true;
}

/* Reads the body once, its words bound. */
static bool expand(assembler *as, asm_place place, const asm_body *body, const char *what, const binding *bindings,
                   unsigned count)
{
    const asm_file *parent = as->lexer.file;
    if (as->expansions_stopped)
        return true;
    if (parent->expansion_depth >= ASM_MAX_EXPANSION_DEPTH)
        return stop(as, place, asm_format(as, "macros and repeats are more than %d deep", ASM_MAX_EXPANSION_DEPTH));
    expansion e = {.bindings = bindings, .binding_count = count};
    put_body(&e, body);
    if (!take_room(as, place, body, e.length))
        return false;
    e.text = asm_allocate(as, e.length + 1);
    e.arguments = asm_allocate(as, (e.argument_count + 1) * sizeof *e.arguments);
    e.length = e.argument_count = 0;
    put_body(&e, body);

    asm_file *file = asm_allocate(as, sizeof *file);
    *file = (asm_file){.name = body->file->name,
                       .text = e.text,
                       .end = e.text + e.length,
                       .first_line = body->line,
                       .number = as->files + ++as->expansions,
                       .parent = parent,
                       .included = place,
                       .depth = parent->depth,
                       .expansion_depth = parent->expansion_depth + 1,
                       .expansion = what,
                       .arguments = e.arguments,
                       .argument_count = e.argument_count};
    if (body->local_count > 0) /* a name that no source can write */
        file->scope =
            asm_format(as, "%.*s@%" PRIu32, place.length < 40 ? (int)place.length : 40, place.at, as->expansions);
    for (size_t i = 0; i < body->local_count; i++)
        asm_symbol_reserve(as, file->scope, body->locals[i]);
    asm_parse_file(as, file);
    return true;
}

/* ---- .macro ---- */

const asm_macro *asm_macro_named(const assembler *as, asm_place name)
{
    if (name.at[0] == '.')
        return NULL;
    const asm_symbol *symbol = asm_symbol_find(as, name);
    return symbol != NULL ? symbol->macro : NULL;
}

void asm_guess_macro(assembler *as, px_guess *guess, asm_place name)
{
    for (const asm_symbol *s = as->first_symbol; s != NULL && as->guesses < ASM_MAX_GUESSES; s = s->next) {
        if (s->macro == NULL)
            continue;
        as->guesses++;
        px_guess_try(guess, name.at, name.length, s->name);
    }
}

/* A macro cannot take the place of what is there anyway. */
static bool name_is_free(assembler *as, asm_place name)
{
    const char *word = asm_format(as, "%.*s", (int)name.length, name.at);
    if (name.at[0] == '.')
        return asm_error(as, name, "a macro's name has no dot");
    if (!asm_definable(as, name))
        return false;
    if (px_opcode_named((int)as->out->profile, word) != NULL || asm_is_pseudo(name))
        return asm_error(as, name, "'%s' is an instruction; choose another name", word);
    const asm_macro *other = asm_macro_named(as, name);
    if (other == NULL)
        return true;
    asm_error(as, name, "macro '%s' is already defined; choose another name", word);
    asm_note(as, other->name, "'%s' is first defined here", word);
    return false;
}

/* One parameter: `name` or `name = value`. */
static bool parse_parameter(assembler *as, asm_macro *macro)
{
    const asm_token token = as->token;
    if (token.kind != ASM_T_NAME || token.place.at[0] == '.')
        return token.kind != ASM_T_BAD &&
               asm_form_error(as, token.place, "", "%s, expected a parameter's name", asm_found(as));
    if (!asm_definable(as, token.place))
        return false;
    for (unsigned i = 0; i < macro->parameter_count; i++)
        if (same(macro->parameters[i].name, token.place))
            return asm_error(as, token.place, "there is a parameter '%.*s' already", (int)token.place.length,
                             token.place.at);
    if (macro->parameter_count == ASM_MAX_PARAMETERS)
        return asm_error(as, token.place, "more than %d parameters", ASM_MAX_PARAMETERS);
    macro->parameters =
        asm_grow(as, macro->parameters, macro->parameter_count, &macro->parameter_room, sizeof *macro->parameters);
    asm_parameter *parameter = &macro->parameters[macro->parameter_count++];
    parameter->name = token.place;
    asm_next(as);
    if (!asm_is(as, '='))
        return true;
    parameter->otherwise = asm_raw_argument(as); /* the lexer is behind the sign */
    asm_next(as);
    return true;
}

static bool parse_parameters(assembler *as, asm_macro *macro)
{
    if (as->token.kind == ASM_T_END)
        return true;
    asm_take(as, ','); /* allowed after the name */
    do {
        if (!parse_parameter(as, macro))
            return false;
    } while (asm_take(as, ','));
    return as->token.kind == ASM_T_END ||
           (as->token.kind != ASM_T_BAD &&
            asm_form_error(as, as->token.place, "", "%s, expected ',' or the end of the line", asm_found(as)));
}

/* "delay count, by = 1" */
static const char *form_of(assembler *as, const asm_macro *macro)
{
    const char *form = asm_format(as, "%.*s", (int)macro->name.length, macro->name.at);
    for (unsigned i = 0; i < macro->parameter_count; i++) {
        const asm_parameter *p = &macro->parameters[i];
        form = asm_format(as, "%s%s%.*s%s%.*s", form, i == 0 ? " " : ", ", (int)p->name.length, p->name.at,
                          p->otherwise.at != NULL ? " = " : "", (int)p->otherwise.length,
                          p->otherwise.at != NULL ? p->otherwise.at : "");
    }
    return form;
}

bool asm_macro_begin(assembler *as, asm_statement *statement)
{
    asm_macro *macro = asm_allocate(as, sizeof *macro);
    macro->name = as->token.place;
    bool good = as->token.kind == ASM_T_NAME;
    if (!good && as->token.kind != ASM_T_BAD)
        asm_form_error(as, as->token.place, "", "%s, expected the macro's name", asm_found(as));
    if (good) {
        good = name_is_free(as, macro->name);
        asm_next(as);
        good = parse_parameters(as, macro) && good;
    }
    if (!collect(as, statement->place, ".macro", ".endm", &macro->body))
        return false;
    macro->form = form_of(as, macro);
    if (good)
        asm_symbol_get(as, macro->name)->macro = macro;
    return good;
}

bool asm_expand_macro(assembler *as, const asm_macro *macro, asm_place name)
{
    binding bindings[ASM_MAX_PARAMETERS];
    asm_place written[ASM_MAX_PARAMETERS + 1];
    unsigned count = 0;
    const char *what = asm_format(as, "macro '%.*s'", (int)name.length, name.at);
    for (bool more = true; more && count <= macro->parameter_count;) {
        written[count] = asm_raw_argument(as);
        more = as->lexer.at < as->lexer.file->end && *as->lexer.at == ',';
        as->lexer.at += more;
        if (more || written[count].length > 0 || count > 0)
            count++;
    }
    asm_next(as);
    if (count > macro->parameter_count) {
        asm_error(as, written[macro->parameter_count], "%s takes %u argument%s; the form is '%s'", what,
                  macro->parameter_count, macro->parameter_count == 1 ? "" : "s", macro->form);
        return false;
    }
    for (unsigned i = 0; i < macro->parameter_count; i++) {
        const asm_parameter *p = &macro->parameters[i];
        const bool given = i < count && written[i].length > 0;
        if (!given && p->otherwise.at == NULL)
            return asm_error(as, name, "%s needs an argument for '%.*s'; the form is '%s'", what, (int)p->name.length,
                             p->name.at, macro->form);
        bindings[i] = bind_name(as, p->name, given ? written[i] : p->otherwise);
        if (!given)
            bindings[i].written.at = NULL;
    }
    return expand(as, name, &macro->body, what, bindings, macro->parameter_count);
}

/* ---- .rept ---- */

/* ", counter" */
static bool parse_counter(assembler *as, asm_place *counter)
{
    if (!asm_take(as, ','))
        return true;
    *counter = as->token.place;
    if (as->token.kind != ASM_T_NAME || counter->at[0] == '.')
        return as->token.kind != ASM_T_BAD &&
               asm_form_error(as, as->token.place, "", "%s, expected the counter's name", asm_found(as));
    asm_next(as);
    return asm_definable(as, *counter);
}

bool asm_rept(assembler *as, asm_statement *statement)
{
    asm_body body;
    asm_place counter = {0};
    int64_t count = 0;
    bool good =
        asm_eval_early(as, "the count of .rept", 0, ASM_MAX_EXPANDED_LINES, &count) && parse_counter(as, &counter);
    if (good && as->token.kind != ASM_T_END)
        good = as->token.kind != ASM_T_BAD &&
               asm_form_error(as, as->token.place, "", "%s, expected the end of the line", asm_found(as));
    if (!collect(as, statement->place, ".rept", ".endr", &body) || !good)
        return false;
    for (int64_t i = 0; i < count && !as->expansions_stopped && !asm_too_many(as); i++) {
        const char *number = asm_format(as, "%" PRId64, i);
        binding b = bind_name(as, counter, (asm_place){.at = number, .length = (uint32_t)strlen(number)});
        b.written.at = NULL;
        expand(as, statement->place, &body, asm_format(as, "repeat %" PRId64 " of .rept", i), &b, counter.at != NULL);
    }
    return true;
}

bool asm_stray_end(assembler *as, asm_statement *statement)
{
    const char *name = statement->directive->name;
    return asm_error(as, statement->place, "%s without %s", name, strcmp(name, ".endm") == 0 ? ".macro" : ".rept");
}
