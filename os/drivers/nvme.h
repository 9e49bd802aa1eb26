/* nvme.h - an NVMe disk: queues, lists of pages and data lie in pages beside the picture, and several commands are
 * under way at a time. For the kernel's driver, and for a program that has the machine for itself. */
#ifndef OS_DRIVERS_NVME_H
#define OS_DRIVERS_NVME_H

#include "os/drivers/machine.h"

#ifndef NVME_DEPTH
#define NVME_DEPTH 8 /* commands under way */
#endif
#ifndef NVME_PIECE
#define NVME_PIECE 65536 /* bytes that a command moves at most */
#endif

enum { NVME_SECTOR = 512 };
enum nvme_operation { NVME_FLUSH, NVME_WRITE, NVME_READ };

typedef struct nvme_queue {
    uint32_t tail, head, phase;
    uint32_t told; /* the head that the disk knows of */
} nvme_queue;

typedef struct nvme {
    uint64_t registers, sectors;
    uint32_t stride, most; /* of doorbells; bytes that a command of this disk moves */
    bool dead;             /* it does not answer, and is not asked again */
    machine_pages pages, image;
    nvme_queue admin, io;
} nvme;

/* As DISK_READ has it: sectors one behind the other, and where in the image they go or come from, which is a multiple of
 * 4. */
typedef struct nvme_piece {
    uint32_t sector, sector_high, sectors, address;
} nvme_piece;

/* The function's first namespace, if that has sectors of 512 bytes. */
bool nvme_begin(nvme *disk, uint32_t bdf, uint32_t interrupt);

/* 0 when all are done; else the first error, and what the pieces hold is not known. Of FLUSH there is one piece of no
 * sectors. */
int32_t nvme_move(nvme *disk, enum nvme_operation operation, const nvme_piece *pieces, uint32_t count);

#endif
