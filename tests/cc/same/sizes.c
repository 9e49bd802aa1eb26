/* sizes.c - accesses at every alignment that C allows: bytes and halves of words, memcpy of all lengths. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint8_t from[256], to[256];
static int16_t signed_half[20];

int main(void)
{
    uint32_t sum = 0;
    for (int i = 0; i < 256; i++)
        from[i] = (uint8_t)(i * 7 + 1);
    for (int size = 0; size < 67; size++)
        for (int a = 0; a < 5; a++)
            for (int b = 0; b < 5; b++) {
                memset(to, size + a, sizeof to);
                memcpy(to + 8 + a, from + 3 + b, (size_t)size);
                memmove(to + 100 + b, to + 98 + a, (size_t)size);
                memset(to + 200 + a, b, (size_t)(size % 40));
                for (int i = 0; i < 256; i += 1)
                    sum = sum * 31 + to[i];
                sum += (uint32_t)memcmp(to + a, to + b, (size_t)size) >> 31;
            }
    for (int i = 0; i < 20; i++)
        signed_half[i] = (int16_t)(i % 2 ? -i * 1000 : i * 1000);
    int32_t s = 0;
    for (int i = 0; i < 20; i++)
        s = s * 2 + signed_half[(i * 7) % 20] + (uint16_t)signed_half[i] / 3 + (int8_t)signed_half[i];
    printf("%u %d\n", (unsigned)sum, (int)s);
    return 0;
}
