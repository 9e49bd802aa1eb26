/* pace.c - see pace.h. */
#include "pxi/pace.h"

#include <stdbool.h>
#include <time.h>

double px_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

px_pace px_pace_of(uint64_t first, double aim) { return (px_pace){.piece = first, .aim = aim, .cheapest = 1e9}; }

uint64_t px_pace_begin(px_pace *pace, uint64_t left)
{
    pace->began = px_seconds();
    return left < pace->piece ? left : pace->piece;
}

/* A piece half as long took about as long: what takes the time now is starting, whatever it was before. So it is with
 * RESUME, which looks at all slots again when a run goes on. */
static bool in_vain(const px_pace *pace, double took)
{
    return pace->piece < pace->last && took > pace->aim && 4 * took > 3 * pace->last_took;
}

void px_pace_end(px_pace *pace)
{
    const double took = px_seconds() - pace->began;
    if (took < pace->cheapest || in_vain(pace, took))
        pace->cheapest = took;
    pace->last = pace->piece;
    pace->last_took = took;
    const double aim = 4 * pace->cheapest > pace->aim ? 4 * pace->cheapest : pace->aim;
    if (took < aim / 2 && pace->piece < UINT64_C(1) << 31)
        pace->piece *= took < aim / 16 ? 8 : 2;
    else if (took > 2 * aim && pace->piece > 1)
        pace->piece /= 2;
}
