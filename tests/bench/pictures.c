/* pictures.c - what a picture costs to write and to read, in CPU seconds and bytes, beside libpng used plainly. */
#define _DEFAULT_SOURCE /* wait4 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pxi/png/picture_file.h"

enum { TIMES = 3 };

static char folder[] = "/tmp/px-bench-XXXXXX", file[64], source[64];

static void end(const char *text)
{
    fprintf(stderr, "pictures: %s\n", text);
    unlink(file);
    unlink(source);
    rmdir(folder);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double size_of_file(void)
{
    struct stat about;
    return stat(file, &about) == 0 ? (double)about.st_size : 0;
}

/* ---- the two ways ---- */

static void write_ours(const px_picture *picture)
{
    px_error error;
    if (!px_picture_write(picture, file, &error))
        end(error.text);
}

static void read_ours(const px_picture *picture)
{
    px_picture again;
    px_error error;
    (void)picture;
    if (!px_picture_read(&again, file, &error))
        end(error.text);
    px_picture_free(&again);
}

static void write_plain(const px_picture *picture)
{
    FILE *to = fopen(file, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, to);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_compression_level(png, 6);
    png_set_compression_strategy(png, 0);
    png_set_IHDR(png, info, picture->w, picture->h, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(png, info);
    for (uint32_t y = 0; y < picture->h; y++)
        png_write_row(png, (png_const_bytep)(picture->px + (size_t)y * picture->w));
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(to);
}

static void read_plain(const px_picture *picture)
{
    FILE *from = fopen(file, "rb");
    uint32_t *px = malloc((size_t)picture->w * picture->h * sizeof *px);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, from);
    png_read_info(png, info);
    for (uint32_t y = 0; y < picture->h; y++)
        png_read_row(png, (png_bytep)(px + (size_t)y * picture->w), NULL);
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
    free(px);
    fclose(from);
}

/* ---- measuring ---- */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The medians of both, in turn. */
static void in_turn(const px_picture *picture, void (*ours)(const px_picture *), void (*peer)(const px_picture *),
                    double median[2])
{
    double took[2][TIMES];
    for (int i = 0; i < 2 * TIMES; i++) {
        const double start = cpu_seconds();
        (i % 2 == 0 ? ours : peer)(picture);
        took[i % 2][i / 2] = cpu_seconds() - start;
    }
    for (int i = 0; i < 2; i++) {
        qsort(took[i], TIMES, sizeof(double), by_value);
        median[i] = took[i][TIMES / 2];
    }
}

static void compare(const char *name, const px_picture *picture)
{
    double took[2], size[2];
    in_turn(picture, write_ours, write_plain, took);
    size[1] = size_of_file();
    write_ours(picture);
    size[0] = size_of_file();
    printf("%s, written\t%.1f ms\t%.1f ms\t%.1f\n", name, took[0] * 1e3, took[1] * 1e3, took[1] / took[0]);
    printf("%s, bytes\t%.0f\t%.0f\t%.2f\n", name, size[0], size[1], size[1] / size[0]);
    in_turn(picture, read_ours, read_plain, took);
    printf("%s, read\t%.1f ms\t%.1f ms\t%.2f\n", name, took[0] * 1e3, took[1] * 1e3, took[1] / took[0]);
    fflush(stdout);
}

static uint32_t pixel_of(int kind, uint32_t i, uint32_t *chance)
{
    *chance ^= *chance << 13;
    *chance ^= *chance >> 17;
    *chance ^= *chance << 5;
    return kind == 0 ? i + 0xFF000000 : kind == 1 ? *chance : kind == 2 ? *chance & 0x03030303 : 0;
}

static void kinds(void)
{
    static const char *const name[] = {"1 M pixels, gradient", "1 M pixels, noise", "1 M pixels, two bits of noise",
                                       "1 M pixels, zeros"};
    px_picture picture;
    for (int kind = 0; kind < 4; kind++) {
        uint32_t chance = 1;
        if (!px_picture_new(&picture, 1024, 1024, NULL))
            end("no memory");
        for (uint32_t i = 0; i < 1024 * 1024; i++)
            picture.px[i] = pixel_of(kind, i, &chance);
        compare(name[kind], &picture);
        px_picture_free(&picture);
    }
}

/* ---- a program whose image is a large gradient, run and saved ---- */

enum { SIDE = 4096, IMAGE = SIDE * SIDE };

static void run_and_save(const char *px)
{
    static const char text[] = " .size 4096, 4096\n set r1, N - 64\n set r3, 64\n vl r1\n set r4, 0xFF000000\n"
                               " set r5, 1\n iota [r3], r4, r5\n halt\n";
    FILE *program = fopen(source, "w");
    if (program == NULL || fputs(text, program) < 0 || fclose(program) != 0)
        end("no place for a program");
    struct rusage used;
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        execl(px, px, "run", "-q", source, "-o", file, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0)
        end("px run failed");
    const double ours = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                        (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    px_picture picture;
    px_error error;
    if (!px_picture_read(&picture, file, &error))
        end(error.text);
    const double start = cpu_seconds();
    write_plain(&picture);
    const double plain = cpu_seconds() - start;
    px_picture_free(&picture);
    printf("16 M pixels, gradient, run and saved\t%.2f s\t%.2f s\t%.1f\n", ours, plain, plain / ours);
    printf("# its peer only writes; px has %.2f images in memory at the most\n", (double)used.ru_maxrss * 256 / IMAGE);
}

int main(void)
{
    const char *px = getenv("PX");
    if (mkdtemp(folder) == NULL)
        end("no folder in /tmp");
    snprintf(file, sizeof file, "%s/x.png", folder);
    snprintf(source, sizeof source, "%s/x.pxa", folder);
    printf("# CPU time beside libpng with zlib's level 6 and no filter, as pictures are often written\n");
    kinds();
    run_and_save(px != NULL ? px : "build/px");
    unlink(file);
    unlink(source);
    rmdir(folder);
    return 0;
}
