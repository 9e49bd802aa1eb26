# tests/firmware: pxHV booted under Bochs, which has VT-x, and QEMU, which has AMD-V, and its handlers compiled natively. A suite
# is NAME 'COMMAND'; what it needs to be built is a prerequisite of hv-test-programs. EMU_SUITES boot guests on the machine that
# EMU names in the environment: bochs (without it) or qemu. QEMU flushes all that it has translated at each entry and exit: most
# of them take longer there.
HV_PY           := FW=$(FW) $(PYTHON) tests/firmware
EMU_SUITES      := $(foreach name,gate attack biostest pxdos floppies run,hv-$(name) 'FW=$(FW) PX=$(PX) tests/firmware/$(name).sh') \
                   hv-wire '$(HV_PY)/route.py' hv-oracle '$(HV_PY)/oracle.py' hv-disk-driver '$(HV_PY)/driver.py' \
                   hv-promise '$(HV_PY)/promise.py' hv-flow '$(HV_PY)/flow.py'
EMU_LONG_SUITES := $(foreach name,floppies run,hv-$(name)-long 'LONG=1 FW=$(FW) PX=$(PX) tests/firmware/$(name).sh') \
                   hv-wire-long 'LONG=1 $(HV_PY)/route.py transcripts' hv-oracle-long 'LONG=1 $(HV_PY)/oracle.py' \
                   hv-disk-driver-long 'LONG=1 $(HV_PY)/driver.py' hv-promise-long 'LONG=1 $(HV_PY)/promise.py' \
                   hv-foreign '$(HV_PY)/foreign'

# Those that are about Bochs, or choose their machines themselves.
FIRMWARE_SUITES += $(EMU_SUITES) hv-boot 'FW=$(FW) tests/firmware/boot.sh' hv-differ '$(HV_PY)/differ' \
                   hv-chance '$(HV_PY)/differ/chance.py' \
                   hv-attack-amd 'EMU=qemu FW=$(FW) tests/firmware/attack.sh'
HV_LONG_SUITES  += $(EMU_LONG_SUITES) hv-differ-long 'LONG=1 $(HV_PY)/differ'

.PHONY: hv-test hv-test-long hv-test-programs hv-chance hv-counts hv-speed
hv-test-programs: $(B)/px-test $(if $(HAVE_NASM),hv-images $(FW)/guests/script.bin)
test-run: hv-test-programs

hv-test: all hv-test-programs ## pxHV's tests alone: guests under Bochs or QEMU (EMU=bochs, qemu, both), handlers under sanitizers
	@$(if $(filter bochs both,$(EMU)),$(RUN) $(FIRMWARE_SUITES))
	@$(if $(filter qemu both,$(EMU)),EMU=qemu $(RUN) $(EMU_SUITES))

hv-chance: all hv-test-programs ## boot sectors by chance with pxHV on both vendors and without it: COUNT (20) from SEED (1) on
	@COUNT='$(or $(COUNT),20)' SEED='$(or $(SEED),1)' $(HV_PY)/differ/chance.py

hv-counts: all hv-test-programs ## exits and dispatches a character, as firmware/README.md has them; EMU=qemu
	@EMU=$(EMU) PX=$(PX) FW=$(FW) $(PYTHON) tests/firmware/route.py counts | sed -n 's/^# |/|/p; /^not ok/p'

hv-speed: all hv-test-programs ## processor time of Linux to its shell and of the suites, under Bochs and QEMU; SUITES= for Linux alone
	@FW=$(FW) PX=$(PX) $(PYTHON) tests/firmware/speed.py $(if $(filter-out undefined,$(origin SUITES)),$(SUITES),$(EMU_SUITES))

hv-test-long: all hv-test-programs $(if $(filter 1,$(HAVE_VERILATOR)),$(B)/board-hx8k-evn) ## and those that take longer
	@$(if $(filter bochs both,$(EMU)),$(RUN) $(FIRMWARE_SUITES) $(HV_LONG_SUITES))
	@$(if $(filter qemu both,$(EMU)),EMU=qemu $(RUN) $(EMU_SUITES) $(EMU_LONG_SUITES))

# The handlers compiled natively, with sanitizers, over a VMCS that is an array and a VMCB that is a page of it: tests/firmware/native.h.
NATIVE_FW  := $(wildcard firmware/vcpu/*.c firmware/pc/*.c) $(filter-out %/linux.c,$(wildcard firmware/bios/*.c)) \
              $(filter-out %/vmx.c,$(wildcard firmware/vmx/*.c)) $(filter-out %/wake.c,$(wildcard firmware/svm/*.c)) firmware/image/options.c pxi/link.c \
              $(addprefix firmware/machine/,provoke.c ram.c screen.c tsc.c) $(filter-out %/own.c %/link_port.c,$(wildcard firmware/serial/*.c))
NATIVE_C   := $(NATIVE_FW) tests/firmware/native.c tests/firmware/native_svm.c tests/firmware/endpoint.c tests/firmware/board.c tests/firmware/base.c
NATIVE_B   := $(B)/native
NATIVE_OBJ := $(NATIVE_C:%.c=$(NATIVE_B)/%.o)
NATIVE_FLAGS = -std=c17 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $(WARN) -Itests/firmware/native -I.
NATIVE     := $(patsubst tests/firmware/%.c,$(NATIVE_B)/%,$(wildcard tests/firmware/test_*.c))
$(NATIVE_B)/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(NATIVE_FLAGS) -MMD -MP -c $< -o $@
$(NATIVE_B)/tests/firmware/test_driver.o: NATIVE_FLAGS += -I$(B)/gen
$(NATIVE_B)/tests/firmware/test_driver.o: $(B)/gen/serial_driver.h
$(NATIVE): $(NATIVE_B)/%: $(NATIVE_B)/tests/firmware/%.o $(NATIVE_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(NATIVE_FLAGS) $^ -lcmocka -o $@
-include $(NATIVE_OBJ:.o=.d)
hv-test-programs: $(NATIVE)
FIRMWARE_SUITES += $(foreach test,$(NATIVE),$(patsubst test_%,hv-%,$(notdir $(test))) $(test))

# The same handlers under libFuzzer, each vendor's for SECONDS.
HV_FUZZ := $(NATIVE_B)/fuzz_hv $(NATIVE_B)/fuzz_svm
$(HV_FUZZ): $(NATIVE_B)/%: tests/firmware/%.c $(NATIVE_C) $(wildcard tests/firmware/*.h firmware/*/*.h)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(FUZZ_FLAGS) -Itests/firmware/native -I. $< $(NATIVE_C) -o $@
.PHONY: hv-fuzz
hv-fuzz: $(HV_FUZZ) ## pxHV's handlers under libFuzzer for SECONDS (60), those of both vendors
	@for fuzzer in $(HV_FUZZ); do mkdir -p $$fuzzer.corpus && \
	    $$fuzzer -max_total_time=$(SECONDS) -max_len=2048 -len_control=0 -timeout=20 -print_final_stats=1 -artifact_prefix=$(NATIVE_B)/ $$fuzzer.corpus || exit 1; done

FIRMWARE_SUITES += hv-screen '$(PYTHON) tests/firmware/screen.py' hv-term 'PX=$(PX) $(PYTHON) tests/firmware/term.py'
