/* link_option.c - see link_option.h. */
#include "firmware/serial/link_option.h"

#include <stddef.h>

#include "firmware/machine/uart.h"

#define FASTEST 115200u /* baud, with divisor 1 */

/* Whether text begins with word; then it is moved on. */
static bool take(const char **text, const char *word)
{
    size_t i = 0;
    while (word[i] != 0 && (*text)[i] == word[i])
        i++;
    if (word[i] != 0)
        return false;
    *text += i;
    return true;
}

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 'a' ^ 'A';
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* A number below limit; 0 for none. */
static uint32_t take_number(const char **text, unsigned base, uint32_t limit)
{
    uint32_t n = 0;
    for (unsigned digit; (digit = digit_of(**text)) < base && n < limit; ++*text)
        n = n * base + digit;
    return n < limit ? n : 0;
}

static uint16_t take_port(const char **text)
{
    static const uint16_t com[] = {UART_COM1, UART_COM2, 0x3E8, 0x2E8};
    if (take(text, "com")) {
        const uint32_t number = take_number(text, 10, 5);
        return number != 0 ? com[number - 1] : 0;
    }
    /* below 100h is the mainboard */
    const uint32_t port = take_number(text, 16, 0x10000);
    return port >= 0x100 && port % 8 == 0 ? (uint16_t)port : 0;
}

bool link_option(const char *text, link_choice *choice)
{
    *choice = (link_choice){true, UART_COM2, 1};
    if (text == NULL)
        return true;
    if (take(&text, "none")) {
        choice->link = false;
        return *text == 0;
    }
    choice->port = take_port(&text);
    if (*text == '@') {
        text++;
        const uint32_t baud = take_number(&text, 10, FASTEST + 1);
        choice->divisor = 0;
        if (baud != 0 && FASTEST % baud == 0 && FASTEST / baud <= UINT16_MAX)
            choice->divisor = (uint16_t)(FASTEST / baud);
    }
    return choice->port != 0 && choice->divisor != 0 && *text == 0;
}
