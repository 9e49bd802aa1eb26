/* exchange.h - one request under way on the link, and what becomes of it: numbered, repeated when nothing comes, BUSY
 * waited out (pxi/LINK.md, sections 2 and 4). Nothing here waits. */
#ifndef SERIAL_EXCHANGE_H
#define SERIAL_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/pc/pc.h"
#include "firmware/serial/link_port.h"

typedef enum exchange_event {
    EXCHANGE_WAITS, /* or nothing is under way */
    EXCHANGE_ANSWERED,
    EXCHANGE_REFUSED,  /* the answer is ERROR */
    EXCHANGE_NONSENSE, /* an answer that this request cannot have */
    EXCHANGE_SILENT    /* asked five times, to no avail */
} exchange_event;

/* The payload of the next request; it stays while the request is under way. */
extern uint32_t exchange_words[LINK_PORT_WORDS];

/* patience: how long an answer may take the first time, and twice that the next. now tells guest time. */
void exchange_open(pc_time patience, pc_time (*now)(void));
void exchange_be_patient(pc_time patience);

/* Sends a request whose payload is exchange_words[0..length-1]. */
void exchange_ask(uint8_t type, uint32_t length);

/* Whatever it says but WAITS ends the request; the answer's payload is good until the next call. */
exchange_event exchange_poll(px_link_frame *answer);

/* How often the last request was sent. */
unsigned exchange_sent(void);

/* Requests sent again, ever. */
uint64_t exchange_repeats(void);

#endif
