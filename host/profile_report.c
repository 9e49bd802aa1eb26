/* profile_report.c - see profile.h: tables, and profiles that are saved and compared. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/json.h"
#include "host/profile.h"
#include "pxi/asm/disasm.h"
#include "pxi/number.h"
#include "pxi/output_file.h"
#include "pxi/text_file.h"

enum { SHOWN = 10 };

static const char *const class_text[PX_CLASSES] = {
#define PXI_CLASS(id, number, text) [PX_CLASS_##id] = (text),
#include "pxi/isa.def"
};

static double percent(uint64_t part, uint64_t whole) { return whole == 0 ? 0 : 100.0 * (double)part / (double)whole; }

static uint64_t instructions(const px_profile *p)
{
    uint64_t total = 0;
    for (int k = 0; k < PX_CLASSES; k++)
        total += p->class_instructions[k];
    return total;
}

static void place_of(const px_names *names, const px_profile_block *b, char *text, size_t size)
{
    char name[160];
    const px_line *line = px_line_of(names, b->first);
    px_name_near(names, b->first, name, sizeof name);
    if (line != NULL)
        snprintf(text, size, "%s%s%s:%" PRIu32, name, *name != '\0' ? ", " : "", line->file, line->line);
    else
        snprintf(text, size, "%s", name);
}

static void block_line(FILE *to, const px_profile *p, const px_profile_block *b, const px_names *names)
{
    char place[320];
    place_of(names, b, place, sizeof place);
    fprintf(to, "%15s %5.1f %%", px_grouped(b->instructions), percent(b->instructions, instructions(p)));
    if (p->cycles != NULL)
        fprintf(to, " %15s", px_grouped(b->cycles));
    fprintf(to, " %13s  %7" PRIu32 "..%-7" PRIu32 " %s\n", px_grouped(b->times), b->first, b->last, place);
}

static void block_head(FILE *to, const px_profile *p)
{
    fprintf(to, "%15s %7s", "instructions", "");
    if (p->cycles != NULL)
        fprintf(to, " %15s", "cycles");
    fprintf(to, " %13s  %-16s %s\n", "times", "straight code", "where");
}

void px_profile_tell(FILE *to, const px_profile *p, const px_names *names)
{
    fprintf(to, "%15s %7s", "instructions", "");
    if (p->cycles != NULL)
        fprintf(to, " %15s %7s %6s", "cycles", "", "each");
    fprintf(to, "  class\n");
    for (int k = 0; k < PX_CLASSES; k++) {
        const uint64_t count = p->class_instructions[k];
        if (count == 0)
            continue;
        fprintf(to, "%15s %5.1f %%", px_grouped(count), percent(count, instructions(p)));
        if (p->cycles != NULL)
            fprintf(to, " %15s %5.1f %% %6.1f", px_grouped(p->class_cycles[k]),
                    percent(p->class_cycles[k], p->stop.cycles), (double)p->class_cycles[k] / (double)count);
        fprintf(to, "  %s\n", p->end.profile == PX_V1 ? class_text[k] : "classic");
    }
    fputc('\n', to);
    block_head(to, p);
    for (size_t i = 0; i < p->blocks && i < SHOWN; i++)
        block_line(to, p, &p->block[i], names);
}

void px_profile_hot(FILE *to, const px_profile *p, const px_names *names, uint32_t count)
{
    char text[128];
    for (size_t i = 0; i < p->blocks && i < count; i++) {
        fputc('\n', to);
        block_head(to, p);
        block_line(to, p, &p->block[i], names);
        for (uint32_t at = p->block[i].first, pixels; at <= p->block[i].last; at += pixels) {
            const px_line *line = px_line_of(names, at);
            pixels = px_disassemble_at(p->end.profile, p->end.mem + at, p->block[i].last - at + 1, text, sizeof text);
            fprintf(to, "%24" PRIu32 "  %-30s", at, text);
            if (p->cycles != NULL && p->heat.executed[at] > 0)
                fprintf(to, " %8.1f cycles", (double)p->cycles[at] / (double)p->heat.executed[at]);
            if (line != NULL)
                fprintf(to, "  %s:%" PRIu32, line->file, line->line);
            fputc('\n', to);
        }
    }
}

/* ---- saved ---- */

static void write_json(FILE *to, const px_profile *p, const px_names *names)
{
    char place[320];
    px_json j = {.to = to};
    px_json_open(&j, NULL, '{');
    px_json_string(&j, "program", p->program);
    px_json_string(&j, "executor", p->executor);
    px_json_number(&j, "instructions", p->stop.executed);
    px_json_number(&j, "cycles", p->stop.cycles);
    px_json_open(&j, "classes", '{');
    for (int k = 0; k < PX_CLASSES; k++)
        if (p->class_instructions[k] > 0)
            px_json_number(&j, class_text[k], p->class_instructions[k]);
    px_json_close(&j, '}');
    px_json_open(&j, "blocks", '[');
    for (size_t i = 0; i < p->blocks; i++) {
        const px_profile_block *b = &p->block[i];
        px_json_open(&j, NULL, '{');
        px_json_number(&j, "first", b->first);
        px_json_number(&j, "last", b->last);
        place_of(names, b, place, sizeof place);
        px_json_string(&j, "place", place);
        px_json_number(&j, "instructions", b->instructions);
        px_json_number(&j, "times", b->times);
        px_json_number(&j, "cycles", b->cycles);
        px_json_close(&j, '}');
    }
    px_json_close(&j, ']');
    px_json_close(&j, '}');
}

bool px_profile_save(const px_profile *p, const px_names *names, const char *path, px_error *error)
{
    px_output output;
    if (!px_output_open(&output, path, error))
        return false;
    write_json(output.file, p, names);
    return px_output_close(&output, true, error);
}

/* ---- compared ---- */

/* A number that a saved profile has to have; counts beyond 2^53 are not exact there. */
static bool number(const cJSON *in, const char *key, uint64_t *value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(in, key);
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 1.8e19)
        return false;
    *value = (uint64_t)item->valuedouble;
    return true;
}

/* What was, in times of which what is: where it is many, that says more than a percentage. */
static void change(FILE *to, uint64_t now, uint64_t then)
{
    const double times = then == 0 ? 0 : (double)now / (double)then;
    if (then == 0)
        fprintf(to, "%8s", "new");
    else if (now == 0)
        fprintf(to, "%8s", "gone");
    else if (times >= 10)
        fprintf(to, "%7.0fx", times);
    else
        fprintf(to, "%+7.1f%%", 100 * (times - 1));
}

static void row(FILE *to, uint64_t now, uint64_t then, const char *what)
{
    if (now == 0 && then == 0)
        return;
    fprintf(to, "%15s %15s ", px_grouped(now), px_grouped(then));
    change(to, now, then);
    fprintf(to, "  %s\n", what);
}

/* A straight piece of code of either run. Addresses move when a program is changed, so a piece behind a label is known
 * by the label, and by which one behind it it is. */
typedef struct piece {
    uint64_t first, last, instructions;
    char *place; /* owned */
    size_t label, which;
} piece;

typedef struct pieces {
    piece *at; /* owned; by address */
    size_t count;
} pieces;

static int by_address(const void *a, const void *b)
{
    const piece *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static int most_instructions(const void *a, const void *b)
{
    const piece *x = a, *y = b;
    return x->instructions != y->instructions ? (x->instructions < y->instructions ? 1 : -1) : by_address(a, b);
}

static bool new_pieces(pieces *all, size_t room)
{
    *all = (pieces){calloc(room + 1, sizeof *all->at), 0};
    return all->at != NULL;
}

static void free_pieces(pieces *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->at[i].place);
    free(all->at);
}

/* "draw + 2, a.pxa:9" has the label "draw", and "a.pxa:9" has none. */
static size_t label_of(const char *place)
{
    const size_t length = strcspn(place, " ,:");
    return place[length] == ':' ? 0 : length;
}

static bool same_label(const piece *a, const piece *b)
{
    return a->label == b->label && memcmp(a->place, b->place, a->label) == 0;
}

static bool add_piece(pieces *all, uint64_t first, uint64_t last, uint64_t instructions, const char *place)
{
    all->at[all->count] = (piece){first, last, instructions, strdup(place), label_of(place), 0};
    return all->at[all->count++].place != NULL;
}

static void number_pieces(pieces *all)
{
    qsort(all->at, all->count, sizeof *all->at, by_address);
    for (size_t i = 1; i < all->count; i++)
        all->at[i].which = same_label(&all->at[i], &all->at[i - 1]) ? all->at[i - 1].which + 1 : 0;
    qsort(all->at, all->count, sizeof *all->at, most_instructions);
}

static bool pieces_now(pieces *all, const px_profile *p, const px_names *names)
{
    char place[320];
    if (!new_pieces(all, p->blocks))
        return false;
    for (size_t i = 0; i < p->blocks; i++) {
        place_of(names, &p->block[i], place, sizeof place);
        if (!add_piece(all, p->block[i].first, p->block[i].last, p->block[i].instructions, place))
            return false;
    }
    number_pieces(all);
    return true;
}

static bool pieces_then(pieces *all, const cJSON *blocks)
{
    const cJSON *block;
    if (!new_pieces(all, (size_t)cJSON_GetArraySize(blocks)))
        return false;
    cJSON_ArrayForEach(block, blocks)
    {
        uint64_t first, last, instructions;
        const char *place = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(block, "place"));
        if (place == NULL || !number(block, "first", &first) || !number(block, "last", &last) ||
            !number(block, "instructions", &instructions) || !add_piece(all, first, last, instructions, place))
            return false;
    }
    number_pieces(all);
    return true;
}

static const piece *counterpart(const piece *of, const pieces *among)
{
    for (size_t i = 0; i < among->count; i++) {
        const piece *p = &among->at[i];
        if (same_label(of, p) && (of->label > 0 ? of->which == p->which : of->first == p->first))
            return p;
    }
    return NULL;
}

static void compare_pieces(FILE *to, const pieces *now, const pieces *then)
{
    char what[400];
    for (size_t i = 0; i < now->count && i < SHOWN; i++) {
        const piece *p = &now->at[i], *was = counterpart(p, then);
        snprintf(what, sizeof what, "%" PRIu64 "..%" PRIu64 " %s", p->first, p->last, p->place);
        row(to, p->instructions, was != NULL ? was->instructions : 0, what);
    }
    for (size_t i = 0; i < then->count && i < SHOWN; i++) {
        const piece *p = &then->at[i];
        snprintf(what, sizeof what, "then %" PRIu64 "..%" PRIu64 " %s", p->first, p->last, p->place);
        if (counterpart(p, now) == NULL)
            row(to, 0, p->instructions, what);
    }
}

static bool compare_blocks(FILE *to, const px_profile *p, const px_names *names, const cJSON *blocks)
{
    pieces now = {0}, then = {0};
    const bool ok = pieces_now(&now, p, names) && pieces_then(&then, blocks);
    if (ok)
        compare_pieces(to, &now, &then);
    free_pieces(&now);
    free_pieces(&then);
    return ok;
}

static bool compare(FILE *to, const px_profile *p, const px_names *names, const cJSON *other)
{
    const cJSON *classes = cJSON_GetObjectItemCaseSensitive(other, "classes");
    const cJSON *blocks = cJSON_GetObjectItemCaseSensitive(other, "blocks");
    uint64_t all, cycles;
    if (!number(other, "instructions", &all) || !number(other, "cycles", &cycles) || !cJSON_IsObject(classes) ||
        !cJSON_IsArray(blocks))
        return false;
    fprintf(to, "\n%15s %15s\n", "now", "then");
    row(to, p->stop.executed, all, "instructions");
    if (cycles != 0 && p->stop.cycles != 0) /* else only one executor counts them */
        row(to, p->stop.cycles, cycles, "cycles");
    for (int k = 0; k < PX_CLASSES; k++) {
        uint64_t then = 0;
        (void)number(classes, class_text[k], &then);
        row(to, p->class_instructions[k], then, class_text[k]);
    }
    return compare_blocks(to, p, names, blocks);
}

bool px_profile_compare(FILE *to, const px_profile *p, const px_names *names, const char *path, px_error *error)
{
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, path, error))
        return false;
    cJSON *other = cJSON_ParseWithLength(text, size);
    free(text);
    const bool ok = other != NULL && compare(to, p, names, other);
    cJSON_Delete(other);
    return ok || px_fail(error, PX_E_INPUT, "%s is not a profile that px profile --save has written", path);
}
