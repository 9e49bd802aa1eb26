/* profile.h - where the instructions of a run go: by pixel, by class, by straight pieces of code, and by who called. */
#ifndef HOST_PROFILE_H
#define HOST_PROFILE_H

#include "exec/follow.h"
#include "exec/run.h"
#include "host/names.h"
#include "pxi/heat.h"

/* A function, as its callers were: its own instructions, or cycles where the executor has a clock. */
typedef struct px_profile_call {
    uint32_t entry;
    uint32_t parent, child, sibling; /* indexes; 0: none, for 0 is the whole */
    uint64_t self;
} px_profile_call;

/* A straight piece of code: it is entered at first alone, and left behind last alone. */
typedef struct px_profile_block {
    uint32_t first, last;
    uint64_t instructions, cycles, times;
} px_profile_block;

enum { PX_CLASSES = PX_CLASS_TENSOR + 1 };

typedef struct px_profile {
    const char *program;
    char executor[128];
    px_state end; /* the machine afterwards: what its code is */
    px_stop stop;
    px_heat heat;
    uint64_t *cycles; /* of each pixel; NULL where there is no clock */
    uint64_t class_instructions[PX_CLASSES], class_cycles[PX_CLASSES];
    px_profile_block *block; /* the most instructions first */
    size_t blocks;
    px_profile_call *call; /* with calls: the first is the whole */
    size_t calls;
} px_profile;

/* Runs a program. calls: who called is wanted, too; then, and where the executor counts no heat or has a clock, it is
 * traced, which takes longer. Machines in slots count in the picture alone, if the executor counts it itself. */
bool px_profile_run(px_profile *profile, px_executor *executor, const px_state *start, uint64_t budget,
                    const px_answerer *answerer, bool calls, px_error *error);
void px_profile_free(px_profile *profile);

/* The image as heat: how often a pixel was written is its red, executed its green, read its blue, by logarithms. */
bool px_profile_heat(const px_profile *profile, const char *path, px_error *error);

/* Who called whom: a picture (SVG) where the name ends so, else folded stacks, "main;draw;line 120". */
bool px_profile_flame(const px_profile *profile, const px_names *names, const char *path, px_error *error);

void px_profile_tell(FILE *to, const px_profile *profile, const px_names *names);

/* The pieces that take most, each with its instructions. */
void px_profile_hot(FILE *to, const px_profile *profile, const px_names *names, uint32_t count);

bool px_profile_save(const px_profile *profile, const px_names *names, const char *path, px_error *error);

/* Against one that was saved. */
bool px_profile_compare(FILE *to, const px_profile *profile, const px_names *names, const char *path, px_error *error);

#endif
