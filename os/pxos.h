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
    PXO_MESSAGE_WORDS = 4,
    PXO_HEAP_PIXEL = 4 /* of a picture: the request that asks for more heap (cc/ABI.md) */
};

typedef struct pxo_spawn {
    uint32_t name, name_length, arguments, bytes, input, output;
} pxo_spawn;

typedef struct pxo_ended {
    uint32_t how, status, value;
} pxo_ended;

typedef struct pxo_process {
    uint32_t pid, parent, state, instructions;
    char name[PXO_NAME_BYTES];
} pxo_process;

/* A payload has 24 bits; what does not fit must not become another's number. */
enum { PXO_MOST_PAYLOAD = 0xFFFFFF };

#define PXO_ADDRESS(object) ((uint32_t)(uintptr_t)(object))

PX_INLINE int32_t pxo_getpid(void) { return px_sys(PXH_REQUEST(PXO_GETPID, 0), 0); }
PX_INLINE int32_t pxo_start(const pxo_spawn *what) { return px_sys(PXH_REQUEST(PXO_SPAWN, 0), PXO_ADDRESS(what)); }

/* which: a child or 0, and PXO_NOW */
PX_INLINE int32_t pxo_wait(uint32_t which, pxo_ended *how)
{
    return which > PXO_MOST_PAYLOAD ? PXH_E_ABSENT : px_sys(PXH_REQUEST(PXO_WAITPID, which), PXO_ADDRESS(how));
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

#endif
