/* log.h - sessions as files: each answer that a host gave, with the pixels that it wrote and the instructions that had
 * retired. Fed to a machine that starts as the recorded one did, on any executor, they lead to the same end.
 * pxi/HOST.md has the format. */
#ifndef ANSWER_LOG_H
#define ANSWER_LOG_H

#include "exec/run.h"

/* ---- writing ---- */

typedef struct px_log_writer px_log_writer;

/* A log of a session that begins with start. */
bool px_log_create(px_log_writer **log, const char *path, const px_state *start, px_error *error);

/* A request after so many instructions, the runs that were written for it, and its answer or the status with which the
 * program ends. A request that gets neither is not in the log. */
bool px_log_request(px_log_writer *log, uint64_t executed, uint32_t request, px_error *error);
bool px_log_run(px_log_writer *log, uint32_t at, const uint32_t *pixels, uint32_t count, px_error *error);
bool px_log_answer(px_log_writer *log, uint32_t answer, px_error *error);
bool px_log_exit(px_log_writer *log, int status, px_error *error);

/* Nothing may come for a while: what there is goes to the file, now and then. */
bool px_log_rest(px_log_writer *log, px_error *error);

/* The session is over after executed instructions; without end it stays cut off. Also fine with NULL. */
bool px_log_finish(px_log_writer *log, bool end, uint64_t executed, px_error *error);

/* ---- reading ---- */

typedef struct px_log px_log;

/* Checks all of it. One that belongs to another start is refused, and so is a damaged one; one that is cut off is not.
 */
bool px_log_open(px_log **log, const char *path, const px_state *start, px_error *error);
bool px_log_open_memory(px_log **log, const uint8_t *data, size_t size, const char *path, const px_state *start,
                        px_error *error);
void px_log_close(px_log *log); /* also fine with NULL */

typedef struct px_log_facts {
    bool cut;          /* it ends before the session did */
    uint64_t answers;  /* that are whole */
    uint64_t executed; /* instructions until its end, or until the last of them */
    size_t bytes;      /* of the file */
} px_log_facts;
px_log_facts px_log_about(const px_log *log);

/* The instructions that a run of it may have: those of the session, if they are fewer. */
uint64_t px_log_budget(const px_log *log, uint64_t budget);

/* Answers as the log says, from its beginning with each run, where the machine asks what it asked then. show, which may
 * be NULL, is called before each. */
typedef void px_log_show(void *context, px_machine *machine, const px_stop *stop);
px_answerer px_log_answerer(px_log *log, px_log_show *show, void *context);

/* After a run: whether the machine asked something else, in words; and whether the program ended itself. */
bool px_log_strayed(const px_log *log, px_error *error);
bool px_log_exited(const px_log *log, int *status);

#endif
