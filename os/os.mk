# os: pxOS, an operating system that is one picture: build/os.pxi. It is made where C programs can be (cc/runtime/runtime.mk).
# Drivers of a machine's devices, as far as the kernel is to have them. Of what they share the linker takes what is used.
OS_DEVICES  ?= clock uart screen keyboard xhci virtio_input nvme_disks e1000e
OS_DRIVERS  := console block display ethernet drivers input machine nvme usb_input
OS_KERNEL   := $(filter-out os/fs/pxfs_check.c,$(wildcard os/kernel/*.c) $(OS_DRIVERS:%=os/drivers/%.c) $(OS_DEVICES:%=os/drivers/%.c) $(FS_SRC))
OS_HEADERS  := $(wildcard os/*.h os/kernel/*.h os/kernel/libc/*.h os/drivers/*.h os/fs/*.h os/apps/*.h) $(wildcard os/fs/*.def) os/os.def os/table.def pxi/host.def pxi/state.def
OS_APP_NAMES := $(patsubst os/apps/%.c,%,$(wildcard os/apps/*.c))
OS_APPS     := $(OS_APP_NAMES:%=$(B)/os/%.pxi)
# The gallery in v1, to be run and shown: what is no larger than the smallest boards hold.
OS_SHOWN    := atlas bitonic blend cells creeper digits equalise fire fork hyper life mandelbrot matmul mlp rule90 scalar scheduler sieve \
    sphere terrain voronoi
OS_GALLERY  := $(OS_SHOWN:%=$(B)/programs/%.pxi)
OS_PAGES    := $(OS_SHOWN:%=$(B)/os/tree/man/%)
OS_CC        = $(B)/px cc -q $(OS_OPTIMISE) --freestanding -I.
OS_OPTIMISE  = -O2
$(OS_APPS): OS_OPTIMISE = -Os

$(B)/os/kernel/kernel.pxi: $(OS_KERNEL) $(OS_HEADERS) $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,os/kernel)
	$(Q)mkdir -p $(@D) && $(OS_CC) -g -Ios/kernel/libc --width 256 --stack 3072 --heap 0 \
		-D OS_DEVICES='$(foreach d,$(OS_DEVICES),DEVICE($d))' $(OS_KERNEL) -o $@
# A program is one file, and those of a folder of its name where it has one. Its first comment is its page of the manual.
OS_STACK = 512
$(B)/os/sh.pxi: OS_STACK = 2048
$(B)/os/sh.pxi: $(wildcard os/apps/sh/*)
$(OS_APPS): $(B)/os/%.pxi: os/apps/%.c os/man.awk $(OS_HEADERS) $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,$<)
	$(Q)mkdir -p $(@D)/tree/man && $(OS_CC) --stack $(OS_STACK) --heap 256 \
		-D OS_USAGE="\"$$(awk -v usage=1 -f os/man.awk $<)\"" $< $(wildcard os/apps/$*/*.c) -o $@
	$(Q)awk -f os/man.awk $< >$(@D)/tree/man/$*

$(OS_PAGES): $(B)/os/tree/man/%: pxi/programs/%.pxa os/man.awk
	$(Q)mkdir -p $(@D) && awk -f os/man.awk $< | fold -s -w 79 | sed 's, *$$,,' >$@

# A mini system: the same kernel within other limits (os/fs/limits.def), a shell of its own, and programs that need little.
MINI_KERNEL := $(filter-out os/kernel/stat.c os/drivers/ethernet.c os/drivers/display.c os/fs/pxfs.c os/fs/fat% os/fs/ext4.c $(OS_DEVICES:%=os/drivers/%.c),$(OS_KERNEL))
MINI_APPS   := $(patsubst %,$(B)/os/mini/%.pxi,sh cat echo head ls ps rm sleep wc)
$(B)/os/mini/%: OS_OPTIMISE = -Oz
$(B)/os/mini/kernel/kernel.pxi: $(MINI_KERNEL) $(OS_HEADERS) $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,os/mini)
	$(Q)mkdir -p $(@D) && $(OS_CC) -g -D OS_MINI -D OS_DEVICES= -Ios/kernel/libc --width 64 --stack 384 --heap 0 \
		$(MINI_KERNEL) -o $@
$(MINI_APPS): $(B)/os/mini/%.pxi: $(OS_HEADERS) os/man.awk $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,$(filter %.c,$^) for os-mini)
	$(Q)mkdir -p $(@D) && $(OS_CC) -D OS_MINI --stack 192 --heap 64 \
		-D OS_USAGE="\"$$(awk -v usage=1 -f os/man.awk $(filter %.c,$^))\"" $(filter %.c,$^) -o $@
$(filter-out %/sh.pxi,$(MINI_APPS)): $(B)/os/mini/%.pxi: os/apps/%.c
$(B)/os/mini/sh.pxi: os/apps/mini/sh.c
$(B)/os-mini.pxi: $(B)/os/mini/kernel/kernel.pxi $(MINI_APPS)
	$(call say,MKOS,$@)
	$(Q)$(B)/px mkos -q --kernel $(B)/os/mini/kernel/kernel.pxi --root ramfs=9088 --slots 1792=3,2304=2 $(MINI_APPS) -o $@

# What each row of it holds is in os.regions.
$(B)/os.pxi: $(B)/os/kernel/kernel.pxi $(OS_APPS) $(OS_GALLERY) $(OS_PAGES)
	$(call say,MKOS,$@)
	$(Q)$(B)/px mkos --kernel $(B)/os/kernel/kernel.pxi --tree $(B)/os/tree $(OS_APPS) $(OS_GALLERY) -o $@ >$(B)/os.regions

ifneq ($(HAVE_CC),)
all: $(B)/os.pxi $(B)/os-mini.pxi
endif

.PHONY: os
os: ## build pxOS, one picture, and start its shell; setup comes first
	@tools/setup build sim cc
	@$(again) $(B)/os.pxi
	@$(B)/px os $(B)/os.pxi

.PHONY: os-qemu
os-qemu: ## pxOS as the operating system of QEMU's machine, COM1 on this terminal, Ctrl-A x ends it: ON=EXECUTOR, QEMU="-display gtk, or more arguments"
	@tools/setup build cc micro
	@$(again) $(B)/px $(MICRO) $(B)/os.pxi
	@PX=$(PX) IMAGE=$(MICRO) ALL_KEYS=1 pci/run.sh $(B)/os.pxi --on '$(ON)' -- -vga none -device ramfb $(QEMU)

.PHONY: os-figures
os-figures: all ## what pxOS was founded to show, beside what was promised, and what its calls cost: instructions, the core's cycles
	@PX=$(PX) OS=$(B)/os tests/os/figures.sh
	@PX=$(PX) OS=$(B)/os tests/os/claims.sh
	@PX=$(PX) OS=$(B)/os tests/os/cycles.sh

.PHONY: os-check os-soak
os-check: $(B)/os.pxi ## pxOS' list of cases on every executor, or on those of OS_ON='A B'; long sessions beside a second kernel
	@PX=$(PX) OS=$(B)/os PYTHON=$(PYTHON) OS_SECONDS=3000 OS_ON='$(or $(OS_ON),$(filter-out rtl4,$(EXECUTORS)))' tests/os/check.sh
	@PX=$(PX) OS=$(B)/os PYTHON=$(PYTHON) LONG=1 tests/os/second.sh
os-soak: $(B)/os.pxi ## random sessions of pxOS, cut off like by a loss of power: N=1e8 instructions, OS_ON='fast opencl', SEED=1
	@PX=$(PX) OS=$(B)/os PYTHON=$(PYTHON) OS_ON='$(or $(OS_ON),fast)' N='$(or $(N),1e8)' SEED='$(or $(SEED),1)' nice -n 15 tests/os/soak.sh
OS_SUITES := \
    os-pxfs '$(PYTHON) tests/fs/pxfs.py --test $(B)/px' \
    os-files tests/os/files.sh \
    os-check 'PYTHON=$(PYTHON) tests/os/check.sh' \
    os-together 'PYTHON=$(PYTHON) tests/os/together.sh' \
    os-second 'PYTHON=$(PYTHON) tests/os/second.sh' \
    os-session tests/os/session.sh \
    os-mini tests/os/mini.sh \
    os-mini-terminal '$(PYTHON) tests/os/mini_terminal.py $(B)/px $(B)/os-mini.pxi' \
    os-nested tests/os/nested.sh \
    os-lockstep 'WRONG=$(B)/tests/os/wrong tests/os/lockstep.sh' \
    os-regions '$(PYTHON) tests/os/regions.py' \
    os-programs tests/os/programs.sh \
    os-network 'PX=$(B)/px OS_PICTURE=$(B)/os.pxi $(PYTHON) tests/os/network.py' \
    os-terminal '$(PYTHON) tests/os/terminal.py $(B)/px $(B)/os.pxi' \
    os-screen '$(PYTHON) tests/os/screen.py $(B)/px $(B)/os.pxi' \
    os-isolation tests/os/isolation.sh \
    os-pictures tests/os/pictures.sh \
    os-snapshot tests/os/snapshot.sh \
    os-figures tests/os/figures.sh
