/* say.h - output for test programs that need no C library: the same text from a picture, from the RV32 simulator, and
 * from gcc -m32 without one. say("%d %u %x %c %s %q", ..) knows these; %q is 64 bits in hexadecimal, %X the
 * same as %x, and an l before any of them says nothing. */
#ifndef TESTS_CC_SAY_H
#define TESTS_CC_SAY_H

#include <stdarg.h>
#include <stdint.h>

#ifdef __riscv
#include "px.h"
#include "px_host.h"
static inline void say_bytes(const char *bytes, unsigned count)
{
    px_sys(PXH_REQUEST(PXH_PRINT, count), (uint32_t)(uintptr_t)bytes);
}
#elif defined __i386__
static inline void say_bytes(const char *bytes, unsigned count)
{
    int done;
    __asm__ volatile("int $0x80" : "=a"(done) : "a"(4), "b"(1), "c"(bytes), "d"(count) : "memory");
}
#else
#include <unistd.h>
static inline void say_bytes(const char *bytes, unsigned count)
{
    if (write(1, bytes, count) < 0)
        _exit(126);
}
#endif

static char said[256];
static unsigned said_count;

static void say_char(char c)
{
    said[said_count++] = c;
    if (said_count == sizeof said || c == '\n') {
        say_bytes(said, said_count);
        said_count = 0;
    }
}

static void say_number(uint64_t value, unsigned base)
{
    char digits[24];
    unsigned count = 0;
    if (base == 16)
        for (; count == 0 || value != 0; value >>= 4)
            digits[count++] = "0123456789abcdef"[value & 15];
    else
        for (uint32_t low = (uint32_t)value; count == 0 || low != 0; low /= 10)
            digits[count++] = (char)('0' + low % 10);
    while (count > 0)
        say_char(digits[--count]);
}

__attribute__((unused)) static void say(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            say_char(*format);
            continue;
        }
        if (*++format == 'l')
            format++;
        switch (*format) {
        case 'd': {
            const int value = va_arg(list, int);
            if (value < 0)
                say_char('-');
            say_number(value < 0 ? 0u - (uint32_t)value : (uint32_t)value, 10);
            break;
        }
        case 'u':
            say_number(va_arg(list, unsigned), 10);
            break;
        case 'x':
        case 'X':
            say_number(va_arg(list, unsigned), 16);
            break;
        case 'q':
            say_number(va_arg(list, unsigned long long), 16);
            break;
        case 'c':
            say_char((char)va_arg(list, int));
            break;
        case 's':
            for (const char *text = va_arg(list, const char *); *text != '\0'; text++)
                say_char(*text);
            break;
        default:
            say_char(*format);
        }
    }
    va_end(list);
}

/* A generator that is the same everywhere. */
static uint32_t chance_state = 12345;
__attribute__((unused)) static uint32_t chance(void)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 17;
    chance_state ^= chance_state << 5;
    return chance_state;
}

/* A checksum of what a program has computed. */
__attribute__((unused)) static uint32_t mixed(uint32_t sum, uint32_t value)
{
    return (sum ^ value) * 16777619u + (sum >> 15);
}

#endif
