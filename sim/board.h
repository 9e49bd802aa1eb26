/* board.h - a Verilated board top as C sees it: a clock and pins. One program holds one board; sim/board_shim.cpp is
 * compiled for it, sim/boards.mk tells how. */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What constraints/BOARD.mk says, as far as a bench beside the board needs it. */
typedef struct px_board_info {
    const char *name, *title, *lights; /* icebreaker; iCEBreaker; what its LEDs mean */
    uint32_t clock, baud;              /* Hz of the clock behind the PLL; the link's bits a second */
    uint32_t leds;
    bool leds_low; /* a 0 lights them */
    bool wire;     /* the second transmitter is built in */
} px_board_info;

extern const px_board_info px_board_info_of_this;

/* Output pins, as bits. */
#define PX_BOARD_TX   UINT32_C(1)
#define PX_BOARD_WIRE UINT32_C(2)
#define PX_BOARD_LED  8 /* the first LED's bit */
#define PX_BOARD_LEDS UINT32_C(0xFF00)

typedef struct px_board px_board;

/* Registers and memories start with bits drawn from seed, as at power-up. trace is the name of a VCD file, or NULL.
 * NULL without memory, or when a trace was asked for and not built in. */
px_board *px_board_open(uint32_t seed, const char *trace);
void px_board_close(px_board *);

/* Clocks at most count times with the receive pin at level rx; ends early behind the clock that changed one of the pins
 * in watch. Returns how often it clocked; *pins are the pins afterwards. */
uint64_t px_board_clock(px_board *, bool rx, uint64_t count, uint32_t watch, uint32_t *pins);

/* Whether a run is under way or frames wait for the wire. Nothing but the decision to let the clock rest hangs on it.
 */
bool px_board_busy(const px_board *);

#ifdef __cplusplus
}
#endif
#endif
