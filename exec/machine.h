/* machine.h - machines in executors, for everybody who runs programs: made from a state, run in turns, looked into and
 * dropped. Whole states, where somebody wants them, are made of the same words.
 *
 * Arguments are checked here, whoever made them, and wrong ones change nothing. When an executor fails over a machine,
 * that machine is lost; when a whole run fails, the executor is, with all its machines. Every later call says so, and
 * only dropping is left. Whoever promised more holds its own last state. */
#ifndef EXEC_MACHINE_H
#define EXEC_MACHINE_H

#include "pxi/executor.h"

/* A machine that is state, with its pc, status and pixels; state stays the caller's. PX_E_TOO_LARGE when the executor
 * does not hold it beside those it has, PX_E_INPUT when no machine can be in that state. */
bool px_machine_create(px_executor *executor, const px_state *state, px_machine **machine, px_error *error);

/* The same, and state is used up whether or not it works: its pixels need not be there twice. A machine whose image was
 * lent is in place where its executor can run there; others have a copy. */
bool px_machine_create_from(px_executor *executor, px_state *state, px_machine **machine, px_error *error);

/* Also fine with NULL. A machine with a turn under way stays, and the call fails. */
bool px_machine_drop(px_machine *machine, px_error *error);

/* Runs count machines of one executor, none of them twice; cancel may be NULL. Turns fail one by one: look at failed.
 * false: wrong turns, before anything has run; or the executor is lost. */
bool px_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error);

/* One machine; false when its turn failed, too. */
bool px_run_one(px_machine *machine, uint64_t budget, const px_cancel *cancel, px_stop *stop, px_error *error);

/* Words of a space, at..at+count-1; count 0 is fine. put does not look at what the words mean: a machine that cannot be
 * is found when it is run or read. Of a machine in place, words may be its own pixels from `at` on, where others see
 * them: px_get then makes what it has done be there, px_put makes it see what others have written. */
bool px_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count, px_error *error);
bool px_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
            px_error *error);

/* The first count pixels of each of so many rows, pitch pixels apart, from pixel at on: at once, where a fetch costs an
 * executor as much as many pixels. */
bool px_get_rows(px_machine *machine, uint32_t at, uint32_t pitch, uint32_t rows, uint32_t *words, uint32_t count,
                 px_error *error);

/* Who is told of pixels that are put or copied into a machine; NULL: nobody. It must stay until it is told of no more.
 */
typedef struct px_put_observer {
    void (*put)(void *context, uint32_t at, const uint32_t *pixels, uint32_t count);
    void *context;
} px_put_observer;
void px_on_put(px_machine *machine, px_put_observer *observer);

/* Pixels from one machine to another, of any executors. Within one machine the runs must not overlap. */
bool px_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count, px_error *error);

/* PX_E_USAGE when the executor has no trace. */
bool px_on_retire(px_machine *machine, px_trace_fn *trace, void *context, px_error *error);

/* From now on the machine's turns are counted in heat's arrays, which stay the caller's, and must be there until a call
 * with NULL or until the machine is dropped. Between turns they can be read, and set to 0. PX_E_USAGE when the
 * executor does not count, and for a classic machine. */
bool px_count_heat(px_machine *machine, const px_heat *heat, px_error *error);

/* The waveforms of the hardware that the machine runs on, in later turns, as FST over a file; a path of NULL ends that,
 * and the file is whole then. Time is ten units a clock cycle. PX_E_USAGE when the executor is no hardware that can be
 * seen. */
bool px_wave(px_machine *machine, const char *path, px_error *error);

static inline uint32_t px_machine_pixels(const px_machine *machine) { return machine->w * machine->h; }

/* ---- whole states ---- */

/* out is zeroed or a valid state. */
bool px_machine_read(px_machine *machine, px_state *out, px_error *error);

/* All fields but the pixels; out->mem stays what it is. */
bool px_machine_read_fields(px_machine *machine, px_state *out, px_error *error);

/* The image alone, or the saved state, as a picture whose pixels stay where they are until they are fetched; the
 * machine is at rest meanwhile. */
typedef struct px_view {
    px_machine *machine;
    uint32_t above; /* rows above the image */
    uint32_t words[PX_STATE_WORDS];
} px_view;
bool px_machine_rows(px_machine *machine, bool image, px_view *view, px_rows *rows, px_error *error);

/* The machine becomes state, which has its profile and size. */
bool px_machine_write(px_machine *machine, const px_state *state, px_error *error);

/* All fields but the pixels, which stay what they are. */
bool px_machine_write_fields(px_machine *machine, const px_state *state, px_error *error);

/* A machine made from *state, run for budget instructions and read back into *state. */
bool px_run_state(px_executor *executor, px_state *state, uint64_t budget, px_stop *stop, px_error *error);

#endif
