/* kat_programs.h - the programs of the known-answer test and what they must leave. */
#ifndef PX_OPENCL_KAT_PROGRAMS_H
#define PX_OPENCL_KAT_PROGRAMS_H

#include <stddef.h>
#include <stdint.h>

/* A word that a program must leave: register at, or pixel at - KAT_MEMORY; and the instruction that is to blame when it
 * does not, most of the time. */
enum { KAT_MEMORY = 256 };
typedef struct px_answer {
    uint32_t at, value, op;
} px_answer;

typedef struct px_kat {
    const char *name;
    uint32_t profile, w, h;
    const uint32_t *code; /* to address 5; in the classic profile, the pixels at 0 */
    size_t code_size;
    uint32_t status, cause, value, pc;
    const px_answer *answers;
    size_t answer_count;
} px_kat;

extern const char px_kat_slots[]; /* the name of the one that has slots */
extern const px_kat px_kats[];
extern const size_t px_kat_count;

#endif
