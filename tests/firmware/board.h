/* board.h - a board on the fake link port: a machine as pxi/LINK.md section 2 has it, whose RUN does what the serial
 * driver does, and a wire. What it may do wrong is endpoint.h's. */
#ifndef TESTS_FIRMWARE_BOARD_H
#define TESTS_FIRMWARE_BOARD_H

#include "tests/firmware/endpoint.h"

/* Its frames go to endpoint_wire. */
void board_reset(endpoint_mood (*mood)(void));

#endif
