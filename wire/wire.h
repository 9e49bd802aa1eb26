/* wire.h - where the frames of the serial driver go, and where characters come from: standard output, a file, a
 * pseudo-terminal, a serial port. Its owner polls; nothing here waits, but for a file's disk.
 *
 *   -             standard output: one byte a frame
 *   FILE          appended: one byte a frame, so that its length is the total of frames
 *   frames:FILE   appended: four bytes a frame, the whole pixel
 *   pty           a new pseudo-terminal: one byte a frame; what is typed there are received characters
 *   /dev/...      a serial port: each frame with its own divisor and line control
 *   board         the wire of the board that is the executor; its owner brings the frames there
 *
 * A break is sent as a break on a serial port, and as its frame's data elsewhere. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

enum { PX_WIRE_QUEUE = 4096 }; /* characters that are kept; what comes when they are so many is lost */

typedef struct px_wire px_wire;
typedef enum px_wire_progress { PX_WIRE_WORKING, PX_WIRE_SENT, PX_WIRE_FAILED } px_wire_progress;

bool px_wire_open(px_wire **wire, const char *spec, px_error *error);
void px_wire_close(px_wire *wire); /* also fine with NULL */

const char *px_wire_name(const px_wire *wire); /* "stdout", the file's name, "/dev/pts/5" */
bool px_wire_remembers(const px_wire *wire);   /* whether the total survives the process */
uint64_t px_wire_total(const px_wire *wire);   /* frames emitted */

/* Sends count frames, which stay where they are until px_wire_step says that it is over. After PX_WIRE_FAILED, total
 * tells how many of them are out: of a file none, its length is what it was. */
void px_wire_send(px_wire *wire, const uint32_t *frames, size_t count);
px_wire_progress px_wire_step(px_wire *wire, short events, double now, px_error *error);

/* What to poll, -1 for nothing; and when to call px_wire_step at the latest, 0 for never. */
int px_wire_poll(const px_wire *wire, short *events, double *at);

/* A board's: the frames that go next, at most most, and how many of them were taken. It is over when none are left. */
bool px_wire_is_board(const px_wire *wire);
const uint32_t *px_wire_next(const px_wire *wire, uint32_t most, uint32_t *count);
void px_wire_taken(px_wire *wire, uint32_t count);

/* Takes in what has come. A terminal that was hung up gives nothing more. */
void px_wire_receive(px_wire *wire);
/* The oldest characters, R data, A error flags: copies at most most of them, and returns how many. They stay until they
 * are dropped. */
uint32_t px_wire_characters(const px_wire *wire, uint32_t *characters, uint32_t most);
void px_wire_drop(px_wire *wire, uint32_t count);

#endif
