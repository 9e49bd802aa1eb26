/* log.c - see log.h. */
#include "firmware/hv/log.h"

#include <stdarg.h>
#include <stdbool.h>

#include "firmware/hv/cpu.h"

static char ring[16384];
static size_t written;
static uint16_t end_port;
static uint8_t end_value;

static void put(char c)
{
    ring[written++ % sizeof ring] = c;
    out8(0xE9, (uint8_t)c);
}

static void put_number(uint64_t n, unsigned base, unsigned width, char pad)
{
    char digits[20];
    unsigned count = 0;
    do
        digits[count++] = "0123456789abcdef"[n % base];
    while ((n /= base) != 0);
    for (unsigned i = count; i < width; i++)
        put(pad);
    while (count > 0)
        put(digits[--count]);
}

static void put_string(const char *text)
{
    while (*text != '\0')
        put(*text++);
}

/* One conversion; returns what stands behind it. */
static const char *convert(const char *format, va_list *list)
{
    const char pad = *format == '0' ? '0' : ' ';
    unsigned width = 0;
    bool is_long = false;
    while (*format >= '0' && *format <= '9')
        width = width * 10 + (unsigned)(*format++ - '0');
    while (*format == 'l') {
        is_long = true;
        format++;
    }
    switch (*format) {
    case 's':
        put_string(va_arg(*list, const char *));
        break;
    case 'c':
        put((char)va_arg(*list, int));
        break;
    case 'u':
    case 'x':
        put_number(is_long ? va_arg(*list, uint64_t) : va_arg(*list, unsigned), *format == 'u' ? 10 : 16, width, pad);
        break;
    default:
        put(*format);
        break;
    }
    return *format != '\0' ? format + 1 : format;
}

static void log_list(const char *format, va_list *list)
{
    put_string("pxhv: ");
    while (*format != '\0')
        if (*format == '%')
            format = convert(format + 1, list);
        else
            put(*format++);
    put('\n');
}

void hv_log(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    log_list(format, &list);
    va_end(list);
}

void hv_stop(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    log_list(format, &list);
    va_end(list);
    hv_log("stopped");
    if (end_port != 0)
        out8(end_port, end_value);
    for (;;)
        __asm__ volatile("cli; hlt");
}

void hv_end_by(uint16_t port, uint8_t value)
{
    end_port = port;
    end_value = value;
}
