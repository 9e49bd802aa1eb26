/* info.c - px info: what a picture holds, in words, and as a map that shows its code in colour. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"
#include "host/files.h"
#include "host/json.h"
#include "host/map.h"
#include "os/picture.h"
#include "pxi/png/picture_file.h"
#include "pxi/saved.h"
#include "pxi/state.h"

typedef struct arguments {
    const char *file, *map;
    bool json;
} arguments;

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_JSON(&a->json),
        {"map", 0, "FILE",
         "write a picture, 8 times as large, with each instruction in the colour of its class, saved machines in "
         "frames, and a legend; of a large picture the first rows, as many as 16 million pixels can show; of a picture "
         "of "
         "pxOS its regions",
         .output = &a->map},
        {0}};
    const px_command_line line = {.about = "Show what a picture holds: its header or its machine state.",
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "picture",
                                  .input = &a->file,
                                  .missing = "no picture given"};
    px_read_arguments(&line, argc, argv);
}

static void print_v1_header(const px_picture *picture)
{
    const uint32_t *px = picture->px;
    printf("  entry        %" PRIu32 "\n  end of code  %" PRIu32 "\n", px[PX_HEADER_ENTRY], px[PX_HEADER_END]);
    if (px[PX_HEADER_CHECKSUM] == 0)
        puts("  checksum     none");
    else
        printf("  checksum     %08" PRIX32 ", right\n", px[PX_HEADER_CHECKSUM]);
}

static void print_state(const px_state *s)
{
    printf("  pc           %" PRIu32 ", (%" PRIu32 ",%" PRIu32 ")\n  vl           %" PRIu32 "\n", s->pc, s->pc % s->w,
           s->pc / s->w, s->vl);
    printf("  status       %s: %s\n", px_status_name(s->status), px_status_text(s->status));
    if (s->status == PX_TRAPPED)
        printf("  cause        %s: %s\n  value        0x%08" PRIX32 "\n", px_cause_name(s->cause),
               px_cause_text(s->cause), s->value);
    if (s->status == PX_WAITING)
        printf("  waits for    r%" PRIu32 "; request 0x%08" PRIX32 ", argument 0x%08" PRIX32 "\n", s->value,
               s->reg[s->value & 255], s->reg[(s->value + 1) & 255]);
    printf("  retired      %" PRIu32 "\n", s->retired);
    for (int i = 0; i < 256; i++)
        if (s->reg[i] != 0)
            printf("  r%-11d 0x%08" PRIX32 "  %" PRId64 "\n", i, s->reg[i],
                   (int64_t)s->reg[i] - ((int64_t)(s->reg[i] >> 31) << 32));
}

/* The code's pixels by class: where a program spends its pixels, not its time. Outside of all classes: what is no
 * instruction. */
enum {
#define PXI_CLASS(id, number, text) CLASS_##id = (number),
#include "pxi/isa.def"
    CLASSES,
    OUTSIDE = CLASSES
};

static const char *const class_text[CLASSES + 1] = {
#define PXI_CLASS(id, number, text) [number] = text,
#include "pxi/isa.def"
    [OUTSIDE] = "not instructions"};

static void count_classes(const px_state *s, uint32_t count[CLASSES + 1])
{
    const uint32_t end = s->mem[PX_HEADER_END];
    for (uint32_t at = PX_HEADER_PIXELS; at < end; at++) {
        const px_opcode *opcode = px_opcode_of(PX_V1, (uint8_t)s->mem[at]);
        count[opcode->mnemonic == NULL ? OUTSIDE : opcode->class]++;
        if (opcode->mnemonic != NULL && opcode->number == PX_OP_LIT)
            at++;
    }
}

static void print_classes(const px_state *s)
{
    uint32_t count[CLASSES + 1] = {0};
    count_classes(s, count);
    for (size_t i = 0; i < CLASSES + 1; i++)
        if (count[i] != 0)
            printf("  %6" PRIu32 "  %s\n", count[i], class_text[i]);
}

/* Machines that lie in the image; of many the first. */
static void print_machines(const px_state *s)
{
    enum { MOST = 16 };
    px_saved saved;
    uint32_t count = 0;
    for (uint32_t at = 0; px_saved_next(s, &at, &saved); count++) {
        const px_state *m = &saved.machine;
        if (count >= MOST)
            continue;
        printf("  a saved machine of %" PRIu32 "x%" PRIu32 " at %" PRIu32 ", (%" PRIu32 ",%" PRIu32
               "): %s at pc %" PRIu32,
               m->w, m->h, saved.at, saved.at % s->w, saved.at / s->w, px_status_name(m->status), m->pc);
        if (m->status == PX_TRAPPED)
            printf(", cause %s", px_cause_name(m->cause));
        printf(", retired %" PRIu32 "\n", m->retired);
    }
    if (count > MOST)
        printf("  and %" PRIu32 " more saved machines\n", count - MOST);
}

/* ---- pxOS ---- */

typedef struct os_facts {
    bool is_os;
    os_map map;
    os_region *regions; /* owned */
    size_t count;
} os_facts;

static bool read_os(os_facts *os, const px_state *s, px_error *error)
{
    os->is_os = os_picture_map(s, &os->map);
    return !os->is_os || os_picture_regions(s, &os->map, &os->regions, &os->count, error);
}

/* Regions of one kind that lie side by side are one line; slots are processes. */
static void print_regions(const os_facts *os)
{
    const uint32_t slots = os->map.slots / 4;
    for (size_t i = 0, next; i < os->count && os->regions[i].from < slots; i = next) {
        const os_region *r = &os->regions[i];
        for (next = i + 1; next < os->count && strcmp(os->regions[next].kind, r->kind) == 0;)
            next++;
        printf("  pixels %7" PRIu32 " to %7" PRIu32 "  %s\n", r->from, os->regions[next - 1].end - 1, r->kind);
    }
    printf("  pixels %7" PRIu32 " to %7" PRIu32 "  slots\n", slots, os->regions[os->count - 1].end - 1);
}

static void print_processes(const os_facts *os, const px_state *s)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < os_picture_slots(&os->map); slot++) {
        const os_process p = os_picture_process(s, &os->map, slot);
        if (p.pid == 0)
            continue;
        printf("  process %" PRIu32 ", %s: %s in slot %" PRIu32 ", pixels %" PRIu32 " to %" PRIu32, p.pid, p.name,
               os_state_name(p.state), slot, p.from, p.end - 1);
        printf(p.asks ? ", asks %s\n" : "\n", os_request_name(p.request));
        count++;
    }
    printf("  pxOS, %" PRIu32 " process%s in %" PRIu32 " slots\n", count, count == 1 ? "" : "es",
           os_picture_slots(&os->map));
}

static void json_os(px_json *json, const os_facts *os, const px_state *s)
{
    px_json_open(json, "regions", '[');
    for (size_t i = 0; i < os->count; i++) {
        px_json_open(json, NULL, '{');
        px_json_string(json, "name", os->regions[i].name);
        px_json_string(json, "kind", os->regions[i].kind);
        px_json_number(json, "from", os->regions[i].from);
        px_json_number(json, "pixels", os->regions[i].end - os->regions[i].from);
        px_json_close(json, '}');
    }
    px_json_close(json, ']');
    px_json_open(json, "processes", '[');
    for (uint32_t slot = 0; slot < os_picture_slots(&os->map); slot++) {
        const os_process p = os_picture_process(s, &os->map, slot);
        if (p.pid == 0)
            continue;
        px_json_open(json, NULL, '{');
        px_json_number(json, "number", p.pid);
        px_json_number(json, "parent", p.parent);
        px_json_string(json, "name", p.name);
        px_json_string(json, "state", os_state_name(p.state));
        px_json_number(json, "slot", slot);
        px_json_string(json, "asks", p.asks ? os_request_name(p.request) : NULL);
        px_json_close(json, '}');
    }
    px_json_close(json, ']');
}

static const char *kind_of(const px_picture *picture)
{
    return picture->px[0] == PX_MAGIC_STATE     ? "saved state"
           : picture->px[0] == PX_MAGIC_PROGRAM ? "v1 program"
                                                : "classic program";
}

static void print_info(const char *file, const px_picture *picture, const px_state *s, const os_facts *os)
{
    printf("%s: %s, image %" PRIu32 "x%" PRIu32 ", %" PRIu32 " pixels\n", file, kind_of(picture), s->w, s->h,
           px_state_pixels(s));
    if (picture->px[0] == PX_MAGIC_STATE) {
        printf("  profile      %s\n", s->profile == PX_CLASSIC ? "classic" : "v1");
        print_state(s);
    } else if (s->profile == PX_V1) {
        print_v1_header(picture);
        print_classes(s);
    }
    if (os->is_os) {
        print_regions(os);
        print_processes(os, s);
    } else {
        print_machines(s);
    }
}

/* ---- as JSON ---- */

static void json_fields(px_json *json, const px_state *s)
{
    px_json_number(json, "pc", s->pc);
    px_json_number(json, "vl", s->vl);
    px_json_string(json, "status", px_status_name(s->status));
    px_json_string(json, "cause", px_cause_name(s->cause));
    px_json_number(json, "value", s->value);
    px_json_number(json, "retired", s->retired);
}

static void json_machines(px_json *json, const px_state *s)
{
    px_saved saved;
    px_json_open(json, "machines", '[');
    for (uint32_t at = 0; px_saved_next(s, &at, &saved);) {
        const px_state *m = &saved.machine;
        px_json_open(json, NULL, '{');
        px_json_number(json, "address", saved.at);
        px_json_number(json, "width", m->w);
        px_json_number(json, "height", m->h);
        json_fields(json, m);
        px_json_close(json, '}');
    }
    px_json_close(json, ']');
}

static void json_state(px_json *json, const px_state *s)
{
    json_fields(json, s);
    px_json_open(json, "registers", '[');
    for (size_t i = 0; i < sizeof s->reg / sizeof *s->reg; i++)
        px_json_number(json, NULL, s->reg[i]);
    px_json_close(json, ']');
}

static void json_program(px_json *json, const px_picture *picture, const px_state *s)
{
    uint32_t count[CLASSES + 1] = {0};
    const uint32_t sum = picture->px[PX_HEADER_CHECKSUM];
    char text[16];
    snprintf(text, sizeof text, "%08" PRIX32, sum);
    px_json_number(json, "entry", picture->px[PX_HEADER_ENTRY]);
    px_json_number(json, "end_of_code", picture->px[PX_HEADER_END]);
    px_json_string(json, "checksum", sum != 0 ? text : NULL);
    count_classes(s, count);
    px_json_open(json, "instructions", '{');
    for (size_t i = 0; i < CLASSES + 1; i++)
        if (count[i] != 0)
            px_json_number(json, class_text[i], count[i]);
    px_json_close(json, '}');
}

static void print_json(const char *file, const px_picture *picture, const px_state *s, const os_facts *os)
{
    px_json json = {.to = stdout};
    px_json_open(&json, NULL, '{');
    px_json_string(&json, "file", file);
    px_json_string(&json, "kind", kind_of(picture));
    px_json_string(&json, "profile", s->profile == PX_CLASSIC ? "classic" : "v1");
    px_json_number(&json, "width", s->w);
    px_json_number(&json, "height", s->h);
    if (picture->px[0] == PX_MAGIC_STATE)
        json_state(&json, s);
    else if (s->profile == PX_V1)
        json_program(&json, picture, s);
    if (s->profile == PX_V1)
        json_machines(&json, s);
    if (os->is_os)
        json_os(&json, os, s);
    px_json_close(&json, '}');
}

/* ---- the map ---- */

static bool write_map(const px_state *s, const os_facts *os, const char *path, bool say, px_error *error)
{
    px_picture map = {0};
    px_error reason = {0};
    const px_map_size size = os->is_os ? px_map_size_of_regions(s) : px_map_size_of(s);
    px_map_region *regions = calloc(os->count + 1, sizeof *regions);
    for (size_t i = 0; regions != NULL && i < os->count; i++) {
        const os_region *r = &os->regions[i];
        regions[i] = (px_map_region){r->from, r->end, r->colour, r->kind};
    }
    const bool ok = (regions != NULL || px_fail(&reason, PX_E_SYSTEM, "no memory for the map")) &&
                    px_map_draw(&map, s, regions, os->count, &reason) && px_picture_write(&map, path, &reason);
    px_picture_free(&map);
    free(regions);
    if (!ok)
        return px_fail(error, reason.code, "--map: %s", reason.text);
    if (say && size.rows < s->h)
        printf("  map          rows 0 to %" PRIu32 " of %" PRIu32 ", %" PRIu32 " times as large\n", size.rows - 1, s->h,
               size.scale);
    return true;
}

int px_cmd_info(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    px_picture picture = {0};
    px_state state = {0};
    os_facts os = {0};
    read_arguments(&a, argc, argv);
    bool ok = (a.map == NULL || (px_picture_place(a.map, &error) && px_spares_input(a.file, a.map, false, &error))) &&
              px_read_program_picture(&picture, a.file, NULL, &error) &&
              px_state_load(&state, &picture, a.file, &error) && read_os(&os, &state, &error);
    const char *map = px_reserve_output(a.map);
    if (ok)
        (a.json ? print_json : print_info)(a.file, &picture, &state, &os);
    ok = ok && (map == NULL || write_map(&state, &os, map, !a.json, &error));
    free(os.regions);
    px_state_free(&state);
    px_picture_free(&picture);
    return ok ? 0 : px_complain(argv[0], &error);
}
