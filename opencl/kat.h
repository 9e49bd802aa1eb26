/* kat.h - the known-answer test: programs with results worked out by hand, run before a device is trusted. */
#ifndef PX_OPENCL_KAT_H
#define PX_OPENCL_KAT_H

#include "opencl/context.h"

/* Runs all of them with the kernel of that use. PX_E_SYSTEM, with the device, the program and the word that is wrong.
 */
bool px_known_answers(px_context *context, px_use use, px_error *error);

#endif
