/* cc.h - from C to pixels: clang and lld make a RISC-V program, and this room translates it into a picture.
 *
 * cc/ABI.md is what translated code keeps to. */
#ifndef CC_CC_H
#define CC_CC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pxi/asm/asm.h"
#include "pxi/error.h"
#include "pxi/picture.h"

/* A constant among the symbols of a translated program: the checksum of its picture, by which they are known to belong
 * together. */
#define PX_CC_CHECKSUM "_px_checksum"

enum { PX_CC_LEVELS = 5, PX_CC_STACK = 4096, PX_CC_HEAP = 16384 };

/* How a linked program becomes a picture. */
typedef struct px_cc_options {
    uint32_t stack; /* pixels */
    uint32_t heap;  /* pixels behind the static data, at least */
    uint32_t width; /* 0: by the size */
    int level;      /* of optimisation, 0 to PX_CC_LEVELS - 1 */
    uint32_t data;  /* the byte address that data are moved to, or a little behind it; 0: they stay */
    bool measure;   /* only for data_start of the result: there is no picture */
} px_cc_options;

typedef struct px_cc_result {
    px_picture picture; /* the caller may take it and zero it */
    px_symbol *symbols; /* by kind, then value, as px_symbols_write wants them */
    size_t symbol_count;
    px_line *lines; /* by address: where statements begin */
    size_t line_count;
    uint32_t data_start;   /* the least byte address at which data may begin; */
    bool data_overlap;     /* they begin below it: there is no picture, and they must be moved there */
    uint32_t instructions; /* RISC-V */
    uint32_t code_pixels;
} px_cc_result;

/* Translates an executable that lld or GNU ld has linked with cc/runtime/px.ld and --emit-relocs. name is for messages.
 * Whatever the bytes are, the answer is a picture or a sentence. Free the result when it is true. */
bool px_cc_translate(px_cc_result *result, const uint8_t *elf, size_t size, const char *name,
                     const px_cc_options *options, px_error *error);
void px_cc_free(px_cc_result *result);

/* What the driver is to do. */
typedef struct px_cc_job {
    const char *const *files; /* .c .cc .cpp .S .s .o .a .elf */
    size_t file_count;
    const char *const *flags; /* for clang, as they were given: -O2, -I.., -D.. */
    size_t flag_count;
    const char *const *link_flags; /* -lNAME, -LDIR: for the linker */
    size_t link_flag_count;
    const char *folder; /* of the runtime: px.ld, px.h, crt0.o, libpx.a */
    bool debug;         /* -g */
    bool check;         /* null and misaligned pointers trap */
    bool freestanding;  /* without the C library */
    const char *keep;   /* where the linked program is to be kept, or NULL */
    px_cc_options options;
} px_cc_job;

/* Compiles, links and translates. False without an error text: clang or lld have said it themselves. */
bool px_cc_run(px_cc_result *result, const px_cc_job *job, px_error *error);

#endif
