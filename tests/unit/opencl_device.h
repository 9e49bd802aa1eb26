/* opencl_device.h - what the OpenCL tests share: a device, or a skip. */
#ifndef TESTS_OPENCL_DEVICE_H
#define TESTS_OPENCL_DEVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "opencl/device.h"
#include "pxi/executor.h"
#include "pxi/pixel.h"

static inline void need_device(void)
{
    px_device *devices;
    size_t count;
    if (!px_devices(&devices, &count, NULL))
        skip();
    free(devices);
}

static inline px_executor *opened(void)
{
    px_executor *x;
    px_error error = {0};
    if (!px_opencl_driver.open(&x, NULL, &error))
        fail_msg("%s", error.text);
    return x;
}

#endif
