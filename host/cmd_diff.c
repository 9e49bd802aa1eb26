/* cmd_diff.c - px diff: one program on several executors, compared bit for bit; the first is the one to agree with. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"
#include "host/registry.h"
#include "host/session.h"
#include "pxi/disasm.h"
#include "sim/lockstep.h"

enum { KEY_ON = 256, KEY_BUDGET, KEY_ANSWERS, KEY_SKIP };

typedef struct arguments {
    const char *file, *on, *answers;
    px_answers scripted; /* answers, parsed */
    uint64_t budget;
    bool skip_absent, quiet;
} arguments;

static const struct argp_option options[] = {
    {"on", KEY_ON, "LIST", 0, "executors with commas between (ref,rtl,opencl); all are compared with the first", 0},
    {"budget", KEY_BUDGET, "N", 0, "stop each after N instructions", 0},
    {"answers", KEY_ANSWERS, "A,B,..", 0, "the host's answers to SYS, the same for all", 0},
    {"skip-absent", KEY_SKIP, NULL, 0, "leave out executors that are not here, with a note", 0},
    {"quiet", 'q', NULL, 0, "print only differences", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case KEY_ON:
        a->on = arg;
        return 0;
    case KEY_BUDGET:
        return px_take_count(state, arg, &a->budget);
    case KEY_ANSWERS:
        a->answers = arg;
        return 0;
    case KEY_SKIP:
        a->skip_absent = true;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return px_take_argument(state, "program", arg, &a->file);
    case ARGP_KEY_END:
        if (a->file == NULL)
            argp_error(state, "no program given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Runs one executor from start and reads its final state into *end. */
static bool finish(const arguments *a, px_executor *executor, const px_state *start, px_state *end, px_stop *stop,
                   px_error *error)
{
    px_answers unused = a->scripted; /* each executor hears all of them */
    return executor->ops->load(executor, start, error) &&
           px_run_session(executor, a->budget, &unused, !a->quiet, stop, NULL, error) &&
           executor->ops->read(executor, end, error);
}

/* Tells which instruction brought the difference about; lockstep.h finds it by halving the budget. */
static bool locate(const arguments *a, px_executor *first, px_executor *other, const px_state *start, px_error *error)
{
    px_divergence at;
    const bool ok =
        px_first_difference(first, other, start, a->scripted.value, a->scripted.count, a->budget, &at, error);
    if (ok && at.found) {
        char text[128];
        px_disassemble_one(start->profile, at.instruction, text, sizeof text);
        printf("  first at instruction %s, pc %" PRIu32 ", (%" PRIu32 ",%" PRIu32 "): %s\n  %s\n",
               px_grouped(at.executed), at.pc, at.pc % start->w, at.pc / start->w, text, at.difference);
    }
    return ok;
}

static int name_width(const px_executors *executors)
{
    size_t width = 0;
    for (size_t i = 0; i < executors->count; i++) {
        const size_t length = strlen(executors->at[i]->name);
        width = length > width ? length : width;
    }
    return (int)width;
}

static bool compare(const arguments *a, const px_executors *executors, const px_state *start, bool *agreed,
                    px_error *error)
{
    px_state first = {0}, other = {0};
    bool ok = true;
    *agreed = true;
    px_note_classic("px diff", a->file, start);
    for (size_t i = 0; ok && i < executors->count; i++) {
        px_executor *executor = executors->at[i];
        px_stop stop = {0};
        char text[256];
        ok = finish(a, executor, start, i == 0 ? &first : &other, &stop, error);
        if (!ok)
            break;
        px_stop_text(&stop, start->w, false, text, sizeof text);
        if (!a->quiet)
            printf("%-*s %s\n", name_width(executors), executor->name, text);
        if (i > 0 && !px_state_equal(&first, executors->at[0]->name, &other, executor->name, text, sizeof text)) {
            *agreed = false;
            printf("%s differs from %s: %s\n", executor->name, executors->at[0]->name, text);
            ok = locate(a, executors->at[0], executor, start, error);
        }
    }
    px_state_free(&first);
    px_state_free(&other);
    if (ok && *agreed && !a->quiet)
        printf("%s: %s on %zu executor%s\n", a->file,
               executors->count > 1 ? "the same image and state" : "nothing to compare", executors->count,
               executors->count == 1 ? "" : "s");
    return ok;
}

int px_cmd_diff(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "FILE",
        "Run a pixel program or a saved state on several executors and compare image and state, bit for bit.\v"
        "On a difference, the first differing field or pixel is shown with both values, and the instruction that "
        "brought it "
        "about. Exit status: 0 agreed, 1 differing, 2 wrong usage or bad input.",
        NULL,
        NULL,
        NULL};
    arguments a = {.on = "ref,rtl,opencl", .budget = PX_NO_BUDGET};
    px_error error = {0};
    px_state start = {0};
    px_executors executors = {0};
    bool agreed = false;
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    const bool ok =
        px_state_read(&start, a.file, &error) && px_executors_open(&executors, a.on, a.skip_absent, &error) &&
        px_answers_parse(&a.scripted, a.answers, &error) && compare(&a, &executors, &start, &agreed, &error);
    status = !ok ? px_complain(argv[0], &error) : agreed ? PX_EXIT_AGREED : PX_EXIT_DIFFERS;
    px_answers_free(&a.scripted);
    px_executors_close(&executors);
    px_state_free(&start);
    return status;
}
