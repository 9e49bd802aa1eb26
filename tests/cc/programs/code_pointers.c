/* code_pointers.c - computed goto with differences of labels in a table, functions hashed, cast to numbers and back,
 * compared. */
#include "tests/cc/say.h"

typedef int function(int);

static int twice(int x) { return 2 * x; }
static int square(int x) { return x * x; }
static int negative(int x) { return -x; }
static int next(int x) { return x + 1; }
static int weak_one(int x) __attribute__((noinline));
static int weak_one(int x) { return x ^ 1; }

static function *const all[] = {twice, square, negative, next, weak_one};
enum { COUNT = sizeof all / sizeof *all };

/* Labels as differences of 32 bits from the first. */
static int by_differences(const unsigned char *code, int x)
{
    static const int table[] = {&&stop - &&stop, &&add - &&stop, &&triple - &&stop, &&flip - &&stop};
    goto *(&&stop + table[*code++]);
add:
    x += 7;
    goto *(&&stop + table[*code++]);
triple:
    x *= 3;
    goto *(&&stop + table[*code++]);
flip:
    x = ~x;
    goto *(&&stop + table[*code++]);
stop:
    return x;
}

/* A hash table of functions by their addresses, whatever these are. */
static struct {
    function *key;
    int number;
} slots[16];

static int slot_of(function *f)
{
    uintptr_t at = (uintptr_t)f * 2654435761u >> 28;
    while (slots[at].key != 0 && slots[at].key != f)
        at = (at + 1) & 15;
    return (int)at;
}

static void sort(function **list, int count)
{
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && (uintptr_t)list[j - 1] > (uintptr_t)list[j]; j--) {
            function *kept = list[j];
            list[j] = list[j - 1];
            list[j - 1] = kept;
        }
}

static int dense(unsigned x)
{
    switch (x) {
    case 0:
        return 5;
    case 1:
        return 77;
    case 2:
        return -3;
    case 3:
        return (int)x * 9;
    case 4:
        return 1000;
    case 5:
        return twice((int)x);
    case 6:
        return 12;
    case 7:
        return 0;
    case 9:
        return square((int)x);
    default:
        return -1;
    }
}

int main(void)
{
    function *list[COUNT];
    int sum = 0;
    for (int i = 0; i < COUNT; i++) {
        list[i] = all[i];
        const int at = slot_of(all[i]);
        slots[at].key = all[i];
        slots[at].number = i;
    }
    sort(list, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const volatile uintptr_t number = (uintptr_t)list[i];
        function *back = (function *)(number ^ 0);
        sum += back(slots[slot_of(back)].number + 10) +
               (i > 0 && (uintptr_t)list[i - 1] >= (uintptr_t)list[i] ? 10000 : 0);
    }
    say("%d %d\n", sum, by_differences((const unsigned char[]){1, 2, 3, 1, 1, 2, 0}, 5));
    for (unsigned i = 0; i < 12; i++)
        sum = sum * 3 + dense(i);
    function *volatile chosen = chance() & 1 ? twice : square;
    say("%d %d %d %d\n", sum, chosen == twice || chosen == square, chosen != negative, (*chosen)(0));
    return 0;
}
