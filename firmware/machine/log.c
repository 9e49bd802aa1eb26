/* log.c - see log.h. */
#include "firmware/machine/log.h"

#include <stdarg.h>
#include <stdbool.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/screen.h"
#include "firmware/machine/uart.h"

static char ring[16384];
static size_t written;
static uint16_t end_port;
static uint8_t end_value;
static uint8_t *screen;
static bool com1_is_the_guests;

static void put(char c)
{
    ring[written++ % sizeof ring] = c;
    out8(0xE9, (uint8_t)c);
}

#define ACK 0x06u

void hv_log_key(void) { out8(0xE9, ACK); }

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

/* ---- the end ---- */

void hv_log_to_screen(uint8_t *text) { screen = text; }
void hv_log_com1(bool ours) { com1_is_the_guests = !ours; }

static void crtc(uint8_t index, uint8_t value)
{
    out8(0x3D4, index);
    out8(0x3D5, value);
}

/* Text memory from its beginning, without a cursor. */
static void show(void (*how)(uint8_t *, const screen_log *), size_t reason)
{
    if (screen == NULL)
        return;
    how(screen, &(screen_log){ring, sizeof ring, reason, written});
    crtc(0x0A, 0x20);
    crtc(0x0C, 0);
    crtc(0x0D, 0);
}

/* The ring on COM1, 115,200 8N1; a UART that does not take a byte within a while gets no more. */
static void show_on_com1(void)
{
    if (com1_is_the_guests || !uart_open(UART_COM1, 1, 3))
        return;
    for (size_t i = written > sizeof ring ? written - sizeof ring : 0; i < written; i++) {
        for (unsigned patience = 1000000; uart_room(UART_COM1) == 0; patience--)
            if (patience == 0)
                return;
        uart_send(UART_COM1, (uint8_t)ring[i % sizeof ring]);
    }
    for (unsigned patience = 1000000; !uart_drained(UART_COM1) && patience != 0; patience--)
        ;
}

static _Noreturn void halt(void)
{
    if (end_port != 0)
        out8(end_port, end_value);
    for (;;)
        __asm__ volatile("cli; hlt");
}

void hv_stop(const char *format, ...)
{
    static bool stopping;
    const size_t reason = written;
    const bool again = stopping; /* by an exception on the way out */
    va_list list;
    va_start(list, format);
    log_list(format, &list);
    va_end(list);
    hv_log("stopped");
    stopping = true;
    if (!again) {
        show(screen_stop, reason);
        show_on_com1();
    }
    halt();
}

void hv_finish(const char *format, ...)
{
    const size_t reason = written;
    va_list list;
    va_start(list, format);
    log_list(format, &list);
    va_end(list);
    hv_log("stopped");
    if (end_port == 0)
        show(screen_end, reason);
    halt();
}

void hv_end_by(uint16_t port, uint8_t value)
{
    end_port = port;
    end_value = value;
}
