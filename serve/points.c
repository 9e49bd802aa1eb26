/* points.c - see points.h: in px a batch passes its points, and that is all. */
#include "serve/points.h"

bool px_serve_points_open(px_error *error)
{
    (void)error;
    return true;
}

void px_serve_points_batch(void) {}

void px_serve_point_reached(px_serve_point point, pid_t executor) { (void)point, (void)executor; }

void px_serve_point_run(px_machine *machine) { (void)machine; }

uint32_t px_serve_point_emission(px_wire *wire, const uint32_t *frames, uint32_t count, pid_t executor)
{
    (void)wire, (void)frames, (void)count, (void)executor;
    return 0;
}
