/* random.c - compares executors on random programs. Exit status 0 when they agree, 1 when not, 2 for wrong usage. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/registry.h"
#include "host/arguments.h"
#include "tests/random/compare.h"
#include "tests/random/export.h"
#include "tests/random/mutant.h"
#include "tests/random/report.h"
#include "tests/random/shrink.h"

enum { BATCH = 64, BATCH_BUDGET = 40, REPORTS = 3 };

#define EACH UINT64_MAX

typedef struct options {
    const char *on, *keep, *export;
    uint64_t seed, count, only; /* only: EACH, or one program */
    uint32_t pixels;
    bool tap, skip_absent, mutants, flat, nested, hot;
} options;

static enum case_kinds kinds_of(const options *o)
{
    return o->flat ? CASES_FLAT : o->nested ? CASES_NESTED : o->hot ? CASES_HOT : CASES_ALL;
}

typedef struct session {
    options o;
    char specs[512];
    executor_list list;
    coverage seen;
    uint64_t cases, differing;
} session;

static int list_mutants(void)
{
    for (size_t i = 0; mutant_name(i) != NULL; i++)
        printf("%-12s %s\n", mutant_name(i), mutant_fault(i));
    return 0;
}

static void read_options(options *o, int argc, char **argv)
{
    const px_option table[] = {
        PX_OPTION_ON_LIST(&o->on, PX_COMPARED, "; all are compared with the first"),
        {"count", 0, "N", "so many programs (2000)", .count = &o->count},
        {"seed", 0, "S", "another seed, other programs (1)", .count = &o->seed},
        {"case", 0, "K", "only program K of the seed", .count = &o->only},
        {"pixels", 0, "N", "images of up to N pixels (2048), with runs as long; N belongs to the seed",
         .number = &o->pixels, CASE_PIXELS, PX_MAX_PIXELS},
        {"flat", 0, NULL, "no program that runs machines in its image; the others stay the same", .flag = &o->flat},
        {"nested", 0, NULL, "only such programs", .flag = &o->nested},
        {"hot", 0, NULL, "only programs that go round for long, and change themselves", .flag = &o->hot},
        {"keep", 0, "DIR", "write the smallest picture of a difference there (build)", .text = &o->keep},
        {"export", 0, "DIR", "compare nothing; write the programs as cases into DIR/seed-S, as the first executor ends them "
         "(for px fleet --cases)", .text = &o->export},
        PX_OPTION_SKIP_ABSENT(&o->skip_absent),
        PX_OPTION_TAP(&o->tap, ""),
        {"mutants", 0, NULL, "list the faulty executors, mutant:NAME, that show that faults are found",
         .flag = &o->mutants},
        {0}};
    const px_command_line line = {.about = "Compare executors on random programs.", .options = table};
    px_read_arguments(&line, argc, argv);
    if (o->on == NULL)
        o->on = o->export != NULL ? "ref" : PX_COMPARED;
}

/* ---- executors ---- */

static bool open_any(px_executor **executor, const char *spec, px_error *error)
{
    return strncmp(spec, "mutant:", 7) == 0 ? mutant_open(executor, spec + 7, error)
                                            : px_executor_open(executor, spec, error);
}

static bool open_one(session *s, const char *spec, px_error *error)
{
    executor_list *list = &s->list;
    if (list->count == EXECUTORS)
        return px_fail(error, PX_E_USAGE, "more than %d executors", EXECUTORS);
    const bool ok = open_any(&list->at[list->count], spec, error);
    if (!ok && error->code == PX_E_ABSENT && s->o.skip_absent) {
        printf("# without %s: %s\n", spec, error->text);
        return true;
    }
    list->spec[list->count] = spec;
    list->count += ok;
    return ok;
}

static bool open_all(session *s, px_error *error)
{
    char *rest = NULL;
    if (strlen(s->o.on) >= sizeof s->specs)
        return px_fail(error, PX_E_USAGE, "the list of executors is longer than %zu characters", sizeof s->specs - 1);
    strcpy(s->specs, s->o.on);
    s->list.open = open_any;
    for (char *spec = strtok_r(s->specs, ",", &rest); spec != NULL; spec = strtok_r(NULL, ",", &rest))
        if (!open_one(s, spec, error))
            return false;
    return s->list.count > 0 || px_fail(error, PX_E_USAGE, "no executor to run on");
}

static void close_all(session *s)
{
    for (size_t i = 0; i < s->list.count; i++)
        if (s->list.at[i] != NULL)
            s->list.at[i]->ops->close(s->list.at[i]);
}

/* ---- comparing ---- */

static bool report_smallest(session *s, random_case *c, uint64_t k, finding *f, px_error *error)
{
    static const char *const kinds[] = {"", " --flat", " --nested", " --hot"};
    const report r = {s->o.seed, k, s->o.pixels, s->o.on, s->o.keep, kinds[kinds_of(&s->o)]};
    if (s->differing++ >= REPORTS)
        return true;
    printf("# case %" PRIu64 " of seed %" PRIu64 " differs; shrinking it\n", k, s->o.seed);
    fflush(stdout);
    return shrink_case(c, &s->list, f, error) && report_finding(&r, c, &s->list, f, error);
}

static bool one(session *s, random_case *c, uint64_t k, px_error *error)
{
    finding f;
    s->cases++;
    if (!compare_case(c, &s->list, &s->seen, &f, error))
        return false;
    return !f.found || report_smallest(s, c, k, &f, error);
}

/* A batch of cases at once, on the executors that can. */
static bool many(session *s, const random_case *cases, size_t count, uint64_t first, px_error *error)
{
    for (size_t i = 1; i < s->list.count; i++) {
        size_t which = 0;
        finding f;
        if (s->list.at[i]->caps.machines < count)
            continue;
        if (!compare_many(cases, count, &s->list, i, BATCH_BUDGET, &which, &f, error))
            return false;
        if (f.found && s->differing++ < REPORTS)
            printf("# case %" PRIu64 " of seed %" PRIu64 ", %d instructions, run together with cases %" PRIu64
                   " to %" PRIu64 ": %s\n",
                   first + which, s->o.seed, BATCH_BUDGET, first, first + count - 1, f.text);
    }
    return true;
}

static bool batch(session *s, uint64_t first, size_t count, px_error *error)
{
    random_case cases[BATCH] = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = case_generate(&cases[i], s->o.seed, first + i, s->o.pixels, kinds_of(&s->o), error);
    ok = ok && many(s, cases, count, first, error);
    for (size_t i = 0; ok && i < count; i++)
        ok = one(s, &cases[i], first + i, error);
    for (size_t i = 0; i < count; i++)
        case_free(&cases[i]);
    return ok;
}

static uint64_t first_of(const options *o) { return o->only != EACH ? o->only : 0; }
static uint64_t count_of(const options *o) { return o->only != EACH ? 1 : o->count; }

static bool all(session *s, px_error *error)
{
    const uint64_t first = first_of(&s->o), count = count_of(&s->o);
    for (uint64_t done = 0; done < count;) {
        const size_t size = count - done < BATCH ? (size_t)(count - done) : BATCH;
        if (!batch(s, first + done, size, error))
            return false;
        done += size;
    }
    return true;
}

/* ---- results ---- */

/* How often the rarest instruction was retired: agreement says nothing about those never seen. */
static uint64_t rarest(const session *s)
{
    const char *name = "", *kind = "";
    uint64_t least = UINT64_MAX;
    for (int profile = PX_CLASSIC; profile <= PX_V1; profile++)
        for (unsigned i = 0; i < 256; i++) {
            const px_opcode *op = px_opcode_of(profile, (uint8_t)i);
            const uint64_t seen = profile == PX_CLASSIC ? s->seen.classic[i] : s->seen.v1[i];
            if (op->mnemonic == NULL || seen >= least)
                continue;
            least = seen;
            name = op->mnemonic;
            kind = profile == PX_CLASSIC ? "classic " : "";
        }
    printf("# rarest instruction: %s%s, retired %" PRIu64 " times\n", kind, name, least);
    return least;
}

static void print_summary(const session *s)
{
    uint64_t instructions = 0;
    for (int i = 0; i < 256; i++)
        instructions += s->seen.v1[i] + s->seen.classic[i];
    printf("# %" PRIu64 " programs, seed %" PRIu64 ": %" PRIu64 " instructions", s->cases, s->o.seed, instructions);
    for (uint32_t i = 0; i < 4; i++)
        printf(", %" PRIu64 " stops %s", s->seen.events[i], px_status_name(i));
    printf("\n# traps:");
    for (uint32_t i = 1; i <= PX_TRAP_VL; i++)
        printf(" %" PRIu64 " %s", s->seen.causes[i], px_cause_name(i));
    printf("\n# in slots: %" PRIu64 " instructions; machines left", s->seen.inner);
    for (uint32_t i = 0; i < 4; i++)
        printf("%s %" PRIu64 " %s", i > 0 ? "," : "", s->seen.slots[i], px_status_name(i));
    for (uint32_t i = 1; i <= PX_TRAP_NEST; i++)
        printf("%s %" PRIu64 " %s", i > 1 ? "," : " by", s->seen.slot_causes[i], px_cause_name(i));
    putchar('\n');
}

static int finish(const session *s)
{
    print_summary(s);
    const bool agreed = s->differing == 0,
               counted = s->list.at[0]->ops->trace != NULL && s->cases >= 1000 && kinds_of(&s->o) < CASES_NESTED;
    const bool covered = !counted || rarest(s) > 0;
    if (s->o.tap) {
        printf("%s 1 - %" PRIu64 " random programs end in the same states on %s\n", agreed ? "ok" : "not ok", s->cases,
               s->o.on);
        if (counted) /* a thousand programs are enough to hold every instruction */
            printf("%s 2 - every instruction was retired\n", covered ? "ok" : "not ok");
        printf("1..%d\n", counted ? 2 : 1);
    } else {
        printf("%" PRIu64 " of %" PRIu64 " programs differ\n", s->differing, s->cases);
    }
    return agreed && covered ? 0 : 1;
}

/* As pictures, with what the first executor makes of them. */
static int export_all(session *s)
{
    const export_order order = {.directory = s->o.export,
                                .seed = s->o.seed,
                                .first = first_of(&s->o),
                                .count = count_of(&s->o),
                                .pixels = s->o.pixels,
                                .kinds = kinds_of(&s->o)};
    px_error error = {0};
    export_count written = {0};
    const bool ok = export_cases(&order, s->list.at[0], &written, &error);
    if (ok)
        printf("%" PRIu64 " programs, %" PRIu64 " cases of %s in %s\n", written.programs, written.cases,
               s->list.at[0]->name, written.path);
    else
        fprintf(stderr, "random: %s\n", error.text);
    return ok ? 0 : 2;
}

int main(int argc, char **argv)
{
    static session s = {
        .o = {.keep = "build", .seed = 1, .count = 2000, .only = EACH, .pixels = CASE_PIXELS}};
    px_error error = {0};
    read_options(&s.o, argc, argv);
    if (s.o.mutants)
        return list_mutants();
    bool ok = open_all(&s, &error);
    if (ok && s.o.export != NULL) {
        const int status = export_all(&s);
        close_all(&s);
        return status;
    }
    ok = ok && all(&s, &error);
    const int status = ok ? finish(&s) : 2;
    if (!ok)
        fprintf(stderr, "random: %s\n", error.text);
    close_all(&s);
    return status;
}
