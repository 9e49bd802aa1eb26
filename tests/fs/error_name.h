/* error_name.h - an error's name in pxi/host.def, for what tools of the tests print. */
#ifndef TESTS_FS_ERROR_NAME_H
#define TESTS_FS_ERROR_NAME_H

#include <stdint.h>
#include <stdlib.h>

static inline const char *error_name(int32_t e)
{
    switch (e) {
#define PXH_ERROR(id, number, text)                                                                                    \
    case number:                                                                                                       \
        return #id;
#include "pxi/host.def"
    default:
        abort(); /* no error that there is */
    }
}

#endif
