# gate: px and the random tester with a chip's netlist as their executor rtl. rtl/README.md, "Gate level", has the figures.
GATE_CHIPS := up5k hx8k ecp5
HAVE_YOSYS := $(shell command -v yosys >/dev/null && echo 1)

ifeq ($(HAVE_VERILATOR)$(HAVE_YOSYS),11)
GATE_SRC := $(RTL_SRC) rtl/px_spram.v
$(B)/gate/%/Vpx_plain__ALL.a: tests/rtl/gate.sh tests/rtl/gate_ecp5.v rtl/chips.sh $(GATE_SRC) $(RTL_ISA) rtl/px_ops.vh
	$(call say,NETLIST,$@)
	$(Q)+BUILD=$(B) tests/rtl/gate.sh $* $(@D) $(GATE_SRC)
$(B)/gate/%/shim.o: sim/rtl_shim.cpp sim/rtl_shim.h $(B)/gate/%/Vpx_plain__ALL.a
	$(call say,CXX,$@)
	$(Q)$(RTL_CXX) -I$(@D) -DMODEL=plain -DPX_NETLIST -DNAME='"rtl ($* netlist)"' -DPIXELS=$$(cat $(@D)/pixels) -c $< -o $@

# All of px but its Verilated core, and in its place the netlist.
GATE_OBJ  = $(filter-out $(RTL_LIB),$(UNIT_OBJ)) $(filter $(B)/sim/verilated%,$(RTL_LIB))
GATE_LINK = $(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/gate/%/px: $(GATE_OBJ) $(B)/host/main.o $(B)/gate/%/shim.o $(B)/gate/%/Vpx_plain__ALL.a
	$(call say,LINK,$@)
	$(GATE_LINK)
$(B)/gate/%/random: $(GATE_OBJ) $(RANDOM_OBJ) $(B)/gate/%/shim.o $(B)/gate/%/Vpx_plain__ALL.a
	$(call say,LINK,$@)
	$(GATE_LINK)

GATE_COUNT ?= 300
gate_suites = gate-$(1)-conformance '$(B)/gate/$(1)/px conformance --tap --on rtl:$(SEED)' \
    gate-$(1)-random '$(B)/gate/$(1)/random --tap --on ref,rtl:$(SEED) --count $(GATE_COUNT) --seed $(SEED) --keep $(B)/gate/$(1)'
GATE_SUITES = $(foreach chip,$(GATE_CHIPS),$(call gate_suites,$(chip)))
GATE_PROGRAMS := $(foreach chip,$(GATE_CHIPS),$(B)/gate/$(chip)/px $(B)/gate/$(chip)/random)
else
GATE_SUITES = gate 'echo "1..0 \# SKIP yosys or verilator is not here (Debian: apt install yosys verilator)"'
endif

BOARD_SUITES += $(GATE_SUITES)
test-boards: $(GATE_PROGRAMS)

.PHONY: gate
gate: $(GATE_PROGRAMS) ## the netlists of UP5K, HX8K and ECP5: conformance set and GATE_COUNT (300) random programs; GATE_CHIPS=up5k
	@$(SUITE) $(GATE_SUITES)
