/* bench.c - px bench: every figure that the documents quote, taken in one run on one machine.
 *
 * Cycles are exact and do not depend on the machine; speeds are medians of several runs; ratios are taken between
 * things measured in the same minute. What is absent here is named. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/files.h"
#include "pxi/asm/asm.h"
#include "pxi/number.h"
#include "pxi/pace.h"

typedef struct arguments {
    px_operands programs;
    const char *on;
    bool speed_only;
} arguments;

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {PX_OPTION_ON_LIST(&a->on, "all that take no argument", ""),
                                 {"speed", 0, NULL, "only the speed of scalar instructions", .flag = &a->speed_only},
                                 {0}};
    const px_command_line line = {
        .about = "Measure the executors; PROGRAMs are those whose scalar instructions are averaged.",
        .options = options,
        .usage = "[PROGRAM...]",
        .operands = &a->programs};
    px_read_arguments(&line, argc, argv);
}

static bool assembled(px_state *state, const char *name, const char *text, px_error *error)
{
    px_assembly assembly;
    bool ok = px_assemble(&assembly, name, text, strlen(text), NULL);
    if (!ok)
        px_fail(error, PX_E_INPUT, "bench program %s: %s", name,
                assembly.diagnostic_count > 0 ? assembly.diagnostics[0].text : "no memory");
    ok = ok && px_state_load(state, &assembly.picture, name, error);
    px_assembly_free(&assembly);
    return ok;
}

/* Runs state to its end; the seconds it took. */
static bool timed(px_executor *executor, const px_state *state, px_stop *stop, double *took, px_error *error)
{
    px_machine *machine;
    if (!px_machine_create(executor, state, &machine, error))
        return false;
    const double start = px_seconds();
    const bool ok = px_run_one(machine, PX_NO_BUDGET, NULL, stop, error);
    *took = px_seconds() - start;
    px_machine_drop(machine, NULL);
    if (ok && stop->status != PX_HALTED)
        return px_fail(error, PX_E_INPUT, "a bench program did not halt: %s", px_cause_text(stop->cause));
    return ok;
}

/* ---- scalar speed ---- */

/* Four instructions a turn; `turns` is set by the caller. */
static const char scalar_loop[] = "        .size 16, 2\n"
                                  "        set r4, %u\n"
                                  "loop:   addi r1, r1, 1\n"
                                  "        add r2, r2, r1\n"
                                  "        xor r3, r3, r2\n"
                                  "        bne r1, r4, loop\n"
                                  "        halt\n";

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool scalar_speed(px_executor *executor, unsigned turns, px_error *error)
{
    enum { RUNS = 5 };
    char text[512];
    px_state state = {0};
    px_stop stop = {0};
    double took[RUNS];
    snprintf(text, sizeof text, scalar_loop, turns);
    bool ok = assembled(&state, "scalar loop", text, error);
    for (int i = 0; ok && i < RUNS; i++)
        ok = timed(executor, &state, &stop, &took[i], error);
    px_state_free(&state);
    if (!ok)
        return false;
    qsort(took, RUNS, sizeof *took, by_value);
    printf("%-10s %8.1f million scalar instructions/s", executor->name, (double)stop.executed / took[RUNS / 2] * 1e-6);
    if (stop.cycles != 0)
        printf(", %.1f million cycles/s, %.2f cycles an instruction", (double)stop.cycles / took[RUNS / 2] * 1e-6,
               (double)stop.cycles / (double)stop.executed);
    printf("  (median of %d runs, %s instructions)\n", RUNS, px_grouped(stop.executed));
    return true;
}

/* ---- cycles of vector instructions, from two lengths so that the start-up cost cancels ---- */

static const struct {
    const char *code;
    unsigned per_pixel; /* what one element counts as, for the last column */
    const char *unit;
} vector_kernels[] = {
    {"vadd.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vand.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vslt.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vmin.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vshl.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vmul.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vadd.vx [r10], [r11], r12", 1, "pixel"},
    {"badds.vv [r10], [r11], [r12]", 1, "pixel"},
    {"bshl.vv [r10], [r11], [r12]", 1, "pixel"},
    {"bmulu.vv [r10], [r11], [r12]", 1, "pixel"},
    {"dot4.vv [r10], [r11], [r12]", 1, "pixel"},
    {"vdot r20, [r11], [r12]", 4, "multiply-accumulate"},
    {"sum r20, [r11]", 1, "pixel"},
    {"scanadd [r10], [r11], r20", 1, "pixel"},
    {"fill [r10], r20", 1, "pixel"},
    {"iota [r10], r20, r21", 1, "pixel"},
    {"copys [r40], [r42]", 1, "pixel"},
    {"pack [r10], [r11], [r12]", 1, "pixel"},
    {"gather [r10], [r11], [r12]", 1, "pixel"},
    {"scatadd [r44], [r11], [r12]", 1, "pixel"},
    {"select [r10], [r11], [r12]", 1, "pixel"},
    {"lut [r10], [r11], [r12]", 1, "pixel"},
    {"blend [r10], [r11]", 1, "pixel"},
    {"matmul r30", 4, "multiply-accumulate"},
    {"req [r10], [r11], r20", 4, "word"},
    {"div r20, r10, r13", 0, "instruction"},
    {"mul r20, r10, r13", 0, "instruction"},
};

/* r10, r11, r12 are bases, r40 to r43 two runs of stride 1, r44 and r45 a table, r30 to r38 a matrix product of 1 x 1 x
 * vl. */
static bool vector_cycles(px_executor *executor, const char *code, unsigned vl, uint64_t *cycles, px_error *error)
{
    char text[1024];
    px_state state = {0};
    px_stop stop = {0};
    double took;
    snprintf(
        text, sizeof text,
        "  .size 128, 64\n  set r1, %u\n  vl r1\n  set r10, 1024\n  set r11, 3072\n  set r12, 2048\n  set r13, 7\n"
        "  set r30, 1024\n  set r31, 1\n  set r32, 3072\n  set r34, 2048\n  set r36, 1\n  set r37, 1\n  set r38, %u\n"
        "  set r21, 3\n  set r40, 1024\n  set r41, 1\n  set r42, 3072\n  set r43, 1\n  set r44, 5120\n  set r45, 256\n"
        "%s\n  halt\n",
        vl, vl, code);
    const bool ok = assembled(&state, code, text, error) && timed(executor, &state, &stop, &took, error);
    px_state_free(&state);
    *cycles = stop.cycles;
    return ok;
}

static bool vector_table(px_executor *executor, px_error *error)
{
    printf("\n%s, cycles (from runs of 256 and 1,024 elements; scalar: the whole instruction)\n", executor->name);
    for (size_t i = 0; i < sizeof vector_kernels / sizeof *vector_kernels; i++) {
        const unsigned per = vector_kernels[i].per_pixel;
        uint64_t few = 0, many = 0;
        if (!vector_cycles(executor, per != 0 ? vector_kernels[i].code : "", 256, &few, error) ||
            !vector_cycles(executor, vector_kernels[i].code, per != 0 ? 1024 : 256, &many, error))
            return false;
        const double elements = per != 0 ? 768.0 * per : 1;
        printf("  %-10.*s %8.4g per %s\n", (int)strcspn(vector_kernels[i].code, " "), vector_kernels[i].code,
               (double)(many - few) / elements, vector_kernels[i].unit);
    }
    return true;
}

/* ---- scalar cycles over the gallery ---- */

typedef struct scalar_cycles {
    uint64_t last, instructions, cycles;
    int64_t slot; /* of the machine whose instruction was the last */
} scalar_cycles;

static void count_scalar(void *context, const px_retire *retire)
{
    scalar_cycles *count = context;
    const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)retire->instruction);
    const uint64_t took = retire->cycle - count->last;
    const bool multiply = (op->class == PX_CLASS_ALU || op->class == PX_CLASS_ALUI) && (op->number & 15) >= PX_WORD_MUL;
    const bool exchange = retire->slot != count->slot; /* the cycles of the machines' exchange would be this instruction's */
    count->last = retire->cycle;
    count->slot = retire->slot;
    if (op->class > PX_CLASS_MOVE || multiply || exchange)
        return;
    count->instructions++;
    count->cycles += took;
}

static bool gallery_cycles(const arguments *a, px_executor *executor, px_error *error)
{
    scalar_cycles total = {0};
    int programs = 0;
    for (size_t i = 0; i < a->programs.count; i++) {
        px_state state = {0};
        px_stop stop;
        if (!px_read_program(&state, px_input_file(a->programs.at[i]), NULL, error))
            return false;
        total.last = 0;
        total.slot = -1;
        const bool use = state.profile == PX_V1 && px_state_pixels(&state) <= 2048;
        px_machine *machine = NULL;
        const bool ok = !use || (px_machine_create(executor, &state, &machine, error) &&
                                 px_on_retire(machine, count_scalar, &total, error) &&
                                 px_run_one(machine, PX_NO_BUDGET, NULL, &stop, error));
        px_machine_drop(machine, NULL);
        programs += use;
        px_state_free(&state);
        if (!ok)
            return false;
    }
    if (total.instructions > 0)
        printf(
            "\nScalar instructions of %d gallery programs, multiply and divide apart: %.2f cycles on average over %s\n",
            programs, (double)total.cycles / (double)total.instructions, px_grouped(total.instructions));
    return true;
}

/* ---- many machines in one run ---- */

enum { COPIES = 1024 };

/* The seconds that COPIES machines take, made, run and dropped: each alone, or all in one run. */
static bool copies(px_executor *executor, const px_state *one, bool together, double *took, px_error *error)
{
    px_turn *turns = calloc(COPIES, sizeof *turns);
    bool ok = turns != NULL || px_fail(error, PX_E_SYSTEM, "no memory for %d turns", COPIES);
    const double start = px_seconds();
    for (int i = 0; ok && i < COPIES; i++) {
        turns[i].budget = PX_NO_BUDGET;
        ok = px_machine_create(executor, one, &turns[i].machine, error) &&
             (together || px_run(executor, &turns[i], 1, NULL, error));
    }
    ok = ok && (!together || px_run(executor, turns, COPIES, NULL, error));
    for (int i = 0; turns != NULL && i < COPIES; i++)
        px_machine_drop(turns[i].machine, NULL);
    *took = px_seconds() - start;
    free(turns);
    return ok;
}

static bool batch(px_executor *executor, px_error *error)
{
    static const char dot[] = "  .profile classic\n  .size 16, 16\n  dot_rgb 1, 2, 3\n  halt\n"
                              "  .row 1\n  .word 1, 2, 3, 4\n  .row 2\n  .word 10, 20, 30, 40\n";
    px_state one = {0};
    bool ok = assembled(&one, "dot_test", dot, error);
    double single = 0, together = 0;
    for (int round = 0; ok && round < 2; round++) /* the first round warms up */
        ok = copies(executor, &one, false, &single, error) && copies(executor, &one, true, &together, error);
    if (ok)
        printf("%-10s %d copies of dot_test in one run: %.1f times the throughput of %d runs (%.1f ms against "
               "%.1f ms)\n",
               executor->name, COPIES, single / together, COPIES, together * 1e3, single * 1e3);
    px_state_free(&one);
    return ok;
}

/* An executor with a clock is slow and counts cycles; one that runs machines side by side is asked for many. */
static bool bench_one(const arguments *a, px_executor *executor, px_error *error)
{
    const bool clocked = strncmp(executor->name, "rtl", 3) == 0, traced = executor->ops->trace != NULL;
    const bool native = strcmp(executor->name, "ref") == 0, fast = strcmp(executor->name, PX_USUAL) == 0;
    if (!scalar_speed(executor, fast ? 50000000 : native ? 5000000 : clocked ? 1000000 : 250000, error))
        return false;
    if (a->speed_only)
        return true;
    const bool side_by_side = strncmp(executor->name, "opencl", 6) == 0;
    return (!side_by_side || batch(executor, error)) &&
           (!clocked || (vector_table(executor, error) && (!traced || gallery_cycles(a, executor, error))));
}

int px_cmd_bench(int argc, char **argv)
{
    arguments a = {.on = px_executors_alone};
    px_error error = {0};
    px_executors executors = {0};
    read_arguments(&a, argc, argv);
    bool ok = px_executors_open(&executors, a.on, true, &error);
    for (size_t i = 0; ok && i < executors.count; i++)
        ok = bench_one(&a, executors.at[i], &error);
    px_executors_close(&executors);
    return ok ? 0 : px_complain(argv[0], &error);
}
