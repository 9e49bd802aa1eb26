/* architect.h - a language model writes a program, the executors judge it, and what they say goes back: README.md.
 *
 * Whatever the model's server says is a text. It becomes a program only by the assembler, which reads no files for it,
 * and is run only in machines, without a host, for a budget. */
#ifndef ARCHITECT_ARCHITECT_H
#define ARCHITECT_ARCHITECT_H

#include <stddef.h>

#include "pxi/executor.h"

struct cJSON;

/* ---- task.c: what is wanted ---- */

/* A register or a pixel, and what it holds. */
typedef struct arch_word {
    bool pixel;
    uint32_t at, value;
} arch_word;

typedef struct arch_case {
    char *name;
    arch_word *given, *expected;
    size_t given_count, expected_count;
} arch_case;

typedef struct arch_task {
    char *text;
    uint64_t budget; /* instructions of a case */
    arch_case *cases;
    size_t case_count;
} arch_task;

bool arch_task_read(arch_task *task, const char *path, px_error *error);
void arch_task_free(arch_task *task);

/* ---- judge.c: what the executors say ---- */

typedef struct arch_verdict {
    bool passed;
    char *text; /* for the model, and for people: what is wrong, or what was right. Owned */
} arch_verdict;

/* Assembles the source and runs every case of the task on an executor, which may be several in lockstep. false: the
 * executor failed, or no memory; what is wrong with the program is the verdict. */
bool arch_judge(arch_verdict *verdict, const arch_task *task, px_executor *executor, const char *source,
                px_error *error);

/* ---- chat.c: the model ---- */

typedef struct arch_chat {
    const char *url, *model, *key; /* of an OpenAI-compatible server, up to /v1; key and model may be NULL */
    long timeout;                  /* seconds for a reply */
    double temperature;
    uint64_t seed;
} arch_chat;

/* Asks with the messages so far ([{"role", "content"}, ..]); *reply is the text of its answer, owned. */
bool arch_ask(const arch_chat *chat, const struct cJSON *messages, char **reply, px_error *error);

/* ---- prompt.c: what is said to it ---- */

/* The machine and the assembler's language, in words for a model; owned. NULL: no memory. */
char *arch_about_machine(void);

/* The program in a reply: its last fenced block that is called pxa or nothing; all of it where no block is fenced, and
 * nothing where all blocks are something else. Owned. */
char *arch_program_in(const char *reply);

#endif
