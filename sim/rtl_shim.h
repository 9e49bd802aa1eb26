/* rtl_shim.h - the Verilated core as C sees it: pins, a clock, and the pixel memory.
 *
 * Models are built from the same Verilog: with one lane and with four, each without and with its trace port. A netlist
 * (tests/rtl/gate.mk) takes the place of the first, in programs of its own. */
#ifndef SIM_RTL_SHIM_H
#define SIM_RTL_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The host port of rtl/core/px_core.v: spaces, and the words of the last one. */
enum { PX_RTL_PIXEL, PX_RTL_REG, PX_RTL_CTL };
enum {
#define CONTROL(id, number, text) PX_RTL_##id = number,
#include "rtl/gen/micro.def"
};

/* Registers of millicode, behind the program's 256. */
enum {
    PX_RTL_HIDDEN = 256,
#define HIDDEN(id, number, text) PX_RTL_HIDDEN_##id = PX_RTL_HIDDEN + (number),
#include "rtl/gen/micro.def"
};

/* Cycles after which the caller of run gets to see an instruction: scalar ones have retired, and longer ones have not
 * written anything yet, so that they and their operands are still there. RESUME is one of them, and what it runs
 * others. */
enum { PX_RTL_GLANCE = 64 };

/* Cycles from one question whether to stop to the next. More than what a slot takes from where a run begins to its
 * machine's first instruction: a run that is stopped each time gets somewhere. */
enum { PX_RTL_ASK = 4096 };

typedef struct px_rtl_pins {
    uint32_t pc, vl, budget;
    uint8_t profile, status, cause;
    bool running;
    /* Behind the pins, where the model lets one look: the machine lies in a slot, and its image begins at base. */
    bool nested;
    uint32_t base;
    uint32_t events; /* what was seen of progress: instructions that retired, slots entered and left */
    uint64_t retired;
} px_rtl_pins;

/* slot: the address of the slot that the machine lies in, or -1. cycle: of this run, or of the waveforms under way. */
typedef void px_rtl_trace_fn(void *context, int64_t slot, uint32_t pc, uint32_t instruction, int reg, uint32_t value,
                             uint64_t cycle);

/* What a run is told, and tells. */
typedef struct px_rtl_watch {
    px_rtl_trace_fn *trace;      /* or NULL */
    bool (*stop)(void *context); /* true: the core hears STOP until the run is over */
    void *context;
} px_rtl_watch;

typedef struct px_rtl_model {
    const char *name;
    const struct px_rtl_model *traced; /* the same machine with its trace port, itself if it is that one; or NULL */
    uint32_t max_pixels, lanes;
    /* Every register and memory cell starts with bits drawn from seed; then the reset is given.
     * NULL without memory. */
    void *(*open)(uint32_t seed);
    void (*close)(void *);
    void (*reset)(void *); /* ends a run, whatever it is doing */
    /* Pixels, through the memory's back door where the model has one, else through the host port. */
    bool (*write_pixels)(void *, uint32_t address, const uint32_t *pixels, uint32_t count);
    bool (*read_pixels)(void *, uint32_t address, uint32_t *pixels, uint32_t count);
    /* A pixel or a register, also while the core runs. False: the model has no back door. */
    bool (*peek)(void *, unsigned space, uint32_t address, uint32_t *word);
    /* One access of the host port, as many cycles as it takes. False: the core did not answer. */
    bool (*host)(void *, bool write, unsigned space, uint32_t address, uint32_t *word);
    void (*pins)(void *, px_rtl_pins *);
    /* From here on each clock of a run goes into a file, whose name is there, until a path of NULL: ten units a cycle,
     * of which the first is 1. False: the file cannot be written. NULL: the model has no waveforms. */
    bool (*wave)(void *, const char *path);
    void (*stop)(void *, bool stop);        /* the core's pin, until it is told otherwise */
    void (*clock)(void *, uint64_t cycles); /* whatever the core does meanwhile */
    /* Clocks until the run is over, or until there was no event for longer than patience cycles from here and, after
     * one, PX_RTL_GLANCE: then false. Nothing that the core does depends on being asked whether to stop. */
    bool (*run)(void *, uint64_t patience, uint64_t *cycles, const px_rtl_watch *watch);
} px_rtl_model;

extern const px_rtl_model px_rtl_plain, px_rtl_trace, px_rtl_lanes, px_rtl_lanes_trace;

#ifdef __cplusplus
}
#endif
#endif
