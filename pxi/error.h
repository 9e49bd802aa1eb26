/* error.h - how every part reports that something went wrong: one type, with a sentence for the user.
 *
 * A function that can fail returns bool, takes a px_error * as its last parameter, and on false has filled it in. The
 * sentence names the file or device, the place in it, what was found and what was expected; it has no newline and no
 * "px:". */
#ifndef PXI_ERROR_H
#define PXI_ERROR_H

#include <stdbool.h>

typedef enum px_error_code {
    PX_OK = 0,
    PX_E_USAGE,     /* the call or the command line is wrong */
    PX_E_INPUT,     /* a file, a program or a reply is not what it should be */
    PX_E_TOO_LARGE, /* fine in itself, but beyond this executor */
    PX_E_ABSENT,    /* an executor, device or tool that is not here */
    PX_E_SYSTEM     /* no memory, no such file, write failed, device error */
} px_error_code;

typedef struct px_error {
    px_error_code code;
    char text[1024];
} px_error;

/* Fills in error (which may be NULL) and returns false. A sentence that is too long is cut and ends in "...". */
bool px_fail(px_error *error, px_error_code code, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#endif
