/* trace_file.c - see trace_file.h. The formats:
 *
 *   perfetto  the JSON of trace viewers: calls are slices, and each instruction is one on a track below
 *   konata    Kanata 0004, https://github.com/shioyadan/Konata: each instruction is a line with one stage
 *   vcd       IEEE 1364 value changes: pc, the instruction, what it wrote, and the registers
 *   text      as px run --trace prints it, with times */
#include "host/trace_file.h"

#include <inttypes.h>
#include <string.h>

#include "pxi/asm/disasm.h"

struct px_trace_format {
    const char *name;
    void (*begin)(px_trace_file *f);
    /* follow is behind the instruction, and pc its own. */
    void (*instruction)(px_trace_file *f, const px_retire *r, const char *text);
    void (*end)(px_trace_file *f);
};

/* ---- text ---- */

static void text_instruction(px_trace_file *f, const px_retire *r, const char *text)
{
    fprintf(f->to, "%10" PRIu64 " ", f->time);
    if (r->slot >= 0)
        fprintf(f->to, "slot %-7" PRId64, r->slot);
    fprintf(f->to, "%7" PRIu32 "  %08" PRIX32 "  %-28s", r->pc, r->instruction, text);
    if (r->reg >= 0)
        fprintf(f->to, " r%d = 0x%08" PRIX32, r->reg, r->value);
    fputc('\n', f->to);
}

/* ---- perfetto ---- */

static void perfetto_begin(px_trace_file *f)
{
    fputs("{\"traceEvents\": [\n"
          "{\"ph\": \"M\", \"pid\": 1, \"tid\": 1, \"name\": \"thread_name\", \"args\": {\"name\": \"calls\"}},\n"
          "{\"ph\": \"M\", \"pid\": 1, \"tid\": 2, \"name\": \"thread_name\", \"args\": {\"name\": \"instructions\"}}",
          f->to);
}

static void perfetto_open(px_trace_file *f, uint32_t entry, uint64_t time)
{
    char name[160];
    px_name_near(f->names, entry, name, sizeof name);
    if (*name == '\0')
        snprintf(name, sizeof name, "pc %" PRIu32, entry);
    fprintf(f->to, ",\n{\"ph\": \"B\", \"pid\": 1, \"tid\": 1, \"ts\": %" PRIu64 ", \"name\": \"%s\"}", time, name);
}

static void perfetto_close(px_trace_file *f, uint64_t time)
{
    fprintf(f->to, ",\n{\"ph\": \"E\", \"pid\": 1, \"tid\": 1, \"ts\": %" PRIu64 "}", time);
}

static void perfetto_instruction(px_trace_file *f, const px_retire *r, const char *text)
{
    if (f->written == 0)
        perfetto_open(f, r->pc, f->time);
    fprintf(f->to,
            ",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": 2, \"ts\": %" PRIu64 ", \"dur\": %" PRIu64
            ", \"name\": \"%s\", \"args\": {\"pc\": %" PRIu32,
            f->time, f->next - f->time, text, r->pc);
    if (r->slot >= 0)
        fprintf(f->to, ", \"slot\": %" PRId64, r->slot);
    if (r->reg >= 0)
        fprintf(f->to, ", \"r%d\": %" PRIu32, r->reg, r->value);
    fputs("}}", f->to);
    for (; f->depth < f->follow.depth; f->depth++)
        if (f->depth >= f->least) /* what was open before the first instruction is not open here */
            perfetto_open(f, f->follow.pc, f->next);
    for (; f->depth > f->follow.depth; f->depth--)
        if (f->depth > f->least)
            perfetto_close(f, f->next);
}

static void perfetto_end(px_trace_file *f)
{
    for (; f->depth > f->least; f->depth--)
        perfetto_close(f, f->next);
    if (f->written > 0)
        perfetto_close(f, f->next);
    fputs("\n], \"displayTimeUnit\": \"ns\"}\n", f->to);
}

/* ---- konata ---- */

static void konata_begin(px_trace_file *f) { fputs("Kanata\t0004\n", f->to); }

static void konata_instruction(px_trace_file *f, const px_retire *r, const char *text)
{
    const uint64_t id = f->written;
    if (id == 0)
        fprintf(f->to, "C=\t%" PRIu64 "\n", f->time);
    fprintf(f->to, "I\t%" PRIu64 "\t%" PRIu64 "\t%d\nL\t%" PRIu64 "\t0\t%" PRIu32 ": %s\n", id, f->seen,
            r->slot >= 0 ? 1 : 0, id, r->pc, text);
    if (r->reg >= 0)
        fprintf(f->to, "L\t%" PRIu64 "\t1\tr%d = 0x%08" PRIX32 "\n", id, r->reg, r->value);
    fprintf(f->to, "S\t%" PRIu64 "\t0\tX\nC\t%" PRIu64 "\nE\t%" PRIu64 "\t0\tX\nR\t%" PRIu64 "\t%" PRIu64 "\t0\n", id,
            f->next - f->time, id, id, id);
}

/* ---- vcd ---- */

/* A signal's code: printable characters, the shortest first. */
static const char *code_of(unsigned signal, char code[3])
{
    code[0] = (char)('!' + signal % 94);
    code[1] = (char)(signal < 94 ? '\0' : '!' + signal / 94 - 1);
    code[2] = '\0';
    return code;
}

enum { SIGNAL_PC, SIGNAL_INSTRUCTION, SIGNAL_VL, SIGNAL_DEPTH, SIGNAL_REGISTERS };

static void vcd_value(px_trace_file *f, unsigned signal, uint32_t value)
{
    char code[3], digits[33];
    int at = 32;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + (value & 1));
    while ((value >>= 1) != 0);
    fprintf(f->to, "b%s %s\n", digits + at, code_of(signal, code));
}

static void vcd_begin(px_trace_file *f)
{
    static const char *const names[] = {"pc", "instruction", "vl", "depth"};
    char code[3];
    fputs("$timescale 1 ns $end\n$scope module machine $end\n", f->to);
    for (unsigned i = 0; i < SIGNAL_REGISTERS; i++)
        fprintf(f->to, "$var wire 32 %s %s $end\n", code_of(i, code), names[i]);
    for (unsigned i = 0; i < 256; i++)
        fprintf(f->to, "$var wire 32 %s r%u $end\n", code_of(SIGNAL_REGISTERS + i, code), i);
    fputs("$upscope $end\n$enddefinitions $end\n", f->to);
}

/* What an instruction did is seen from its end on. */
static void vcd_instruction(px_trace_file *f, const px_retire *r, const char *text)
{
    (void)text;
    if (f->written == 0) {
        fprintf(f->to, "#%" PRIu64 "\n$dumpvars\n", f->time);
        for (unsigned i = 0; i < 256; i++)
            vcd_value(f, SIGNAL_REGISTERS + i, (int)i == r->reg ? 0 : f->follow.reg[i]);
        vcd_value(f, SIGNAL_VL, 0);
        vcd_value(f, SIGNAL_DEPTH, 0);
        vcd_value(f, SIGNAL_PC, r->pc);
        vcd_value(f, SIGNAL_INSTRUCTION, r->instruction);
        fputs("$end\n", f->to);
    } else {
        vcd_value(f, SIGNAL_PC, r->pc);
        vcd_value(f, SIGNAL_INSTRUCTION, r->instruction);
    }
    fprintf(f->to, "#%" PRIu64 "\n", f->next);
    if (r->slot < 0 && r->reg >= 0)
        vcd_value(f, SIGNAL_REGISTERS + (unsigned)r->reg, r->value);
    vcd_value(f, SIGNAL_VL, f->follow.vl);
    vcd_value(f, SIGNAL_DEPTH, f->follow.depth > 0 ? (uint32_t)f->follow.depth : 0);
}

/* ---- all of them ---- */

static void nothing(px_trace_file *f) { (void)f; }

static const px_trace_format formats[] = {{"text", nothing, text_instruction, nothing},
                                          {"perfetto", perfetto_begin, perfetto_instruction, perfetto_end},
                                          {"konata", konata_begin, konata_instruction, nothing},
                                          {"vcd", vcd_begin, vcd_instruction, nothing}};
enum { FORMATS = sizeof formats / sizeof *formats };
const char px_trace_formats[] = "text, perfetto, konata, vcd";

const px_trace_format *px_trace_format_named(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}

bool px_trace_file_begin(px_trace_file *f, px_machine *machine, px_error *error)
{
    if (!px_follow_begin(&f->follow, machine, error))
        return false;
    f->format->begin(f);
    return true;
}

/* Cycles count from the beginning of a turn: where they begin anew, another one has begun. */
static void keep_time(px_trace_file *f, const px_retire *r)
{
    if (r->cycle == 0) {
        f->time = f->seen;
        f->next = f->seen + 1;
        return;
    }
    if (r->cycle < f->last)
        f->turn += f->last;
    f->last = r->cycle;
    f->time = f->next;
    f->next = f->turn + r->cycle;
}

void px_trace_file_retired(void *context, const px_retire *r)
{
    px_trace_file *f = context;
    char text[128];
    keep_time(f, r);
    if (f->seen == f->from)
        f->depth = f->least = f->follow.depth;
    px_follow_retired(&f->follow, r);
    if (f->seen >= f->from && f->written < f->count) {
        px_disassemble_one(f->follow.profile, r->instruction, text, sizeof text);
        f->format->instruction(f, r, text);
        f->written++;
    }
    f->seen++;
}

void px_trace_file_end(px_trace_file *f) { f->format->end(f); }
