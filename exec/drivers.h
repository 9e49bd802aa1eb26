/* drivers.h - the executors that can be built in. */
#ifndef EXEC_DRIVERS_H
#define EXEC_DRIVERS_H

#include "pxi/executor.h"

extern const px_driver px_ref_driver;    /* vm/ref_executor.c */
extern const px_driver px_rtl_driver;    /* sim/rtl.c, built where Verilator is */
extern const px_driver px_rtl4_driver;   /* the same */
extern const px_driver px_opencl_driver; /* opencl/opencl.c, built where the OpenCL headers and loader are */
extern const px_driver px_cmd_driver;    /* exec/cmd.c */
extern const px_driver px_link_driver;   /* exec/link.c */

#endif
