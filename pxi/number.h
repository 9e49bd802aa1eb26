/* number.h - numbers as people type them: on a command line, in the environment, in the name of a place.
 *
 * They are decimal unless they begin with 0x, with leading zeros too. Nothing wraps, nothing may stand before or behind
 * them, and only px_parse_signed knows a sign. The assembler's own are in asm_lex.c, by the same rules. */
#ifndef PXI_NUMBER_H
#define PXI_NUMBER_H

#include <stdint.h>

#include "pxi/error.h"

/* Digits at *text, which is moved behind them. False when there are none, or too many for 64 bits. */
bool px_scan_number(const char **text, uint64_t *value);

/* The whole text is a number from least to most. what names it in the error: "--batch", "PX_CMD_TIMEOUT". */
bool px_parse_number(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *value,
                     px_error *error);
bool px_parse_signed(const char *what, const char *text, int64_t least, int64_t most, int64_t *value, px_error *error);
/* Decimals, as in 0.5 or 1e-3. */
bool px_parse_real(const char *what, const char *text, double least, double most, double *value, px_error *error);

/* Counts have short forms besides: 1000000, 1e6, 0x100, 10k, 2M, 1G. */
bool px_parse_count(const char *text, uint64_t *count, px_error *error);
bool px_parse_count_within(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *count,
                           px_error *error);

/* 1234567 as "1,234,567", in one of eight turning buffers. */
const char *px_grouped(uint64_t n);

#endif
