/* log_write.c - see log.h: records, gathered into blocks that are packed and checked one by one, so that what was
 * written before px was killed can be read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer/log.h"
#include "answer/log_format.h"
#include "pxi/pace.h"

typedef struct bytes {
    uint8_t *at;
    size_t count, room;
} bytes;

struct px_log_writer {
    int fd;
    const char *path;
    uint8_t block[LOG_BLOCK];
    size_t count;
    double flushed;
    uint64_t executed; /* at the last record */
    /* The request that has no answer yet. */
    uint64_t asked;
    uint32_t request;
    uint32_t runs;
    bytes pixels; /* its runs, coded */
    bool broken;
};

static bool failed(px_log_writer *log, px_error *error)
{
    log->broken = true;
    return px_fail(error, PX_E_SYSTEM, "%s: cannot write the log: %s", log->path, strerror(errno));
}

static bool write_all(px_log_writer *log, const uint8_t *data, size_t count, px_error *error)
{
    while (count > 0) {
        const ssize_t n = write(log->fd, data, count);
        if (n < 0 && errno != EINTR)
            return failed(log, error);
        data += n > 0 ? n : 0;
        count -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool put_block(px_log_writer *log, bool last, px_error *error)
{
    static uint8_t packed[LOG_BLOCK_HEADER + LOG_BLOCK + LOG_BLOCK / 8 + 64];
    uLongf size = sizeof packed - LOG_BLOCK_HEADER;
    if (log->count == 0 && !last)
        return true;
    if (compress2(packed + LOG_BLOCK_HEADER, &size, log->block, (uLong)log->count, 6) != Z_OK) {
        errno = ENOMEM;
        return failed(log, error);
    }
    log_store(packed, (uint32_t)log->count | (last ? LOG_LAST : 0));
    log_store(packed + 4, (uint32_t)size);
    uint32_t crc = (uint32_t)crc32(0, packed, 8);
    crc = (uint32_t)crc32(crc, packed + LOG_BLOCK_HEADER, (uInt)size);
    log_store(packed + 8, crc);
    log->count = 0;
    log->flushed = px_seconds();
    return write_all(log, packed, LOG_BLOCK_HEADER + size, error);
}

static bool put_bytes(px_log_writer *log, const uint8_t *data, size_t count, px_error *error)
{
    while (count > 0) {
        const size_t room = LOG_BLOCK - log->count, part = count < room ? count : room;
        memcpy(log->block + log->count, data, part);
        log->count += part;
        data += part;
        count -= part;
        if (log->count == LOG_BLOCK && !put_block(log, false, error))
            return false;
    }
    return true;
}

/* Seven bits a byte, the lowest first; bit 7: more follow. */
static size_t code_number(uint8_t *to, uint64_t number)
{
    size_t count = 0;
    for (; number > 0x7F; number >>= 7)
        to[count++] = (uint8_t)(number | 0x80);
    to[count++] = (uint8_t)number;
    return count;
}

static uint8_t *room_for(px_log_writer *log, size_t more, px_error *error)
{
    bytes *b = &log->pixels;
    if (b->room - b->count < more) {
        const size_t room = (b->count + more) * 2;
        uint8_t *const new = realloc(b->at, room);
        if (new == NULL) {
            errno = ENOMEM;
            (void)failed(log, error);
            return NULL;
        }
        b->at = new;
        b->room = room;
    }
    return b->at + b->count;
}

bool px_log_request(px_log_writer *log, uint64_t executed, uint32_t request, px_error *error)
{
    (void)error;
    log->asked = executed;
    log->request = request;
    log->runs = 0;
    log->pixels.count = 0;
    return true;
}

bool px_log_run(px_log_writer *log, uint32_t at, const uint32_t *pixels, uint32_t count, px_error *error)
{
    uint8_t *to = room_for(log, 20 + (size_t)count * 4, error);
    if (to == NULL)
        return false;
    size_t size = code_number(to, at);
    size += code_number(to + size, count);
    for (uint32_t i = 0; i < count; i++, size += 4)
        log_store(to + size, pixels[i]);
    log->pixels.count += size;
    log->runs++;
    return true;
}

static bool put_record(px_log_writer *log, enum log_kind kind, uint64_t executed, const uint64_t *more, size_t count,
                       px_error *error)
{
    uint8_t record[64];
    size_t size = code_number(record, (executed - log->executed) << 2 | (unsigned)kind);
    for (size_t i = 0; i < count; i++)
        size += code_number(record + size, more[i]);
    log->executed = executed;
    return put_bytes(log, record, size, error);
}

bool px_log_answer(px_log_writer *log, uint32_t answer, px_error *error)
{
    /* Small numbers of either sign are short. */
    const uint64_t more[3] = {log->request >> 24, (answer << 1) ^ (0 - (answer >> 31)), log->runs};
    return put_record(log, log->runs > 0 ? LOG_ANSWER_RUNS : LOG_ANSWER, log->asked, more, log->runs > 0 ? 3 : 2,
                      error) &&
           put_bytes(log, log->pixels.at, log->pixels.count, error);
}

bool px_log_exit(px_log_writer *log, int status, px_error *error)
{
    const uint64_t more[2] = {log->request >> 24, (uint64_t)status};
    return put_record(log, LOG_EXIT, log->asked, more, 2, error);
}

bool px_log_rest(px_log_writer *log, px_error *error)
{
    return px_seconds() - log->flushed < 1 || put_block(log, false, error);
}

bool px_log_create(px_log_writer **log, const char *path, const px_state *start, px_error *error)
{
    uint8_t header[LOG_HEADER];
    px_log_writer *new = calloc(1, sizeof *new);
    *log = new;
    if (new == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the log");
    new->path = path;
    new->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    log_header(header, start);
    if (new->fd >= 0 && write_all(new, header, sizeof header, error))
        return true;
    (void)failed(new, error);
    (void)px_log_finish(new, false, 0, NULL);
    *log = NULL;
    return false;
}

bool px_log_finish(px_log_writer *log, bool end, uint64_t executed, px_error *error)
{
    if (log == NULL)
        return true;
    bool ok = true;
    if (!log->broken && log->fd >= 0) /* without its end, what there is of it */
        ok = (!end || put_record(log, LOG_END, executed, NULL, 0, error)) && put_block(log, end, error);
    if (log->fd >= 0 && close(log->fd) != 0 && ok)
        ok = failed(log, error);
    free(log->pixels.at);
    free(log);
    return ok;
}
