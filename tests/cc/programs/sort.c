/* sort.c - quicksort and heapsort by comparison functions, words and structs; a binary search; a table of functions. */
#include "tests/cc/say.h"

#include <stddef.h>

typedef int comparison(const void *, const void *);

static void exchange(char *a, char *b, size_t size)
{
    for (; size > 0; size--, a++, b++) {
        const char kept = *a;
        *a = *b;
        *b = kept;
    }
}

static void quick(char *base, size_t count, size_t size, comparison *compare)
{
    while (count > 1) {
        exchange(base, base + count / 2 * size, size);
        size_t low = 0;
        for (size_t i = 1; i < count; i++)
            if (compare(base + i * size, base) < 0)
                exchange(base + ++low * size, base + i * size, size);
        exchange(base, base + low * size, size);
        quick(base + (low + 1) * size, count - low - 1, size, compare);
        count = low;
    }
}

static void heap(char *base, size_t count, size_t size, comparison *compare)
{
    for (size_t start = count / 2, end = count; end > 1;) {
        if (start > 0)
            start--;
        else
            exchange(base, base + --end * size, size);
        for (size_t at = start, child; (child = 2 * at + 1) < end; at = child) {
            if (child + 1 < end && compare(base + child * size, base + (child + 1) * size) < 0)
                child++;
            if (compare(base + at * size, base + child * size) >= 0)
                break;
            exchange(base + at * size, base + child * size, size);
        }
    }
}

typedef struct record {
    int key;
    short order;
    char name[6];
} record;

static int by_value(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}
static int downward(const void *a, const void *b) { return by_value(b, a); }
static int by_name(const void *a, const void *b)
{
    const record *x = a, *y = b;
    for (int i = 0; i < 6; i++)
        if (x->name[i] != y->name[i])
            return x->name[i] - y->name[i];
    return x->order - y->order;
}

static int numbers[400];
static record records[200];

int main(void)
{
    static void (*const sorts[])(char *, size_t, size_t, comparison *) = {quick, heap};
    static comparison *const orders[] = {by_value, downward};
    for (int s = 0; s < 4; s++) {
        uint32_t sum = 0;
        for (int i = 0; i < 400; i++)
            numbers[i] = (int)(chance() % 2000) - 1000;
        sorts[s & 1]((char *)numbers, 400, sizeof *numbers, orders[s >> 1]);
        for (int i = 0; i < 400; i++)
            sum = mixed(sum, (uint32_t)numbers[i]);
        say("%x %d %d\n", sum, numbers[0], numbers[399]);
    }
    for (int i = 0; i < 200; i++) {
        records[i] = (record){.key = i * i, .order = (short)i};
        for (int k = 0; k < 6; k++)
            records[i].name[k] = (char)('a' + chance() % 3);
    }
    quick((char *)records, 200, sizeof *records, by_name);
    uint32_t sum = 0;
    for (int i = 0; i < 200; i++)
        sum = mixed(sum, (uint32_t)records[i].key + (uint32_t)records[i].order);
    say("%x %c%c\n", sum, records[0].name[0], records[199].name[0]);
    return 0;
}
