/* cmd_gallery.c - px gallery: programs on every executor, one line each: what ran, how long, who agrees. `make sim`
 * shows it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/commands.h"
#include "host/files.h"
#include "host/registry.h"
#include "host/session.h"

enum { KEY_ON = 256, KEY_OUT, KEY_TAP };

typedef struct arguments {
    char **files;
    int count;
    const char *on, *out;
    bool tap;
} arguments;

typedef struct totals {
    int agreed, differing, skipped;
    uint64_t executed, cycles;
} totals;

static const struct argp_option options[] = {
    {"on", KEY_ON, "LIST", 0, "executors with commas between; the first is the one to agree with (ref,rtl,opencl)", 0},
    {"out", KEY_OUT, "DIR", 0, "write each final image to DIR/NAME.png; DIR is made if it is not there", 0},
    {"tap", KEY_TAP, NULL, 0, "print TAP instead of a table", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case KEY_ON:
        a->on = arg;
        return 0;
    case KEY_OUT:
        a->out = arg;
        return 0;
    case KEY_TAP:
        a->tap = true;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no programs given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void program_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    char *dot = strrchr(name, '.');
    if (dot != NULL)
        *dot = '\0';
}

static bool save_image(const arguments *a, const char *name, const px_state *state, px_error *error)
{
    px_picture picture = {0};
    char path[4096];
    if (a->out == NULL)
        return true;
    if ((size_t)snprintf(path, sizeof path, "%s/%s.png", a->out, name) >= sizeof path)
        return px_fail(error, PX_E_USAGE, "the name of the directory %.60s.. is too long", a->out);
    const bool ok = px_state_image(state, &picture, error) && px_picture_write(&picture, path, error);
    px_picture_free(&picture);
    return ok;
}

/* The columns of one program's line, one per executor after the first. */
typedef struct verdict {
    char text[1024]; /* the difference, or why it was skipped */
    enum { AGREES, DIFFERS, SKIPPED } kind;
    px_stop stop;
} verdict;

static bool finish(px_executor *executor, const px_state *start, px_state *end, px_stop *stop, px_error *error)
{
    return executor->ops->load(executor, start, error) &&
           px_run_session(executor, PX_NO_BUDGET, NULL, true, stop, error) && executor->ops->read(executor, end, error);
}

static verdict judge(const px_executors *executors, size_t i, const px_state *start, const px_state *first)
{
    verdict v = {.kind = AGREES};
    px_executor *executor = executors->at[i];
    px_error error = {0};
    px_state end = {0};
    if (px_state_pixels(start) > executor->max_pixels) {
        v.kind = SKIPPED;
        snprintf(v.text, sizeof v.text, "%" PRIu32 " pixels, %s holds %" PRIu32, px_state_pixels(start), executor->name,
                 executor->max_pixels);
    } else if (!finish(executor, start, &end, &v.stop, &error)) {
        v.kind = DIFFERS;
        snprintf(v.text, sizeof v.text, "%s", error.text);
    } else if (!px_state_equal(first, executors->at[0]->name, &end, executor->name, v.text, sizeof v.text)) {
        v.kind = DIFFERS;
    }
    px_state_free(&end);
    return v;
}

static void print_line(const char *name, const px_state *start, const px_stop *stop, const verdict *verdicts,
                       size_t count)
{
    static const char *const word[] = {"agrees", "DIFFERS", "skipped"};
    uint64_t cycles = 0;
    char size[32];
    for (size_t i = 1; i < count; i++)
        if (verdicts[i].stop.cycles != 0)
            cycles = verdicts[i].stop.cycles;
    snprintf(size, sizeof size, "%" PRIu32 "x%" PRIu32, start->w, start->h);
    printf("%-22s %9s %12s %13s", name, size, px_grouped(stop->executed), cycles != 0 ? px_grouped(cycles) : "-");
    for (size_t i = 1; i < count; i++)
        printf("  %-8s", word[verdicts[i].kind]);
    if (stop->status != PX_HALTED)
        printf("  ends %s, %s", px_status_name(stop->status), px_status_text(stop->status));
    putchar('\n');
    for (size_t i = 1; i < count; i++)
        if (verdicts[i].kind != AGREES)
            printf("    %s\n", verdicts[i].text);
    fflush(stdout);
}

static void print_tap(const char *name, const px_executors *executors, const verdict *verdicts, int *number)
{
    for (size_t i = 1; i < executors->count; i++) {
        const verdict *v = &verdicts[i];
        printf("%sok %d - %s on %s%s%s\n", v->kind == DIFFERS ? "not " : "", ++*number, name, executors->at[i]->name,
               v->kind == SKIPPED ? " # SKIP " : "", v->kind == SKIPPED ? v->text : "");
        if (v->kind == DIFFERS)
            printf("# %s\n", v->text);
    }
}

static bool one_program(const arguments *a, const px_executors *executors, const char *file, totals *t, int *number,
                        px_error *error)
{
    char name[256];
    px_state start = {0}, first = {0};
    px_stop stop = {0};
    verdict *verdicts = calloc(executors->count, sizeof *verdicts);
    program_name(file, name, sizeof name);
    bool ok = verdicts != NULL ? px_read_program(&start, file, error) : px_fail(error, PX_E_SYSTEM, "no memory");
    ok = ok && finish(executors->at[0], &start, &first, &stop, error) && save_image(a, name, &first, error);
    for (size_t i = 1; ok && i < executors->count; i++) {
        verdicts[i] = judge(executors, i, &start, &first);
        t->agreed += verdicts[i].kind == AGREES;
        t->differing += verdicts[i].kind == DIFFERS;
        t->skipped += verdicts[i].kind == SKIPPED;
        t->cycles += verdicts[i].stop.cycles;
    }
    if (ok && stop.status != PX_HALTED)
        t->differing++; /* a gallery program ends in HALT */
    t->executed += stop.executed;
    if (ok && a->tap)
        print_tap(name, executors, verdicts, number);
    else if (ok)
        print_line(name, &start, &stop, verdicts, executors->count);
    px_state_free(&start);
    px_state_free(&first);
    free(verdicts);
    return ok;
}

static void print_head(const px_executors *executors)
{
    printf("%-22s %9s %12s %13s", "program", "image", "instructions", "RTL cycles");
    for (size_t i = 1; i < executors->count; i++)
        printf("  %-8.8s", executors->at[i]->name);
    putchar('\n');
}

int px_cmd_gallery(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "FILE...",
        "Run programs to their end on every executor and compare image and state with the first one's, bit for bit.\v"
        "An executor that is not here is left out with a note. Exit status: 0 all agree, 1 something differs, 2 bad "
        "input.",
        NULL,
        NULL,
        NULL};
    arguments a = {.on = "ref,rtl,opencl"};
    px_error error = {0};
    px_executors executors = {0};
    totals t = {0};
    int status, number = 0;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    if (a.out != NULL)
        mkdir(a.out, 0777); /* a failure shows when the first picture is written */
    bool ok = px_executors_open(&executors, a.on, true, &error);
    if (ok && !a.tap)
        print_head(&executors);
    for (int i = 0; ok && i < a.count; i++)
        ok = one_program(&a, &executors, px_input_file(a.files[i]), &t, &number, &error);
    if (ok && a.tap)
        printf("1..%d\n", number);
    else if (ok)
        printf("\n%d program%s, %s instructions, %s RTL cycles: %d comparison%s agree%s, %d differ%s%s\n", a.count,
               a.count == 1 ? "" : "s", px_grouped(t.executed), px_grouped(t.cycles), t.agreed,
               t.agreed == 1 ? "" : "s", t.agreed == 1 ? "s" : "", t.differing, t.skipped ? ", skipped " : "",
               t.skipped ? px_grouped((uint64_t)t.skipped) : "");
    status = !ok ? px_complain(argv[0], &error) : t.differing == 0 ? PX_EXIT_AGREED : PX_EXIT_DIFFERS;
    px_executors_close(&executors);
    return status;
}
