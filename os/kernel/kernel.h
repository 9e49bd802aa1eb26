/* kernel.h - the parts of the kernel. The process table is a structure of arrays: a run for each attribute, a column
 * for each slot, so that vector instructions look at all processes at once. */
#ifndef OS_KERNEL_H
#define OS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/map.h"
#include "os/pxos.h"

enum {
    MOST = 128,  /* columns, at most */
    HANDLES = 8, /* of a process */
    MOST_PROGRAMS = 256,
    PIPES = 16,       /* at once, of all processes */
    PIPE_ROOM = 1024, /* bytes in a pipe */
    KEPT = 4,         /* slots and pipes that are there for process 1 alone, whatever others take */
    SHARE = 16384,    /* instructions of a process in one round */
    ROUNDS_ALONE = 8  /* until the host is heard, while there is something to run */
};

enum state { FREE, READY, BLOCKED, ENDED };

/* What a blocked process waits for. */
enum reason { FOR_NOTHING, FOR_CONSOLE, FOR_CHILD, FOR_TIME, FOR_PIPE /* and the pipe's number */ };

/* What is open: the console, or an end of pipe k. */
enum handle { NO_HANDLE, CONSOLE_HANDLE, PIPE_HANDLES };
static inline uint32_t reading(uint32_t pipe) { return PIPE_HANDLES + 2 * pipe; }
static inline uint32_t writing(uint32_t pipe) { return PIPE_HANDLES + 2 * pipe + 1; }

/* Answers of a handler that are none: the caller is to be asked again, or is no more. */
enum { WAITS = INT32_MIN, GONE };

/* What a state begins with (SPEC.md section 9). */
enum {
#define PX_SAVED(id, pixel, count, text) SAVED_##id = pixel,
#include "pxi/state.def"
    SAVED_WORDS = 266
};

typedef struct table {
    uint32_t pid[MOST], parent[MOST], state[MOST], reason[MOST], share[MOST], used[MOST], program[MOST];
    uint32_t where[MOST];              /* the slot, in pixels from the first one on */
    uint32_t image[MOST], bytes[MOST]; /* its picture: byte address here, and how many */
    uint32_t how[MOST], status[MOST], value[MOST];
    uint32_t armed[MOST], due_low[MOST], due_high[MOST]; /* a sleeper's deadline */
    uint32_t handle[HANDLES][MOST];
} table;

extern table t;
extern uint32_t columns; /* in use: one for each slot */
extern const os_map *map;
extern px_pixel *slots;      /* the first slot */
extern uint32_t slot_pixels; /* of all slots */
extern uint32_t live[OS_CLASSES], first_of[OS_CLASSES];
extern uint32_t scratch[HANDLES * MOST];

/* process.c */
void processes_begin(void);
unsigned column_of(uint32_t pid); /* columns: there is none */
int32_t spawn(uint32_t program, uint32_t parent, const uint8_t *arguments, uint32_t bytes, const uint32_t handles[3]);
void end_process(unsigned who, uint32_t how, uint32_t status, uint32_t value);
void wake(uint32_t reason); /* all that wait for it */
bool is_above(uint32_t pid, unsigned who);
unsigned ended_child(uint32_t parent, uint32_t which, bool *any); /* columns: none has ended */
void forget(unsigned who);
void end_stuck(void); /* all wait for each other: one of them */

/* archive.c */
uint32_t program_named(const uint8_t *name, uint32_t length); /* map->programs: there is none */
static inline uint32_t of_program(uint32_t run, uint32_t program) { return px_image(run >> 2)[program]; }
void program_name(uint32_t program, uint8_t name[PXO_NAME_BYTES]);

/* console.c: what goes to the host and comes from it. */
void console_put(const void *bytes, uint32_t count);
void console_text(const char *text);
void console_number(uint32_t number);
void console_flush(void);
int32_t console_failed(void);                                   /* 0, or the error of an earlier write */
bool console_get(uint8_t *bytes, uint32_t count, int32_t *got); /* false: nothing has come yet */
bool hear_host(bool idle);                                      /* false: idle, and nothing will ever come */
_Noreturn void shut_down(uint32_t status);

/* pipe.c */
int32_t pipe_make(unsigned who, uint32_t ends[2]);
int32_t pipe_read(uint32_t pipe, uint8_t *bytes, uint32_t count);
int32_t pipe_write(uint32_t pipe, const uint8_t *bytes, uint32_t count);
void pipe_left(uint32_t handle); /* one of its ends was given back */

/* serve.c */
int32_t serve(unsigned who, uint32_t request, uint32_t argument);

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memset(void *at, int byte, size_t count);

#endif
