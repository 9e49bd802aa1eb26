# opencl.mk
