/* hosting.h - what commands share that answer a program's SYS by a host of its own, or by a log of one: their options,
 * and what comes before and after the run. */
#ifndef HOST_HOSTING_H
#define HOST_HOSTING_H

#include "answer/answer.h"
#include "host/arguments.h"

enum { PX_HOSTING_DISKS = 64 };

/* clang-format off */
#define PX_HOSTING_OPTIONS(h) \
    {"host", 0, NULL, "answer SYS: console, clock, chance, and what the program is granted", .flag = &(h)->host}, \
    {"grant", 0, "DIR", "the program may use files below DIR; DIR:ro: only read them", .text = &(h)->grants.folder}, \
    {"disk", 0, "FILE", "a disk image; FILE:ro: only to be read; several: disks 0, 1, ..", .values = &(h)->disks}, \
    {"net", 0, "PLACE", "an Ethernet: unix:PATH[,PEER], sockets whose datagrams are frames (QEMU's -netdev dgram)", .text = &(h)->grants.net}, \
    {"screen", 0, "DIR", "a display in the terminal, its keys and mouse; with DIR as PNG files there", .flag = &(h)->grants.screen, .text = &(h)->grants.frames}, \
    {"seed", 0, "N", "chance is the sequence of this number", .text = &(h)->seed}, \
    {"record", 0, "FILE", "write every answer, and every pixel that the host writes, to a log", .text = &(h)->record}, \
    {"replay", 0, "FILE", "answer SYS as a log says, which --record wrote for this program", .input = &(h)->replay}
/* clang-format on */

typedef struct px_hosting {
    bool host;
    px_grants grants;
    const char *disk[PX_HOSTING_DISKS];
    px_values disks; /* of disk; px_hosting_init */
    const char *seed, *record, *replay;
    bool told; /* the onlooker has what the program prints, and nobody else */
    px_answers scripted; /* those of --answers */

    px_host *running;
    px_log_writer *log;
    px_log *read;
} px_hosting;

/* Before its options are read. */
void px_hosting_init(px_hosting *hosting);

/* When they have been: whether they go together, and with --answers, which may be NULL. */
bool px_hosting_check(px_hosting *hosting, const char *answers, px_error *error);

/* Whether SYS is answered by either. */
static inline bool px_hosting_answers(const px_hosting *hosting) { return hosting->host || hosting->replay != NULL; }

/* Before the run: *answerer answers, *budget is what a log leaves of it. show: what a log's program wrote to its
 * console is written again. */
bool px_hosting_begin(px_hosting *hosting, const px_state *start, bool show, uint64_t *budget, px_answerer *answerer,
                      px_error *error);

/* The same for commands that take --answers, too: these answer where neither of the two does, and what is worth knowing
 * of a log is said. */
bool px_hosting_begin_any(px_hosting *hosting, const char *answers, const px_state *start, bool show, uint64_t *budget,
                          px_answerer *answerer, px_error *error);

/* After it: closes everything. *exited: the program has ended itself, with *status. */
bool px_hosting_end(px_hosting *hosting, const px_stop *stop, bool *exited, int *status, px_error *error);

/* When something else failed. */
void px_hosting_abandon(px_hosting *hosting);

/* What is worth knowing of a log that is fed: that it was cut off. */
void px_hosting_note(const px_hosting *hosting);

#endif
