/* map.h - what px mkos tells the kernel of the picture: a map in the first row behind the kernel's data. Addresses are
 * byte addresses in os.pxi. */
#ifndef OS_MAP_H
#define OS_MAP_H

#include <stdint.h>

#include "os/fs/limits.h"

enum {
    OS_MAP_MAGIC = 0x50414D4F, /* "OMAP" */
    OS_NAME_WORDS = 4,         /* of a program's name: 15 bytes at most, filled up with 0 */
    OS_CLASSES = 8,            /* at most */
    OS_HANDLES = 8,            /* of a process */
    OS_CODE_RUNS = 16          /* of the kernel's code, at most */
};

/* What a pixel of it is part of. */
enum os_part { OS_KERNEL, OS_DRIVERS, OS_FS, OS_APPS };

/* The runs of table.def, counted. */
enum {
    OS_PROCESS_RUNS = 0
#define OS_RUN(id, text)         +1
#define OS_RUNS(id, count, text) +count
#include "os/table.def"
    ,
    OS_COLUMN_RUNS = OS_PROCESS_RUNS
#define OS_PLACE(id, text) +1
#define OS_WORK(id, text)  +1
#include "os/table.def"
    ,
    OS_PIPE_RUNS = 0
#define OS_PIPE(id, text) +1
#include "os/table.def"
};

/* A program in a file system: these words, then its pixels; those behind are 0. OS.md, section 8. */
enum {
    OS_PROGRAM_MAGIC = 0x01525850, /* "PXR", 1 */
    OS_PROGRAM_HEADER = 8,         /* words: magic, width, height, entry, pixels, plain, 0, 0 */
    OS_PROGRAM_PLAIN = 1           /* it is run as it is: no arguments are put into it, and it has its own rows alone */
};

/* Code of one part, up to where the next begins. */
typedef struct os_code {
    uint32_t from, part;
} os_code;

/* Slots of one size, one behind the other. */
typedef struct os_class {
    uint32_t pixels, count;
} os_class;

typedef struct os_map {
    uint32_t magic;
    uint32_t programs;               /* columns of the names of those that run or are to: more than slots */
    uint32_t names;                  /* OS_NAME_WORDS runs of a word for each program */
    uint32_t root, root_rows;        /* the root file system */
    uint32_t table, pitch;           /* OS_COLUMN_RUNS runs, and pixels from one to the next: whole rows */
    uint32_t pipe_table, pipe_pitch; /* OS_PIPE_RUNS runs likewise */
    uint32_t pipes, pipe_bytes;      /* how many, and where the row of each is */
    uint32_t seats, seat_count;      /* a run in which processes are found by the low bits of their numbers: 2^n */
    uint32_t slots, columns;         /* all, class after class, and how many */
    uint32_t classes;
    os_class class[OS_CLASSES]; /* the smaller first */
    uint32_t code_runs;
    os_code code[OS_CODE_RUNS]; /* for people: the kernel has no use for it */
} os_map;

#endif
