# Tests of simulated boards; sim/boards.mk builds the boards.
ifeq ($(HAVE_VERILATOR),1)
SIM_PROGRAMS := $(B)/tests/boards/sim_wire $(B)/tests/boards/sim_writes
$(SIM_PROGRAMS): %: %.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

test-run: $(SIM_PROGRAMS) $(B)/board-icebreaker $(B)/board-hx8k-evn
LINK_SUITES += simulated-boards 'BUILD=$(B) tests/boards/sim.sh'

# The long form: all boards, and the first-class ones at their own baud.
SIM_FIRST   := icebreaker hx8k-evn ulx3s-12f ulx3s-85f
SIM_FURTHER := upduino orangecrab-25f colorlight-i5 ecp5-evn
test-boards: $(SIM_PROGRAMS) $(foreach board,$(SIM_FIRST),$(B)/board-$(board) $(B)/board-$(board)@1000000) \
             $(SIM_FURTHER:%=$(B)/board-%) $(if $(HAVE_CC),$(B)/os-mini.pxi)
BOARD_SUITES += $(foreach part,gallery conformance further timing wire story $(if $(HAVE_CC),system),simulated-$(part) 'BUILD=$(B) tests/boards/sim_long.sh $(part)')
endif
