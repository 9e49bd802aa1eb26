/* mkimage.c - builds a boot image of pxHV (firmware/boot/loader.h says how it is laid out); --help has the parts.
 *
 * A driver is a serial driver (pxi/programs/SERIAL.md); it is stored as W, H and its pixels, because firmware cannot
 * read PNG. Options are read by pxHV's own parser, so that a wrong word is found here and not at boot. An image that
 * fits a 1.44 MB floppy becomes one; a longer one is padded to whole cylinders of 16 heads and 63 sectors. */
#include <argp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "firmware/bios/geometry.h"
#include "firmware/boot/loader.h"
#include "firmware/image/options.h"
#include "pxi/input_file.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"
#include "wire/serial.h"

#define FLOPPY   (2880u * HV_SECTOR)
#define CYLINDER (16u * 63u * HV_SECTOR)

typedef struct bytes {
    uint8_t *at;
    size_t count;
} bytes;

#define WRONG_USE 2

static _Noreturn __attribute__((format(printf, 2, 3))) void fail(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("mkimage: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(status);
}

static void append(bytes *to, const void *from, size_t count)
{
    to->at = realloc(to->at, to->count + count + 1);
    if (to->at == NULL)
        fail(1, "no memory for an image of %zu bytes", to->count + count);
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
        fail(1, "%s", error.text);
    if (b.count == 0)
        fail(1, "%s is empty", path);
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
        fail(1, "%s", error.text);
    const uint32_t n = state.w * state.h;
    const px_serial_driver driver = {state.mem, px_serial_driver_rows(state.mem, n)};
    if (!px_serial_driver_check(&driver, &error))
        fail(1, "%s: %s", path, error.text);
    append_word(&b, state.w);
    append_word(&b, state.h);
    for (size_t i = 0; i < n; i++)
        append_word(&b, state.mem[i]);
    px_state_free(&state);
    return b;
}

/* Checked by the code that reads them in pxHV. */
static bytes read_options(const char *text)
{
    static hv_options o;
    const char *wrong, *expected;
    bytes b = {0};
    append(&b, text, strlen(text) + 1);
    if (!options_parse(b.at, b.count, &o, &wrong, &expected))
        fail(WRONG_USE, "options: %s: expected %s", wrong, expected);
    return b;
}

#define PARTS(X)                                                                                                       \
    X(HV, "hv=", "FILE", "pxHV, hv.bin; it comes first")                                                               \
    X(DRIVER, "driver=", "FILE", "a serial driver's picture (pxi/programs/SERIAL.md)")                                 \
    X(FLOPPY, "floppy=", "FILE", "drive 00h: a raw image; one that is not finished is filled up")                      \
    X(DISK, "disk=", "FILE", "drive 80h: a raw image of whole sectors")                                                \
    X(NONE, "image=", "FILE", "one of these two, as its size and its first sector say")                                \
    X(KERNEL, "kernel=", "FILE", "a Linux bzImage, started without a boot loader")                                     \
    X(INITRD, "initrd=", "FILE", "its initial RAM disk")                                                               \
    X(OPTIONS, "options=", "WORDS", "below, with blanks between")

static const struct {
    const char *name;
    uint32_t kind;
} kinds[] = {
#define KIND(part, name, ...) {name, HV_PART_##part},
    PARTS(KIND)};

static uint32_t kind_of(const char *argument)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(argument, kinds[i].name, strlen(kinds[i].name)) == 0)
            return kinds[i].kind;
#define LISTED(part, name, ...) " " name
    fail(WRONG_USE, "%s is no part; parts are" PARTS(LISTED), argument);
}

static bool has(const hv_directory *directory, uint32_t kind)
{
    for (uint32_t i = 0; i < directory->count; i++)
        if (directory->part[i].kind == kind)
            return true;
    return false;
}

static bytes read_part(uint32_t kind, const char *value)
{
    if (kind == HV_PART_OPTIONS)
        return read_options(value);
    const bytes part = kind == HV_PART_DRIVER ? read_driver(value) : read_file(value);
    uint32_t magic = 0;
    memcpy(&magic, part.at, part.count < sizeof magic ? part.count : sizeof magic);
    if (kind == HV_PART_HV && magic != HV_IMAGE_MAGIC)
        fail(1, "%s is not pxHV: expected hv.bin", value);
    if (part.count > UINT32_MAX)
        fail(1, "%s is above 4 GB", value);
    return part;
}

/* What image= has. */
static uint32_t kind_of_image(const bytes *image)
{
    return geometry_is_floppy(image->at, image->count) ? HV_PART_FLOPPY : HV_PART_DISK;
}

/* What a floppy has in memory: all sectors of its geometry. */
static uint32_t whole_floppy(const bytes *image, const char *path)
{
    disk_geometry g;
    if (!geometry_of_floppy(image->at, image->count, &g))
        fail(1, "%s: %zu bytes are no floppy's; expected up to 2.88 MB (disk= takes more)", path, image->count);
    return (uint32_t)geometry_bytes(&g);
}

/* pxHV takes the first part of a kind: a second one would be passed over. */
static void expect_first(const hv_directory *directory, uint32_t kind, const char *argument)
{
    if (has(directory, kind))
        fail(WRONG_USE, "%s: a second part of its kind; expected one at most", argument);
}

static void add_part(bytes *image, hv_directory *directory, const char *argument)
{
    const char *const value = strchr(argument, '=') + 1;
    uint32_t kind = kind_of(argument);
    if ((directory->count == 0) != (kind == HV_PART_HV))
        fail(WRONG_USE, "%s: hv= comes first, and once", argument);
    expect_first(directory, kind, argument);
    bytes part = read_part(kind, value);
    if (kind == HV_PART_NONE)
        expect_first(directory, kind = kind_of_image(&part), argument);
    if (kind == HV_PART_DISK && part.count % HV_SECTOR != 0)
        fail(1, "%s: %zu bytes; expected whole sectors of 512", value, part.count);
    if (kind == HV_PART_FLOPPY)
        directory->floppy = whole_floppy(&part, value);
    directory->part[directory->count++] = (hv_part){.kind = kind,
                                                    .sector = (uint32_t)(image->count / HV_SECTOR),
                                                    .bytes = (uint32_t)part.count,
                                                    .crc = (uint32_t)crc32(0, part.at, (uInt)part.count)};
    append(image, part.at, part.count);
    pad(image, HV_SECTOR);
    free(part.at);
}
_Static_assert(sizeof kinds / sizeof *kinds <= HV_PARTS, "one of each has room in the directory");

static void write_image(const char *path, const bytes *image)
{
    px_output out;
    px_error error;
    if (!px_output_open(&out, path, &error))
        fail(1, "%s", error.text);
    const bool good = fwrite(image->at, 1, image->count, out.file) == image->count;
    if (!px_output_close(&out, good, &error))
        fail(1, "%s", good ? error.text : "the image cannot be written");
}

/* The lists that the parsers have, as columns. */
static void explain(FILE *to)
{
#define LINE(key, name, value, meaning) {name value, meaning},
    static const struct {
        const char *what, *meaning;
    } parts[] = {PARTS(LINE)}, words[] = {HV_OPTION_WORDS(LINE)};
    fputs("Parts, each at most once; the guest is on floppy=, disk=, image= or kernel=:\n", to);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fprintf(to, "  %-15s %s\n", parts[i].what, parts[i].meaning);
    fputs("\nWords of options=:\n", to);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        fprintf(to, "  %-15s %s\n", words[i].what, words[i].meaning);
    fputs("\nAn image of up to 1.44 MB is a floppy, a larger one a hard disk of whole\n"
          "cylinders. All parts lie in the machine's memory, and the guest has the rest.\n\n"
          "For example, in the repository after `make hv':\n"
          "  cd build/firmware\n"
          "  ./mkimage -o my.img boot/boot.bin stage2.bin hv=hv.bin \\\n"
          "    driver=../programs/serial_driver.pxi floppy=hello.floppy \\\n"
          "    'options=batch=256 end=bochs'\n",
          to);
}

static char *help(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    char *columns = NULL;
    size_t length;
    FILE *const to = open_memstream(&columns, &length);
    if (to == NULL)
        return NULL;
    explain(to);
    fclose(to);
    return columns;
}

typedef struct arguments {
    const char *output, *boot, *stage2;
    char **parts;
    int count;
} arguments;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *const a = state->input;
    switch (key) {
    case 'o':
        a->output = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            return ARGP_ERR_UNKNOWN; /* all that are left at once */
        *(state->arg_num == 0 ? &a->boot : &a->stage2) = arg;
        return 0;
    case ARGP_KEY_ARGS:
        a->parts = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (a->output == NULL || a->count == 0)
            argp_error(state, "expected -o IMAGE, BOOT, STAGE2 and parts");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bytes read_loader(const arguments *a)
{
    bytes image = {0}, boot = read_file(a->boot), stage2 = read_file(a->stage2);
    if (boot.count != HV_SECTOR)
        fail(1, "%s: %zu bytes; a boot sector has 512 bytes", a->boot, boot.count);
    if (stage2.count > HV_STAGE2_SECTORS * HV_SECTOR)
        fail(1, "%s: %zu bytes; stage 2 is above 32 KB", a->stage2, stage2.count);
    append(&image, boot.at, boot.count);
    append(&image, stage2.at, stage2.count);
    append_zeros(&image, (HV_DIRECTORY_SECTOR + 1) * HV_SECTOR - image.count);
    free(boot.at);
    free(stage2.at);
    return image;
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {{"output", 'o', "IMAGE", 0, "the image", 0}, {0}};
    static const char explanation[] =
        "Builds a boot image of pxHV. BOOT and STAGE2 are boot/boot.bin and stage2.bin of the build.\v";
    static const struct argp argp = {options, parse, "BOOT STAGE2 PART...", explanation, NULL, help, NULL};
    arguments a = {0};
    argp_err_exit_status = WRONG_USE;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    bytes image = read_loader(&a);
    hv_directory directory = {.magic = HV_DIRECTORY_MAGIC};
    for (int i = 0; i < a.count; i++)
        add_part(&image, &directory, a.parts[i]);
    if (!has(&directory, HV_PART_FLOPPY) && !has(&directory, HV_PART_DISK) && !has(&directory, HV_PART_KERNEL))
        fprintf(stderr, "mkimage: warning: %s has no floppy=, disk=, image= or kernel=: there is no guest to boot\n",
                a.output);
    directory.crc = (uint32_t)crc32(0, (const uint8_t *)directory.part, (uInt)(directory.count * sizeof(hv_part)));
    memcpy(image.at + HV_DIRECTORY_SECTOR * HV_SECTOR, &directory, sizeof directory);
    pad(&image, image.count <= FLOPPY ? FLOPPY : CYLINDER);
    write_image(a.output, &image);
    free(image.at);
    return 0;
}
