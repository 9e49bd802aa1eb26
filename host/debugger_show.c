/* debugger_show.c - px debug: what a machine looks like. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/backtrace.h"
#include "host/blocks.h"
#include "host/debugger.h"
#include "host/trap.h"
#include "pxi/asm/disasm.h"
#include "pxi/number.h"
#include "pxi/pixel.h"
#include "pxi/text_file.h"

enum { MOST_SHOWN = 4096, CHANGES = 8, COLUMNS = 64, ROWS = 32 };

static px_machine *machine(px_debugger *d) { return px_tape_machine(d->tape); }

/* The instruction at an address, with a literal behind it. */
static bool instruction(px_debugger *d, uint32_t at, uint32_t px[2], uint32_t *count, px_error *error)
{
    *count = d->w * d->h - at < 2 ? 1 : 2;
    return px_get(machine(d), PX_SPACE_PIXEL, at, px, *count, error);
}

/* Returns how many pixels it has. */
static uint32_t print_instruction(px_debugger *d, uint32_t at, const uint32_t *px, uint32_t count, bool here)
{
    char text[128];
    const char *label = px_name_at(d->names, at);
    const px_line *line = px_line_of(d->names, at);
    const uint32_t pixels = px_disassemble_at(d->profile, px, count, text, sizeof text);
    if (label != NULL)
        fprintf(d->text, "%s:\n", label);
    fprintf(d->text, "%s%7" PRIu32 "  %08" PRIX32 "  %-28s", here ? "->" : "  ", at, px[0], text);
    if (line != NULL)
        fprintf(d->text, "  %s:%" PRIu32, line->file, line->line);
    fputc('\n', d->text);
    return pixels;
}

static void answer_here(px_debugger *d, const px_stop *stop, const uint32_t *px, uint32_t count)
{
    char text[160];
    const px_line *line = px_line_of(d->names, stop->pc);
    px_json *j = &d->answer;
    px_json_number(j, "count", stop->executed);
    px_json_number(j, "pc", stop->pc);
    px_json_string(j, "status", px_status_name(stop->status));
    if (stop->status == PX_TRAPPED)
        px_json_string(j, "cause", px_cause_name(stop->cause));
    px_disassemble_at(d->profile, px, count, text, sizeof text);
    px_json_string(j, "instruction", text);
    px_json_string(j, "place", px_name_near(d->names, stop->pc, text, sizeof text));
    if (line != NULL) {
        px_json_string(j, "file", line->file);
        px_json_number(j, "line", line->line);
    }
}

bool px_show_here(px_debugger *d, px_error *error)
{
    const px_stop *stop = px_tape_stop(d->tape);
    char text[256];
    uint32_t px[2] = {0}, count = 1;
    if (stop->pc < d->w * d->h && !instruction(d, stop->pc, px, &count, error))
        return false;
    if (d->json) {
        answer_here(d, stop, px, count);
        return true;
    }
    px_stop_text(stop, d->w, false, text, sizeof text);
    if (stop->status == PX_RUNNING)
        snprintf(text, sizeof text, "after %s instruction%s, pc %" PRIu32 ", (%" PRIu32 ",%" PRIu32 ")",
                 px_grouped(stop->executed), stop->executed == 1 ? "" : "s", stop->pc, stop->pc % d->w,
                 stop->pc / d->w);
    fprintf(d->text, "%s\n", text);
    if (stop->pc < d->w * d->h)
        print_instruction(d, stop->pc, px, count, true);
    px_state state = {0};
    bool ok = true;
    if (stop->status == PX_TRAPPED && (ok = px_machine_read(machine(d), &state, error)))
        px_trap_explain(d->text, &state, d->names);
    px_state_free(&state);
    return ok;
}

bool px_show_changes(px_debugger *d, px_error *error)
{
    uint32_t reg[256], vl;
    unsigned changes = 0;
    if (!px_get(machine(d), PX_SPACE_REGISTER, 0, reg, 256, error) ||
        !px_get(machine(d), PX_SPACE_STATE, PX_WORD_VL, &vl, 1, error))
        return false;
    for (unsigned i = 0; i < 256; i++)
        if (reg[i] != d->reg[i] && changes++ < CHANGES)
            fprintf(d->text, "  r%u: 0x%08" PRIX32 " -> 0x%08" PRIX32 "\n", i, d->reg[i], reg[i]);
    if (changes > CHANGES)
        fprintf(d->text, "  and %u registers more\n", changes - CHANGES);
    if (vl != d->vl)
        fprintf(d->text, "  vl: %" PRIu32 " -> %" PRIu32 "\n", d->vl, vl);
    memcpy(d->reg, reg, sizeof reg);
    d->vl = vl;
    return true;
}

/* ---- words ---- */

bool px_do_regs(px_debugger *d, const char *rest, px_error *error)
{
    uint32_t reg[256], words[PX_STATE_SPACE];
    const bool all = strcmp(rest, "all") == 0;
    char name[8];
    if (*rest != '\0' && !all)
        return px_fail(error, PX_E_USAGE, "regs takes nothing, or all; print r5 shows one");
    if (!px_get(machine(d), PX_SPACE_REGISTER, 0, reg, 256, error) ||
        !px_get(machine(d), PX_SPACE_STATE, 0, words, PX_STATE_SPACE, error))
        return false;
    fprintf(d->text, "  pc %" PRIu32 "  vl %" PRIu32 "\n", words[PX_WORD_PC], words[PX_WORD_VL]);
    if (d->json)
        px_json_open(&d->answer, "registers", '{');
    unsigned shown = 0;
    for (unsigned i = 0; i < 256; i++) {
        if (reg[i] == 0 && !all)
            continue;
        snprintf(name, sizeof name, "r%u", i);
        fprintf(d->text, "  %-4s 0x%08" PRIX32 " %11" PRId32 "%s", name, reg[i], (int32_t)reg[i],
                ++shown % 4 == 0 ? "\n" : "");
        if (d->json)
            px_json_number(&d->answer, name, reg[i]);
    }
    if (shown % 4 != 0)
        fputc('\n', d->text);
    if (d->json)
        px_json_close(&d->answer, '}');
    return true;
}

/* [ADDRESS [, COUNT]] */
static bool range(px_debugger *d, const char *rest, uint32_t usual, uint32_t *at, uint32_t *count, px_error *error)
{
    px_breakpoint what;
    *at = px_tape_stop(d->tape)->pc;
    *count = usual;
    if (*rest != '\0') {
        if (!px_parse_watch(d, rest, &what, error))
            return false;
        if (what.kind != PX_BREAK_PIXELS)
            return px_fail(error, PX_E_USAGE, "expected an address, found register %s", rest);
        *at = what.at;
        *count = strchr(rest, ',') != NULL && what.count > 1 ? what.count : usual;
    }
    const uint32_t n = d->w * d->h, left = *at < n ? n - *at : 0;
    *count = *count < left ? *count : left;
    *count = *count < MOST_SHOWN ? *count : MOST_SHOWN;
    d->point = *at;
    return true;
}

bool px_do_mem(px_debugger *d, const char *rest, px_error *error)
{
    uint32_t at, count, px[MOST_SHOWN];
    if (!range(d, rest, 16, &at, &count, error) || !px_get(machine(d), PX_SPACE_PIXEL, at, px, count, error))
        return false;
    for (uint32_t i = 0; i < count; i++)
        fprintf(d->text, i % 8 == 0 ? "%s%7" PRIu32 "  %08" PRIX32 : "%s %08" PRIX32, i % 8 == 0 && i > 0 ? "\n" : "",
                i % 8 == 0 ? at + i : px[i], px[i]);
    fputc('\n', d->text);
    if (d->json) {
        px_json_number(&d->answer, "address", at);
        px_json_open(&d->answer, "pixels", '[');
        for (uint32_t i = 0; i < count; i++)
            px_json_number(&d->answer, NULL, px[i]);
        px_json_close(&d->answer, ']');
    }
    return true;
}

bool px_do_dis(px_debugger *d, const char *rest, px_error *error)
{
    uint32_t at, count, px[MOST_SHOWN];
    if (!range(d, rest, 10, &at, &count, error) || !px_get(machine(d), PX_SPACE_PIXEL, at, px, count, error))
        return false;
    for (uint32_t i = 0; i < count;)
        i += print_instruction(d, at + i, px + i, count - i, at + i == px_tape_stop(d->tape)->pc);
    return true;
}

bool px_do_print(px_debugger *d, const char *rest, px_error *error)
{
    int64_t value;
    if (*rest == '\0')
        return px_fail(error, PX_E_USAGE, "expected an expression: print r1 + [again]");
    if (!px_debugger_value(d, rest, &value, error))
        return false;
    fprintf(d->text, "%" PRId64 "  0x%" PRIX64 "\n", value, (uint64_t)value);
    if (d->json)
        px_json_signed(&d->answer, "value", value);
    return true;
}

/* The lines of source around the instruction. */
bool px_do_list(px_debugger *d, const char *rest, px_error *error)
{
    const px_line *line = px_line_of(d->names, px_tape_stop(d->tape)->pc);
    char *text;
    size_t size;
    if (*rest != '\0')
        return px_fail(error, PX_E_USAGE, "list takes nothing");
    if (line == NULL)
        return px_do_dis(d, "", error);
    if (!px_text_read(&text, &size, line->file, error))
        return false;
    char *behind = text;
    uint32_t number = 1;
    for (const char *one; (one = px_text_line(&behind)) != NULL && number <= line->line + 5; number++)
        if (number + 5 >= line->line)
            fprintf(d->text, "%s%5" PRIu32 "  %s\n", number == line->line ? "->" : "  ", number, one);
    free(text);
    return true;
}

bool px_do_where(px_debugger *d, const char *rest, px_error *error)
{
    px_state state = {0};
    char place[160];
    if (*rest != '\0')
        return px_fail(error, PX_E_USAGE, "where takes nothing");
    if (!px_machine_read(machine(d), &state, error))
        return false;
    if (*px_name_near(d->names, state.pc, place, sizeof place) != '\0')
        fprintf(d->text, "  %s\n", place);
    px_backtrace(d->text, &state, d->names);
    px_state_free(&state);
    return px_show_here(d, error);
}

bool px_do_info(px_debugger *d, const char *rest, px_error *error)
{
    const px_tape_facts f = px_tape_about(d->tape);
    if (*rest != '\0')
        return px_fail(error, PX_E_USAGE, "info takes nothing");
    fprintf(d->text,
            "%s on %s, %" PRIu32 "x%" PRIu32
            "; after %s of %s instructions; %s answers; %s snapshots in %s KiB; ran %.2f s, snapshots %.2f s\n",
            d->program, machine(d)->executor->name, d->w, d->h, px_grouped(f.at), px_grouped(f.furthest),
            px_grouped(f.answers), px_grouped(f.snapshots), px_grouped(f.bytes >> 10), f.running, f.snapping);
    for (size_t i = 0; i < d->count; i++)
        fprintf(d->text, "%u: %s%s%s\n", d->places[i]->number, d->places[i]->text,
                d->places[i]->temporary ? ", once" : "", d->places[i]->what.off ? ", disabled" : "");
    if (d->json) {
        px_json_number(&d->answer, "furthest", f.furthest);
        px_json_number(&d->answer, "snapshots", f.snapshots);
        px_json_number(&d->answer, "answers", f.answers);
        px_json_number(&d->answer, "running_us", (uint64_t)(f.running * 1e6));
        px_json_number(&d->answer, "snapping_us", (uint64_t)(f.snapping * 1e6));
        px_json_number(&d->answer, "breakpoints", d->count);
    }
    return true;
}

/* ---- the picture ---- */

static uint32_t first_of(uint32_t point, uint32_t shown, uint32_t size)
{
    const uint32_t first = point > shown / 2 ? point - shown / 2 : 0;
    return size <= shown ? 0 : first > size - shown ? size - shown : first;
}

bool px_do_picture(px_debugger *d, const char *rest, px_error *error)
{
    uint32_t px[ROWS * COLUMNS];
    if (*rest != '\0' && !px_debugger_address(d, rest, &d->point, error))
        return false;
    const uint32_t w = d->w < COLUMNS ? d->w : COLUMNS, h = d->h < ROWS ? d->h : ROWS;
    const uint32_t x = first_of(d->point % d->w, w, d->w), y = first_of(d->point / d->w, h, d->h);
    fprintf(d->text, "(%" PRIu32 ",%" PRIu32 ") to (%" PRIu32 ",%" PRIu32 ")\n", x, y, x + w - 1, y + h - 1);
    for (uint32_t row = 0; row < h; row++)
        if (!px_get(machine(d), PX_SPACE_PIXEL, (y + row) * d->w + x, px + row * w, w, error))
            return false;
    px_blocks_print(d->text, px, w, h, w);
    return true;
}

/* ---- what the program shows ---- */

static bool has_host(const px_debugger *d, px_error *error)
{
    return d->shown != NULL || px_fail(error, PX_E_USAGE, "the program has neither console nor display without --host");
}

bool px_do_console(px_debugger *d, const char *rest, px_error *error)
{
    if (*rest != '\0')
        return px_fail(error, PX_E_USAGE, "console takes nothing");
    if (!has_host(d, error))
        return false;
    char *text = px_shown_text(d->shown, 0);
    if (text == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the console's text");
    const size_t length = strlen(text);
    fprintf(d->text, "%s%s", text, length > 0 && text[length - 1] != '\n' ? "\n" : "");
    if (d->json)
        px_json_string(&d->answer, "console", text);
    free(text);
    return true;
}

bool px_do_display(px_debugger *d, const char *rest, px_error *error)
{
    const px_picture *screen;
    if (*rest != '\0')
        return px_fail(error, PX_E_USAGE, "display takes nothing");
    if (!has_host(d, error) || !px_shown_screen(d->shown, &screen, error))
        return false;
    if (screen == NULL)
        return px_fail(error, PX_E_USAGE, "nothing is displayed here");
    fprintf(d->text, "%" PRIu32 "x%" PRIu32 "\n", screen->w, screen->h);
    px_blocks_fit(d->text, screen->px, screen->w, screen->h, COLUMNS, ROWS / 2);
    return true;
}
