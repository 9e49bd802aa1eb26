/* exit.c - how a program ends: what atexit was told, in reverse, the destructors, and then the machine. Status 0 is
 * HALT, so that a program which needs no host ends everywhere; any other is the host's service EXIT. */
#include <stddef.h>
#include <stdint.h>

#include "px.h"
#include "px_host.h"

_Noreturn void exit(int status);
_Noreturn void _exit(int status);
extern void (*__px_at_exit)(void);

/* What atexit was told: atexit.c has it, where a program has that. */
__attribute__((weak)) void (*__px_at_exit)(void);

void *__dso_handle; /* what C++ names as the owner of a static object */

extern void (*const __fini_array_start[])(void), (*const __fini_array_end[])(void);

_Noreturn void _exit(int status)
{
    if ((status & 0xFF) != 0)
        px_sys(PXH_REQUEST(PXH_EXIT, status & 0xFF), 0);
    px_halt();
}

_Noreturn void exit(int status)
{
    if (__px_at_exit != NULL)
        __px_at_exit();
    for (size_t left = (size_t)(__fini_array_end - __fini_array_start); left > 0; left--)
        __fini_array_start[left - 1]();
    _exit(status);
}
