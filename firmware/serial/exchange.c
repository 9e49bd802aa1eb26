/* exchange.c - see exchange.h. */
#include "firmware/serial/exchange.h"

#define TRIES 5u

uint32_t exchange_words[LINK_PORT_WORDS];

static pc_time patience, deadline;
static pc_time (*clock_now)(void);
static px_link_frame request;
static bool asked;
static uint8_t sequence;
static unsigned tries, sent; /* since the last sign of life; ever */
static uint64_t repeats;

void exchange_open(pc_time how_long, pc_time (*now)(void))
{
    patience = how_long;
    clock_now = now;
    asked = false;
    repeats = 0;
}

void exchange_be_patient(pc_time how_long) { patience = how_long; }
unsigned exchange_sent(void) { return sent; }
uint64_t exchange_repeats(void) { return repeats; }

static void transmit(void)
{
    deadline = clock_now() + (patience << tries);
    tries++;
    sent++;
    link_port_send(&request);
}

void exchange_ask(uint8_t type, uint32_t length)
{
    request = (px_link_frame){PX_LINK_VERSION, type, ++sequence, length, exchange_words};
    tries = sent = 0;
    asked = true;
    transmit();
}

/* The request has arrived: the waiting begins anew. */
static bool is_busy(const px_link_frame *f)
{
    if (f->type != PXL_BUSY)
        return false;
    deadline = clock_now() + patience;
    tries = 1;
    return true;
}

exchange_event exchange_poll(px_link_frame *answer)
{
    while (link_port_poll(answer)) {
        if (!asked || answer->version != PX_LINK_VERSION || answer->sequence != sequence || is_busy(answer))
            continue;
        asked = false;
        if (answer->type == PXL_ERROR)
            return EXCHANGE_REFUSED;
        return answer->type == (request.type | PX_LINK_REPLY) ? EXCHANGE_ANSWERED : EXCHANGE_NONSENSE;
    }
    if (!asked || clock_now() <= deadline)
        return EXCHANGE_WAITS;
    if (tries < TRIES) {
        repeats++;
        transmit();
        return EXCHANGE_WAITS;
    }
    asked = false;
    return EXCHANGE_SILENT;
}
