# firmware: pxHV, from the boot sector to the disk images. Freestanding; built where NASM is.
override HAVE_NASM := $(shell command -v nasm >/dev/null && echo 1)

FW       := $(B)/firmware
FW_FLAGS := -std=c17 -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -mgeneral-regs-only \
            -Os -g $(WARN) -I.
# Its rooms; image/ is the host's but for the options, boot/ is built apart and guests/ are others.
HV_ROOMS := machine pc serial vcpu bios vmx svm
HV_C     := firmware/main.c firmware/image/options.c $(wildcard $(HV_ROOMS:%=firmware/%/*.c))
HV_ASM   := $(wildcard firmware/machine/*.asm firmware/vmx/*.asm firmware/svm/*.asm)
HV_OBJ   := $(HV_C:%.c=$(B)/%.o) $(HV_ASM:%.asm=$(B)/%.o) $(FW)/link.o $(FW)/bios/rom_image.o

$(FW)/boot/boot.bin: firmware/boot/boot.asm firmware/boot/layout.inc
	$(call say,NASM,$<)
	$(Q)mkdir -p $(@D) && nasm -Wall -f bin -Ifirmware/boot/ $< -o $@
$(FW)/boot/entry.o: firmware/boot/entry.asm firmware/boot/layout.inc
	$(call say,NASM,$<)
	$(Q)mkdir -p $(@D) && nasm -Wall -f elf32 -Ifirmware/boot/ $< -o $@
$(FW)/boot/loader.o: firmware/boot/loader.c firmware/boot/loader.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -m32 $(FW_FLAGS) -c $< -o $@
$(FW)/stage2.bin: firmware/boot/loader.ld $(FW)/boot/entry.o $(FW)/boot/loader.o
	$(call say,LINK,$@)
	$(Q)ld -m elf_i386 -z noexecstack --no-warn-rwx-segments -T $^ -o $(FW)/stage2.elf && \
	    objcopy -O binary $(FW)/stage2.elf $@

$(HV_ASM:%.asm=$(B)/%.o): $(B)/%.o: %.asm
	$(call say,NASM,$<)
	$(Q)mkdir -p $(@D) && nasm -Wall -f elf64 $< -o $@
$(FW)/vmx/enter.o $(FW)/svm/enter.o: firmware/vcpu/registers.inc
$(HV_C:%.c=$(B)/%.o): $(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(FW_FLAGS) -mcmodel=kernel -mno-red-zone -MMD -MP -c $< -o $@
$(FW)/link.o: pxi/link.c pxi/link.h pxi/link.def
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(FW_FLAGS) -mcmodel=kernel -mno-red-zone -c $< -o $@

# The guest's ROM, as bytes in pxHV's read-only data.
$(FW)/bios/rom.bin: firmware/bios/rom.asm
	$(call say,NASM,$<)
	$(Q)mkdir -p $(@D) && nasm -Wall -f bin $< -o $@
$(FW)/bios/rom_image.o: firmware/bios/rom_image.asm $(FW)/bios/rom.bin
	$(Q)nasm -Wall -f elf64 -I$(FW)/bios/ $< -o $@

$(FW)/hv.bin: firmware/machine/hv.ld $(HV_OBJ)
	$(call say,LINK,$@)
	$(Q)ld -z noexecstack -T $^ -o $(FW)/hv.elf && objcopy -O binary $(FW)/hv.elf $@

# mkimage reads options with pxHV's own parser and tells floppies from disks as the guest's BIOS does, by the same sources.
$(FW)/host/%.o: firmware/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@
$(FW)/mkimage: $(FW)/image/mkimage.o $(FW)/host/image/options.o $(FW)/host/serial/link_option.o $(FW)/host/bios/geometry.o $(B)/wire/serial.o $(PXI_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(SANITIZE) $^ $(LDLIBS) -o $@

# What every image is made of besides its guest, and the command that makes it.
IMAGE_NEEDS := $(FW)/mkimage $(FW)/boot/boot.bin $(FW)/stage2.bin $(FW)/hv.bin $(B)/programs/serial_driver.pxi
MKIMAGE      = $(FW)/mkimage -o $@ $(FW)/boot/boot.bin $(FW)/stage2.bin hv=$(FW)/hv.bin driver=$(B)/programs/serial_driver.pxi

$(FW)/guests/%.bin: firmware/guests/%.asm
	$(call say,NASM,$<)
	$(Q)mkdir -p $(@D) && nasm -Wall -f bin -Ifirmware/guests/ $< -o $@
$(FW)/guests/biostest.bin: $(wildcard firmware/guests/biostest/*.inc)
$(FW)/guests/attack.bin: $(wildcard firmware/guests/attack/*.inc)

# A guest's floppy is its boot sector and what follows it, padded to 1.44 MB.
$(FW)/%.floppy: $(FW)/guests/%.bin
	$(Q)cp $< $@ && truncate -s 1440K $@
$(FW)/%.img: $(FW)/%.floppy $(IMAGE_NEEDS)
	$(call say,IMAGE,$@)
	$(Q)$(MKIMAGE) \
	    floppy=$< 'options=end=bochs'

HV_IMAGES := $(FW)/hello.img $(FW)/bulk.img $(FW)/attack.img

# The same test program on a disk of 8,192 sectors: DISK_SECTORS in biostest.asm.
$(FW)/biostest.disk: $(FW)/guests/biostest.bin
	$(Q)cp $< $@ && truncate -s 4M $@
$(FW)/biostest-disk.img: $(FW)/biostest.disk $(IMAGE_NEEDS)
	$(call say,IMAGE,$@)
	$(Q)$(MKIMAGE) \
	    disk=$< 'options=end=bochs'
HV_IMAGES += $(FW)/biostest.img $(FW)/biostest-disk.img

# pxDOS: its floppy is made by mtools.
PXDOS_PROGRAMS := hello args dump calls counts
$(FW)/guests/pxdos/system.bin: $(wildcard firmware/guests/pxdos/*.inc)
$(FW)/pxdos.floppy: $(FW)/guests/pxdos/boot.bin $(FW)/guests/pxdos/system.bin $(PXDOS_PROGRAMS:%=$(FW)/guests/pxdos/%.bin) \
        firmware/guests/pxdos/readme.txt
	$(call say,FLOPPY,$@)
	$(Q)rm -f $@ && mformat -C -i $@ -f 1440 -v PXDOS -B $< :: && mcopy -i $@ $(FW)/guests/pxdos/system.bin ::PXDOS.SYS && \
	    for p in $(PXDOS_PROGRAMS); do mcopy -i $@ $(FW)/guests/pxdos/$$p.bin ::$$(echo $$p | tr a-z A-Z).COM || exit 1; done && \
	    mcopy -t -i $@ firmware/guests/pxdos/readme.txt ::README.TXT
HV_IMAGES += $(if $(shell command -v mformat),$(FW)/pxdos.img)

# Setup comes first, then make again, as in `make sim`.
.PHONY: hv hv-images hv-image hv-run hv-picture
need_tools = @for tool in nasm mformat; do command -v $$tool >/dev/null || { echo "pxHV cannot be built without $$tool: see above" >&2; exit 1; }; done
hv: ## pxHV and its guests as bootable images, in build/firmware; installs what is missing
	@tools/setup build hv
	$(need_tools)
	@$(again) hv-images
	@echo 'The images are in $(FW). `make hv-run` boots one on this terminal.'
hv-images: $(HV_IMAGES)

# Linux: Debian's cloud kernel and a static busybox, from this machine or, without installing them, from their packages.
LINUX   ?= $(or $(lastword $(sort $(wildcard /boot/vmlinuz-*-cloud-amd64))),$(FW)/debian/vmlinuz)
BUSYBOX ?= $(if $(wildcard /usr/share/doc/busybox-static),/bin/busybox,$(FW)/debian/busybox)
$(FW)/debian/%:
	$(call say,FETCH,$@)
	$(Q)firmware/guests/debian.sh $* $(@D)
$(FW)/initramfs: firmware/guests/initramfs.py $(BUSYBOX)
	$(Q)mkdir -p $(@D) && $(PYTHON) $< $(BUSYBOX) $@

# EMU: the machine that boots what follows, and whose processor is VT-x' or AMD-V's. Tests also take one after the other.
EMU  ?= bochs
EMUS := bochs qemu $(if $(filter hv-run hv-picture,$(MAKECMDGOALS)),,both)
$(if $(filter hv-%,$(MAKECMDGOALS)),$(if $(filter $(EMUS),$(EMU)),,$(error EMU=$(EMU): expected one of: $(EMUS))))

# One image of one's own wishes; firmware/image/image.sh reads them from the environment.
GUEST ?= $(if $(IMG),given,pxdos)
ON    ?= fast
APPEND ?= console=tty0 console=ttyS0,115200 loglevel=3
hv-image hv-run: export GUEST := $(GUEST)
hv-image hv-run: export APPEND := $(APPEND)
hv-image: export FW := $(FW)
hv-image: export LINUX := $(LINUX)
hv-image: export INITRD := $(FW)/initramfs
RUN_NEEDS := $(if $(filter linux,$(GUEST)),$(LINUX) $(FW)/initramfs) \
             $(patsubst %,$(FW)/%.floppy,$(filter pxdos biostest attack bulk hello,$(GUEST:test=biostest)))
hv-image: $(IMAGE_NEEDS) $(RUN_NEEDS) ## one image: GUEST or IMG, OPTIONS, DRIVER and APPEND (firmware/README.md)
	@firmware/image/image.sh make && echo 'The image is $(FW)/run-$(GUEST).img.'

# Standard output is run.sh's, which gives it the wire alone where it is no terminal.
hv-run: ## a guest on this terminal: GUEST=pxdos, linux, test, attack, bulk, hello, or IMG=FILE; EMU=qemu, ON, VIEW, WIRE, OPTIONS, DRIVER, OUT (firmware/README.md)
	@firmware/image/image.sh check
	@tools/setup build hv $(if $(findstring rtl,$(ON))$(findstring opencl,$(ON)),sim) >&2
	$(need_tools)
	@$(again) hv-image END=end=bochs >&2
	@PX=$(PX) firmware/run.sh --emu '$(EMU)' --on '$(ON)' $(if $(VIEW),--view '$(VIEW)') $(if $(WIRE),--wire '$(WIRE)') $(if $(OUT),--out '$(OUT)') '$(FW)/run-$(GUEST).img'

# pxDOS is typed at by a batch file; the text memory at the end is drawn with the font of the display's BIOS.
PICTURE ?= $(FW)/picture.png
hv-picture: $(B)/px $(FW)/pxdos.floppy $(IMAGE_NEEDS) ## a picture of pxDOS' screen, as in firmware/README.md; EMU=qemu
	@cp $(FW)/pxdos.floppy $(FW)/picture.floppy && \
	    printf '%s\r\n' 'dir *.com' mem 'ctty com1' 'type readme.txt' 'ctty con' counts halt | mcopy -o -i $(FW)/picture.floppy - ::AUTOEXEC.BAT && \
	    GUEST=given IMG=$(FW)/picture.floppy OPTIONS= END=end=bochs FW=$(FW) firmware/image/image.sh make
	@PX=$(PX) firmware/run.sh --emu '$(EMU)' --on '$(ON)' --view wire --out $(FW)/picture $(FW)/run-given.img </dev/null >$(FW)/picture.said 2>&1 || { cat $(FW)/picture.said >&2; exit 1; }
	@firmware/screen.py --png '$(PICTURE)' $(FW)/picture.screen && echo 'The picture is $(PICTURE).'

# The CPU microkernel: as it is, and with what a BIOS wants behind it of a disk (SeaBIOS: a cylinder of 16 x 63 sectors at least).
MICRO := $(FW)/micro.img
$(FW)/micro/mailbox.inc: firmware/micro/names.h firmware/micro/mailbox.def
	$(Q)mkdir -p $(@D) && $(CC) -E -P -I. -xc $< >$@
$(FW)/micro.bin: firmware/micro/micro.asm $(FW)/micro/mailbox.inc
	$(call say,NASM,$<)
	$(Q)nasm -Wall -f bin -I$(FW)/micro/ $< -o $@ && \
	    { [ $$(stat -c %s $@) -le 2048 ] || { echo 'the microkernel has more than 2,048 bytes' >&2; exit 1; }; }
$(MICRO): $(FW)/micro.bin
	$(Q)cp $< $@ && truncate -s 1M $@

.PHONY: micro
micro: ## the CPU microkernel, for a machine whose operating system is a pixel program (firmware/micro/README.md)
	@tools/setup build micro
	@command -v nasm >/dev/null || { echo 'the microkernel cannot be built without nasm: see above' >&2; exit 1; }
	@$(again) $(MICRO)
