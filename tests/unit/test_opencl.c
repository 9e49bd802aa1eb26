/* test_opencl.c - what is the OpenCL executor's own: devices, the known-answer test, the cache. Whether it computes
 * what SPEC.md says is test_opencl_ref.c's. Without a device the tests are skipped by name. */
#ifndef PX_HAVE_OPENCL
#include <stdio.h>
int main(void)
{
    puts("1..0 # SKIP built without OpenCL");
    return 0;
}
#else
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "opencl/cache.h"
#include "opencl/ready.h"
#include "tests/unit/held.h"
#include "tests/unit/opencl_device.h"

static char self[4096], scratch[64];

/* Refused with that code, in a sentence that has both parts. */
static void assert_refused_both(const char *arg, px_error_code code, const char *part, const char *other)
{
    px_executor *x;
    px_error error = {0};
    assert_false(px_opencl_driver.open(&x, arg, &error));
    assert_int_equal(error.code, code);
    if (strstr(error.text, part) == NULL || strstr(error.text, other) == NULL)
        fail_msg("'%s' does not say '%s' and '%s'", error.text, part, other);
}

static void assert_refused(const char *arg, px_error_code code, const char *part)
{
    assert_refused_both(arg, code, part, part);
}

/* ---- devices ---- */

static void count_line(void *context, const char *text)
{
    assert_non_null(strstr(text, "opencl:"));
    ++*(int *)context;
}

static void test_open(void **state)
{
    (void)state;
    need_device();
    px_executor *x;
    px_error error = {0};
    int lines = 0;

    assert_true(px_opencl_driver.list(count_line, &lines, &error));
    assert_true(lines >= 1);
    assert_true(px_opencl_driver.open(&x, "0", &error));
    assert_memory_equal(x->name, "opencl:0 (", 10);
    held_close(x);

    assert_refused("no such device", PX_E_ABSENT, "present: 0 '");
    assert_refused("4711", PX_E_ABSENT, "no OpenCL device is '4711'");
    setenv("PX_OPENCL_DEVICE", "no such device", 1);
    assert_refused(NULL, PX_E_ABSENT, "no such device");
    assert_true(px_opencl_driver.open(&x, "0", &error)); /* an argument comes before the environment */
    held_close(x);
    unsetenv("PX_OPENCL_DEVICE");
    setenv("PX_OPENCL_WG", "many", 1);
    assert_refused(NULL, PX_E_USAGE, "PX_OPENCL_WG is 'many'");
    setenv("PX_OPENCL_WG", "1000000000", 1);
    assert_refused(NULL, PX_E_USAGE, "work-groups of at most");
    unsetenv("PX_OPENCL_WG");
}

static void test_before_load(void **state)
{
    (void)state;
    need_device();
    px_executor *x = opened();
    px_stop stop;
    px_error error = {0};
    px_state out = {0};
    assert_false(held_run(x, 1, &stop, &error));
    assert_int_equal(error.code, PX_E_USAGE);
    assert_false(held_read(x, &out, &error));
    held_close(x);
}

/* The loader looks for drivers, and pocl for its cache, once a process; so these take processes of their own: main,
 * called with an argument. */
static void open_elsewhere(const char *environment, char line[1024])
{
    char command[4400];
    line[0] = '\0';
    snprintf(command, sizeof command, "%s '%s' --open", environment, self);
    FILE *child = popen(command, "r");
    assert_non_null(child);
    assert_non_null(fgets(line, 1024, child));
    assert_int_equal(pclose(child), 0);
}

static int say_opened(void)
{
    px_executor *x;
    px_device device;
    px_error error = {0};
    char cores[128] = "";
    if (!px_opencl_driver.open(&x, NULL, &error)) {
        puts(error.text);
        return error.code != PX_E_ABSENT;
    }
    x->ops->close(x);
    if (px_device_choose(&device, NULL, &error) && px_few_cores(&device, cores, sizeof cores))
        printf("opened with %s\n", cores);
    else
        puts("opened");
    return 0;
}

static void test_no_platform(void **state)
{
    (void)state;
    char line[1024];
    open_elsewhere("OCL_ICD_VENDORS=/nonexistent", line);
    assert_string_equal(line, "no OpenCL platform found; install pocl-opencl-icd\n");
}

static bool on_pocl(void)
{
    px_device device;
    return px_device_choose(&device, NULL, NULL) && strstr(device.platform_name, "Portable Computing Language") != NULL;
}

/* /proc lets nobody make a folder, root neither. */
static void test_no_home(void **state)
{
    (void)state;
    char line[1024], environment[256];
    need_device();
    if (!on_pocl())
        skip();
    open_elsewhere("POCL_CACHE_DIR=/proc/nowhere", line);
    if (strstr(line, "no OpenCL device: ") == NULL || strstr(line, "CL_DEVICE_NOT_FOUND") == NULL ||
        strstr(line, "set POCL_CACHE_DIR or XDG_CACHE_HOME") == NULL)
        fail_msg("%s", line);
    snprintf(environment, sizeof environment, "unset XDG_CACHE_HOME; HOME=/proc/nowhere TMPDIR=%s", scratch);
    open_elsewhere(environment, line);
    assert_memory_equal(line, "opened", 6);
    snprintf(environment, sizeof environment, "%s/pxos-%lu/pocl", scratch, (unsigned long)geteuid());
    assert_int_equal(access(environment, W_OK), 0);
}

static void test_few_cores(void **state)
{
    (void)state;
    char line[1024];
    px_device device;
    need_device();
    if (!px_device_choose(&device, NULL, NULL) || !device.cpu || device.units < 2 || system("taskset -c 0 true"))
        skip();
    open_elsewhere("taskset -c 0", line);
    if (strstr(line, "opened with 1 core of ") == NULL || strstr(line, "mpirun --bind-to none") == NULL)
        fail_msg("%s", line);
}

/* ---- kernels that compute wrongly ---- */

/* Writes the kernels with the first `from` made `to`, and has them used. Most of a compilation is optimization, and
 * nothing here lives long enough to be worth it; a compiler that does not know the pragma leaves it alone. */
static void plant(const char *from, const char *to)
{
    char path[128];
    bool planted = false;
    snprintf(path, sizeof path, "%s/planted.cl", scratch);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("#pragma clang optimize off\n", file);
    for (const char *const *line = px_kernel_lines; *line != NULL; line++) {
        const char *at = planted ? NULL : strstr(*line, from);
        if (at == NULL) {
            fputs(*line, file);
            continue;
        }
        fprintf(file, "%.*s%s%s", (int)(at - *line), *line, to, at + strlen(from));
        planted = true;
    }
    assert_int_equal(fclose(file), 0);
    if (!planted)
        fail_msg("the kernels do not contain '%s'", from);
    setenv("PX_OPENCL_SOURCE", path, 1);
}

static void test_planted(void **state)
{
    (void)state;
    need_device();
    px_device device;
    assert_true(px_device_choose(&device, NULL, NULL));
    static const struct {
        const char *from, *to, *group, *program, *word;
    } faults[] = {
        {"0xFFFFFFFFu : x / (", "1u : x / (", "1", "'divide'", "refused: divu left"},
        {"as_uint(as_int(x) >> (y & 31u))", "x >> (y & 31u)", "1", "'scalar'", "refused: sar left"},
        {"as_ulong((long)as_int(x) * (long)as_int(y))", "((ulong)x * y)", "1", "'scalar'", "refused: mulh left"},
        {"simm8 = word_SAR(i, 24)", "simm8 = i >> 24", "1", "'scalar'", "refused: addi left"},
        {"sum & 0xFFFFu", "sum & 0xFFu", "1", "'classic'", "refused: dot_rgb left"},
        {"return x.base < y.base + y.length", "return 0u && x.base < y.base + y.length", "1", "'overlap trap'",
         "refused: vadd.vx left"},
        {"(to_s - same_s >= vl - same_s)", "1u", "1", "'overlap trap'", "refused: vadd.vx left"},
        {"signed_byte(byte_of(x, 3)) *", "byte_of(x, 3) *", "1", "'tensor'", "refused: dot4.vv left"},
        {"(word_SHR(h, shift - 1u) & 1u)", "0u", "1", "'tensor'", "refused: req left"},
        {"if (where != ALONE)", "if (where == IN_FLEET)", "1", "'slots'", "refused: resume left"},
        {"k->cpu = k->outer;", "k->cpu = k->outer; k->cpu.pc += 2u;", "1", "'slots'", "refused: resume left"},
        {"shared->in = 0u", "shared->in = k->offset", "16", "'slots'", "refused: resume left"},
        {"min(p.index, q.index)", "max(p.index, q.index)", "16", "'reduce and scan'", "refused: argm"},
        {"barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)", "", "16", "'", "refused: "},
    };
    /* The last, without barriers, may run for ever on a GPU. */
    for (size_t i = 0; i < sizeof faults / sizeof *faults - (device.cpu ? 0 : 1); i++) {
        plant(faults[i].from, faults[i].to);
        setenv("PX_OPENCL_WG", faults[i].group, 1);
        assert_refused_both(NULL, PX_E_SYSTEM, faults[i].word, faults[i].program);
    }
    unsetenv("PX_OPENCL_WG");
    unsetenv("PX_OPENCL_SOURCE");
}

/* Off, it lets a wrong kernel through to whoever looks for what is wrong with it. */
static void test_off(void **state)
{
    (void)state;
    need_device();
    px_executor *x;
    plant("0xFFFFFFFFu : x / (", "1u : x / (");
    setenv("PX_OPENCL_WG", "1", 1);
    setenv("PX_OPENCL_KAT", "off", 1);
    assert_true(px_opencl_driver.open(&x, NULL, NULL));
    x->ops->close(x);
    setenv("PX_OPENCL_KAT", "0", 1);
    assert_refused(NULL, PX_E_USAGE, "PX_OPENCL_KAT is '0'; expected on or off");
    setenv("PX_OPENCL_KAT", "on", 1);
    assert_refused(NULL, PX_E_SYSTEM, "refused: divu left");
    unsetenv("PX_OPENCL_KAT");
    unsetenv("PX_OPENCL_WG");
    unsetenv("PX_OPENCL_SOURCE");
}

static void test_local_memory(void **state)
{
    (void)state;
    need_device();
    char large[64];
    px_device device;
    assert_true(px_device_choose(&device, NULL, NULL));
    snprintf(large, sizeof large, "__local uint r[%llu]", (unsigned long long)device.local / 4 + 64);
    plant("__local uint r[256]", large);
    setenv("PX_OPENCL_WG", "1", 1);
    if (device.cpu) /* a GPU's compiler refuses it first */
        assert_refused(NULL, PX_E_SYSTEM, "bytes of local memory; work-groups of 1 ask for");
    unsetenv("PX_OPENCL_WG");
    unsetenv("PX_OPENCL_SOURCE");
}

/* px_run is as it should be, another kernel is not. */
static void assert_planted_in(px_use use, const char *from, const char *to, const char *part)
{
    px_context context;
    px_error error = {0};
    plant(from, to);
    assert_true(px_ready_open(&context, NULL, &error));
    assert_false(px_kernel_ready(&context, use, &error));
    if (strstr(error.text, part) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, part);
    px_context_close(&context);
    unsetenv("PX_OPENCL_SOURCE");
}

static void test_planted_elsewhere(void **state)
{
    (void)state;
    need_device();
    assert_planted_in(PX_GRID, "px_reduce(m, &job, from, to, items)", "px_reduce(m, &job, from + 1u, to, items)",
                      "of px_grid");
    assert_planted_in(PX_GRID, "+ controls[which].slot", "", "(known-answer program 'slots' of px_grid");
    assert_planted_in(PX_GRID, "parts[k] = before;", "", "of px_grid");
    assert_planted_in(PX_GRID, "carry = parts[group];", "carry = parts[0];", "of px_grid");
    assert_planted_in(PX_FLEET, "px_cpu_put(machine + s->slot, &cpu);", "",
                      "(known-answer program 'slots' of px_fleet_run");
    assert_planted_in(PX_SLOT_LANES, "px_registers_out(slot, r);", "", "(known-answer program 'slots' of px_slot_lanes");
}

static void test_does_not_compile(void **state)
{
    (void)state;
    need_device();
    plant("uint word_ADD(uint x", "uint word_ADD(unt x");
    assert_refused(NULL, PX_E_SYSTEM, "the kernels do not compile");
    setenv("PX_OPENCL_SOURCE", "/nonexistent/kernels.cl", 1);
    assert_refused(NULL, PX_E_INPUT, "/nonexistent/kernels.cl");
    unsetenv("PX_OPENCL_SOURCE");
}

/* ---- the cache ---- */

/* The only file in the cache of that name. */
static void cache_file(const char *name, char *path, size_t size)
{
    char dir[80];
    int files = 0;
    snprintf(dir, sizeof dir, "%s/%s", scratch, name);
    DIR *list = opendir(dir);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        if (entry->d_name[0] != '.') {
            snprintf(path, size, "%s/%s", dir, entry->d_name);
            files++;
        }
    closedir(list);
    assert_int_equal(files, 1);
}

static bool opens_from_cache(void)
{
    px_context context;
    px_error error = {0};
    if (!px_ready_open(&context, NULL, &error))
        fail_msg("%s", error.text);
    const bool from_cache = context.kernel[PX_ONE].from_cache;
    px_context_close(&context);
    return from_cache;
}

static long size_of(const char *path)
{
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    return (long)s.st_size;
}

static void flip(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    const int byte = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
    assert_int_equal(fclose(file), 0);
}

static void test_cache(void **state)
{
    (void)state;
    need_device();
    char dir[80], path[512];
    snprintf(dir, sizeof dir, "%s/cache", scratch);
    setenv("PX_OPENCL_CACHE", dir, 1);
    assert_false(opens_from_cache());
    assert_true(opens_from_cache());
    cache_file("cache", path, sizeof path);
    const long size = size_of(path);

    const long damages[] = {0, 8, 60, size - 1}; /* magic, key size, key, binary */
    for (size_t i = 0; i < 4; i++) {
        flip(path, damages[i]);
        assert_false(opens_from_cache());
        assert_int_equal(size_of(path), size); /* and it is whole again */
        assert_true(opens_from_cache());
    }
    for (long cut = size - 1; cut > 0; cut /= 8) {
        assert_int_equal(truncate(path, cut), 0);
        assert_false(opens_from_cache());
        assert_true(opens_from_cache());
    }
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    fputc(0, file);
    fclose(file);
    assert_false(opens_from_cache());

    setenv("PX_OPENCL_CACHE", "off", 1);
    assert_false(opens_from_cache());
    setenv("PX_OPENCL_CACHE", "/proc/nowhere", 1); /* cannot be written: only slower */
    assert_false(opens_from_cache());
    unsetenv("PX_OPENCL_CACHE");
}

/* The file that opening a device leaves in a fresh cache, whole. */
static unsigned char *cached(const char *name, size_t *size)
{
    char dir[80], path[512];
    snprintf(dir, sizeof dir, "%s/%s", scratch, name);
    setenv("PX_OPENCL_CACHE", dir, 1);
    px_executor *x;
    if (px_opencl_driver.open(&x, NULL, NULL))
        held_close(x);
    cache_file(name, path, sizeof path);
    *size = (size_t)size_of(path);
    unsigned char *data = malloc(*size);
    FILE *file = fopen(path, "rb");
    assert_non_null(data);
    assert_non_null(file);
    assert_int_equal(fread(data, 1, *size, file), *size);
    fclose(file);
    return data;
}

/* A whole file whose binary was made from other kernels: it loads, fails the known-answer test, and is compiled anew.
 * A file is a magic of 8 bytes, the sizes of key and binary, a CRC, then key and binary. */
static void test_cached_wrong(void **state)
{
    (void)state;
    need_device();
    size_t good_size, bad_size;
    uint64_t key_size, bad_key_size;
    plant("x / (y == 0u", "1u + x / (y == 0u");
    unsigned char *bad = cached("bad", &bad_size);
    unsetenv("PX_OPENCL_SOURCE");
    unsigned char *good = cached("good", &good_size);
    memcpy(&key_size, good + 8, sizeof key_size);
    memcpy(&bad_key_size, bad + 8, sizeof bad_key_size);
    char *key = calloc(key_size + 1, 1);
    assert_non_null(key);
    memcpy(key, good + 32, key_size);

    assert_true(opens_from_cache());
    px_cache_store(key, bad + 32 + bad_key_size, bad_size - 32 - bad_key_size);
    assert_false(opens_from_cache());
    assert_true(opens_from_cache());
    unsetenv("PX_OPENCL_CACHE");
    free(key);
    free(good);
    free(bad);
}

static void test_cache_keys(void **state)
{
    (void)state;
    char dir[80];
    unsigned char *binary;
    size_t size;
    snprintf(dir, sizeof dir, "%s/keys", scratch);
    setenv("PX_OPENCL_CACHE", dir, 1);
    px_cache_store("plumless", (const unsigned char *)"one", 3);
    assert_true(px_cache_load("plumless", &binary, &size));
    assert_int_equal(size, 3);
    assert_memory_equal(binary, "one", 3);
    free(binary);
    /* "plumless" and "buckeroo" have the same CRC-32, so the same file. */
    assert_false(px_cache_load("buckeroo", &binary, &size));
    px_cache_store("buckeroo", (const unsigned char *)"two!", 4);
    assert_true(px_cache_load("buckeroo", &binary, &size));
    assert_memory_equal(binary, "two!", 4);
    free(binary);
    assert_false(px_cache_load("plumless", &binary, &size));
    unsetenv("PX_OPENCL_CACHE");
}

static bool kept(void)
{
    unsigned char *binary;
    size_t size;
    if (!px_cache_load("key", &binary, &size))
        return false;
    free(binary);
    return true;
}

/* A compiled kernel that somebody else may have put there is not run. */
static void test_trust(void **state)
{
    (void)state;
    char above[80], dir[96], link[80], file[512];
    snprintf(above, sizeof above, "%s/above", scratch);
    snprintf(dir, sizeof dir, "%s/trust", above);
    snprintf(link, sizeof link, "%s/link", scratch);
    assert_int_equal(mkdir(above, 0755), 0);
    assert_int_equal(mkdir(dir, 0755), 0);
    assert_int_equal(symlink(dir, link), 0);
    for (int linked = 0; linked < 2; linked++) {
        setenv("PX_OPENCL_CACHE", linked ? link : dir, 1);
        px_cache_store("key", (const unsigned char *)"one", 3);
        assert_true(kept());
        const char *changed[] = {dir, above};
        for (int i = 0; i < 2; i++) {
            assert_int_equal(chmod(changed[i], 0777), 0);
            assert_false(kept());
            assert_int_equal(chmod(changed[i], 01777), 0); /* sticky: good for a folder above, as /tmp is one */
            assert_int_equal(kept(), changed[i] == above && geteuid() == 0);
            assert_int_equal(chmod(changed[i], 0755), 0);
            assert_true(kept());
        }
        cache_file("above/trust", file, sizeof file);
        assert_int_equal(chmod(file, 0666), 0);
        assert_false(kept());
        px_cache_store("key", (const unsigned char *)"one", 3);
        assert_true(kept());
        if (geteuid() == 0) {
            assert_int_equal(chown(file, 65534, 65534), 0);
            assert_false(kept());
            px_cache_store("key", (const unsigned char *)"one", 3);
            assert_int_equal(chown(above, 65534, 65534), 0);
            assert_false(kept());
            assert_int_equal(chown(above, 0, 0), 0);
            assert_true(kept());
        }
        char real[520];
        snprintf(real, sizeof real, "%s.real", file);
        assert_int_equal(rename(file, real), 0);
        assert_int_equal(symlink(real, file), 0);
        assert_false(kept());
        unlink(real);
        unlink(file);
    }
    unsetenv("PX_OPENCL_CACHE");
}

static int make_scratch(void **state)
{
    (void)state;
    strcpy(scratch, "/tmp/px-opencl-XXXXXX");
    return mkdtemp(scratch) == NULL;
}

static int remove_scratch(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    return system(command);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return say_opened();
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_platform),
        cmocka_unit_test(test_no_home),
        cmocka_unit_test(test_few_cores),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_before_load),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_off),
        cmocka_unit_test(test_local_memory),
        cmocka_unit_test(test_planted_elsewhere),
        cmocka_unit_test(test_does_not_compile),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_cached_wrong),
        cmocka_unit_test(test_cache_keys),
        cmocka_unit_test(test_trust),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
#endif
