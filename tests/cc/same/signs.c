/* signs.c - signed bytes and halves whose signs are read late, by few, or by nobody: copied in loops and read behind
 * them, dispatched on, indices below and above the middle of a table. */
#include <stdint.h>
#include <stdio.h>

static int8_t bytes[256];
static int16_t halves[300];
static uint16_t plain[300];
static int middle[512];

__attribute__((noinline)) static int exchanged(int8_t *a, int8_t *b, int count)
{
    int x, y;
    do {
        x = *a, y = *b;
        *a++ = (int8_t)y;
        *b++ = (int8_t)x;
    } while (--count != 0);
    return x * 3 + y;
}

__attribute__((noinline)) static int exchanged_halves(int16_t *a, int16_t *b, int count)
{
    int x, y;
    do {
        x = *a, y = *b;
        *a++ = (int16_t)y;
        *b++ = (int16_t)x;
    } while (--count != 0);
    return x * 3 + y;
}

__attribute__((noinline)) static unsigned dispatched(const int8_t *code)
{
    for (unsigned sum = 1;; sum = sum * 5 + 3)
        switch (*code++) {
        case 0:
            sum += 7;
            break;
        case 1:
            sum ^= 21;
            break;
        case 2:
            sum -= 100;
            break;
        case 3:
            sum *= 3;
            break;
        case 4:
            sum = ~sum;
            break;
        case 5:
            sum >>= 1;
            break;
        case 6:
            return sum;
        default:
            sum += (unsigned)code[-1];
            break;
        }
}

__attribute__((noinline)) static int beyond(const int8_t *at) { return (uint32_t)*at < 100 ? *at * 3 : 5; }
__attribute__((noinline)) static int within(const int8_t *at)
{
    const int c = *at;
    if ((uint32_t)c < 100)
        return 5;
    return c * 3;
}
__attribute__((noinline)) static int at_byte(const int8_t *at) { return middle[256 + *at]; }
__attribute__((noinline)) static int at_half(const int16_t *at) { return middle[256 + *at]; }
__attribute__((noinline)) static unsigned sum_of(const uint16_t *at, int i)
{
    return at[i] + at[i + 1] * 3u + at[i + 3];
}

int main(void)
{
    static const int8_t code[] = {0, -1, 1, 2, 127, -128, 3, 7, 4, 5, -122, -250 + 256, 6};
    static int8_t to[256];
    static int16_t to_halves[300];
    unsigned sum = 0;
    for (int i = 0; i < 512; i++)
        middle[i] = i * i - 1000;
    for (int i = 0; i < 256; i++)
        bytes[i] = (int8_t)(i * 37);
    for (int i = 0; i < 300; i++)
        halves[i] = (int16_t)((i * 31) % 512 - 256), plain[i] = (uint16_t)(i * 40503);
    for (int i = 0; i < 200; i++)
        sum = sum * 31 + (unsigned)exchanged(to, bytes + 255 - i, i + 1);
    printf("%x\n", sum);
    for (int i = 1; i < 300; i++)
        sum = sum * 31 + (unsigned)exchanged_halves(to_halves, halves + 300 - i, i) + (unsigned)at_half(halves + i);
    printf("%x %x\n", sum, dispatched(code));
    for (int i = 0; i < 256; i++)
        sum = sum * 31 + (unsigned)at_byte(bytes + i) + (unsigned)beyond(bytes + i) + (unsigned)within(bytes + i) +
              sum_of(plain, i) + (uint8_t)to[i];
    printf("%x\n", sum);
    return 0;
}
