# host: the px command, linked from every room that this machine can build.
HOST_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard host/*.c host/command/*.c))
PX       := $(B)/px

PX_OBJ := $(HOST_OBJ) $(SERVE_OBJ) $(ANSWER_OBJ) $(CC_OBJ) $(STACK_OBJ) $(PACK_OBJ) $(GOD_OBJ) $(ARCHITECT_OBJ) $(LLM_OBJ) $(PCI_OBJ) $(VIEW_OBJ) \
    $(EXEC_OBJ) $(WIRE_OBJ) $(VM_OBJ) $(VM_JIT) $(B)/os/root.o $(B)/os/picture.o $(FS_OBJ) $(PXI_OBJ)
PX_LD  := $(CC)
ifeq ($(HAVE_VERILATOR),1)
CPPFLAGS += -DPX_HAVE_RTL
PX_OBJ += $(RTL_OBJ) $(RTL_LIB)
PX_LD  := $(CXX)
endif
ifeq ($(HAVE_OPENCL),1)
CPPFLAGS += -DPX_HAVE_OPENCL
PX_OBJ += $(OPENCL_OBJ)
LDLIBS += -lOpenCL -ldl
endif

ifeq ($(HAVE_LIBEDIT),1)
CPPFLAGS += -DPX_HAVE_LIBEDIT
LDLIBS += -ledit
endif

# What was built in is the registry's to know. PX_FEATURES is rtl.mk's too.
$(PX_FEATURES): FORCE
	$(Q)[ -e $@ ] || { mkdir -p $(@D) && rm -f $(B)/features-* && touch $@; }
$(B)/exec/registry.o: $(PX_FEATURES)

$(PX): $(PX_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $(PX_OBJ) $(LDLIBS) -o $@

# px --version: the release, and the commit that it was built from. Written anew only when that changes.
VERSION := $(strip $(file <VERSION))
$(B)/gen/version.h: FORCE
	$(Q)mkdir -p $(@D) && commit=$$(git describe --always --exclude '*' --dirty 2>/dev/null) && commit=" ($$commit)"; \
	    echo "#define PX_VERSION \"$(VERSION)$$commit\"" | cmp -s - $@ || echo "#define PX_VERSION \"$(VERSION)$$commit\"" >$@
$(B)/host/main.o: $(B)/gen/version.h
.PHONY: FORCE

.PHONY: px
px: $(PX)
