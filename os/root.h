/* root.h - the file system that a new os.pxi begins with, and programs as files. */
#ifndef OS_ROOT_H
#define OS_ROOT_H

#include "os/map.h"
#include "pxi/picture.h"

/* A program as a file: map.h's header, then its pixels, of a picture that px cc has made. words is for who calls to
 * free. */
bool os_program_words(const px_picture *picture, const char *name, uint32_t **words, uint32_t *count, px_error *error);

/* The file system in these rows of 256 pixels, or an empty one with the folders that there are; programs of /bin are
 * added then. After either outcome it is to be ended. */
bool os_root_begin(uint32_t *pixels, uint32_t rows, bool empty, px_error *error);
bool os_root_add(const char *name, const uint32_t *words, uint32_t count, px_error *error);
bool os_root_folder(const char *path, px_error *error); /* it may be there */
bool os_root_file(const char *path, const void *bytes, uint32_t count, px_error *error);
bool os_root_end(px_error *error);

#endif
