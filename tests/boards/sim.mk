# Tests of simulated boards; sim/boards.mk builds the boards.
ifeq ($(HAVE_VERILATOR),1)
$(B)/tests/boards/sim_wire: $(B)/tests/boards/sim_wire.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

test-run: $(B)/tests/boards/sim_wire $(B)/board-icebreaker $(B)/board-hx8k-evn
LINK_SUITES += simulated-boards 'BUILD=$(B) tests/boards/sim.sh'
endif
