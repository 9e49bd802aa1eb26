/* pool.c - see pool.h. */
#include "opencl/pool.h"

#include <stdlib.h>
#include <string.h>

/* Words: the first pool, with room for a thousand small machines, on a GPU for 200,000, which one launch runs; what is
 * staged at most, and of one machine. */
enum { FIRST_POOL = 1 << 20, FIRST_ON_GPU = 1 << 26, STAGE_ROOM = 1 << 20, STAGE_MOST = 1 << 14 };

/* Words from which on a GPU fetches them itself. */
enum { FETCHED_LEAST = 1 << 22 };

size_t px_machine_words(uint32_t w, uint32_t h) { return PX_M_IMAGE((size_t)w) + (size_t)w * h; }

size_t px_pool_limit(const px_device *device)
{
    const cl_ulong bytes = device->max_alloc < device->memory / 2 ? device->max_alloc : device->memory / 2;
    return (size_t)(bytes / sizeof(px_u32));
}

/* ---- pools ---- */

static void pool_free(px_pool *pool)
{
    clReleaseMemObject(pool->memory);
    free(pool->places);
    free(pool->staged);
    free(pool);
}

void px_pools_free(px_pool **pools)
{
    while (*pools != NULL) {
        px_pool *next = (*pools)->next;
        pool_free(*pools);
        *pools = next;
    }
}

/* Each pool is twice as large as the last, where the device has it. */
static px_pool *pool_new(px_pool *after, px_context *s, size_t words, px_error *error)
{
    const size_t limit = px_pool_limit(&s->device);
    const size_t first = s->device.cpu ? FIRST_POOL : FIRST_ON_GPU < limit / 16 ? FIRST_ON_GPU : limit / 16;
    size_t size = after != NULL ? 2 * after->words : first;
    if (size > limit)
        size = limit;
    if (size < words)
        size = words;
    cl_int code;
    px_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        px_fail(error, PX_E_SYSTEM, "no memory for a pool of machines");
        return NULL;
    }
    pool->words = size;
    pool->memory = clCreateBuffer(s->cl, CL_MEM_READ_WRITE, size * sizeof(px_u32), NULL, &code);
    if (!px_cl_ok(code, &s->device, "making room for machines", error)) {
        free(pool);
        return NULL;
    }
    pool->next = after;
    return pool;
}

/* ---- places ---- */

/* Where in the list a gap of so many words begins: behind the last place, or else the first that is large enough. */
static bool find_gap(const px_pool *pool, size_t words, size_t *index, size_t *at)
{
    size_t begin = 0;
    if (pool->count > 0) {
        const px_place *last = pool->places[pool->count - 1];
        *index = pool->count;
        *at = last->at + last->words;
        if (pool->words - *at >= words)
            return true;
    }
    for (size_t i = 0; i <= pool->count; i++) {
        const size_t end = i < pool->count ? pool->places[i]->at : pool->words;
        if (end - begin >= words) {
            *index = i;
            *at = begin;
            return true;
        }
        if (i < pool->count)
            begin = end + pool->places[i]->words;
    }
    return false;
}

static bool insert(px_pool *pool, px_place *place, size_t index, px_error *error)
{
    if (pool->count == pool->room) {
        const size_t room = 2 * pool->room + 64;
        px_place **more = realloc(pool->places, room * sizeof *more);
        if (more == NULL)
            return px_fail(error, PX_E_SYSTEM, "no memory for another machine");
        pool->places = more;
        pool->room = room;
    }
    memmove(pool->places + index + 1, pool->places + index, (pool->count - index) * sizeof *pool->places);
    pool->places[index] = place;
    pool->count++;
    return true;
}

static bool take_from(px_pool *pool, px_place *place, size_t words)
{
    size_t index, at;
    if (!find_gap(pool, words, &index, &at) || !insert(pool, place, index, NULL))
        return false;
    *place = (px_place){pool, at, words};
    return true;
}

bool px_place_take(px_place *place, px_pool **pools, px_context *s, size_t words, px_error *error)
{
    words = (words + 15) & ~(size_t)15;
    *place = (px_place){0};
    for (px_pool *pool = *pools; pool != NULL; pool = pool->next)
        if (take_from(pool, place, words))
            return true;
    px_pool *pool = pool_new(*pools, s, words, error);
    if (pool == NULL)
        return false;
    *pools = pool;
    return take_from(pool, place, words) || px_fail(error, PX_E_SYSTEM, "no memory for another machine");
}

/* A device of the host's own memory, for which the words lie as it wants its buffers. */
static bool works_here(const px_device *device, const px_u32 *words)
{
    cl_bool unified = CL_FALSE;
    cl_uint bits = 0;
    return device->cpu &&
           clGetDeviceInfo(device->id, CL_DEVICE_HOST_UNIFIED_MEMORY, sizeof unified, &unified, NULL) == CL_SUCCESS &&
           clGetDeviceInfo(device->id, CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof bits, &bits, NULL) == CL_SUCCESS &&
           unified && bits >= 8 && (uintptr_t)words % (bits / 8) == 0;
}

/* A pool for this one machine, as large as it. */
bool px_place_lend(px_place *place, px_pool **pools, px_context *s, px_u32 *words, size_t count, px_error *error)
{
    cl_int code;
    if (!works_here(&s->device, words))
        return px_fail(error, PX_E_ABSENT, "%s has memory of its own", s->device.name);
    px_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a pool of machines");
    pool->words = count;
    pool->lent = words;
    pool->memory = clCreateBuffer(s->cl, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, count * sizeof *words, words, &code);
    if (!px_cl_ok(code, &s->device, "making room for machines", error)) {
        free(pool);
        return false;
    }
    pool->next = *pools;
    *pools = pool;
    return take_from(pool, place, count) || px_fail(error, PX_E_SYSTEM, "no memory for another machine");
}

bool px_place_see(const px_place *place, px_context *s, size_t at, size_t count, bool written, px_error *error)
{
    cl_int code;
    void *here = clEnqueueMapBuffer(s->queue, place->pool->memory, CL_TRUE,
                                    written ? CL_MAP_WRITE_INVALIDATE_REGION : CL_MAP_READ,
                                    (place->at + at) * sizeof(px_u32), count * sizeof(px_u32), 0, NULL, NULL, &code);
    if (code == CL_SUCCESS)
        code = clEnqueueUnmapMemObject(s->queue, place->pool->memory, here, 0, NULL, NULL);
    return px_cl_ok(code, &s->device, "sharing words of a machine", error);
}

static bool another_is_empty(const px_pool *pools, const px_pool *pool)
{
    for (; pools != NULL; pools = pools->next)
        if (pools != pool && pools->count == 0)
            return true;
    return false;
}

void px_place_give(px_place *place, px_pool **pools)
{
    px_pool *pool = place->pool;
    if (pool == NULL)
        return;
    size_t index = 0;
    while (pool->places[index] != place)
        index++;
    pool->count--;
    memmove(pool->places + index, pool->places + index + 1, (pool->count - index) * sizeof *pool->places);
    place->pool = NULL;
    if (pool->count > 0 || (pool->lent == NULL && !another_is_empty(*pools, pool)))
        return;
    px_pool **link = pools;
    while (*link != pool)
        link = &(*link)->next;
    *link = pool->next;
    pool_free(pool);
}

/* ---- words ---- */

static bool write_words(const px_pool *pool, px_context *s, size_t at, const px_u32 *words, size_t count,
                        px_error *error)
{
    return px_cl_ok(clEnqueueWriteBuffer(s->queue, pool->memory, CL_TRUE, at * sizeof *words, count * sizeof *words,
                                         words, 0, NULL, NULL),
                    &s->device, "writing to a machine", error);
}

/* The driver of a GPU copies memory of the host piece by piece; what lies in a buffer's own, it fetches where it is, at
 * the speed of the bus. False where it does not, or has no room for that. */
static bool fetch_words(const px_pool *pool, px_context *s, size_t at, const px_u32 *words, size_t count)
{
    const size_t bytes = count * sizeof *words;
    cl_int code;
    if (s->device.cpu || count < FETCHED_LEAST)
        return false;
    const cl_mem from =
        clCreateBuffer(s->cl, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, bytes, (void *)(uintptr_t)words, &code);
    if (from == NULL)
        return false;
    code = clEnqueueCopyBuffer(s->queue, from, pool->memory, 0, at * sizeof *words, bytes, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = clFinish(s->queue);
    clReleaseMemObject(from);
    return code == CL_SUCCESS;
}

bool px_pool_flush(px_pool *pool, px_context *s, px_error *error)
{
    const size_t count = pool->staged_count;
    pool->staged_count = 0;
    return count == 0 || write_words(pool, s, pool->staged_at, pool->staged, count, error);
}

bool px_place_write(const px_place *place, px_context *s, size_t at, const px_u32 *words, size_t count, px_error *error)
{
    return px_pool_flush(place->pool, s, error) && (fetch_words(place->pool, s, place->at + at, words, count) ||
                                                    write_words(place->pool, s, place->at + at, words, count, error));
}

bool px_place_read(const px_place *place, px_context *s, size_t at, px_u32 *words, size_t count, px_error *error)
{
    return px_pool_flush(place->pool, s, error) &&
           px_cl_ok(clEnqueueReadBuffer(s->queue, place->pool->memory, CL_TRUE, (place->at + at) * sizeof *words,
                                        count * sizeof *words, words, 0, NULL, NULL),
                    &s->device, "reading from a machine", error);
}

bool px_place_read_rows(const px_place *place, px_context *s, size_t at, size_t pitch, size_t rows, px_u32 *words,
                        size_t count, px_error *error)
{
    const size_t first = (place->at + at) * sizeof *words, row = pitch * sizeof *words;
    const size_t from[3] = {first % row, first / row, 0}, to[3] = {0}, size[3] = {count * sizeof *words, rows, 1};
    return px_pool_flush(place->pool, s, error) &&
           px_cl_ok(clEnqueueReadBufferRect(s->queue, place->pool->memory, CL_TRUE, from, to, size, row, 0, size[0], 0,
                                            words, 0, NULL, NULL),
                    &s->device, "reading rows of a machine", error);
}

/* Room behind what is staged, if the place comes right after it; else what is staged goes first. NULL without memory.
 */
static px_u32 *stage(const px_place *place, px_context *s, px_error *error)
{
    px_pool *pool = place->pool;
    const bool follows = pool->staged_count > 0 && pool->staged_at + pool->staged_count == place->at;
    if (pool->staged == NULL && (pool->staged = malloc(STAGE_ROOM * sizeof *pool->staged)) == NULL) {
        px_fail(error, PX_E_SYSTEM, "no memory for machines on their way to the device");
        return NULL;
    }
    if ((!follows || pool->staged_count + place->words > STAGE_ROOM) && !px_pool_flush(pool, s, error))
        return NULL;
    if (pool->staged_count == 0)
        pool->staged_at = place->at;
    px_u32 *to = pool->staged + pool->staged_count;
    pool->staged_count += place->words;
    return to;
}

bool px_place_write_state(const px_place *place, px_context *s, const px_state *state, px_error *error)
{
    _Static_assert((int)PX_M_WORDS == (int)PX_STATE_WORDS, "a machine is its saved state");
    const size_t pixels = px_state_pixels(state), image = PX_M_IMAGE(state->w);
    if (place->words > STAGE_MOST) {
        px_u32 head[PX_M_WORDS];
        px_state_words(state, head);
        return px_place_write(place, s, 0, head, PX_M_WORDS, error) &&
               px_place_write(place, s, image, state->mem, pixels, error);
    }
    px_u32 *to = stage(place, s, error);
    if (to == NULL)
        return false;
    px_state_words(state, to);
    memset(to + PX_M_WORDS, 0, (image - PX_M_WORDS) * sizeof *to);
    memcpy(to + image, state->mem, pixels * sizeof *to);
    memset(to + image + pixels, 0, (place->words - image - pixels) * sizeof *to);
    return true;
}
