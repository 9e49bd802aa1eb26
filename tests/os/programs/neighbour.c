/* neighbour - a known computation with system calls between: the sums of the first numbers that a generator makes. */
#include "os/apps/app.h"

int main(void)
{
    uint32_t x = 1, sum = 0;
    for (uint32_t line = 1; line <= 20; line++) {
        for (uint32_t i = 0; i < 5000; i++) {
            x = x * 1664525 + 1013904223;
            sum += x >> 16;
        }
        if (pxo_getpid() < 1)
            return 1;
        put("neighbour ");
        put_number(line, 0);
        put(" ");
        put_number(sum, 0);
        put("\n");
    }
    return 0;
}
