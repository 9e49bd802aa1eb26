/* px.h - the pixel machine in C: its vector instructions (px_isa.h, made from isa.def), its length register, its host.
 *
 * A pixel is a word of memory; a run of pixels is named by a C pointer, whose two low bits do not count. The wrappers
 * shift it to a pixel address in C, so that a compiler can do that once for a loop.
 *
 * All are volatile and clobber memory: what they do depends on vl, which no compiler knows of. A call of any function
 * may change vl; memcpy, memmove, memset and memcmp, which compilers call by themselves, leave it as it was. */
#ifndef PX_H
#define PX_H

#include <stdint.h>

typedef uint32_t px_pixel __attribute__((may_alias));

typedef struct px_rgba {
    uint8_t r, g, b, a;
} px_rgba;

/* A run that is written, and one that is only read. */
#ifdef __cplusplus
typedef void *px_run;
typedef const void *px_source;
#define PX_AT(run) ((uint32_t)(uintptr_t)(run) >> 2)
#else
typedef union px_run {
    px_pixel *words;
    unsigned *uints;
    int *ints;
    unsigned long *ulongs; /* uint32_t, where a C library has it so */
    long *longs;
    px_rgba *colours;
} px_run __attribute__((transparent_union));
typedef union px_source {
    const px_pixel *words;
    const unsigned *uints;
    const int *ints;
    const unsigned long *ulongs;
    const long *longs;
    const px_rgba *colours;
} px_source __attribute__((transparent_union));
#define PX_AT(run) ((uint32_t)(uintptr_t)(run).words >> 2)
#endif

/* nodebug: a trap, a trace or a debugger names the line that uses a wrapper, not the wrapper's own. */
#ifdef __clang__
#define PX_INLINE static inline __attribute__((always_inline, unused, nodebug))
#else
#define PX_INLINE static inline __attribute__((always_inline, unused))
#endif

#ifdef __riscv
#include "px_isa.h"

/* Asks the host; pxi/HOST.md says what, px_host.h has the names. */
PX_INLINE int32_t px_sys(uint32_t request, uint32_t argument)
{
    register uint32_t answer __asm__("a0") = request;
    register uint32_t with __asm__("a1") = argument;
    __asm__ volatile("ecall" : "+r"(answer) : "r"(with) : "memory");
    return (int32_t)answer;
}

/* The machine stops here, HALTED. */
PX_INLINE __attribute__((noreturn)) void px_halt(void)
{
    __asm__ volatile("ebreak" : : : "memory");
    __builtin_unreachable();
}

/* The image. */
PX_INLINE uint32_t px_get_n(void) { return px_get(0); }
PX_INLINE uint32_t px_get_w(void) { return px_get(1); }
PX_INLINE uint32_t px_get_h(void) { return px_get(2); }
PX_INLINE uint32_t px_get_vl(void) { return px_get(3); }
PX_INLINE px_pixel *px_image(uint32_t address) { return (px_pixel *)(uintptr_t)(address << 2); }
#endif

#endif
