/* executor.h - what every executor looks like to those who build on it: machines that live in it until they are
 * dropped, turns that run them, and words that go in and out. It is the link's model (LINK.md): what a board can do
 * over a cable, any executor can do.
 *
 * These are the drivers' side, and take checked arguments. Callers use exec/machine.h, which checks them, keeps the
 * books and says which executor is lost. An executor is used by one thread at a time. */
#ifndef PXI_EXECUTOR_H
#define PXI_EXECUTOR_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"
#include "pxi/heat.h"
#include "pxi/state.h"

#define PX_NO_BUDGET UINT64_MAX

typedef struct px_executor px_executor;

/* A machine in an executor, first member of the driver's own. Nothing here is a driver's to write but in create. */
typedef struct px_machine {
    px_executor *executor;
    uint32_t profile, w, h;
    /* Kept by exec/machine.c. */
    uint32_t retired; /* modulo 2^32 */
    uint32_t status;
    bool running;  /* it has a turn under way */
    bool lost;     /* its executor failed over it: it can be dropped, and nothing else */
    bool doubtful; /* its fields have been put, and not looked at since */
    bool in_place; /* its image is memory that was lent for it */
    struct px_put_observer *observer;
} px_machine;

/* What words are got and put: the link's spaces of a machine (link.def). STATE has PX_STATE_SPACE words, pc, vl, flags
 * and value, of which flags packs profile, cause and status. */
enum px_space { PX_SPACE_PIXEL, PX_SPACE_REGISTER, PX_SPACE_STATE };
enum { PX_WORD_PC, PX_WORD_VL, PX_WORD_FLAGS, PX_WORD_VALUE, PX_STATE_SPACE };

/* How a turn ended. */
typedef struct px_stop {
    uint32_t status, cause, value, pc, vl;
    uint32_t request, argument; /* WAITING: r[value] and r[value + 1]; else 0 */
    uint64_t executed;          /* instructions retired by this turn */
    uint64_t cycles;            /* clock cycles of this turn where the executor has a clock, else 0 */
} px_stop;

/* One machine's part of a run: first the answer to the SYS that it waits for, if there is one, then up to budget
 * instructions (SPEC.md section 3). A machine that is not RUNNING then does nothing. */
typedef struct px_turn {
    px_machine *machine;
    uint64_t budget;
    bool answers; /* only for a machine that is WAITING */
    uint32_t answer;

    bool failed; /* out: this machine alone is lost, error says why */
    px_error error;
    px_stop stop; /* out, unless it failed */
} px_turn;

/* Asked now and then while a run is under way, many times a second where the executor's steps are short enough, with
 * the instructions that its turns have retired so far. true: every turn ends at its next instruction boundary or step,
 * as if its budget were spent. */
typedef struct px_cancel {
    bool (*asked)(void *context, uint64_t executed);
    void *context;
} px_cancel;

static inline bool px_cancelled(const px_cancel *cancel, uint64_t executed)
{
    return cancel != NULL && cancel->asked(cancel->context, executed);
}

/* One retired instruction. An instruction writes at most one register; reg is -1 when it wrote none. */
typedef struct px_retire {
    int64_t slot; /* the address of the slot whose machine it is, or -1; pc and reg are that machine's */
    uint32_t pc;
    uint32_t instruction;
    int reg;
    uint32_t value;
    uint64_t cycle; /* clock cycles since the turn began, or the waveforms that are being written; 0 without a clock */
} px_retire;
typedef void px_trace_fn(void *context, const px_retire *retire);

typedef struct px_executor_ops {
    /* A machine that is state. The driver copies it, or takes state->mem for its own and leaves NULL there. What is
     * lent can be taken, too: the machine is then in place. */
    bool (*create)(px_executor *, px_state *state, px_machine **, px_error *);
    void (*drop)(px_machine *);
    /* Runs count machines, each one once. cancel may be NULL. false: the executor is lost with all its machines. */
    bool (*run)(px_executor *, px_turn *turns, size_t count, const px_cancel *cancel, px_error *);
    /* count words, 1 or more, from address at of a space. false: the machine is lost. Of a machine in place, words may
     * be its own pixels at that address: get makes what it has done be there, put makes it see what was written there.
     */
    bool (*get)(px_machine *, enum px_space, uint32_t at, uint32_t *words, uint32_t count, px_error *);
    bool (*put)(px_machine *, enum px_space, uint32_t at, const uint32_t *words, uint32_t count, px_error *);
    /* The first count pixels of each of so many rows, pitch pixels apart, from pixel at on. NULL: exec/machine.c gets
     * them row by row. */
    bool (*get_rows)(px_machine *, uint32_t at, uint32_t pitch, uint32_t rows, uint32_t *words, uint32_t count,
                     px_error *);
    /* Pixels from one machine to another of the same executor. NULL: exec/machine.c gets and puts. */
    bool (*copy)(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count, px_error *);
    /* Calls trace for each instruction that the machine retires in later turns; a trace of NULL ends that. NULL: the
     * executor cannot. */
    bool (*trace)(px_machine *, px_trace_fn *trace, void *context, px_error *);
    /* Counts what the machine, one of the v1 profile, does in later turns in heat's arrays, which have its number of
     * pixels; a heat of NULL ends that. Between turns the counts are right. NULL: the executor cannot. */
    bool (*heat)(px_machine *, const px_heat *heat, px_error *);
    /* Writes waveforms of what the machine's hardware does in later turns over a file, until a path of NULL ends that
     * or the machine is dropped. One time unit in ten is a clock cycle. NULL: there is no hardware to see. */
    bool (*wave)(px_machine *, const char *path, px_error *);
    void (*close)(px_executor *); /* no machine is left in it */
} px_executor_ops;

/* What an executor holds. */
typedef struct px_caps {
    uint32_t max_pixels;   /* of one machine */
    uint32_t machines;     /* at a time; a board has one */
    uint64_t total_pixels; /* of all machines */
    uint32_t lanes;        /* 1 unless it has more */
    bool flat;             /* it is older than RESUME, and traps OPCODE there */
} px_caps;

struct px_executor {
    const px_executor_ops *ops;
    char name[128]; /* as a person would say it: "ref", "opencl:0 (NVIDIA H200)" */
    px_caps caps;
    /* Kept by exec/machine.c. */
    uint32_t machines;
    uint64_t pixels;
    px_error lost;    /* why it is lost with all its machines; PX_OK while it is not */
    px_error trouble; /* how it lost its latest machine */
};

/* How to get an executor of one kind; the registry has the kinds' names. */
typedef struct px_driver {
    /* arg is what stands after the colon, or NULL. PX_E_ABSENT with a sentence when it cannot be had here. */
    bool (*open)(px_executor **executor, const char *arg, px_error *);
    /* Optional: one line a device for `px devices`. */
    bool (*list)(void (*line)(void *context, const char *text), void *context, px_error *);
} px_driver;

#endif
