/* guard.c - static objects of C++ within functions, of one thread; and where a pure virtual call ends. */
#include <stdint.h>

int __cxa_guard_acquire(uint64_t *guard);
void __cxa_guard_release(uint64_t *guard);
void __cxa_guard_abort(uint64_t *guard);
_Noreturn void __cxa_pure_virtual(void);

int __cxa_guard_acquire(uint64_t *guard) { return *(uint8_t *)guard == 0; }
void __cxa_guard_release(uint64_t *guard) { *(uint8_t *)guard = 1; }
void __cxa_guard_abort(uint64_t *guard) { (void)guard; }

_Noreturn void __cxa_pure_virtual(void)
{
    _Noreturn void _exit(int status);
    _exit(134); /* as a shell has it for abort */
}
