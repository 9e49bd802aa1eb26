/* architect.c - px architect: a language model writes a program until all executors agree that it does what it should.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "architect/architect.h"
#include "exec/lockstep.h"
#include "host/commands.h"
#include "host/files.h"
#include "pxi/number.h"
#include "pxi/output_file.h"

enum { MOST_ROUNDS = 1000, MOST_TIMEOUT = 86400, FAILURES = 3 /* replies in a row that are none */ };

typedef struct arguments {
    const char *url, *task, *model, *on, *output, *transcript, *temperature, *seed;
    uint32_t rounds, timeout;
    bool quiet;
} arguments;

/* What has been said so far. */
typedef struct talk {
    cJSON *messages;
    cJSON *rounds; /* of the transcript */
} talk;

static const char about[] =
    "Have a language model write a pixel program: what it writes is assembled and run against the task's cases on all "
    "executors in lockstep, what is wrong goes back to it, and what passes is kept.\v"
    "URL is that of an OpenAI-compatible server, up to /v1: LM Studio, llama.cpp, Ollama. A key, if it wants one, is "
    "in "
    "PX_ARCHITECT_KEY. architect/README.md has the form of a task. Nothing that the model writes is run outside of "
    "the machine, and the assembler reads no files for it.\n\n"
    "Example:\n"
    "  px architect --url http://localhost:1234/v1 --task examples/triangle.json -o triangle.pxa\n\n"
    "Exit status: 0 a program passed and was written, 1 none did, or executors differ, 2 wrong usage, or the server "
    "does not answer as one.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        {"url", 0, "URL", "the server", .text = &a->url},
        {"task", 0, "FILE", "what is wanted, and its cases, as JSON", .input = &a->task},
        {"model", 0, "NAME", "the model, where a server has several", .text = &a->model},
        {"rounds", 0, "N", "tries at most (8)", .number = &a->rounds, 1, MOST_ROUNDS},
        {"timeout", 0, "S", "seconds for a reply (300)", .number = &a->timeout, 1, MOST_TIMEOUT},
        {"temperature", 0, "T", "how far it strays, 0 to 2 (0.2)", .text = &a->temperature},
        {"seed", 0, "N", "of the model's chance, and one more with each round (1)", .text = &a->seed},
        PX_OPTION_ON_LIST(&a->on, PX_COMPARED, ""),
        PX_OPTION_OUTPUT(&a->output, "the program to write"),
        {"transcript", 0, "FILE", "write all that was said and judged, as JSON, after each round",
         .output = &a->transcript},
        PX_OPTION_QUIET(&a->quiet, "print only errors"),
        {0}};
    px_read_arguments(&(px_command_line){.about = about, .options = options}, argc, argv);
}

/* ---- what is said ---- */

static bool say(talk *t, const char *role, const char *text)
{
    cJSON *message = cJSON_CreateObject();
    return cJSON_AddStringToObject(message, "role", role) != NULL &&
           cJSON_AddStringToObject(message, "content", text) != NULL && cJSON_AddItemToArray(t->messages, message);
}

static void note_round(talk *t, const char *program, const char *verdict, bool passed)
{
    cJSON *round = cJSON_CreateObject();
    if (program != NULL)
        cJSON_AddStringToObject(round, "program", program);
    cJSON_AddStringToObject(round, "verdict", verdict);
    cJSON_AddBoolToObject(round, "passed", passed);
    cJSON_AddItemToArray(t->rounds, round);
}

static bool begin(talk *t, const arch_task *task, px_error *error)
{
    char *machine = arch_about_machine();
    t->messages = cJSON_CreateArray();
    t->rounds = cJSON_CreateArray();
    const bool ok = machine != NULL && t->messages != NULL && t->rounds != NULL && say(t, "system", machine) &&
                    say(t, "user", task->text);
    free(machine);
    return ok || px_fail(error, PX_E_SYSTEM, "no memory for what is said");
}

static bool write_transcript(const arguments *a, const talk *t, px_error *error)
{
    if (a->transcript == NULL)
        return true;
    cJSON *root = cJSON_CreateObject();
    cJSON_AddItemToObject(root, "messages", cJSON_Duplicate(t->messages, true));
    cJSON_AddItemToObject(root, "rounds", cJSON_Duplicate(t->rounds, true));
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    const bool ok = text != NULL ? px_output_text(a->transcript, text, error)
                                 : px_fail(error, PX_E_SYSTEM, "no memory for the transcript");
    free(text);
    return ok;
}

/* ---- rounds ---- */

/* One try: *program and *passed; false when the executors failed. */
static bool judge(const arguments *a, talk *t, const arch_task *task, px_executor *executor, const char *reply,
                  char **program, bool *passed, px_error *error)
{
    arch_verdict verdict;
    *program = arch_program_in(reply);
    if (*program == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a program");
    if (!arch_judge(&verdict, task, executor, *program, error)) {
        note_round(t, *program, error->text, false);
        return false;
    }
    *passed = verdict.passed;
    note_round(t, *program, verdict.text, verdict.passed);
    if (!a->quiet)
        fputs(verdict.text, stdout);
    const bool ok = say(t, "assistant", reply) && (verdict.passed || say(t, "user", verdict.text));
    free(verdict.text);
    return ok || px_fail(error, PX_E_SYSTEM, "no memory for what is said");
}

static bool go_round(const arguments *a, arch_chat *chat, talk *t, const arch_task *task, px_executor *executor,
                     bool *passed, px_error *error)
{
    px_error late;
    uint32_t failures = 0;
    for (uint32_t round = 1; round <= a->rounds && !*passed; round++, chat->seed++) {
        char *reply = NULL, *program = NULL;
        if (!a->quiet)
            printf("round %u of %u\n", round, a->rounds), fflush(stdout);
        if (!arch_ask(chat, t->messages, &reply, error)) {
            note_round(t, NULL, error->text, false);
            write_transcript(a, t, &late);
            if (error->code == PX_E_ABSENT || error->code == PX_E_USAGE || ++failures == FAILURES)
                return false;
            fprintf(stderr, "px architect: %s; trying again\n", error->text);
            continue;
        }
        failures = 0;
        bool ok = judge(a, t, task, executor, reply, &program, passed, error);
        if (ok && *passed && a->output != NULL)
            ok = px_output_text(a->output, program, error);
        ok = write_transcript(a, t, ok ? error : &late) && ok;
        free(reply);
        free(program);
        if (!ok)
            return false;
    }
    return true;
}

static bool options_good(const arguments *a, arch_chat *chat, px_error *error)
{
    if (a->url == NULL || a->task == NULL)
        return px_fail(error, PX_E_USAGE, "--url and --task are needed");
    if (strncmp(a->url, "http://", 7) != 0 && strncmp(a->url, "https://", 8) != 0)
        return px_fail(error, PX_E_USAGE, "--url is '%s', expected http://.. or https://..", a->url);
    *chat = (arch_chat){.url = a->url,
                        .model = a->model,
                        .key = getenv("PX_ARCHITECT_KEY"),
                        .timeout = (long)a->timeout,
                        .temperature = 0.2,
                        .seed = 1};
    return (a->temperature == NULL ||
            px_parse_real("--temperature", a->temperature, 0, 2, &chat->temperature, error)) &&
           (a->seed == NULL || px_parse_number("--seed", a->seed, 0, UINT32_MAX, &chat->seed, error)) &&
           (a->output == NULL ||
            (px_output_check(a->output, error) && px_spares_input(a->task, a->output, false, error))) &&
           (a->transcript == NULL ||
            (px_output_check(a->transcript, error) && px_spares_input(a->task, a->transcript, false, error)));
}

int px_cmd_architect(int argc, char **argv)
{
    arguments a = {.rounds = 8, .timeout = 300, .on = PX_COMPARED};
    arch_chat chat;
    arch_task task = {0};
    talk t = {0};
    px_executor *executor = NULL;
    px_lockstep_note at_work = {0};
    px_error error = {0};
    bool passed = false, differ = false;
    read_arguments(&a, argc, argv);
    bool ok = options_good(&a, &chat, &error) && arch_task_read(&task, a.task, &error) &&
              px_lockstep_open(&executor, a.on, PX_MAX_PIXELS, &at_work, NULL, &error) && begin(&t, &task, &error);
    if (ok) {
        ok = go_round(&a, &chat, &t, &task, executor, &passed, &error);
        differ = !ok && px_lockstep_differs(executor);
    }
    px_executor_close(executor);
    cJSON_Delete(t.messages);
    cJSON_Delete(t.rounds);
    arch_task_free(&task);
    if (!ok) {
        px_complain(argv[0], &error);
        return differ ? PX_EXIT_DIFFERS : PX_EXIT_USAGE;
    }
    if (!a.quiet)
        puts(!passed ? "no program passed" : a.output != NULL ? a.output : "passed");
    return passed ? 0 : PX_EXIT_DIFFERS;
}
