/* internal.h - the device's parts, for each other: server.c has the socket, mailbox.c the shared memory. */
#ifndef PCI_INTERNAL_H
#define PCI_INTERNAL_H

#include <sys/types.h>

#include "pci/pci.h"
#include "wire/socket_name.h"

enum {
#define MICRO_PLACE(id, offset, bytes, writer, text) AT_##id = offset,
#define MICRO_FIELD(id, offset, bytes, writer, text) ENTRY_##id = offset,
#define MICRO_OP(id, number, address, value, text)   OP_##id = number,
#define MICRO_STATUS(id, number, text)               STATUS_##id = number,
#include "firmware/micro/mailbox.def"
};
enum micro_number {
#define MICRO_NUMBER(id, number, text) MICRO_##id = number,
#include "firmware/micro/mailbox.def"
};

struct px_pci {
    px_socket_name place;
    int listener, client; /* sockets; -1: none */
    bool looked;          /* the last client was no machine */
    int memory_fd;
    int doorbell, interrupt; /* eventfds: the machine rings here; what is written there interrupts it */
    int wakes;               /* epoll: the doorbell, or the socket's end */
    pid_t emulator;          /* 0: not known */
    uint8_t *memory;
    uint64_t size;
    uint64_t image_from, pages_from; /* where the image begins, and what is behind it */
    uint32_t timeout;
    uint64_t sequence, generation, events; /* of the newest batch; of the machine; taken */
    bool reset;
    px_bare bare;
    px_pci_counts counts;
};

/* ---- server.c ---- */
bool server_listen(px_pci *pci, const char *listen, px_error *error);
bool server_accept(px_pci *pci, px_error *error); /* a machine that comes, if one does within a moment */
bool server_connected(px_pci *pci);
double server_emulator_seconds(const px_pci *pci);
void server_close(px_pci *pci);

/* ---- mailbox.c ---- */
void mailbox_clear(px_pci *pci);
bool mailbox_meet(px_pci *pci, px_error *error); /* once; false with nothing in error: not yet */

#endif
