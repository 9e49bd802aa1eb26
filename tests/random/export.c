/* export.c - see export.h. The files are those of px conformance --export (tests/conformance/README.md). */
#include "tests/random/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

static bool make_folder(const char *path, px_error *error)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           px_fail(error, PX_E_SYSTEM, "cannot make the folder %s: %s", path, strerror(errno));
}

static bool write_state(const px_state *state, const char *folder, const char *stem, const char *what, px_error *error)
{
    char path[5000];
    px_picture picture = {0};
    snprintf(path, sizeof path, "%s/%s.%s.pxi", folder, stem, what);
    const bool ok = px_state_save(state, &picture, error) && px_picture_write(&picture, path, error);
    px_picture_free(&picture);
    return ok;
}

static bool export_event(const px_state *before, const px_state *after, const char *stem, uint64_t budget,
                         export_count *count, FILE *table, px_error *error)
{
    if (!write_state(before, count->path, stem, "input", error) ||
        !write_state(after, count->path, stem, "expected", error))
        return false;
    count->cases++;
    fprintf(table, "%s\t%" PRIu64 "\trun\t", stem, budget);
    return true;
}

static bool export_one(const export_order *order, uint64_t number, const random_case *c, px_executor *executor,
                       export_count *count, FILE *table, px_error *error)
{
    px_state at = {0}, before = {0};
    case_progress progress = case_begin(c);
    bool ok = px_state_copy(&at, &c->start, error);
    for (size_t event = 0; ok && !progress.over; event++) {
        char stem[64];
        px_stop stop = {0};
        snprintf(stem, sizeof stem, "%06" PRIu64 "-%02zu", number, event);
        ok = px_state_copy(&before, &at, error) && px_run_state(executor, &at, progress.rest, &stop, error) &&
             export_event(&before, &at, stem, progress.rest, count, table, error);
        fprintf(table, "program %" PRIu64 " of seed %" PRIu64 ", event %zu\n", number, order->seed, event);
        case_next(c, &progress, &at, stop.executed);
    }
    px_state_free(&before);
    px_state_free(&at);
    return ok;
}

static bool export_into(const export_order *order, px_executor *executor, export_count *count, FILE *table,
                        px_error *error)
{
    for (uint64_t k = order->first; k < order->first + order->count; k++) {
        random_case c;
        const bool ok = case_generate(&c, order->seed, k, order->pixels, order->kinds, error) &&
                        export_one(order, k, &c, executor, count, table, error);
        case_free(&c);
        if (!ok)
            return false;
        count->programs++;
    }
    return true;
}

bool export_cases(const export_order *order, px_executor *executor, export_count *count, px_error *error)
{
    char path[5000];
    px_output table;
    *count = (export_count){0};
    if ((size_t)snprintf(count->path, sizeof count->path, "%s/seed-%" PRIu64, order->directory, order->seed) >=
        sizeof count->path)
        return px_fail(error, PX_E_USAGE, "the name of the folder %.60s.. is too long", order->directory);
    if (!make_folder(order->directory, error) || !make_folder(count->path, error))
        return false;
    snprintf(path, sizeof path, "%s/cases.tsv", count->path);
    return px_output_open(&table, path, error) &&
           px_output_close(&table, export_into(order, executor, count, table.file, error), error);
}
