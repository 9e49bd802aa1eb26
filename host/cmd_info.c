/* cmd_info.c - px info: what a picture holds, in words, and as a map that shows its code in colour. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"
#include "host/files.h"
#include "pxi/pixel.h"
#include "pxi/state.h"

enum { KEY_MAP = 256, MAP_SCALE = 8 };

typedef struct arguments {
    const char *file, *map;
} arguments;

static const struct argp_option options[] = {
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

/* The code's pixels by class: where a program spends its pixels, not its time. */
static void print_classes(const px_state *s)
{
    static const char *const class_text[] = {
#define PXI_CLASS(id, number, text) [number] = text,
#include "pxi/isa.def"
    };
    uint32_t count[sizeof class_text / sizeof *class_text] = {0}, other = 0;
    const uint32_t end = s->mem[PX_HEADER_END], entry = PX_HEADER_PIXELS;
    for (uint32_t at = entry; at < end; at++) {
        const px_opcode *opcode = px_opcode_of(PX_V1, (uint8_t)s->mem[at]);
        if (opcode->mnemonic == NULL)
            other++;
        else
            count[opcode->class]++;
        if (opcode->mnemonic != NULL && opcode->number == PX_OP_LIT)
            at++;
    }
    for (size_t i = 0; i < sizeof count / sizeof *count; i++)
        if (count[i] != 0)
            printf("  %6" PRIu32 "  %s\n", count[i], class_text[i]);
    if (other != 0)
        printf("  %6" PRIu32 "  not instructions\n", other);
}

static void print_info(const char *file, const px_picture *picture, const px_state *s)
{
    const char *kind = picture->px[0] == PX_MAGIC_STATE     ? "saved state"
                       : picture->px[0] == PX_MAGIC_PROGRAM ? "v1 program"
                                                            : "classic program";
    printf("%s: %s, image %" PRIu32 "x%" PRIu32 ", %" PRIu32 " pixels\n", file, kind, s->w, s->h, px_state_pixels(s));
    if (picture->px[0] == PX_MAGIC_STATE) {
        printf("  profile      %s\n", s->profile == PX_CLASSIC ? "classic" : "v1");
        print_state(s);
    } else if (s->profile == PX_V1) {
        print_v1_header(picture);
        print_classes(s);
    }
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
    if (ok)
        print_info(a.file, &picture, &state);
    ok = ok && (a.map == NULL || write_map(&state, a.map, &error));
    px_state_free(&state);
    px_picture_free(&picture);
    return ok ? 0 : px_complain(argv[0], &error);
}
