/* cache.c - program binaries kept between runs.
 *
 * A file holds its whole key (source, options, device, driver) and is used only if the key is equal, byte for byte.
 * That is stronger than naming it by a cryptographic hash, which would need another library: the CRC-32 in the name
 * only finds the file, and two keys that share one take turns. A second CRC-32, over the binary, finds damage. Neither
 * is against malice: folder.h is. */
#include "opencl/cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "opencl/folder.h"
#include "pxi/output_file.h"

typedef struct header {
    char magic[8];
    uint64_t key_size, binary_size;
    uint64_t binary_crc;
} header;

static const char magic[8] = {'P', 'X', 'C', 'L', 'B', 'I', 'N', '1'};
enum { LARGEST = 256 << 20 };

static uint32_t crc_of(const void *data, size_t size) { return (uint32_t)crc32_z(0, data, size); }

static bool file_of(const char *key, char *path, size_t size)
{
    char dir[3072];
    if (!px_cache_folder(dir, sizeof dir))
        return false;
    const int length = snprintf(path, size, "%s/opencl-%08x.bin", dir, (unsigned)crc_of(key, strlen(key)));
    return length > 0 && (size_t)length < size;
}

/* NULL: there is none, or it is not a file that this user alone, or root, can have written. */
static FILE *open_private(const char *path)
{
    struct stat it;
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *file = NULL;
    if (fd >= 0 && fstat(fd, &it) == 0 && S_ISREG(it.st_mode) && px_private(&it))
        file = fdopen(fd, "rb");
    if (fd >= 0 && file == NULL)
        close(fd);
    return file;
}

static bool key_equal(FILE *file, const char *key)
{
    const size_t size = strlen(key);
    char *found = malloc(size);
    const bool equal = found != NULL && fread(found, 1, size, file) == size && memcmp(found, key, size) == 0;
    free(found);
    return equal;
}

bool px_cache_load(const char *key, unsigned char **binary, size_t *size)
{
    char path[4096];
    header h;
    unsigned char *data = NULL;
    bool good = false;

    if (!file_of(key, path, sizeof path))
        return false;
    FILE *file = open_private(path);
    if (file == NULL)
        return false;
    if (fread(&h, sizeof h, 1, file) == 1 && memcmp(h.magic, magic, sizeof magic) == 0 && h.key_size == strlen(key) &&
        h.binary_size > 0 && h.binary_size <= LARGEST && key_equal(file, key)) {
        data = malloc(h.binary_size);
        good = data != NULL && fread(data, 1, h.binary_size, file) == h.binary_size &&
               crc_of(data, h.binary_size) == h.binary_crc && fgetc(file) == EOF;
    }
    fclose(file);
    if (!good) {
        free(data);
        return false;
    }
    *binary = data;
    *size = h.binary_size;
    return true;
}

void px_cache_store(const char *key, const unsigned char *binary, size_t size)
{
    char path[4096];
    px_output output;
    header h = {.key_size = strlen(key), .binary_size = size, .binary_crc = crc_of(binary, size)};

    if (size == 0 || size > LARGEST || !file_of(key, path, sizeof path))
        return;
    memcpy(h.magic, magic, sizeof magic);
    if (!px_output_open(&output, path, NULL))
        return;
    FILE *file = output.file;
    (void)fchmod(fileno(file), 0600);
    const bool written = fwrite(&h, sizeof h, 1, file) == 1 && fwrite(key, 1, h.key_size, file) == h.key_size &&
                         fwrite(binary, 1, size, file) == size;
    (void)px_output_close(&output, written, NULL); /* a cache that cannot be written is slower, no more */
}
