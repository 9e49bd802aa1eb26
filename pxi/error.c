/* error.c - fills in the one error type. */
#include "pxi/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool px_fail(px_error *error, px_error_code code, const char *format, ...)
{
    if (error == NULL)
        return false;
    error->code = code;

    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);

    if (length < 0)
        strcpy(error->text, "an error whose message could not be printed");
    else if ((size_t)length >= sizeof error->text)
        strcpy(error->text + sizeof error->text - sizeof "...", "...");
    return false;
}
