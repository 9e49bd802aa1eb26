/* drive.h - a batch of serial operations through the serial driver, a pixel program, on any executor. */
#ifndef EXEC_DRIVE_H
#define EXEC_DRIVE_H

#include "pxi/executor.h"
#include "wire/serial.h"

/* result is zeroed or a valid result. */
bool px_serial_run(px_executor *executor, const px_serial_batch *batch, px_serial_result *result, px_error *error);

#endif
