/* root.h - the file system that a new os.pxi begins with, and programs as files. */
#ifndef OS_ROOT_H
#define OS_ROOT_H

#include "os/map.h"
#include "pxi/picture.h"

/* Whether a picture is one that px cc has made (cc/ABI.md), as far as its first pixels tell. */
bool os_is_compiled(const px_picture *picture);

/* A program as a file: map.h's header, then its pixels, of a picture that px cc has made; or plain, of any program.
 * words is for who calls to free. And back: the picture is for who calls to free, after either outcome. */
bool os_program_words(const px_picture *picture, const char *name, bool plain, uint32_t **words, uint32_t *count,
                      px_error *error);
bool os_program_picture(const uint32_t *words, uint32_t count, const char *name, px_picture *picture, px_error *error);

/* The file system in these pixels, or, of a kind, an empty one with the folders that there are; programs of /bin are
 * added then. After either outcome it is to be ended. */
enum os_root_kind { OS_ROOT_THERE, OS_ROOT_PXFS, OS_ROOT_RAMFS };
bool os_root_begin(uint32_t *pixels, uint32_t count, enum os_root_kind kind, px_error *error);
bool os_root_add(const char *name, const uint32_t *words, uint32_t count, px_error *error);
bool os_root_folder(const char *path, px_error *error); /* it may be there */
bool os_root_file(const char *path, const void *bytes, uint32_t count, px_error *error);
bool os_root_end(px_error *error);

#endif
