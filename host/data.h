/* data.h - where px finds files that are not part of its binary: the conformance set, and what C programs are linked
 * with. */
#ifndef HOST_DATA_H
#define HOST_DATA_H

#include <glob.h>
#include <stdbool.h>
#include <stddef.h>

#include "pxi/error.h"

/* The files that fit PATTERN ("*.pxt") in the folder NAME ("conformance"), sorted: of PX_DATA where that is set, else
 * of tests/ here, else of tests/ or share/pxos/ beside the folder that px is in. The caller calls globfree. */
bool px_data_files(const char *name, const char *pattern, glob_t *files, px_error *error);

/* The folder of px.ld, px.h and the rest: PX_CC_RUNTIME, or cc/ beside px, or share/pxos/cc beside the folder that px
 * is in. */
bool px_data_runtime(char *folder, size_t size, px_error *error);

/* os.pxi: beside px, or in share/pxos beside the folder that px is in. */
bool px_data_system(char *path, size_t size, px_error *error);

#endif
