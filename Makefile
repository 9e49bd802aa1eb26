# pxOS. `make help` says what there is; each folder's .mk says what it adds.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(Q),@printf '  %-8s %s\n' '$(1)' '$(2)')

# SAN=1 builds a second tree with AddressSanitizer and UndefinedBehaviorSanitizer.
B := build$(if $(SAN),/san)

CC       ?= gcc
CXX      ?= g++
PYTHON   ?= python3
OPT      ?= -O2
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
SANITIZE := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
comma    := ,
CPPFLAGS += -I. -I$(B)/gen -D_POSIX_C_SOURCE=200809L
ALL_CFLAGS   = -std=c17 $(OPT) -g $(WARN) $(SANITIZE) $(CFLAGS)
ALL_CXXFLAGS = -std=c++17 $(OPT) -g $(SANITIZE) $(CXXFLAGS)
LDLIBS += -lpng -lz -lm

# What this machine has decides which executors are built in.
HAVE_VERILATOR := $(shell command -v verilator >/dev/null && echo 1)
HAVE_OPENCL    := $(shell printf '\#include <CL/cl.h>\nint main(void){return clGetPlatformIDs(0,0,0)==0;}' | \
                    $(CC) -DCL_TARGET_OPENCL_VERSION=120 -xc - -lOpenCL -o /dev/null 2>/dev/null && echo 1)

include pxi/pxi.mk sim/sim.mk rtl/rtl.mk opencl/opencl.mk host/host.mk tests/tests.mk

# One rule each for C, C++ and a static library; dependencies come from the compiler.
$(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: help clean
help:
	@sed -n 's/^## *//p' Makefile

clean:
	$(Q)rm -rf build
