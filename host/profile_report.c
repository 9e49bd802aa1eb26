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

static void row(FILE *to, uint64_t now, uint64_t then, const char *what)
{
    if (now == 0 && then == 0)
        return;
    fprintf(to, "%15s %15s ", px_grouped(now), px_grouped(then));
    if (then == 0)
        fprintf(to, "%8s", "new");
    else
        fprintf(to, "%+7.1f%%", 100.0 * ((double)now - (double)then) / (double)then);
    fprintf(to, "  %s\n", what);
}

static bool compare_blocks(FILE *to, const px_profile *p, const px_names *names, const cJSON *blocks)
{
    char place[320];
    const cJSON *then;
    for (size_t i = 0; i < p->blocks && i < SHOWN; i++) {
        const px_profile_block *b = &p->block[i];
        uint64_t was = 0, first, last;
        cJSON_ArrayForEach(then, blocks)
        {
            if (!number(then, "first", &first) || !number(then, "last", &last))
                return false;
            if (first == b->first && last == b->last && !number(then, "instructions", &was))
                return false;
        }
        char what[400];
        place_of(names, b, place, sizeof place);
        snprintf(what, sizeof what, "%" PRIu32 "..%" PRIu32 " %s", b->first, b->last, place);
        row(to, b->instructions, was, what);
    }
    return true;
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
