/* map.h - what mkos tells the kernel of the picture: a map in the first row behind the kernel's data. Addresses are
 * byte addresses in os.pxi. */
#ifndef OS_MAP_H
#define OS_MAP_H

#include <stdint.h>

enum {
    OS_MAP_MAGIC = 0x50414D4F, /* "OMAP" */
    OS_WIDTH = 256,            /* of os.pxi */
    OS_NAME_WORDS = 4,         /* of a program's name: 15 bytes at most, filled up with 0 */
    OS_CLASSES = 2
};

/* Slots of one size, one behind the other. */
typedef struct os_class {
    uint32_t pixels, count;
} os_class;

typedef struct os_map {
    uint32_t magic, programs;
    uint32_t names;  /* OS_NAME_WORDS runs of a word for each program, so that one compare looks at all */
    uint32_t image;  /* runs likewise: where its pixels are */
    uint32_t pixels; /* how many of them there are; those behind are 0 */
    uint32_t width, height, entry;
    uint32_t slots; /* all, class after class */
    os_class class[OS_CLASSES];
} os_map;

#endif
