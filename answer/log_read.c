/* log_read.c - see log.h: a log is checked from end to end when it is opened; what is then read again is sound. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer/log.h"
#include "answer/log_format.h"
#include "pxi/input_file.h"

enum { PIECE = 1024 }; /* pixels that are put at once */

typedef struct cursor {
    size_t block; /* where the header of the block is that is loaded */
    size_t next;  /* and that of the one behind it */
    uint32_t at, count;
    uint8_t bytes[LOG_BLOCK];
} cursor;

typedef struct record {
    enum log_kind kind;
    uint64_t executed;
    uint32_t number; /* of the service */
    uint32_t answer; /* or the status */
    uint32_t runs;
} record;

struct px_log {
    const char *path;
    const uint8_t *data;
    uint8_t *owned;
    size_t size, end; /* end: behind the last whole block */
    uint32_t pixels;
    px_log_facts facts;
    cursor cursor;
    uint64_t executed, answered;
    px_error strayed;
    bool ends_itself; /* the program does */
    bool exited;
    int status;
    px_log_show *show;
    void *context;
};

static bool damaged(const px_log *log, const char *text, px_error *error)
{
    return px_fail(error, PX_E_INPUT, "%s: the log is damaged after %" PRIu64 " answers: %s", log->path, log->answered,
                   text);
}

/* ---- blocks ---- */

/* Whether a whole block begins at a place; *size is its length with its header. */
static bool block_at(const px_log *log, size_t at, size_t *size)
{
    if (log->size - at < LOG_BLOCK_HEADER)
        return false;
    const uint32_t packed = log_load(log->data + at + 4);
    *size = LOG_BLOCK_HEADER + (size_t)packed;
    return packed <= log->size - at - LOG_BLOCK_HEADER;
}

/* Finds the end; every block must be what was written. */
static bool check_blocks(px_log *log, px_error *error)
{
    size_t at = LOG_HEADER, size;
    log->facts.cut = true;
    while (log->facts.cut && block_at(log, at, &size)) {
        const uint8_t *const block = log->data + at;
        const uint32_t crc =
            (uint32_t)crc32((uint32_t)crc32(0, block, 8), block + LOG_BLOCK_HEADER, (uInt)(size - LOG_BLOCK_HEADER));
        if (crc != log_load(block + 8))
            return px_fail(error, PX_E_INPUT, "%s: the log is damaged: the block at byte %zu has a wrong checksum",
                           log->path, at);
        log->facts.cut = (log_load(block) & LOG_LAST) == 0;
        at += size;
    }
    log->end = at;
    return log->facts.cut || at == log->size ||
           px_fail(error, PX_E_INPUT, "%s: the log is damaged: there are %zu bytes behind its end", log->path,
                   log->size - at);
}

static void rewind_cursor(cursor *c)
{
    c->next = LOG_HEADER;
    c->at = c->count = 0;
}

/* False at the end, and where a block does not unpack; that is found when the log is opened. */
static bool load_block(const px_log *log, cursor *c)
{
    size_t size;
    if (c->next >= log->end || !block_at(log, c->next, &size))
        return false;
    const uint8_t *const block = log->data + c->next;
    uLongf count = LOG_BLOCK;
    if (uncompress(c->bytes, &count, block + LOG_BLOCK_HEADER, (uLong)(size - LOG_BLOCK_HEADER)) != Z_OK ||
        count != (log_load(block) & ~LOG_LAST))
        return false;
    c->block = c->next;
    c->next += size;
    c->at = 0;
    c->count = (uint32_t)count;
    return true;
}

static bool next_byte(const px_log *log, cursor *c, uint8_t *byte)
{
    while (c->at == c->count)
        if (!load_block(log, c))
            return false;
    *byte = c->bytes[c->at++];
    return true;
}

static bool next_number(const px_log *log, cursor *c, uint64_t *number)
{
    uint8_t byte;
    *number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (!next_byte(log, c, &byte))
            return false;
        *number |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return true;
    }
    return false;
}

/* ---- records ---- */

/* The words of a record before its runs; false when it is cut. */
static bool next_record(const px_log *log, cursor *c, uint64_t executed, record *r)
{
    uint64_t head, number = 0, answer = 0, runs = 0;
    if (!next_number(log, c, &head))
        return false;
    *r = (record){.kind = (enum log_kind)(head & 3), .executed = executed + (head >> 2)};
    if (r->kind != LOG_END && (!next_number(log, c, &number) || !next_number(log, c, &answer)))
        return false;
    if (r->kind == LOG_ANSWER_RUNS && !next_number(log, c, &runs))
        return false;
    r->number = (uint32_t)number;
    r->answer = r->kind == LOG_EXIT ? (uint32_t)answer : (uint32_t)(answer >> 1) ^ (0 - (uint32_t)(answer & 1));
    r->runs = (uint32_t)runs;
    return true;
}

/* One run of a record, put into machine unless that is NULL. *sound: whether the image has such pixels. */
static bool next_run(const px_log *log, cursor *c, px_machine *machine, bool *sound, bool *put, px_error *error)
{
    uint64_t at, count;
    uint32_t pixels[PIECE];
    if (!next_number(log, c, &at) || !next_number(log, c, &count))
        return false;
    *sound = at <= log->pixels && count <= log->pixels - at;
    while (*sound && *put && count > 0) {
        const uint32_t part = count < PIECE ? (uint32_t)count : PIECE;
        for (uint32_t i = 0; i < part; i++) {
            uint8_t bytes[4];
            for (int k = 0; k < 4; k++)
                if (!next_byte(log, c, &bytes[k]))
                    return false;
            pixels[i] = log_load(bytes);
        }
        *put = machine == NULL || px_put(machine, PX_SPACE_PIXEL, (uint32_t)at, pixels, part, error);
        at += part;
        count -= part;
    }
    return true;
}

/* Goes through all of it. Where a record is cut, the log ends before it. */
static bool check_records(px_log *log, px_error *error)
{
    cursor *c = &log->cursor;
    record r = {0};
    rewind_cursor(c);
    while (r.kind != LOG_END) {
        bool whole = next_record(log, c, log->executed, &r), sound = true, put = true;
        for (uint32_t i = 0; whole && sound && i < r.runs; i++)
            whole = next_run(log, c, NULL, &sound, &put, NULL);
        if (!sound)
            return damaged(log, "pixels outside the image", error);
        if (!whole && (!log->facts.cut || c->next < log->end))
            return damaged(log, "a record ends too soon", error);
        if (!whole)
            break;
        log->executed = r.executed;
        log->ends_itself |= r.kind == LOG_EXIT;
        log->answered += r.kind == LOG_ANSWER || r.kind == LOG_ANSWER_RUNS;
    }
    if (r.kind == LOG_END && (c->at != c->count || c->next != log->end || log->facts.cut))
        return damaged(log, "more follows what says that it is the end", error);
    log->facts.answers = log->answered;
    log->facts.executed = log->executed;
    return true;
}

/* ---- opening ---- */

static bool check_header(const px_log *log, const px_state *start, px_error *error)
{
    uint8_t expected[LOG_HEADER];
    if (log->size < LOG_HEADER || memcmp(log->data, LOG_MAGIC, 8) != 0)
        return px_fail(error, PX_E_INPUT, "%s is no log of px run --record", log->path);
    if (log_load(log->data + 28) != (uint32_t)crc32(0, log->data, 28))
        return px_fail(error, PX_E_INPUT, "%s: the log is damaged: its header has a wrong checksum", log->path);
    if (log_load(log->data + 8) != LOG_VERSION)
        return px_fail(error, PX_E_INPUT, "%s is a log of version %" PRIu32 ", expected %d", log->path,
                       log_load(log->data + 8), LOG_VERSION);
    log_header(expected, start);
    if (memcmp(log->data, expected, LOG_HEADER) == 0)
        return true;
    return px_fail(error, PX_E_INPUT,
                   "%s is the log of another start: an image of %" PRIu32 "x%" PRIu32 " with checksum 0x%08" PRIX32
                   ", and this is one of %" PRIu32 "x%" PRIu32 " with 0x%08" PRIX32,
                   log->path, log_load(log->data + 12), log_load(log->data + 16), log_load(log->data + 24), start->w,
                   start->h, log_load(expected + 24));
}

static bool open_log(px_log **out, uint8_t *owned, const uint8_t *data, size_t size, const char *path,
                     const px_state *start, px_error *error)
{
    px_log *log = calloc(1, sizeof *log);
    *out = NULL;
    if (log == NULL) {
        free(owned);
        return px_fail(error, PX_E_SYSTEM, "no memory for the log");
    }
    log->owned = owned;
    log->data = data;
    log->size = log->facts.bytes = size;
    log->path = path;
    log->pixels = px_state_pixels(start);
    if (!check_header(log, start, error) || !check_blocks(log, error) || !check_records(log, error)) {
        px_log_close(log);
        return false;
    }
    *out = log;
    return true;
}

bool px_log_open_memory(px_log **log, const uint8_t *data, size_t size, const char *path, const px_state *start,
                        px_error *error)
{
    return open_log(log, NULL, data, size, path, start, error);
}

bool px_log_open(px_log **log, const char *path, const px_state *start, px_error *error)
{
    uint8_t *data;
    size_t size;
    *log = NULL;
    return px_file_read(&data, &size, path, error) && open_log(log, data, data, size, path, start, error);
}

void px_log_close(px_log *log)
{
    if (log == NULL)
        return;
    free(log->owned);
    free(log);
}

px_log_facts px_log_about(const px_log *log) { return log->facts; }

uint64_t px_log_budget(const px_log *log, uint64_t budget)
{
    return log->facts.cut || log->ends_itself || log->facts.executed > budget ? budget : log->facts.executed;
}

/* ---- answering ---- */

static bool apply(px_log *log, const record *r, px_machine *machine, px_error *error)
{
    bool sound = true, put = true;
    for (uint32_t i = 0; put && i < r->runs; i++)
        (void)next_run(log, &log->cursor, machine, &sound, &put, error);
    return put;
}

static px_answered answer(void *context, px_machine *machine, const px_stop *stop, uint64_t executed, uint32_t *word,
                          px_error *error)
{
    px_log *log = context;
    record r;
    if (log->exited || log->strayed.code != PX_OK || (log->facts.cut && log->answered == log->facts.answers) ||
        !next_record(log, &log->cursor, log->executed, &r) || r.kind == LOG_END)
        return PX_UNANSWERED;
    if (r.executed != executed || r.number != stop->request >> 24) {
        (void)px_fail(&log->strayed, PX_E_INPUT,
                      "the program does not do what it did: answer %" PRIu64 " of %s is to service 0x%02" PRIX32
                      " after %" PRIu64 " instructions, and it asks for service 0x%02" PRIX32 " after %" PRIu64,
                      log->answered + 1, log->path, r.number, r.executed, stop->request >> 24, executed);
        return PX_UNANSWERED;
    }
    if (log->show != NULL)
        log->show(log->context, machine, stop);
    log->executed = executed;
    log->exited = r.kind == LOG_EXIT;
    log->status = (int)(r.answer & 0xFF);
    log->answered += !log->exited;
    *word = r.answer;
    return log->exited ? PX_UNANSWERED : apply(log, &r, machine, error) ? PX_ANSWERED : PX_ANSWER_FAILED;
}

static void begin(void *context)
{
    px_log *log = context;
    rewind_cursor(&log->cursor);
    log->executed = log->answered = 0;
    log->exited = false;
    log->strayed = (px_error){0};
}

px_answerer px_log_answerer(px_log *log, px_log_show *show, void *context)
{
    log->show = show;
    log->context = context;
    return (px_answerer){.answer = answer, .begin = begin, .context = log};
}

bool px_log_strayed(const px_log *log, px_error *error)
{
    if (log->strayed.code == PX_OK)
        return false;
    *error = log->strayed;
    return true;
}

bool px_log_exited(const px_log *log, int *status)
{
    *status = log->status;
    return log->exited;
}
