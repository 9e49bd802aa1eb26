/* formats.c - floating point through printf and strtod and back, by its bits; sscanf; widths and precisions. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;
static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static double made_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

int main(void)
{
    int wrong = 0;
    char text[64];
    for (int i = 0; i < 60; i++) {
        uint64_t bits = chance();
        if ((bits >> 52 & 0x7FF) == 0x7FF)
            continue;
        bits = (bits & ~(UINT64_C(0x7FF) << 52)) | (1023 - 90 + bits % 180) << 52;
        const double x = made_of(bits);
        snprintf(text, sizeof text, "%.17g", x);
        const double back = strtod(text, NULL);
        wrong += memcmp(&x, &back, sizeof x) != 0;
    }
    printf("%d wrong\n", wrong);
    printf("%.10f %g %e %.3f\n", 3.14159265358979, 1e21, 12345.678, -0.0005);
    printf("%8.3f|%-10.2e|%+d|%05d|%x|%o|%5s|%-5s|%c|%%\n", 2.5, 1234.5, 5, -42, 255u, 8u, "ab", "cd", 'x');
    printf("%lld %llu %llx\n", -123456789012345LL, 18446744073709551615ULL, 0xFEDCBA9876543210ULL);
    int a = 0, b = 0;
    char word[20] = "";
    const int found = sscanf("12 -7 pixel", "%d %d %19s", &a, &b, word);
    printf("%d %d %d %s\n", found, a, b, word);
    printf("%d %ld %lu\n", atoi("-99x"), strtol("0x7f", NULL, 16), strtoul("777", NULL, 8));
    return 0;
}
