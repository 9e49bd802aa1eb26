/* pointers.c - pointer arithmetic at its edges: tags in low and top bits, unaligned limits, loops downward, one past
 * the end, indices far below an array. */
#include "tests/cc/say.h"

static int words[64] = {3, 1, 4, 1, 5, 9, 2, 6};
static char bytes[67];
static short halves[33];
static const int first_constant = 77;

/* volatile, so that no compiler sees through it */
static uintptr_t hidden(uintptr_t x)
{
    volatile uintptr_t kept = x;
    return kept;
}

static int tagged(void)
{
    int sum = 0;
    for (unsigned i = 0; i < 64; i++) {
        const uintptr_t low = hidden((uintptr_t)&words[i] | (i & 3));
        sum += *(int *)(low & ~(uintptr_t)3) * (int)(1 + (low & 3));
        const uintptr_t high = hidden((uintptr_t)&words[i] ^ 0x80000000u);
        *(int *)(high ^ 0x80000000u) += (int)i;
    }
    return sum;
}

/* The end is not where an element begins. */
static int until(uintptr_t limit)
{
    int sum = 0;
    for (const int *p = words; (uintptr_t)p < limit; p++)
        sum = sum * 3 + *p;
    return sum;
}

static int while_not(const int *p, const char *end)
{
    int sum = 0;
    while ((const char *)p != end && sum < 1000000)
        sum += *p++;
    return sum;
}

static int downward(const int *from, const int *to)
{
    int sum = 0;
    for (const int *p = from; p-- > to;)
        sum = sum * 5 + *p;
    for (const short *h = halves + 33; h != halves;)
        sum += *--h;
    for (const char *c = bytes + 66; c >= bytes; c -= 3)
        sum = sum * 3 + *c;
    return sum;
}

static int strided(const int *base, int count, int stride)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 3 + base[i * stride];
    return sum;
}

static int below(int offset)
{
    const int *far = (const int *)hidden((uintptr_t)words - 4000);
    const char *farther = (const char *)hidden((uintptr_t)bytes - 2047);
    return far[1000 + offset] + farther[2047 + offset] + *(const int *)hidden((uintptr_t)&first_constant);
}

static int masked(uint32_t hash) { return words[hash & 63] + words[hash >> 26] + words[(hash & 0x3F000000) >> 24]; }

static unsigned two_at_once(int *a, const int *b, unsigned count)
{
    unsigned sum = 0;
    int *end = a + count;
    while (a < end) {
        *a = *a * 2 + *b++;
        sum = mixed(sum, (uint32_t)*a++);
    }
    return sum + (unsigned)(end - a);
}

int main(void)
{
    uint32_t sum = 0;
    for (int i = 0; i < 67; i++)
        bytes[i] = (char)(i * 7 % 100);
    for (int i = 0; i < 33; i++)
        halves[i] = (short)(i * 321 - 5000);
    say("%d\n", tagged());
    say("%d\n", tagged());
    for (unsigned i = 0; i < 9; i++)
        sum = mixed(sum, (uint32_t)until((uintptr_t)words + 100 + i));
    say("%x %d %d\n", sum, while_not(words, (const char *)(words + 20)),
        while_not(words + 60, (const char *)(words + 64)));
    say("%d %d\n", downward(words + 64, words), downward(words + 9, words + 9));
    say("%d %d %d\n", strided(words, 20, 3), strided(words + 63, 20, -3), strided(words, 0, 1000000));
    for (int i = 0; i < 60; i++)
        sum = mixed(sum, (uint32_t)(below(i) + masked(chance())));
    say("%x %u\n", sum, two_at_once(words, words + 32, 32));
    return 0;
}
