/* fuzz_picture.c - no bytes harm the reader of pictures or the loader of states, and what loads, saves and loads again
 * as the same machine. */
#include <stdio.h>
#include <string.h>

#include "pxi/picture.h"
#include "pxi/png/damage.h"
#include "pxi/png/picture_file.h"
#include "pxi/state.h"
#include "tests/fuzz/png_input.h"

static void require(bool truth, const char *text)
{
    if (truth)
        return;
    fprintf(stderr, "broken: %s\n", text);
    abort();
}

static void load_save_load(const px_picture *picture)
{
    px_state first, second;
    px_picture saved;
    px_error error = {0};
    char difference[256];
    if (!px_state_load(&first, picture, "fuzz", &error)) {
        require(error.text[0] != '\0' && first.mem == NULL, "a refusal says why and leaves nothing");
        return;
    }
    require(px_state_valid(&first, "fuzz", &error), error.text);
    require(px_state_save(&first, &saved, &error), error.text);
    require(px_state_load(&second, &saved, "fuzz", &error), error.text);
    require(px_state_equal(&first, "first", &second, "second", difference, sizeof difference), difference);
    px_state_free(&first);
    px_state_free(&second);
    px_picture_free(&saved);
}

/* The bytes as pixels, without a file around them. */
static void judge_pixels(const uint8_t *data, size_t size)
{
    px_picture picture;
    px_finding finding;
    const uint32_t w = size > 0 ? data[0] | 1u : 1;
    const uint32_t h = (uint32_t)(size / 4 / w + 1);
    if (!px_picture_new(&picture, w, h, NULL))
        return;
    if (size > 1)
        memcpy(picture.px, data + 1, size - 1 < (size_t)w * h * 4 ? size - 1 : (size_t)w * h * 4);
    if (size > 0 && data[0] & 1) /* let mutations past the checksum as well */
        picture.px[4 < w * h ? 4 : 0] = px_checksum(w, h, picture.px);
    load_save_load(&picture);
    px_examine_picture(&finding, &picture, "fuzz");
    px_picture_free(&picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    px_picture picture;
    px_error error = {0};
    bytes file = fuzzed_png(data, size);
    if (px_picture_read_memory(&picture, file.data, file.size, "fuzz", &error))
        load_save_load(&picture);
    else
        require(error.text[0] != '\0' && picture.px == NULL, "a refusal says why and leaves nothing");
    px_picture_free(&picture);
    bytes_free(&file);
    judge_pixels(data, size);
    return 0;
}
