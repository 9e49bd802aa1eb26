/* cmd_info.c - px info: what a picture holds, in words, and as a map that shows its code in colour. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"
#include "host/files.h"
#include "host/json.h"
#include "pxi/pixel.h"
#include "pxi/state.h"

enum { KEY_MAP = 256, KEY_JSON, MAP_SCALE = 8 };

typedef struct arguments {
    const char *file, *map;
    bool json;
} arguments;

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "print it as JSON, for scripts", 0},
    {"map", KEY_MAP, "FILE", 0, "write a picture, 8 times as large, with each instruction in the colour of its class",
     0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case KEY_MAP:
        a->map = px_output_file(arg);
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        return px_take_argument(state, "picture", px_input_file(arg), &a->file);
    case ARGP_KEY_END:
        if (a->file == NULL)
            argp_error(state, "no picture given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
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

static const char *kind_of(const px_picture *picture)
{
    return picture->px[0] == PX_MAGIC_STATE     ? "saved state"
           : picture->px[0] == PX_MAGIC_PROGRAM ? "v1 program"
                                                : "classic program";
}

static void print_info(const char *file, const px_picture *picture, const px_state *s)
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
}

/* ---- as JSON ---- */

static void json_state(px_json *json, const px_state *s)
{
    px_json_number(json, "pc", s->pc);
    px_json_number(json, "vl", s->vl);
    px_json_string(json, "status", px_status_name(s->status));
    px_json_string(json, "cause", px_cause_name(s->cause));
    px_json_number(json, "value", s->value);
    px_json_number(json, "retired", s->retired);
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

static void print_json(const char *file, const px_picture *picture, const px_state *s)
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
    px_json_close(&json, '}');
}

/* ---- the map ---- */

static uint32_t opaque(uint32_t rgb) { return px_rgba(rgb >> 16, rgb >> 8, rgb, 255); }

/* What stands at each address: instructions in isa.def's colours, literals white, the header grey, data darkened. */
static void colour_addresses(const px_state *s, uint32_t *colour)
{
    const uint32_t n = px_state_pixels(s);
    const bool v1 = s->profile == PX_V1;
    const uint32_t start = v1 ? PX_HEADER_PIXELS : 0;
    uint32_t end = v1 && n > PX_HEADER_END ? s->mem[PX_HEADER_END] : s->w < PX_CLASSIC_STEPS ? s->w : PX_CLASSIC_STEPS;
    end = end < n ? end : n; /* a program may have written its header since it was loaded */
    for (uint32_t at = 0; at < n; at++) {
        const uint32_t p = s->mem[at];
        colour[at] = px_rgba(px_byte(p, 0) / 2, px_byte(p, 1) / 2, px_byte(p, 2) / 2, 255);
        if (v1 && at < PX_HEADER_PIXELS)
            colour[at] = opaque(0x808080);
    }
    for (uint32_t at = start; at < end; at++) {
        const px_opcode *op = px_opcode_of((int)s->profile, (uint8_t)s->mem[at]);
        if (op->mnemonic != NULL)
            colour[at] = opaque(op->colour);
        if (v1 && op->mnemonic != NULL && op->number == PX_OP_LIT && ++at < end)
            colour[at] = opaque(0xFFFFFF);
    }
}

static bool write_map(const px_state *s, const char *path, px_error *error)
{
    px_picture map = {0};
    uint32_t *colour = malloc(px_state_pixels(s) * sizeof *colour);
    bool ok = colour != NULL ? px_picture_new(&map, s->w * MAP_SCALE, s->h * MAP_SCALE, error)
                             : px_fail(error, PX_E_SYSTEM, "no memory for the map");
    if (ok) {
        colour_addresses(s, colour);
        for (uint32_t y = 0; y < map.h; y++)
            for (uint32_t x = 0; x < map.w; x++)
                map.px[y * map.w + x] = colour[y / MAP_SCALE * s->w + x / MAP_SCALE];
        ok = px_picture_write(&map, path, error);
    }
    free(colour);
    px_picture_free(&map);
    return ok;
}

int px_cmd_info(int argc, char **argv)
{
    static const struct argp argp = {
        options, parse, "FILE", "Show what a picture holds: its header or its machine state.", NULL, NULL, NULL};
    arguments a = {0};
    px_error error = {0};
    px_picture picture = {0};
    px_state state = {0};
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    bool ok = (a.map == NULL || px_picture_place(a.map, &error)) && px_read_program_picture(&picture, a.file, &error) &&
              px_state_load(&state, &picture, a.file, &error);
    const char *map = px_reserve_output(a.map);
    if (ok)
        (a.json ? print_json : print_info)(a.file, &picture, &state);
    ok = ok && (map == NULL || write_map(&state, map, &error));
    px_state_free(&state);
    px_picture_free(&picture);
    return ok ? 0 : px_complain(argv[0], &error);
}
