/* uart_model.c - the UART beside a simulated board, bit by bit. */
#include "sim/uart_model.h"

#include <math.h>
#include <stddef.h>

enum { FRAME_BITS = 10 };

void px_uart_noise_init(px_uart_noise *noise, double probability, uint32_t seed)
{
    *noise = (px_uart_noise){.state = UINT64_C(0x9E3779B97F4A7C15) ^ seed};
    noise->threshold = probability >= 1 ? UINT64_MAX : (uint64_t)ldexp(probability, 64);
}

/* xorshift64* */
static bool flips(px_uart_noise *noise)
{
    if (noise == NULL || noise->threshold == 0)
        return false;
    uint64_t x = noise->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    noise->state = x;
    const bool flip = x * UINT64_C(0x2545F4914F6CDD1D) < noise->threshold;
    noise->flipped += flip;
    return flip;
}

void px_uart_tx_init(px_uart_tx *tx, double bit, px_uart_noise *noise)
{
    *tx = (px_uart_tx){.bit = bit, .frame = 1U << (FRAME_BITS - 1), .noise = noise};
}

bool px_uart_tx_ready(const px_uart_tx *tx, uint64_t now) { return (double)now >= tx->end; }

/* A frame that is given in the cycle in which the one before has ended begins where that one ended. */
void px_uart_tx_send(px_uart_tx *tx, uint64_t now, uint8_t byte)
{
    const double t = (double)now;
    tx->begin = t - tx->end < 1 && tx->end > 0 ? tx->end : t;
    tx->end = tx->begin + FRAME_BITS * tx->bit;
    tx->frame = (uint16_t)((unsigned)byte << 1 | 1U << (FRAME_BITS - 1));
    for (unsigned i = 0; i < FRAME_BITS; i++)
        if (flips(tx->noise))
            tx->frame ^= (uint16_t)(1U << i);
}

static unsigned tx_index(const px_uart_tx *tx, uint64_t now) { return (unsigned)(((double)now - tx->begin) / tx->bit); }

bool px_uart_tx_level(const px_uart_tx *tx, uint64_t now)
{
    if ((double)now >= tx->end || (double)now < tx->begin)
        return true;
    const unsigned index = tx_index(tx, now);
    return index >= FRAME_BITS || (tx->frame >> index & 1) != 0;
}

uint64_t px_uart_tx_next(const px_uart_tx *tx, uint64_t now)
{
    if ((double)now >= tx->end)
        return PX_UART_NEVER;
    const uint64_t next = (uint64_t)ceil(tx->begin + (tx_index(tx, now) + 1) * tx->bit);
    return next > now ? next : now + 1;
}

void px_uart_rx_init(px_uart_rx *rx, double bit, unsigned lcr, px_uart_noise *noise)
{
    const unsigned data = 5 + (lcr & 3);
    *rx = (px_uart_rx){.bit = bit, .mask = (1U << data) - 1, .level = true, .noise = noise};
    rx->parity = (lcr >> 3 & 1) != 0;
    rx->even = (lcr >> 4 & 1) != 0;
    rx->stick = (lcr >> 5 & 1) != 0;
    rx->last = data + rx->parity + 1;
}

static double sample_time(const px_uart_rx *rx) { return rx->begin + (rx->index + 0.5) * rx->bit; }

static bool parity_is_bad(const px_uart_rx *rx, unsigned data)
{
    const bool bit = (rx->frame >> (rx->last - 1) & 1) != 0;
    if (rx->stick)
        return bit == rx->even;
    return (__builtin_parity(data) ^ bit) != !rx->even;
}

/* Takes the sample that is due. True when it was the stop bit. */
static bool sample(px_uart_rx *rx, px_uart_char *got)
{
    const bool bit = rx->level ^ flips(rx->noise);
    const double when = sample_time(rx);
    rx->frame |= (unsigned)bit << rx->index;
    if (rx->index == 0 && bit) { /* no start bit after all */
        rx->busy = false;
        return false;
    }
    if (rx->index++ < rx->last)
        return false;
    rx->busy = false;
    *got = (px_uart_char){.begin = rx->begin, .end = when, .bad_stop = !bit};
    got->data = (uint8_t)(rx->frame >> 1 & rx->mask);
    got->bad_parity = rx->parity && parity_is_bad(rx, got->data);
    return true;
}

bool px_uart_rx_line(px_uart_rx *rx, uint64_t now, bool level, px_uart_char *got)
{
    bool whole = false;
    while (rx->busy && sample_time(rx) < (double)now && !whole)
        whole = sample(rx, got);
    if (rx->level && !level && !rx->busy) {
        rx->busy = true;
        rx->begin = (double)now;
        rx->index = 0;
        rx->frame = 0;
    }
    rx->level = level;
    return whole;
}

uint64_t px_uart_rx_next(const px_uart_rx *rx) { return rx->busy ? (uint64_t)sample_time(rx) + 1 : PX_UART_NEVER; }
