/* fast_long.c - see fast_long.h. The parts of a run are neighbours; each reads and writes only its own pixels of d and
 * of whatever may be the same as d, so no part sees another's results. */
#include "vm/fast_long.h"

#include "vm/fast_pool.h"

/* All that the parts of one instruction share. */
typedef struct work {
    size_t n, parts;
    const px_lanes *lanes;
    px_lanes_vv *vv;
    px_lanes_vx *vx;
    px_lanes_fold *fold;
    px_lanes_scan *scan;
    uint32_t *d;
    const uint32_t *x, *y;
    uint32_t first, second; /* numbers that the instruction takes */
    const px_scaling *scaling;
    const px_product *product;
    uint32_t results[PX_POOL_MOST];
} work;

/* Several parts a thread: one that is late, on a busy machine, is then waited for the shorter. */
enum { PARTS_EACH = 4, LEAST_RUN = PX_LONG_RUN / 4, LEAST_ROWS = 96 };

static size_t most_parts(void)
{
    const size_t threads = px_pool_threads(), most = threads == 1 ? 1 : threads * PARTS_EACH;
    return most < PX_POOL_MOST ? most : PX_POOL_MOST;
}

static size_t parts_of(size_t n)
{
    if (n < PX_LONG_RUN)
        return 1;
    const size_t most = most_parts(), parts = n / LEAST_RUN;
    return parts < most ? parts : most;
}

/* Where a part begins. Longer parts are whole lines of a cache, so that few of them are two threads'. */
static size_t begin(const work *w, size_t part)
{
    enum { LINE = 16 };
    const size_t each = w->n / w->parts;
    return part == w->parts ? w->n : (each < LINE ? each : each / LINE * LINE) * part;
}

static size_t length(const work *w, size_t part) { return begin(w, part + 1) - begin(w, part); }

/* ---- maps ---- */

static void vv_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->vv(w->d + at, w->x + at, w->y + at, length(w, part));
}

void px_long_vv(px_lanes_vv *f, uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        f(d, x, y, n);
    else
        px_pool_run(vv_part, &(work){.n = n, .parts = parts, .vv = f, .d = d, .x = x, .y = y}, parts);
}

static void vx_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->vx(w->d + at, w->x + at, w->first, length(w, part));
}

void px_long_vx(px_lanes_vx *f, uint32_t *d, const uint32_t *x, uint32_t y, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        f(d, x, y, n);
    else
        px_pool_run(vx_part, &(work){.n = n, .parts = parts, .vx = f, .d = d, .x = x, .first = y}, parts);
}

static void lut_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->vv(w->d + at, w->x + at, w->y, length(w, part));
}

void px_long_lut(px_lanes_vv *f, uint32_t *d, const uint32_t *x, const uint32_t *table, size_t n)
{
    const size_t parts = parts_of(n);
    px_pool_run(lut_part, &(work){.n = n, .parts = parts, .vv = f, .d = d, .x = x, .y = table}, parts);
}

static void iota_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->lanes->iota(w->d + at, w->first + (uint32_t)at * w->second, w->second, length(w, part));
}

void px_long_iota(const px_lanes *lanes, uint32_t *d, uint32_t first, uint32_t step, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        lanes->iota(d, first, step, n);
    else
        px_pool_run(iota_part, &(work){.n = n, .parts = parts, .lanes = lanes, .d = d, .first = first, .second = step},
                    parts);
}

static void gather_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->lanes->gather(w->d + at, w->x, w->first, w->y + at, length(w, part));
}

void px_long_gather(const px_lanes *lanes, uint32_t *d, const uint32_t *table, uint32_t count, const uint32_t *index,
                    size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        lanes->gather(d, table, count, index, n);
    else
        px_pool_run(gather_part,
                    &(work){.n = n, .parts = parts, .lanes = lanes, .d = d, .x = table, .y = index, .first = count},
                    parts);
}

static void requantise_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->lanes->requantise(w->d + at, w->x + 4 * at, w->scaling, length(w, part));
}

void px_long_requantise(const px_lanes *lanes, uint32_t *d, const uint32_t *x, const px_scaling *scaling, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        lanes->requantise(d, x, scaling, n);
    else
        px_pool_run(requantise_part,
                    &(work){.n = n, .parts = parts, .lanes = lanes, .d = d, .x = x, .scaling = scaling}, parts);
}

/* ---- folds and scans ---- */

static void fold_part(void *context, size_t part)
{
    work *w = context;
    w->results[part] = w->fold(w->x + begin(w, part), length(w, part));
}

uint32_t px_long_fold(px_lanes_fold *f, const uint32_t *x, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        return f(x, n);
    work w = {.n = n, .parts = parts, .fold = f, .x = x};
    px_pool_run(fold_part, &w, parts);
    return f(w.results, parts);
}

uint32_t px_long_first(px_lanes_fold *f, const uint32_t *x, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        return f(x, n);
    work w = {.n = n, .parts = parts, .fold = f, .x = x};
    uint32_t values[PX_POOL_MOST];
    px_pool_run(fold_part, &w, parts);
    for (size_t part = 0; part < parts; part++)
        values[part] = x[begin(&w, part) + w.results[part]];
    const uint32_t best = f(values, parts);
    return (uint32_t)begin(&w, best) + w.results[best];
}

static void scan_part(void *context, size_t part)
{
    const work *w = context;
    const size_t at = begin(w, part);
    w->scan(w->d + at, w->x + at, w->results[part], length(w, part));
}

uint32_t px_long_scan(px_lanes_scan *f, px_lanes_fold *fold, uint32_t *d, const uint32_t *x, uint32_t carry, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        return f(d, x, carry, n);
    work w = {.n = n, .parts = parts, .fold = fold, .scan = f, .d = d, .x = x};
    px_pool_run(fold_part, &w, parts);
    carry = f(w.results, w.results, carry, parts);
    px_pool_run(scan_part, &w, parts);
    return carry;
}

static void dot_part(void *context, size_t part)
{
    work *w = context;
    const size_t at = begin(w, part);
    w->results[part] = w->lanes->dot(w->x + at, w->y + at, length(w, part));
}

uint32_t px_long_dot(const px_lanes *lanes, const uint32_t *x, const uint32_t *y, size_t n)
{
    const size_t parts = parts_of(n);
    if (parts == 1)
        return lanes->dot(x, y, n);
    work w = {.n = n, .parts = parts, .lanes = lanes, .x = x, .y = y};
    px_pool_run(dot_part, &w, parts);
    return lanes->sum(w.results, parts);
}

/* ---- MATMUL: C's rows in parts, or its columns where there are more of these ---- */

static void product_part(void *context, size_t part)
{
    const work *w = context;
    px_product p = *w->product;
    const size_t at = begin(w, part);
    if (p.rows >= p.columns) {
        p.c += at * p.c_stride;
        p.a += at * p.a_stride;
        p.rows = length(w, part);
    } else {
        p.c += at;
        p.b += at * p.b_stride;
        p.columns = length(w, part);
    }
    if (p.rows != 0 && p.columns != 0)
        w->lanes->matmul(&p);
}

/* Each part packs B anew, so it should have some rows; but all threads get one. */
static size_t parts_of_product(const px_product *p)
{
    const size_t n = p->rows >= p->columns ? p->rows : p->columns, threads = px_pool_threads(), most = most_parts();
    if ((uint64_t)p->rows * p->columns * p->depth < PX_LONG_PRODUCT)
        return 1;
    const size_t parts = n / LEAST_ROWS < threads ? threads : n / LEAST_ROWS;
    return parts < most ? parts : most;
}

void px_long_matmul(const px_lanes *lanes, const px_product *p)
{
    const size_t n = p->rows >= p->columns ? p->rows : p->columns, parts = parts_of_product(p);
    if (parts == 1)
        lanes->matmul(p);
    else
        px_pool_run(product_part, &(work){.n = n, .parts = parts, .lanes = lanes, .product = p}, parts);
}
