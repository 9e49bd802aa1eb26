/* snapshot.h - states that a machine has been in, which share what is alike in their images. */
#ifndef EXEC_SNAPSHOT_H
#define EXEC_SNAPSHOT_H

#include "exec/machine.h"

typedef struct px_tile px_tile;

typedef struct px_snapshot {
    uint64_t at;
    px_state fields; /* without pixels */
    px_tile **tiles;
} px_snapshot;

typedef struct px_snapshots {
    px_snapshot *of; /* by at */
    size_t count, room;
    uint32_t pixels, tiles; /* of an image */
    uint64_t bytes, most;   /* taken, and how many they should at most be */
    px_snapshot mark;       /* one more, anywhere, where it has tiles */
} px_snapshots;

px_snapshots px_snapshots_of(uint32_t pixels, uint64_t most);
void px_snapshots_free(px_snapshots *list);

/* One more, of a position behind all others. */
bool px_snapshot_take(px_snapshots *list, px_machine *machine, uint64_t at, px_error *error);

/* The same as the mark, in place of the one before; as far as it is alike, it shares with the snapshot before it. */
bool px_snapshot_mark(px_snapshots *list, px_machine *machine, uint64_t at, px_error *error);

/* Forgets those at a position and behind it. */
void px_snapshots_cut(px_snapshots *list, uint64_t from);

/* The last one at a position or before it; there is one. */
size_t px_snapshot_before(const px_snapshots *list, uint64_t at);

/* The machine becomes what it was. */
bool px_snapshot_restore(const px_snapshots *list, const px_snapshot *which, px_machine *machine, px_error *error);

uint32_t px_snapshot_pixel(const px_snapshots *list, size_t which, uint32_t address);

#endif
