/* log_format.h - what stands in a log, for its writer and its reader; pxi/HOST.md says it in words. */
#ifndef ANSWER_LOG_FORMAT_H
#define ANSWER_LOG_FORMAT_H

#include <zlib.h>

#include "pxi/state.h"

enum { LOG_VERSION = 1, LOG_HEADER = 32, LOG_BLOCK_HEADER = 12, LOG_BLOCK = 65536 };
#define LOG_MAGIC "PXLOG\r\n\x1A"
#define LOG_LAST  0x80000000u /* in a block's length: none follows */

/* The two lowest bits of what a record begins with; above them the instructions since the record before. */
enum log_kind { LOG_ANSWER, LOG_ANSWER_RUNS, LOG_EXIT, LOG_END };

static inline void log_store(uint8_t *bytes, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
}

static inline uint32_t log_load(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline uint32_t log_words_crc(uint32_t crc, const uint32_t *words, size_t count)
{
    uint8_t bytes[4096];
    for (size_t done = 0; done < count;) {
        const size_t part = count - done < sizeof bytes / 4 ? count - done : sizeof bytes / 4;
        for (size_t i = 0; i < part; i++)
            log_store(bytes + 4 * i, words[done + i]);
        crc = (uint32_t)crc32(crc, bytes, (uInt)(4 * part));
        done += part;
    }
    return crc;
}

/* The CRC-32 of a state's fields, in the order of SPEC.md section 9 from the profile on, registers and pixels. */
static inline uint32_t log_identity(const px_state *s)
{
    const uint32_t fields[] = {s->profile, s->w, s->h, s->pc, s->vl, s->status, s->cause, s->value, s->retired};
    uint32_t crc = log_words_crc(0, fields, sizeof fields / sizeof *fields);
    crc = log_words_crc(crc, s->reg, 256);
    return log_words_crc(crc, s->mem, px_state_pixels(s));
}

static inline void log_header(uint8_t header[LOG_HEADER], const px_state *start)
{
    for (int i = 0; i < 8; i++)
        header[i] = (uint8_t)LOG_MAGIC[i];
    log_store(header + 8, LOG_VERSION);
    log_store(header + 12, start->w);
    log_store(header + 16, start->h);
    log_store(header + 20, start->retired);
    log_store(header + 24, log_identity(start));
    log_store(header + 28, (uint32_t)crc32(0, header, 28));
}

#endif
