# tests: `make test` runs every suite below; each speaks TAP, tests/run sums them up.
#
# A suite is NAME and COMMAND. What a suite needs and does not find (an executor, a tool), it skips by name. tests/suites has limits.
# make test SUITE=hv-boot,unit-*     JOBS=1, one after another
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT     := $(UNIT_SRC:%.c=$(B)/%)

# Unit tests see everything that px is made of, but its main.
UNIT_OBJ := $(filter-out $(B)/host/main.o,$(PX_OBJ))

$(B)/tests/os/wrong: $(B)/tests/os/wrong.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $< $(UNIT_OBJ) $(LDLIBS) -lcmocka -o $@

# What `make bench` measures beside its peers: tests/bench/run. A part in C is linked with all of px.
BENCH_PROGRAMS := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
$(BENCH_PROGRAMS): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $(filter %.o %.a,$^) $(LDLIBS) -o $@

# Peers in C are what a compiler makes of plain loops for this very processor.
$(B)/tests/bench/native/%.o: OPT = -O3 -march=native
$(B)/tests/bench/vector: $(B)/tests/bench/native/vector.o

$(B)/tools/spec: $(B)/tools/spec.o $(B)/pxi/isa.o
	$(Q)mkdir -p $(@D) && $(CC) $(SANITIZE) $^ -o $@

include tests/random/random.mk
include tests/link/link.mk
include tests/boards/sim.mk
include tests/rtl/gate.mk
include tests/firmware/firmware.mk
include tests/rtl/link.mk
include tests/cc/same.mk
include tests/cc/cc.mk
include tests/fs/fs.mk
include tests/pci/pci.mk
include tests/llm/llm.mk

TEST_PROGRAMS := $(UNIT) $(B)/tests/os/wrong $(B)/tests/random/random $(B)/tools/spec $(if $(HAVE_OPENCL),$(B)/tests/opencl/slow_icd.so)
SEED          ?= 1
RUN            = PX=$(B)/px SPEC=$(B)/tools/spec PYTHON=$(PYTHON) tests/run --log $(B)/tests/log $(if $(JOBS),-j $(JOBS))
UNIT_SUITES    = $(foreach test,$(UNIT),$(patsubst test_%,unit-%,$(notdir $(test))) $(test))

# The executors are checked one by one, so that a failure names its executor; one that is not here is skipped.
EXECUTORS  := $(shell sed -nE 's/^PX_EXECUTOR(_[A-Z]+)?.([a-z0-9]+), (NO|MAY),.*/\2/p' exec/executors.def)
among       = $(subst $(eval) ,$(comma),$(strip $(1)))
CONFORMANCE_SUITES = $(foreach executor,$(EXECUTORS),$(call conformance,$(executor))) \
    conformance-fast-threaded 'PX_FAST_JIT=off $(B)/px conformance --tap --on fast' \
    conformance-fast-eager 'PX_FAST_JIT=eager $(B)/px conformance --tap --on fast' \
    conformance-worker '$(B)/px conformance --tap --on worker:ref'
conformance = conformance-$(1) '$(B)/px conformance --tap --on $(1)'

# The C code once more with AddressSanitizer and UndefinedBehaviorSanitizer, in a tree of its own. The Verilated core and the OpenCL
# drivers are left out: they are not ours to instrument.
S := $(B)/san
SAN_UNIT   = $(filter-out $(S)/tests/unit/test_opencl% $(S)/tests/unit/test_rtl%,$(UNIT:$(B)/%=$(S)/%))
SAN_SUITES = $(foreach test,$(SAN_UNIT),$(patsubst test_%,sanitized-unit-%,$(notdir $(test))) $(test)) \
    sanitized-files 'PX=$(S)/px tests/cli/files.sh' sanitized-gallery-command 'PX=$(S)/px tests/cli/gallery_command.sh' \
    sanitized-conformance '$(S)/px conformance --tap --on ref' sanitized-conformance-fast '$(S)/px conformance --tap --on fast' sanitized-bad-input 'PX=$(S)/px tests/cli/bad_input.sh' \
    sanitized-host 'PX=$(S)/px tests/cli/host.sh' \
    sanitized-fleet 'PX=$(S)/px tests/cli/fleet.sh' sanitized-fleet-cases 'PX=$(S)/px tests/cli/fleet_cases.sh $(S)/tests/random/random' \
    sanitized-stack 'PX=$(S)/px tests/cli/stack.sh' \
    sanitized-llm 'PX=$(S)/px tests/cli/llm.sh' \
    sanitized-frames 'PX=$(S)/px tests/cli/frames.sh' \
    sanitized-pack 'PX=$(S)/px tests/cli/pack.sh' \
    sanitized-god 'PX=$(S)/px tests/cli/god.sh' \
    sanitized-cc 'PX=$(S)/px tests/cc/translator.sh' \
    sanitized-random '$(S)/tests/random/random --tap --on ref,fast --count 300 --seed $(SEED)' \
    sanitized-random-hot 'PX_FAST_JIT=eager $(S)/tests/random/random --tap --hot --on ref,fast --count 200 --seed $(SEED)' \
    sanitized-worker 'PX=$(S)/px tests/cli/worker.sh' \
    sanitized-options 'SHORT=1 PX=$(S)/px tests/cli/options.sh' \
    sanitized-link 'PX=$(S)/px PEER=$(S)/tests/link/peer tests/link/link.sh'

.PHONY: test test-run test-quick suites conformance test-programs test-sanitized soak fuzz
test: setup ## every test; ends with "N passed, N failed"
	@$(again) test-run

test-programs: all $(TEST_PROGRAMS)

test-sanitized:
	@$(MAKE) -s --no-print-directory SAN=1 B=$(S) HAVE_VERILATOR= HAVE_OPENCL= all $(SAN_UNIT) $(S)/tests/random/random $(S)/tests/link/peer $(S)/px-test

test-run: test-programs test-sanitized
	@$(RUN) $(if $(SUITE),--only '$(SUITE)') $(SUITES)

# The core takes 8 million cycles or more for each of these, three quarters of all; they are larger pictures of programs that are there
# as small ones, but for julia. `make sim` has them on the core too.
GALLERY_LONG  := $(filter $(patsubst %,$(B)/programs/%.pxi,julia $(addsuffix _large,blend cells fire life mandelbrot mlp scheduler voronoi)),$(GALLERY))
GALLERY_QUICK := $(filter-out $(GALLERY_LONG),$(GALLERY))

# The engines of docs/FLEET.md, where they are; `make fleet-test` installs them.
FLEET_SUITES = fleet tests/cli/fleet.sh fleet-cases 'tests/cli/fleet_cases.sh $(B)/tests/random/random' \
    $(foreach engine,mpirun slurm parallel,fleet-$(engine) 'tests/cli/fleet_engines.sh $(engine)')

# Every suite of `make test`.
SUITES = $(UNIT_SUITES) \
    one-list tests/cli/one_list.sh rooms tests/cli/rooms.sh \
    bad-input tests/cli/bad_input.sh doctor tests/cli/doctor.sh \
    texts tests/cli/texts.sh \
    resume tests/cli/resume.sh \
    command-line tests/cli/command_line.sh options tests/cli/options.sh \
    files tests/cli/files.sh \
    pictures '$(PYTHON) tests/cli/pictures.py' \
    bench tests/cli/bench.sh \
    map tests/cli/map.sh \
    view '$(PYTHON) tests/view/protocol.py' \
    debug tests/cli/debug.sh profile tests/cli/profile.sh trace tests/cli/trace.sh diff tests/cli/diff.sh \
    signals tests/cli/signals.sh \
    worker tests/cli/worker.sh \
    host tests/cli/host.sh \
    stack tests/cli/stack.sh \
    llm tests/cli/llm.sh \
    pack tests/cli/pack.sh \
    god tests/cli/god.sh \
    watch tests/cli/watch.sh \
    frames tests/cli/frames.sh \
    architect tests/cli/architect.sh \
    json tests/cli/json.sh \
    gallery-command tests/cli/gallery_command.sh $(FLEET_SUITES) \
    $(CONFORMANCE_SUITES) \
    conformance-second tests/conformance/self.sh \
    conformance-rules '$(PYTHON) tests/conformance/rules.py' \
    conformance-mutants '$(PYTHON) tests/conformance/mutants.py --eighteen --tap' \
    gallery '$(B)/px gallery --tap --expect tests/gallery/expected.txt $(GALLERY_QUICK)' \
    gallery-long '$(B)/px gallery --tap --on ref$(comma)fast --expect tests/gallery/expected.txt $(GALLERY_LONG)' \
    gallery-expected tests/gallery/gallery.sh \
    gallery-nest '$(PYTHON) tests/gallery/nest.py' \
    random '$(B)/tests/random/random --tap --skip-absent --on $(call among,$(filter-out rtl4,$(EXECUTORS))) --count $(or $(RANDOM_COUNT),2000) --seed $(SEED)' \
    random-rtl4 '$(B)/tests/random/random --tap --skip-absent --on ref,rtl4 --count $(or $(RANDOM_COUNT),500) --seed $(SEED)' \
    random-hot 'PX_FAST_JIT=eager $(B)/tests/random/random --tap --hot --on ref,fast --count $(or $(RANDOM_COUNT),1000) --seed $(SEED)' \
    random-slots 'PX_FAST_JIT=eager PX_FAST_SLOTS=1 PX_FAST_THREADS=4 $(B)/tests/random/random --tap --nested --on ref,fast --count $(or $(RANDOM_COUNT),500) --seed $(SEED)' \
    random-self tests/random/self.sh \
    $(CC_TRANSLATOR_SUITES) $(CC_SUITES) $(OS_SUITES) $(TOOL_SUITES) $(RTL_SUITES) $(LINK_SUITES) $(PCI_SUITES) $(OPENCL_SUITES) $(FIRMWARE_SUITES) $(SAN_SUITES)

# The long form of what concerns boards. A .mk of any room adds a suite with BOARD_SUITES += NAME 'COMMAND', and what has
# to be built for it with test-boards: FILE; suites of the short form go into LINK_SUITES and test-run.
.PHONY: test-boards
test-boards: test-programs ## all bitstreams, the netlists, simulated boards with the whole gallery; the better part of an hour
	@tools/setup build sim test boards
	@$(RUN) $(BOARD_SUITES)

.PHONY: fleet-test
fleet-test: test-programs ## px fleet, and the recipes of docs/FLEET.md with Open MPI, a Slurm of one node, GNU parallel
	@tools/setup build fleet
	@$(RUN) $(FLEET_SUITES)

test-quick: test-programs ## unit tests, and conformance on every executor present
	@$(RUN) $(UNIT_SUITES) $(CONFORMANCE_SUITES)

suites: ## the suites of `make test`: usual time, limit, whether one needs the machine to itself
	@$(RUN) --list $(SUITES)

conformance: all ## the conformance set ON=EXECUTOR, or on every executor present
	@$(if $(filter file,$(origin ON)),$(RUN) $(CONFORMANCE_SUITES),$(PX) conformance --on '$(ON)')

.PHONY: mutants
mutants: $(B)/px ## what the conformance set sees: the second machine with one thing wrong, 350 times; two minutes of two processors
	@PX=$(B)/px $(PYTHON) tests/conformance/mutants.py

soak: RANDOM_COUNT ?= 100000
soak: test-programs ## a night's worth: RANDOM_COUNT random programs (default 100000), seed from the clock
	@$(RUN) random '$(B)/tests/random/random --tap --skip-absent --on $(call among,$(EXECUTORS)) --count $(RANDOM_COUNT) --seed $(shell date +%s)'

# Parsers under libFuzzer: each target for SECONDS.
SECONDS    ?= 60
FUZZ_SRC   := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ       := $(FUZZ_SRC:%.c=$(B)/%)
FUZZ_FLAGS := -std=c17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(WARN)
$(B)/tests/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) $(PXI_SRC) $(wildcard pxi/*.h pxi/*/*.h) $(B)/gen/host_inc.h
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) $(FUZZ_FLAGS) $< $(PXI_SRC) $(FUZZ_MORE) -lpng -lz -o $@

$(B)/tests/fuzz/fuzz_pxt: FUZZ_MORE = host/pxt.c host/pxt_case.c host/pxt_item.c host/pxt_png.c
$(B)/tests/fuzz/fuzz_host $(B)/tests/fuzz/fuzz_session_log: FUZZ_MORE = $(VM_SRC) exec/machine.c exec/run.c wire/socket_name.c $(wildcard answer/*.c)
$(B)/tests/fuzz/fuzz_host $(B)/tests/fuzz/fuzz_session_log: $(wildcard exec/*.[ch] answer/*.[ch])

$(B)/tests/fuzz/fuzz_cc: FUZZ_MORE = $(filter-out cc/driver.c,$(CC_SRC))
$(B)/tests/fuzz/fuzz_cc: $(CC_SRC) $(wildcard cc/*.h)

$(B)/tests/fuzz/fuzz_fast: FUZZ_MORE = $(VM_SRC) exec/machine.c $(VM_JIT) $(if $(VM_JIT),-lstdc++)
$(B)/tests/fuzz/fuzz_fast: $(VM_JIT) $(wildcard vm/*.[ch] exec/*.[ch])

$(B)/tests/fuzz/fuzz_pxfs: FUZZ_MORE = $(FS_SRC)
$(B)/tests/fuzz/fuzz_pxfs: $(FS_SRC) $(wildcard os/fs/*.[hd]*)

fuzz: $(FUZZ) ## fuzz every parser for SECONDS (60)
	@for target in $(FUZZ); do \
	    corpus=$(B)/corpus/$$(basename $$target); mkdir -p $$corpus; \
	    $$target -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$$corpus- $$corpus || exit 1; \
	done
