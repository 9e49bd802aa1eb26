/* transfer.h - words between this process and a buffer of the device. */
#ifndef PX_OPENCL_TRANSFER_H
#define PX_OPENCL_TRANSFER_H

#include <stddef.h>

#include "opencl/context.h"
#include "opencl/layout.h"

/* Words at..at+count-1 of memory; what was launched before is done first. */
cl_int px_transfer_write(px_context *context, cl_mem memory, size_t at, const px_u32 *words, size_t count);
cl_int px_transfer_read(px_context *context, cl_mem memory, size_t at, px_u32 *words, size_t count);

#endif
