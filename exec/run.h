/* run.h - running a program the way every command does: with somebody who answers its SYS, stoppable by signals. */
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

typedef enum px_answered {
    PX_ANSWERED,
    PX_UNANSWERED, /* the machine stays WAITING, and the run ends */
    PX_ANSWER_FAILED
} px_answered;

/* Who answers SYS. A machine that waits may be looked into, and its pixels written, before its answer is given. */
typedef struct px_answerer {
    /* executed: the instructions of this run so far. */
    px_answered (*answer)(void *context, px_machine *machine, const px_stop *stop, uint64_t executed, uint32_t *word,
                          px_error *error);
    void (*begin)(void *context);     /* a run begins; NULL: no need to know */
    void (*meanwhile)(void *context); /* many times a second while the machine runs; NULL: no need */
    void *context;
} px_answerer;

/* The answers in their order, from the first with each run. */
px_answerer px_scripted(px_answers *answers);

/* A turn, and further ones as long as the machine is answered: until it stops for good, budget instructions have
 * retired, or it stays without an answer. stop->executed and stop->cycles cover all of it. answerer and cancel may be
 * NULL. */
bool px_run_answered(px_machine *machine, uint64_t budget, const px_answerer *answerer, const px_cancel *cancel,
                     px_stop *stop, px_error *error);

/* The same for commands: a signal ends it. With progress, a line on stderr shows the count while a long run goes on
 * (only on a terminal). */
bool px_run_answering(px_machine *machine, uint64_t budget, const px_answerer *answerer, bool progress, px_stop *stop,
                      px_error *error);

/* A machine made from start for one such run, and read back into *end. */
bool px_run_to_state(px_executor *executor, const px_state *start, uint64_t budget, const px_answerer *answerer,
                     bool progress, px_state *end, px_stop *stop, px_error *error);

/* From here on SIGINT, SIGTERM and SIGHUP, unless they are ignored, end a px_run_answering at an instruction boundary,
 * as if its budget had been spent, and let the command go on to save. One more, a second later, ends px at once. */
void px_catch_signals(void);

/* The same for SIGINT alone: for who goes on after a run that was ended so, and has the wish forgotten. */
void px_catch_interrupts(void);
void px_forget_signals(void);

/* The run is over, and its result is about to be written: where no signal came yet, one ends a wait for the reader of a
 * pipe. */
void px_signals_end_waits(void);

/* Whether one came. */
bool px_interrupted(void);

/* Somebody who is asked to end the run does what a signal would. */
void px_interrupt(void);

/* To be called before a second signal ends px; safe in a signal handler, or NULL. */
void px_before_signal_ends(void (*restore)(void));

/* "halted at pc 12, (12,0), after 1,024 instructions" - and for a trap the cause and value as well. */
void px_stop_text(const px_stop *stop, uint32_t width, bool interrupted, char *text, size_t size);

/* The exit status that stands for it: 0 halted, 1 trapped, 3 stopped by its budget or waiting. */
int px_stop_exit(const px_stop *stop);

#endif
