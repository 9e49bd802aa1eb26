/* keys.h - keys of a terminal that gives each byte as it comes (CONSOLE 1). */
#ifndef OS_APPS_KEYS_H
#define OS_APPS_KEYS_H

#include "os/apps/app.h"

enum key {
    TAB = '\t',
    ESCAPE = 0x1B,
    CTRL = 0x1F, /* a letter's key with Ctrl: 'A' & CTRL */
    BACKSPACE = 0x7F,
    UP = 256,
    DOWN,
    RIGHT,
    LEFT,
    HOME,
    END,
    DELETE,
    PAGE_UP,
    PAGE_DOWN,
    OTHER
};

PX_INLINE int next_byte(void)
{
    uint8_t byte;
    return get_bytes((char *)&byte, 1) == 1 ? byte : -1;
}

/* A byte, or what a sequence as ECMA-48 and xterm have them means: ESC [ A, ESC O A, ESC [ 3 ~; -1: there is no more.
 */
static inline int next_key(void)
{
    static const char letters[] = "ABCDHF";
    static const short numbered[] = {OTHER, HOME, OTHER, DELETE, END, PAGE_UP, PAGE_DOWN, HOME, END};
    const int byte = next_byte();
    if (byte != ESCAPE)
        return byte;
    int c = next_byte(), number = 0;
    if (c != '[' && c != 'O')
        return OTHER;
    for (c = next_byte(); c >= '0' && c <= ';'; c = next_byte())
        number = number < 100 ? 10 * number + c - '0' : number;
    static const short lettered[] = {UP, DOWN, RIGHT, LEFT, HOME, END};
    for (int i = 0; letters[i] != '\0'; i++)
        if (c == letters[i])
            return lettered[i];
    return c == '~' && number < (int)(sizeof numbered / sizeof *numbered) ? numbered[number] : OTHER;
}

/* False: there is no terminal. */
PX_INLINE bool ask_keys(bool keys) { return px_sys(PXH_REQUEST(PXH_CONSOLE, keys), 0) == 1; }

#endif
