# exec: machines in executors, and what --on means; and the library that programs of one's own link: pictures, states,
# assembler, machines and both VMs.
EXEC_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard exec/*.c))

LIBPXI         := $(B)/libpxi.a
LIBPXI_HEADERS := $(addprefix pxi/,error.h executor.h heat.h host.def host.h isa.def isa.h picture.h pixel.h state.def state.h touch.h) pxi/png/picture_file.h \
                  pxi/asm/asm.h pxi/asm/disasm.h exec/machine.h exec/drivers.h exec/executors.def
LIBPXI_FOLDERS := pxi/png pxi/asm pxi exec
$(LIBPXI): $(PXI_OBJ) $(B)/exec/machine.o $(VM_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The folder is found from where the file stands, so that an installed tree may be moved.
$(B)/gen/pxi.pc: VERSION
	$(Q)mkdir -p $(@D) && printf '%s\n' 'prefix=$${pcfiledir}/../..' 'Name: pxi' 'Description: pixel programs: pictures, assembler, machines, VMs' \
	    'Version: $(VERSION)' 'Cflags: -I$${prefix}/include/pxos' 'Libs: -L$${prefix}/lib -lpxi -lpng -lz' >$@

.PHONY: lib
lib: $(LIBPXI) ## libpxi.a: pixel programs in programs of one's own; examples/sum.c
