/* drivers.h - the executors that can be built in: px_ref_driver and so on, a driver for each line of executors.def. */
#ifndef EXEC_DRIVERS_H
#define EXEC_DRIVERS_H

#include "pxi/executor.h"

#define PX_EXECUTOR(name, takes, argument, needs, summary) extern const px_driver px_##name##_driver;
#include "exec/executors.def"

#endif
