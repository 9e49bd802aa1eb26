/* fast_lanes.c - the level in use: chosen once, by what the processor has. */
#include "vm/fast_lanes.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
static bool has_avx2(void) { return __builtin_cpu_supports("avx2"); }

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
}
#endif

static bool always(void) { return true; }

/* From the least to the best. */
static const struct {
    const px_lanes *lanes;
    bool (*present)(void);
} levels[] = {
    {&px_lanes_plain, always},
#ifdef __x86_64__
    {&px_lanes_sse2, always},
    {&px_lanes_avx2, has_avx2},
    {&px_lanes_avx512, has_avx512},
#endif
};

const px_lanes *px_lanes_of(const char *limit)
{
    const px_lanes *best = NULL;
    for (size_t k = 0; k < sizeof levels / sizeof *levels; k++) {
        if (levels[k].present())
            best = levels[k].lanes;
        if (limit != NULL && strcmp(limit, levels[k].lanes->name) == 0)
            return best;
    }
    return limit == NULL ? best : NULL;
}

/* Threads that come first together choose the same. */
static _Atomic(const px_lanes *) now;

void px_lanes_use(const px_lanes *lanes) { atomic_store_explicit(&now, lanes, memory_order_relaxed); }

const px_lanes *px_lanes_now(void)
{
    const px_lanes *lanes = atomic_load_explicit(&now, memory_order_relaxed);
    if (lanes == NULL) {
        lanes = px_lanes_of(getenv("PX_FAST_SIMD"));
        if (lanes == NULL)
            lanes = px_lanes_of(NULL);
        px_lanes_use(lanes);
    }
    return lanes;
}
