# pci: this process as a PCI device of an emulated machine.
PCI_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard pci/*.c))

# Programs for a bare machine, with what pxOS' kernel drives it with.
BARE_SRC := os/drivers/machine.c os/drivers/nvme.c
PCI_PROGRAMS := $(patsubst pci/programs/%.c,$(B)/pci/%.pxi,$(wildcard pci/programs/*.c))
$(PCI_PROGRAMS): $(B)/pci/%.pxi: pci/programs/%.c pci/programs/bare.h $(BARE_SRC) $(wildcard os/drivers/*.h) $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,$<)
	$(Q)mkdir -p $(@D) && $(B)/px cc -q -O2 -I. $< $(BARE_SRC) -o $@

PROGRAM ?= $(B)/pci/scan.pxi
.PHONY: micro-run
micro-run: ## a pixel program as the operating system of QEMU's machine, COM1 on this terminal: PROGRAM=FILE.pxi, ON, QEMU="more arguments"
	@tools/setup build cc micro
	@$(again) $(B)/px $(MICRO) $(PROGRAM)
	@PX=$(PX) IMAGE=$(MICRO) pci/run.sh '$(PROGRAM)' --on '$(ON)' -- $(QEMU)
