/* temporary.h - files and folders for a while: in the folder that TMPDIR names, else in /tmp. */
#ifndef PXI_TEMPORARY_H
#define PXI_TEMPORARY_H

#include <stdbool.h>

#include "pxi/error.h"

enum { PX_TEMPORARY_NAME = 4096 };

/* A new one, called px-WHAT- and chance; path is "" when it fails. The file is empty, and open to read and write: its
 * descriptor, or -1. */
bool px_temporary_folder(char path[PX_TEMPORARY_NAME], const char *what, px_error *error);
int px_temporary_file(char path[PX_TEMPORARY_NAME], const char *what, px_error *error);

#endif
