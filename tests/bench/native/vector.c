/* vector.c - see vector.h. */
#include "tests/bench/native/vector.h"

void native_vadd(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] = x[i] + y[i];
}

void native_vmulh(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] = (uint32_t)((uint64_t)((int64_t)(int32_t)x[i] * (int32_t)y[i]) >> 32);
}

void native_baddu(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    uint8_t *restrict to = (uint8_t *)d;
    const uint8_t *restrict a = (const uint8_t *)x, *restrict b = (const uint8_t *)y;
    for (size_t i = 0; i < 4 * n; i++) {
        const unsigned sum = (unsigned)a[i] + b[i];
        to[i] = (uint8_t)(sum > 255 ? 255 : sum);
    }
}

void native_bmulu(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    uint8_t *restrict to = (uint8_t *)d;
    const uint8_t *restrict a = (const uint8_t *)x, *restrict b = (const uint8_t *)y;
    for (size_t i = 0; i < 4 * n; i++) {
        const uint16_t u = (uint16_t)((uint16_t)(a[i] * b[i]) + 128);
        to[i] = (uint8_t)((uint16_t)(u + (u >> 8)) >> 8);
    }
}

/* One signed byte of a pixel; as shifts, gcc makes vectors of it, which it does not of a loop over bytes. */
static inline int32_t at(uint32_t pixel, int byte) { return (int32_t)(pixel << (24 - 8 * byte)) >> 24; }

void native_dot4(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] = (uint32_t)(at(x[i], 0) * at(y[i], 0) + at(x[i], 1) * at(y[i], 1) + at(x[i], 2) * at(y[i], 2) +
                          at(x[i], 3) * at(y[i], 3));
}

void native_select(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] = y[i] != 0 ? x[i] : d[i];
}

void native_sum(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    uint32_t sum = 0;
    (void)y;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    d[0] = sum;
}

void native_scanadd(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    uint32_t sum = 0;
    (void)y;
    for (size_t i = 0; i < n; i++) {
        d[i] = sum;
        sum += x[i];
    }
}

void native_matmul(uint32_t *restrict d, const uint32_t *restrict x, const uint32_t *restrict y, size_t n)
{
    const int8_t *restrict a = (const int8_t *)x, *restrict b = (const int8_t *)y;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int32_t sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[j * n + k];
            d[i * n + j] += (uint32_t)sum;
        }
}
