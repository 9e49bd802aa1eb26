/* internal.h - a host's parts, for each other. */
#ifndef ANSWER_INTERNAL_H
#define ANSWER_INTERNAL_H

#include <sys/types.h>

#include "answer/answer.h"
#include "pxi/host.h"
#include "wire/socket_name.h"

/* ---- the list ---- */

enum px_grant {
#define PXH_GRANT(id, option, text) PXH_GRANT_##id,
#include "pxi/host.def"
    PXH_GRANTS /* how many */
};

/* What a service answers. Below 0 it is an error of host.def, or this: there is no answer yet. */
typedef int32_t px_reply;
#define PXH_WAITS INT32_MIN

/* ---- its parts ---- */

enum {
    HOST_CONSOLE_ROOM = 65536,
    HOST_HANDLES = 64,
    HOST_EVENTS = 256,
    HOST_BLOCK = 65536,
    HOST_PATH = 4096,
    HOST_LINES = 256
};

typedef struct px_console {
    int input, output, errors;
    uint8_t in[4096];
    size_t in_at, in_count;
    bool ended;  /* nothing more will come */
    bool broken; /* its input failed */
    bool told;   /* an event has said that there is something */
    uint8_t *out;
    size_t out_count;
    bool closed;   /* nobody takes what is written */
    bool lost;     /* some of it could not be written */
    double since;  /* by a clock of its own, when the oldest byte in out was written */
    bool keys;     /* what is typed are events */
    bool raw;      /* each key comes as it is */
    bool commands; /* the key behind Ctrl-] is for the host */
    bool prefixed; /* Ctrl-] was the last one */
    double looked; /* for commands, by the same clock */
} px_console;

typedef struct px_open {
    int fd; /* -1: none */
    bool folder, readable, writable, append;
    uint64_t place;
} px_open;

typedef struct px_files {
    int root; /* -1: none */
    bool read_only;
    px_open at[HOST_HANDLES];
} px_files;

typedef struct px_disk {
    int fd, held;
    uint64_t sectors;
    bool read_only, written;
    char *png; /* the picture that it was, and becomes again when the program ends by itself; NULL: a raw file */
} px_disk;

typedef struct px_event {
    uint32_t kind, a, b, time;
} px_event;

typedef struct px_pages {
    uint32_t first, count; /* count 0: none */
    bool image;            /* they are the image's own place, and not of those that are given out */
} px_pages;

struct px_host {
    bool granted[PXH_GRANTS];
    const px_onlooker *onlooker;
    px_console console;
    px_files files;
    px_disk *disks;
    size_t disk_count;
    bool keeps; /* disks that are pictures are written */
    int net;    /* -1: none */
    char *net_path, *net_peer;
    px_socket_name net_name;
    bool net_told;
    uint8_t *frame; /* received and not yet taken */
    size_t frame_size;
    const char *frames; /* the folder of the screen's; NULL: the terminal */
    unsigned frame_number;
    uint32_t screen_width, screen_height; /* of the latest picture */
    bool screen_on, pointer;
    uint32_t cell_width, cell_height; /* pixels of the screen that are a character's */
    px_event events[HOST_EVENTS];
    uint32_t event_first, event_count, events_lost;
    const px_bare *bare; /* NULL: none */
    px_pages pages[HOST_HANDLES];
    uint8_t line_number[HOST_LINES]; /* of the interrupts that come by it */
    uint32_t lines;
    bool seeded;
    uint64_t chance; /* the seeded sequence's state */
    double began;

    /* The request that is being served. */
    px_machine *machine;
    uint32_t pixels;
    bool listed;    /* it is in a list, or shown again: nothing waits */
    bool showing;   /* nothing is put */
    bool goes_on;   /* another host was asked for it, before the program was saved */
    bool failed;    /* the executor did */
    bool abandoned; /* there will be no answer: the machine that was to do it is gone */
    px_error *error;
    px_error why; /* it was abandoned */
    /* What it waits for. */
    bool wants_input, wants_frame, wants_interrupt;
    double wakes;       /* by px_seconds; 0: never */
    double waits_until; /* the same, of a WAIT that counts from when it began; 0: none */

    px_log_writer *log;
    bool exited;
    int status;
};

/* Whether an onlooker is there in place of a terminal. */
static inline bool host_replaced(const px_host *host)
{
    return host->onlooker != NULL && host->onlooker->meanwhile != NULL;
}

/* ---- the image (memory.c): bytes and words at byte addresses. 0, or what the answer is ---- */

px_reply host_within(const px_host *host, uint64_t address, uint64_t bytes);
px_reply host_get_words(px_host *host, uint32_t address, uint32_t *words, uint32_t count);
px_reply host_put_words(px_host *host, uint32_t address, const uint32_t *words, uint32_t count);
px_reply host_get_bytes(px_host *host, uint32_t address, uint8_t *bytes, uint32_t count);
px_reply host_put_bytes(px_host *host, uint32_t address, const uint8_t *bytes, uint32_t count);

/* A request whose bytes may be many: piece by piece through a buffer. Ends early with what was done, or with the error
 * if that is nothing. */
typedef px_reply host_piece(px_host *host, void *context, uint8_t *bytes, uint32_t count); /* how many were done */
px_reply host_from_image(px_host *host, uint32_t address, uint32_t count, host_piece *take, void *context);
px_reply host_to_image(px_host *host, uint32_t address, uint32_t count, host_piece *give, void *context);

px_reply host_error(int number); /* for an errno of a file or a disk */

/* ---- console.c ---- */
bool console_open(px_host *host, const px_grants *grants, px_error *error);
bool console_close(px_host *host);
px_reply console_flush(px_host *host);
void console_flush_when_old(px_host *host);
px_reply console_write(px_host *host, const uint8_t *bytes, uint32_t count); /* what the program prints */
px_reply console_put(px_host *host, const uint8_t *bytes, uint32_t count);   /* to the terminal alone */
bool console_ready(px_host *host);                                           /* INPUT would not wait */
void console_take_keys(px_host *host);
px_reply console_read(px_host *host, uint32_t address, uint32_t most);
void console_raw(px_host *host, bool raw);
void console_look(px_host *host); /* for a command that is typed while nobody reads */
px_reply host_write_errors(px_host *host, const uint8_t *bytes, uint32_t count);

/* ---- files.c ---- */
bool files_open(px_host *host, const char *folder, px_error *error);
void files_close(px_host *host);
/* A file or folder below root by its name, whatever links there are; walk: without openat2. -1 with errno. */
int px_open_beneath(int root, const char *name, int flags, unsigned mode, bool walk);

/* ---- disk.c ---- */
bool disks_open(px_host *host, const char *const *disks, size_t count, px_error *error);
bool disks_close(px_host *host, px_error *error);
bool host_read_only_name(const char *text, char *name, size_t size); /* cuts ":ro" off */

/* ---- net.c ---- */
bool net_open(px_host *host, const char *place, px_error *error);
void net_close(px_host *host);
bool net_ready(px_host *host);

/* ---- screen.c ---- */
bool screen_open(px_host *host, const px_grants *grants, px_error *error);
void screen_close(px_host *host);

/* ---- machine.c ---- */
void machine_open(px_host *host, const px_bare *bare);
void machine_look(px_host *host); /* interrupts become events */

/* A request that the machine's processor does: what is asked of it, and where in the image its answer goes. Several may
 * be made ready before they are asked, and then finished in their order. */
typedef struct px_privileged {
    px_bare_request ask[2];
    uint32_t asks;
    uint32_t at, words; /* what was read */
    px_reply bad;       /* nothing is asked: this is the answer */
    px_reply fault;     /* what a fault is answered with; 0: it is no error */
} px_privileged;
bool machine_does(const px_host *host, uint32_t request);
void machine_prepare(px_host *host, px_privileged *p, uint32_t request, uint32_t argument);
bool machine_ask(px_host *host, px_bare_request *requests, uint32_t count); /* false: abandoned */
px_reply machine_finish(px_host *host, const px_privileged *p);
bool machine_rest(px_host *host, bool begins); /* a wait begins or has ended; false: abandoned */

/* ---- events.c ---- */
void host_tell(px_host *host, uint32_t kind, uint32_t a, uint32_t b);
uint32_t host_time(const px_host *host); /* milliseconds of CLOCK 0 */

/* ---- the services, each in the file of its part ---- */
typedef px_reply px_service(px_host *host, uint32_t payload, uint32_t argument);
#define DECLARE_NONE(id)                                                                       px_service answer_##id;
#define DECLARE_FILES(id)                                                                      px_service answer_##id;
#define DECLARE_DISKS(id)                                                                      px_service answer_##id;
#define DECLARE_NETWORK(id)                                                                    px_service answer_##id;
#define DECLARE_SCREEN(id)                                                                     px_service answer_##id;
#define DECLARE_MACHINE(id)                                                                    px_service answer_##id;
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) DECLARE_##grant(id)
#include "pxi/host.def"

/* One request, wherever it stands. */
px_reply host_serve(px_host *host, uint32_t request, uint32_t argument);

#endif
