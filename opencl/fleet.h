/* fleet.h - the host's part of fleets: slots of one machine's RESUME that run side by side (layout.h). */
#ifndef PX_OPENCL_FLEET_H
#define PX_OPENCL_FLEET_H

#include "opencl/launch.h"

/* What px_run plans fleets by. */
typedef struct px_fleet_rule {
    cl_uint worth, each;
    cl_ulong all;
    cl_uint lanes;
} px_fleet_rule;

/* As often as this the host wants to look. */
extern const double px_look_seconds;

px_fleet *px_fleet_of(const px_launcher *launcher);
px_fleet_rule px_fleet_rule_of(const px_launcher *launcher, const px_context *context, const px_launch_how *how);

/* px_slot_lanes, where it is of use, px_fleet_run and px_run in turn, as often as has proved useful between two looks.
 */
cl_int px_fleet_enqueue(px_launcher *launcher, px_context *context, cl_kernel run, size_t items, size_t group);
/* How long that took, and what it did, decides how often next time. */
void px_fleet_learn(px_launcher *launcher, double seconds);

/* After a look: what a fleet just planned needs before it can begin. */
bool px_fleet_prepare(px_launcher *launcher, px_context *context, px_runner *runner, const px_launch_how *how,
                      px_error *error);

/* The run is to end. Whether the fleet is out of the way: not begun, or undone so far that the slots are as a budget of
 * runner->executed leaves them. Otherwise it has to be completed first. */
bool px_fleet_cancel(px_launcher *launcher, px_context *context, px_runner *runner, bool *settled, px_error *error);

#endif
