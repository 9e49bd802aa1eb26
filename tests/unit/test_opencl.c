/* test_opencl.c - the OpenCL executor against the reference VM, and what is its own: devices, the known-answer test,
 * the cache, batches. Without a device the tests are skipped by name. */
#ifndef PX_HAVE_OPENCL
#include <stdio.h>
int main(void)
{
    puts("1..0 # SKIP built without OpenCL");
    return 0;
}
#else
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "opencl/cache.h"
#include "opencl/session.h"
#include "pxi/executor.h"
#include "pxi/pixel.h"

static bool no_device;
static char self[4096], scratch[64];

static void need_device(void)
{
    if (no_device)
        skip();
}

static px_executor *opened(void)
{
    px_executor *x;
    px_error error = {0};
    if (!px_opencl_driver.open(&x, NULL, &error))
        fail_msg("%s", error.text);
    return x;
}

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
    x->ops->close(x);

    assert_refused("no such device", PX_E_ABSENT, "present: 0 '");
    assert_refused("4711", PX_E_ABSENT, "no OpenCL device is '4711'");
    setenv("PX_OPENCL_DEVICE", "no such device", 1);
    assert_refused(NULL, PX_E_ABSENT, "no such device");
    assert_true(px_opencl_driver.open(&x, "0", &error)); /* an argument comes before the environment */
    x->ops->close(x);
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
    assert_false(x->ops->run(x, 1, &stop, &error));
    assert_int_equal(error.code, PX_E_USAGE);
    assert_false(x->ops->read(x, &out, &error));
    x->ops->close(x);
}

/* The loader looks for drivers once a process, so this takes a process of its own: main, called with an argument. */
static void test_no_platform(void **state)
{
    (void)state;
    char command[4200], line[512] = "";
    snprintf(command, sizeof command, "OCL_ICD_VENDORS=/nonexistent '%s' --no-platform", self);
    FILE *child = popen(command, "r");
    assert_non_null(child);
    assert_non_null(fgets(line, sizeof line, child));
    assert_int_equal(pclose(child), 0);
    assert_string_equal(line, "no OpenCL platform found; install pocl-opencl-icd\n");
}

static int say_no_platform(void)
{
    px_executor *x;
    px_error error = {0};
    if (px_opencl_driver.open(&x, NULL, &error) || error.code != PX_E_ABSENT)
        return 1;
    puts(error.text);
    return 0;
}

/* ---- kernels that compute wrongly ---- */

/* Writes the kernels with the first `from` made `to`, and has them used. */
static void plant(const char *from, const char *to)
{
    char path[128];
    bool planted = false;
    snprintf(path, sizeof path, "%s/planted.cl", scratch);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
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
        const char *from, *to, *group, *program;
    } faults[] = {
        {"0xFFFFFFFFu : x / (", "1u : x / (", "1", "'divide'"},
        {"as_uint(as_int(x) >> (y & 31u))", "x >> (y & 31u)", "1", "'scalar'"},
        {"as_ulong((long)as_int(x) * (long)as_int(y))", "((ulong)x * y)", "1", "'scalar'"},
        {"simm8 = word_SAR(i, 24)", "simm8 = i >> 24", "1", "'scalar'"},
        {"sum & 0xFFFFu", "sum & 0xFFu", "1", "'classic'"},
        {"return x.base < y.base + y.length", "return 0u && x.base < y.base + y.length", "1", "'overlap trap'"},
        {"signed_byte(byte_of(x, 3)) *", "byte_of(x, 3) *", "1", "'tensor'"},
        {"(word_SHR(h, shift - 1u) & 1u)", "0u", "1", "'tensor'"},
        {"min(p.index, q.index)", "max(p.index, q.index)", "16", "'reduce and scan'"},
        {"barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)", "", "16", "'"},
    };
    /* The last, without barriers, may run for ever on a GPU. */
    for (size_t i = 0; i < sizeof faults / sizeof *faults - (device.cpu ? 0 : 1); i++) {
        plant(faults[i].from, faults[i].to);
        setenv("PX_OPENCL_WG", faults[i].group, 1);
        assert_refused_both(NULL, PX_E_SYSTEM, "computes wrongly and is refused: known-answer program",
                            faults[i].program);
    }
    unsetenv("PX_OPENCL_WG");
    unsetenv("PX_OPENCL_SOURCE");
}

static void test_planted_grid(void **state)
{
    (void)state;
    need_device();
    px_session session;
    px_error error = {0};
    plant("px_reduce(m, &job, from, to, items)", "px_reduce(m, &job, from + 1u, to, items)");
    assert_true(px_session_open(&session, NULL, &error)); /* px_run is as it should be */
    assert_false(px_session_ready(&session, PX_GRID, &error));
    assert_non_null(strstr(error.text, "of px_grid"));
    px_session_close(&session);
    unsetenv("PX_OPENCL_SOURCE");
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

/* The only file in the scratch cache. */
static void cache_file(char *path, size_t size)
{
    char dir[80];
    int files = 0;
    snprintf(dir, sizeof dir, "%s/cache", scratch);
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
    px_session session;
    px_error error = {0};
    if (!px_session_open(&session, NULL, &error))
        fail_msg("%s", error.text);
    const bool from_cache = session.kernel[PX_ONE].from_cache;
    px_session_close(&session);
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
    cache_file(path, sizeof path);
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

/* ---- against the reference VM ---- */

typedef struct machines {
    px_state *at;
    size_t count, room;
} machines;

static px_state *one_more(machines *list, uint32_t profile, uint32_t w, uint32_t h)
{
    if (list->count == list->room) {
        list->room = list->room * 2 + 64;
        list->at = realloc(list->at, list->room * sizeof *list->at);
        assert_non_null(list->at);
    }
    px_state *state = &list->at[list->count++];
    *state = (px_state){0};
    assert_true(px_state_new(state, profile, w, h, NULL));
    return state;
}

static void free_machines(machines *list)
{
    for (size_t i = 0; i < list->count; i++)
        px_state_free(&list->at[i]);
    free(list->at);
    *list = (machines){0};
}

static machines copied(const machines *list)
{
    machines copy = {calloc(list->count, sizeof *list->at), list->count, list->count};
    assert_non_null(copy.at);
    for (size_t i = 0; i < list->count; i++)
        assert_true(px_state_copy(&copy.at[i], &list->at[i], NULL));
    return copy;
}

static void run_each(px_executor *x, machines *list, uint64_t budget)
{
    px_error error = {0};
    px_stop stop;
    for (size_t i = 0; i < list->count; i++)
        if (!x->ops->load(x, &list->at[i], &error) || !x->ops->run(x, budget, &stop, &error) ||
            !x->ops->read(x, &list->at[i], &error))
            fail_msg("machine %zu: %s", i, error.text);
}

static void run_batch(px_executor *x, machines *list, uint64_t budget)
{
    px_error error = {0};
    if (!x->ops->run_many(x, list->at, list->count, budget, &error))
        fail_msg("%s", error.text);
}

static void assert_same(const machines *expected, const machines *found, const char *how)
{
    char difference[256];
    for (size_t i = 0; i < expected->count; i++)
        if (!px_state_equal(&expected->at[i], "ref", &found->at[i], "opencl", difference, sizeof difference))
            fail_msg("%s, machine %zu, instruction 0x%08X, vl %u: %s", how, i, (unsigned)expected->at[i].mem[5],
                     (unsigned)expected->at[i].vl, difference);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Words in which small numbers, equal neighbours, zeros and edges are common: indices, masks, ties, saturation. */
static void fill_image(px_state *state, uint32_t seed)
{
    static const uint32_t edges[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x80808080, 0x7F7F7F7F, 0x00FF00FF};
    for (uint32_t i = 6; i < px_state_pixels(state); i++) {
        const uint32_t r = next_random(&seed);
        state->mem[i] = r % 4 == 0 ? edges[r / 4 % 8] : r % 4 == 1 ? r / 4 % 1500 : r;
    }
}

enum { RUN = 1200, SIDE = 80 }; /* four runs of up to RUN pixels in 80 x 80 */

/* The machine that executes one vector instruction: a in r10.., b in r40.., c in r70.. */
static void vector_machine(machines *list, uint8_t op, uint32_t vl, int d, int s, int t, uint32_t seed)
{
    px_state *state = one_more(list, PX_V1, SIDE, SIDE);
    fill_image(state, seed);
    state->mem[5] = px_rgba(op, 10, 40, 70);
    state->mem[6] = PX_OP_HALT;
    state->pc = 5;
    state->vl = vl;
    for (uint32_t i = 0; i < 256; i++)
        state->reg[i] = next_random(&seed) % 7;
    state->reg[10] = 100 + (uint32_t)d * RUN;
    state->reg[40] = 100 + (uint32_t)s * RUN;
    state->reg[70] = 100 + (uint32_t)t * RUN;
    if (op == PX_OP_GATHER)
        state->reg[41] = vl % 700;
    if (op == PX_OP_SCATADD)
        state->reg[11] = vl % 700;
    if (op == PX_OP_COPYS)
        state->reg[11] = state->reg[41] = 1 + seed % 2;
    if (op == PX_OP_MATMUL) {
        const uint32_t m = 1 + vl % 23, n = 1 + vl % 17, k = 1 + vl % 29;
        const uint32_t regs[9] = {100, n + 2, 100 + RUN, k, 100 + 2 * RUN, k + 1, m, n, k};
        memcpy(&state->reg[10], regs, sizeof regs);
    }
    if (op == PX_OP_REQ) {
        state->reg[70] = 0x40000000 + seed;
        state->reg[71] = seed;
        state->reg[72] = seed % 3 - 1;
    }
}

static bool is_vector(const px_opcode *op) { return op->mnemonic != NULL && op->class >= PX_CLASS_VV; }

/* Every vector instruction, in place and not, at lengths around those at which the work is divided differently. */
static void vector_machines(machines *list)
{
    static const uint32_t lengths[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 129, 511, 513, 600, 1025, RUN};
    static const int places[][3] = {{0, 1, 2}, {0, 0, 2}, {0, 1, 0}, {0, 0, 0}, {2, 1, 0}};
    uint32_t seed = 1;
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (!is_vector(op))
            continue;
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            const size_t place = i % (sizeof places / sizeof *places);
            vector_machine(list, op->number, lengths[i], places[place][0], places[place][1], places[place][2], seed++);
            vector_machine(list, op->number, lengths[i], 0, 0, 2, seed++);
        }
        vector_machine(list, op->number, RUN, 0, 1, 6, seed++); /* out of the image, where c is a run */
    }
}

/* Every pair of edge values through every scalar instruction of two operands. */
static void scalar_machines(machines *list)
{
    static const uint32_t edges[] = {0, 1, 2, 31, 32, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF};
    enum { EDGES = sizeof edges / sizeof *edges };
    for (uint32_t pair = 0; pair < EDGES * EDGES; pair++) {
        px_state *state = one_more(list, PX_V1, 32, 8);
        uint32_t at = 5;
        state->pc = at;
        state->reg[1] = edges[pair / EDGES];
        state->reg[2] = edges[pair % EDGES];
        for (uint32_t number = 0; number < 256; number++) {
            const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
            if (op->mnemonic == NULL)
                continue;
            if (op->class == PX_CLASS_ALU || op->class == PX_CLASS_DIV)
                state->mem[at++] = px_rgba(number, number, 1, 2);
            if (op->class == PX_CLASS_ALUI)
                state->mem[at++] = px_rgba(number, number, 1, edges[pair % EDGES]);
            if (op->class == PX_CLASS_BRANCH) {
                state->mem[at++] = px_rgba(number, 2, 1, 2);
                state->mem[at++] = px_rgba(PX_OP_LI, number, 1, 0);
            }
        }
    }
}

/* Classic pictures of random rows and instructions; many do nothing, some multiply over themselves. */
static void classic_machines(machines *list)
{
    uint32_t seed = 77;
    for (int i = 0; i < 300; i++) {
        const uint32_t w = 1 + next_random(&seed) % 20, h = 1 + next_random(&seed) % 20;
        px_state *state = one_more(list, PX_CLASSIC, w, h);
        for (uint32_t x = 0; x < w * h; x++)
            state->mem[x] = next_random(&seed) % 3 == 0 ? 0 : next_random(&seed);
        for (uint32_t x = 0; x < w; x++)
            state->mem[x] = px_rgba(1 + next_random(&seed) % 4, next_random(&seed) % (h + 1),
                                    next_random(&seed) % (h + 1), next_random(&seed) % (h + 1));
        for (uint32_t y = 1; y < h; y++) { /* headers of matrices that may fit */
            const uint32_t size = 1 + next_random(&seed) % 4;
            state->mem[y * w] = px_rgba(size, 0, size, 0);
        }
    }
}

static void test_against_reference(void **state)
{
    (void)state;
    need_device();
    static const struct {
        const char *group, *grid, *fuel;
    } variants[] = {{"", "", ""}, {"1", "1", "50"}, {"16", "1", ""}, {"64", "0", "3"}, {"256", "1", ""}};
    machines start = {0};
    px_error error = {0};
    px_executor *ref;

    vector_machines(&start);
    scalar_machines(&start);
    classic_machines(&start);
    machines expected = copied(&start);
    assert_true(px_ref_driver.open(&ref, NULL, &error));
    run_each(ref, &expected, 1000);
    ref->ops->close(ref);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        char how[80];
        snprintf(how, sizeof how, "WG '%s', GRID '%s', FUEL '%s'", variants[i].group, variants[i].grid,
                 variants[i].fuel);
        setenv("PX_OPENCL_WG", variants[i].group, 1);
        setenv("PX_OPENCL_GRID", variants[i].grid, 1);
        setenv("PX_OPENCL_FUEL", variants[i].fuel, 1);
        px_executor *x = opened();
        machines found = copied(&start);
        run_batch(x, &found, 1000);
        assert_same(&expected, &found, how);
        free_machines(&found);
        x->ops->close(x);
    }
    unsetenv("PX_OPENCL_WG");
    unsetenv("PX_OPENCL_GRID");
    unsetenv("PX_OPENCL_FUEL");
    free_machines(&expected);
    free_machines(&start);
}

/* 1,024 machines of different sizes and profiles: at once, one after the other, and in two halves of the budget. */
static void test_batch(void **state)
{
    (void)state;
    need_device();
    machines start = {0};
    uint32_t seed = 5;
    px_executor *x = opened();
    for (uint32_t i = 0; i < 1024; i++) {
        if (i % 2 == 0) {
            px_state *s = one_more(&start, PX_CLASSIC, 16 + i % 5, 16);
            s->mem[0] = px_rgba(PX_OP_C_DOT, 1, 2, 3);
            for (uint32_t k = 0; k < 4; k++) {
                s->mem[s->w + k] = next_random(&seed) & 255u;
                s->mem[2 * s->w + k] = next_random(&seed) & 255u;
            }
        } else { /* counts r1 down from i, adding to r2 */
            px_state *s = one_more(&start, PX_V1, 8 + i % 9, 4);
            s->pc = 5;
            s->mem[5] = px_rgba(PX_OP_ADD, 2, 2, 1);
            s->mem[6] = px_rgba(PX_OP_ADDI, 1, 1, 0xFF);
            s->mem[7] = px_rgba(PX_OP_BNE, 0xFE, 1, 0);
            s->reg[1] = i;
        }
    }
    machines batch = copied(&start), single = copied(&start), halves = copied(&start);
    run_batch(x, &batch, 10000);
    run_each(x, &single, 10000);
    run_batch(x, &halves, 777);
    run_batch(x, &halves, 10000 - 777);
    assert_int_equal(batch.at[1023].reg[2], 1023 * 1024 / 2);
    assert_int_equal(batch.at[1023].status, PX_HALTED);
    assert_same(&single, &batch, "batch against single");
    assert_same(&single, &halves, "in two halves");
    free_machines(&start);
    free_machines(&batch);
    free_machines(&single);
    free_machines(&halves);
    x->ops->close(x);
}

/* A run that is cut into many launches reports what it did as a whole. */
static void test_budget(void **state)
{
    (void)state;
    need_device();
    px_state s = {0}, out = {0};
    px_stop stop;
    px_error error = {0};
    setenv("PX_OPENCL_FUEL", "100", 1);
    px_executor *x = opened();
    unsetenv("PX_OPENCL_FUEL");
    assert_true(px_state_new(&s, PX_V1, 5, 2, NULL));
    s.pc = 5;
    s.mem[5] = px_rgba(PX_OP_ADDI, 1, 1, 1);
    s.mem[6] = px_rgba(PX_OP_JMP, 0, 0xFF, 0xFF);
    s.retired = 0xFFFFFFFF;
    assert_true(x->ops->load(x, &s, &error));
    assert_true(x->ops->run(x, 12345, &stop, &error));
    assert_int_equal(stop.executed, 12345);
    assert_int_equal(stop.status, PX_RUNNING);
    assert_int_equal(stop.pc, 6);
    assert_true(x->ops->run(x, 0, &stop, &error));
    assert_int_equal(stop.executed, 0);
    assert_true(x->ops->read(x, &out, &error));
    assert_int_equal(out.reg[1], 6173);
    assert_int_equal(out.retired, 12344);
    px_state_free(&s);
    px_state_free(&out);
    x->ops->close(x);
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
        return say_no_platform();
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return 1;
    px_device *devices;
    size_t count;
    no_device = !px_devices(&devices, &count, NULL);
    free(devices);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_platform),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_before_load),
        cmocka_unit_test(test_against_reference),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_planted_grid),
        cmocka_unit_test(test_does_not_compile),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_cache_keys),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
#endif
