/* pxos.h - what a process of pxOS can ask its kernel beside px_host.h's services, for C. os.def has the list, OS.md
 * says what it means. Answers below 0 are px_host.h's errors. */
#ifndef PXOS_H
#define PXOS_H

#include <stdint.h>

#include "px.h"
#include "px_host.h"

enum {
#define PXO_CALL(id, number, payload, argument, answer, errors, text) PXO_##id = number,
#include "os/os.def"
};
#define PXO_VALUE(id, value, text) static const uint32_t PXO_##id __attribute__((unused)) = value;
#include "os/os.def"

enum {
    PXO_NAME_BYTES = 16, /* of a program, its last byte 0 */
    PXO_MOST_PATH = 255, /* bytes of a path */
    PXO_MESSAGE_WORDS = 4,
    PXO_HEAP_PIXEL = 4 /* of a picture: the request that asks for more heap (cc/ABI.md) */
};

typedef struct pxo_spawn {
    uint32_t name, name_length, arguments, bytes, input, output;
} pxo_spawn;

/* With PXO_MORE. */
typedef struct pxo_spawn_more {
    pxo_spawn what;
    uint32_t errors, count; /* of arguments; the strings behind them are the environment */
} pxo_spawn_more;

typedef struct pxo_ended {
    uint32_t how, status, value;
} pxo_ended;

/* width and height are told. */
typedef struct pxo_picture {
    uint32_t address, pixels, first, width, height;
} pxo_picture;

typedef struct pxo_process {
    uint32_t pid, parent, state, instructions;
    char name[PXO_NAME_BYTES];
} pxo_process;

/* A payload has 24 bits; what does not fit must not become another's number. */
enum { PXO_MOST_PAYLOAD = 0xFFFFFF };

typedef struct pxo_name {
    uint32_t name, length;
} pxo_name;

typedef struct pxo_rename {
    uint32_t name, length, target, target_length;
} pxo_rename;

typedef struct pxo_told {
    uint32_t name, length, address;
} pxo_told;

typedef struct pxo_stat {
    uint32_t kind, size, size_high, modified, modified_high, number, names, file_system;
} pxo_stat;

typedef struct pxo_space {
    uint32_t bytes, bytes_high, free, free_high;
} pxo_space;

typedef struct pxo_mount {
    uint32_t readonly;
    char type[16], path[256];
} pxo_mount;

#define PXO_ADDRESS(object) ((uint32_t)(uintptr_t)(object))

PX_INLINE int32_t pxo_getpid(void) { return px_sys(PXH_REQUEST(PXO_GETPID, 0), 0); }
PX_INLINE int32_t pxo_start(const pxo_spawn *what) { return px_sys(PXH_REQUEST(PXO_SPAWN, 0), PXO_ADDRESS(what)); }

PX_INLINE int32_t pxo_start_more(const pxo_spawn_more *what)
{
    return px_sys(PXH_REQUEST(PXO_SPAWN, PXO_MORE), PXO_ADDRESS(what));
}

/* which: a child or 0, and PXO_NOW and PXO_KEEP */
PX_INLINE int32_t pxo_wait(uint32_t which, pxo_ended *how)
{
    return which > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_WAITPID, which), PXO_ADDRESS(how));
}
/* the same, and 0 when Ctrl-C is typed */
PX_INLINE int32_t pxo_watch(uint32_t which, pxo_ended *how)
{
    return which > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_WATCH, which), PXO_ADDRESS(how));
}
/* of a child that has ended and was kept */
PX_INLINE int32_t pxo_look(uint32_t pid, pxo_picture *what)
{
    return pid > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_PICTURE, pid), PXO_ADDRESS(what));
}
PX_INLINE int32_t pxo_kill(uint32_t pid)
{
    return pid > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_KILL, pid), 0);
}
PX_INLINE int32_t pxo_fork(void) { return px_sys(PXH_REQUEST(PXO_FORK, 0), 0); }
/* what's input and output are not looked at; returns where it fails */
PX_INLINE int32_t pxo_exec(const pxo_spawn *what) { return px_sys(PXH_REQUEST(PXO_EXEC, 0), PXO_ADDRESS(what)); }
PX_INLINE int32_t pxo_heap(uint32_t bytes) { return px_sys(PXH_REQUEST(PXO_HEAP, 0), bytes); }
PX_INLINE int32_t pxo_priority(uint32_t pid, uint32_t level)
{
    return pid > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_PRIORITY, pid), level);
}
PX_INLINE int32_t pxo_post(uint32_t pid, const uint32_t words[PXO_MESSAGE_WORDS])
{
    return pid > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_POST, pid), PXO_ADDRESS(words));
}
/* how: 0 or PXO_NOW */
PX_INLINE int32_t pxo_take(uint32_t how, uint32_t words[PXO_MESSAGE_WORDS])
{
    return px_sys(PXH_REQUEST(PXO_TAKE, how), PXO_ADDRESS(words));
}
PX_INLINE int32_t pxo_about(uint32_t pid, pxo_process *about)
{
    return pid > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_PROCESS, pid), PXO_ADDRESS(about));
}
PX_INLINE int32_t pxo_pipe(uint32_t ends[2]) { return px_sys(PXH_REQUEST(PXO_PIPE, 0), PXO_ADDRESS(ends)); }
PX_INLINE int32_t pxo_close(uint32_t handle)
{
    return handle > PXO_MOST_PAYLOAD ? PXH_E_HANDLE : px_sys(PXH_REQUEST(PXH_CLOSE, handle), 0);
}
PX_INLINE int32_t pxo_sleep(uint32_t milliseconds)
{
    return milliseconds > PXO_MOST_PAYLOAD ? PXH_E_INVALID : px_sys(PXH_REQUEST(PXH_WAIT, milliseconds), 0);
}
PX_INLINE int32_t pxo_processes(pxo_process *list, uint32_t most)
{
    most = most < PXO_MOST_PAYLOAD ? most : PXO_MOST_PAYLOAD;
    return px_sys(PXH_REQUEST(PXO_PROCESSES, most), PXO_ADDRESS(list));
}

/* ---- the display, its keyboard and pointer ---- */

typedef struct pxo_event {
    uint32_t kind, a, b, time;
} pxo_event;

PX_INLINE int32_t pxo_display(const uint32_t *pixels, uint32_t width, uint32_t height)
{
    const uint32_t block[4] = {PXO_ADDRESS(pixels), width, height, width};
    return px_sys(PXH_REQUEST(PXH_DISPLAY, 0), PXO_ADDRESS(block));
}
PX_INLINE int32_t pxo_keyboard(uint32_t on) { return px_sys(PXH_REQUEST(PXH_KEYBOARD, on), 0); }
PX_INLINE int32_t pxo_pointer(uint32_t on) { return px_sys(PXH_REQUEST(PXH_POINTER, on), 0); }
/* Until some have come, or for so many milliseconds; 0: as long as it takes. How many. */
PX_INLINE int32_t pxo_wait_events(pxo_event *events, uint32_t most, uint32_t milliseconds)
{
    const uint32_t block[6] = {PXO_ADDRESS(events), most, 0, most, 0, 0};
    return milliseconds > PXO_MOST_PAYLOAD ? PXH_E_INVALID
                                           : px_sys(PXH_REQUEST(PXH_WAIT, milliseconds), PXO_ADDRESS(block));
}

/* ---- files; names have their lengths ---- */

PX_INLINE int32_t pxo_open(const char *name, uint32_t length, uint32_t flags)
{
    const pxo_name block = {PXO_ADDRESS(name), length};
    return px_sys(PXH_REQUEST(PXH_OPEN, flags & PXO_MOST_PAYLOAD), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_mkdir(const char *name, uint32_t length)
{
    const pxo_name block = {PXO_ADDRESS(name), length};
    return px_sys(PXH_REQUEST(PXO_MKDIR, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_remove(const char *name, uint32_t length)
{
    const pxo_name block = {PXO_ADDRESS(name), length};
    return px_sys(PXH_REQUEST(PXO_REMOVE, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_chdir(const char *name, uint32_t length)
{
    const pxo_name block = {PXO_ADDRESS(name), length};
    return px_sys(PXH_REQUEST(PXO_CHDIR, 0), PXO_ADDRESS(&block));
}
/* The path's length; it has no byte 0 behind it. */
PX_INLINE int32_t pxo_folder(char *path, uint32_t bytes)
{
    bytes = bytes < PXO_MOST_PAYLOAD ? bytes : PXO_MOST_PAYLOAD;
    return px_sys(PXH_REQUEST(PXO_FOLDER, bytes), PXO_ADDRESS(path));
}
PX_INLINE int32_t pxo_move(const char *name, uint32_t length, const char *target, uint32_t target_length)
{
    const pxo_rename block = {PXO_ADDRESS(name), length, PXO_ADDRESS(target), target_length};
    return px_sys(PXH_REQUEST(PXO_RENAME, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_link(const char *name, uint32_t length, const char *target, uint32_t target_length)
{
    const pxo_rename block = {PXO_ADDRESS(name), length, PXO_ADDRESS(target), target_length};
    return px_sys(PXH_REQUEST(PXO_LINK, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_stat_of(const char *name, uint32_t length, pxo_stat *about)
{
    const pxo_told block = {PXO_ADDRESS(name), length, PXO_ADDRESS(about)};
    return px_sys(PXH_REQUEST(PXO_STAT, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_free(const char *name, uint32_t length, pxo_space *space)
{
    const pxo_told block = {PXO_ADDRESS(name), length, PXO_ADDRESS(space)};
    return px_sys(PXH_REQUEST(PXO_SPACE, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_sync(void) { return px_sys(PXH_REQUEST(PXO_SYNC, 0), 0); }
PX_INLINE int32_t pxo_save(uint32_t disk)
{
    return disk > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_SAVE, disk), 0);
}
/* disk: a number below 256, and PXO_READONLY */
PX_INLINE int32_t pxo_attach(uint32_t disk, const char *name, uint32_t length)
{
    const pxo_name block = {PXO_ADDRESS(name), length};
    return px_sys(PXH_REQUEST(PXO_MOUNT, disk & PXO_MOST_PAYLOAD), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_detach(const char *name, uint32_t length)
{
    const pxo_name block = {PXO_ADDRESS(name), length};
    return px_sys(PXH_REQUEST(PXO_UNMOUNT, 0), PXO_ADDRESS(&block));
}
PX_INLINE int32_t pxo_mounted(uint32_t number, pxo_mount *what)
{
    return px_sys(PXH_REQUEST(PXO_MOUNTS, number & PXO_MOST_PAYLOAD), PXO_ADDRESS(what));
}

#endif
