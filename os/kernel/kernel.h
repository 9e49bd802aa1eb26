/* kernel.h - the parts of the kernel. The process table is a structure of arrays: a run for each attribute, a column
 * for each slot, so that vector instructions look at all processes at once. */
#ifndef OS_KERNEL_H
#define OS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "os/map.h"
#include "os/pxos.h"

enum {
    HANDLES = OS_HANDLES,
    PIPE_ROOM = 4 * OS_WIDTH, /* bytes in a pipe: a row */
    SHARE = 16384,            /* instructions of a process in one round */
    LEVELS = 8,               /* of priority: each has half the share of the one before */
    ROUNDS_ALONE = 8          /* until the host is heard, while there is something to run */
};

enum state { FREE, READY, BLOCKED, ENDED };

/* t.armed: what a call that is asked again is about. */
enum armed { NOT_ARMED, SLEEPS, WATCHES, INTERRUPTED, HEARS };

/* What a blocked process waits for. */
enum reason {
    FOR_NOTHING,
    FOR_CONSOLE,
    FOR_CHILD,
    FOR_TIME,
    FOR_EVENT,    /* or for a time, too */
    FOR_FRAME,    /* likewise */
    FOR_MESSAGE,  /* to come */
    FOR_RECEIVER, /* of one that it has: t.peer */
    FOR_PIPE      /* and the pipe's number */
};

/* What is open: the console, /dev/null, an end of pipe k, or file k. */
enum handle { NO_HANDLE, CONSOLE_HANDLE, NULL_HANDLE, PIPE_HANDLES = 4, FILE_HANDLES = INT32_MIN };
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

/* The runs of table.def, a pointer each. */
typedef union table {
    struct {
#define OS_RUN(id, text)         uint32_t *id;
#define OS_RUNS(id, count, text) uint32_t *id[count];
#define OS_PLACE(id, text)       uint32_t *id;
#define OS_WORK(id, text)        uint32_t *id;
#include "os/table.def"
    };
    uint32_t *run[OS_COLUMN_RUNS];
} table;

typedef union pipe_table {
    struct {
#define OS_PIPE(id, text) uint32_t *id;
#include "os/table.def"
    };
    uint32_t *run[OS_PIPE_RUNS];
} pipe_table;

extern table t;
extern pipe_table p;
extern uint32_t columns; /* in use: one for each slot */
extern uint32_t pitch;   /* words from one run of columns to the next */
extern const os_map *map;
extern px_pixel *slots;               /* the first slot */
extern uint32_t slot_pixels;          /* of all slots */
extern uint32_t first_of[OS_CLASSES]; /* of each class: the first column */
extern uint32_t *seats, seat_mask;    /* t.pid[seats[pid & seat_mask]] is pid, if there is one */

/* process.c */
void processes_begin(void);
unsigned column_of(uint32_t pid); /* columns: there is none */
/* Strings: so many arguments, the others are the environment. */
typedef struct strings {
    const uint8_t *at;
    uint32_t bytes, arguments;
} strings;
struct program;
int32_t spawn(const struct program *, unsigned parent, const strings *with, const uint32_t handles[3]);
int32_t fork_process(unsigned who);
int32_t exec_program(unsigned who, const struct program *, const strings *with);
int32_t grow(unsigned who, uint32_t bytes);
void answer_to(unsigned who, int32_t answer);
void copy_words(px_pixel *to, const px_pixel *from, uint32_t count);

/* relations.c */
void end_process(unsigned who, uint32_t how, uint32_t status, uint32_t value);
void forget(unsigned who);
void wake(uint32_t reason);          /* all that wait for it */
void wake_those(const uint32_t *of); /* a run: not 0 for those that are meant */
bool is_above(uint32_t pid, unsigned who);
unsigned ended_child(uint32_t parent, uint32_t which, bool *any); /* columns: none has ended */
void end_stuck(void);                                             /* all wait for each other: one of them */

/* round.c */
void save_behind_round(unsigned who, uint32_t disk); /* who waits for the answer */

/* many.c: what many ask for at once, served with the same instructions */
uint32_t serve_many(uint32_t count);
void answer_many(const uint32_t *who, const uint32_t *answer); /* vl of them */
void aim(const uint32_t *at);                                  /* of what is put next */
void put_words(uint32_t *at, const uint32_t *word);            /* vl of them, in the slots; at moves on */

/* nest.c: RESUME, which has trapped. False: it traps, and the slot says how */
bool resume_for(unsigned who);

/* message.c */
int32_t post(unsigned who, uint32_t to, const uint32_t *block);
int32_t take(unsigned who, uint32_t *block); /* WAITS: nobody has one for it */
void deliver_many(void);
uint32_t next_turns(uint32_t count);

/* programs.c */
typedef struct program {
    uint32_t column;                       /* which keeps its name */
    uint32_t open;                         /* its file */
    uint32_t width, height, entry, pixels; /* of its picture, and how many are in the file: the others are 0 */
    bool plain;                            /* OS_PROGRAM_PLAIN */
} program;
int32_t program_open(const char *from, const uint8_t *name, uint32_t length, program *);
bool program_read(const program *, px_pixel *to); /* its pixels */
void program_close(const program *);
void program_name(uint32_t column, uint32_t name[OS_NAME_WORDS]);

/* console.c: what goes outside and comes from there. */
void console_begin(void);
void console_put(const void *bytes, uint32_t count);
void console_text(const char *text);
void console_number(uint32_t number);
void console_flush(void);
bool console_interrupt(void);                                   /* Ctrl-C was typed; false: nobody watches for it */
uint64_t time_now(void);                                        /* the kernel's clock */
uint64_t time_of_day(void);                                     /* nanoseconds since 1970, UTC */
int32_t console_mode(bool bytes);                               /* 1: it is a terminal */
int32_t console_failed(void);                                   /* 0, or the error of an earlier write */
bool console_get(uint8_t *bytes, uint32_t count, int32_t *got); /* false: nothing has come yet */
bool hear_host(bool idle);                                      /* false: idle, and nothing will ever come */
void console_again(void);           /* a host that the system goes on with is told what it must know */
void console_meets_anew(bool anew); /* who goes on from the picture as it is then: the machine's devices, too */
_Noreturn void shut_down(uint32_t status);

/* pipe.c */
int32_t pipe_make(unsigned who, uint32_t ends[2]);
int32_t pipe_read(uint32_t pipe, uint8_t *bytes, uint32_t count);
int32_t pipe_write(uint32_t pipe, const uint8_t *bytes, uint32_t count);
void pipe_joined(uint32_t handle); /* one more process has this end */
void pipe_left(uint32_t handle);   /* one of its ends was given back */

/* files.c: what is about files, asked by processes */
void files_begin(void);
int32_t serve_files(unsigned who, uint32_t kind, uint32_t payload, uint32_t argument);
/* At *offset, or NULL: at the handle's place. */
int32_t file_move(uint32_t open, bool written, const uint64_t *offset, uint8_t *bytes, uint32_t count);
int32_t file_peek(uint32_t open, uint32_t offset, bool to_write, uint8_t **piece, uint32_t *begin);
int32_t file_poke(uint32_t open, uint32_t offset, uint32_t end);
int32_t file_about(uint32_t open, uint32_t words[sizeof(pxo_stat) / 4]); /* what FSTAT tells */
bool file_has_room(uint32_t open, uint32_t bytes); /* surely, in however many pieces they are written */
int32_t file_left(uint32_t handle);                /* a process has given it back */
const char *folder_of(unsigned who);
void settle_files(void); /* what was changed reaches the disks */
static inline bool is_file(uint32_t open) { return (int32_t)open < 0; }

/* os/drivers/drivers.c: whether the host or a device does it: SEND, or a service of the display, its keyboard and
 * pointer */
bool drivers_serve(uint32_t service);

/* os/drivers/display.c: answers as the services have them */
int32_t display_ask(unsigned who, uint32_t kind, uint32_t payload, uint32_t argument);
void display_left(uint32_t pid);     /* a process has ended */
void display_again(void);            /* a host that the system goes on with is told what it must know */
bool display_has_keys(void);         /* what is typed is a process's, and not the console's */
bool display_is_on(void);            /* or what is pointed at */
bool display_take(void);             /* events that have come; whether there are any */
uint32_t event_reason(unsigned who); /* for which it sleeps */
int32_t events_there(unsigned who);
int32_t events_give(unsigned who, const uint32_t ring[4]);

/* ethernet.c: answers as SEND and RECEIVE have them */
int32_t frame_send(unsigned who, uint32_t bytes, uint32_t address);
int32_t frame_receive(unsigned who, uint32_t milliseconds, uint32_t address, uint32_t most); /* 0 ms: for ever */
int32_t ethernet_address(uint8_t address[6]);
bool frames_take(void); /* those that have come; whether there are any */

/* block.c */
int32_t mount_root(void);
void mount_disks(void);
int32_t can_save(uint32_t number); /* the system onto that disk: 0 or an error */
int32_t save_picture(uint32_t number);
int32_t mount_disk(uint32_t number, const char *at, bool readonly);
int32_t unmount_disk(const char *at);

/* serve.c */
int32_t serve(unsigned who, uint32_t request, uint32_t argument);
int32_t waits_for(unsigned who, uint32_t reason);
uint8_t *bytes_at(unsigned who, uint32_t address, uint32_t count);                  /* of its image, or NULL */
int32_t words_at(unsigned who, uint32_t address, uint32_t count, uint32_t **words); /* there: 0 or an error */
int32_t handle_left(uint32_t open);                                                 /* one that was a process's */

#endif
