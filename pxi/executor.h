/* executor.h - what every executor looks like to a caller: load a state, run up to a budget, read the state back.
 *
 * ref, rtl, opencl[:device], cmd:PROGRAM and link:PORT hang behind this one interface and differ in nothing a caller
 * sees but speed and capabilities. An executor is used by one thread at a time. */
#ifndef PXI_EXECUTOR_H
#define PXI_EXECUTOR_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"
#include "pxi/state.h"

#define PX_NO_BUDGET UINT64_MAX

/* One retired instruction. An instruction writes at most one register; reg is -1 when it wrote none. */
typedef struct px_retire {
    uint32_t pc;
    uint32_t instruction;
    int reg;
    uint32_t value;
    uint64_t cycle; /* clock cycles since the run began, where the executor has a clock; else 0 */
} px_retire;
typedef void px_trace_fn(void *context, const px_retire *retire);

/* How a run ended. */
typedef struct px_stop {
    uint32_t status, cause, value, pc;
    uint64_t executed; /* instructions retired by this run */
    uint64_t cycles;   /* clock cycles of this run where the executor has a clock, else 0 */
} px_stop;

typedef struct px_executor px_executor;

typedef struct px_executor_ops {
    /* Makes state the machine's. PX_E_TOO_LARGE when the image does not fit. */
    bool (*load)(px_executor *, const px_state *state, px_error *);
    /* SPEC.md section 3. A machine that is not RUNNING does nothing. */
    bool (*run)(px_executor *, uint64_t budget, px_stop *stop, px_error *);
    /* Copies the machine out; out is zeroed or a valid state. */
    bool (*read)(px_executor *, px_state *out, px_error *);
    void (*close)(px_executor *);
    /* Optional (NULL): call trace for each retired instruction of later runs; NULL turns it off. */
    bool (*trace)(px_executor *, px_trace_fn *trace, void *context, px_error *);
    /* Optional (NULL): run count machines at once, in place. */
    bool (*run_many)(px_executor *, px_state *states, size_t count, uint64_t budget, px_error *);
    /* Optional (NULL): vl alone, where reading the whole machine takes long. */
    bool (*vl)(px_executor *, uint32_t *vl, px_error *);
} px_executor_ops;

struct px_executor {
    const px_executor_ops *ops;
    char name[128];      /* as a person would say it: "ref", "opencl:0 (NVIDIA H200)" */
    uint32_t max_pixels; /* the largest image that load accepts */
    uint32_t lanes;      /* 1 unless it has more */
};

/* How to get an executor of one kind; host/registry.c has the kinds' names. */
typedef struct px_driver {
    /* arg is what stands after the colon, or NULL. PX_E_ABSENT with a sentence when it cannot be had here. */
    bool (*open)(px_executor **executor, const char *arg, px_error *);
    /* Optional: one line a device for `px devices`. */
    bool (*list)(void (*line)(void *context, const char *text), void *context, px_error *);
} px_driver;

extern const px_driver px_ref_driver;    /* sim/ref.c */
extern const px_driver px_rtl4_driver;   /* the same */
extern const px_driver px_rtl_driver;    /* sim/rtl.c, built where Verilator is */
extern const px_driver px_opencl_driver; /* opencl/opencl.c, built where the OpenCL headers and loader are */
extern const px_driver px_cmd_driver;    /* host/cmd.c */
extern const px_driver px_link_driver;   /* host/link.c */

#endif
