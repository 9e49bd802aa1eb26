/* fuzz_disasm.c - any picture, with any symbols, becomes text that assembles to the same picture. Byte 0 of the input
 * is the width, byte 1 how many lines of symbols come first; the rest is pixels. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm.h"
#include "pxi/asm/disasm.h"
#include "pxi/state.h"

static void round_trip(const px_picture *picture, const px_symbol *symbols, size_t count)
{
    char *text = NULL;
    size_t size;
    px_error error;
    px_picture image = {0};
    px_state state = {0};
    if (picture->px[0] == PX_MAGIC_STATE && px_state_load(&state, picture, "fuzz", NULL) &&
        !px_state_image(&state, &image, NULL))
        abort();
    const px_picture *expected = image.px != NULL ? &image : picture;

    FILE *to = open_memstream(&text, &size);
    if (to == NULL || !px_disassemble(to, picture, "fuzz", symbols, count, &error))
        abort();
    fclose(to);
    px_assembly again;
    if (!px_assemble(&again, "again", text, size, NULL) || again.picture.w != expected->w ||
        again.picture.h != expected->h ||
        memcmp(again.picture.px, expected->px, (size_t)expected->w * expected->h * 4) != 0) {
        fputs(text, stderr);
        for (size_t i = 0; i < again.diagnostic_count; i++)
            px_diagnostic_print(stderr, &again.diagnostics[i], false);
        abort();
    }
    px_assembly_free(&again);
    px_picture_free(&image);
    px_state_free(&state);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 6)
        return 0;
    const uint32_t w = data[0] % 64 + 1u;
    size_t lines = data[1] % 8;
    const char *text = (const char *)data + 2, *end = (const char *)data + size, *pixels = text;
    while (lines-- > 0 && memchr(pixels, '\n', (size_t)(end - pixels)) != NULL)
        pixels = (const char *)memchr(pixels, '\n', (size_t)(end - pixels)) + 1;

    px_symbol *symbols = NULL;
    size_t count = 0;
    px_error error;
    (void)px_symbols_read(&symbols, &count, text, (size_t)(pixels - text), "symbols", &error);
    const uint32_t n = (uint32_t)((size_t)(end - pixels) / 4), h = n / w;
    px_picture picture;
    if (h > 0 && px_picture_new(&picture, w, h, NULL)) {
        memcpy(picture.px, pixels, (size_t)w * h * 4); /* as the host stores words: any pixels will do */
        round_trip(&picture, symbols, count);
        px_picture_free(&picture);
    }
    px_symbols_free(symbols, count);
    return 0;
}
