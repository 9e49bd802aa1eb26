/* fuzz_cc.c - no bytes harm the translator: what it is given becomes a picture that loads, or a sentence. Its first
 * byte says at which level. */
#include <string.h>

#include "cc/cc.h"
#include "pxi/state.h"
#include "tests/fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    px_cc_options options = {.stack = 64, .heap = 0, .level = byte(&in) % PX_CC_LEVELS};
    px_cc_result result;
    px_error error = {0};
    uint8_t *elf = malloc(in.size + 1); /* so that one byte too many is seen */
    require(elf != NULL, "memory");
    memcpy(elf, in.data, in.size);
    elf = realloc(elf, in.size > 0 ? in.size : 1);
    if (!px_cc_translate(&result, elf, in.size, "fuzz", &options, &error)) {
        require(error.text[0] != '\0' && result.picture.px == NULL, "a refusal says why and leaves nothing");
    } else if (!result.data_overlap) {
        px_state state;
        require(px_state_load(&state, &result.picture, "fuzz", &error), error.text);
        px_state_free(&state);
    }
    px_cc_free(&result);
    free(elf);
    return 0;
}
