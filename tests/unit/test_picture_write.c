/* test_picture_write.c - pictures are written whole or not at all, and always as the same bytes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pxi/picture.h"
#include "pxi/png/picture_file.h"
#include "tests/unit/make_png.h"

/* 2 x 3, with data under A = 0. */
enum { W = 2, H = 3 };
static const uint32_t pixels[W * H] = {0x01495850, 0x00332211, 0xFFFFFFFF, 0x00000000, 0x80FE7F01, 0x01C0FFEE};

static void expect_pixels(const px_picture *p)
{
    assert_int_equal(p->w, W);
    assert_int_equal(p->h, H);
    assert_memory_equal(p->px, pixels, sizeof pixels);
}

static char folder[] = "/tmp/px-test-XXXXXX";
static char path[64], link_path[64];

static int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/x.pxi", folder);
    snprintf(link_path, sizeof link_path, "%s/link.pxi", folder);
    return 0;
}

/* Succeeds only when no temporary file was left behind. */
static int remove_folder(void **unused)
{
    (void)unused;
    unlink(path);
    unlink(link_path);
    return rmdir(folder);
}

static px_picture example(void)
{
    px_picture p;
    assert_true(px_picture_new(&p, W, H, NULL));
    memcpy(p.px, pixels, sizeof pixels);
    return p;
}

static bytes slurp(const char *from)
{
    bytes b = {0};
    FILE *file = fopen(from, "rb");
    assert_non_null(file);
    for (int c; (c = getc(file)) != EOF;)
        put_byte(&b, c);
    fclose(file);
    return b;
}

/* Reads the written file with zlib alone: IHDR, IDAT.., IEND and unfiltered rows are all there may be. */
static void writes_exactly_these_pixels(void **unused)
{
    (void)unused;
    px_picture p = example();
    px_error e = {0};
    if (!px_picture_write(&p, path, &e))
        fail_msg("%s", e.text);
    bytes file = slurp(path), z = {0};
    assert_memory_equal(file.data, "\x89PNG\r\n\x1A\n\0\0\0\15IHDR\0\0\0\2\0\0\0\3\10\6\0\0\0", 29);
    size_t at = 8;
    for (; at < file.size; at += 12 + ((size_t)file.data[at + 2] << 8 | file.data[at + 3]))
        if (memcmp(file.data + at + 4, "IDAT", 4) == 0)
            put(&z, file.data + at + 8, (size_t)file.data[at + 2] << 8 | file.data[at + 3]);
        else
            assert_true(memcmp(file.data + at + 4, "IHDR", 4) == 0 || memcmp(file.data + at + 4, "IEND", 4) == 0);
    assert_int_equal(at, file.size);

    uint8_t raw[H * (1 + 4 * W) + 1];
    uLongf size = sizeof raw;
    assert_int_equal(uncompress(raw, &size, z.data, z.size), Z_OK);
    const bytes expected = filtered((const uint8_t *)pixels, 4 * W, H);
    assert_int_equal(size, expected.size);
    assert_memory_equal(raw, expected.data, size);

    px_picture again;
    assert_true(px_picture_read(&again, path, &e));
    expect_pixels(&again);
    px_picture_free(&again);
    free(expected.data);
    bytes_free(&file);
    bytes_free(&z);
    px_picture_free(&p);
}

static void writes_the_same_file_each_time(void **unused)
{
    (void)unused;
    px_picture p = example();
    assert_true(px_picture_write(&p, path, NULL));
    bytes first = slurp(path);
    assert_true(px_picture_write(&p, path, NULL));
    bytes second = slurp(path);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    bytes_free(&first);
    bytes_free(&second);
    px_picture_free(&p);
}

static mode_t mode_of(const char *of)
{
    struct stat s;
    assert_int_equal(lstat(of, &s), 0);
    return s.st_mode & 07777;
}

static void keeps_rights_and_links(void **unused)
{
    (void)unused;
    px_picture p = example();
    const mode_t mask = umask(027);
    assert_true(px_picture_write(&p, path, NULL));
    umask(mask);
    assert_int_equal(mode_of(path), 0640);

    assert_int_equal(chmod(path, 0604), 0);
    assert_true(px_picture_write(&p, path, NULL));
    assert_int_equal(mode_of(path), 0604);

    assert_int_equal(symlink("x.pxi", link_path), 0);
    p.px[1] = 99;
    assert_true(px_picture_write(&p, link_path, NULL));
    char target[16] = "";
    assert_int_equal(readlink(link_path, target, sizeof target), 5);
    px_picture again;
    assert_true(px_picture_read(&again, path, NULL));
    assert_int_equal(again.px[1], 99);
    px_picture_free(&again);
    px_picture_free(&p);
}

/* A file that an earlier process with this number left behind is neither used nor touched. */
static void avoids_names_that_are_taken(void **unused)
{
    (void)unused;
    char taken[96];
    snprintf(taken, sizeof taken, "%s.%ld.0.tmp", path, (long)getpid());
    FILE *file = fopen(taken, "wb");
    fputs("other", file);
    fclose(file);
    px_picture p = example();
    px_error e = {0};
    if (!px_picture_write(&p, path, &e))
        fail_msg("%s", e.text);
    bytes other = slurp(taken);
    assert_int_equal(other.size, 5);
    unlink(taken);
    bytes_free(&other);
    px_picture_free(&p);
}

static void expect_unwritable(const px_picture *p, const char *to, const char *words)
{
    px_error e = {0};
    assert_false(px_picture_write(p, to, &e));
    assert_int_equal(e.code, PX_E_SYSTEM);
    if (strstr(e.text, to) == NULL || strstr(e.text, words) == NULL)
        fail_msg("the message lacks the name or '%s': %s", words, e.text);
}

static void refuses_targets_that_are_no_files(void **unused)
{
    (void)unused;
    px_picture p = example();
    expect_unwritable(&p, folder, "is a directory; name a file in it");
    expect_unwritable(&p, "/dev/full", "writing failed: No space left on device");
    expect_unwritable(&p, "tests/nowhere/x.pxi", "No such file or directory");
    if (geteuid() != 0) {
        assert_true(px_picture_write(&p, path, NULL));
        chmod(path, 0444);
        expect_unwritable(&p, path, "Permission denied");
    }
    px_picture_free(&p);
}

/* A limit on file size stands for a full disk: write fails after the first block. */
static void leaves_the_old_file_when_writing_fails(void **unused)
{
    (void)unused;
    px_picture p = example(), large;
    assert_true(px_picture_write(&p, path, NULL));
    assert_true(px_picture_new(&large, 256, 256, NULL));
    for (uint32_t i = 0, seed = 1; i < 256 * 256; i++)
        large.px[i] = seed = seed * 1664525 + 1013904223;

    struct rlimit old;
    getrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){8192, old.rlim_max});
    px_error e = {0};
    const bool written = px_picture_write(&large, path, &e);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);

    assert_false(written);
    assert_int_equal(e.code, PX_E_SYSTEM);
    assert_non_null(strstr(e.text, path));
    assert_non_null(strstr(e.text, "writing failed: File too large; the file is as it was before"));
    px_picture again;
    assert_true(px_picture_read(&again, path, NULL));
    expect_pixels(&again);
    px_picture_free(&again);
    px_picture_free(&large);
    px_picture_free(&p);
}

/* What each way of compressing is for, on both sides of the size below which all of them are tried. */
static uint32_t pixel_of(int kind, uint32_t x, uint32_t y, uint32_t *chance)
{
    *chance = *chance * 1664525 + 1013904223;
    return kind == 0   ? x * 0x010203 + y * 0x0305
           : kind == 1 ? *chance * *chance >> 3
           : kind == 2 ? x * x * 0x01020305
           : kind == 3 ? (*chance >> 28) * 0x11
                       : 0;
}

static void expect_same(const px_picture *p)
{
    px_error e = {0};
    px_picture again;
    if (!px_picture_write(p, path, &e) || !px_picture_read(&again, path, &e))
        fail_msg("%s", e.text);
    assert_int_equal(again.w, p->w);
    assert_int_equal(again.h, p->h);
    assert_memory_equal(again.px, p->px, (size_t)p->w * p->h * sizeof *p->px);
    px_picture_free(&again);
}

static void every_kind_and_shape_is_read_again(void **unused)
{
    static const uint32_t size[][2] = {{1, 1}, {1, 70000}, {70000, 1}, {33000, 2}, {255, 257}, {256, 256}, {300, 300}};
    (void)unused;
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (int kind = 0; kind < 5; kind++) {
            px_picture p;
            uint32_t chance = 1;
            assert_true(px_picture_new(&p, size[i][0], size[i][1], NULL));
            for (uint32_t at = 0; at < p.w * p.h; at++)
                p.px[at] = pixel_of(kind, at % p.w, at / p.w, &chance);
            expect_same(&p);
            px_picture_free(&p);
        }
}

/* Gives so many rows, and then no more. */
static bool rows_that_end(void *context, uint32_t y, uint32_t count, uint32_t *px, px_error *error)
{
    const uint32_t *most = context;
    memset(px, 1, (size_t)count * 1000 * sizeof *px);
    return y + count <= *most || px_fail(error, PX_E_INPUT, "row %u is gone", (unsigned)y);
}

static void a_source_that_fails_leaves_the_old_file(void **unused)
{
    (void)unused;
    px_picture p = example();
    assert_true(px_picture_write(&p, path, NULL));
    for (uint32_t most = 0; most < 1000; most += 999) {
        px_error e = {0};
        const px_rows rows = {1000, 1000, rows_that_end, &most};
        assert_false(px_rows_write(&rows, path, &e));
        assert_int_equal(e.code, PX_E_INPUT);
        if (strstr(e.text, path) == NULL || strstr(e.text, "is gone; the file is as it was before") == NULL)
            fail_msg("%s", e.text);
    }
    px_picture again;
    assert_true(px_picture_read(&again, path, NULL));
    expect_pixels(&again);
    px_picture_free(&again);
    px_picture_free(&p);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_exactly_these_pixels, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(writes_the_same_file_each_time, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(keeps_rights_and_links, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(avoids_names_that_are_taken, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(refuses_targets_that_are_no_files, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(leaves_the_old_file_when_writing_fails, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(every_kind_and_shape_is_read_again, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_source_that_fails_leaves_the_old_file, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("picture_write", tests, NULL, NULL);
}
