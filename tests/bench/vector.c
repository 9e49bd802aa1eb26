/* vector.c - the fast executor's vector instructions beside the same loops in C (native/vector.c), numpy and
 * onnxruntime, and short ones beside the reference VM; as tests/bench/run has it. PYTHON: whose packages those are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pxi/pace.h"
#include "pxi/pixel.h"
#include "tests/bench/native/vector.h"
#include "vm/fast_lanes.h"
#include "vm/fast_pool.h"
#include "vm/fast_vector.h"

enum { SIDE = 2048, PIXELS = 1 << 20, PRODUCT = 256, RUNS = 31 };

/* ---- lines ---- */

static void line(const char *name, const char *peer, double ours, double theirs, const char *unit, double scale)
{
    printf("%s, %s\t%.4g %s\t%.4g %s\t%.2f\n", name, peer, ours * scale, unit, theirs * scale, unit, theirs / ours);
    fflush(stdout);
}

/* A line for each peer that tests/bench/vector_peers.py knows of that kind. */
static void outside(const char *kind, const char *name, double ours)
{
    const char *const python = getenv("PYTHON");
    char command[512], text[128], peer[64];
    double seconds;
    int end;
    snprintf(command, sizeof command, "OMP_NUM_THREADS=1 %s tests/bench/vector_peers.py %s 2>/dev/null",
             python != NULL ? python : "python3", kind);
    FILE *out = popen(command, "r");
    while (out != NULL && fgets(text, sizeof text, out) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        char *const number = strrchr(text, ' ');
        if (sscanf(text, "absent %63s", peer) == 1)
            printf("# absent: %s; pip install %s\n", peer, peer);
        else if (number != NULL && sscanf(number, "%lf%n", &seconds, &end) == 1)
            line(name, (*number = '\0', text), ours, seconds, "us", 1e6);
    }
    if (out == NULL || pclose(out) != 0)
        printf("# absent: numpy and onnxruntime; a python3 that runs tests/bench/vector_peers.py\n");
}

/* ---- one instruction ---- */

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *took)
{
    qsort(took, RUNS, sizeof *took, by_value);
    return took[RUNS / 2];
}

static px_insn instruction(enum px_op op, uint8_t a, uint8_t b, uint8_t c)
{
    return (px_insn){.word = px_rgba((uint32_t)op, a, b, c), .op = (uint8_t)op, .a = a, .b = b, .c = c};
}

static void by_fast(px_vm *vm, px_insn i) { px_fast_vector(vm, i, px_opcode_of(PX_V1, i.op)->class); }

static void by_ref(px_vm *vm, px_insn i)
{
    vm->s.pc = 0;
    vm->s.mem[0] = i.word;
    px_vm_step(vm);
}

static double timed(void (*by)(px_vm *, px_insn), px_vm *vm, px_insn i, unsigned times)
{
    const double start = cpu_seconds();
    for (unsigned k = 0; k < times; k++)
        by(vm, i);
    return (cpu_seconds() - start) / times;
}

/* Operands in r1.., as every kernel takes them: d, s, t, a table's length behind each, and MATMUL's nine from r10. */
static void lay(px_vm *vm, uint32_t n)
{
    static const uint32_t product[9] = {1 << 20,     PRODUCT, 2 << 20, PRODUCT / 4, 3 << 20,
                                        PRODUCT / 4, PRODUCT, PRODUCT, PRODUCT / 4};
    vm->s.vl = n;
    vm->reg[1] = PIXELS;
    vm->reg[3] = 2 * PIXELS;
    vm->reg[5] = 3 * PIXELS;
    memcpy(vm->reg + 10, product, sizeof product);
}

static const struct {
    const char *name;
    enum px_op op;
    native_map *native;
} kernels[] = {
    {"vadd.vv", PX_OP_VADD_VV, native_vadd},
    {"vmulh.vv", PX_OP_VMULH_VV, native_vmulh},
    {"baddu.vv", PX_OP_BADDU_VV, native_baddu},
    {"bmulu.vv", PX_OP_BMULU_VV, native_bmulu},
    {"dot4.vv", PX_OP_DOT4_VV, native_dot4},
    {"select", PX_OP_SELECT, native_select},
    {"sum", PX_OP_SUM, native_sum},
    {"scanadd", PX_OP_SCANADD, native_scanadd},
};

static void bench_map(px_vm *vm, size_t which)
{
    double fast[RUNS], native[RUNS];
    const px_insn i = instruction(kernels[which].op, kernels[which].op == PX_OP_SUM ? 20 : 1, 3,
                                  kernels[which].op == PX_OP_SCANADD ? 20 : 5);
    uint32_t *const m = vm->s.mem;
    lay(vm, PIXELS);
    for (int k = 0; k < RUNS; k++) {
        fast[k] = timed(by_fast, vm, i, 1);
        const double start = cpu_seconds();
        kernels[which].native(m + PIXELS, m + 2 * PIXELS, m + 3 * PIXELS, PIXELS);
        native[k] = cpu_seconds() - start;
    }
    char name[32];
    const double took = median(fast);
    snprintf(name, sizeof name, "%s, 1 M pixels", kernels[which].name);
    line(name, "C", took, median(native), "us", 1e6);
    if (kernels[which].op == PX_OP_VADD_VV)
        outside("sums", name, took);
}

static void bench_matmul(px_vm *vm)
{
    double fast[RUNS], native[RUNS];
    const px_insn i = instruction(PX_OP_MATMUL, 10, 0, 0);
    uint32_t *const m = vm->s.mem;
    lay(vm, PIXELS);
    for (int k = 0; k < RUNS; k++) {
        fast[k] = timed(by_fast, vm, i, 10);
        const double start = cpu_seconds();
        native_matmul(m + PIXELS, m + 2 * PIXELS, m + 3 * PIXELS, PRODUCT);
        native[k] = cpu_seconds() - start;
    }
    const double took = median(fast);
    line("matmul, 256^3 bytes", "C", took, median(native), "us", 1e6);
    outside("products", "matmul, 256^3 bytes", took);
}

static double wall_seconds(px_vm *vm, px_insn i)
{
    const double start = px_seconds();
    by_fast(vm, i);
    return px_seconds() - start;
}

/* The time that all cores need, against one. */
static void bench_cores(px_vm *vm, const char *what, px_insn i)
{
    const size_t cores = px_pool_threads();
    double one[RUNS], all[RUNS];
    px_pool_set_threads(1);
    for (int k = 0; k < RUNS; k++)
        one[k] = wall_seconds(vm, i);
    px_pool_set_threads(cores);
    for (int k = 0; k < RUNS; k++)
        all[k] = wall_seconds(vm, i);
    line(what, "one thread", median(all), median(one), "us", 1e6);
}

static void bench_long(px_vm *vm)
{
    lay(vm, PIXELS);
    printf("# %zu threads beside one\n", px_pool_threads());
    bench_cores(vm, "vadd.vv, 1 M pixels, time", instruction(PX_OP_VADD_VV, 1, 3, 5));
    bench_cores(vm, "scanadd, 1 M pixels, time", instruction(PX_OP_SCANADD, 1, 3, 20));
    for (int k = 16; k < 19; k++)
        vm->reg[k] *= 4;
    for (int k = 11; k < 16; k += 2)
        vm->reg[k] *= 4;
    bench_cores(vm, "matmul, 1024^3 bytes, time", instruction(PX_OP_MATMUL, 10, 0, 0));
}

/* What an instruction costs whose run is short. */
static void bench_short(px_vm *vm, uint32_t n)
{
    char name[32];
    static const enum px_op ops[] = {PX_OP_VADD_VV, PX_OP_BADDU_VV, PX_OP_BMULU_VX, PX_OP_SUM, PX_OP_FILL};
    lay(vm, n);
    for (size_t j = 0; j < sizeof ops / sizeof *ops; j++) {
        double fast[RUNS], ref[RUNS];
        const px_insn i = instruction(ops[j], ops[j] == PX_OP_SUM ? 20 : 1, 3, 5);
        for (int k = 0; k < RUNS; k++) {
            fast[k] = timed(by_fast, vm, i, 2000);
            ref[k] = timed(by_ref, vm, i, 200);
        }
        snprintf(name, sizeof name, "%s, vl %u", px_opcode_of(PX_V1, i.op)->mnemonic, (unsigned)n);
        line(name, "ref", median(fast), median(ref), "ns", 1e9);
    }
}

int main(void)
{
    px_vm vm = {.n = SIDE * SIDE};
    px_error error;
    if (!px_fast_vector_settings(&error) || !px_state_new(&vm.s, PX_V1, SIDE, SIDE, &error))
        return fprintf(stderr, "vector: %s\n", error.text), 1;
    vm.reg = vm.s.reg;
    uint32_t x = 12345;
    for (uint32_t k = 0; k < vm.n; k++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        vm.s.mem[k] = x;
    }
    const size_t cores = px_pool_threads();
    px_pool_set_threads(1);
    printf("# CPU time of one thread, vectors at level %s; C is compiled with -O3 -march=native\n",
           px_lanes_now()->name);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        bench_map(&vm, k);
    bench_matmul(&vm);
    for (uint32_t n = 4; n <= 64; n *= 4)
        bench_short(&vm, n);
    px_pool_set_threads(cores);
    if (cores > 1)
        bench_long(&vm);
    px_state_free(&vm.s);
    return 0;
}
