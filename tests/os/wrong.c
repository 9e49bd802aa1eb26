/* wrong.c - an executor for --on cmd: that goes wrong once, at an instruction and in a pixel that are known: the
 * reference VM, and when AT instructions of the session have retired, the pixel at ADDRESS has its lowest bit changed.
 *
 *     wrong AT ADDRESS INPUT OUTPUT BUDGET */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "exec/machine.h"
#include "exec/registry.h"
#include "pxi/png/picture_file.h"

static bool run(px_machine *machine, uint64_t budget, px_stop *stop, px_error *error)
{
    px_turn turn = {.machine = machine, .budget = budget};
    if (!px_run(machine->executor, &turn, 1, NULL, error))
        return false;
    *stop = turn.stop;
    if (turn.failed)
        *error = turn.error;
    return !turn.failed;
}

static bool run_wrong(px_machine *machine, uint64_t first, uint32_t address, uint64_t budget, px_error *error)
{
    px_stop stop = {0};
    uint32_t pixel;
    if (first == 0 || first > budget)
        return run(machine, budget, &stop, error);
    if (!run(machine, first, &stop, error) || stop.executed < first)
        return stop.executed < first;
    return px_get(machine, PX_SPACE_PIXEL, address, &pixel, 1, error) &&
           (pixel ^= 1, px_put(machine, PX_SPACE_PIXEL, address, &pixel, 1, error)) &&
           (first == budget || run(machine, budget - first, &stop, error));
}

int main(int argc, char **argv)
{
    px_error error = {0};
    px_picture picture = {0};
    px_state state = {0};
    px_executor *ref;
    px_machine *machine;
    if (argc != 6)
        return 2;
    const uint64_t at = strtoull(argv[1], NULL, 10), budget = strtoull(argv[5], NULL, 10);
    bool ok = px_picture_read(&picture, argv[3], &error) && px_state_take(&state, &picture, argv[3], &error);
    const uint64_t first = ok && state.retired < at ? at - state.retired : 0;
    ok = ok && px_executor_open(&ref, "ref", &error) && px_machine_create(ref, &state, &machine, &error) &&
         run_wrong(machine, first, (uint32_t)strtoul(argv[2], NULL, 10), budget, &error) &&
         px_machine_read(machine, &state, &error) && px_state_save(&state, &picture, &error) &&
         px_picture_write(&picture, argv[4], &error);
    if (!ok)
        fprintf(stderr, "%s\n", error.text);
    return ok ? 0 : 1; /* what it holds goes with the process */
}
