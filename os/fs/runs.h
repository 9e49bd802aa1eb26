/* runs.h - what file systems do over runs of words: vector instructions on the pixel machine, loops on a host. A run
 * has RUN_MOST words at most. */
#ifndef OS_FS_RUNS_H
#define OS_FS_RUNS_H

#include <stdint.h>

enum { RUN_MOST = 256 };

/* Of the seal; factors are odd. */
#define RUN_STEP   UINT32_C(0x9E3779B1)
#define RUN_FIRST  UINT32_C(0x85EBCA6B)
#define RUN_SECOND UINT32_C(0xC2B2AE35)
enum { RUN_SHIFT = 15 };

/* A checksum that knows the place of each word: a change of one word always changes it. os/fs/PXFS.md has it exactly.
 */
uint32_t run_seal(const uint32_t *words, uint32_t count, uint32_t key);

/* Where the first word with this value is; count: nowhere. */
uint32_t run_find(const uint32_t *words, uint32_t count, uint32_t value);

/* Where the first word is that is not 0; count: nowhere. */
uint32_t run_filled(const uint32_t *words, uint32_t count);

/* Where the first word is that has a bit which is 0 in both; count: nowhere. */
uint32_t run_room(const uint32_t *a, const uint32_t *b, uint32_t count);

/* Where the word is that is the farthest below `now`, modulo 2^32 and by less than 2^31. */
uint32_t run_oldest(const uint32_t *words, uint32_t count, uint32_t now);

/* To each word that is not below `least` something is added. */
void run_add_from(uint32_t *words, uint32_t count, uint32_t least, uint32_t added);

#endif
