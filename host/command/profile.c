/* profile.c - px profile: where the instructions of a run go. */
#include <stdio.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/hosting.h"
#include "host/profile.h"
#include "pxi/number.h"

typedef struct arguments {
    const char *file, *on, *answers, *symbols;
    const char *heat, *flame, *save, *other, *how_many;
    uint64_t budget;
    bool hot, quiet;
    uint64_t hottest;
    px_hosting hosting;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    a->hottest = 3;
    if (a->how_many != NULL && !px_parse_count_within("--find-hotspots", a->how_many, 1, 1000, &a->hottest, error))
        return false;
    return px_hosting_check(&a->hosting, a->answers, error);
}

static const char about[] =
    "Run a program and tell where its instructions go: by class, and by straight pieces of code.\v"
    "--heat writes the image as heat: a pixel that was written is red, executed green, read blue, the brighter the "
    "more "
    "often, by logarithms. --flame writes who called whom, a picture where FILE ends in .svg, else folded stacks, a "
    "line "
    "each. On rtl the cycles are told, too. --save keeps a profile as JSON, and --compare sets this run against one "
    "that was "
    "saved.\n\n"
    "Code is what the image holds at the end of the run. Instructions of machines in slots are in the heat of "
    "executors "
    "that count it themselves (ref, fast), and not in the tables.\n\n"
    "Examples:\n"
    "  px profile first.pxa --heat heat.png --find-hotspots\n"
    "  px profile first.pxi --on rtl --flame calls.svg\n"
    "  px profile first.pxi --save before.json; px profile first.pxi --compare before.json\n\n"
    "Exit status: as of px run.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        PX_OPTION_BUDGET(&a->budget),
        {"heat", 0, "FILE", "write how often each pixel was executed, read and written, as a picture",
         .output = &a->heat},
        {"find-hotspots", 0, "N", "tell the instructions of the N (3) pieces of code that take most", .flag = &a->hot,
         .text = &a->how_many},
        {"flame", 0, "FILE", "write who called whom", .output = &a->flame},
        {"save", 0, "FILE", "save the profile, as JSON", .output = &a->save},
        {"compare", 0, "FILE", "set it against one that was saved", .input = &a->other},
        PX_OPTION_SYMBOLS(&a->symbols, "; a source has its own"),
        PX_OPTION_ANSWERS(&a->answers),
        PX_HOSTING_OPTIONS(&a->hosting),
        PX_OPTION_QUIET(&a->quiet, "print no tables"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "program",
                                  .input = &a->file,
                                  .missing = "no program given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static bool run(arguments *a, px_profile *p, px_executor *executor, px_state *start, px_error *error)
{
    px_answerer answerer;
    bool exited;
    int status;
    const bool ok = px_hosting_begin_any(&a->hosting, a->answers, start, false, &a->budget, &answerer, error) &&
                    px_profile_run(p, executor, start, a->budget, &answerer, a->flame != NULL, error) &&
                    px_hosting_end(&a->hosting, &p->stop, &exited, &status, error);
    px_hosting_abandon(&a->hosting);
    return ok;
}

/* Where tables go: standard output is the program's, where it has a console, or an output's. */
static FILE *tables(const arguments *a)
{
    const char *const outputs[] = {a->heat, a->flame, a->save};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (outputs[i] != NULL && px_messages(outputs[i]) == stderr)
            return stderr;
    return a->hosting.host ? stderr : stdout;
}

static bool report(const arguments *a, const px_profile *p, const px_names *names, px_error *error)
{
    FILE *to = tables(a);
    char text[256];
    if (!a->quiet) {
        px_stop_text(&p->stop, p->end.w, px_interrupted(), text, sizeof text);
        fprintf(to, "%s: %s", p->executor, text);
        fprintf(to, p->stop.cycles != 0 ? ", %s cycles\n\n" : "\n\n", px_grouped(p->stop.cycles));
        px_profile_tell(to, p, names);
    }
    if (a->hot)
        px_profile_hot(to, p, names, (uint32_t)a->hottest);
    return (a->heat == NULL || px_profile_heat(p, a->heat, error)) &&
           (a->flame == NULL || px_profile_flame(p, names, a->flame, error)) &&
           (a->save == NULL || px_profile_save(p, names, a->save, error)) &&
           (a->other == NULL || px_profile_compare(to, p, names, a->other, error));
}

int px_cmd_profile(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .budget = PX_NO_BUDGET};
    px_error error = {0};
    px_state start = {0};
    px_names names = {0};
    px_executor *executor = NULL;
    px_hosting_init(&a.hosting);
    read_arguments(&a, argc, argv);
    px_profile profile = {.program = a.file};
    const bool ok = (a.symbols == NULL
                         ? px_read_program(&start, a.file, &names, &error)
                         : px_names_read(&names, a.symbols, &error) && px_read_program(&start, a.file, NULL, &error)) &&
                    px_executor_open(&executor, a.on, &error) && run(&a, &profile, executor, &start, &error) &&
                    report(&a, &profile, &names, &error);
    const int status = ok ? px_stop_exit(&profile.stop) : px_complain(argv[0], &error);
    px_profile_free(&profile);
    px_executor_close(executor);
    px_names_free(&names);
    px_state_free(&start);
    return status;
}
