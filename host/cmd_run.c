/* cmd_run.c - px run: one program or saved state on one executor. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/commands.h"
#include "host/registry.h"
#include "host/session.h"
#include "pxi/disasm.h"

enum { KEY_ON = 256, KEY_BUDGET, KEY_TRACE, KEY_ANSWERS, KEY_STATE, KEY_IMAGE };

typedef struct arguments {
    const char *file, *on, *output, *answers;
    uint64_t budget;
    bool trace, quiet, always_state, always_image;
} arguments;

static const struct argp_option options[] = {
    {"on", KEY_ON, "EXECUTOR", 0, "ref (default), rtl, opencl[:DEVICE], cmd:PROGRAM, link:PORT", 0},
    {"budget", KEY_BUDGET, "N", 0, "stop after N instructions (1000000, 1e6, 1M)", 0},
    {"answers", KEY_ANSWERS, "A,B,..", 0,
     "the host's answers to SYS, in order; a waiting state takes the first at once", 0},
    {"trace", KEY_TRACE, NULL, 0, "print each retired instruction", 0},
    {"output", 'o', "FILE", 0, "write the image when the program has halted, the saved state otherwise", 0},
    {"state", KEY_STATE, NULL, 0, "write the saved state in any case", 0},
    {"image", KEY_IMAGE, NULL, 0, "write the image in any case", 0},
    {"quiet", 'q', NULL, 0, "print only errors", 0},
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
    case KEY_TRACE:
        a->trace = true;
        return 0;
    case KEY_STATE:
        a->always_state = true;
        return 0;
    case KEY_IMAGE:
        a->always_image = true;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return px_take_argument(state, "program", arg, &a->file);
    case ARGP_KEY_END:
        if (a->file == NULL)
            argp_error(state, "no program given");
        if (a->always_state && a->always_image)
            argp_error(state, "--state and --image exclude each other");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_retired(void *context, const px_retire *retire)
{
    const px_state *start = context;
    char text[128];
    px_disassemble_one(start->profile, retire->instruction, text, sizeof text);
    printf("%7" PRIu32 "  %08" PRIX32 "  %-28s", retire->pc, retire->instruction, text);
    if (retire->reg >= 0)
        printf(" r%d = 0x%08" PRIX32, retire->reg, retire->value);
    putchar('\n');
}

static bool write_result(const arguments *a, px_executor *executor, const px_stop *stop, px_error *error)
{
    px_state state = {0};
    px_picture picture = {0};
    const bool image = a->always_image || (!a->always_state && stop->status == PX_HALTED);
    const bool ok = executor->ops->read(executor, &state, error) &&
                    (image ? px_state_image(&state, &picture, error) : px_state_save(&state, &picture, error)) &&
                    px_picture_write(&picture, a->output, error);
    if (ok && !a->quiet)
        printf("%s: %s, %" PRIu32 "x%" PRIu32 "\n", a->output, image ? "image" : "saved state", picture.w, picture.h);
    px_picture_free(&picture);
    px_state_free(&state);
    return ok;
}

static bool run(const arguments *a, px_executor *executor, px_state *start, px_answers *answers, px_stop *stop,
                px_error *error)
{
    if (a->trace && executor->ops->trace == NULL)
        return px_fail(error, PX_E_USAGE, "executor %s has no trace; use --on ref", executor->name);
    if (!executor->ops->load(executor, start, error) ||
        (a->trace && !executor->ops->trace(executor, print_retired, start, error)))
        return false;
    bool interrupted;
    px_note_classic("px run", a->file, start);
    if (!px_run_session(executor, a->budget, answers, !a->trace, stop, &interrupted, error))
        return false;
    char text[256];
    px_stop_text(stop, start->w, interrupted, text, sizeof text);
    if (!a->quiet)
        printf("%s: %s", executor->name, text);
    if (!a->quiet && stop->cycles != 0)
        printf(", %s cycles", px_grouped(stop->cycles));
    if (!a->quiet)
        putchar('\n');
    if (interrupted && a->output == NULL)
        fputs("px run: interrupted; with -o FILE the state would have been saved, to go on later\n", stderr);
    return a->output == NULL || write_result(a, executor, stop, error);
}

int px_cmd_run(int argc, char **argv)
{
    static const struct argp argp = {options,
                                     parse,
                                     "FILE",
                                     "Run a pixel program or a saved state.\v"
                                     "A program stopped by its budget, by Ctrl-C or by SYS is saved with -o and "
                                     "continued by running the saved state, on "
                                     "any executor. Exit status: 0 halted, 1 trapped, 2 wrong usage or bad input, 3 "
                                     "stopped by the budget or waiting.",
                                     NULL,
                                     NULL,
                                     NULL};
    arguments a = {.on = "ref", .budget = PX_NO_BUDGET};
    px_error error = {0};
    px_state start = {0};
    px_answers answers = {0};
    px_executor *executor = NULL;
    px_stop stop = {0};
    int status;
    if (!px_parse_arguments(&argp, argc, argv, &a, &status))
        return status;
    const bool ok = px_answers_parse(&answers, a.answers, &error) && px_state_read(&start, a.file, &error) &&
                    px_executor_open(&executor, a.on, &error) && run(&a, executor, &start, &answers, &stop, &error);
    status = ok ? px_stop_exit(&stop) : px_complain(argv[0], &error);
    px_executor_close(executor);
    px_answers_free(&answers);
    px_state_free(&start);
    return status;
}
