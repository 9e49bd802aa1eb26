/* link_predict.c - see link_predict.h. */
#include "tests/rtl/link_predict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/serial.h"

void predict(const uint32_t *operations, uint32_t count, uint32_t setup, uint32_t *frames, uint32_t *starts)
{
    px_error error = {0};
    px_serial_result result = {0};
    const px_serial_batch batch = {.operations = operations, .count = count, .setup = setup};
    if (!px_serial_cpu(&batch, &result, &error) || result.frame_count != count) {
        fprintf(stderr, "the serial driver does not predict %u frames: %s\n", (unsigned)count, error.text);
        exit(1);
    }
    memcpy(frames, result.frames, count * sizeof *frames);
    memcpy(starts, result.starts, count * sizeof *starts);
    px_serial_free(&result);
}
