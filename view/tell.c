/* tell.c - what a page is told of a program, as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/disasm.h"
#include "pxi/host.h"
#include "pxi/pixel.h"
#include "view/view.h"

enum {
    CODE_ABOVE = 8,
    CODE = 28,
    MOST_NAMES = 4096,
    MOST_SLOTS = 64,
    CHUNK = 65536,
    TILE_WIDTH = 40,
    TILE_HEIGHT = 30
};

static const char *const class_names[] = {
#define PXI_CLASS(id, number, text) [number] = text,
#include "pxi/isa.def"
};

typedef struct telling {
    px_json json;
    char *text;
    size_t size;
} telling;

static bool begin(telling *t)
{
    *t = (telling){.json = {.line = true}};
    t->json.to = open_memstream(&t->text, &t->size);
    if (t->json.to == NULL)
        return false;
    px_json_open(&t->json, NULL, '{');
    return true;
}

static char *end(telling *t)
{
    px_json_close(&t->json, '}');
    fclose(t->json.to);
    return t->text;
}

static void tell_names(px_json *j, const px_debugger *d)
{
    size_t told = 0;
    px_json_open(j, "names", '[');
    for (size_t i = 0; i < d->names->count && told < MOST_NAMES; i++) {
        const px_symbol *s = &d->names->at[i];
        if (s->kind != PX_SYMBOL_CODE && s->kind != PX_SYMBOL_DATA)
            continue;
        px_json_open(j, NULL, '{');
        px_json_string(j, "name", s->name);
        px_json_signed(j, "at", s->value);
        px_json_bool(j, "code", s->kind == PX_SYMBOL_CODE);
        px_json_close(j, '}');
        told++;
    }
    px_json_close(j, ']');
}

/* Each class with the colour of its first opcode. */
static void tell_classes(px_json *j, const px_debugger *d)
{
    px_json_open(j, "classes", '[');
    for (unsigned class = 0; class < sizeof class_names / sizeof *class_names; class ++)
        for (unsigned op = 0; op < 256; op++) {
            const px_opcode *o = px_opcode_of((int)d->profile, (uint8_t)op);
            if (o->mnemonic == NULL || o->class != class)
                continue;
            px_json_open(j, NULL, '{');
            px_json_string(j, "name", class_names[class]);
            px_json_number(j, "colour", o->colour);
            px_json_close(j, '}');
            break;
        }
    px_json_close(j, ']');
}

static void tell_keys(px_json *j)
{
    px_json_open(j, "keys", '{');
#define PXH_KEY(id, number) px_json_number(j, #id, (number));
#include "pxi/host.def"
    px_json_close(j, '}');
}

char *px_tell_program(px_viewer *v)
{
    telling t;
    const px_debugger *d = &v->debugger;
    if (!begin(&t))
        return NULL;
    px_json_string(&t.json, "program", d->program);
    px_json_string(&t.json, "executor", px_tape_machine(d->tape)->executor->name);
    px_json_number(&t.json, "w", d->w);
    px_json_number(&t.json, "h", d->h);
    px_json_bool(&t.json, "heat", v->heats);
    px_json_bool(&t.json, "host", v->host != NULL);
    px_json_bool(&t.json, "recorded", d->recorded);
    tell_names(&t.json, d);
    tell_classes(&t.json, d);
    tell_keys(&t.json);
    return end(&t);
}

static uint32_t pixel_at(px_viewer *v, uint32_t address)
{
    uint32_t pixel = 0;
    (void)px_get(px_tape_machine(v->debugger.tape), PX_SPACE_PIXEL, address, &pixel, 1, NULL);
    return pixel;
}

/* The number of the breakpoint there; 0: none. */
static unsigned breaks_at(const px_debugger *d, uint32_t address)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->places[i]->what.kind == PX_BREAK_PC && d->places[i]->what.at == address && !d->places[i]->what.off)
            return d->places[i]->number;
    return 0;
}

/* Before pc a literal may be taken for an instruction; pc is one. */
static void tell_code(px_viewer *v, px_json *j, uint32_t pc)
{
    const px_debugger *d = &v->debugger;
    const uint32_t n = d->w * d->h, first = pc < CODE_ABOVE ? 0 : pc - CODE_ABOVE;
    uint32_t words[CODE], count = first >= n ? 0 : n - first < CODE ? n - first : CODE;
    if (count > 0 && !px_get(px_tape_machine(d->tape), PX_SPACE_PIXEL, first, words, count, NULL))
        count = 0;
    px_json_open(j, "code", '[');
    for (uint32_t i = 0, pixels; i < count; i += pixels) {
        char text[128];
        const uint32_t left = first + i < pc ? pc - first - i : count - i;
        pixels = px_disassemble_at(d->profile, words + i, left, text, sizeof text);
        px_json_open(j, NULL, '{');
        px_json_number(j, "at", first + i);
        px_json_string(j, "text", text);
        px_json_string(j, "label", px_name_at(d->names, first + i));
        px_json_number(j, "break", breaks_at(d, first + i));
        px_json_close(j, '}');
    }
    px_json_close(j, ']');
}

static void tell_registers(px_viewer *v, px_json *j)
{
    uint32_t reg[256] = {0}, words[PX_STATE_SPACE] = {0};
    px_machine *machine = px_tape_machine(v->debugger.tape);
    (void)(px_get(machine, PX_SPACE_REGISTER, 0, reg, 256, NULL) &&
           px_get(machine, PX_SPACE_STATE, 0, words, PX_STATE_SPACE, NULL));
    px_json_number(j, "vl", words[PX_WORD_VL]);
    px_json_open(j, "registers", '[');
    for (int i = 0; i < 256; i++)
        px_json_number(j, NULL, reg[i]);
    px_json_close(j, ']');
}

static void tell_breaks(const px_debugger *d, px_json *j)
{
    px_json_open(j, "breaks", '[');
    for (size_t i = 0; i < d->count; i++) {
        px_json_open(j, NULL, '{');
        px_json_number(j, "number", d->places[i]->number);
        px_json_string(j, "text", d->places[i]->text);
        px_json_bool(j, "off", d->places[i]->what.off);
        px_json_close(j, '}');
    }
    px_json_close(j, ']');
}

/* What was printed behind what a page has; where it has more than there is here, all of it anew. */
static void tell_console(const px_viewer *v, px_json *j, uint64_t has)
{
    const uint64_t printed = px_shown_printed(&v->shown);
    char *text = px_shown_text(&v->shown, has <= printed ? has : 0);
    px_json_bool(j, "again", has > printed);
    px_json_string(j, "console", text != NULL ? text : "");
    free(text);
}

char *px_tell_state(px_viewer *v, const px_beside *beside, size_t *size)
{
    telling t;
    char text[256];
    const px_debugger *d = &v->debugger;
    const px_stop *stop = px_tape_stop(d->tape);
    const px_tape_facts facts = px_tape_about(d->tape);
    if (!begin(&t))
        return NULL;
    px_stop_text(stop, d->w, false, text, sizeof text);
    if (stop->status == PX_RUNNING)
        snprintf(text, sizeof text, "pc %" PRIu32 ", (%" PRIu32 ",%" PRIu32 ")", stop->pc, stop->pc % d->w,
                 stop->pc / d->w);
    px_json_string(&t.json, "status", px_status_name(stop->status));
    px_json_string(&t.json, "text", text);
    px_json_bool(&t.json, "running", v->running);
    px_json_number(&t.json, "count", facts.at);
    px_json_number(&t.json, "furthest", facts.furthest);
    px_json_number(&t.json, "pc", stop->pc);
    px_json_bool(&t.json, "counted", v->heats && v->heat_at >= facts.furthest);
    tell_registers(v, &t.json);
    tell_code(v, &t.json, stop->pc);
    tell_breaks(d, &t.json);
    tell_console(v, &t.json, beside->printed);
    px_json_bool(&t.json, "displays", beside->displays);
    px_json_string(&t.json, "layer", px_layer_names[beside->layer]);
    px_json_open(&t.json, "most", '[');
    for (int i = 0; i < 3; i++)
        px_json_number(&t.json, NULL, v->heat_most[i]);
    px_json_close(&t.json, ']');
    px_json_bool(&t.json, "bytes", v->host != NULL && px_host_gives_bytes(v->host));
    char *told = end(&t);
    *size = told != NULL ? t.size : 0;
    return told;
}

char *px_tell_pixel(px_viewer *v, uint32_t address)
{
    telling t;
    char text[160];
    const px_debugger *d = &v->debugger;
    const uint32_t pixel = address < d->w * d->h ? pixel_at(v, address) : 0;
    if (!begin(&t))
        return NULL;
    px_json_number(&t.json, "look", address);
    px_json_number(&t.json, "pixel", pixel);
    px_disassemble_one(d->profile, pixel, text, sizeof text);
    px_json_string(&t.json, "instruction", text);
    px_json_string(&t.json, "near", px_name_near(d->names, address, text, sizeof text));
    if (v->heats && v->heat_at >= px_tape_about(d->tape).furthest && address < v->heat.n) {
        px_json_number(&t.json, "executed", v->heat.executed[address]);
        px_json_number(&t.json, "read", v->heat.read[address]);
        px_json_number(&t.json, "written", v->heat.written[address]);
    }
    return end(&t);
}

/* ---- slots ---- */

/* Whether a saved state begins at an address: a machine that fits between it and the image's end. */
static bool is_slot(const px_debugger *d, uint32_t at, const uint32_t head[PX_SAVED_REG])
{
    const uint64_t pixels = (uint64_t)head[PX_SAVED_W] * head[PX_SAVED_H], left = d->w * d->h - at;
    return head[PX_SAVED_MAGIC] == PX_MAGIC_STATE && head[PX_SAVED_PROFILE] == PX_V1 && pixels > 0 &&
           head[PX_SAVED_W] <= left && pixels <= left &&
           (uint64_t)px_state_rows(head[PX_SAVED_W]) * head[PX_SAVED_W] + pixels <= left;
}

/* The instruction that it is at, and its picture in small: rows of "RRGGBB", each as a string. */
static void tell_tile(px_machine *machine, px_json *j, uint32_t image, const uint32_t head[PX_SAVED_REG])
{
    const uint32_t w = head[PX_SAVED_W], h = head[PX_SAVED_H], pc = head[PX_SAVED_PC];
    const uint32_t wide = (w - 1) / TILE_WIDTH + 1, high = (h - 1) / TILE_HEIGHT + 1, step = wide > high ? wide : high;
    uint32_t px[2], *row = malloc(w * sizeof *row);
    char text[6 * TILE_WIDTH + 1];
    const uint32_t count = w * h - pc < 2 ? 1 : 2;
    if (pc < w * h && px_get(machine, PX_SPACE_PIXEL, image + pc, px, count, NULL)) {
        px_disassemble_at(PX_V1, px, count, text, sizeof text);
        px_json_string(j, "instruction", text);
    }
    px_json_open(j, "tile", '[');
    for (uint32_t y = 0; row != NULL && y < h && px_get(machine, PX_SPACE_PIXEL, image + y * w, row, w, NULL);
         y += step) {
        for (uint32_t x = 0, at = 0; x < w; x += step, at += 6)
            snprintf(text + at, 7, "%02X%02X%02X", px_byte(row[x], 0), px_byte(row[x], 1), px_byte(row[x], 2));
        px_json_string(j, NULL, text);
    }
    px_json_close(j, ']');
    free(row);
}

static void tell_slot(px_machine *machine, px_json *j, uint32_t at, const uint32_t head[PX_SAVED_REG])
{
    const uint32_t image = at + px_state_rows(head[PX_SAVED_W]) * head[PX_SAVED_W];
    px_json_open(j, NULL, '{');
    px_json_number(j, "at", at);
    px_json_number(j, "image", image);
    px_json_number(j, "w", head[PX_SAVED_W]);
    px_json_number(j, "h", head[PX_SAVED_H]);
    px_json_number(j, "pc", head[PX_SAVED_PC]);
    px_json_string(j, "status", px_status_name(head[PX_SAVED_STATUS]));
    tell_tile(machine, j, image, head);
    px_json_close(j, '}');
}

char *px_tell_slots(px_viewer *v)
{
    telling t;
    const px_debugger *d = &v->debugger;
    px_machine *machine = px_tape_machine(d->tape);
    uint32_t *words = malloc(CHUNK * sizeof *words), head[PX_SAVED_REG], found = 0;
    const uint32_t n = d->w * d->h;
    if (words == NULL || !begin(&t)) {
        free(words);
        return NULL;
    }
    px_json_open(&t.json, "slots", '[');
    for (uint32_t from = 0; from < n && found < MOST_SLOTS; from += CHUNK) {
        const uint32_t count = n - from < CHUNK ? n - from : CHUNK;
        if (!px_get(machine, PX_SPACE_PIXEL, from, words, count, NULL))
            break;
        for (uint32_t i = 0; i < count && found < MOST_SLOTS; i++)
            if (words[i] == PX_MAGIC_STATE && n - from - i >= PX_STATE_WORDS &&
                px_get(machine, PX_SPACE_PIXEL, from + i, head, PX_SAVED_REG, NULL) && is_slot(d, from + i, head)) {
                tell_slot(machine, &t.json, from + i, head);
                found++;
            }
    }
    px_json_close(&t.json, ']');
    free(words);
    return end(&t);
}
