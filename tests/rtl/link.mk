# tests/rtl/link: the Verilog end of the link byte by byte with the machine behind it, the whole system at its pins, and
# the wire's transmitter.
ifeq ($(HAVE_VERILATOR),1)
# $(call verilate_for_link,TOP,sources,parameters): one Verilated model, as quick to build as to run.
verilate_for_link = mkdir -p $(@D) && verilator --cc -O3 --x-assign fast --x-initial unique --noassert -Wall $(RTL_INC) \
    --Mdir $(@D) --top-module $(1) $(3) $(2) && \
    $(MAKE) -s -C $(@D) -f V$(1).mk V$(1)__ALL.a $(VERILATED_VARS) OPT_FAST=-O2 OPT_SLOW=-O1 >/dev/null

$(B)/rtl/link_bench/Vlink_bench__ALL.a: tests/rtl/link_bench.v $(RTL_SYSTEM) $(RTL_GEN) $(RTL_VH)
	$(call say,VERILATE,$@)
	$(Q)+$(call verilate_for_link,link_bench,$< $(filter-out rtl/link/px_system.v rtl/link/px_uart_% rtl/link/px_wire.v,$(RTL_SYSTEM)))
$(B)/rtl/system/Vpx_system__ALL.a: $(RTL_SYSTEM) $(RTL_GEN) $(RTL_VH)
	$(call say,VERILATE,$@)
	$(Q)+$(call verilate_for_link,px_system,$(RTL_SYSTEM),-GCLOCK=8000000 -GBAUD=1000000 -GWIRE=1)
$(B)/rtl/wire/Vpx_wire__ALL.a: rtl/link/px_wire.v
	$(call say,VERILATE,$@)
	$(Q)+$(call verilate_for_link,px_wire,$<,-GCLOCK=3579545)

LINK_RTL_LIB := $(B)/sim/verilated.o $(B)/sim/verilated_threads.o
LINK_BENCH   := $(addprefix $(B)/tests/rtl/,link_streams link_cases)
LINK_TESTS   := $(LINK_BENCH) $(addprefix $(B)/tests/rtl/,link_uart link_wire)
$(LINK_BENCH): $(B)/tests/rtl/%: tests/rtl/%.cpp tests/rtl/link_bench.h tests/rtl/link_frames.h $(B)/tests/rtl/link_oracle.o \
                                 $(B)/rtl/link_bench/Vlink_bench__ALL.a $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(RTL_CXX) -I$(B)/rtl/link_bench $(filter %.cpp %.o %.a,$^) $(LDLIBS) -o $@
$(B)/tests/rtl/link_uart: tests/rtl/link_uart.cpp tests/rtl/link_board.h tests/rtl/link_frames.h \
                          $(B)/rtl/system/Vpx_system__ALL.a $(LINK_RTL_LIB) $(B)/pxi/link.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(RTL_CXX) -I$(B)/rtl/system $(filter %.cpp %.o %.a,$^) $(LDLIBS) -o $@
$(B)/tests/rtl/link_wire: tests/rtl/link_wire.cpp tests/rtl/link_board.h tests/rtl/link_frames.h $(B)/tests/rtl/link_predict.o \
                          $(B)/rtl/system/Vpx_system__ALL.a $(B)/rtl/wire/Vpx_wire__ALL.a $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(RTL_CXX) -I$(B)/rtl/system -I$(B)/rtl/wire $(filter %.cpp %.o %.a,$^) $(LDLIBS) -o $@

RTL_SUITES += rtl-uart 'BUILD=$(B) tests/rtl/uart.sh' rtl-link-streams '$(B)/tests/rtl/link_streams $(SEED)' $(foreach test,cases uart wire,rtl-link-$(test) $(B)/tests/rtl/link_$(test))
test-run: $(LINK_TESTS)
endif
