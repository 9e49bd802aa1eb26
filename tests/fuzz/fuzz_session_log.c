/* fuzz_session_log.c - no bytes harm the reader of session logs: what it takes can be fed to a machine from end to end,
 * twice with the same pixels, and what it does not take has a sentence.
 *
 * The input is the records of a log, which are packed here: checksums would keep the fuzzer out. Its first byte says
 * whether the log is cut off and in how many blocks the records are; or that the input is the whole file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/log.h"
#include "answer/log_format.h"
#include "exec/drivers.h"
#include "tests/fuzz/input.h"

enum { SIDE = 8, ROOM = 1 << 20 };

/* A block of records behind what is there. */
static size_t add_block(uint8_t *file, size_t size, const uint8_t *records, size_t count, bool last)
{
    uLongf packed = ROOM - size - LOG_BLOCK_HEADER;
    uint8_t *const block = file + size;
    require(compress(block + LOG_BLOCK_HEADER, &packed, records, count) == Z_OK, "zlib packs");
    log_store(block, (uint32_t)count | (last ? LOG_LAST : 0));
    log_store(block + 4, (uint32_t)packed);
    const uint32_t crc = (uint32_t)crc32(0, block, 8);
    log_store(block + 8, (uint32_t)crc32(crc, block + LOG_BLOCK_HEADER, (uInt)packed));
    return size + LOG_BLOCK_HEADER + packed;
}

static size_t make_file(uint8_t *file, const px_state *start, const uint8_t *data, size_t size)
{
    const uint8_t how = size > 0 ? *data++ : 0;
    size -= size > 0;
    if ((how & 0x80) != 0) {
        memcpy(file, data, size);
        return size;
    }
    const size_t blocks = 1 + (how & 7), each = size / blocks;
    log_header(file, start);
    size_t length = LOG_HEADER;
    for (size_t i = 0; i < blocks; i++) {
        const bool last = i == blocks - 1;
        length = add_block(file, length, data + i * each, last ? size - i * each : each, last && (how & 8) == 0);
    }
    return length;
}

/* Answers as long as the log has answers; the machine's pixels then have this checksum. */
static uint32_t feed(px_log *log, const px_state *start)
{
    px_executor *ref;
    px_machine *machine;
    px_error error;
    uint32_t word, pixels[SIDE * SIDE];
    const px_answerer answerer = px_log_answerer(log, NULL, NULL);
    require(px_ref_driver.open(&ref, NULL, &error) && px_machine_create(ref, start, &machine, &error), "a machine");
    answerer.begin(answerer.context);
    uint64_t answers = 0;
    /* Whatever it is asked, it has one answer or says that the machine strays; none is too many. */
    for (uint32_t number = 0; number < 256; number++) {
        const px_stop stop = {.status = PX_WAITING, .request = number << 24};
        for (uint64_t executed = 0; executed < 8; executed++)
            while (answers <= px_log_about(log).answers &&
                   answerer.answer(answerer.context, machine, &stop, executed, &word, &error) == PX_ANSWERED)
                answers++;
    }
    require(answers <= px_log_about(log).answers, "no more answers than there are");
    require(px_get(machine, PX_SPACE_PIXEL, 0, pixels, SIDE * SIDE, &error), "pixels are read");
    px_machine_drop(machine, NULL);
    ref->ops->close(ref);
    return log_words_crc(0, pixels, SIDE * SIDE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[ROOM];
    px_state start = {0};
    px_error error = {0};
    px_log *log;
    if (size > 50000 || !px_state_new(&start, PX_V1, SIDE, SIDE, NULL))
        return 0;
    const size_t length = make_file(file, &start, data, size);
    if (px_log_open_memory(&log, file, length, "fuzz", &start, &error)) {
        require(feed(log, &start) == feed(log, &start), "a log leads to the same pixels each time");
        px_log_close(log);
    } else {
        require(error.code == PX_E_INPUT && error.text[0] != '\0', "a refusal says why");
    }
    px_state_free(&start);
    return 0;
}
