/* pool.h - device memory for machines: few large buffers, of which each machine has a part, so that one launch can run
 * machines that were made one by one. */
#ifndef PX_OPENCL_POOL_H
#define PX_OPENCL_POOL_H

#include <stddef.h>

#include "opencl/context.h"
#include "opencl/layout.h"
#include "pxi/state.h"

/* One buffer, and what of it is in use: places in order of their address. */
typedef struct px_pool {
    cl_mem memory;
    size_t words;
    struct px_place **places; /* count of room */
    size_t count, room;
    px_u32 *staged; /* small machines made one after the other, not on the device yet: it takes them in one write */
    size_t staged_at, staged_count;
    px_u32 *lent; /* the memory is somebody's here, for one machine; NULL: the device's own */
    struct px_pool *next;
} px_pool;

/* A part of a pool, which its owner keeps where it is. */
typedef struct px_place {
    px_pool *pool;    /* NULL: none */
    size_t at, words; /* in words; at is a multiple of 16 */
} px_place;

/* Finds room for so many words in the list of pools, or makes another pool. */
bool px_place_take(px_place *place, px_pool **pools, px_context *context, size_t words, px_error *error);
/* The same of words that are here, where the device works on them without a copy; PX_E_ABSENT: it does not. */
bool px_place_lend(px_place *place, px_pool **pools, px_context *context, px_u32 *words, size_t count, px_error *error);
/* Words of such a place, which host and device are to see alike: what the device has done, or, written, what was written
 * here. */
bool px_place_see(const px_place *place, px_context *context, size_t at, size_t count, bool written, px_error *error);
/* Also fine for a place that was never taken. An empty pool is kept for the next machine, two are not. */
void px_place_give(px_place *place, px_pool **pools);
void px_pools_free(px_pool **pools);

/* Words at..at+count-1 of a place, there and back. */
bool px_place_write(const px_place *place, px_context *context, size_t at, const px_u32 *words, size_t count,
                    px_error *error);
bool px_place_read(const px_place *place, px_context *context, size_t at, px_u32 *words, size_t count, px_error *error);
/* The first count words of each of so many rows, pitch words apart. */
bool px_place_read_rows(const px_place *place, px_context *context, size_t at, size_t pitch, size_t rows, px_u32 *words,
                        size_t count, px_error *error);

/* Words of a machine whose image is w x h, and the most that one buffer of this device has. */
size_t px_machine_words(uint32_t w, uint32_t h);
size_t px_pool_limit(const px_device *device);

/* What is staged goes to the device; reading and writing do it themselves, whoever launches or copies asks for it. */
bool px_pool_flush(px_pool *pool, px_context *context, px_error *error);

/* A whole machine into a place of px_machine_words; a small one is staged. */
bool px_place_write_state(const px_place *place, px_context *context, const px_state *state, px_error *error);

#endif
