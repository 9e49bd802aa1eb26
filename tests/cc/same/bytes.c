/* bytes.c - bytes of arrays at indices of all kinds: below the middle, up from less than nothing, to a number that is
 * met or jumped over, around the end of numbers. */
#include <stdint.h>
#include <stdio.h>

enum { SIZE = 64, MIDDLE = 32 };

unsigned char table[SIZE]; /* known to assembly */
static unsigned char other[SIZE];
static volatile int least = -32, step_by = 3;
static volatile unsigned beyond = 0xFFFFFFF0u;

#define APART __attribute__((noinline))

static unsigned sum;
static APART void take(unsigned x) { sum = sum * 31 + x; }

/* Signed, compared with a number: below 0 first. */
APART static void up_from_below(int from)
{
    for (int i = from; i < 32; i++)
        take(table[MIDDLE + i]);
}

APART static void down_to_below(int to)
{
    for (int i = 31; i >= to; i--)
        table[MIDDLE + i] = (unsigned char)(table[MIDDLE + i] + i);
}

/* Until a number is met, from below 0 and from above. */
APART static void until_met(int from)
{
    for (int i = from; i != 20; i++)
        take(other[MIDDLE + i]);
}

APART static void steps(int by)
{
    for (int i = -30; i < 30; i += by)
        take(other[MIDDLE + i] ^ table[MIDDLE - i]);
}

/* Numbers without sign that go round. */
APART static void around(unsigned from)
{
    for (unsigned i = from; i != 16; i++)
        take(table[(MIDDLE + i) & 0xFFFFFFFFu]);
    for (unsigned i = 15; i < 16; i--)
        other[i] = (unsigned char)(table[i] + i);
}

/* A condition on one way, the index on both. */
APART static void either(int i)
{
    if (i < 10)
        take(table[MIDDLE + i]);
    else
        take(other[i]);
    if ((unsigned)i >= 10)
        take(table[MIDDLE + (i < 0 ? i : -i)]);
    if (i > 5 || i == -3)
        take(other[MIDDLE + (i & ~1)]);
}

/* Both ways of each branch, with the same register compared and added. */
#ifdef __riscv
#define BYTE_BY(name, condition)                                                                                       \
    APART static unsigned by_##name(int i)                                                                             \
    {                                                                                                                  \
        unsigned at, byte;                                                                                             \
        __asm__ volatile("li %2, 16\n" #name " %0, %2, 1f\n"                                                           \
                         "la %1, table + 32\n"                                                                         \
                         "add %1, %0, %1\n"                                                                            \
                         "lbu %2, 0(%1)\n"                                                                             \
                         "li %1, 0\n"                                                                                  \
                         "j 2f\n"                                                                                      \
                         "1: la %1, table + 32\n"                                                                      \
                         "add %1, %1, %0\n"                                                                            \
                         "lbu %2, 0(%1)\n"                                                                             \
                         "xori %2, %2, 0x55\n"                                                                         \
                         "li %1, 0\n"                                                                                  \
                         "2:"                                                                                          \
                         : "+r"(i), "=&r"(at), "=&r"(byte)                                                             \
                         :                                                                                             \
                         : "memory");                                                                                  \
        return byte;                                                                                                   \
    }
#else
#define BYTE_BY(name, condition)                                                                                       \
    static unsigned by_##name(int i) { return table[MIDDLE + i] ^ (condition ? 0x55u : 0); }
#endif
BYTE_BY(beq, i == 16)
BYTE_BY(bne, i != 16)
BYTE_BY(blt, i < 16)
BYTE_BY(bge, i >= 16)
BYTE_BY(bltu, (unsigned)i < 16)
BYTE_BY(bgeu, (unsigned)i >= 16)

/* The index moves on between its sum and the byte. */
APART static unsigned moved(unsigned i)
{
    unsigned byte;
#ifdef __riscv
    unsigned at;
    __asm__ volatile("la %1, table\n"
                     "andi %0, %0, 15\n"
                     "add %1, %0, %1\n"
                     "addi %0, %0, 9\n"
                     "lbu %2, 0(%1)\n"
                     "li %1, 0\n"
                     "j 1f\n"
                     "1:"
                     : "+r"(i), "=&r"(at), "=&r"(byte)
                     :
                     : "memory");
#else
    i = (i & 15) + 9;
    byte = table[i - 9];
#endif
    return byte + i;
}

APART static void shifted(int i)
{
    take(table[MIDDLE + (i >> 1)]);
    take(table[MIDDLE + (i / 2)]);
    take(table[MIDDLE + (i % 5)]);
    take(table[(unsigned)i >> 27]);
    take(other[(i & 15) + 4]);
    take(other[(uint8_t)i & 63]);
}

/* An index that is used again where its sum would have been. */
APART static unsigned kept(unsigned i)
{
    for (; i < 40; i++)
        if (table[i] == other[i + 8])
            table[i] = (unsigned char)i;
    return i;
}

/* Small from the second time on. */
APART static void narrowed(int i)
{
    for (int n = 0; n < 40; n++) {
        take(table[MIDDLE + i]);
        i = (i * 5 + n) & 31;
    }
}

APART static void nested(void)
{
    for (int i = -8; i < 8; i++)
        for (int k = -i; k <= i + 16; k++)
            take(table[MIDDLE + k] + other[MIDDLE + i]);
}

int main(void)
{
    for (int i = 0; i < SIZE; i++) {
        table[i] = (unsigned char)(i * 37 + 11);
        other[i] = (unsigned char)(i * 91 + 5);
    }
    up_from_below(least);
    down_to_below(least);
    until_met(least);
    until_met(-least - 20);
    steps(step_by);
    around(beyond);
    for (int i = -20; i < 20; i++) {
        either(i);
        take(by_beq(i) ^ by_bne(i) << 8 ^ by_blt(i) << 16 ^ by_bge(i) << 24);
        take(by_bltu(i) ^ by_bgeu(i) << 8);
        take(moved((unsigned)i));
        shifted(i);
    }
    take(kept(3));
    narrowed(least);
    nested();
    printf("%u\n", sum);
    for (int i = 0; i < SIZE; i++)
        printf("%d %d%c", table[i], other[i], i % 8 == 7 ? '\n' : ' ');
    return 0;
}
