/* integrity.h - whether pxHV's own memory is what it was: a CRC of its text and constants, and a page that nobody
 * writes. */
#ifndef MACHINE_INTEGRITY_H
#define MACHINE_INTEGRITY_H

/* After memory_init. */
void integrity_init(void);

/* Says what has become of them, in one line. */
void integrity_log(void);

#endif
