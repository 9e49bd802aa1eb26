/* rows.c - reads a PNG from standard input and inflates its rows with zlib: their number of bytes, CRC and Adler-32.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

static unsigned char file[1 << 20], packed[1 << 20];

static unsigned long word(const unsigned char *at)
{
    return (unsigned long)at[0] << 24 | (unsigned long)at[1] << 16 | (unsigned long)at[2] << 8 | at[3];
}

int main(void)
{
    const size_t size = fread(file, 1, sizeof file, stdin);
    size_t count = 0;
    if (size < 8 || memcmp(file, "\211PNG\r\n\032\n", 8) != 0)
        return 1;
    const unsigned long width = word(file + 16), height = word(file + 20);
    for (size_t at = 8; at + 12 <= size; at += 12 + word(file + at)) {
        const unsigned long length = word(file + at), crc = crc32(0, file + at + 4, (uInt)length + 4);
        if (crc != word(file + at + 8 + length))
            printf("a chunk at %lu is damaged\n", (unsigned long)at);
        if (memcmp(file + at + 4, "IDAT", 4) == 0) {
            memcpy(packed + count, file + at + 8, length);
            count += length;
        }
    }
    uLongf bytes = height * (1 + 4 * width);
    unsigned char *rows = malloc(bytes);
    const int result = rows == NULL ? -99 : uncompress(rows, &bytes, packed, (uLong)count);
    printf("%lu x %lu: %d, %lu bytes, %08lx %08lx\n", width, height, result, (unsigned long)bytes,
           result == 0 ? crc32(0, rows, (uInt)bytes) : 0, result == 0 ? adler32(1, rows, (uInt)bytes) : 0);
    return result != 0;
}
