/* mkimage.c - builds a boot image of pxHV (firmware/boot/loader.h says how it is laid out):
 *
 *     mkimage -o IMAGE BOOT STAGE2 hv=FILE [driver=FILE.pxi] [floppy=FILE] [disk=FILE] [kernel=FILE] [initrd=FILE]
 *             [options=TEXT]
 *
 * A driver is a serial driver (pxi/programs/SERIAL.md); it is stored as W, H and its pixels, because firmware cannot
 * read PNG. An image that fits a 1.44 MB floppy becomes one; a longer one is padded to whole cylinders of 16 heads and
 * 63 sectors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "firmware/boot/loader.h"
#include "host/serial.h"
#include "pxi/output_file.h"
#include "pxi/png_file.h"

#define FLOPPY   (2880u * HV_SECTOR)
#define CYLINDER (16u * 63u * HV_SECTOR)

typedef struct bytes {
    uint8_t *at;
    size_t count;
} bytes;

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "mkimage: %s: %s\n", what, why);
    exit(1);
}

static void append(bytes *to, const void *from, size_t count)
{
    to->at = realloc(to->at, to->count + count + 1);
    if (to->at == NULL)
        fail("image", "no memory");
    if (count > 0)
        memcpy(to->at + to->count, from, count);
    to->count += count;
}

static void append_zeros(bytes *to, size_t count)
{
    static const uint8_t zero[HV_SECTOR];
    for (size_t now; count > 0; count -= now) {
        now = count < sizeof zero ? count : sizeof zero;
        append(to, zero, now);
    }
}

static void pad(bytes *to, size_t unit) { append_zeros(to, (unit - to->count % unit) % unit); }

static bytes read_file(const char *path)
{
    bytes b = {0};
    px_error error;
    if (!px_file_read(&b.at, &b.count, path, &error))
        fail(path, error.text);
    if (b.count == 0)
        fail(path, "is empty");
    return b;
}

static void append_word(bytes *to, uint32_t word)
{
    const uint8_t b[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    append(to, b, sizeof b);
}

static bytes read_driver(const char *path)
{
    bytes b = {0};
    px_state state = {0};
    px_error error;
    if (!px_state_read(&state, path, &error)) /* looks at the checksum, and leaves 0 in its place */
        fail(path, error.text);
    const uint32_t n = state.w * state.h;
    const px_serial_driver driver = {state.mem, px_serial_driver_rows(state.mem, n)};
    if (!px_serial_driver_check(&driver, &error))
        fail(path, error.text);
    append_word(&b, state.w);
    append_word(&b, state.h);
    for (size_t i = 0; i < n; i++)
        append_word(&b, state.mem[i]);
    px_state_free(&state);
    return b;
}

static const struct {
    const char *name;
    uint32_t kind;
} kinds[] = {{"hv", HV_PART_HV},          {"driver", HV_PART_DRIVER}, {"floppy", HV_PART_FLOPPY},
             {"disk", HV_PART_DISK},      {"kernel", HV_PART_KERNEL}, {"initrd", HV_PART_INITRD},
             {"options", HV_PART_OPTIONS}};

static uint32_t kind_of(const char *argument)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t length = strlen(kinds[i].name);
        if (strncmp(argument, kinds[i].name, length) == 0 && argument[length] == '=')
            return kinds[i].kind;
    }
    fail(argument, "is no part; parts are hv=, driver=, floppy=, disk=, kernel=, initrd=, options=");
}

static void add_part(bytes *image, hv_directory *directory, const char *argument)
{
    const uint32_t kind = kind_of(argument);
    const char *value = strchr(argument, '=') + 1;
    bytes part = {0};
    if (directory->count == HV_PARTS)
        fail(argument, "an image has at most 31 parts");
    if ((directory->count == 0) != (kind == HV_PART_HV))
        fail(argument, "hv= comes first, and once");
    if (kind == HV_PART_OPTIONS)
        append(&part, value, strlen(value) + 1);
    else
        part = kind == HV_PART_DRIVER ? read_driver(value) : read_file(value);
    uint32_t magic = 0;
    memcpy(&magic, part.at, part.count < sizeof magic ? part.count : sizeof magic);
    if (kind == HV_PART_HV && magic != HV_IMAGE_MAGIC)
        fail(argument, "is not pxHV: expected hv.bin");
    if (part.count > UINT32_MAX)
        fail(argument, "is above 4 GB");
    directory->part[directory->count++] = (hv_part){.kind = kind,
                                                    .sector = (uint32_t)(image->count / HV_SECTOR),
                                                    .bytes = (uint32_t)part.count,
                                                    .crc = (uint32_t)crc32(0, part.at, (uInt)part.count)};
    append(image, part.at, part.count);
    pad(image, HV_SECTOR);
    free(part.at);
}

static void write_image(const char *path, const bytes *image)
{
    px_output out;
    px_error error;
    if (!px_output_open(&out, path, &error))
        fail(path, error.text);
    const bool good = fwrite(image->at, 1, image->count, out.file) == image->count;
    if (!px_output_close(&out, good, &error))
        fail(path, good ? error.text : "cannot be written");
}

int main(int argc, char **argv)
{
    if (argc < 6 || strcmp(argv[1], "-o") != 0) {
        fputs("usage: mkimage -o IMAGE BOOT STAGE2 hv=FILE [driver=FILE.pxi] [floppy=FILE] [disk=FILE] [kernel=FILE] "
              "[initrd=FILE] [options=TEXT]\n",
              stderr);
        return 2;
    }
    bytes image = {0}, boot = read_file(argv[3]), stage2 = read_file(argv[4]);
    hv_directory directory = {.magic = HV_DIRECTORY_MAGIC};
    if (boot.count != HV_SECTOR)
        fail(argv[3], "a boot sector has 512 bytes");
    if (stage2.count > HV_STAGE2_SECTORS * HV_SECTOR)
        fail(argv[4], "stage 2 is above 32 KB");
    append(&image, boot.at, boot.count);
    append(&image, stage2.at, stage2.count);
    pad(&image, HV_SECTOR);
    while (image.count < (HV_DIRECTORY_SECTOR + 1) * HV_SECTOR)
        append_zeros(&image, HV_SECTOR);
    for (int i = 5; i < argc; i++)
        add_part(&image, &directory, argv[i]);
    directory.crc = (uint32_t)crc32(0, (const uint8_t *)directory.part, (uInt)(directory.count * sizeof(hv_part)));
    memcpy(image.at + HV_DIRECTORY_SECTOR * HV_SECTOR, &directory, sizeof directory);
    pad(&image, image.count <= FLOPPY ? FLOPPY : CYLINDER);
    free(boot.at);
    free(stage2.at);
    write_image(argv[2], &image);
    free(image.at);
    return 0;
}
