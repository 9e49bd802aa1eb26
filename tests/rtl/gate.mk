# gate: px and the random tester with a chip's netlist as their executor rtl, and simulated boards that are netlists.
# rtl/README.md, "Gate level", has the figures.
GATE_CHIPS  := up5k hx8k ecp5
GATE_BOARDS := icebreaker
HAVE_YOSYS := $(shell command -v yosys >/dev/null && echo 1)

ifeq ($(HAVE_VERILATOR)$(HAVE_YOSYS),11)
GATE_SRC := $(RTL_SRC) rtl/core/px_spram.v
GATE_DEP := tests/rtl/gate.sh tests/rtl/gate_ice40.v tests/rtl/gate_ecp5.v rtl/chips.sh $(RTL_VH)
$(B)/gate/%/Vpx_plain__ALL.a: $(GATE_DEP) $(GATE_SRC) $(RTL_ISA)
	$(call say,NETLIST,$@)
	$(Q)BUILD=$(B) tests/rtl/gate.sh core $* $(@D) $(GATE_SRC)
$(B)/gate/%/shim.o: sim/rtl_shim.cpp sim/rtl_shim.h $(B)/gate/%/Vpx_plain__ALL.a
	$(call say,CXX,$@)
	$(Q)$(RTL_CXX) -I$(@D) -DMODEL=plain -DPX_NETLIST -DNAME='"rtl ($* netlist)"' $$(cat $(@D)/defines) -c $< -o $@

# All of px, but in place of the models plain and trace the netlist.
GATE_OBJ  = $(filter-out $(foreach model,plain trace,$(B)/sim/rtl_shim_$(model).o $(B)/rtl/$(model)/%.a),$(UNIT_OBJ))
GATE_LINK = $(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/gate/%/px: $(GATE_OBJ) $(B)/host/main.o $(B)/gate/%/shim.o $(B)/gate/%/Vpx_plain__ALL.a
	$(call say,LINK,$@)
	$(GATE_LINK)
$(B)/gate/%/random: $(GATE_OBJ) $(RANDOM_OBJ) $(B)/gate/%/shim.o $(B)/gate/%/Vpx_plain__ALL.a
	$(call say,LINK,$@)
	$(GATE_LINK)

# A board whose pins are those of the netlist that its bitstream is made of; sim/boards.mk has the same without the netlist.
$(B)/gate/boards/%/Vboard__ALL.a: $(GATE_DEP) rtl/board/board.sh $(wildcard rtl/board/board_*.v rtl/*/px_*.v) $(RTL_GEN) constraints/%.mk
	$(call say,NETLIST,$@)
	$(Q)BUILD=$(B) tests/rtl/gate.sh board $* $(@D)
$(B)/gate/boards/%/shim.o: sim/board_shim.cpp sim/board.h $(B)/gate/boards/%/Vboard__ALL.a
	$(call say,CXX,$@)
	$(Q)$(RTL_CXX) -I$(@D) $(BOARD_DEFINES) -UBOARD_BAUD -DBOARD_BAUD=$(call sim_value,$*,BAUD) -DPX_NETLIST -c $< -o $@
$(B)/gate/board-%: $(B)/gate/boards/%/shim.o $(B)/gate/boards/%/Vboard__ALL.a $(BOARD_SIM_OBJ) $(STREAM_OBJ) $(PXI_OBJ) \
                   $(addprefix $(B)/sim/,verilated.o verilated_threads.o verilated_vcd_c.o)
	$(call say,LINK,$@)
	$(GATE_LINK)

GATE_COUNT ?= 300
gate_suites = gate-$(1)-conformance '$(B)/gate/$(1)/px conformance --tap --on rtl:$(SEED)' \
    gate-$(1)-random '$(B)/gate/$(1)/random --tap --on ref,rtl:$(SEED) --count $(GATE_COUNT) --seed $(SEED) --keep $(B)/gate/$(1)'
GATE_SUITES = $(foreach chip,$(GATE_CHIPS),$(call gate_suites,$(chip))) \
    $(foreach board,$(GATE_BOARDS),gate-$(board) 'BUILD=$(B) tests/rtl/gate_board.sh $(board)')
GATE_PROGRAMS := $(foreach chip,$(GATE_CHIPS),$(B)/gate/$(chip)/px $(B)/gate/$(chip)/random) \
    $(GATE_BOARDS:%=$(B)/gate/board-%)
else
GATE_SUITES = gate 'echo "1..0 \# SKIP yosys or verilator is not here (Debian: apt install yosys verilator)"'
endif

BOARD_SUITES += $(GATE_SUITES)
test-boards: $(GATE_PROGRAMS)

.PHONY: gate
gate: $(GATE_PROGRAMS) ## the netlists of the core and of boards: conformance set, GATE_COUNT (300) random programs; GATE_CHIPS=up5k GATE_BOARDS=
	@$(RUN) $(GATE_SUITES)
