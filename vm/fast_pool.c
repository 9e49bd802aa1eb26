/* fast_pool.c - see fast_pool.h. */
#include "vm/fast_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "pxi/number.h"
#include "pxi/pace.h"

static pthread_mutex_t in_use = PTHREAD_MUTEX_INITIALIZER; /* held by the thread whose call has the pool */

static struct {
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t work, done;
    size_t threads; /* started, beside the caller */
    px_pool_part *do_part;
    void *context;
    size_t parts, next, left; /* the next to be taken, and those not yet done */
} pool;

/* On a busy machine a thread that is woken may not get a processor for longer than its parts take. Who had to wait long
 * does the next calls alone: patience of them, and twice as many each time that it happens again. */
enum { PATIENCE_LEAST = 4, PATIENCE_MOST = 256 };
static atomic_uint alone;                  /* calls that are still to be done so */
static unsigned patience = PATIENCE_LEAST; /* in_use guards it */

static pid_t owner; /* a forked process has no threads of its parent's; only who holds in_use looks at it */

/* ---- how many ---- */

static atomic_size_t wanted;

void px_pool_set_threads(size_t threads)
{
    atomic_store_explicit(&wanted,
                          threads < 1              ? 1
                          : threads < PX_POOL_MOST ? threads
                                                   : PX_POOL_MOST,
                          memory_order_relaxed);
    atomic_store_explicit(&alone, 0, memory_order_relaxed);
}

size_t px_pool_threads(void)
{
    if (atomic_load_explicit(&wanted, memory_order_relaxed) == 0) {
        const char *text = getenv("PX_FAST_THREADS");
        uint64_t threads;
        if (text == NULL || !px_parse_number("PX_FAST_THREADS", text, 1, PX_POOL_MOST, &threads, NULL)) {
            const long cores = sysconf(_SC_NPROCESSORS_ONLN);
            threads = cores < 1 ? 1 : (uint64_t)cores;
        }
        px_pool_set_threads((size_t)threads);
    }
    return atomic_load_explicit(&wanted, memory_order_relaxed);
}

/* ---- parts ---- */

/* One part of the work at hand, if there is one left; the lock is held before and after, but not meanwhile. */
static bool take_part(void)
{
    if (pool.next == pool.parts)
        return false;
    const size_t part = pool.next++;
    px_pool_part *const do_part = pool.do_part;
    void *const context = pool.context;
    pthread_mutex_unlock(&pool.lock);
    do_part(context, part);
    pthread_mutex_lock(&pool.lock);
    if (--pool.left == 0)
        pthread_cond_signal(&pool.done);
    return true;
}

static void *thread_main(void *nothing)
{
    (void)nothing;
    pthread_mutex_lock(&pool.lock);
    for (;;)
        if (!take_part())
            pthread_cond_wait(&pool.work, &pool.lock);
    return NULL;
}

/* Threads up to threads, without signals: those are for the threads that were there before. */
static void start(size_t threads)
{
    sigset_t all, before;
    if (owner != getpid()) {
        owner = getpid();
        pool.threads = 0;
        pthread_mutex_init(&pool.lock, NULL);
        pthread_cond_init(&pool.work, NULL);
        pthread_cond_init(&pool.done, NULL);
    }
    if (pool.threads >= threads)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (pthread_t thread; pool.threads < threads; pool.threads++) {
        if (pthread_create(&thread, NULL, thread_main, NULL) != 0)
            break;
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* All parts, with the threads that are started; whoever calls has in_use and the lock. */
static void run_together(px_pool_part *do_part, void *context, size_t parts)
{
    const double began = px_seconds();
    pool.do_part = do_part;
    pool.context = context;
    pool.next = 0;
    pool.parts = pool.left = parts;
    pthread_cond_broadcast(&pool.work);
    while (take_part())
        continue;
    const double own = px_seconds();
    while (pool.left != 0)
        pthread_cond_wait(&pool.done, &pool.lock);
    const bool late = px_seconds() - own > (own - began) / 2;
    atomic_store_explicit(&alone, late ? patience : 0, memory_order_relaxed);
    patience = !late ? PATIENCE_LEAST : patience < PATIENCE_MOST ? 2 * patience : PATIENCE_MOST;
}

/* Whether this call is one that is done alone. */
static bool is_alone(void)
{
    unsigned left = atomic_load_explicit(&alone, memory_order_relaxed);
    while (left != 0)
        if (atomic_compare_exchange_weak_explicit(&alone, &left, left - 1, memory_order_relaxed, memory_order_relaxed))
            return true;
    return false;
}

void px_pool_run(px_pool_part *do_part, void *context, size_t parts)
{
    if (parts < 2 || is_alone() || pthread_mutex_trylock(&in_use) != 0) {
        for (size_t part = 0; part < parts; part++)
            do_part(context, part);
        return;
    }
    const size_t threads = px_pool_threads();
    start((parts < threads ? parts : threads) - 1);
    pthread_mutex_lock(&pool.lock);
    run_together(do_part, context, parts);
    pthread_mutex_unlock(&pool.lock);
    pthread_mutex_unlock(&in_use);
}
