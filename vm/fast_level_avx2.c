/* fast_level_avx2.c - runs of pixels by AVX2. */
#include "vm/fast_lanes.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "pxi/isa.h"

/* The rest of this file, and nothing that a header has defined, is for such a processor alone. */
#if defined __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

#define LEVEL       avx2
#define LEVEL_BYTES 32

#define MM(op) _mm256_##op
typedef __m256i mm;
#include "vm/fast_level_table.h"

#if defined __clang__
#pragma clang attribute pop
#endif
#endif
