/* shift.h - bits of the shift flags at 40:17. */
#ifndef BIOS_SHIFT_H
#define BIOS_SHIFT_H

#define SHIFT_RIGHT 0x01u
#define SHIFT_LEFT  0x02u
#define CONTROL     0x04u
#define ALT         0x08u
#define SCROLL      0x10u
#define NUM         0x20u
#define CAPS        0x40u
#define INSERT      0x80u

#endif
