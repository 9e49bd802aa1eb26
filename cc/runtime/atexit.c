/* atexit.c - what is to be called at a program's end. It is linked to programs that name such functions, and to no
 * others: the list is as long as a small program. */
#include <stddef.h>
#include <stdint.h>

int atexit(void (*call)(void));
int __cxa_atexit(void (*call)(void *), void *argument, void *object);

enum { MOST = 64 };

static struct {
    void (*call)(void *);
    void *argument;
} handlers[MOST];
static int handler_count;

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

static void call_handlers(void)
{
    while (handler_count > 0) {
        handler_count--;
        handlers[handler_count].call(handlers[handler_count].argument);
    }
}

extern void (*__px_at_exit)(void);
void (*__px_at_exit)(void) = call_handlers; /* exit.c */
