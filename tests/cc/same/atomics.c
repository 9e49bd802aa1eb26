/* atomics.c - C11's atomics, which are one instruction of RISC-V or a loop of two. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

static _Atomic int32_t word = 5;
static _Atomic uint8_t byte = 250;
static _Atomic uint32_t flags = 0xF0;

int main(void)
{
    int32_t old = atomic_fetch_add(&word, 37), expected = 42;
    printf("%d %d", (int)old, (int)atomic_exchange(&word, 42));
    printf(" %d", atomic_compare_exchange_strong(&word, &expected, -7));
    printf(" %d %d", (int)word, (int)expected);
    printf(" %d", atomic_compare_exchange_strong(&word, &expected, 99));
    printf(" %d\n", (int)expected);
    atomic_fetch_or(&flags, 0x0F0F);
    atomic_fetch_and(&flags, 0xFF0);
    atomic_fetch_xor(&flags, 0x101);
    for (int i = 0; i < 10; i++)
        byte++;
    const int32_t least = atomic_fetch_sub(&word, 3);
    printf("%x %d %d %d\n", (unsigned)flags, byte, (int)word, (int)least);
    return 0;
}
