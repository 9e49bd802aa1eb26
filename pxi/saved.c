/* saved.c - see saved.h. */
#include "pxi/saved.h"

#include <inttypes.h>
#include <stdio.h>

bool px_saved_at(const uint32_t *mem, uint32_t n, uint32_t at, px_saved *saved)
{
    const uint32_t *word = mem + at;
    if (n <= PX_STATE_WORDS || at >= n - PX_STATE_WORDS || word[PX_SAVED_MAGIC] != PX_MAGIC_STATE ||
        word[PX_SAVED_PROFILE] != PX_V1 || word[PX_SAVED_W] == 0)
        return false;
    *saved = (px_saved){.at = at,
                        .machine = {.profile = PX_V1,
                                    .w = word[PX_SAVED_W],
                                    .h = word[PX_SAVED_H],
                                    .pc = word[PX_SAVED_PC],
                                    .vl = word[PX_SAVED_VL],
                                    .status = word[PX_SAVED_STATUS],
                                    .cause = word[PX_SAVED_CAUSE],
                                    .value = word[PX_SAVED_VALUE],
                                    .retired = word[PX_SAVED_RETIRED]}};
    const uint64_t w = saved->machine.w, image = at + px_state_rows(saved->machine.w) * w;
    if (!px_state_fields_valid(&saved->machine, "", NULL) || image + w * saved->machine.h > n)
        return false;
    saved->image = (uint32_t)image;
    saved->end = (uint32_t)(image + w * saved->machine.h);
    return true;
}

bool px_saved_next(const px_state *state, uint32_t *at, px_saved *saved)
{
    const uint32_t n = px_state_pixels(state);
    for (; state->profile == PX_V1 && *at < n; ++*at)
        if (px_saved_at(state->mem, n, *at, saved)) {
            *at = saved->end;
            return true;
        }
    return false;
}

bool px_saved_around(const uint32_t *mem, uint32_t n, uint32_t address, px_saved *saved)
{
    for (uint32_t at = address + 1; at-- > 0;)
        if (mem[at] == PX_MAGIC_STATE && px_saved_at(mem, n, at, saved) && address < saved->end)
            return true;
    return false;
}

void px_saved_part(const px_saved *saved, uint32_t address, char *text, size_t size)
{
    static const char *const field[] = {"magic", "profile", "W",     "H",     "pc",
                                        "vl",    "status",  "cause", "value", "retired"};
    const uint32_t k = address - saved->at;
    if (k < PX_SAVED_REG)
        snprintf(text, size, "%s", field[k]);
    else if (k < PX_STATE_WORDS)
        snprintf(text, size, "r%" PRIu32, k - PX_SAVED_REG);
    else if (address < saved->image)
        snprintf(text, size, "padding");
    else
        snprintf(text, size, "pixel (%" PRIu32 ",%" PRIu32 ")", (address - saved->image) % saved->machine.w,
                 (address - saved->image) / saved->machine.w);
}
