/* words.c - loops over words up and down, matrices, sieves, pointers that end at one past, unaligned limits. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One pointer for loads and comparisons, whatever the compiler thinks of it. */
#define KEEP(p) __asm__("" : "+r"(p))

static int32_t a[24][24], b[24][24], c[24][24];
static uint8_t composite[5000];
static int32_t line[1000];

static __attribute__((noinline)) void multiply(void)
{
    for (int i = 0; i < 24; i++)
        for (int j = 0; j < 24; j++) {
            int32_t s = 0;
            for (int k = 0; k < 24; k++)
                s += a[i][k] * b[k][j];
            c[i][j] = s;
        }
}

static __attribute__((noinline)) int32_t down(const int32_t *p, int n)
{
    int32_t s = 0;
    for (const int32_t *q = p + n; q != p;)
        s = s * 5 + *--q;
    return s;
}

static __attribute__((noinline)) int32_t below(const int32_t *p, uintptr_t limit)
{
    int32_t s = 0;
    while ((uintptr_t)p < limit) {
        s = s * 7 + *p++;
        KEEP(p);
    }
    return s;
}

static __attribute__((noinline)) int32_t above(const int32_t *p, uintptr_t limit)
{
    int32_t s = 0;
    do {
        s = s * 11 + *p;
        p -= 1;
        KEEP(p);
    } while ((uintptr_t)p > limit);
    return s;
}

static __attribute__((noinline)) int32_t until(const int32_t *p, uintptr_t limit, int *steps)
{
    int32_t s = 0;
    do {
        s = s * 13 + *p++;
        KEEP(p);
        ++*steps;
    } while ((uintptr_t)p != limit && *p != 77 * 77 - 7 * 77);
    return s;
}

static __attribute__((noinline)) const int32_t *find(const int32_t *p, int32_t what)
{
    while (*p != what)
        p += 3;
    return p;
}

static __attribute__((noinline)) void tagged(uintptr_t *p, int n)
{
    for (int i = 0; i < n; i++)
        p[i] |= i & 3;
}

static __attribute__((noinline)) int32_t untag(const uintptr_t *p, int n)
{
    int32_t s = 0;
    for (int i = 0; i < n; i++)
        s = s * 3 + *(const int32_t *)(p[i] & ~(uintptr_t)3) + (int32_t)(p[i] & 3);
    return s;
}

static __attribute__((noinline)) int32_t offset(const int32_t *p, int at)
{
    return (p - 300)[at] + p[at - 302] - p[at - 299];
}

static __attribute__((noinline)) void copy(int32_t *to, const int32_t *from, int n)
{
    while (n-- > 0)
        *to++ = *from++;
}

static __attribute__((noinline)) int primes(void)
{
    int count = 0;
    for (int i = 2; i < 5000; i++) {
        if (composite[i])
            continue;
        count++;
        for (int k = i * i; k < 5000; k += i)
            composite[k] = 1;
    }
    return count;
}

int main(void)
{
    uint32_t x = 17;
    for (int i = 0; i < 24 * 24; i++) {
        x = x * 1664525 + 1013904223;
        a[i / 24][i % 24] = (int32_t)(x >> 20);
        b[i % 24][i / 24] = (int32_t)(x >> 18) - 5000;
    }
    multiply();
    int32_t s = 0;
    for (int i = 0; i < 24 * 24; i++)
        s = s * 3 + c[i / 24][i % 24];
    for (int i = 0; i < 1000; i++)
        line[i] = i * i - 7 * i;
    printf("%d %d\n", (int)s, primes());
    printf("%d %d %d\n", (int)down(line, 1000), (int)below(line, (uintptr_t)(line + 700) - 1),
           (int)below(line, (uintptr_t)(line + 700) - 3));
    for (uintptr_t rest = 0; rest < 4; rest++) {
        int steps = 0;
        const int32_t a = above(line + 900, (uintptr_t)(line + 200) + rest),
                      b = until(line + 10, (uintptr_t)(line + 50) + rest, &steps);
        printf("%d %d %d %d\n", (int)a, (int)b, steps, (int)(find(line + rest, line[300 + rest]) - line));
    }
    copy(line + 100, line, 300);
    uintptr_t *p = malloc(50 * sizeof *p);
    for (int i = 0; i < 50; i++)
        p[i] = (uintptr_t)(line + 13 * i);
    tagged(p, 50);
    printf("%d %d %d\n", (int)untag(p, 50), (int)offset(line + 350, 310), (int)down(line, 0));
    free(p);
    return 0;
}
