/* vendor.h - OpenCL drivers asked one by one. The loader behind clGetPlatformIDs starts every driver that is installed
 * before it names one, and some take a fifth of a second for it. So drivers are asked here as the loader does it
 * (extension cl_khr_icd), and only those that are meant. All other calls are as usual: a loader passes them on by the
 * objects that they are about. */
#ifndef PX_OPENCL_VENDOR_H
#define PX_OPENCL_VENDOR_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdbool.h>

enum { PX_NO_PLATFORM = -1001 }; /* CL_PLATFORM_NOT_FOUND_KHR */

/* Platforms of the drivers that have want in the name of their .icd file or library, in the order of
 * OCL_ICD_FILENAMES and then of these files; "" is in all. 0 also where the loader alone knows the way. */
cl_uint px_vendor_platforms(const char *want, cl_platform_id *platforms, cl_uint most);

/* All platforms by the loader; 0, with *code, when there are none. */
cl_uint px_loader_platforms(cl_platform_id *platforms, cl_uint most, cl_int *code);

/* Whether part is in text, in any case. */
bool px_contains(const char *text, const char *part);

#endif
