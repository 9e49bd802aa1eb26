/* vector.h - what a C programmer would write for some vector instructions, compiled with -O3 -march=native: the
 * peer of the fast executor's in tests/bench/vector.c. */
#ifndef TESTS_BENCH_NATIVE_VECTOR_H
#define TESTS_BENCH_NATIVE_VECTOR_H

#include <stddef.h>
#include <stdint.h>

typedef void native_map(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n);

native_map native_vadd, native_vmulh, native_baddu, native_bmulu, native_dot4, native_select;
native_map native_sum; /* to d[0]; y plays no part */
native_map native_scanadd;
native_map native_matmul; /* n x n bytes, y transposed, added to d */

#endif
