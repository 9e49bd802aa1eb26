# opencl: the kernels as one C file, the executor's objects, its benchmark.

OPENCL_CL  := $(addprefix opencl/,word.cl vector.cl scalar.cl classic.cl group.cl straight.cl team.cl slots.cl run.cl lanes.cl fleet.cl grid.cl parts.cl mma.cl)
OPENCL_SRC := $(if $(HAVE_OPENCL),$(wildcard opencl/*.c))
OPENCL_OBJ := $(OPENCL_SRC:%.c=$(B)/%.o) $(if $(HAVE_OPENCL),$(B)/gen/px_kernels.o)
OPENCL_LIBS := $(if $(HAVE_OPENCL),-lOpenCL -ldl)

# isa.def as OpenCL C, then the layout, then the kernels; -P and the comments of headers out of the way.
$(B)/gen/px_isa.cl: opencl/isa_lists.h pxi/isa.def pxi/state.def opencl/fold.awk
	$(call say,ISA,$@)
	$(Q)mkdir -p $(@D) && { $(CC) -I. -E -P -xc $< && $(CC) -I. -E -P -DPX_LIST -xc $< | awk -f opencl/fold.awk; } > $@

$(B)/gen/px_kernels.cl: $(B)/gen/px_isa.cl opencl/layout.h $(OPENCL_CL)
	$(Q)for f in $^; do printf '#line 1 "%s"\n' "$${f##*/}"; cat "$$f"; done > $@

# An array of lines: one string literal would be longer than C promises.
$(B)/gen/px_kernels.c: $(B)/gen/px_kernels.cl
	$(call say,EMBED,$@)
	$(Q){ echo '#include "opencl/program.h"'; echo 'const char *const px_kernel_lines[] = {'; \
	      sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/    "/; s/$$/\\n",/' $<; echo '    0};'; } > $@

$(B)/gen/px_kernels.o: $(B)/gen/px_kernels.c
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/tools/bench_opencl: $(B)/tools/bench_opencl.o $(OPENCL_OBJ) $(B)/exec/machine.o $(B)/wire/serial.o $(PXI_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

.PHONY: bench-opencl
bench-opencl: $(B)/tools/bench_opencl ## figures of the OpenCL executor; DEVICE chooses one
	@$< $(DEVICE)

.PHONY: oclgrind
oclgrind: $(B)/px ## conformance on Oclgrind, which finds data races in the kernels; CASES=FILE.pxt .., all of them take hours; SHARE=K/N
	@tools/setup build oclgrind
	@PX=$< OUT=$(B)/oclgrind KERNELS=$(B)/gen/px_kernels.cl tests/opencl/oclgrind.sh $(if $(SHARE),--share $(SHARE)) $(CASES)

# The kernels compiled for parallel work-items and with every vector instruction sent over the whole device, which a CPU's own
# settings (one work-item, long runs only) would never reach; and with launches of a few instructions.
opencl_suites = opencl-conformance-$(1) '$(2) $(B)/px conformance --tap --on opencl' \
    opencl-gallery-$(1) '$(2) $(B)/px gallery --tap --on ref,opencl $(3)' \
    opencl-random-$(1) '$(2) $(B)/tests/random/random --tap --skip-absent --on ref,opencl --count 500 --seed $(SEED)'
opencl_slots = opencl-conformance-$(1) '$(2) $(B)/px conformance --tap --on opencl tests/conformance/nest.pxt'
OPENCL_SUITES = $(if $(HAVE_OPENCL),$(call opencl_suites,wg16-grid,PX_OPENCL_WG=16 PX_OPENCL_GRID=1,$(GALLERY)) \
    $(call opencl_suites,wg64-short,PX_OPENCL_WG=64 PX_OPENCL_GRID=0 PX_OPENCL_FUEL=99,$(GALLERY_QUICK)) \
    opencl-conformance-lanes 'PX_OPENCL_LANES=1 $(B)/px conformance --tap --on opencl' \
    opencl-random-lanes 'PX_OPENCL_LANES=1 PX_OPENCL_FUEL=99 $(B)/tests/random/random --tap --skip-absent --on ref$(comma)opencl --count 200 --seed $(SEED)' \
    $(call opencl_slots,wg16-fleets,PX_OPENCL_WG=16 PX_OPENCL_FLEET=1) $(call opencl_slots,fleets,PX_OPENCL_FLEET=1 PX_OPENCL_FUEL=7) $(call opencl_slots,slot-lanes,PX_OPENCL_FLEET=1 PX_OPENCL_LANES=1) \
    opencl-slots-wg16 'PX_OPENCL_WG=16 PX_SLOTS_CASES=30 $(B)/tests/unit/test_opencl_slots' \
    opencl-tiles tests/opencl/tiles.sh opencl-chain tests/cli/opencl_chain.sh opencl-user tests/cli/opencl_user.sh opencl-drivers 'SLOW_ICD=$(B)/tests/opencl/slow_icd.so tests/cli/opencl_drivers.sh')

# A driver for that test.
$(B)/tests/opencl/slow_icd.so: tests/opencl/slow_icd.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fPIC -shared $< -o $@
