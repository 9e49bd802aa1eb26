/* direct.h - a board at pxHV's own cable, without px serve: pxHV is the client of LINK.md's section 3, and runs the
 * driver of its disk there (pxi/programs/SERIAL.md). The frames leave at the board's wire, where it has one, else at
 * COM1; characters come in at COM1. */
#ifndef SERIAL_DIRECT_H
#define SERIAL_DIRECT_H

#include "firmware/serial/client.h"

/* HELLO's answer, of an endpoint without capability BATCH; now tells guest time. LANDED: it can serve. REFUSES: it
 * cannot, and client_counted.lost says why. */
client_news direct_meet(const px_link_frame *hello, uint32_t most, const serial_driver *program, pc_time patience,
                        pc_time (*now)(void));

/* Where frames leave: "the board's wire", "COM1". */
const char *direct_wire(void);

extern const client direct_client;

#endif
