/* fast_level_sse2.c - runs of pixels by SSE2, which every x86-64 has. */
#include "vm/fast_lanes.h"

#ifdef __x86_64__
#include <immintrin.h>

#define LEVEL       sse2
#define LEVEL_BYTES 16
#define MM(op)      _mm_##op
typedef __m128i mm;
#include "vm/fast_level_table.h"
#endif
