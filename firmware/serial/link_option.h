/* link_option.h - the image option link=: the UART at which an executor is looked for. */
#ifndef SERIAL_LINK_OPTION_H
#define SERIAL_LINK_OPTION_H

#include <stdbool.h>
#include <stdint.h>

typedef struct link_choice {
    bool link; /* false: none */
    uint16_t port, divisor;
} link_choice;

/* "none", or "com1" to "com4", or a port in hexadecimal, both with or without "@" and a rate.
 * False: it is none of these. NULL, for an option that is not there, is com2. */
bool link_option(const char *text, link_choice *choice);

#define LINK_OPTION_EXPECTED                                                                                           \
    "none, com1 to com4 or a port from 100 to fff8 in steps of 8, then @ and a rate that divides 115200"

#endif
