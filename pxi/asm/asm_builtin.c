/* asm_builtin.c - the file that can be included without being there: host.inc, the names of HOST.md and words to use
 * them. One that lies where the source looks for it comes first. */
#include <stdlib.h>
#include <string.h>

#include "host_inc.h"
#include "pxi/asm/asm_internal.h"

bool asm_is_builtin(const char *name, size_t length) { return length == 8 && memcmp(name, "host.inc", 8) == 0; }

bool asm_builtin(uint8_t **data, size_t *size)
{
    *size = 0;
    for (size_t i = 0; host_inc_lines[i] != NULL; i++)
        *size += strlen(host_inc_lines[i]);
    char *to = malloc(*size + 1);
    *data = (uint8_t *)to;
    if (to == NULL)
        return false;
    for (size_t i = 0; host_inc_lines[i] != NULL; i++, to += strlen(to))
        strcpy(to, host_inc_lines[i]);
    return true;
}
