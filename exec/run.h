/* run.h - running a program the way every command does: with scripted answers to SYS, stoppable by signals. */
#ifndef EXEC_RUN_H
#define EXEC_RUN_H

#include "exec/machine.h"

typedef struct px_answers {
    uint32_t *value; /* owned */
    size_t count, used;
} px_answers;

/* "1,0x20,-3"; empty or NULL means none. */
bool px_answers_parse(px_answers *answers, const char *text, px_error *error);
void px_answers_free(px_answers *answers);

/* Runs until the machine stops for good, budget instructions have retired, or it waits and no answer is left.
 * stop->executed and stop->cycles cover all of it. With progress, a line on stderr shows the count while a long run
 * goes on (only on a terminal). */
bool px_run_answering(px_machine *machine, uint64_t budget, px_answers *answers, bool progress, px_stop *stop,
                      px_error *error);

/* A machine made from start for one such run, and read back into *end. */
bool px_run_to_state(px_executor *executor, const px_state *start, uint64_t budget, px_answers *answers, bool progress,
                     px_state *end, px_stop *stop, px_error *error);

/* From here on SIGINT, SIGTERM and SIGHUP, unless they are ignored, end a px_run_answering at an instruction boundary,
 * as if its budget had been spent, and let the command go on to save. One more, a second later, ends px at once. */
void px_catch_signals(void);

/* The run is over, and its result is about to be written: where no signal came yet, one ends a wait for the reader of a
 * pipe. */
void px_signals_end_waits(void);

/* Whether one came. */
bool px_interrupted(void);

/* "halted at pc 12, (12,0), after 1,024 instructions" - and for a trap the cause and value as well. */
void px_stop_text(const px_stop *stop, uint32_t width, bool interrupted, char *text, size_t size);

/* The exit status that stands for it: 0 halted, 1 trapped, 3 stopped by its budget or waiting. */
int px_stop_exit(const px_stop *stop);

#endif
