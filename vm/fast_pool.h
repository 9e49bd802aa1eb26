/* fast_pool.h - threads that do parts of one long instruction. */
#ifndef VM_FAST_POOL_H
#define VM_FAST_POOL_H

#include <stddef.h>

enum { PX_POOL_MOST = 64 };

typedef void px_pool_part(void *context, size_t part);

/* How many parts are done at once: PX_FAST_THREADS, or the processor's cores; 1 to PX_POOL_MOST. */
size_t px_pool_threads(void);
void px_pool_set_threads(size_t threads); /* for tests; the next call uses them */

/* do_part for each of 0..parts-1, in any order and by any thread; returns when all are done. Threads are started by the
 * first call that can use them, and sleep between calls. While another thread's call has them, and where none can be
 * started, the caller does all parts. */
void px_pool_run(px_pool_part *do_part, void *context, size_t parts);

#endif
