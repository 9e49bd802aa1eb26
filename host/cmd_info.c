/* cmd_info.c - px info: what a picture holds, in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/commands.h"
#include "pxi/pixel.h"
#include "pxi/state.h"

typedef struct arguments {
    const char *file;
} arguments;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (a->file != NULL)
            argp_error(state, "one picture at a time, found '%s' and '%s'", a->file, arg);
        a->file = arg;
        return 0;
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

int px_cmd_info(int argc, char **argv)
{
    static const struct argp argp = {NULL, parse, "FILE", "Show what a picture holds: its header or its machine state.",
                                     NULL, NULL,  NULL};
    arguments a = {0};
    px_error error = {0};
    px_picture picture = {0};
    px_state state = {0};
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    const bool ok = px_picture_read(&picture, a.file, &error) && px_state_load(&state, &picture, a.file, &error);
    if (ok)
        print_info(a.file, &picture, &state);
    px_state_free(&state);
    px_picture_free(&picture);
    return ok ? 0 : px_complain(argv[0], &error);
}
