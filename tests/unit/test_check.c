/* test_check.c - px check: intact pictures are named for what they are, and each kind of damage for what it is.
 *
 * Damage is done here as the programs of the world do it: clearing, premultiplying, swapping, flipping pixels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pxi/pixel.h"
#include "pxi/png/damage.h"
#include "pxi/png/picture_file.h"
#include "pxi/state.h"
#include "tests/unit/make_png.h"
#include "tests/unit/run_command.h"

static const char name[] = "some/place/x.pxi";

/* A 4 x 3 v1 program. Its last seven pixels have every kind of alpha. */
enum { W = 4, H = 3, N = W * H };
static const uint32_t program[N] = {0x01495850, 5,          9,          0,          0x0,        0x00030201,
                                    0x00FF0102, 0x7F102030, 0x00000000, 0xFFAABBCC, 0x80FF00FF, 0x00000001};

static px_picture sealed(void)
{
    px_picture p;
    assert_true(px_picture_new(&p, W, H, NULL));
    memcpy(p.px, program, sizeof program);
    p.px[4] = px_checksum(W, H, p.px);
    return p;
}

static px_finding examine(const bytes *file)
{
    px_finding f;
    px_error e = {0};
    if (!px_examine(&f, file->data, file->size, name, &e))
        fail_msg("%s", e.text);
    return f;
}

static px_finding examine_pixels(const px_picture *p)
{
    bytes file = png_of_pixels(p->w, p->h, p->px);
    const px_finding f = examine(&file);
    bytes_free(&file);
    return f;
}

static void expect_words(const char *field, const char *words)
{
    if (words == NULL ? field[0] != '\0' : strstr(field, words) == NULL)
        fail_msg("expected '%s' in: %s", words == NULL ? "nothing" : words, field);
}

static void expect_intact(const px_finding *f, const char *what)
{
    if (!f->intact)
        fail_msg("damaged: %s (%s)", f->what, f->cause);
    expect_words(f->what, what);
    expect_words(f->cause, NULL);
    expect_words(f->remedy, NULL);
    expect_words(f->traces, NULL);
}

static void expect_damaged(const px_finding *f, const char *what, const char *cause, const char *remedy)
{
    if (f->intact)
        fail_msg("intact: %s; expected damage: %s", f->what, what);
    expect_words(f->what, what);
    expect_words(f->cause, cause);
    expect_words(f->remedy, remedy);
}

/* ---- intact ---- */

static void tells_what_a_picture_is(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    char what[128];
    snprintf(what, sizeof what, "a v1 program, 4 x 3 = 12 pixels; entry 5, end of code 9, checksum 0x%08X right",
             (unsigned)p.px[4]);
    px_finding f = examine_pixels(&p);
    expect_intact(&f, what);
    p.px[4] = 0;
    f = examine_pixels(&p);
    expect_intact(&f, "entry 5, end of code 9, no checksum, so changed pixels go unseen");
    p.px[0] = 0x03020102;
    f = examine_pixels(&p);
    expect_intact(&f, "a classic program, 4 x 3 = 12 pixels; the classic format has no checksum");
    p.px[0] = 0x01675B52; /* the magic after a change of gamma: rather suspect, but data may begin so */
    f = examine_pixels(&p);
    expect_intact(&f, "though pixel 0 is no classic instruction, so rather data, or a program whose magic was changed");
    px_picture_free(&p);
}

static void tells_a_saved_state(void **unused)
{
    (void)unused;
    px_state s;
    px_picture p;
    assert_true(px_state_new(&s, PX_V1, 300, 2, NULL));
    s.pc = 17;
    s.retired = 1234;
    s.status = PX_TRAPPED;
    s.cause = PX_TRAP_OVERLAP;
    assert_true(px_state_save(&s, &p, NULL));
    px_finding f = examine_pixels(&p);
    expect_intact(&f, "a saved state of a v1 program, image 300 x 2 = 600 pixels; status TRAPPED (OVERLAP), pc 17, "
                      "1234 retired");
    px_picture_free(&p);
    px_state_free(&s);

    assert_true(px_state_new(&s, PX_CLASSIC, 16, 16, NULL));
    s.status = PX_HALTED;
    assert_true(px_state_save(&s, &p, NULL));
    f = examine_pixels(&p);
    expect_intact(&f, "a saved state of a classic program, image 16 x 16 = 256 pixels; status HALTED, pc 0");
    px_picture_free(&p);
    px_state_free(&s);
}

/* Pictures that begin like damaged ones and are nothing of the kind. */
static void suspects_no_innocent_picture(void **unused)
{
    (void)unused;
    static const uint32_t black[5] = {0xFF000000, 0xFF000000, 0xFF000000, 0xFF000000, 0xFF000000};
    static const uint32_t serial[6] = {0x01000000, 0x01030148, 0x01030169, 0x01030148, 0x01030169, 0x02000000};
    px_picture p;
    assert_true(px_picture_new(&p, 5, 1, NULL));
    px_finding f = examine_pixels(&p); /* blank */
    expect_intact(&f, "a classic program");
    memcpy(p.px, black, sizeof black);
    f = examine_pixels(&p);
    expect_intact(&f, "a classic program");
    px_picture_free(&p);
    assert_true(px_picture_new(&p, 6, 1, NULL));
    memcpy(p.px, serial, sizeof serial); /* (0,0,0,1) first, but colours that no premultiplication leaves */
    f = examine_pixels(&p);
    expect_intact(&f, "a classic program");
    px_picture_free(&p);
    assert_true(px_picture_new(&p, 5, 1, NULL)); /* a v1 program that starts in its header */
    memcpy(p.px, (uint32_t[]){0x01495850, 0, 5, 0, 0}, 20);
    f = examine_pixels(&p);
    expect_intact(&f, "a v1 program");
    px_picture_free(&p);
    px_state s; /* a classic state whose last pixel happens to be the magic */
    assert_true(px_state_new(&s, PX_CLASSIC, 2, 2, NULL));
    s.mem[3] = 0x01495850;
    assert_true(px_state_save(&s, &p, NULL));
    f = examine_pixels(&p);
    expect_intact(&f, "a saved state of a classic program");
    px_picture_free(&p);
    px_state_free(&s);
    assert_true(px_picture_new(&p, 1, 1, NULL));
    p.px[0] = 0x01000000; /* too small to have been a v1 program */
    f = examine_pixels(&p);
    expect_intact(&f, "a classic program");
    px_picture_free(&p);
}

/* ---- the file ---- */

static void tells_broken_files(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    bytes file = png_of_pixels(W, H, p.px);
    const size_t size = file.size;

    file.size = 0;
    px_finding f = examine(&file);
    expect_damaged(&f, "some/place/x.pxi is empty", NULL, NULL);
    file.size = size - 1;
    f = examine(&file);
    expect_damaged(&f, "is truncated: it ends after", NULL, NULL);
    file.size = size;
    file.data[size - 1] ^= 1;
    f = examine(&file);
    expect_damaged(&f, "the IEND chunk at byte", NULL, NULL);
    file.data[size - 1] ^= 1;
    put_byte(&file, 0);
    f = examine(&file);
    expect_damaged(&f, "has 1 bytes after its end (IEND)", NULL, NULL);
    file.data[1] = 'M';
    f = examine(&file);
    expect_damaged(&f, "is not a PNG file", NULL, NULL);
    bytes_free(&file);

    file = png_file(W, H - 1, 8, 6, p.px, 4 * W, NULL);
    file.data[23] = H; /* the header claims a row that is not there */
    const uint32_t crc = (uint32_t)crc32(0, file.data + 12, 17);
    for (int i = 0; i < 4; i++)
        file.data[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    f = examine(&file);
    expect_damaged(&f, "the compressed pixels end in row 2, expected 3 rows", NULL, NULL);
    bytes_free(&file);
    px_picture_free(&p);
}

static void tells_the_traces_of_other_programs(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    p.px[5] ^= 1;
    bytes extra = {0};
    put_chunk(&extra, "gAMA", "\0\0\xB1\x8F", 4);
    put_chunk(&extra, "tEXt", "Software\0x", 10);
    put_chunk(&extra, "tEXt", "Comment\0x", 9);
    bytes file = png_file(W, H, 8, 6, p.px, 4 * W, &extra);
    px_finding f = examine(&file);
    expect_damaged(&f, "the checksum (pixel 4)", "pixels were changed", "assemble it again");
    expect_words(f.traces, "the file holds gAMA, tEXt, which px does not write");
    bytes_free(&file);

    p.px[5] ^= 1; /* the same chunks around intact pixels mean nothing */
    file = png_file(W, H, 8, 6, p.px, 4 * W, &extra);
    f = examine(&file);
    expect_intact(&f, "a v1 program");
    bytes_free(&file);
    bytes_free(&extra);
    px_picture_free(&p);
}

/* ---- another form ---- */

/* The program as palette indices: what an optimiser makes of a picture of few colours. */
static bytes as_palette(const px_picture *p, bool with_alpha)
{
    bytes extra = {0}, colours = {0}, alphas = {0};
    uint8_t rows[N];
    for (uint8_t i = 0; i < N; i++) {
        rows[i] = i;
        for (unsigned k = 0; k < 3; k++)
            put_byte(&colours, (int)px_byte(p->px[i], k));
        put_byte(&alphas, (int)px_byte(p->px[i], 3));
    }
    put_chunk(&extra, "PLTE", colours.data, colours.size);
    if (with_alpha)
        put_chunk(&extra, "tRNS", alphas.data, alphas.size);
    bytes file = png_file(W, H, 8, 3, rows, W, &extra);
    bytes_free(&extra);
    bytes_free(&colours);
    bytes_free(&alphas);
    return file;
}

static void tells_other_forms(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    bytes file = as_palette(&p, true);
    px_finding f = examine(&file);
    expect_damaged(
        &f,
        "the pixels are 8-bit palette (colour type 3), expected 8-bit RGBA, not interlaced; as RGBA they are "
        "a v1 program, 4 x 3 = 12 pixels",
        "the checksum says that it changed no pixel",
        "`px import some/place/x.pxi -o NEW.pxi` converts what is there exactly");
    expect_words(f.traces, "PLTE, tRNS");
    bytes_free(&file);

    p.px[4] = 0;
    file = as_palette(&p, true);
    f = examine(&file);
    expect_damaged(&f, "no checksum", "without a checksum nobody can tell", "`px import");
    bytes_free(&file);

    px_picture classic = sealed();
    classic.px[0] = 0x03020102;
    file = as_palette(&classic, true);
    f = examine(&file);
    expect_damaged(&f, "a classic program", "without a checksum nobody can tell", "`px import");
    bytes_free(&file);
    px_picture_free(&classic);

    file = as_palette(&p, false); /* the alpha channel is gone for good */
    f = examine(&file);
    expect_damaged(&f, "as RGBA they are damaged as well: some/place/x.pxi: pixel 0 says a program of version 255",
                   "dropped the alpha channel", "take the picture from its source again");
    bytes_free(&file);

    file = png_file(1, 1, 16, 0, "\1\2", 2, NULL);
    f = examine(&file);
    expect_damaged(&f, "pixel (0,0) has grey = 0x0102", "a program saved the picture as 16-bit grey",
                   "from its source");
    bytes_free(&file);
    px_picture_free(&p);
}

/* ---- the pixels ---- */

static void tells_a_wrong_checksum(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    char what[128];
    const uint32_t stored = p.px[4];
    p.px[9] ^= 0x100;
    snprintf(what, sizeof what, "the checksum (pixel 4) is 0x%08X, but the pixels give 0x%08X", (unsigned)stored,
             (unsigned)px_checksum(W, H, p.px));
    px_finding f = examine_pixels(&p);
    expect_damaged(&f, what, "pixels were changed (colours merged or converted), or the picture cut, scaled or padded",
                   "assemble it again");
    px_picture_free(&p);
}

static void tells_wrong_header_fields(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t address, value;
        const char *what;
    } cases[] = {
        {1, 12, "the entry (pixel 1) is 12, expected an address below 12"},
        {2, 13, "the end of code (pixel 2) is 13, expected at most 12"},
        {3, 7, "the flags (pixel 3) are 0x00000007, expected 0"},
        {0, 0x02495850, "pixel 0 says a program of version 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_picture p = sealed();
        p.px[4] = 0;
        p.px[cases[i].address] = cases[i].value;
        px_finding f = examine_pixels(&p);
        expect_damaged(&f, cases[i].what, "pixels were changed", "assemble it again");
        px_picture_free(&p);
    }
}

static void tells_cleared_transparent_pixels(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    uint32_t transparent = 0;
    for (int i = 0; i < N; i++)
        if (p.px[i] >> 24 == 0) {
            p.px[i] = 0;
            transparent++;
        }
    char cause[64];
    snprintf(cause, sizeof cause, "each of the %u pixels with A = 0 has R = G = B = 0", (unsigned)transparent);
    px_finding f = examine_pixels(&p);
    expect_damaged(&f, "the checksum (pixel 4)", cause, "assemble it again");
    p.px[4] = 0; /* a checksum whose top byte was 0 is cleared with the rest: "none" */
    f = examine_pixels(&p);
    expect_damaged(&f, "entry 0, whose code ends at address 0, within its own header", "with A = 0 has R = G = B = 0",
                   "assemble it again");
    px_picture_free(&p);

    px_state s; /* a saved state's fields are small numbers, so it loses them all */
    assert_true(px_state_new(&s, PX_V1, 20, 4, NULL));
    s.pc = 3;
    assert_true(px_state_save(&s, &p, NULL));
    for (uint32_t i = 0; i < p.w * p.h; i++)
        p.px[i] = p.px[i] >> 24 == 0 ? 0 : p.px[i];
    f = examine_pixels(&p);
    expect_damaged(&f, "the saved state says W = 0, but the picture is 20 wide", "cleared what it took for invisible",
                   "from its source again");
    px_picture_free(&p);
    px_state_free(&s);
}

static uint32_t channel_or_0(const px_picture *p, size_t x, unsigned k, bool there)
{
    return there ? px_byte(p->px[x], k) : 0;
}

/* What an optimiser puts under A = 0: what a filter predicts (Sub, Up, Average, Paeth), or the next pixel's colour. */
static uint32_t fill_of(const px_picture *p, size_t x, unsigned k, int how)
{
    const uint32_t left = channel_or_0(p, x - 1, k, x % W > 0), up = channel_or_0(p, x - W, k, x >= W);
    const uint32_t corner = channel_or_0(p, x - W - 1, k, x >= W && x % W > 0);
    const int estimate = (int)left + (int)up - (int)corner;
    const int to_left = abs(estimate - (int)left), to_up = abs(estimate - (int)up);
    const int to_corner = abs(estimate - (int)corner);
    switch (how) {
    case 0:
        return left;
    case 1:
        return up;
    case 2:
        return (left + up) / 2;
    case 3:
        return to_left <= to_up && to_left <= to_corner ? left : to_up <= to_corner ? up : corner;
    default:
        return channel_or_0(p, x + 1, k, x + 1 < N);
    }
}

static void tells_filled_transparent_pixels(void **unused)
{
    (void)unused;
    for (int how = 0; how < 5; how++) {
        px_picture p = sealed();
        p.px[4] = 0; /* as a result is saved */
        for (size_t i = 0; i < N; i++) {
            const size_t x = how == 4 ? N - 1 - i : i;
            if (p.px[x] >> 24 == 0)
                p.px[x] = px_rgba(fill_of(&p, x, 0, how), fill_of(&p, x, 1, how), fill_of(&p, x, 2, how), 0);
        }
        px_finding f = examine_pixels(&p);
        expect_damaged(&f, "", "an optimiser", "assemble it again");
        px_picture_free(&p);
    }
    /* One colour for all that is invisible. */
    px_picture one = sealed();
    for (int i = 0; i < N; i++)
        if (one.px[i] >> 24 == 0)
            one.px[i] = 0x00030907;
    px_finding g = examine_pixels(&one);
    expect_damaged(&g, "checksum", "an optimiser filled", "assemble it again");
    px_picture_free(&one);
    /* Only the header filled, with what is there above it: nothing. */
    px_picture p = sealed();
    p.px[1] = p.px[2] = p.px[4] = 0;
    px_finding f = examine_pixels(&p);
    expect_damaged(&f, "whose code ends at address 0, within its own header", "", "assemble it again");
    p.px[1] = 5;
    p.px[2] = 5; /* no code at all: what the assembler writes for a program of data */
    f = examine_pixels(&p);
    expect_intact(&f, "a v1 program");
    p.px[2] = 4;
    f = examine_pixels(&p);
    expect_damaged(&f, "code ends at address 4", "", "assemble it again");
    p.px[4] = px_checksum(W, H, p.px); /* odd, and as it was made */
    f = examine_pixels(&p);
    expect_intact(&f, "a v1 program");
    px_picture_free(&p);
}

/* ---- before a run ---- */

static void a_loader_is_told_of_doubts(void **unused)
{
    (void)unused;
    char text[2048];
    px_picture p = sealed();
    assert_false(px_doubt_picture(&p, name, text, sizeof text));
    p.px[1] = p.px[2] = p.px[4] = 0;
    assert_true(px_doubt_picture(&p, name, text, sizeof text));
    expect_words(text, "some/place/x.pxi runs as a v1 program, but is probably damaged");
    expect_words(text, "`px check some/place/x.pxi` tells more");
    p.px[0] = 0x01505849;
    assert_true(px_doubt_picture(&p, name, text, sizeof text));
    expect_words(text, "runs as a classic program, but is probably damaged: pixel 0 is 0x01505849, the magic");
    p.px[0] = 0x00000077;
    assert_true(px_doubt_picture(&p, name, text, sizeof text));
    expect_words(text, "runs as a classic program, though pixel 0, 0x00000077, is no classic instruction");
    p.px[0] = 0x03020101;
    assert_false(px_doubt_picture(&p, name, text, sizeof text));
    px_picture_free(&p);
}

static void a_refusal_recommends_no_conversion_of_damage(void **unused)
{
    (void)unused;
    px_picture p = sealed(), read;
    for (int with_alpha = 0; with_alpha < 2; with_alpha++) {
        px_error e = {0};
        bytes file = as_palette(&p, with_alpha);
        assert_false(px_picture_read_memory(&read, file.data, file.size, name, &e));
        px_explain_refusal(file.data, file.size, name, &e);
        expect_words(e.text, with_alpha ? "`px import some/place/x.pxi -o NEW.pxi` converts it exactly"
                                        : "as RGBA they are damaged as well");
        assert_true(with_alpha || strstr(e.text, "px import") == NULL);
        bytes_free(&file);
    }
    px_picture_free(&p);
}

/* As a browser's canvas does: 8-bit RGB times A, and divided again when the picture is saved. */
static uint32_t through_canvas(uint32_t pixel, bool divide)
{
    const uint32_t a = pixel >> 24;
    uint32_t out = 0;
    for (unsigned k = 0; k < 3; k++) {
        const double multiplied = (double)(px_byte(pixel, k) * a * 2 + 255) / 510;
        uint32_t c = (uint32_t)multiplied;
        if (divide && a != 0)
            c = (uint32_t)((double)c * 255 / a + 0.5);
        out |= (c > 255 ? 255 : c) << 8 * k;
    }
    return out | a << 24;
}

static void tells_premultiplied_pixels(void **unused)
{
    (void)unused;
    for (int divide = 0; divide < 2; divide++) {
        px_picture p = sealed();
        for (int i = 0; i < N; i++)
            p.px[i] = through_canvas(p.px[i], divide);
        px_finding f = examine_pixels(&p);
        expect_damaged(&f, "pixel 0 is (0,0,0,1), expected a magic", "premultiplied alpha, as in a browser's canvas",
                       "assemble it again");
        px_picture_free(&p);
    }
}

static void tells_swapped_channels(void **unused)
{
    (void)unused;
    px_picture p = sealed();
    p.px[0] = 0x01505849; /* B G R A */
    px_finding f = examine_pixels(&p);
    expect_damaged(&f, "pixel 0 is 0x01505849, the magic", "BGRA, ABGR or ARGB", "assemble it again");
    p.px[0] = 0x50584901; /* A B G R */
    f = examine_pixels(&p);
    expect_damaged(&f, "pixel 0 is 0x50584901, the magic", "BGRA, ABGR or ARGB", "assemble it again");
    p.px[0] = 0x50585301; /* the same of a saved state */
    f = examine_pixels(&p);
    expect_damaged(&f, "pixel 0 is 0x50585301, the magic", "BGRA, ABGR or ARGB", "assemble it again");
    p.px[0] = 0x49585001; /* A R G B */
    f = examine_pixels(&p);
    expect_damaged(&f, "pixel 0 is 0x49585001, the magic", "BGRA, ABGR or ARGB", "assemble it again");
    p.px[0] = 0x01490150; /* two of its bytes, one of them twice */
    f = examine_pixels(&p);
    expect_intact(&f, "a classic program");
    px_picture_free(&p);
}

/* The magic's colour is (80, 88, 73). Pillow and GIMP make 84 of it (0.299 R + 0.587 G + 0.114 B), others 85 (0.2126,
 * 0.7152, 0.0722), the average 80, the mean of the extremes 80. */
static void tells_pictures_turned_grey(void **unused)
{
    (void)unused;
    static const double weights[][3] = {{0.299, 0.587, 0.114}, {0.2126, 0.7152, 0.0722}, {1 / 3., 1 / 3., 1 / 3.}};
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        px_picture p = sealed();
        for (int x = 0; x < N; x++) {
            double sum = 0.5;
            for (unsigned k = 0; k < 3; k++)
                sum += weights[i][k] * px_byte(p.px[x], k);
            p.px[x] = px_rgba((uint32_t)sum, (uint32_t)sum, (uint32_t)sum, p.px[x] >> 24);
        }
        px_finding f = examine_pixels(&p);
        expect_damaged(&f, "expected a magic; every pixel is grey", "turned colours into greys", "assemble it again");
        p.px[N - 1] ^= 1;
        f = examine_pixels(&p);
        expect_intact(&f, "a classic program");
        px_picture_free(&p);
    }
}

static void tells_flipped_pictures(void **unused)
{
    (void)unused;
    static const struct {
        int corner;
        const char *words;
    } cases[] = {{W - 1, "top right corner"}, {N - W, "bottom left corner"}, {N - 1, "bottom right corner"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_picture p = sealed();
        const uint32_t other = p.px[cases[i].corner];
        p.px[cases[i].corner] = p.px[0];
        p.px[0] = other;
        px_finding f = examine_pixels(&p);
        expect_damaged(&f, cases[i].words, "flipped or turned", "assemble it again");
        px_picture_free(&p);
    }
}

static void tells_enlarged_and_flattened_pictures(void **unused)
{
    (void)unused;
    px_picture small = sealed(), large;
    assert_true(px_picture_new(&large, 2 * W, 2 * H, NULL));
    for (uint32_t y = 0; y < 2 * H; y++)
        for (uint32_t x = 0; x < 2 * W; x++)
            large.px[y * 2 * W + x] = small.px[y / 2 * W + x / 2];
    px_finding f = examine_pixels(&large);
    expect_damaged(&f, "the checksum (pixel 4)", "the picture was enlarged", "assemble it again");
    px_picture_free(&large);

    for (int i = 0; i < N; i++)
        small.px[i] |= 0xFF000000;
    f = examine_pixels(&small);
    expect_damaged(&f, "a program of version 255", "A is 255 in pixel 0, and 0 or 255 in all others",
                   "assemble it again");
    small.px[3] = 0; /* one colour kept as transparent */
    f = examine_pixels(&small);
    expect_damaged(&f, "a program of version 255", "A is 255 in pixel 0, and 0 or 255 in all others",
                   "assemble it again");
    small.px[3] = 0x02000000;
    f = examine_pixels(&small);
    expect_damaged(&f, "a program of version 255", "pixels were changed", "assemble it again");
    px_picture_free(&small);
}

static void tells_cut_states(void **unused)
{
    (void)unused;
    px_state s;
    px_picture p;
    assert_true(px_state_new(&s, PX_V1, 300, 4, NULL));
    s.reg[0] = 5;
    assert_true(px_state_save(&s, &p, NULL));
    p.h = 3;
    px_finding f = examine_pixels(&p);
    expect_damaged(&f, "says H = 4, but below the registers the picture has 2 rows", "cut, scaled or padded",
                   "from its source");
    px_picture_free(&p);
    px_state_free(&s);
}

/* ---- the command ---- */

static char folder[] = "/tmp/px-test-XXXXXX";
static char good[64], bad[64], absent[64];

static int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(good, sizeof good, "%s/good.pxi", folder);
    snprintf(bad, sizeof bad, "%s/bad.pxi", folder);
    snprintf(absent, sizeof absent, "%s/absent.pxi", folder);
    px_picture p = sealed();
    bytes file = png_of_pixels(W, H, p.px);
    write_file(good, &file);
    bytes_free(&file);
    p.px[11] = 2;
    file = png_of_pixels(W, H, p.px);
    write_file(bad, &file);
    bytes_free(&file);
    px_picture_free(&p);
    return 0;
}

static int remove_folder(void **unused)
{
    (void)unused;
    unlink(good);
    unlink(bad);
    return rmdir(folder);
}

static void command_has_a_status_for_each_verdict(void **unused)
{
    (void)unused;
    char expected[256];
    run_result r = run_command(px_cmd_check, (char *[]){"px check", good, NULL});
    snprintf(expected, sizeof expected, "%s: intact: a v1 program", good);
    assert_int_equal(r.status, 0);
    expect_words(r.text, expected);

    r = run_command(px_cmd_check, (char *[]){"px check", bad, NULL});
    snprintf(expected, sizeof expected, "%s: damaged\n  found   the checksum (pixel 4) is 0x", bad);
    assert_int_equal(r.status, 1);
    expect_words(r.text, expected);
    expect_words(r.text, "\n  cause   probably: pixels were changed");
    expect_words(r.text, "\n  remedy  take the picture from its source again");

    r = run_command(px_cmd_check, (char *[]){"px check", absent, NULL});
    snprintf(expected, sizeof expected, "px check: %s: cannot read it: No such file", absent);
    assert_int_equal(r.status, 2);
    expect_words(r.text, expected);
}

static void command_judges_every_file(void **unused)
{
    (void)unused;
    char expected[256];
    run_result r = run_command(px_cmd_check, (char *[]){"px check", bad, good, NULL});
    assert_int_equal(r.status, 1);
    snprintf(expected, sizeof expected, "%s: intact", good);
    expect_words(r.text, expected);
    r = run_command(px_cmd_check, (char *[]){"px check", absent, bad, NULL});
    assert_int_equal(r.status, 2);
    snprintf(expected, sizeof expected, "%s: damaged", bad);
    expect_words(r.text, expected);
    r = run_command(px_cmd_check, (char *[]){"px check", "--quiet", good, good, NULL});
    assert_int_equal(r.status, 0);
    assert_string_equal(r.text, "");
}

static void command_explains_its_use(void **unused)
{
    (void)unused;
    run_result r = run_command(px_cmd_check, (char *[]){"px check", NULL});
    assert_int_equal(r.status, 2);
    expect_words(r.text, "no picture given");
    r = run_command(px_cmd_check, (char *[]){"px check", "--loud", good, NULL});
    assert_int_equal(r.status, 2);
    r = run_command(px_cmd_check, (char *[]){"px check", "--help", NULL});
    assert_int_equal(r.status, 0);
    expect_words(r.text, "Exit status: 0 all intact");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_a_picture_is),
        cmocka_unit_test(tells_a_saved_state),
        cmocka_unit_test(suspects_no_innocent_picture),
        cmocka_unit_test(tells_broken_files),
        cmocka_unit_test(tells_the_traces_of_other_programs),
        cmocka_unit_test(tells_other_forms),
        cmocka_unit_test(tells_a_wrong_checksum),
        cmocka_unit_test(tells_wrong_header_fields),
        cmocka_unit_test(tells_cleared_transparent_pixels),
        cmocka_unit_test(tells_filled_transparent_pixels),
        cmocka_unit_test(a_loader_is_told_of_doubts),
        cmocka_unit_test(a_refusal_recommends_no_conversion_of_damage),
        cmocka_unit_test(tells_premultiplied_pixels),
        cmocka_unit_test(tells_swapped_channels),
        cmocka_unit_test(tells_pictures_turned_grey),
        cmocka_unit_test(tells_flipped_pictures),
        cmocka_unit_test(tells_enlarged_and_flattened_pictures),
        cmocka_unit_test(tells_cut_states),
        cmocka_unit_test_setup_teardown(command_has_a_status_for_each_verdict, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(command_judges_every_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(command_explains_its_use, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
