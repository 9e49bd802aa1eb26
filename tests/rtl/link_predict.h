/* link_predict.h - the frames and start times that the plain C serial driver says, for C++. */
#ifndef TESTS_RTL_LINK_PREDICT_H
#define TESTS_RTL_LINK_PREDICT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of count operations that are all writes: frames[count], starts[count] in units of 1/1.8432 MHz. Exits on failure. */
void predict(const uint32_t *operations, uint32_t count, uint32_t setup, uint32_t *frames, uint32_t *starts);

#ifdef __cplusplus
}
#endif
#endif
