/* transfer.c - see transfer.h.
 *
 * A GPU fetches memory that is pinned six times as fast as any other, and copying into it with one core takes longer
 * than that. So large transfers go by way of a pinned slice, which several threads fill or empty: 201 MB to an H200
 * take about 25 ms, 40 as its driver does it. Those threads only copy: once another thread has called that driver, each
 * launch takes longer. */
#include "opencl/transfer.h"

#include <pthread.h>
#include <string.h>

enum { THREADS = 4, SLICE_WORDS = 1 << 20 };

typedef struct px_piece {
    px_u32 *to;
    const px_u32 *from;
    size_t count;
    pthread_t thread;
} px_piece;

static void *copy_piece(void *context)
{
    const px_piece *piece = context;
    memcpy(piece->to, piece->from, piece->count * sizeof *piece->to);
    return NULL;
}

/* By all threads; a piece that has none is copied here. */
static void copy(px_u32 *to, const px_u32 *from, size_t count)
{
    px_piece pieces[THREADS];
    bool threaded[THREADS];
    const size_t each = (count + THREADS - 1) / THREADS;
    for (size_t i = 0; i < THREADS; i++) {
        const size_t first = i * each < count ? i * each : count, rest = count - first;
        pieces[i] = (px_piece){.to = to + first, .from = from + first, .count = rest < each ? rest : each};
        threaded[i] = i > 0 && pthread_create(&pieces[i].thread, NULL, copy_piece, &pieces[i]) == 0;
    }
    for (size_t i = 0; i < THREADS; i++)
        if (!threaded[i])
            copy_piece(&pieces[i]);
    for (size_t i = 0; i < THREADS; i++)
        if (threaded[i])
            pthread_join(pieces[i].thread, NULL);
}

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

/* A pinned slice, for a transfer of so many words; NULL where it is better without: a CPU's device has no need of it.
 */
static px_u32 *slice_for(px_context *s, size_t count, cl_mem *pinned)
{
    const size_t bytes = SLICE_WORDS * sizeof(px_u32);
    cl_int code;
    if (s->staged == 0 || count < s->staged)
        return NULL;
    *pinned = clCreateBuffer(s->cl, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, NULL, &code);
    if (*pinned == NULL)
        return NULL;
    px_u32 *slice =
        clEnqueueMapBuffer(s->queue, *pinned, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, bytes, 0, NULL, NULL, &code);
    if (slice == NULL)
        clReleaseMemObject(*pinned);
    return slice;
}

static void slice_free(px_context *s, px_u32 *slice, cl_mem pinned)
{
    clEnqueueUnmapMemObject(s->queue, pinned, slice, 0, NULL, NULL);
    clReleaseMemObject(pinned);
}

static size_t piece_at(size_t i, size_t count) { return count - i < SLICE_WORDS ? count - i : SLICE_WORDS; }

cl_int px_transfer_write(px_context *s, cl_mem memory, size_t at, const px_u32 *words, size_t count)
{
    cl_mem pinned;
    px_u32 *slice = slice_for(s, count, &pinned);
    if (slice == NULL)
        return write_now(s, memory, at, words, count);
    cl_int code = CL_SUCCESS;
    for (size_t i = 0; i < count && code == CL_SUCCESS; i += SLICE_WORDS) {
        copy(slice, words + i, piece_at(i, count));
        code = write_now(s, memory, at + i, slice, piece_at(i, count));
    }
    slice_free(s, slice, pinned);
    return code;
}

cl_int px_transfer_read(px_context *s, cl_mem memory, size_t at, px_u32 *words, size_t count)
{
    cl_mem pinned;
    px_u32 *slice = slice_for(s, count, &pinned);
    if (slice == NULL)
        return read_now(s, memory, at, words, count);
    cl_int code = CL_SUCCESS;
    for (size_t i = 0; i < count && code == CL_SUCCESS; i += SLICE_WORDS) {
        code = read_now(s, memory, at + i, slice, piece_at(i, count));
        if (code == CL_SUCCESS)
            copy(words + i, slice, piece_at(i, count));
    }
    slice_free(s, slice, pinned);
    return code;
}
