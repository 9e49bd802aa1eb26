/* batch.h - machines in device memory: one work-group runs each, in launches of bounded length. */
#ifndef PX_OPENCL_BATCH_H
#define PX_OPENCL_BATCH_H

#include "opencl/layout.h"
#include "opencl/session.h"
#include "pxi/state.h"

/* Zeroed, it is empty. Buffers are kept for the next load that fits. */
typedef struct px_batch {
    size_t count;
    px_control *control;  /* one a machine; status, cause, value and pc are the machine's */
    uint64_t *executed;   /* by the latest px_batch_run */
    cl_ulong *at;         /* where each machine starts, in words */
    size_t words;         /* of all machines */
    size_t room, records; /* words and machines that the buffers hold */
    cl_mem machines_buffer, at_buffer, control_buffer;
} px_batch;

/* Words that a machine with so many pixels takes. */
size_t px_batch_words(uint32_t pixels);
/* The most words that one batch can have on this device. */
size_t px_batch_limit(const px_device *device);

bool px_batch_load(px_batch *batch, px_session *session, const px_state *states, size_t count, px_error *error);
/* Runs every machine until it stops or budget instructions have retired. use is PX_ONE or PX_MANY; grid replaces the
 * session's threshold. */
bool px_batch_run(px_batch *batch, px_session *session, px_use use, uint32_t grid, uint64_t budget, px_error *error);
/* Into states of the same sizes. */
bool px_batch_read(px_batch *batch, px_session *session, px_state *states, px_error *error);
void px_batch_free(px_batch *batch);

#endif
