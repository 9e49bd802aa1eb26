/* tape_internal.h - between tape.c, which winds, and tape_run.c, which looks at each instruction on the way. */
#ifndef EXEC_TAPE_INTERNAL_H
#define EXEC_TAPE_INTERNAL_H

#include "exec/snapshot.h"
#include "exec/tape.h"
#include "pxi/pace.h"

/* Words that came from outside. */
typedef struct tape_words {
    enum px_space space;
    uint32_t at, count;
    uint32_t *words; /* owned */
} tape_words;

/* An answer, or something put by hand: then it is part of its position. */
typedef struct tape_input {
    uint64_t at;
    bool answer;
    uint32_t word, reg; /* of an answer */
    tape_words *put;    /* owned */
    size_t count, room;
} tape_input;

struct px_tape {
    px_machine *machine;
    px_answerer answerer;
    px_put_observer observer;
    px_stop stop;
    uint64_t at, furthest;
    px_snapshots snapshots;
    tape_input *input; /* by at */
    size_t count, room;
    bool no_memory; /* for an input that is being gathered */
    px_pace pace;
    double since, cost; /* seconds in the executor since the last snapshot, and what that took */
    double running, snapping;
    const px_cancel *cancel; /* of the call under way */
    bool cancelled;
};

/* One turn of at most limit - at instructions, with what comes from outside on the way. *on is false when there is no
 * going on: the machine has stopped, nobody answers, or it was cancelled. */
bool px_tape_advance(px_tape *tape, uint64_t limit, bool *on, px_error *error);

/* What answered the machine that waited at a position, or NULL. */
const tape_input *px_tape_answer_at(const px_tape *tape, uint64_t at);

bool px_tape_restore(px_tape *tape, size_t which, px_error *error);

/* Why the machine goes no further. */
px_tape_end px_tape_why(const px_tape *tape, uint64_t limit);

#endif
