/* recursion.c - Ackermann, Hanoi, queens, permutations, mutual recursion. */
#include "tests/cc/say.h"

static unsigned ackermann(unsigned m, unsigned n)
{
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static unsigned fibonacci(unsigned n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static uint32_t moves;
static void hanoi(int n, int from, int to)
{
    if (n == 0)
        return;
    hanoi(n - 1, from, 6 - from - to);
    moves = mixed(moves, (uint32_t)(n * 16 + from * 4 + to));
    hanoi(n - 1, 6 - from - to, to);
}

static int queens(int row, unsigned columns, unsigned left, unsigned right, int size)
{
    if (row == size)
        return 1;
    int count = 0;
    for (unsigned free = ~(columns | left | right) & ((1u << size) - 1); free != 0; free &= free - 1) {
        const unsigned bit = free & -free;
        count += queens(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1, size);
    }
    return count;
}

static uint32_t arrangements;
static void permute(char *text, int at, int length)
{
    if (at == length) {
        uint32_t sum = 0;
        for (int i = 0; i < length; i++)
            sum = mixed(sum, (unsigned char)text[i]);
        arrangements ^= sum;
        return;
    }
    for (int i = at; i < length; i++) {
        char kept = text[at];
        text[at] = text[i];
        text[i] = kept;
        permute(text, at + 1, length);
        kept = text[at];
        text[at] = text[i];
        text[i] = kept;
    }
}

static int odd(unsigned n);
static int even(unsigned n) { return n == 0 ? 1 : odd(n - 1); }
static int odd(unsigned n) { return n == 0 ? 0 : even(n - 1); }

int main(void)
{
    char text[] = "pixels";
    hanoi(9, 1, 3);
    permute(text, 0, 6);
    say("%u %u %x %d %x %d\n", ackermann(2, 6), fibonacci(17), moves, queens(0, 0, 0, 0, 7), arrangements, even(501));
    return 0;
}
