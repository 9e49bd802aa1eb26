/* breakpoint.h - where a run that is looked at stops: before an instruction, or after one that has read or written
 * something. */
#ifndef EXEC_BREAKPOINT_H
#define EXEC_BREAKPOINT_H

#include "exec/follow.h"

typedef enum px_break_kind {
    /* Before an instruction: */
    PX_BREAK_PC,    /* at address `at` */
    PX_BREAK_OP,    /* whose opcode is `at` */
    PX_BREAK_CLASS, /* whose opcode is of class `at` */
    PX_BREAK_COUNT, /* after `number` instructions */
    PX_BREAK_SYS,   /* after SYS, before its answer */
    /* After an instruction: */
    PX_BREAK_PIXELS,   /* that reads or writes one of `count` pixels from `at` on, or that a host has written one */
    PX_BREAK_REGISTER, /* that writes register `at` */
    PX_BREAK_OVER,     /* when all calls since the beginning have returned */
    PX_BREAK_RETURN    /* when the function has returned that was running in the beginning */
} px_break_kind;

/* What a condition is asked about: a machine before an instruction, or, of the later kinds, after it. */
typedef struct px_moment {
    uint64_t at; /* instructions retired */
    uint32_t pc, vl;
    const uint32_t *reg;
    px_machine *machine; /* at rest; NULL unless the condition says that it looks at pixels */
} px_moment;

typedef struct px_breakpoint {
    px_break_kind kind;
    uint32_t at, count;
    uint64_t number;
    bool read, written; /* of PIXELS */
    /* A condition besides; NULL: none. */
    bool (*holds)(void *context, const px_moment *moment);
    void *context;
    bool pixels; /* it looks at pixels */
    bool off;
} px_breakpoint;

typedef struct px_breakpoints {
    const px_breakpoint *at;
    size_t count;
} px_breakpoints;

/* Whether some of them are about instructions at all, so that each has to be looked at; and whether one needs a machine
 * at rest for that. */
bool px_breakpoints_look(const px_breakpoints *list);
bool px_breakpoints_pixels(const px_breakpoints *list);

/* The first one that stops before the instruction that moment is before, or NULL. */
const px_breakpoint *px_break_before(const px_breakpoints *list, const px_moment *moment, uint32_t instruction);

/* Whether an instruction touches what a watchpoint watches; follow is before it. Of one in a slot it is not known. */
bool px_break_touches(const px_breakpoint *b, const px_follow *follow, const px_retire *retire);

#endif
