/* link_oracle.h - what the Verilog endpoint should answer: exec/endpoint.c over the reference VM, for C++. */
#ifndef TESTS_RTL_LINK_ORACLE_H
#define TESTS_RTL_LINK_ORACLE_H

#include "pxi/link.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Another machine of at most pixels pixels, as after power-up; the one before is gone. Exits when it cannot be had. */
void oracle_open(uint32_t pixels);
void oracle_close(void);

/* The reply lives until the next call. HELLO's words 1 to 8 are those of the C side. */
void oracle_request(const px_link_frame *request, px_link_frame *reply);

/* Goes on with the run under way until it ends. */
void oracle_finish(void);

#ifdef __cplusplus
}
#endif
#endif
