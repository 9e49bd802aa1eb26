/* native.c - start and end of a test program for gcc -m32 where there is no 32-bit C library, and what the compiler
 * calls. */
#include <stddef.h>
#include <stdint.h>

int main(int argc, char **argv);
void native_start(const int *stack);

__asm__(".globl _start\n_start: mov %esp, %eax\nand $-16, %esp\nsub $12, %esp\npush %eax\ncall native_start\n");

_Noreturn void exit(int status);
_Noreturn void exit(int status)
{
    for (;;)
        __asm__ volatile("int $0x80" : : "a"(1), "b"(status) : "memory");
}

extern void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

void native_start(const int *stack)
{
    for (size_t i = 0; i < (size_t)(__init_array_end - __init_array_start); i++)
        __init_array_start[i]();
    exit(main(stack[0], (char **)(stack + 1)));
}

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    char *t = to;
    const char *f = from;
    while (count-- > 0)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    char *t = to;
    const char *f = from;
    if (t <= f)
        return memcpy(to, from, count);
    while (count-- > 0)
        t[count] = f[count];
    return to;
}

void *memset(void *at, int byte, size_t count)
{
    for (char *t = at; count > 0; count--)
        *t++ = (char)byte;
    return at;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const unsigned char *x = a, *y = b;
    for (; count > 0; x++, y++, count--)
        if (*x != *y)
            return *x - *y;
    return 0;
}

/* ---- 64-bit division, bit by bit: of libgcc there is no 32-bit one either ---- */

static uint64_t divided(uint64_t x, uint64_t y, uint64_t *rest)
{
    uint64_t quotient = 0, r = 0;
    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t carried = r >> 63;
        r = r << 1 | (x >> bit & 1);
        if (carried || r >= y) {
            r -= y;
            quotient |= UINT64_C(1) << bit;
        }
    }
    *rest = r;
    return quotient;
}

uint64_t __udivmoddi4(uint64_t x, uint64_t y, uint64_t *rest);
int64_t __divmoddi4(int64_t x, int64_t y, int64_t *rest);
int __popcountsi2(unsigned x);
uint64_t __udivdi3(uint64_t x, uint64_t y);
uint64_t __umoddi3(uint64_t x, uint64_t y);
int64_t __divdi3(int64_t x, int64_t y);
int64_t __moddi3(int64_t x, int64_t y);

static uint64_t size(int64_t x) { return x < 0 ? 0 - (uint64_t)x : (uint64_t)x; }

uint64_t __udivdi3(uint64_t x, uint64_t y)
{
    uint64_t rest;
    return divided(x, y, &rest);
}

uint64_t __umoddi3(uint64_t x, uint64_t y)
{
    uint64_t rest;
    divided(x, y, &rest);
    return rest;
}

int64_t __divdi3(int64_t x, int64_t y)
{
    const uint64_t quotient = __udivdi3(size(x), size(y));
    return (int64_t)((x < 0) != (y < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t x, int64_t y)
{
    const uint64_t rest = __umoddi3(size(x), size(y));
    return (int64_t)(x < 0 ? 0 - rest : rest);
}

uint64_t __udivmoddi4(uint64_t x, uint64_t y, uint64_t *rest) { return divided(x, y, rest); }

int64_t __divmoddi4(int64_t x, int64_t y, int64_t *rest)
{
    *rest = __moddi3(x, y);
    return __divdi3(x, y);
}

int __popcountsi2(unsigned x)
{
    int count = 0;
    for (; x != 0; x &= x - 1)
        count++;
    return count;
}
