/* trace.c - see trace.h. */
#include "host/trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/disasm.h"
#include "pxi/number.h"

enum { MOST_LAST = 1000000 };

static bool parse_addresses(px_trace *trace, const char *text, px_error *error)
{
    char from[24];
    uint64_t first, last;
    const char *dash = strchr(text, '-');
    if (dash == NULL || (size_t)(dash - text) >= sizeof from)
        return px_fail(error, PX_E_USAGE, "--trace=%s, expected addresses, A-B, or last:N", text);
    snprintf(from, sizeof from, "%.*s", (int)(dash - text), text);
    if (!px_parse_count_within("--trace", from, 0, UINT32_MAX, &first, error) ||
        !px_parse_count_within("--trace", dash + 1, first, UINT32_MAX, &last, error))
        return false;
    trace->first = (uint32_t)first;
    trace->last = (uint32_t)last;
    return true;
}

bool px_trace_parse(px_trace *trace, const char *text, px_error *error)
{
    trace->first = 0;
    trace->last = UINT32_MAX;
    if (text == NULL)
        return true;
    if (strncmp(text, "last:", 5) != 0)
        return parse_addresses(trace, text, error);
    if (!px_parse_count_within("--trace=last:", text + 5, 1, MOST_LAST, &trace->room, error))
        return false;
    trace->ring = calloc(trace->room, sizeof *trace->ring);
    return trace->ring != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the last %" PRIu64, trace->room);
}

static void print(const px_trace *trace, const px_retire *retire)
{
    char text[128];
    const char *label = retire->slot < 0 ? px_name_at(trace->names, retire->pc) : NULL;
    if (label != NULL)
        fprintf(trace->to, "%s:\n", label);
    if (retire->slot >= 0)
        fprintf(trace->to, "slot %-7" PRId64, retire->slot);
    px_disassemble_one(trace->profile, retire->instruction, text, sizeof text);
    fprintf(trace->to, "%7" PRIu32 "  %08" PRIX32 "  %-28s", retire->pc, retire->instruction, text);
    if (retire->reg >= 0)
        fprintf(trace->to, " r%d = 0x%08" PRIX32, retire->reg, retire->value);
    fputc('\n', trace->to);
}

void px_trace_retired(void *context, const px_retire *retire)
{
    px_trace *trace = context;
    const uint32_t at = retire->slot < 0 ? retire->pc : (uint32_t)retire->slot;
    if (at < trace->first || at > trace->last)
        return;
    if (trace->ring == NULL)
        print(trace, retire);
    else
        trace->ring[trace->count % trace->room] = *retire;
    trace->count++;
}

void px_trace_end(px_trace *trace)
{
    if (trace->ring == NULL)
        return;
    for (uint64_t i = trace->count > trace->room ? trace->count - trace->room : 0; i < trace->count; i++)
        print(trace, &trace->ring[i % trace->room]);
    free(trace->ring);
    trace->ring = NULL;
}
