/* fleet.c - px fleet: thousands of programs through all devices of a machine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/fleet.h"
#include "pxi/number.h"
#include "pxi/pace.h"

typedef struct arguments {
    const char *input, *on, *out, *share_text;
    uint32_t share, shares, batch;
    uint64_t budget;
    bool quiet, cases;
} arguments;

static const char about[] =
    "Run many programs on several executors at once: the pictures of a folder, or of a file that names one a line (- "
    "for "
    "standard input).\v"
    "Each executor of the list works in a process of its own and takes the next programs when it has finished its "
    "last; a "
    "device may be named as often as it has room. With --out, DIR/NAME.png becomes the image of a program that has "
    "halted, "
    "DIR/NAME.state.png the saved state of any other. Such a file is whole or not there, and a program that has one is "
    "not run again unless it is newer: a fleet that was ended is continued by the same command. What is said at the end, and "
    "the exit status, are about all of them.\n\n"
    "With --cases, DIR is what px conformance --export writes, or the random comparer: each program has a budget of its "
    "own, keeps its saved state, and is compared with the state that it must end in.\n\n"
    "Several hosts share a fleet by --share: docs/FLEET.md has recipes for mpirun, Slurm and GNU parallel.\n\n"
    "Example:\n"
    "  px fleet programs --on opencl:0,opencl:1 --out results --budget 1e9\n\n"
    "Exit status: 0 all halted, 1 some trapped, could not be run or had no executor left, 2 wrong usage or bad input, "
    "3 some stopped by the budget or waiting, or the fleet was ended by a signal. Of cases: 0 all agree, 1 some differ or "
    "could not be run, 2 and 3 as before.";

static bool share_of(arguments *a, px_error *error)
{
    uint64_t share = 1, shares = 1;
    char text[64];
    const char *slash = a->share_text != NULL ? strchr(a->share_text, '/') : NULL;
    if (a->share_text != NULL) {
        if (slash == NULL || (size_t)(slash - a->share_text) >= sizeof text)
            return px_fail(error, PX_E_USAGE, "--share is %s; expected K/N, as 1/4", a->share_text);
        snprintf(text, sizeof text, "%.*s", (int)(slash - a->share_text), a->share_text);
        if (!px_parse_number("--share's number of parts", slash + 1, 1, 1000000, &shares, error) ||
            !px_parse_number("--share's part", text, 1, shares, &share, error))
            return false;
    }
    a->share = (uint32_t)share - 1;
    a->shares = (uint32_t)shares;
    return true;
}

static bool check(void *read, px_error *error)
{
    arguments *a = read;
    if (a->cases && a->out == NULL)
        return px_fail(error, PX_E_USAGE, "--cases compares results, and needs --out DIR");
    return share_of(a, error) && (a->out == NULL || px_is_name_of("a directory", "--out", a->out, error));
}

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON_LIST(&a->on, PX_USUAL, ", each as often as it is named"),
        {"out", 0, "DIR", "write results to DIR, and leave out what has one; DIR is made if it is not there",
         .text = &a->out},
        PX_OPTION_BUDGET(&a->budget),
        {"batch", 0, "N", "programs that an executor runs at a time (a quarter of its part, on a CPU at most 256)",
         .number = &a->batch, 1, 1 << 18},
        {"cases", 0, NULL, "DIR is of cases, and each has to end in its expected state", .flag = &a->cases},
        {"share", 0, "K/N", "only part K of N, for N fleets that divide one list", .text = &a->share_text},
        PX_OPTION_QUIET(&a->quiet, "print only errors"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "DIR|LIST",
                                  .what = "folder or list",
                                  .input = &a->input,
                                  .missing = "no folder or list of programs given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static bool finish(const arguments *a, px_fleet_programs *programs, px_fleet_count *count, px_error *error)
{
    px_executors named;
    if (!px_executors_name(&named, a->on, error))
        return false;
    const px_fleet_order order = {.programs = programs,
                                  .executors = named.spec,
                                  .executor_count = named.count,
                                  .batch = a->batch,
                                  .writes = a->out != NULL,
                                  .progress = !a->quiet,
                                  .terminal = isatty(STDERR_FILENO)};
    const bool ok = programs->count == programs->before || px_fleet_run(&order, count, error);
    px_executors_close(&named);
    return ok;
}

typedef struct part {
    uint64_t n;
    const char *what;
} part;

/* what is a word that an s makes many of. "40 programs, 38 had a result: 39 halted, 1 left; 4 instructions, 0.1 s"; the first part is said even if it is 0. */
static void report(const char *what, const px_fleet_programs *programs, const part *parts, size_t count,
                   uint64_t executed, double seconds)
{
    printf("%s %s%s", px_grouped(programs->count), what, programs->count == 1 ? "" : "s");
    if (programs->before > 0)
        printf(", %s had a result", px_grouped(programs->before));
    for (size_t i = 0; i < count; i++)
        if (i == 0 || parts[i].n > 0)
            printf("%s %s %s", i == 0 ? ":" : ",", px_grouped(parts[i].n), parts[i].what);
    printf("; %s instructions, %.1f s\n", px_grouped(executed), seconds);
}

static void report_programs(const px_fleet_programs *programs, const px_fleet_count *c, double seconds)
{
    const part parts[] = {{c->halted, "halted"},
                          {c->trapped, "trapped"},
                          {c->stopped, "stopped"},
                          {c->failed, "failed"},
                          {c->left, "left"}};
    report("program", programs, parts, sizeof parts / sizeof *parts, c->executed, seconds);
}

static void report_cases(const px_fleet_programs *programs, const px_fleet_count *c, const px_fleet_verdict *v,
                         double seconds)
{
    const part parts[] = {
        {v->agree + c->refused, "agree"}, {v->differ, "differ"}, {c->failed, "failed"}, {c->left, "left"}};
    report("case", programs, parts, sizeof parts / sizeof *parts, c->executed, seconds);
}

static int status_of(const px_fleet_count *c)
{
    if (c->absent)
        return PX_EXIT_USAGE;
    if (c->interrupted)
        return PX_EXIT_STOPPED;
    if (c->trapped + c->failed + c->left > 0)
        return PX_EXIT_DIFFERS;
    return c->stopped > 0 ? PX_EXIT_STOPPED : 0;
}

/* How a case ends is what its expected state says, so that alone decides. */
static int status_of_cases(px_fleet_count count, const px_fleet_verdict *v)
{
    count.stopped = 0;
    count.trapped = v->differ;
    return status_of(&count);
}

/* What is said of a fleet that was run, and its exit status. */
static int conclude(const arguments *a, const px_fleet_programs *programs, px_fleet_count *count, double began)
{
    int status;
    if (!a->cases)
        px_fleet_count_before(programs, count);
    status = status_of(count);
    if (a->cases) {
        const px_fleet_verdict verdict = px_fleet_judge(programs);
        status = status_of_cases(*count, &verdict);
        if (!a->quiet)
            report_cases(programs, count, &verdict, px_seconds() - began);
    } else if (!a->quiet) {
        report_programs(programs, count, px_seconds() - began);
    }
    if (count->interrupted && a->out != NULL && count->left > 0)
        fprintf(stderr, "px fleet: ended by a signal; the same command goes on with what is left\n");
    if (count->full)
        fprintf(stderr,
                "px fleet: stopped, because a result cannot be written; what is written stays, and the same command "
                "goes on\n");
    return status;
}

int px_cmd_fleet(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .budget = PX_NO_BUDGET};
    px_fleet_programs programs = {0};
    px_fleet_count count = {0};
    px_error error = {0};
    const double began = px_seconds();
    read_arguments(&a, argc, argv);
    if (a.out != NULL)
        mkdir(a.out, 0777); /* a failure shows in what follows */
    const px_fleet_source source = {a.input, a.out, a.cases, a.budget, a.share, a.shares};
    const bool ok = (a.out == NULL || px_fleet_lock(a.out, a.share, a.shares, &error)) &&
                    px_fleet_list(&programs, &source, &error) && finish(&a, &programs, &count, &error);
    const int status = ok ? conclude(&a, &programs, &count, began) : px_complain("px fleet", &error);
    px_fleet_programs_free(&programs);
    return status;
}
