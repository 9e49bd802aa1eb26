# cc/runtime: what a C program is linked with, in build/cc: px.h, the linker script, start code and libpx. clang makes the last
# two for RISC-V; without it they are left out, and without picolibc what serves it.
CC_OUT      := $(B)/cc
CC_CLANG    ?= clang
HAVE_CLANG  := $(shell command -v $(CC_CLANG) >/dev/null && echo 1)
PICOLIBC    ?= /usr/lib/picolibc/riscv64-unknown-elf
HAVE_PICO   := $(wildcard $(PICOLIBC)/include/stdio.h)
HAVE_CC     := $(if $(HAVE_CLANG),$(if $(wildcard /usr/lib/gcc/riscv64-unknown-elf/*/rv32im/ilp32/libgcc.a),$(shell command -v ld.lld >/dev/null && echo 1)))
CC_TARGET   := --target=riscv32 -march=rv32ima -mabi=ilp32 -mcmodel=medlow -mno-relax -fno-pic
CC_RUN_FLAGS = $(CC_TARGET) -std=c17 -O2 -g -ffreestanding -fno-builtin -ffunction-sections -fdata-sections \
    -ftls-model=local-exec $(WARN) -Wno-sign-conversion -I$(CC_OUT) -I.

CC_HEADERS  := $(CC_OUT)/px.h $(CC_OUT)/px_isa.h $(CC_OUT)/px_host.h $(CC_OUT)/sys/dirent.h
CC_BARE     := mem exit atexit guard
CC_HOSTED   := $(if $(HAVE_PICO),system folder console cxx)
CC_RUNTIME  := $(CC_HEADERS) $(CC_OUT)/px.ld $(if $(HAVE_CLANG),$(CC_OUT)/crt0.o $(CC_OUT)/libpx.a)

$(B)/cc/runtime/gen_px: $(B)/cc/runtime/gen_px.o $(B)/pxi/isa.o
	$(Q)mkdir -p $(@D) && $(CC) $(SANITIZE) $^ -o $@
$(CC_OUT)/px_isa.h $(CC_OUT)/px_host.h: $(CC_OUT)/px_%.h: $(B)/cc/runtime/gen_px
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $< $* >$@
$(CC_OUT)/px.h $(CC_OUT)/px.ld $(CC_OUT)/sys/dirent.h: $(CC_OUT)/%: cc/runtime/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(CC_OUT)/crt0.o: cc/runtime/crt0.S
	$(call say,RV32,$<)
	$(Q)mkdir -p $(@D) && $(CC_CLANG) $(CC_TARGET) -c $< -o $@
$(CC_OUT)/rt/%.o: cc/runtime/%.c $(CC_HEADERS)
	$(call say,RV32,$<)
	$(Q)mkdir -p $(@D) && $(CC_CLANG) $(CC_RUN_FLAGS) $(if $(filter $*,$(CC_HOSTED)),-isystem $(PICOLIBC)/include) -c $< -o $@
$(CC_OUT)/rt/system.o: os/os.def cc/runtime/outcome.h
$(CC_OUT)/rt/folder.o: cc/runtime/outcome.h
$(CC_OUT)/libpx.a: $(patsubst %,$(CC_OUT)/rt/%.o,$(CC_BARE) $(CC_HOSTED))
	$(Q)rm -f $@ && ar rcs $@ $^

.PHONY: cc-runtime
cc-runtime: $(CC_RUNTIME) ## what C programs are linked with: px.h, the linker script, start code, libpx
all: cc-runtime
