/* damage.c - tells an intact picture from a damaged one, and guesses from the pixels what damaged it. */
#include "pxi/png/damage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pxi/pixel.h"
#include "pxi/png/import.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"
#include "pxi/state.h"
#include "pxi/text_file.h"

static const char copy_again[] = "take the picture from its source again, or assemble it again";

#define SAY(field, ...) ((void)snprintf((field), sizeof(field), __VA_ARGS__))

/* ---- what the pixels look like ---- */

typedef struct survey {
    uint32_t transparent;         /* pixels with A = 0 */
    uint32_t coloured_under_zero; /* of these, with RGB != 0 */
    bool two_alphas;              /* every A is 0 or 255 */
    bool premultiplied;           /* every pixel could come out of multiplying RGB by A, undone again or not */
    bool predicted;               /* with A = 0, each of R, G, B is a neighbour's, or what a PNG filter predicts */
    bool one_colour;              /* all pixels with A = 0 are the same */
    bool grey;                    /* R = G = B in every pixel */
} survey;

/* Whether c * a / 255, rounded, times 255 / a, rounded, can be c, give or take the rounding of the program. */
static bool survives_premultiplying(uint32_t c, uint32_t a)
{
    if (a == 0)
        return c == 0;
    const uint32_t multiplied = (c * a + 127) / 255;
    const uint32_t back = (multiplied * 255 + a / 2) / a;
    return c <= a || (back <= c + 1 && c <= back + 1);
}

/* Whether channel k of the pixel at x could be what an optimiser fills in: 0, what filters Sub, Up, Average and Paeth
 * take from the pixels before, or the colour of the next pixel. */
static bool could_be_predicted(const px_picture *picture, size_t x, unsigned k)
{
    const size_t w = picture->w, n = w * picture->h;
    const uint32_t *px = picture->px, c = px_byte(px[x], k);
    const uint32_t left = x % w > 0 ? px_byte(px[x - 1], k) : 0, up = x >= w ? px_byte(px[x - w], k) : 0;
    const uint32_t corner = x % w > 0 && x >= w ? px_byte(px[x - w - 1], k) : 0;
    return c == 0 || c == left || c == up || c == corner || c == (left + up) / 2 ||
           (x + 1 < n && c == px_byte(px[x + 1], k)) || (x + w < n && c == px_byte(px[x + w], k));
}

static survey survey_of(const px_picture *picture)
{
    survey s = {.two_alphas = true, .premultiplied = true, .predicted = true, .one_colour = true, .grey = true};
    const size_t n = (size_t)picture->w * picture->h;
    uint32_t colour = 0; /* of the first pixel with A = 0 */
    for (size_t x = 0; x < n; x++) {
        const uint32_t pixel = picture->px[x], a = pixel >> 24;
        if (a == 0 && s.transparent == 0)
            colour = pixel;
        s.one_colour = s.one_colour && (a != 0 || pixel == colour);
        s.grey = s.grey && px_byte(pixel, 0) == px_byte(pixel, 1) && px_byte(pixel, 1) == px_byte(pixel, 2);
        s.transparent += a == 0;
        s.coloured_under_zero += a == 0 && pixel != 0;
        s.two_alphas = s.two_alphas && (a == 0 || a == 255);
        for (unsigned k = 0; k < 3; k++) {
            s.premultiplied = s.premultiplied && survives_premultiplying(px_byte(pixel, k), a);
            s.predicted = s.predicted && (a != 0 || could_be_predicted(picture, x, k));
        }
    }
    return s;
}

static bool is_magic(uint32_t pixel) { return pixel == PX_MAGIC_PROGRAM || pixel == PX_MAGIC_STATE; }

/* Whether the four bytes of a magic are there, in another order. They differ from each other. */
static bool is_shuffled_magic(uint32_t pixel)
{
    static const uint32_t magics[] = {PX_MAGIC_PROGRAM, PX_MAGIC_STATE};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        unsigned found = 0;
        for (unsigned from = 0; from < 4; from++)
            for (unsigned to = 0; to < 4; to++)
                found |= (unsigned)(px_byte(pixel, from) == px_byte(magics[i], to)) << to;
        if (found == 15 && pixel != magics[i])
            return true;
    }
    return false;
}

/* Whether a grey is what a magic's colour can become: from the average of its darkest and brightest channel, 80, past
 * the luminance of ITU-R BT.601, 84 and 85, to that of BT.709, 85, one up or down for rounding. No classic instruction
 * begins with such a byte. */
static bool is_grey_of_magic(uint32_t pixel) { return px_byte(pixel, 0) >= 79 && px_byte(pixel, 0) <= 86; }

/* A corner other than the first that holds a magic, in words, or NULL. */
static const char *magic_in_corner(const px_picture *picture)
{
    const size_t w = picture->w, h = picture->h;
    if (w > 1 && is_magic(picture->px[w - 1]))
        return "top right";
    if (h > 1 && is_magic(picture->px[w * (h - 1)]))
        return "bottom left";
    if (w > 1 && h > 1 && is_magic(picture->px[w * h - 1]))
        return "bottom right";
    return NULL;
}

/* The likely cause of pixels that are wrong, where they give it away. */
static void guess_cause(px_finding *f, const px_picture *picture)
{
    const survey s = survey_of(picture);
    const size_t n = (size_t)picture->w * picture->h;
    if (s.two_alphas && picture->px[0] >> 24 == 255)
        SAY(f->cause, "a program dropped the alpha channel: A is 255 in pixel 0, and 0 or 255 in all others");
    else if (n > 1 && picture->px[1] == picture->px[0])
        SAY(f->cause, "pixel 1 repeats pixel 0: the picture was enlarged");
    else if (s.transparent > 0 && s.coloured_under_zero == 0)
        SAY(f->cause,
            "each of the %" PRIu32
            " pixels with A = 0 has R = G = B = 0: a program, probably an optimiser or a browser's "
            "canvas, cleared what it took for invisible",
            s.transparent);
    else if (s.transparent > 0 && (s.predicted || s.one_colour))
        SAY(f->cause,
            "each of the %" PRIu32 " pixels with A = 0 has the colour of a neighbour, or one that compresses well: an "
            "optimiser filled what it took for invisible",
            s.transparent);
    else
        SAY(f->cause, "pixels were changed (colours merged or converted), or the picture cut, scaled or padded, after "
                      "it was made");
}

/* ---- pixels that load, and yet are not what they were ---- */

/* A classic program may hold anything, so only the clear marks of a broken v1 program or saved state count. */
static bool suspect_classic(px_finding *f, const px_picture *picture)
{
    const uint32_t first = picture->px[0];
    const char *corner = magic_in_corner(picture);
    if (is_shuffled_magic(first)) {
        SAY(f->what, "pixel 0 is 0x%08" PRIX32 ", the magic of a program or saved state in another order of channels",
            first);
        SAY(f->cause, "a program took RGBA for BGRA, ABGR or ARGB when it saved the picture");
    } else if (corner != NULL) {
        SAY(f->what, "the magic of a program or saved state is in the %s corner, expected pixel 0", corner);
        SAY(f->cause, "the picture was flipped or turned");
    } else if (first == UINT32_C(0x01000000) && picture->w * picture->h >= PX_HEADER_PIXELS &&
               survey_of(picture).premultiplied) {
        SAY(f->what, "pixel 0 is (0,0,0,1), expected a magic; every pixel is as if its RGB had been multiplied by A");
        SAY(f->cause, "premultiplied alpha, as in a browser's canvas: it turns the magic into (0,0,0,1)");
    } else if (is_grey_of_magic(first) && picture->w * picture->h >= PX_HEADER_PIXELS && survey_of(picture).grey) {
        SAY(f->what, "pixel 0 is 0x%08" PRIX32 ", expected a magic; every pixel is grey", first);
        SAY(f->cause, "a program turned colours into greys, those of the magic too");
    } else {
        return false;
    }
    return true;
}

/* With the checksum itself cleared to "none", a v1 header can look well-formed. But no tool writes one whose code ends
 * before it begins, and entry, end and flags are what everybody rewrites who rewrites invisible pixels: their A is 0.
 */
static bool suspect_v1(px_finding *f, const px_picture *picture)
{
    const uint32_t *px = picture->px;
    if ((uint64_t)picture->w * picture->h < PX_HEADER_PIXELS || px[PX_HEADER_CHECKSUM] != 0 ||
        px[PX_HEADER_END] >= PX_HEADER_PIXELS)
        return false;
    SAY(f->what,
        "a v1 program with entry %" PRIu32 ", whose code ends at address %" PRIu32
        ", within its own header; no tool writes such a one",
        px[PX_HEADER_ENTRY], px[PX_HEADER_END]);
    guess_cause(f, picture);
    return true;
}

/* ---- verdicts ---- */

/* Any picture without a magic passes as classic: say so where it does not look like one. */
static void describe_classic(px_finding *f, const px_picture *picture, const char *size)
{
    const bool instruction = px_opcode_of(PX_CLASSIC, (uint8_t)picture->px[0])->mnemonic != NULL;
    SAY(f->what, "a classic program, %s; %s", size,
        instruction ? "the classic format has no checksum, so changed pixels go unseen"
                    : "though pixel 0 is no classic instruction, so rather data, or a program whose magic was changed");
}

static void describe_intact(px_finding *f, const px_picture *picture, const px_state *s)
{
    f->intact = true;
    char size[64];
    SAY(size, "%" PRIu32 " x %" PRIu32 " = %" PRIu32 " pixels", s->w, s->h, px_state_pixels(s));
    if (picture->px[0] == PX_MAGIC_STATE) {
        const bool trapped = s->status == PX_TRAPPED;
        SAY(f->what, "a saved state of a %s program, image %s; status %s%s%s%s, pc %" PRIu32 ", %" PRIu32 " retired",
            s->profile == PX_CLASSIC ? "classic" : "v1", size, px_status_name(s->status), trapped ? " (" : "",
            trapped ? px_cause_name(s->cause) : "", trapped ? ")" : "", s->pc, s->retired);
    } else if (s->profile == PX_CLASSIC) {
        describe_classic(f, picture, size);
    } else {
        char sum[64] = "no checksum, so changed pixels go unseen";
        if (picture->px[PX_HEADER_CHECKSUM] != 0)
            SAY(sum, "checksum 0x%08" PRIX32 " right", picture->px[PX_HEADER_CHECKSUM]);
        SAY(f->what, "a v1 program, %s; entry %" PRIu32 ", end of code %" PRIu32 ", %s", size, s->pc,
            s->mem[PX_HEADER_END], sum);
    }
}

/* A v1 program's checksum, and what it should be; false when there is none. */
static bool checksums_of(const px_picture *picture, uint32_t *stored, uint32_t *right)
{
    *stored = *right = 0;
    if (picture->px[0] != PX_MAGIC_PROGRAM || (uint64_t)picture->w * picture->h < PX_HEADER_PIXELS)
        return false;
    *stored = picture->px[PX_HEADER_CHECKSUM];
    *right = px_checksum(picture->w, picture->h, picture->px);
    return *stored != 0;
}

/* A loader's refusal sends to px check, which need not say so again. A wrong checksum tells more than the header field
 * that a loader stumbled over. */
static void describe_refusal(px_finding *f, const px_picture *picture, const px_error *refusal)
{
    static const char advice[] = "; `px check ";
    uint32_t stored, right;
    if (checksums_of(picture, &stored, &right) && stored != right)
        SAY(f->what, "the checksum (pixel 4) is 0x%08" PRIX32 ", but the pixels give 0x%08" PRIX32, stored, right);
    else
        SAY(f->what, "%.*s",
            (int)(strstr(refusal->text, advice) != NULL ? strstr(refusal->text, advice) - refusal->text : 1000),
            refusal->text);
    guess_cause(f, picture);
    SAY(f->remedy, "%s", copy_again);
}

void px_examine_picture(px_finding *f, const px_picture *picture, const char *name)
{
    px_state state;
    px_error refusal = {0};
    *f = (px_finding){0};
    if (!px_state_view(&state, picture, name, &refusal)) {
        describe_refusal(f, picture, &refusal);
        return;
    }
    const bool saved = picture->px[0] == PX_MAGIC_STATE;
    if (!saved && (state.profile == PX_CLASSIC ? suspect_classic : suspect_v1)(f, picture))
        SAY(f->remedy, "%s", copy_again);
    else
        describe_intact(f, picture, &state);
}

bool px_doubt_picture(const px_picture *picture, const char *name, char *text, size_t size)
{
    px_finding f = {0};
    const bool v1 = picture->px[0] == PX_MAGIC_PROGRAM;
    text[0] = '\0';
    if (picture->px[0] == PX_MAGIC_STATE)
        return false;
    if ((v1 ? suspect_v1 : suspect_classic)(&f, picture))
        snprintf(text, size,
                 "%s runs as a %s program, but is probably damaged: %s; probably: %s; `px check %s` tells more", name,
                 v1 ? "v1" : "classic", f.what, f.cause, name);
    else if (!v1 && px_opcode_of(PX_CLASSIC, (uint8_t)picture->px[0])->mnemonic == NULL)
        snprintf(text, size,
                 "%s runs as a classic program, though pixel 0, 0x%08" PRIX32
                 ", is no classic instruction; `px check %s` tells more",
                 name, picture->px[0], name);
    return text[0] != '\0';
}

/* ---- files ---- */

/* Chunks that no px writes. */
static void list_traces(px_finding *f, const px_png *png)
{
    px_png_chunk chunk = {0};
    char types[64] = "";
    while (px_png_next(png, &chunk)) {
        const size_t used = strlen(types);
        if (strstr("IHDR IDAT IEND", chunk.type) == NULL && strstr(types, chunk.type) == NULL &&
            used + 7 < sizeof types)
            snprintf(types + used, sizeof types - used, "%s%s", used > 0 ? ", " : "", chunk.type);
    }
    if (types[0] != '\0')
        SAY(f->traces, "the file holds %s, which px does not write: another program saved it", types);
}

/* Pixels in another form: are they still those of a picture? */
static bool examine_converted(px_finding *f, const px_png *png, px_error *error)
{
    px_picture picture;
    px_error refusal = {0};
    char form[64];
    px_png_form(png, form, sizeof form);
    if (!px_import_memory(&picture, png->data, png->size, png->name, &refusal)) {
        if (refusal.code == PX_E_SYSTEM)
            return px_fail(error, refusal.code, "%s", refusal.text);
        SAY(f->what, "%s", refusal.text);
        SAY(f->cause, "a program saved the picture as %s, expected 8-bit RGBA", form);
        SAY(f->remedy, "%s", copy_again);
        return true;
    }
    px_finding pixels;
    px_examine_picture(&pixels, &picture, png->name);
    uint32_t stored, right;
    const bool sealed = checksums_of(&picture, &stored, &right) && stored == right;
    px_picture_free(&picture);
    SAY(f->what, "the pixels are %s (colour type %d), expected 8-bit RGBA, not interlaced; as RGBA they are%s %.800s",
        form, png->colour, pixels.intact ? "" : " damaged as well:", pixels.what);
    f->convertible = pixels.intact;
    if (pixels.intact) {
        SAY(f->cause, "a program saved the picture in another form; %s",
            sealed ? "the checksum says that it changed no pixel"
                   : "without a checksum nobody can tell whether it changed pixels");
        SAY(f->remedy, "`px import %s -o NEW.pxi` converts what is there exactly", png->name);
    } else {
        SAY(f->cause, "%s", pixels.cause);
        SAY(f->remedy, "%s", pixels.remedy);
    }
    return true;
}

bool px_examine(px_finding *f, const void *data, size_t size, const char *name, px_error *error)
{
    px_png png;
    px_picture picture;
    px_error refusal = {0};
    *f = (px_finding){0};
    if (!px_png_open(&png, data, size, name, &refusal) || !px_png_no_copy(&png, &refusal)) {
        SAY(f->what, "%s", refusal.text);
        f->text = png.colour == PX_PNG_RGB || px_text_looks(data, size);
        return true;
    }
    if (!px_png_strict(&png)) {
        if (!examine_converted(f, &png, error))
            return false;
    } else if (px_picture_read_memory(&picture, data, size, name, &refusal)) {
        px_examine_picture(f, &picture, name);
        px_picture_free(&picture);
    } else if (refusal.code == PX_E_SYSTEM) {
        return px_fail(error, refusal.code, "%s", refusal.text);
    } else {
        SAY(f->what, "%s", refusal.text);
    }
    if (!f->intact)
        list_traces(f, &png);
    return true;
}

void px_explain_refusal(const void *data, size_t size, const char *name, px_error *refusal)
{
    px_png png;
    px_finding f;
    if (refusal->code != PX_E_INPUT || !px_png_open(&png, data, size, name, NULL) || px_png_strict(&png) ||
        !px_examine(&f, data, size, name, NULL) || f.intact || f.convertible || f.text)
        return;
    const bool named = strncmp(f.what, name, strlen(name)) == 0;
    px_fail(refusal, PX_E_INPUT, "%s%s%s; `px check %s` tells more", named ? "" : name, named ? "" : ": ", f.what,
            name);
}
