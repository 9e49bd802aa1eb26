# pxOS. `make help` says what there is; each folder's .mk says what it adds.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY: # keep what pattern rules make on the way, or every make would make it again
SHELL := /bin/bash

ifneq ($(words $(CURDIR)),1)
$(error make cannot build in a folder whose path has spaces: $(CURDIR); move pxOS to one without)
endif

V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(Q),@printf '  %-8s %s\n' '$(1)' '$(2)')
comma := ,

# SAN=1 builds a second tree with AddressSanitizer and UndefinedBehaviorSanitizer.
B := build$(if $(SAN),/san)

PYTHON   ?= python3
OPT      ?= -O2
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
SANITIZE := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
CPPFLAGS += -I. -I$(B)/gen -D_POSIX_C_SOURCE=200809L
ALL_CFLAGS   = -std=c17 $(OPT) -g $(WARN) $(SANITIZE) $(CFLAGS)
ALL_CXXFLAGS = -std=c++17 $(OPT) -g $(SANITIZE) $(CXXFLAGS)
LDLIBS += -lpng -lz -lm

# The make that does the work after setup: on all cores unless -j was given.
again = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))

# What this machine has decides which executors are built in.
HAVE_VERILATOR := $(shell command -v verilator >/dev/null && command -v $(CXX) >/dev/null && echo 1)
hash           := \#
HAVE_OPENCL    := $(shell printf '$(hash)include <CL/cl.h>\nint main(void){return clGetPlatformIDs(0,0,0)==0;}' | \
                    $(CC) -DCL_TARGET_OPENCL_VERSION=120 -xc - -lOpenCL -o /dev/null 2>/dev/null && echo 1)

HAVE_XBYAK     := $(shell [ "$$(uname -m)" = x86_64 ] && echo '$(hash)include <xbyak/xbyak.h>' | $(CXX) -E -xc++ - >/dev/null 2>&1 && echo 1)

HAVE_LIBEDIT   := $(shell printf '$(hash)include <stdio.h>\n$(hash)include <editline/readline.h>\nint main(void){return readline("")==0;}' | \
                    $(CC) -xc - -ledit -o /dev/null 2>/dev/null && echo 1)

space          := $(subst ,, )
PX_FEATURES     = $(B)/features-$(if $(HAVE_VERILATOR),rtl)-$(if $(HAVE_OPENCL),opencl)$(if $(RTL_LEFT_OUT),-no-$(subst $(space),-,$(RTL_LEFT_OUT)))

.PHONY: all help setup doctor sim test bench figures spec format clean
all: $(B)/px programs

include cc/runtime/runtime.mk
include pxi/pxi.mk
include cc/cc.mk
include stack/stack.mk
include llm/llm.mk
include pack/pack.mk
include vm/vm.mk
include wire/wire.mk
include exec/exec.mk
include god/god.mk
include architect/architect.mk
include answer/answer.mk
include pci/pci.mk
include serve/serve.mk
include view/view.mk
include rtl/rtl.mk
include rtl/board/boards.mk
include sim/boards.mk
include opencl/opencl.mk
include os/fs/fs.mk
include host/host.mk
include firmware/firmware.mk
include os/os.mk
include tests/tests.mk
include tools/install.mk

$(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

help: ## this list
	@echo 'pxOS: pixel programs on any executor. Usage: make TARGET [V=1 shows commands] [SAN=1 with sanitizers]'
	@echo
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ \
	    line = sprintf("%-15s", $$1); n = split($$2, word, " "); \
	    for (i = 1; i <= n; i++) { \
	        if (length(line) + 1 + length(word[i]) > 100) { print line; line = sprintf("%15s", "") } \
	        line = line " " word[i] } \
	    print line }'

setup: ## install what is missing (Debian packages, as root or with sudo)
	@tools/setup

doctor: ## versions found and versions tested
	@tools/doctor

# Setup comes first, then make again: what is built in depends on what is there.
sim: ## run the gallery on every executor; compare the pixels with each other and with what is expected
	@tools/setup build sim
	@$(again) all
	@$(PX) gallery --on ref,fast,rtl,opencl --expect tests/gallery/expected.txt --out $(B)/gallery --sheet $(B)/gallery.png $(GALLERY)
	@echo 'The pictures are in $(B)/gallery; $(B)/gallery.png shows them all, enlarged.'

bench: all $(BENCH_PROGRAMS) ## measure every figure of the documents, peers beside; PARTS="pictures ..": these of tests/bench; PICORV32=path/picorv32.v: a peer
	@[ -z "$(PICORV32)" ] || [ -r "$(PICORV32)" ] || { echo 'PICORV32=$(PICORV32): no such file'; exit 2; }
	@$(PX) bench $(GALLERY)
	@BUILD=$(B) PYTHON=$(PYTHON) PICORV32='$(PICORV32)' tests/bench/run $(PARTS)

# A board's last report is good enough; without one it is made now, some minutes each.
figures: all ## measure what README.md and docs/boards/ quote, and write it there: FIGURES="bench icebreaker ..."
	@mkdir -p $(B)/figures
	@for what in $(or $(FIGURES),bench $(BOARDS)); do \
	    if [ $$what = bench ]; then $(MAKE) -s --no-print-directory bench >$(B)/figures/bench.new && mv $(B)/figures/bench.new $(B)/figures/bench; \
	    else [ -e $(B)/boards/$$what/report.json ] || $(MAKE) -s --no-print-directory BOARD=$$what bitstream; fi || exit 1; done
	@BUILD=$(B) tools/figures

spec: $(B)/tools/spec ## rewrite the tables of documents that are made from a .def
	@$(B)/tools/spec $$(git grep -l '^<!-- table: ' -- '*.md')

format: ## lay out the C code
	@clang-format -i $(shell git ls-files '*.c' '*.h')

clean: ## remove everything that was built
	$(Q)rm -rf build
