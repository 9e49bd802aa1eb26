/* fast_level_avx512.c - runs of pixels by AVX-512 with VNNI. */
#include "vm/fast_lanes.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "pxi/isa.h"

/* The rest of this file, and nothing that a header has defined, is for such a processor alone. */
#if defined __clang__
#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,popcnt"))),     \
                             apply_to = function)
#else
#pragma GCC target("avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,popcnt")
#endif

#define LEVEL       avx512
#define LEVEL_BYTES 64
#define LEVEL_512
#define MM(op) _mm512_##op
typedef __m512i mm;
#include "vm/fast_level_table.h"

#if defined __clang__
#pragma clang attribute pop
#endif
#endif
