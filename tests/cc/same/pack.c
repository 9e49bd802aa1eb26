/* pack.c - a byte compressor and back; memcpy, memcmp. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 6000 };
static uint8_t plain[SIZE], packed[2 * SIZE], again[SIZE];
static uint16_t last[1 << 12];

static uint32_t hash(const uint8_t *p)
{
    return ((p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16) * 2654435761u) >> 20;
}

static int pack(const uint8_t *from, int size, uint8_t *to)
{
    uint8_t *start = to;
    int i = 0;
    while (i < size) {
        int length = 0, distance = 0;
        if (i + 3 < size) {
            const uint32_t h = hash(from + i);
            distance = i - last[h];
            last[h] = (uint16_t)i;
            while (distance > 0 && distance < 4000 && length < 60 && i + length < size &&
                   from[i + length] == from[i + length - distance])
                length++;
        }
        if (length >= 4) {
            *to++ = (uint8_t)(0xC0 | (length - 4));
            *to++ = (uint8_t)distance;
            *to++ = (uint8_t)(distance >> 8);
            i += length;
        } else {
            *to++ = 0;
            *to++ = from[i++];
        }
    }
    return (int)(to - start);
}

static int unpack(const uint8_t *from, int size, uint8_t *to)
{
    uint8_t *start = to;
    for (const uint8_t *end = from + size; from < end;) {
        const int code = *from++;
        if (code == 0)
            *to++ = *from++;
        else {
            const int distance = from[0] | from[1] << 8;
            from += 2;
            for (int n = (code & 63) + 4; n > 0; n--, to++)
                *to = to[-distance];
        }
    }
    return (int)(to - start);
}

int main(void)
{
    static const char text[] = "the pixel machine has one pixel a word, and a word a pixel; ";
    uint32_t x = 5;
    for (int i = 0; i < SIZE; i++) {
        x = x * 1103515245 + 12345;
        plain[i] = (uint8_t)((x >> 24) < 20 ? x >> 16 : (uint32_t)text[i % (sizeof text - 1)]);
    }
    memset(last, 0xFF, 16);
    const int size = pack(plain, SIZE, packed);
    const int back = unpack(packed, size, again);
    printf("%d %d %d\n", size, back, memcmp(plain, again, SIZE));
    memmove(again + 3, again, 1000);
    memmove(again, again + 8, 999);
    uint32_t sum = 0;
    for (int i = 0; i < SIZE; i++)
        sum = sum * 33 + again[i];
    printf("%u\n", (unsigned)sum);
    return 0;
}
