/* god.h - the God Pixel: a store of pictures, each named by one pixel. README.md says what that is and what it is not.
 *
 * A store is a folder. What is in it is checked when it is used: a picture is what its SHA-256 says, or it is not given
 * out. */
#ifndef GOD_GOD_H
#define GOD_GOD_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/registry.h"
#include "pxi/picture.h"

enum { GOD_SHA256 = 32, GOD_NAMES = GOD_SHA256 / 4 };

/* How a picture is kept. */
typedef enum god_method {
    GOD_STORED, /* as a PNG */
    GOD_RULE,   /* as a program of the store and a seed: what the program has drawn when it halts */
    GOD_SELF    /* as the first pixels of a program that draws it; the rest of its canvas is empty */
} god_method;

typedef struct god_store god_store;

/* Opens the store in a folder, which is made if it is not there and create says so. */
bool god_open(god_store **store, const char *folder, bool create, px_error *error);
void god_close(god_store *store); /* also fine with NULL */

typedef struct god_object {
    uint8_t sha256[GOD_SHA256]; /* of width, height and pixels, as in archives (pack/README.md) */
    uint32_t pixel;             /* its name */
    uint32_t founding;          /* the first four bytes of SHA-256 over what zlib makes of the pixels at level 9 */
    god_method method;
    uint32_t w, h;
    uint64_t kept;               /* bytes in the store; of a rule, those of its program too */
    uint8_t program[GOD_SHA256]; /* of a rule */
    uint32_t seed;
} god_object;

/* Keeps a picture and names it. One that is there already keeps its method. */
bool god_put(god_store *store, const px_picture *picture, god_object *object, px_error *error);

/* Keeps what a program has drawn when it halts, begun with seed in r1, by the program; or, with NULL seed, by the
 * program's first pixels. executor runs it. picture, if not NULL, is what must come of it. */
bool god_put_drawn(god_store *store, const px_picture *program, const uint32_t *seed, px_executor *executor,
                   const px_picture *picture, god_object *object, px_error *error);

/* The picture of a pixel; executor runs what must be drawn, and is opened by name when it is needed. */
bool god_get(god_store *store, uint32_t pixel, const char *executor, px_picture *picture, god_object *object,
             px_error *error);

/* Whom a pixel names: by its own name, or else, with founding, by the founding one. */
bool god_find(god_store *store, uint32_t pixel, god_object *object, px_error *error);

/* Each named picture in the order of the names; false from each ends it. */
bool god_each(god_store *store, bool (*each)(void *context, const god_object *object), void *context, px_error *error);

/* Takes a name away; the picture goes with the next god_collect. */
bool god_drop(god_store *store, uint32_t pixel, px_error *error);

/* Removes what no name reaches: *objects of *bytes in all. */
bool god_collect(god_store *store, uint64_t *objects, uint64_t *bytes, px_error *error);

/* The names that a SHA-256 can have, in the order in which they are tried. */
uint32_t god_name(const uint8_t sha256[GOD_SHA256], unsigned which);

/* A pixel as its name is read, R in the highest byte; and back. */
uint32_t god_as_read(uint32_t pixel);

#endif
