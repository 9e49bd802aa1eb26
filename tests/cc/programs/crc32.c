/* crc32.c - CRC-32 of 64 KiB by table, and of its first bytes bit by bit. */
#include "tests/cc/say.h"

static uint32_t table[256];
static unsigned char data[65536];

static uint32_t by_bits(uint32_t crc, unsigned char byte)
{
    crc ^= byte;
    for (int i = 0; i < 8; i++)
        crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    return crc;
}

static uint32_t by_table(const unsigned char *bytes, unsigned count)
{
    uint32_t crc = ~0u;
    while (count-- > 0)
        crc = crc >> 8 ^ table[(crc ^ *bytes++) & 0xFF];
    return ~crc;
}

int main(void)
{
    uint32_t slow = ~0u;
    for (unsigned i = 0; i < 256; i++)
        table[i] = by_bits(0, (unsigned char)i);
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(chance() >> 11);
    for (unsigned i = 0; i < 1000; i++)
        slow = by_bits(slow, data[i]);
    say("%x %x %x\n", by_table((const unsigned char *)"123456789", 9), ~slow, by_table(data, 1000));
    say("%x\n", by_table(data, sizeof data));
    return 0;
}
