/* child.h - what the processes in which px serve keeps executors answer besides the base requests (exec/child.h), and
 * what never leaves the machine: DRIVE runs the serial driver over operations, EMIT puts frames on a board's wire. */
#ifndef SERVE_CHILD_H
#define SERVE_CHILD_H

#include "exec/child.h"
#include "wire/serial.h"

#define PX_SERVE_OPERATIONS 16384u /* most operations of a batch */
#define PX_SERVE_RECEIVED   1024u  /* most received characters of a batch */

/* DRIVE: clock, numbers of operations, received characters, pixels of the driver (0: our own); then the three.
 * Reply: frames, errors, clock afterwards; then the
 * frames. BUSY comes in between while it gets on. */
#define PX_SERVE_DRIVE 0x7Du
enum { PX_DRIVE_CLOCK, PX_DRIVE_COUNT, PX_DRIVE_RECEIVED, PX_DRIVE_DRIVER, PX_DRIVE_HEAD };
enum { PX_DRIVEN_FRAMES, PX_DRIVEN_ERRORS, PX_DRIVEN_CLOCK, PX_DRIVEN_HEAD };

/* EMIT: frames, PX_SERVE_EMIT_MOST at most. The reply has no payload: all are in the board's queue. */
#define PX_SERVE_EMIT 0x7Cu
enum { PX_SERVE_EMIT_MOST = 64 }; /* a quarter of the queue, so that the wire never waits for the link */

#define PX_SERVE_LONGEST (PX_DRIVE_HEAD + PX_SERVE_OPERATIONS + PX_SERVE_RECEIVED + PX_SERIAL_DRIVER_MOST)

/* A plan's answer to the two. */
bool px_serve_request(px_child *child, const px_link_frame *request);

#endif
