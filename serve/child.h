/* child.h - the process in which px serve keeps an executor: link frames in and out of a socket.
 *
 * It answers the base requests (exec/endpoint.h), and two more that never leave the machine: DRIVE runs the serial
 * driver over operations, EMIT puts frames on a board's wire. It begins by sending an unasked reply, sequence number 0:
 * HELLO's when the executors are open, with capability WIRE where one of them is a board that has a wire; ERROR when
 * they cannot be had. */
#ifndef SERVE_CHILD_H
#define SERVE_CHILD_H

#include "exec/lockstep.h"
#include "pxi/link.h"
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

/* What fork() gives to the child; it never returns. */
_Noreturn void px_child_main(int fd, const char *on, uint32_t most_pixels, uint64_t files, px_lockstep_note *note);

#endif
