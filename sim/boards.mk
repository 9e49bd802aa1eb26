# Simulated boards: build/board-BOARD is rtl/board/board_top.v as constraints/BOARD.mk sets it, under Verilator, with sim/board.c
# around its pins. Its link has 8 clocks a bit, which keeps it short; board-BOARD@BAUD has another rate, and
# board-BOARD+trace can write its signals to a file.
#   make BOARD=icebreaker simulate           ARGS="--leds --wire -"   SIM_BAUD=1000000   SIM_TRACE=1

# Of a stem BOARD[@BAUD][+trace]: the board, a line of its fragment, the baud, whether there is a trace.
sim_words = $(subst @, ,$(subst +trace,,$(1)))
sim_board = $(firstword $(call sim_words,$(1)))
sim_value = $(shell sed -nE 's/^$(2) *:= *//p' constraints/$(call sim_board,$(1)).mk)
sim_baud  = $(or $(word 2,$(call sim_words,$(1))),$(shell echo $$(($(call sim_value,$(1),CLOCK) / 8))))
sim_trace = $(findstring +trace,$(1))

BOARD_SIM_V    = rtl/board/board_top.v $(filter-out rtl/core/px_sim.v rtl/core/px_scan.v,$(wildcard rtl/*/px_*.v)) sim/px_clock.v \
                 sim/SB_SPRAM256KA.v
BOARD_SIM_OBJ := $(addprefix $(B)/sim/,board.o board_port.o board_monitor.o board_pin.o uart_model.o)
# The other end of the cable is wire/'s: the byte streams that clients of the link use.
STREAM_OBJ := $(addprefix $(B)/wire/,transport.o transport_tty.o transport_listen.o socket_name.o)

ifeq ($(HAVE_VERILATOR),1)
BOARD_VERILATE = verilator --cc -O3 --x-assign fast --x-initial unique --noassert --top-module board_top --prefix Vboard \
    $(RTL_INC) $(if $(call sim_trace,$*),--trace) --Mdir $(@D) $(if $(filter 1,$(call sim_value,$*,HIGH)),-DBOARD_HIGH) \
    $(foreach name,PIN REF MUL POST PAD AW SPRAM LANES CLOCK WIRE LEDS LEDS_LOW RGB,-G$(name)=$(call sim_value,$*,$(name))) \
    -GBAUD=$(call sim_baud,$*) '-GNAME="$(call sim_board,$*)"' sim/board.vlt
BOARD_DEFINES = '-DBOARD_NAME="$(call sim_board,$*)"' '-DBOARD_TITLE="$(call sim_value,$*,TITLE)"' \
    '-DBOARD_LIGHTS="$(call sim_value,$*,LIGHTS)"' -DBOARD_CLOCK=$(call sim_value,$*,CLOCK) -DBOARD_BAUD=$(call sim_baud,$*) \
    -DBOARD_LEDS=$(call sim_value,$*,LEDS) -DBOARD_WIRE=$(call sim_value,$*,WIRE) \
    -DBOARD_LEDS_LOW=$(if $(filter 1,$(call sim_value,$*,LEDS_LOW) $(call sim_value,$*,RGB)),1,0) \
    $(if $(call sim_trace,$*),-DBOARD_TRACE)

$(B)/boards/sim/%/Vboard__ALL.a: $(BOARD_SIM_V) sim/board.vlt $(RTL_GEN) $(RTL_VH) $(wildcard constraints/*.mk)
	$(call say,VERILATE,$(@D))
	$(Q)mkdir -p $(@D) && $(BOARD_VERILATE) $(BOARD_SIM_V) && \
	    $(MAKE) -s -C $(@D) -f Vboard.mk Vboard__ALL.a $(VERILATED_VARS) OPT_FAST=-O2 OPT_SLOW=-O1 >/dev/null && touch $@

$(B)/boards/sim/%/shim.o: sim/board_shim.cpp sim/board.h $(B)/boards/sim/%/Vboard__ALL.a
	$(call say,CXX,$@)
	$(Q)$(RTL_CXX) -I$(@D) $(BOARD_DEFINES) -c $< -o $@

$(B)/board-%: $(B)/boards/sim/%/shim.o $(B)/boards/sim/%/Vboard__ALL.a $(BOARD_SIM_OBJ) $(STREAM_OBJ) $(PXI_OBJ) \
              $(addprefix $(B)/sim/,verilated.o verilated_threads.o verilated_vcd_c.o)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@
endif

.PHONY: simulate
simulate: $(if $(BOARD),$(B)/board-$(BOARD)$(if $(SIM_BAUD),@$(SIM_BAUD))$(if $(SIM_TRACE),+trace)) ## with BOARD: the board, simulated at its pins, on a pseudo-terminal; ARGS=--help
	@$(if $(BOARD),,echo 'make simulate: which board? make BOARD=x simulate; make boards lists them' >&2; exit 2)
	@$< $(ARGS)
