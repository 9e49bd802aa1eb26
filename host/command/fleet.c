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
    bool quiet;
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
    "not run again unless it is newer: a fleet that was ended is continued by the same command.\n\n"
    "Several hosts share a fleet by --share: docs/FLEET.md has recipes for mpirun, Slurm and GNU parallel.\n\n"
    "Example:\n"
    "  px fleet programs --on opencl:0,opencl:1 --out results --budget 1e9\n\n"
    "Exit status: 0 all halted, 1 some trapped, could not be run or had no executor left, 2 wrong usage or bad input, "
    "3 "
    "some stopped by the budget or waiting, or the fleet was ended by a signal.";

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
    return share_of(a, error) && (a->out == NULL || px_is_folder_name("--out", a->out, error));
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

static bool finish(const arguments *a, const px_fleet_programs *programs, px_fleet_count *count, px_error *error)
{
    px_executors named;
    if (!px_executors_name(&named, a->on, error))
        return false;
    const px_fleet_order order = {.programs = programs,
                                  .executors = named.spec,
                                  .executor_count = named.count,
                                  .budget = a->budget,
                                  .batch = a->batch,
                                  .writes = a->out != NULL,
                                  .progress = !a->quiet && isatty(STDERR_FILENO)};
    const bool ok = programs->count == 0 || px_fleet_run(&order, count, error);
    px_executors_close(&named);
    return ok;
}

static void report(const px_fleet_programs *programs, const px_fleet_count *c, double seconds)
{
    printf("%s programs", px_grouped(programs->count + programs->before));
    if (programs->before > 0)
        printf(", %s had a result", px_grouped(programs->before));
    printf(": %s halted", px_grouped(c->halted));
    const struct {
        uint64_t n;
        const char *what;
    } more[] = {{c->trapped, "trapped"}, {c->stopped, "stopped"}, {c->failed, "failed"}, {c->left, "left"}};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (more[i].n > 0)
            printf(", %s %s", px_grouped(more[i].n), more[i].what);
    printf("; %s instructions, %.1f s\n", px_grouped(c->executed), seconds);
}

static int status_of(const px_fleet_count *c)
{
    if (c->refused)
        return PX_EXIT_USAGE;
    if (c->interrupted)
        return PX_EXIT_STOPPED;
    if (c->trapped + c->failed + c->left > 0)
        return PX_EXIT_DIFFERS;
    return c->stopped > 0 ? PX_EXIT_STOPPED : 0;
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
    bool ok = (a.out == NULL || px_fleet_lock(a.out, a.share, a.shares, &error)) &&
              px_fleet_list(&programs, a.input, a.out, a.share, a.shares, &error);
    if (ok && a.out == NULL)
        programs.before = 0;
    ok = ok && finish(&a, &programs, &count, &error);
    if (ok && !a.quiet)
        report(&programs, &count, px_seconds() - began);
    if (ok && count.full)
        fprintf(stderr,
                "px fleet: stopped, because a result cannot be written; what is written stays, and the same command "
                "goes on\n");
    px_fleet_programs_free(&programs);
    return ok ? status_of(&count) : px_complain("fleet", &error);
}
