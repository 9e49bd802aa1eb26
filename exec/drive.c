/* drive.c - see drive.h. */
#include "exec/drive.h"

#include <inttypes.h>

#include "exec/machine.h"

static bool run_to_halt(px_executor *executor, px_state *state, px_error *error)
{
    px_stop stop = {0};
    if (!px_run_state(executor, state, PX_SERIAL_BUDGET, &stop, error))
        return false;
    if (stop.status != PX_HALTED)
        return px_fail(error, PX_E_INPUT,
                       "%s: the serial driver ended with status %s, cause %s, value 0x%08" PRIX32 " at pc %" PRIu32
                       "; expected it to halt",
                       executor->name, px_status_name(stop.status), px_cause_name(stop.cause), stop.value, stop.pc);
    return true;
}

bool px_serial_run(px_executor *executor, const px_serial_batch *batch, px_serial_result *result, px_error *error)
{
    px_picture picture = {0};
    px_state state = {0};
    const bool ok = px_serial_picture(&picture, batch, error) &&
                    px_state_take(&state, &picture, "serial driver", error) && run_to_halt(executor, &state, error) &&
                    px_serial_collect(result, batch, &state, error);
    px_picture_free(&picture);
    px_state_free(&state);
    return ok;
}
