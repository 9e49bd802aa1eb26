/* sum.c - a pixel program from C: assembled, run on the reference VM, its result read by the word.
 *
 *   cc sum.c $(pkg-config --cflags --libs pxi) -o sum && ./sum */
#include <stdio.h>
#include <string.h>

#include "exec/drivers.h"
#include "exec/machine.h"
#include "pxi/asm/asm.h"

int main(void)
{
    static const char text[] = "  .size 16, 2\n  set r1, 16\n  vl r1\n  iota [r1], r0, r1 ; 0, 16, 32, .. into row 1\n"
                               "  sum r2, [r1]\n  halt\n";
    px_assembly assembly;
    px_state state;
    px_executor *ref;
    px_machine *machine;
    px_stop stop;
    px_error error = {0};
    uint32_t sum, row[16];
    if (!px_assemble(&assembly, "sum", text, strlen(text), NULL))
        return px_assembly_print(stderr, &assembly, false), 1;
    if (!px_state_load(&state, &assembly.picture, "sum", &error) || !px_ref_driver.open(&ref, NULL, &error) ||
        !px_machine_create(ref, &state, &machine, &error) || !px_run_one(machine, 1000, NULL, &stop, &error) ||
        !px_get(machine, PX_SPACE_REGISTER, 2, &sum, 1, &error) ||
        !px_get(machine, PX_SPACE_PIXEL, 16, row, 16, &error))
        return fprintf(stderr, "%s\n", error.text), 1;
    printf("%s after %d instructions: 0 + 16 + .. + %d = %d\n", px_status_name(stop.status), (int)stop.executed,
           (int)row[15], (int)sum);
    px_machine_drop(machine, NULL);
    ref->ops->close(ref);
    px_state_free(&state);
    px_assembly_free(&assembly);
    return 0;
}
