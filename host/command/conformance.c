/* conformance.c - px conformance: the cases of tests/conformance on one executor.
 *
 * Each case is run as it stands, and on an executor in this process a second time, one instruction a call: SPEC.md
 * section 3 says that nothing may come of where a run stops. An outside program is handed the case's file itself. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/cmd.h"
#include "exec/machine.h"
#include "exec/registry.h"
#include "host/commands.h"
#include "host/data.h"
#include "host/files.h"
#include "host/pxt.h"
#include "host/pxt_export.h"
#include "pxi/asm/disasm.h"
#include "pxi/isa.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"

enum { MOST_DIFFERENCES = 6 };

typedef struct arguments {
    const char *on, *export;
    bool tap;
    px_operands files;
} arguments;

static const char about[] =
    "Run the conformance set, or FILEs, on an executor.\v"
    "The set is that of PX_DATA/conformance where PX_DATA is set, else tests/conformance here, else the one that came "
    "with px.\n\n"
    "Exit status: 0 everything agreed, 1 something differs, 2 wrong usage or a bad file.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        PX_OPTION_TAP(&a->tap, "; an executor that is not here is a skip"),
        {"export", 0, "DIR", "run nothing; write each case's input and expected state into DIR", .text = &a->export},
        {0}};
    const px_command_line line = {.about = about, .options = options, .usage = "[FILE.pxt...]", .operands = &a->files};
    px_read_arguments(&line, argc, argv);
}

/* ---- differences ---- */

/* One case under judgement. The first difference opens a block of lines on stdout; in TAP they are comments. */
typedef struct verdict {
    const px_cases *cases;
    const px_case *c;
    const char *before; /* of each line: "# " in TAP */
    const char *how;    /* "", or how this run differs from the plain one */
    unsigned differences;
} verdict;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
differs(verdict *v, const char *format, ...)
{
    if (v->differences == 0)
        printf("%s%s:%u: %s%s\n", v->before, v->cases->path, v->c->line, v->c->name, v->how);
    if (v->differences++ >= MOST_DIFFERENCES)
        return;
    va_list list;
    va_start(list, format);
    printf("%s    ", v->before);
    vprintf(format, list);
    putchar('\n');
    va_end(list);
}

static void instruction_at(const verdict *v, const char *what, uint32_t pc)
{
    const px_state *machine = &v->c->initial;
    char text[128];
    const uint32_t end = machine->profile == PX_CLASSIC ? machine->w : px_state_pixels(machine);
    if (pc >= end)
        return;
    px_disassemble_one(machine->profile, machine->mem[pc], text, sizeof text);
    printf("%s    %s pc %" PRIu32 ": %s\n", v->before, what, pc, text);
}

/* After the last difference of a case: what it cites, and what was run. */
static void close_block(const verdict *v)
{
    if (v->differences == 0)
        return;
    if (v->differences > MOST_DIFFERENCES)
        printf("%s    and %u more\n", v->before, v->differences - MOST_DIFFERENCES);
    if (v->c->rules != NULL)
        printf("%s    SPEC.md: %s\n", v->before, v->c->rules);
    if (v->c->refused)
        return;
    instruction_at(v, "from", v->c->initial.pc);
    if (v->c->budget > 1 && v->c->expected.pc != v->c->initial.pc)
        instruction_at(v, "to", v->c->expected.pc);
}

static void compare_word(verdict *v, const char *name, uint32_t expected, uint32_t got)
{
    if (expected != got)
        differs(v, "%s: expected 0x%08" PRIX32 " (%" PRId32 "), got 0x%08" PRIX32 " (%" PRId32 ")", name, expected,
                (int32_t)expected, got, (int32_t)got);
}

static void compare_names(verdict *v, const px_state *expected, const px_state *got)
{
    if (expected->status != got->status)
        differs(v, "status: expected %s, got %s", px_status_name(expected->status), px_status_name(got->status));
    if (expected->cause != got->cause)
        differs(v, "cause: expected %s, got %s", px_cause_name(expected->cause), px_cause_name(got->cause));
}

static void compare_states(verdict *v, const px_state *expected, const px_state *got)
{
    if (expected->profile != got->profile || expected->w != got->w || expected->h != got->h) {
        differs(v,
                "expected a %" PRIu32 "x%" PRIu32 " image of profile %" PRIu32 ", got %" PRIu32 "x%" PRIu32
                " of %" PRIu32,
                expected->w, expected->h, expected->profile, got->w, got->h, got->profile);
        return;
    }
    compare_names(v, expected, got);
    compare_word(v, "value", expected->value, got->value);
    compare_word(v, "pc", expected->pc, got->pc);
    compare_word(v, "vl", expected->vl, got->vl);
    compare_word(v, "retired", expected->retired, got->retired);
    char name[96];
    for (unsigned i = 0; i < 256; i++) {
        snprintf(name, sizeof name, "r%u", i);
        compare_word(v, name, expected->reg[i], got->reg[i]);
    }
    for (uint32_t i = 0; i < px_state_pixels(expected); i++) {
        if (expected->mem[i] == got->mem[i])
            continue;
        px_case_pixel_name(v->c, i, name, sizeof name);
        compare_word(v, name, expected->mem[i], got->mem[i]);
    }
}

/* ---- one case ---- */

/* What the executor says about its run, beside the state it leaves. */
static void compare_stop(verdict *v, const px_stop *stop, uint64_t executed)
{
    const px_state *expected = &v->c->expected;
    const uint32_t retired = expected->retired - v->c->initial.retired;
    if ((uint32_t)executed != retired)
        differs(v, "executed: expected %" PRIu32 ", got %" PRIu64, retired, executed);
    if (stop->status != expected->status || stop->cause != expected->cause || stop->value != expected->value ||
        stop->pc != expected->pc)
        differs(v, "the stop that was reported: %s %s, value 0x%08" PRIX32 ", pc %" PRIu32,
                px_status_name(stop->status), px_cause_name(stop->cause), stop->value, stop->pc);
}

/* Up to the budget in calls of at most step instructions. */
static bool run_in_steps(px_machine *machine, uint64_t budget, uint64_t step, px_stop *stop, uint64_t *executed,
                         px_error *error)
{
    *executed = 0;
    do {
        const uint64_t left = budget - *executed;
        if (!px_run_one(machine, left < step ? left : step, NULL, stop, error))
            return false;
        *executed += stop->executed;
    } while (stop->status == PX_RUNNING && stop->executed > 0 && *executed < budget);
    return true;
}

static void run_here(verdict *v, px_executor *executor, const px_state *loaded, uint64_t step)
{
    px_state after = {0};
    px_stop stop = {0};
    px_error error = {0};
    uint64_t executed = 0;
    px_machine *machine = NULL;
    const bool good = px_machine_create(executor, loaded, &machine, &error) &&
                      run_in_steps(machine, v->c->budget, step, &stop, &executed, &error) &&
                      px_machine_read(machine, &after, &error);
    px_machine_drop(machine, NULL);
    if (!good) {
        differs(v, "%s", error.text);
    } else {
        compare_states(v, &v->c->expected, &after);
        compare_stop(v, &stop, executed);
    }
    px_state_free(&after);
}

/* The file becomes a state by pxi/, which is then a part of what is tested. */
static bool load_input(px_state *state, const px_case *c, px_error *error)
{
    px_picture picture = {0};
    const bool good = px_picture_read_memory(&picture, c->input.data, c->input.size, c->name, error) &&
                      px_state_load(state, &picture, c->name, error);
    px_picture_free(&picture);
    return good;
}

/* An executor in this process. */
static void case_here(verdict *v, px_executor *executor)
{
    px_state loaded = {0};
    px_error error = {0};
    const bool accepted = load_input(&loaded, v->c, &error);
    if (!accepted && error.code == PX_E_SYSTEM)
        differs(v, "%s", error.text);
    else if (v->c->refused && accepted)
        differs(v, "expected to be refused, was loaded");
    else if (!v->c->refused && !accepted)
        differs(v, "was refused when loaded: %s", error.text);
    if (v->c->refused || !accepted) {
        px_state_free(&loaded);
        return;
    }
    v->how = " (as loaded)";
    compare_states(v, &v->c->initial, &loaded);
    if (v->differences == 0) {
        v->how = "";
        run_here(v, executor, &loaded, UINT64_MAX);
    }
    if (v->differences == 0) {
        v->how = " (one instruction a call)";
        run_here(v, executor, &loaded, 1);
    }
    px_state_free(&loaded);
}

static void case_outside(verdict *v, px_executor *executor)
{
    px_cmd_reply reply;
    px_error error = {0};
    if (!px_cmd_exchange(executor, v->c->input.data, v->c->input.size, v->c->budget, &reply, &error))
        differs(v, "%s", error.text);
    else if (v->c->refused && !reply.refused)
        differs(v, "expected to be refused, was run");
    else if (!v->c->refused && reply.refused)
        differs(v, "was refused: %s", reply.message);
    else if (!v->c->refused)
        compare_states(v, &v->c->expected, &reply.state);
    px_state_free(&reply.state);
}

/* ---- the set ---- */

typedef struct totals {
    size_t files, cases, failed, left_out;
} totals;

/* It begins with RESUME, or there is a machine in its image. */
static bool nested(const px_state *s)
{
    const uint32_t pixels = px_state_pixels(s);
    if (s->profile == PX_V1 && s->pc < pixels && px_byte(s->mem[s->pc], 0) == PX_OP_RESUME)
        return true;
    for (uint32_t i = 1; i < pixels; i++)
        if (s->mem[i] == PX_MAGIC_STATE)
            return true;
    return false;
}

/* A small board's memory does not hold every case, and an old one knows no RESUME. Those are named, so that nobody
 * takes them for passed. */
static bool leave_out(const verdict *v, const px_executor *executor)
{
    const px_caps *caps = &executor->caps;
    const uint32_t pixels = v->c->refused ? 0 : px_state_pixels(&v->c->initial);
    const bool large = pixels > caps->max_pixels;
    if (!large && (v->c->refused || !caps->flat || !nested(&v->c->initial)))
        return false;
    printf("%s%s:%u: %s: left out, ", v->before, v->cases->path, v->c->line, v->c->name);
    if (large)
        printf("its image has %" PRIu32 " pixels and %s holds %" PRIu32 "\n", pixels, executor->name, caps->max_pixels);
    else
        printf("%s is older than RESUME\n", executor->name);
    return true;
}

static void run_file(const px_cases *cases, px_executor *executor, bool tap, totals *all)
{
    size_t failed = 0, left_out = 0;
    for (size_t i = 0; i < cases->count; i++) {
        verdict v = {cases, &cases->at[i], tap ? "# " : "", "", 0};
        if (leave_out(&v, executor)) {
            left_out++;
            continue;
        }
        if (px_cmd_is(executor))
            case_outside(&v, executor);
        else
            case_here(&v, executor);
        close_block(&v);
        failed += v.differences > 0;
    }
    const size_t run = cases->count - left_out;
    all->files++;
    all->cases += run;
    all->failed += failed;
    all->left_out += left_out;
    if (tap)
        printf("%sok %zu - %s, %zu cases\n", failed > 0 ? "not " : "", all->files, cases->path, run);
    else
        printf("%-40s %4zu cases, %zu failed\n", cases->path, run, failed);
    fflush(stdout);
}

static int run_files(const arguments *a, px_executor *executor, char **files, size_t count)
{
    px_error error = {0};
    totals all = {0};
    for (size_t i = 0; i < count; i++) {
        px_cases cases;
        if (!px_cases_read(&cases, px_input_file(files[i]), &error))
            return px_complain("px conformance", &error);
        run_file(&cases, executor, a->tap, &all);
        px_cases_free(&cases);
    }
    if (a->tap)
        printf("1..%zu\n# ", all.files);
    printf("%zu files on %s: %zu cases, %zu failed", all.files, executor->name, all.cases, all.failed);
    if (all.left_out > 0)
        printf(", %zu left out", all.left_out);
    putchar('\n');
    return all.failed > 0 ? PX_EXIT_DIFFERS : PX_EXIT_AGREED;
}

static int run_set(const arguments *a, char **files, size_t count)
{
    px_executor *executor = NULL;
    px_error error = {0};
    if (!px_executor_open(&executor, a->on, &error)) {
        if (!a->tap || error.code != PX_E_ABSENT)
            return px_complain("px conformance", &error);
        printf("1..0 # SKIP %s\n", error.text);
        return PX_EXIT_AGREED;
    }
    const int status = run_files(a, executor, files, count);
    px_executor_close(executor);
    return status;
}

static int export_set(const arguments *a, char **files, size_t count)
{
    px_error error = {0};
    if (!px_is_name_of("a directory", "--export", a->export, &error))
        return px_complain("px conformance", &error);
    for (size_t i = 0; i < count; i++) {
        px_cases cases;
        if (!px_cases_read(&cases, px_input_file(files[i]), &error))
            return px_complain("px conformance", &error);
        const bool written = px_cases_export(&cases, a->export, &error);
        px_cases_free(&cases);
        if (!written)
            return px_complain("px conformance", &error);
    }
    return PX_EXIT_AGREED;
}

static int work(const arguments *a, char **files, size_t count)
{
    return a->export != NULL ? export_set(a, files, count) : run_set(a, files, count);
}

int px_cmd_conformance(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL};
    read_arguments(&a, argc, argv);
    if (a.files.count > 0)
        return work(&a, a.files.at, a.files.count);
    glob_t set;
    px_error error = {0};
    if (!px_data_files("conformance", "*.pxt", &set, &error))
        return px_complain("px conformance", &error);
    const int status = work(&a, set.gl_pathv, set.gl_pathc);
    globfree(&set);
    return status;
}
