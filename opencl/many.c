/* many.c - see many.h.
 *
 * px_lanes runs all of them until each stops or comes to an instruction that takes a work-group; px_run goes on with
 * those, for a while; and so in turn. A machine that after this while is soon back at such an instruction stays longer
 * each time, so one that lives on vectors changes seldom, and one that cleared an array first is scalar from then on.
 */
#include "opencl/many.h"

#include <stdlib.h>

enum { SOON = 1024, LONGER = 16 };
static const uint64_t longest_stay = UINT64_C(1) << 40;

static bool goes_on(const px_runner *r)
{
    return r->control.answers != 0 || (r->control.status == PX_RUNNING && r->done < r->whole);
}

/* Those that go on, in px_lanes or in px_run, and what each may do there. */
static size_t choose(px_runner *const *runners, size_t count, bool lanes, px_runner **chosen)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        px_runner *r = runners[i];
        if (!goes_on(r) || lanes != (r->stay_left == 0))
            continue;
        r->budget = r->whole - r->done;
        if (!lanes && r->budget > r->stay_left)
            r->budget = r->stay_left;
        chosen[n++] = r;
    }
    return n;
}

static void after_lane(px_runner *r, uint64_t stay)
{
    r->done += r->executed;
    if (!r->control.grouped)
        return;
    r->stay = r->executed >= SOON || r->stay == 0 ? stay : r->stay < longest_stay ? r->stay * LONGER : r->stay;
    r->stay_left = r->stay;
}

static void after_group(px_runner *r)
{
    r->done += r->executed;
    r->stay_left -= r->executed < r->stay_left ? r->executed : r->stay_left;
}

/* One turn of both; false in any when no machine had anything to do. */
static bool turn(px_launcher *b, px_context *s, px_runner *const *runners, size_t count, px_runner **chosen,
                 uint64_t stay, const px_launch_how *how, uint64_t *total, bool *any, px_error *error)
{
    px_launch_how in_lanes = *how;
    in_lanes.use = PX_LANES;
    size_t n = choose(runners, count, true, chosen);
    *any = n > 0;
    if (n > 0 && !px_launch_run(b, s, chosen, n, &in_lanes, total, error))
        return false;
    for (size_t i = 0; i < n; i++)
        after_lane(chosen[i], stay);
    if (*total != 0 && px_cancelled(how->cancel, *total))
        return true;
    n = choose(runners, count, false, chosen);
    *any = *any || n > 0;
    if (n > 0 && !px_launch_run(b, s, chosen, n, how, total, error))
        return false;
    for (size_t i = 0; i < n; i++)
        after_group(chosen[i]);
    return true;
}

bool px_many_run(px_launcher *b, px_context *s, px_runner *const *runners, size_t count, uint64_t stay,
                 const px_launch_how *how, uint64_t *total, px_error *error)
{
    px_runner **chosen = calloc(count, sizeof *chosen);
    bool ok = chosen != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a run of %zu machines", count);
    for (size_t i = 0; i < count; i++) {
        runners[i]->whole = runners[i]->budget;
        runners[i]->done = 0;
    }
    for (bool any = ok; ok && any && !(*total != 0 && px_cancelled(how->cancel, *total));)
        ok = turn(b, s, runners, count, chosen, stay, how, total, &any, error);
    for (size_t i = 0; i < count; i++)
        runners[i]->executed = runners[i]->done;
    free(chosen);
    return ok;
}
