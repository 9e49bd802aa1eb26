/* rng.h - a small random number generator (SplitMix64) whose numbers are the same on every machine, so that a seed and
 * a case number always mean the same program. */
#ifndef TESTS_RANDOM_RNG_H
#define TESTS_RANDOM_RNG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rng {
    uint64_t state;
} rng;

static inline uint64_t rng_next64(rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline uint32_t rng_next(rng *r) { return (uint32_t)(rng_next64(r) >> 32); }

/* 0..n-1; 0 for n = 0. */
static inline uint32_t rng_below(rng *r, uint32_t n) { return (uint32_t)((uint64_t)rng_next(r) * n >> 32); }

static inline uint32_t rng_between(rng *r, uint32_t low, uint32_t high) { return low + rng_below(r, high - low + 1); }

static inline bool rng_chance(rng *r, uint32_t percent) { return rng_below(r, 100) < percent; }

/* The generator of case number k of a seed: neighbouring cases have nothing in common. */
static inline rng rng_of_case(uint64_t seed, uint64_t k)
{
    rng r = {seed};
    r.state = rng_next64(&r) ^ (k * UINT64_C(0xD1342543DE82EF95));
    (void)rng_next64(&r);
    return r;
}

#endif
