# tests/pci: px pci with QEMU, and with a stranger in QEMU's place.
PCI_TESTS := $(patsubst tests/pci/%.c,$(B)/pci/%.pxi,$(filter-out tests/pci/figures.c tests/pci/shown.c,$(wildcard tests/pci/*.c)))
$(PCI_TESTS): $(B)/pci/%.pxi: tests/pci/%.c pci/programs/bare.h $(BARE_SRC) $(wildcard os/drivers/*.h) $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,$<)
	$(Q)mkdir -p $(@D) && $(B)/px cc -q -O2 -I. $(PCI_DEFINES) $< $(BARE_SRC) -o $@
$(B)/pci/disk.pxi: PCI_DEFINES = -D NVME_DEPTH=32 -D NVME_PIECE=262144
EVENT_SRC := $(patsubst %,os/drivers/%.c,drivers input keyboard usb_input virtio_input xhci)
$(B)/pci/events.pxi: $(EVENT_SRC)
$(B)/pci/events.pxi: PCI_DEFINES = $(EVENT_SRC) -D OS_DEVICES='DEVICE(keyboard) DEVICE(xhci) DEVICE(virtio_input)'
# A process of pxOS.
$(B)/pci/shown.pxi: tests/pci/shown.c $(OS_HEADERS) $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,$<)
	$(Q)mkdir -p $(@D) && $(OS_CC) --stack 512 --heap 256 $< -o $@
test-run: $(if $(HAVE_NASM),$(MICRO)) $(if $(HAVE_CC),$(PCI_PROGRAMS) $(PCI_TESTS) $(B)/pci/shown.pxi)
PCI_SUITES := pci-peer 'PX=$(PX) PROGRAMS=$(B)/pci $(PYTHON) tests/pci/peer.py' pci-qemu 'PX=$(PX) MICRO=$(MICRO) PROGRAMS=$(B)/pci $(PYTHON) tests/pci/qemu.py' \
    pci-os 'PX=$(PX) MICRO=$(MICRO) PROGRAMS=$(B)/pci OS_PICTURE=$(B)/os.pxi $(PYTHON) tests/pci/os.py' \
    pci-input 'PX=$(PX) MICRO=$(MICRO) PROGRAMS=$(B)/pci OS_PICTURE=$(B)/os.pxi $(PYTHON) tests/pci/input.py'

$(B)/tests/pci/figures: $(B)/tests/pci/figures.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

.PHONY: micro-figures
micro-figures: $(B)/tests/pci/figures $(MICRO) $(B)/os.pxi $(B)/pci/disk.pxi $(LINUX) $(FW)/initramfs ## measure what the microkernel's mailbox costs under QEMU, and pxOS on it beside Linux, as in docs/RESEARCH.md
	@FIGURES=$(B)/tests/pci/figures MICRO=$(MICRO) tests/pci/figures.sh
	@PX=$(PX) MICRO=$(MICRO) PROGRAMS=$(B)/pci OS_PICTURE=$(B)/os.pxi LINUX=$(LINUX) INITRAMFS=$(FW)/initramfs $(PYTHON) tests/pci/os_figures.py
