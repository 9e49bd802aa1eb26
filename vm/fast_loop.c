/* fast_loop.c - the loop of the fast executor, direct-threaded: each op holds the address of what does it, and each
 * such place goes on to the next by itself. It is here three times: px_fast_loop asks for the budget only where code
 * jumps; px_fast_edge stops before any instruction, for the end of a budget or of an image; px_fast_counted counts
 * heat.
 *
 * Addresses of labels are GNU C, and what -Wpedantic is for; gcc must not join the jumps again, nor move loads across
 * them, or half of the speed is lost. clang knows the first alone. */
#if defined __clang__
#pragma clang diagnostic ignored "-Wpedantic"
#else
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC optimize("no-gcse", "no-schedule-insns2", "no-crossjumping", "no-tree-tail-merge")
#endif

#include "pxi/pixel.h"
#include "vm/fast.h"
#include "vm/fast_heat.h"
#include "vm/fast_vector.h"

#define LOOP px_fast_loop
#define EDGE 0
#define HEAT 0
#include "vm/fast_loop.h"

#define LOOP px_fast_edge
#define EDGE 1
#define HEAT 0
#include "vm/fast_loop.h"

#define LOOP px_fast_counted
#define EDGE 1
#define HEAT 1
#include "vm/fast_loop.h"

const void *const *px_fast_places(void)
{
    px_fast none = {0};
    px_fast_loop(&none, NULL, NULL, 0);
    return none.go;
}
