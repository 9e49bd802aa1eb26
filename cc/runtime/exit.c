/* exit.c - how a program ends: what atexit was told, in reverse, the destructors, and then the machine. Status 0 is
 * HALT, so that a program which needs no host ends everywhere; any other is the host's service EXIT. */
#include <stddef.h>
#include <stdint.h>

#include "px.h"
#include "px_host.h"

_Noreturn void exit(int status);
_Noreturn void _exit(int status);
int atexit(void (*call)(void));
int __cxa_atexit(void (*call)(void *), void *argument, void *object);

enum { MOST = 64 };

static struct {
    void (*call)(void *);
    void *argument;
} handlers[MOST];
static int handler_count;

void *__dso_handle; /* what C++ names as the owner of a static object */

extern void (*const __fini_array_start[])(void), (*const __fini_array_end[])(void);

_Noreturn void _exit(int status)
{
    if ((status & 0xFF) != 0)
        px_sys(PXH_REQUEST(PXH_EXIT, status & 0xFF), 0);
    px_halt();
}

int __cxa_atexit(void (*call)(void *), void *argument, void *object)
{
    (void)object;
    if (handler_count == MOST)
        return -1;
    handlers[handler_count].call = call;
    handlers[handler_count++].argument = argument;
    return 0;
}

static void call_plain(void *call) { ((void (*)(void))(uintptr_t)call)(); }

int atexit(void (*call)(void)) { return __cxa_atexit(call_plain, (void *)(uintptr_t)call, NULL); }

_Noreturn void exit(int status)
{
    while (handler_count > 0) {
        handler_count--;
        handlers[handler_count].call(handlers[handler_count].argument);
    }
    for (size_t left = (size_t)(__fini_array_end - __fini_array_start); left > 0; left--)
        __fini_array_start[left - 1]();
    _exit(status);
}
