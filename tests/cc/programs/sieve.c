/* sieve.c - primes below 30,000 by bytes, twins and gaps. */
#include "tests/cc/say.h"

enum { MOST = 30000 };
static char composite[MOST];

int main(void)
{
    unsigned count = 0, twins = 0, last = 0, gap = 0;
    uint32_t sum = 0;
    for (unsigned i = 2; i < MOST; i++) {
        if (composite[i])
            continue;
        for (unsigned j = i * i; j < MOST; j += i)
            composite[j] = 1;
        count++;
        twins += last != 0 && i - last == 2;
        if (last != 0 && i - last > gap)
            gap = i - last;
        sum = mixed(sum, last = i);
    }
    say("%u %u %u %u %x\n", count, twins, last, gap, sum);
    return 0;
}
