/* answer.h - the host that answers a program's SYS: the services of pxi/HOST.md, as far as it was given what they need.
 *
 * A program may ask whatever it likes: what is wrong with a request is its answer, and nothing that was not granted is
 * touched. Only an executor that fails ends the run. */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include "answer/bare.h"
#include "answer/log.h"
#include "exec/run.h"

typedef struct px_host px_host;

/* Who looks on: print is given what a program prints, picture what it displays, while it asks for that. With meanwhile
 * it is there in place of a terminal, else beside it. meanwhile is called many times a second while a request waits,
 * may take up to some 50 ms, and may look into the machine; true: nobody wants to wait any longer, and the request
 * stays without an answer. */
typedef struct px_onlooker {
    void (*print)(void *context, const uint8_t *bytes, size_t count);
    void (*picture)(void *context, const px_picture *picture);
    bool (*meanwhile)(void *context);
    void *context;
} px_onlooker;

/* What a host is given; zeroed, it is the console, the clock and chance. Texts are as the user wrote them. */
typedef struct px_grants {
    const char *folder;       /* DIR or DIR:ro */
    const char *const *disks; /* FILE or FILE:ro */
    size_t disk_count;
    const char *net;    /* unix:PATH or unix:PATH,PEER */
    bool screen;        /* in the terminal, or, with frames, as files */
    const char *frames; /* a folder */
    bool seeded;        /* chance is a sequence that seed decides */
    uint64_t seed;
    int input, output, errors;   /* the console's descriptors; not used where an onlooker is there for a terminal;
                                    output and errors -1: only the onlooker has what is written */
    bool goes_on;                /* the program was saved while it waited for an answer */
    bool commands;               /* the key behind Ctrl-] is for the host, where input is a terminal: q ends the run */
    const px_bare *bare;         /* the machine itself; NULL: none */
    const px_onlooker *onlooker; /* or NULL */
} px_grants;

/* The texts must stay until it is closed. A disk that is a PNG, 256 pixels wide, is used as its pixels. */
bool px_host_open(px_host **host, const px_grants *grants, px_error *error);

/* Gives the terminal back as it was, too. False when what the program had written was not all written out. Also fine
 * with NULL. */
bool px_host_close(px_host *host, px_error *error);

/* The program has ended by itself: what it has written to disks that are PNGs is kept when the host is closed. */
void px_host_keep(px_host *host);

/* What it answers from now on goes into this log; NULL: no longer. */
void px_host_record(px_host *host, px_log_writer *log);

px_answerer px_host_answerer(px_host *host);

/* Whether the program has asked to end, and with which status. */
bool px_host_exited(const px_host *host, int *status);

/* Whether the machine that it was given is gone, as error says: the program stays at its request. */
bool px_host_abandoned(const px_host *host, px_error *error);

/* For a log that is fed to a machine: what a request shows, on the console and the screen, is shown once more. It
 * neither changes the machine nor waits. */
void px_host_show(px_host *host, px_machine *machine, const px_stop *stop);

/* With an onlooker, what is typed: a character, or a key of host.def, that is pressed or released. It is an event where
 * the program wants events, else what its console reads. False when there is no room for it. */
bool px_host_key(px_host *host, uint32_t key, bool pressed);

/* Whether the program wants each byte as it comes, and edits lines itself; else whole lines are typed, and echoed. */
bool px_host_gives_bytes(const px_host *host);

/* The pointer over a pixel of the screen, and the buttons held: an event where the program wants these. */
void px_host_pointer(px_host *host, uint32_t x, uint32_t y, uint32_t buttons);

#endif
