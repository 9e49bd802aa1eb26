/* runs.c - see runs.h. */
#include "os/fs/runs.h"

#ifdef __riscv
#include "px.h"
#endif

#ifdef __riscv

static uint32_t a_run[RUN_MOST], b_run[RUN_MOST];

uint32_t run_seal(const uint32_t *words, uint32_t count, uint32_t key)
{
    px_vl(count);
    px_iota(a_run, key, RUN_STEP);
    px_vxor_vv(a_run, a_run, words);
    px_vmul_vx(a_run, a_run, RUN_FIRST);
    px_vshr_vx(b_run, a_run, RUN_SHIFT);
    px_vxor_vv(a_run, a_run, b_run);
    px_vmul_vx(a_run, a_run, RUN_SECOND);
    return px_sum(a_run);
}

/* a_run has 1 where it is, 0 elsewhere. */
static uint32_t first_one(uint32_t count)
{
    const uint32_t at = px_argmax(a_run);
    return a_run[at] != 0 ? at : count;
}

uint32_t run_find(const uint32_t *words, uint32_t count, uint32_t value)
{
    if (count == 0)
        return 0;
    px_vl(count);
    px_vseq_vx(a_run, words, value);
    return first_one(count);
}

uint32_t run_filled(const uint32_t *words, uint32_t count)
{
    if (count == 0)
        return 0;
    px_vl(count);
    px_vseq_vx(a_run, words, 0);
    px_vxor_vx(a_run, a_run, 1);
    return first_one(count);
}

uint32_t run_room(const uint32_t *a, const uint32_t *b, uint32_t count)
{
    if (count == 0)
        return 0;
    px_vl(count);
    px_vor_vv(a_run, a, b);
    px_vseq_vx(a_run, a_run, 0xFFFFFFFF);
    px_vxor_vx(a_run, a_run, 1);
    return first_one(count);
}

uint32_t run_oldest(const uint32_t *words, uint32_t count, uint32_t now)
{
    px_vl(count);
    px_fill(a_run, now);
    px_vsub_vv(a_run, a_run, words);
    return px_argmax(a_run);
}

void run_add_from(uint32_t *words, uint32_t count, uint32_t least, uint32_t added)
{
    px_vl(count);
    px_vsltu_vx(a_run, words, least);
    px_vxor_vx(a_run, a_run, 1);
    px_vmul_vx(a_run, a_run, added);
    px_vadd_vv(words, words, a_run);
}

#else

uint32_t run_seal(const uint32_t *words, uint32_t count, uint32_t key)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t mixed = (words[i] ^ (key + i * RUN_STEP)) * RUN_FIRST;
        mixed ^= mixed >> RUN_SHIFT;
        sum += mixed * RUN_SECOND;
    }
    return sum;
}

uint32_t run_find(const uint32_t *words, uint32_t count, uint32_t value)
{
    uint32_t at = 0;
    while (at < count && words[at] != value)
        at++;
    return at;
}

uint32_t run_filled(const uint32_t *words, uint32_t count)
{
    uint32_t at = 0;
    while (at < count && words[at] == 0)
        at++;
    return at;
}

uint32_t run_room(const uint32_t *a, const uint32_t *b, uint32_t count)
{
    uint32_t at = 0;
    while (at < count && (a[at] | b[at]) == UINT32_MAX)
        at++;
    return at;
}

uint32_t run_oldest(const uint32_t *words, uint32_t count, uint32_t now)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < count; i++)
        at = now - words[i] > now - words[at] ? i : at;
    return at;
}

void run_add_from(uint32_t *words, uint32_t count, uint32_t least, uint32_t added)
{
    for (uint32_t i = 0; i < count; i++)
        words[i] += words[i] >= least ? added : 0;
}

#endif
