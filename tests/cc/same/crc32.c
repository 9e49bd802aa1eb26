/* crc32.c - a table of words, bytes of a buffer. */
#include <stdint.h>
#include <stdio.h>

static uint32_t table[256];
static uint8_t buffer[20000];

static uint32_t crc(const uint8_t *data, uint32_t size)
{
    uint32_t c = 0xFFFFFFFF;
    while (size-- > 0)
        c = table[(c ^ *data++) & 255] ^ c >> 8;
    return ~c;
}

int main(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    uint32_t x = 1;
    for (uint32_t i = 0; i < sizeof buffer; i++) {
        x = x * 1103515245 + 12345;
        buffer[i] = (uint8_t)(x >> 16);
    }
    printf("%08x %08x\n", (unsigned)crc((const uint8_t *)"123456789", 9), (unsigned)crc(buffer, sizeof buffer));
    return 0;
}
