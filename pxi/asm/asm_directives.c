/* asm_directives.c - what each directive takes, how much room it needs and which pixels it writes. */
#include <inttypes.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/pixel.h"

/* ---- reading ---- */

/* Values and strings between commas. A line that ends in a comma goes on in the next. */
static bool parse_data(assembler *as, asm_statement *statement)
{
    size_t count = 0;
    if (as->token.kind == ASM_T_END)
        return true;
    asm_place comma;
    do {
        while (as->token.kind == ASM_T_END && count > 0)
            if (!asm_next_line(as))
                return asm_form_error(as, comma, "", "the file ends after ',', expected a value");
        as->data = asm_grow(as, as->data, count, &as->data_room, sizeof *as->data);
        asm_datum *datum = &as->data[count++];
        if (as->token.kind == ASM_T_STRING) {
            *datum = (asm_datum){NULL, as->token.string, as->token.string_length, as->token.place};
            asm_next(as);
        } else {
            const asm_expr *expr = asm_expr_parse(as);
            if (expr == NULL)
                return false;
            *datum = (asm_datum){.expr = expr, .place = expr->place};
        }
        comma = as->token.place;
    } while (asm_take(as, ','));
    if (as->token.kind != ASM_T_END)
        return as->token.kind != ASM_T_BAD &&
               asm_form_error(as, as->token.place, "", "%s, expected ',' or the end of the line", asm_found(as));
    asm_datum *data = asm_allocate(as, count * sizeof *data);
    memcpy(data, as->data, count * sizeof *data);
    statement->data = data;
    statement->data_count = (uint32_t)count;
    return true;
}

static bool check_list(assembler *as, const asm_statement *statement)
{
    const asm_directive *d = statement->directive;
    if (statement->data_count < d->least || statement->data_count > d->most)
        return asm_form_error(as, statement->place, asm_usage_hint(d->name), "%" PRIu32 " operand%s",
                              statement->data_count, statement->data_count == 1 ? "" : "s");
    for (uint32_t i = 0; i < statement->data_count && !d->strings; i++)
        if (statement->data[i].expr == NULL)
            return asm_form_error(as, statement->data[i].place, "", "found a string, expected a number");
    return true;
}

bool asm_parse_directive(assembler *as, const asm_directive *directive, asm_place name)
{
    asm_statement *statement = asm_add_statement(as, ASM_DIRECTIVE, name);
    statement->directive = directive;
    as->form_name = directive->name;
    as->form_operands = directive->usage;
    const bool list = directive->parse == NULL || directive->most > 0;
    statement->bad = (list && (!parse_data(as, statement) || !check_list(as, statement))) ||
                     (directive->parse != NULL && !directive->parse(as, statement));
    return !statement->bad;
}

/* A setting is given once. */
static bool set_once(assembler *as, asm_statement **setting, asm_statement *statement)
{
    if (*setting != NULL) {
        asm_error(as, statement->place, "%s is given twice", statement->directive->name);
        asm_note(as, (*setting)->place, "the first is here");
        return false;
    }
    *setting = statement;
    return true;
}

/* The word after the directive, which must be one of two; -1 after an error. */
static int parse_choice(assembler *as, const char *first, const char *second)
{
    const asm_token token = as->token;
    const int choice = token.kind != ASM_T_NAME                                ? -1
                       : asm_same_name(&token.place, first)                    ? 0
                       : second != NULL && asm_same_name(&token.place, second) ? 1
                                                                               : -1;
    if (choice < 0)
        asm_form_error(as, token.place, "", "%s, expected %s", asm_found(as),
                       second == NULL ? first : asm_format(as, "%s or %s", first, second));
    else
        asm_next(as);
    return choice;
}

static bool parse_profile(assembler *as, asm_statement *statement)
{
    const int choice = parse_choice(as, "v1", "classic");
    if (choice < 0 || !set_once(as, &as->settings.profile, statement))
        return false;
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *before = as->statements[i];
        if (before->kind != ASM_INSTRUCTION && before->kind != ASM_SET)
            continue;
        asm_error(as, statement->place, ".profile must come before the first instruction");
        asm_note(as, before->place, "which is here");
        return false;
    }
    as->out->profile = choice == 0 ? PX_V1 : PX_CLASSIC;
    return true;
}

static bool parse_size(assembler *as, asm_statement *s) { return set_once(as, &as->settings.size, s); }
static bool parse_entry(assembler *as, asm_statement *s) { return set_once(as, &as->settings.entry, s); }
static bool parse_endcode(assembler *as, asm_statement *s) { return set_once(as, &as->settings.endcode, s); }

static bool parse_header(assembler *as, asm_statement *s)
{
    return parse_choice(as, "none", NULL) == 0 && set_once(as, &as->settings.header, s);
}

static bool parse_checksum(assembler *as, asm_statement *s)
{
    return parse_choice(as, "none", NULL) == 0 && set_once(as, &as->settings.checksum, s);
}

bool asm_runs_on(assembler *as, asm_statement *statement)
{
    (void)as;
    (void)statement;
    return true;
}

/* .reg name, register */
static bool parse_reg(assembler *as, asm_statement *statement)
{
    (void)statement;
    const asm_token name = as->token;
    uint8_t number;
    if (name.kind != ASM_T_NAME)
        return name.kind != ASM_T_BAD && asm_form_error(as, name.place, "", "%s, expected a name", asm_found(as));
    asm_next(as);
    if (!asm_take(as, ','))
        asm_take(as, '=');
    number = 0;
    const bool good = asm_parse_register(as, &number);
    if (!asm_definable(as, name.place))
        return false;
    /* The name is a register's even when nobody can tell which. */
    asm_symbol *symbol = asm_symbol_get(as, name.place);
    if (!asm_define(as, symbol, ASM_S_REGISTER, name.place))
        return false;
    symbol->value = number;
    return good;
}

static bool parse_rgba(assembler *as, asm_statement *statement)
{
    return statement->data_count % 4 == 0 ||
           asm_form_error(as, statement->place, "", "%" PRIu32 " channels, expected four to a pixel",
                          statement->data_count);
}

/* ---- room ---- */

static bool operand(assembler *as, const asm_statement *statement, uint32_t i, int64_t low, int64_t high,
                    int64_t *value)
{
    static const char *const ordinals[] = {"first", "second", "third"};
    const char *what = statement->data_count == 1
                           ? asm_format(as, "%s", statement->directive->name)
                           : asm_format(as, "the %s operand of %s", ordinals[i], statement->directive->name);
    return asm_eval_range(as, statement->data[i].expr, as->here, what, low, high, value);
}

static bool place_org(assembler *as, asm_statement *statement)
{
    return operand(as, statement, 0, 0, PX_MAX_PIXELS, &statement->address);
}

static bool place_row(assembler *as, asm_statement *statement)
{
    int64_t y = (as->here + as->w - 1) / as->w;
    if (statement->data_count > 0 && !operand(as, statement, 0, 0, PX_MAX_PIXELS / as->w, &y))
        return false;
    statement->address = y * as->w;
    return true;
}

static bool place_align(assembler *as, asm_statement *statement)
{
    int64_t n;
    if (!operand(as, statement, 0, 1, PX_MAX_PIXELS, &n))
        return false;
    statement->address = (as->here + n - 1) / n * n;
    return true;
}

static uint32_t list_length(const asm_statement *statement)
{
    uint64_t length = 0;
    for (uint32_t i = 0; i < statement->data_count; i++)
        length += statement->data[i].expr != NULL ? 1 : statement->data[i].length;
    return (uint32_t)length; /* at most the bytes of the source */
}

static bool place_pixels(assembler *as, asm_statement *statement)
{
    (void)as;
    statement->size = list_length(statement);
    return true;
}

static bool place_bytes(assembler *as, asm_statement *statement)
{
    (void)as;
    statement->size = (list_length(statement) + 3) / 4;
    return true;
}

static bool place_rgba(assembler *as, asm_statement *statement)
{
    (void)as;
    statement->size = statement->data_count / 4;
    return true;
}

static bool place_fill(assembler *as, asm_statement *statement)
{
    int64_t count;
    if (!operand(as, statement, 0, 0, as->options.max_pixels, &count))
        return false;
    statement->size = (uint32_t)count;
    return true;
}

/* Dimensions, and that there are as many values. */
static bool matrix_size(assembler *as, const asm_statement *statement, int64_t most, int64_t *rows, int64_t *columns)
{
    if (!operand(as, statement, 0, 0, most, rows) || !operand(as, statement, 1, 0, most, columns))
        return false;
    if (*rows * *columns == statement->data_count - 2)
        return true;
    return asm_form_error(as, statement->place, "",
                          "%" PRIu32 " values, expected %" PRId64 " (%" PRId64 " x %" PRId64 ")",
                          statement->data_count - 2, *rows * *columns, *rows, *columns);
}

static bool place_matrix(assembler *as, asm_statement *statement)
{
    int64_t rows, columns;
    if (!matrix_size(as, statement, PX_MAX_PIXELS, &rows, &columns))
        return false;
    statement->size = (uint32_t)(rows * ((columns + 3) / 4));
    return true;
}

static bool place_classic_matrix(assembler *as, asm_statement *statement)
{
    int64_t rows, columns;
    if (!matrix_size(as, statement, 65535, &rows, &columns))
        return false;
    if (as->here % as->w != 0 && !as->tainted)
        return asm_error(as, statement->place,
                         "a classic matrix begins in column 0, this is column %" PRId64 "; put .row before it",
                         as->here % as->w);
    if (as->w == 1)
        return asm_error(as, statement->place, "a classic matrix needs a picture at least 2 wide");
    const int64_t elements = rows * columns, last = elements - 1;
    statement->size = elements == 0 ? 1 : (uint32_t)(last / (as->w - 1) * as->w + 1 + last % (as->w - 1) + 1);
    return true;
}

/* Where a rectangle goes, which must be as wide as there is room. Otherwise it is a run, torn where rows end. */
static bool place_incimage(assembler *as, asm_statement *statement)
{
    const px_picture *picture = statement->picture;
    if (statement->x == NULL) {
        statement->size = picture->w * picture->h;
        return true;
    }
    const int64_t w = picture->w;
    int64_t x, y;
    if (!asm_eval_range(as, statement->x, as->here, "the column of the rectangle", 0, as->w - 1, &x) ||
        !asm_eval_range(as, statement->y, as->here, "the row of the rectangle", 0, PX_MAX_PIXELS / as->w, &y))
        return false;
    if (x + w > as->w)
        return asm_form_error(as, statement->x->place, "",
                              "the picture is %" PRId64 " wide: from column %" PRId64
                              " it goes beyond the right edge of the image, which is %" PRId64 " wide",
                              w, x, as->w);
    statement->address = y * as->w + x;
    statement->size = picture->w;
    statement->rows = picture->h;
    return true;
}

/* ---- pixels ---- */

/* Without an image, after errors, values are only looked at. */
static void put(assembler *as, int64_t address, uint32_t pixel)
{
    if (as->px != NULL)
        as->px[address] = pixel;
}

/* Byte number i after an address. */
static void put_byte(assembler *as, int64_t address, uint64_t i, uint32_t byte)
{
    if (as->px != NULL)
        as->px[(uint64_t)address + i / 4] = px_with_byte(as->px[(uint64_t)address + i / 4], (unsigned)(i % 4), byte);
}

static bool pixel_value(assembler *as, const asm_statement *statement, const asm_expr *expr, uint32_t *pixel)
{
    int64_t value;
    if (!asm_eval_range(as, expr, statement->address, "the pixel", INT32_MIN, UINT32_MAX, &value))
        return false;
    *pixel = (uint32_t)value;
    return true;
}

static bool emit_pixels(assembler *as, asm_statement *statement)
{
    int64_t to = statement->address;
    bool good = true;
    for (uint32_t i = 0; i < statement->data_count; i++) {
        const asm_datum *datum = &statement->data[i];
        uint32_t pixel = 0;
        if (datum->expr != NULL) {
            good &= pixel_value(as, statement, datum->expr, &pixel);
            put(as, to++, pixel);
        }
        for (uint32_t k = 0; datum->expr == NULL && k < datum->length; k++)
            put(as, to++, (unsigned char)datum->string[k]);
    }
    return good;
}

static bool emit_byte(assembler *as, const asm_statement *statement, uint64_t i, const asm_expr *expr)
{
    int64_t value;
    if (!asm_eval_range(as, expr, statement->address, "the byte", -128, 255, &value))
        return false;
    put_byte(as, statement->address, i, (uint32_t)value);
    return true;
}

static bool emit_bytes(assembler *as, asm_statement *statement)
{
    uint64_t at = 0;
    bool good = true;
    for (uint32_t i = 0; i < statement->data_count; i++) {
        const asm_datum *datum = &statement->data[i];
        if (datum->expr != NULL)
            good &= emit_byte(as, statement, at++, datum->expr);
        for (uint32_t k = 0; datum->expr == NULL && k < datum->length; k++)
            put_byte(as, statement->address, at++, (unsigned char)datum->string[k]);
    }
    return good;
}

static bool emit_fill(assembler *as, asm_statement *statement)
{
    uint32_t pixel = 0;
    if (statement->data_count == 2 && !pixel_value(as, statement, statement->data[1].expr, &pixel))
        return false;
    for (uint32_t i = 0; as->px != NULL && i < statement->size; i++)
        put(as, statement->address + i, pixel);
    return true;
}

static bool emit_matrix(assembler *as, asm_statement *statement)
{
    int64_t rows, columns;
    if (!matrix_size(as, statement, PX_MAX_PIXELS, &rows, &columns))
        return false;
    const uint64_t stride = ((uint64_t)columns + 3) / 4 * 4; /* bytes */
    bool good = true;
    for (uint32_t i = 2; i < statement->data_count; i++)
        good &= emit_byte(as, statement, (i - 2) / (uint64_t)columns * stride + (i - 2) % (uint64_t)columns,
                          statement->data[i].expr);
    return good;
}

static bool emit_classic_matrix(assembler *as, asm_statement *statement)
{
    int64_t rows, columns;
    if (as->w < 2 || !matrix_size(as, statement, 65535, &rows, &columns))
        return false;
    put(as, statement->address, (uint32_t)columns | (uint32_t)rows << 16);
    const int64_t width = as->w - 1;
    bool good = true;
    for (uint32_t i = 2; i < statement->data_count; i++) {
        int64_t value;
        const bool one = asm_eval_range(as, statement->data[i].expr, statement->address, "the element", 0, 255, &value);
        if (one)
            put(as, statement->address + 1 + (i - 2) % width + (i - 2) / width * as->w, (uint32_t)value);
        good &= one;
    }
    return good;
}

static bool emit_incimage(assembler *as, asm_statement *statement)
{
    const px_picture *picture = statement->picture;
    const size_t rows = statement->rows == 0 ? 1 : statement->rows, length = statement->size;
    for (size_t y = 0; as->px != NULL && y < rows; y++)
        memcpy(as->px + statement->address + (int64_t)y * as->w, picture->px + y * length, length * sizeof(uint32_t));
    return true;
}

/* ---- the table ---- */

static const asm_directive directives[] = {
    {".profile", "v1|classic", 0, 0, false, parse_profile, NULL, NULL},
    {".size", "width [, height]", 1, 2, false, parse_size, NULL, NULL},
    {".entry", "address", 1, 1, false, parse_entry, NULL, NULL},
    {".header", "none", 0, 0, false, parse_header, NULL, NULL},
    {".endcode", "address", 1, 1, false, parse_endcode, NULL, NULL},
    {".checksum", "none", 0, 0, false, parse_checksum, NULL, NULL},
    {".reg", "name, register", 0, 0, false, parse_reg, NULL, NULL},
    {".org", "address", 1, 1, false, NULL, place_org, NULL},
    {".row", "[number]", 0, 1, false, NULL, place_row, NULL},
    {".align", "pixels", 1, 1, false, NULL, place_align, NULL},
    {".pixel", "value, ..", 1, UINT32_MAX, true, NULL, place_pixels, emit_pixels},
    {".word", "value, ..", 1, UINT32_MAX, true, NULL, place_pixels, emit_pixels},
    {".text", "\"string\", ..", 1, UINT32_MAX, true, NULL, place_pixels, emit_pixels},
    {".rgba", "r, g, b, a, ..", 4, UINT32_MAX, false, parse_rgba, place_rgba, emit_bytes},
    {".bytes", "value or \"string\", ..", 1, UINT32_MAX, true, NULL, place_bytes, emit_bytes},
    {".fill", "count, value", 2, 2, false, NULL, place_fill, emit_fill},
    {".zero", "count", 1, 1, false, NULL, place_fill, emit_fill},
    {".matrix", "rows, columns, value, ..", 2, UINT32_MAX, false, NULL, place_matrix, emit_matrix},
    {".classic_matrix", "rows, columns, value, ..", 2, UINT32_MAX, false, NULL, place_classic_matrix,
     emit_classic_matrix},
    {".include", "\"file\"", 0, 0, true, asm_include, NULL, NULL},
    {".incimage", "\"file\" [, column, row | , linear]", 0, 0, true, asm_incimage, place_incimage, emit_incimage},
    {".macro", "name [parameter [= value], ..]", 0, 0, false, asm_macro_begin, NULL, NULL},
    {".endm", "", 0, 0, false, asm_stray_end, NULL, NULL},
    {".rept", "count [, counter]", 0, 0, false, asm_rept, NULL, NULL},
    {".endr", "", 0, 0, false, asm_stray_end, NULL, NULL},
    {".if", "condition", 0, 0, false, asm_if_begin, NULL, NULL},
    {".elif", "condition", 0, 0, false, asm_if_branch, NULL, NULL},
    {".else", "", 0, 0, false, asm_if_branch, NULL, NULL},
    {".endif", "", 0, 0, false, asm_if_end, NULL, NULL},
    {".runs_on", "", 0, 0, false, asm_runs_on, NULL, NULL},
};

enum { DIRECTIVES = sizeof directives / sizeof *directives };

const asm_directive *asm_directive_named(const asm_place *name)
{
    for (int i = 0; i < DIRECTIVES; i++)
        if (asm_same_name(name, directives[i].name))
            return &directives[i];
    return NULL;
}

void asm_guess_directive(px_guess *guess, const asm_place *name)
{
    for (int i = 0; i < DIRECTIVES; i++)
        px_guess_try(guess, name->at, name->length, directives[i].name);
}
