/* diff.c - px diff: one program on several executors, compared bit for bit, or one picture with another. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/log.h"
#include "exec/bisect.h"
#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/difference.h"
#include "host/divergence.h"
#include "host/files.h"
#include "host/shrink.h"
#include "host/trap.h"
#include "pxi/number.h"

typedef struct arguments {
    px_operands operands;
    const char *file, *other; /* other: a second picture, and nothing is run */
    const char *on, *answers, *replay, *symbols, *picture, *shrink;
    px_names names;
    px_answers scripted; /* answers, parsed */
    px_answerer answerer;
    uint64_t budget;
    bool skip_absent, quiet;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    const px_operands *o = &a->operands;
    if (o->count > 2)
        return px_fail(error, PX_E_USAGE, "two pictures at a time, found a third, '%s'", o->at[2]);
    a->file = px_input_file(o->at[0]);
    a->other = o->count > 1 ? px_input_file(o->at[1]) : NULL;
    if (a->answers != NULL && a->replay != NULL)
        return px_fail(error, PX_E_USAGE, "--answers and --replay exclude each other");
    if (a->other != NULL && (a->on != NULL || a->answers != NULL || a->replay != NULL || a->skip_absent ||
                             a->budget != PX_NO_BUDGET || a->symbols != NULL || a->shrink != NULL))
        return px_fail(
            error, PX_E_USAGE,
            "two pictures are compared as they are; but for --picture, options are for a program that is run");
    return true;
}

static const char about[] =
    "Run a pixel program or a saved state on several executors and compare image and state, bit for bit; or compare "
    "two pictures.\v"
    "On a difference, the first differing field or pixel is shown with both values, and the instruction that brought "
    "it about, with its line, its operands, and what each executor made of it. --picture shows where the images "
    "differ, "
    "--shrink makes a case for `px conformance` of that one instruction, with as little in it as shows the difference; "
    "what the first executor did is its expectation, which the specification has to confirm. Of two pictures, the "
    "number of pixels that differ and the first of them; of two saved states, the "
    "first field.\n\n"
    "Examples:\n"
    "  px diff first.pxi --on ref,rtl\n"
    "  px diff guess.pxi --replay session.log --on " PX_COMPARED "\n"
    "  px diff result.png expected.png\n\n"
    "Exit status: 0 agreed, 1 differing, 2 wrong usage or bad input.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON_LIST(&a->on, PX_COMPARED, ", at least two; all are compared with the first"),
        PX_OPTION_BUDGET(&a->budget),
        PX_OPTION_ANSWERS(&a->answers),
        {"replay", 0, "FILE", "answer SYS as a log says, which px run --record wrote for this program",
         .input = &a->replay},
        PX_OPTION_SYMBOLS(&a->symbols, "; a source has its own"),
        {"picture", 0, "FILE", "on a difference, both images and where they differ, side by side",
         .output = &a->picture},
        {"shrink", 0, "FILE", "on a difference, the instruction as a case of the conformance set",
         .output = &a->shrink},
        PX_OPTION_SKIP_ABSENT(&a->skip_absent),
        PX_OPTION_QUIET(&a->quiet, "print only differences"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE [PICTURE]",
                                  .operands = &a->operands,
                                  .missing = "no program given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

/* Runs one executor from start and reads its final state into *end. */
static bool finish(const arguments *a, px_executor *executor, const px_state *start, px_state *end, px_stop *stop,
                   px_error *error)
{
    return px_run_to_state(executor, start, a->budget, &a->answerer, !a->quiet, end, stop, error);
}

static bool write_case(const arguments *a, px_executor *first, px_executor *other, const px_divergence *at,
                       const px_state *before, px_error *error)
{
    char name[160];
    if (a->shrink == NULL || before->mem == NULL)
        return true;
    snprintf(name, sizeof name, "instruction %s of a program that differed", px_grouped(at->executed));
    if (!px_shrink(first, other, before, name, a->shrink, error))
        return false;
    if (!a->quiet)
        fprintf(px_messages(a->shrink), "  the case is in %s\n", a->shrink);
    return true;
}

/* Tells which instruction brought the difference about; bisect.h finds it. */
static bool locate(const arguments *a, px_executor *first, px_executor *other, const px_state *start, px_error *error)
{
    px_divergence at;
    px_state states[3] = {{0}, {0}, {0}}; /* before it, and after it on both */
    bool ok = px_first_difference(first, other, start, &a->answerer, a->budget, &at, states, error);
    if (ok && at.found) {
        px_divergence_tell(stdout, &at, start, states, first->name, other->name, &a->names);
        ok = write_case(a, first, other, &at, &states[0], error);
    }
    for (int i = 0; i < 3; i++)
        px_state_free(&states[i]);
    return ok;
}

/* ---- two pictures ---- */

static bool is_state(const px_picture *picture) { return picture->px[0] == PX_MAGIC_STATE; }

static bool show(const arguments *a, const px_state *x, const px_state *y, px_error *error)
{
    return a->picture == NULL ||
           (x->w == y->w && x->h == y->h
                ? px_difference_write(x, a->file, y, a->other, a->picture, error)
                : px_fail(error, PX_E_USAGE, "no %s: side by side are pictures of one size", a->picture));
}

/* Two saved states, told by their fields. */
static bool compare_states(const arguments *a, const px_picture pictures[2], bool *agreed, px_error *error)
{
    px_state x = {0}, y = {0};
    char text[256];
    bool ok = px_state_view(&x, &pictures[0], a->file, error) && px_state_view(&y, &pictures[1], a->other, error);
    *agreed = ok && px_state_equal(&x, "the first", &y, "the second", text, sizeof text);
    if (ok && !*agreed) {
        printf("%s and %s differ: %s\n", a->file, a->other, text);
        ok = show(a, &x, &y, error);
    }
    return ok;
}

static bool compare_pixels(const arguments *a, const px_picture *x, const px_picture *y)
{
    if (x->w != y->w || x->h != y->h) {
        printf("%s and %s differ: %" PRIu32 "x%" PRIu32 " pixels, %" PRIu32 "x%" PRIu32 " pixels\n", a->file, a->other,
               x->w, x->h, y->w, y->h);
        return false;
    }
    const uint32_t n = x->w * x->h;
    uint32_t count = 0, first = 0;
    for (uint32_t at = n; at-- > 0;)
        if (x->px[at] != y->px[at]) {
            first = at;
            count++;
        }
    if (count > 0)
        printf("%s and %s differ in %s of %s pixels, first in pixel (%" PRIu32 ",%" PRIu32 "), address %" PRIu32
               ": 0x%08" PRIX32 ", 0x%08" PRIX32 "\n",
               a->file, a->other, px_grouped(count), px_grouped(n), first % x->w, first / x->w, first, x->px[first],
               y->px[first]);
    return count == 0;
}

static bool compare_images(const arguments *a, const px_picture pictures[2], bool *agreed, px_error *error)
{
    const px_state x = {.w = pictures[0].w, .h = pictures[0].h, .mem = pictures[0].px},
                   y = {.w = pictures[1].w, .h = pictures[1].h, .mem = pictures[1].px};
    *agreed = compare_pixels(a, &pictures[0], &pictures[1]);
    return *agreed || show(a, &x, &y, error);
}

static bool compare_pictures(const arguments *a, bool *agreed, px_error *error)
{
    px_picture pictures[2] = {{0}, {0}};
    bool ok = px_read_program_picture(&pictures[0], a->file, NULL, error) &&
              px_read_program_picture(&pictures[1], a->other, NULL, error);
    if (ok && is_state(&pictures[0]) && is_state(&pictures[1]))
        ok = compare_states(a, pictures, agreed, error);
    else if (ok)
        ok = compare_images(a, pictures, agreed, error);
    if (ok && *agreed && !a->quiet)
        printf("%s and %s: the same %" PRIu32 "x%" PRIu32 " pixels\n", a->file, a->other, pictures[0].w, pictures[0].h);
    px_picture_free(&pictures[0]);
    px_picture_free(&pictures[1]);
    return ok;
}

/* ---- one program ---- */

/* What is compared with itself agrees, and a line in a script that has a slip in it would pass. */
static bool several(const px_executors *executors, px_error *error)
{
    if (executors->count < 2)
        return px_fail(error, PX_E_USAGE, "%s alone, nothing to compare it with; name at least two, as in --on ref,rtl",
                       executors->count == 1 ? executors->spec[0] : "no executor");
    for (size_t i = 1; i < executors->count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(executors->spec[i], executors->spec[k]) == 0)
                return px_fail(error, PX_E_USAGE, "%s is named twice, and would be compared with itself",
                               executors->spec[i]);
    return true;
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

static void tell_older(const px_executor *executor, const px_state *end)
{
    if (px_trap_is_of_older(end))
        printf("  %s is older than RESUME\n", executor->name);
}

static bool compare(const arguments *a, const px_executors *executors, const px_state *start, bool *agreed,
                    px_error *error)
{
    px_state first = {0}, other = {0};
    bool ok = true;
    *agreed = true;
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
            ok = (a->picture == NULL ||
                  px_difference_write(&first, executors->at[0]->name, &other, executor->name, a->picture, error)) &&
                 locate(a, executors->at[0], executor, start, error);
            tell_older(executors->at[0], &first);
            tell_older(executor, &other);
        }
    }
    px_state_free(&first);
    px_state_free(&other);
    if (ok && *agreed && !a->quiet)
        printf("%s: the same image and state on %zu executors\n", a->file, executors->count);
    return ok;
}

/* Who answers: a log, or the answers of the command line. */
static bool open_answerer(arguments *a, const px_state *start, px_log **log, px_error *error)
{
    *log = NULL;
    if (a->replay == NULL) {
        const bool ok = px_answers_parse(&a->scripted, a->answers, error);
        a->answerer = px_scripted(&a->scripted);
        return ok;
    }
    if (!px_log_open(log, a->replay, start, error))
        return false;
    const px_log_facts facts = px_log_about(*log);
    if (facts.cut)
        fprintf(stderr, "px: note: %s is cut off: only its first %s answers are there\n", a->replay,
                px_grouped(facts.answers));
    a->budget = px_log_budget(*log, a->budget);
    a->answerer = px_log_answerer(*log, NULL, NULL);
    return true;
}

static bool run_and_compare(arguments *a, bool *agreed, px_error *error)
{
    px_state start = {0};
    px_executors executors = {0};
    px_log *log = NULL;
    /* That they all do what the log does not say is no difference between them, but no success either. */
    const bool ok = (a->symbols == NULL || px_names_read(&a->names, a->symbols, error)) &&
                    px_read_program(&start, a->file, a->symbols == NULL ? &a->names : NULL, error) &&
                    px_executors_open(&executors, a->on != NULL ? a->on : PX_COMPARED, a->skip_absent, error) &&
                    several(&executors, error) && open_answerer(a, &start, &log, error) &&
                    compare(a, &executors, &start, agreed, error) &&
                    (log == NULL || !*agreed || !px_log_strayed(log, error));
    px_log_close(log);
    px_answers_free(&a->scripted);
    px_names_free(&a->names);
    px_executors_close(&executors);
    px_state_free(&start);
    return ok;
}

int px_cmd_diff(int argc, char **argv)
{
    arguments a = {.budget = PX_NO_BUDGET};
    px_error error = {0};
    bool agreed = false;
    read_arguments(&a, argc, argv);
    const bool ok = a.other != NULL ? compare_pictures(&a, &agreed, &error) : run_and_compare(&a, &agreed, &error);
    return !ok ? px_complain(argv[0], &error) : agreed ? PX_EXIT_AGREED : PX_EXIT_DIFFERS;
}
