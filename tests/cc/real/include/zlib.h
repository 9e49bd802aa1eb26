/* What px takes of zlib where it assembles and translates: the CRC-32, bit by bit. */
static unsigned long crc32(unsigned long crc, const unsigned char *bytes, unsigned count)
{
    for (crc = ~crc & 0xFFFFFFFF; bytes != 0 && count > 0; count--) {
        crc ^= *bytes++;
        for (int i = 0; i < 8; i++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return bytes == 0 ? 0 : ~crc & 0xFFFFFFFF;
}
typedef unsigned uInt;
typedef unsigned char Bytef;
