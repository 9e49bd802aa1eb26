/* transfer.c - see transfer.h.
 *
 * A GPU fetches memory that is pinned six times as fast as any other, and copying into it with one core takes longer
 * than that. So large transfers go by way of a few pinned slices, each with a thread that copies while the others'
 * slices are fetched: 201 MB to an H200 take 25 ms, 40 as its driver does it. The slices are made and freed each time:
 * as long as any memory is pinned, that driver takes 2 us longer for each launch. */
#include "opencl/transfer.h"

#include <pthread.h>
#include <string.h>

enum { SLICES = 4, SLICE_WORDS = 1 << 18 };

typedef struct px_transfer {
    px_context *context;
    px_u32 *slices;
    cl_mem memory;
    size_t at, count;
    const px_u32 *from; /* to the device, or .. */
    px_u32 *to;         /* .. from it */
} px_transfer;

typedef struct px_slice_worker {
    const px_transfer *transfer;
    unsigned number;
    cl_int code;
    pthread_t thread;
} px_slice_worker;

static cl_int write_now(px_context *s, cl_mem memory, size_t at, const px_u32 *words, size_t count)
{
    return clEnqueueWriteBuffer(s->queue, memory, CL_TRUE, at * sizeof *words, count * sizeof *words, words, 0, NULL,
                                NULL);
}

static cl_int read_now(px_context *s, cl_mem memory, size_t at, px_u32 *words, size_t count)
{
    return clEnqueueReadBuffer(s->queue, memory, CL_TRUE, at * sizeof *words, count * sizeof *words, words, 0, NULL,
                               NULL);
}

/* Every SLICES-th piece of the transfer, by way of one slice. */
static void *work(void *context)
{
    px_slice_worker *w = context;
    const px_transfer *t = w->transfer;
    px_u32 *slice = t->slices + (size_t)w->number * SLICE_WORDS;
    for (size_t i = (size_t)w->number * SLICE_WORDS; i < t->count && w->code == CL_SUCCESS;
         i += (size_t)SLICES * SLICE_WORDS) {
        const size_t count = t->count - i < SLICE_WORDS ? t->count - i : SLICE_WORDS;
        if (t->from != NULL) {
            memcpy(slice, t->from + i, count * sizeof *slice);
            w->code = write_now(t->context, t->memory, t->at + i, slice, count);
        } else {
            w->code = read_now(t->context, t->memory, t->at + i, slice, count);
            if (w->code == CL_SUCCESS)
                memcpy(t->to + i, slice, count * sizeof *slice);
        }
    }
    return NULL;
}

/* A worker without a thread does its part itself, later. */
static cl_int in_slices(const px_transfer *transfer)
{
    px_slice_worker workers[SLICES];
    bool threaded[SLICES];
    cl_int code = CL_SUCCESS;
    for (unsigned i = 0; i < SLICES; i++) {
        workers[i] = (px_slice_worker){.transfer = transfer, .number = i, .code = CL_SUCCESS};
        threaded[i] = i > 0 && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    }
    for (unsigned i = 0; i < SLICES; i++)
        if (!threaded[i])
            work(&workers[i]);
    for (unsigned i = 0; i < SLICES; i++) {
        if (threaded[i])
            pthread_join(workers[i].thread, NULL);
        code = workers[i].code != CL_SUCCESS ? workers[i].code : code;
    }
    return code;
}

/* Whether it is done: a device without pinned memory does it another way, and so does a CPU, which has no need of it.
 */
static bool staged(px_transfer *transfer, cl_int *code)
{
    px_context *s = transfer->context;
    const size_t bytes = (size_t)SLICES * SLICE_WORDS * sizeof(px_u32);
    if (s->staged == 0 || transfer->count < s->staged)
        return false;
    cl_mem pinned = clCreateBuffer(s->cl, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, NULL, code);
    if (pinned == NULL)
        return false;
    transfer->slices =
        clEnqueueMapBuffer(s->queue, pinned, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, bytes, 0, NULL, NULL, code);
    const bool mapped = transfer->slices != NULL;
    if (mapped) {
        *code = in_slices(transfer);
        clEnqueueUnmapMemObject(s->queue, pinned, transfer->slices, 0, NULL, NULL);
    }
    clReleaseMemObject(pinned);
    return mapped;
}

cl_int px_transfer_write(px_context *s, cl_mem memory, size_t at, const px_u32 *words, size_t count)
{
    cl_int code;
    px_transfer transfer = {.context = s, .memory = memory, .at = at, .count = count, .from = words};
    return staged(&transfer, &code) ? code : write_now(s, memory, at, words, count);
}

cl_int px_transfer_read(px_context *s, cl_mem memory, size_t at, px_u32 *words, size_t count)
{
    cl_int code;
    px_transfer transfer = {.context = s, .memory = memory, .at = at, .count = count, .to = words};
    return staged(&transfer, &code) ? code : read_now(s, memory, at, words, count);
}
