/* debugger_places.c - px debug: breakpoints and watchpoints, as they are written. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/debugger.h"
#include "pxi/number.h"

static const struct {
    const char *name;
    enum px_class class;
} classes[] = {{"ctrl", PX_CLASS_CTRL},    {"branch", PX_CLASS_BRANCH}, {"alu", PX_CLASS_ALU},
               {"alui", PX_CLASS_ALUI},    {"move", PX_CLASS_MOVE},     {"div", PX_CLASS_DIV},
               {"vv", PX_CLASS_VV},        {"vx", PX_CLASS_VX},         {"bvv", PX_CLASS_BVV},
               {"bvx", PX_CLASS_BVX},      {"reduce", PX_CLASS_REDUCE}, {"run", PX_CLASS_RUN},
               {"tensor", PX_CLASS_TENSOR}};
enum { CLASSES = sizeof classes / sizeof *classes };

static bool break_op(px_debugger *d, const char *name, px_breakpoint *what, px_error *error)
{
    const px_opcode *opcode = px_opcode_named((int)d->profile, name);
    if (opcode == NULL)
        return px_fail(error, PX_E_USAGE, "'%s' is no instruction", name);
    *what = (px_breakpoint){.kind = PX_BREAK_OP, .at = opcode->number};
    return true;
}

static bool break_class(const char *name, px_breakpoint *what, px_error *error)
{
    for (size_t i = 0; i < CLASSES; i++)
        if (strcasecmp(name, classes[i].name) == 0) {
            *what = (px_breakpoint){.kind = PX_BREAK_CLASS, .at = classes[i].class};
            return true;
        }
    return px_fail(error, PX_E_USAGE,
                   "'%s' is no class of instructions; there are ctrl branch alu alui move div vv vx bvv bvx reduce run "
                   "tensor",
                   name);
}

static bool is_line(const char *text, uint64_t *line)
{
    const char *colon = strrchr(text, ':');
    return colon != NULL && px_parse_number("", colon + 1, 1, UINT32_MAX, line, NULL);
}

/* Whether path is the file that is meant, or ends in it. */
static bool is_file(const char *path, const char *name, size_t length)
{
    const size_t whole = strlen(path);
    return whole >= length && strncmp(path + whole - length, name, length) == 0 &&
           (whole == length || path[whole - length - 1] == '/');
}

static bool no_such_line(const px_debugger *d, const char *file, int length, uint64_t line, uint64_t next,
                         px_error *error)
{
    if (d->names->line_count == 0)
        return px_fail(error, PX_E_USAGE,
                       "no instruction is known to be of line %" PRIu64 " of %.*s; there are no lines: assemble a "
                       "source, or use px cc -g",
                       line, length, file);
    if (next == UINT64_MAX)
        return px_fail(error, PX_E_USAGE,
                       "no instruction is known to be of line %" PRIu64 " of %.*s, or of a later one", line, length,
                       file);
    return px_fail(error, PX_E_USAGE,
                   "no instruction is known to be of line %" PRIu64 " of %.*s; the next line that has one is %" PRIu64,
                   line, length, file, next);
}

/* FILE:LINE, the first instruction of that line. */
static bool break_line(const px_debugger *d, const char *text, uint64_t line, px_breakpoint *what, px_error *error)
{
    const size_t length = (size_t)(strrchr(text, ':') - text);
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < d->names->line_count; i++) {
        const px_line *l = &d->names->lines[i];
        if (!is_file(l->file, text, length))
            continue;
        if (l->line == line) {
            *what = (px_breakpoint){.kind = PX_BREAK_PC, .at = l->address};
            return true;
        }
        if (l->line > line && l->line < next)
            next = l->line;
    }
    return no_such_line(d, text, (int)length, line, next, error);
}

static bool parse_break(px_debugger *d, const char *text, px_breakpoint *what, px_error *error)
{
    char word[64];
    uint64_t line;
    const char *rest = text;
    if (!px_take_word(&rest, word, sizeof word))
        return px_fail(error, PX_E_USAGE, "expected where: an address, FILE:LINE, op NAME, class NAME, sys or count N");
    if (strcmp(word, "op") == 0 && *rest != '\0')
        return break_op(d, rest, what, error);
    if (strcmp(word, "class") == 0 && *rest != '\0')
        return break_class(rest, what, error);
    if (strcmp(word, "sys") == 0 && *rest == '\0') {
        *what = (px_breakpoint){.kind = PX_BREAK_SYS};
        return true;
    }
    if (strcmp(word, "count") == 0 && isdigit((unsigned char)*rest)) {
        *what = (px_breakpoint){.kind = PX_BREAK_COUNT};
        return px_parse_count_within("count", rest, 0, UINT64_MAX, &what->number, error);
    }
    if (is_line(text, &line))
        return break_line(d, text, line, what, error);
    *what = (px_breakpoint){.kind = PX_BREAK_PC};
    return px_debugger_address(d, text, &what->at, error);
}

/* A register, by its number or an alias. */
static bool parse_register(const px_debugger *d, const char *text, uint32_t *number)
{
    uint64_t value;
    if ((*text == 'r' || *text == 'R') && px_parse_number("", text + 1, 0, 255, &value, NULL)) {
        *number = (uint32_t)value;
        return true;
    }
    for (size_t i = 0; i < d->names->count; i++)
        if (d->names->at[i].kind == PX_SYMBOL_REGISTER && strcmp(d->names->at[i].name, text) == 0) {
            *number = (uint32_t)d->names->at[i].value;
            return true;
        }
    return false;
}

bool px_parse_watch(px_debugger *d, const char *text, px_breakpoint *what, px_error *error)
{
    char address[512];
    uint32_t number;
    const char *comma = strrchr(text, ',');
    int64_t count = 1;
    if (*text == '\0')
        return px_fail(error, PX_E_USAGE, "expected what: a register, or an address and how many pixels: 100, 8");
    if (parse_register(d, text, &number)) {
        *what = (px_breakpoint){.kind = PX_BREAK_REGISTER, .at = number};
        return true;
    }
    *what = (px_breakpoint){.kind = PX_BREAK_PIXELS, .written = true};
    if (comma == NULL || strchr(comma, ')') != NULL) /* the comma of at(x, y) */
        comma = text + strlen(text);
    else if (!px_debugger_value(d, comma + 1, &count, error))
        return false;
    snprintf(address, sizeof address, "%.*s", (int)(comma - text), text);
    if (!px_debugger_address(d, address, &what->at, error))
        return false;
    if (count < 1 || count > (int64_t)d->w * d->h - what->at)
        return px_fail(error, PX_E_USAGE, "%" PRId64 " pixels from %" PRIu32 " on; the image has %" PRIu32, count,
                       what->at, d->w * d->h);
    what->count = (uint32_t)count;
    return true;
}

/* ---- conditions ---- */

static bool pixel_of(void *context, uint32_t address, uint32_t *pixel)
{
    px_machine *machine = context;
    return machine != NULL && px_get(machine, PX_SPACE_PIXEL, address, pixel, 1, NULL);
}

/* What has no value does not hold. */
static bool holds(void *context, const px_moment *m)
{
    const px_stop_place *p = context;
    const px_asked asked = {m->at, m->pc, m->vl, m->reg, pixel_of, m->machine};
    int64_t value;
    return px_expression_value(p->when, &asked, &value, NULL) && value != 0;
}

/* Splits at " if ". */
static bool split(const char *rest, char *where, size_t size, const char **condition, px_error *error)
{
    const char *at = strstr(rest, " if ");
    size_t length = at != NULL ? (size_t)(at - rest) : strlen(rest);
    *condition = at != NULL ? at + 4 : NULL;
    while (length > 0 && isblank((unsigned char)rest[length - 1]))
        length--;
    snprintf(where, size, "%.*s", (int)length, rest);
    return length < size || px_fail(error, PX_E_USAGE, "%zu characters are too many", length);
}

static bool add(px_debugger *d, const px_breakpoint *what, const char *condition, const char *text, bool temporary,
                px_error *error)
{
    px_stop_place **more = realloc(d->places, (d->count + 1) * sizeof *more), *p = calloc(1, sizeof *p);
    if (more != NULL)
        d->places = more;
    if (more == NULL || p == NULL || (p->text = strdup(text)) == NULL) {
        free(p);
        return px_fail(error, PX_E_SYSTEM, "no memory for a breakpoint");
    }
    p->what = *what;
    p->temporary = temporary;
    if (condition != NULL && !px_debugger_expression(d, condition, &p->when, error)) {
        free(p->text);
        free(p);
        return false;
    }
    if (p->when != NULL) {
        p->what.holds = holds;
        p->what.context = p;
        p->what.pixels = px_expression_pixels(p->when);
    }
    p->number = ++d->numbered;
    d->places[d->count++] = p;
    fprintf(d->text, "%u: %s\n", p->number, text);
    if (d->json)
        px_json_number(&d->answer, "number", p->number);
    return true;
}

static bool break_at(px_debugger *d, const char *rest, bool temporary, px_error *error)
{
    char where[512];
    const char *condition;
    px_breakpoint what;
    return split(rest, where, sizeof where, &condition, error) && parse_break(d, where, &what, error) &&
           add(d, &what, condition, rest, temporary, error);
}

bool px_do_break(px_debugger *d, const char *rest, px_error *error) { return break_at(d, rest, false, error); }
bool px_do_tbreak(px_debugger *d, const char *rest, px_error *error) { return break_at(d, rest, true, error); }

static bool watch(px_debugger *d, const char *rest, bool read, bool written, px_error *error)
{
    char where[512], text[600];
    const char *condition;
    px_breakpoint what;
    if (!split(rest, where, sizeof where, &condition, error) || !px_parse_watch(d, where, &what, error))
        return false;
    if (what.kind == PX_BREAK_REGISTER && read)
        return px_fail(error, PX_E_USAGE, "registers are watched for writes alone: watch %s", where);
    what.read = read;
    what.written = written;
    snprintf(text, sizeof text, "%s %s", read && written ? "awatch" : read ? "rwatch" : "watch", rest);
    return add(d, &what, condition, text, false, error);
}

bool px_do_watch(px_debugger *d, const char *rest, px_error *error) { return watch(d, rest, false, true, error); }
bool px_do_rwatch(px_debugger *d, const char *rest, px_error *error) { return watch(d, rest, true, false, error); }
bool px_do_awatch(px_debugger *d, const char *rest, px_error *error) { return watch(d, rest, true, true, error); }

static void drop(px_debugger *d, size_t i)
{
    px_expression_free(d->places[i]->when);
    free(d->places[i]->text);
    free(d->places[i]);
    d->places[i] = d->places[--d->count];
}

static bool find(const px_debugger *d, const char *rest, size_t *at, px_error *error)
{
    uint64_t number;
    if (!px_parse_number("the breakpoint", rest, 1, UINT32_MAX, &number, error))
        return false;
    for (*at = 0; *at < d->count; ++*at)
        if (d->places[*at]->number == number)
            return true;
    return px_fail(error, PX_E_USAGE, "there is no breakpoint %" PRIu64 "; info has the list", number);
}

bool px_do_delete(px_debugger *d, const char *rest, px_error *error)
{
    size_t at;
    if (*rest == '\0')
        while (d->count > 0)
            drop(d, d->count - 1);
    else if (!find(d, rest, &at, error))
        return false;
    else
        drop(d, at);
    return true;
}

static bool turn(px_debugger *d, const char *rest, bool off, px_error *error)
{
    size_t at;
    if (!find(d, rest, &at, error))
        return false;
    d->places[at]->what.off = off;
    return true;
}

bool px_do_disable(px_debugger *d, const char *rest, px_error *error) { return turn(d, rest, true, error); }
bool px_do_enable(px_debugger *d, const char *rest, px_error *error) { return turn(d, rest, false, error); }
