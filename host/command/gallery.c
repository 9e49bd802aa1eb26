/* gallery.c - px gallery: programs on every executor, one line each: what ran, how long, who agrees, and whether it
 * is the picture that was to be drawn. `make sim` shows it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/expected.h"
#include "host/files.h"
#include "host/sheet.h"
#include "pxi/number.h"
#include "pxi/png/picture_file.h"

typedef struct arguments {
    px_operands files;
    const char *on, *out, *expect, *sheet;
    bool tap;
} arguments;

/* What is at work, and what came of it so far. */
typedef struct gallery {
    const arguments *a;
    px_executors executors;
    px_expected expected;
    px_sheet sheet;
    int agreed, differing, skipped, right, wrong;
    uint64_t executed, cycles;
    int number; /* of the last TAP line */
} gallery;

static const char about[] =
    "Run programs to their end on every executor and compare image and state with the first one's, bit for bit.\v"
    "An executor that is not here is left out with a note. Executors that agree may be wrong together, or the "
    "assembler may be: --expect compares with CRCs from models that are no pixel machine.\n\n"
    "Exit status: 0 all agree, 1 something differs or is not the picture, 2 bad input.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON_LIST(&a->on, PX_COMPARED, "; all are compared with the first"),
        {"out", 0, "DIR", "write each final image to DIR/NAME.png; DIR is made if it is not there", .text = &a->out},
        {"sheet", 0, "FILE", "write one picture of all of them, enlarged, with their names, for viewing",
         .output = &a->sheet},
        {"expect", 0, "FILE", "compare with what is known of the pictures: lines NAME X Y W H CRC",
         .input = &a->expect},
        PX_OPTION_TAP(&a->tap, " instead of a table"),
        {0}};
    const px_command_line line = {
        .about = about, .options = options, .usage = "FILE...", .operands = &a->files, .missing = "no programs given"};
    px_read_arguments(&line, argc, argv);
}

static void program_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    char *dot = strrchr(name, '.');
    if (dot != NULL)
        *dot = '\0';
}

/* DIR/NAME.png for a program. */
static bool image_path(const arguments *a, const char *file, char *path, size_t size, px_error *error)
{
    char name[256];
    program_name(file, name, sizeof name);
    return (size_t)snprintf(path, size, "%s/%s.png", a->out, name) < size ||
           px_fail(error, PX_E_USAGE, "the name of the directory %.60s.. is too long", a->out);
}

static bool save_image(const arguments *a, const char *file, const px_state *state, px_error *error)
{
    const px_picture picture = {state->w, state->h, state->mem};
    char path[4096];
    return a->out == NULL || (image_path(a, file, path, sizeof path, error) && px_picture_write(&picture, path, error));
}

/* Whether all that is to be written will have a place, before anything runs. */
static bool check_places(const arguments *a, px_error *error)
{
    char path[4096];
    if (a->out != NULL && !px_is_name_of("a directory", "--out", a->out, error))
        return false;
    if (a->out != NULL)
        mkdir(a->out, 0777); /* a failure shows in what follows */
    for (size_t i = 0; a->out != NULL && i < a->files.count; i++)
        if (!image_path(a, a->files.at[i], path, sizeof path, error) || !px_picture_place(path, error) ||
            !px_spares_input(a->files.at[i], path, false, error))
            return false;
    for (size_t i = 0; a->sheet != NULL && i < a->files.count; i++)
        if (!px_spares_input(a->files.at[i], a->sheet, false, error))
            return false;
    return a->sheet == NULL || px_picture_place(a->sheet, error);
}

/* The columns of one program's line, one per executor after the first. */
typedef struct verdict {
    char text[1024]; /* the difference, or why it was skipped */
    enum { AGREES, DIFFERS, SKIPPED } kind;
    bool repeatable; /* by px diff */
    px_stop stop;
} verdict;

/* All that one program brought. */
typedef struct line {
    const char *file;
    char name[256];
    px_state start, end;
    px_stop stop; /* of the first executor */
    px_expectation expectation;
    char wrong[256]; /* what is not as expected */
    verdict *verdicts;
} line;

static bool finish(px_executor *executor, const px_state *start, px_state *end, px_stop *stop, px_error *error)
{
    return px_run_to_state(executor, start, PX_NO_BUDGET, NULL, true, end, stop, error);
}

static void judge(const gallery *g, size_t i, const line *l, verdict *v)
{
    px_executor *executor = g->executors.at[i];
    px_error error = {0};
    px_state end = {0};
    if (px_state_pixels(&l->start) > executor->caps.max_pixels) {
        v->kind = SKIPPED;
        snprintf(v->text, sizeof v->text, "%" PRIu32 " pixels, %s holds %" PRIu32, px_state_pixels(&l->start),
                 executor->name, executor->caps.max_pixels);
    } else if (!finish(executor, &l->start, &end, &v->stop, &error)) {
        v->kind = DIFFERS;
        snprintf(v->text, sizeof v->text, "%s", error.text);
    } else if (!px_state_equal(&l->end, g->executors.at[0]->name, &end, executor->name, v->text, sizeof v->text)) {
        v->kind = DIFFERS;
        v->repeatable = strcmp(l->file, px_input_file("-")) != 0;
    }
    px_state_free(&end);
}

/* ---- printing ---- */

static void print_head(const gallery *g)
{
    printf("%-22s %9s %12s %13s", "program", "image", "instructions", "RTL cycles");
    for (size_t i = 1; i < g->executors.count; i++)
        printf("  %-8.8s", g->executors.at[i]->name);
    puts(g->a->expect != NULL ? "  picture" : "");
}

/* What is wrong, and what to type to see the instruction that did it. */
static void print_reasons(const gallery *g, const line *l)
{
    for (size_t i = 1; i < g->executors.count; i++) {
        if (l->verdicts[i].kind != AGREES)
            printf("    %s\n", l->verdicts[i].text);
        if (l->verdicts[i].repeatable)
            printf("    px diff %s --on %s,%s shows where it began\n", l->file, g->executors.spec[0],
                   g->executors.spec[i]);
    }
    if (l->expectation == PX_WRONG)
        printf("    %s\n", l->wrong);
}

static void print_line(const gallery *g, const line *l)
{
    static const char *const word[] = {"agrees", "DIFFERS", "skipped"}, *const picture[] = {"-", "right", "WRONG"};
    uint64_t cycles = 0;
    char size[32];
    for (size_t i = 1; i < g->executors.count; i++)
        if (l->verdicts[i].stop.cycles != 0)
            cycles = l->verdicts[i].stop.cycles;
    snprintf(size, sizeof size, "%" PRIu32 "x%" PRIu32, l->start.w, l->start.h);
    printf("%-22s %9s %12s %13s", l->name, size, px_grouped(l->stop.executed), cycles != 0 ? px_grouped(cycles) : "-");
    for (size_t i = 1; i < g->executors.count; i++)
        printf("  %-8s", word[l->verdicts[i].kind]);
    if (g->a->expect != NULL)
        printf("  %s", picture[l->expectation]);
    if (l->stop.status != PX_HALTED)
        printf("  ends %s, %s", px_status_name(l->stop.status), px_status_text(l->stop.status));
    putchar('\n');
    print_reasons(g, l);
    fflush(stdout);
}

static void print_tap(gallery *g, const line *l)
{
    for (size_t i = 1; i < g->executors.count; i++) {
        const verdict *v = &l->verdicts[i];
        printf("%sok %d - %s on %s%s%s\n", v->kind == DIFFERS ? "not " : "", ++g->number, l->name,
               g->executors.at[i]->name, v->kind == SKIPPED ? " # SKIP " : "", v->kind == SKIPPED ? v->text : "");
        if (v->kind == DIFFERS)
            printf("# %s\n", v->text);
    }
    if (l->expectation != PX_UNKNOWN)
        printf("%sok %d - %s is the picture\n", l->expectation == PX_WRONG ? "not " : "", ++g->number, l->name);
    if (l->expectation == PX_WRONG)
        printf("# %s\n", l->wrong);
    if (l->stop.status != PX_HALTED)
        printf("not ok %d - %s ends in HALT\n", ++g->number, l->name);
}

static void print_sum(const gallery *g)
{
    printf("\n%zu program%s, %s instructions, %s RTL cycles: %d comparison%s agree%s, %d differ", g->a->files.count,
           g->a->files.count == 1 ? "" : "s", px_grouped(g->executed), px_grouped(g->cycles), g->agreed,
           g->agreed == 1 ? "" : "s", g->agreed == 1 ? "s" : "", g->differing);
    if (g->skipped > 0)
        printf(", %d skipped", g->skipped);
    if (g->a->expect != NULL)
        printf("; %d picture%s right, %d wrong", g->right, g->right == 1 ? "" : "s", g->wrong);
    putchar('\n');
}

/* ---- one program ---- */

static void count(gallery *g, const line *l)
{
    for (size_t i = 1; i < g->executors.count; i++) {
        g->agreed += l->verdicts[i].kind == AGREES;
        g->differing += l->verdicts[i].kind == DIFFERS;
        g->skipped += l->verdicts[i].kind == SKIPPED;
        g->cycles += l->verdicts[i].stop.cycles;
    }
    if (l->stop.status != PX_HALTED)
        g->differing++; /* a gallery program ends in HALT */
    g->right += l->expectation == PX_RIGHT;
    g->wrong += l->expectation == PX_WRONG;
    g->executed += l->stop.executed;
}

static bool run_line(gallery *g, line *l, px_error *error)
{
    program_name(l->file, l->name, sizeof l->name);
    l->verdicts = calloc(g->executors.count, sizeof *l->verdicts);
    if (l->verdicts == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory");
    if (!px_read_program(&l->start, l->file, NULL, error) ||
        !finish(g->executors.at[0], &l->start, &l->end, &l->stop, error) ||
        !save_image(g->a, l->file, &l->end, error) ||
        (g->a->sheet != NULL && !px_sheet_add(&g->sheet, l->name, &l->end, error)))
        return false;
    l->expectation = px_expected_check(&g->expected, l->name, &l->end, l->wrong, sizeof l->wrong);
    for (size_t i = 1; i < g->executors.count; i++)
        judge(g, i, l, &l->verdicts[i]);
    return true;
}

static bool one_program(gallery *g, const char *file, px_error *error)
{
    line l = {.file = file};
    const bool ok = run_line(g, &l, error);
    if (ok) {
        count(g, &l);
        if (g->a->tap)
            print_tap(g, &l);
        else
            print_line(g, &l);
    }
    px_state_free(&l.start);
    px_state_free(&l.end);
    free(l.verdicts);
    return ok;
}

static bool all_programs(gallery *g, px_error *error)
{
    const arguments *a = g->a;
    if (!check_places(a, error) || (a->expect != NULL && !px_expected_read(&g->expected, a->expect, error)) ||
        (a->sheet != NULL && !px_sheet_new(&g->sheet, (uint32_t)a->files.count, error)) ||
        !px_executors_open(&g->executors, a->on, true, error))
        return false;
    const char *sheet = px_reserve_output(a->sheet);
    if (!a->tap)
        print_head(g);
    for (size_t i = 0; i < a->files.count; i++)
        if (!one_program(g, px_input_file(a->files.at[i]), error))
            return false;
    if (a->tap)
        printf("1..%d\n", g->number);
    else
        print_sum(g);
    const px_rows rows = px_picture_rows(&g->sheet.picture);
    return a->sheet == NULL || px_copy_write(&rows, 1, sheet, error);
}

int px_cmd_gallery(int argc, char **argv)
{
    arguments a = {.on = PX_COMPARED};
    gallery g = {.a = &a};
    px_error error = {0};
    read_arguments(&a, argc, argv);
    const bool ok = all_programs(&g, &error);
    const bool agreed = g.differing == 0 && g.wrong == 0;
    const int status = !ok ? px_complain(argv[0], &error) : agreed ? PX_EXIT_AGREED : PX_EXIT_DIFFERS;
    px_executors_close(&g.executors);
    px_expected_free(&g.expected);
    px_picture_free(&g.sheet.picture);
    return status;
}
