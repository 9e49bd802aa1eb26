/* variables.c - names and their values: strings NAME=value one behind the other, each with x before it if children have
 * it. */
#include "os/apps/sh/sh.h"

enum { STORE = 3072 };

static char store[STORE];
static uint32_t used;

bool is_name(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        const char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return length > 0;
}

/* Where it is in the store; used: nowhere. */
static uint32_t find(const char *name, uint32_t length)
{
    uint32_t at = 0;
    for (; at < used; at += length_of(store + at) + 1) {
        uint32_t i = 0;
        while (i < length && store[at + 1 + i] == name[i])
            i++;
        if (i == length && store[at + 1 + i] == '=')
            break;
    }
    return at;
}

const char *value_of(const char *name, uint32_t length)
{
    const uint32_t at = find(name, length);
    return at == used ? NULL : store + at + 1 + length + 1;
}

static void remove_at(uint32_t at)
{
    const uint32_t size = length_of(store + at) + 1;
    for (uint32_t i = at + size; i < used; i++)
        store[i - size] = store[i];
    used -= size;
}

bool assign(const char *text, bool exported)
{
    uint32_t length = 0;
    while (text[length] != '=')
        length++;
    const uint32_t at = find(text, length), size = length_of(text) + 2;
    if (at < used) {
        exported = exported || store[at] == 'x';
        remove_at(at);
    }
    if (size > STORE - used)
        return wrong("no room for another variable", NULL);
    store[used] = exported ? 'x' : '-';
    for (uint32_t i = 0; i + 1 < size; i++)
        store[used + 1 + i] = text[i];
    used += size;
    return true;
}

void export_name(const char *name)
{
    const uint32_t at = find(name, length_of(name));
    if (at < used)
        store[at] = 'x';
}

void forget_name(const char *name)
{
    const uint32_t at = find(name, length_of(name));
    if (at < used)
        remove_at(at);
}

void list_variables(bool exported)
{
    for (uint32_t at = 0; at < used; at += length_of(store + at) + 1)
        if (!exported || store[at] == 'x') {
            say(store + at + 1);
            say("\n");
        }
}

uint32_t put_environment(char *to, uint32_t room)
{
    uint32_t bytes = 0;
    for (uint32_t at = 0; at < used; at += length_of(store + at) + 1) {
        const uint32_t size = length_of(store + at);
        if (store[at] == 'x' && size <= room - bytes)
            for (uint32_t i = 0; i < size; i++)
                to[bytes++] = store[at + 1 + i];
    }
    return bytes;
}
