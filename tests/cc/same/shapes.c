/* shapes.c - bit-fields, halves, signed bytes, unions, packed structs, struct copies. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct fields {
    uint32_t a : 3, b : 11, c : 18;
    int32_t d : 7, e : 12;
    int16_t f;
    uint16_t g;
    int8_t h;
    uint8_t i;
} fields;

typedef struct __attribute__((packed)) tight {
    uint8_t a;
    uint32_t b;
    uint16_t c;
    int64_t d;
} tight;

static fields row[40];
static int16_t halves[64];
static uint16_t wide[64];
static int8_t bytes[64];

static __attribute__((noinline)) int32_t dot(const int16_t *a, const int16_t *b, int n)
{
    int32_t s = 0;
    for (int i = 0; i < n; i++)
        s += a[i] * b[n - 1 - i];
    return s;
}

static __attribute__((noinline)) void blur(uint16_t *p, int n)
{
    for (int i = 1; i + 1 < n; i++)
        p[i] = (uint16_t)((p[i - 1] + 2 * p[i] + p[i + 1]) >> 2);
}

int main(void)
{
    uint32_t x = 11, s = 0;
    for (int i = 0; i < 64; i++) {
        x = x * 1664525 + 1013904223;
        halves[i] = (int16_t)(x >> 13);
        wide[i] = (uint16_t)(x >> 9);
        bytes[i] = (int8_t)(x >> 20);
    }
    for (int i = 0; i < 40; i++) {
        fields *f = &row[i];
        x = x * 1664525 + 1013904223;
        f->a = x;
        f->b = x >> 5;
        f->c = x >> 3;
        f->d = (int32_t)(x << 1);
        f->e = (int32_t)(x >> 11);
        f->f = halves[i];
        f->g = wide[i];
        f->h = bytes[i];
        f->i = (uint8_t)bytes[63 - i];
        row[(i * 7) % 40] = *f;
    }
    for (int i = 0; i < 40; i++)
        s = s * 31 + row[i].a + row[i].b * 3 + row[i].c + (uint32_t)row[i].d + (uint32_t)row[i].e * 5 +
            (uint32_t)row[i].f + row[i].g + (uint32_t)row[i].h * 7 + row[i].i;
    printf("%u %d\n", (unsigned)s, (int)dot(halves, halves + 3, 61));
    blur(wide, 64);
    s = 0;
    for (int i = 0; i < 64; i++)
        s = s * 17 + wide[i] + (uint32_t)(bytes[i] >> 1) + (uint32_t)(bytes[i] / 3);
    tight t[5];
    for (int i = 0; i < 5; i++)
        t[i] = (tight){(uint8_t)i, 0x12345678u * (uint32_t)(i + 1), (uint16_t)(i * 999), (int64_t)i << 40 | 77};
    tight u = t[3];
    u.b += t[4].b;
    union {
        float f;
        uint32_t u;
        uint8_t b[4];
    } w = {1.5f};
    printf("%u %u %u %lld %08x %d\n", (unsigned)s, (unsigned)u.b, u.c, (long long)(u.d + t[2].d), (unsigned)w.u,
           w.b[3]);
    return 0;
}
