/* debug.c - px debug: a program looked at while it runs, on and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/debugger.h"
#include "host/files.h"
#include "host/hosting.h"
#include "host/json.h"
#include "host/line_reader.h"
#include "pxi/text_file.h"

enum { MOST_SCRIPTS = 16 };

typedef struct arguments {
    const char *file, *on, *answers, *symbols;
    const char *script[MOST_SCRIPTS];
    px_values scripts;
    bool json;
    px_hosting hosting;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    return px_hosting_check(&a->hosting, a->answers, error);
}

static const char about[] =
    "Look at a program while it runs, on and back: breakpoints, registers, pixels, and who wrote them last.\v"
    "Words are read from the scripts of -x, or else typed; `help` lists them. The machine is deterministic, and what a "
    "host answered is kept, so each state of the run can be gone back to: `back`, `rnext`, `rrun`, `last r5`, "
    "`last 100, 8`, `goto 12`. Conditions and `print` take the assembler's expressions, with r0 to r255, pc, vl, count "
    "and [address] as values. Ctrl-C stops a run. A breakpoint stops before its instruction, a watchpoint behind the "
    "one that touched what it watches. Breakpoints are for the program itself; of machines that it runs by RESUME, "
    "watchpoints see pixels that they change.\n\n"
    "A script is a word a line, # begins a comment; the first error ends it, and tells its line. With --json each "
    "answer is one JSON object on a line of its own, and so is what the program prints meanwhile, a line of it or some "
    "of one: {\"event\": \"printed\", \"text\": ..}.\n\n"
    "Examples:\n"
    "  px debug first.pxa\n"
    "  px debug first.pxi -x look.txt --json\n"
    "  px debug guess.pxa --replay game.log\n\n"
    "Exit status: 0, or 2 for wrong usage, bad input, or an error in a script.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        {"script", 'x', "FILE", "do what it says, and end; several: one after the other", .values = &a->scripts},
        PX_OPTION_JSON(&a->json),
        PX_OPTION_SYMBOLS(&a->symbols, "; a source has its own"),
        PX_OPTION_ANSWERS(&a->answers),
        PX_HOSTING_OPTIONS(&a->hosting),
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

static bool interrupted(void *context, uint64_t executed)
{
    (void)context, (void)executed;
    return px_interrupted();
}

/* What the program prints. With --json it is told in events of its own, a line of it at a time; an answer is written
 * when it is whole. */
typedef struct printing {
    px_shown shown;
    bool json;
    char text[1024];
    size_t size;
} printing;

static void tell_printed(printing *p)
{
    px_json event = {.to = stdout, .line = true};
    if (p->size == 0)
        return;
    p->text[p->size] = '\0';
    p->size = 0;
    px_json_open(&event, NULL, '{');
    px_json_string(&event, "event", "printed");
    px_json_string(&event, "text", p->text);
    px_json_close(&event, '}');
    fflush(stdout);
}

static void print(void *context, const uint8_t *bytes, size_t count)
{
    printing *p = context;
    px_shown_print(&p->shown, bytes, count);
    for (size_t i = 0; p->json && !p->shown.again && i < count; i++) {
        p->text[p->size++] = (char)(bytes[i] == 0 ? ' ' : bytes[i]); /* as px_shown_text has it */
        if (bytes[i] == '\n' || p->size == sizeof p->text - 1)
            tell_printed(p);
    }
}

static void show(void *context, const px_picture *picture)
{
    printing *p = context;
    px_shown_picture(&p->shown, picture);
}

static bool do_line(px_debugger *d, printing *p, const char *line, px_error *error)
{
    char *answer = NULL;
    size_t size = 0;
    px_forget_signals();
    if (!p->json)
        return px_debugger_do(d, line, stdout, error);
    FILE *to = open_memstream(&answer, &size);
    if (to == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an answer");
    const bool ok = px_debugger_do(d, line, to, error);
    fclose(to);
    tell_printed(p);
    fwrite(answer, 1, size, stdout);
    fflush(stdout);
    free(answer);
    return ok;
}

static bool run_script(px_debugger *d, printing *p, const char *path, px_error *error)
{
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, path, error))
        return false;
    bool ok = true;
    char *rest = text;
    const char *line;
    for (unsigned number = 1; ok && !d->quit && (line = px_text_line(&rest)) != NULL; number++) {
        px_error reason;
        ok = do_line(d, p, line, &reason);
        if (!ok)
            px_fail(error, reason.code, "%s:%u: %s", path, number, reason.text);
    }
    free(text);
    return ok;
}

/* What is typed wrong is told, and typed again; what comes from a pipe is a script. */
static bool converse(px_debugger *d, printing *p, px_error *error)
{
    const bool terminal = isatty(STDIN_FILENO);
    d->terminal = terminal && isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
    char *line;
    if (!d->json)
        do_line(d, p, "where", error);
    for (unsigned number = 1; !d->quit && (line = px_line_read("(px) ", terminal, px_debugger_word)) != NULL;
         number++) {
        px_error reason;
        const bool ok = do_line(d, p, line, &reason);
        free(line);
        if (!ok && !terminal)
            return px_fail(error, reason.code, "line %u: %s", number, reason.text);
        if (!ok && !d->json)
            fprintf(stderr, "%s\n", reason.text);
    }
    if (terminal && !d->quit)
        putchar('\n');
    return true;
}

static bool debug(arguments *a, px_executor *executor, const px_state *start, const px_names *names, px_error *error)
{
    const px_cancel cancel = {interrupted, NULL};
    printing *p = calloc(1, sizeof *p);
    const px_onlooker onlooker = {print, show, NULL, p};
    px_debugger d = {.names = names, .program = a->file, .limit = UINT64_MAX, .json = a->json, .cancel = &cancel};
    bool exited;
    int status;
    px_answerer answerer;
    d.recorded = a->hosting.record != NULL || a->hosting.replay != NULL;
    a->hosting.grants.onlooker = &onlooker;
    a->hosting.told = a->json;
    bool ok = p != NULL || px_fail(error, PX_E_SYSTEM, "no memory for what the program shows");
    ok = ok && px_hosting_begin_any(&a->hosting, a->answers, start, true, &d.limit, &answerer, error);
    px_catch_interrupts();
    ok = ok && px_tape_open(&d.tape, executor, start, &answerer, 0, error) && px_debugger_begin(&d, error);
    if (ok && a->hosting.running != NULL) {
        p->shown.tape = d.tape;
        p->shown.host = a->hosting.running;
        p->json = a->json;
        d.shown = &p->shown;
    }
    for (size_t i = 0; ok && !d.quit && i < a->scripts.count; i++)
        ok = run_script(&d, p, a->script[i], error);
    if (ok && a->scripts.count == 0)
        ok = converse(&d, p, error);
    if (ok) {
        px_stop end = *px_tape_stop(d.tape);
        end.executed = px_tape_about(d.tape).furthest;
        ok = px_hosting_end(&a->hosting, &end, &exited, &status, error);
    }
    px_hosting_abandon(&a->hosting);
    px_debugger_end(&d);
    px_tape_close(d.tape);
    if (p != NULL)
        px_shown_free(&p->shown);
    free(p);
    return ok;
}

int px_cmd_debug(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL};
    px_error error = {0};
    px_state start = {0};
    px_names names = {0};
    px_executor *executor = NULL;
    a.scripts = (px_values){a.script, 0, MOST_SCRIPTS};
    px_hosting_init(&a.hosting);
    read_arguments(&a, argc, argv);
    const bool ok = (a.symbols == NULL
                         ? px_read_program(&start, a.file, &names, &error)
                         : px_names_read(&names, a.symbols, &error) && px_read_program(&start, a.file, NULL, &error)) &&
                    px_executor_open(&executor, a.on, &error) && debug(&a, executor, &start, &names, &error);
    const int status = ok ? 0 : px_complain(argv[0], &error);
    px_executor_close(executor);
    px_names_free(&names);
    px_state_free(&start);
    return status;
}
