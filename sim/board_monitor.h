/* board_monitor.h - listens at the pins of a simulated board: each frame of the link with its times, and how much of
 * the wire carried pixels. */
#ifndef SIM_BOARD_MONITOR_H
#define SIM_BOARD_MONITOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pxi/link.h"

enum { PX_MONITOR_WORDS = 4096 };

typedef struct px_monitor_side {
    px_link_rx rx;
    uint32_t words[PX_MONITOR_WORDS];
    double begin; /* of the frame under way, in cycles, the 0x00 right before it included; < 0: there is none */
    double zero_begin, zero_end; /* of the latest 0x00 that ended nothing */
    uint64_t dropped;
} px_monitor_side;

typedef struct px_monitor {
    FILE *file; /* or NULL: counts only */
    double clock, bit;
    px_monitor_side to_board, to_host;
    double asked; /* begin of the request under way, < 0 for none */
    uint8_t sequence;
    bool block; /* it is a WRITE of 256 words, sent for the first time */
    uint64_t requests, repeats, blocks;
    double block_cycles;
} px_monitor;

void px_monitor_init(px_monitor *monitor, FILE *file, double clock, double bit);

/* A byte on its way to the board or to the host: when its start bit began, and when the whole of it was there. */
void px_monitor_to_board(px_monitor *monitor, double begin, double end, uint8_t byte);
void px_monitor_to_host(px_monitor *monitor, double begin, double end, uint8_t byte);

/* Part of the wire's byte rate that carried words of WRITEs of 256 words, from the first bit of each request to the end
 * of its reply, repeated ones apart; 0 when there was none. */
double px_monitor_efficiency(const px_monitor *monitor);

#endif
