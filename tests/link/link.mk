# link: the suites of the link's C side; the Verilog side's are in rtl/.
$(B)/tests/link/peer: $(B)/tests/link/peer.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

# px whose server or executor can be made to die in the middle of a batch: one object is another.
PX_TEST_OBJ = $(filter-out $(B)/serve/points.o,$(PX_OBJ)) $(B)/tests/link/serve_points.o
$(B)/px-test: $(PX_OBJ) $(B)/tests/link/serve_points.o
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $(PX_TEST_OBJ) $(LDLIBS) -o $@

test-programs: $(B)/tests/link/peer $(B)/px-test

LINK_SUITES += link 'PEER=$(B)/tests/link/peer tests/link/link.sh' link-freestanding 'CC=$(CC) tests/link/freestanding.sh'
LINK_SUITES += link-older '$(PYTHON) tests/link/older.py' socket-names 'OS=$(B)/os.pxi $(PYTHON) tests/link/socket_names.py'
LINK_SUITES += serve '$(PYTHON) tests/link/serve.py' serve-batch '$(PYTHON) tests/link/serve_batch.py' \
    serve-limits '$(PYTHON) tests/link/serve_limits.py' serve-driver '$(PYTHON) tests/link/serve_driver.py' \
    serve-soak '$(PYTHON) tests/link/soak.py' sanitized-serve-driver 'PX=$(S)/px $(PYTHON) tests/link/serve_driver.py' \
    sanitized-serve 'PX=$(S)/px $(PYTHON) tests/link/serve.py' \
    sanitized-serve-batch 'PX=$(S)/px $(PYTHON) tests/link/serve_batch.py' \
    sanitized-serve-limits 'PX=$(S)/px $(PYTHON) tests/link/serve_limits.py'

# The long form of serve-soak: SOAK_SECONDS, SOAK_CONNECTIONS; SOAK_SEED repeats one.
SOAK_SECONDS     ?= 60
SOAK_CONNECTIONS ?= 1000
.PHONY: soak-serve
soak-serve: $(B)/px ## px serve among 1,000 rude connections for a minute
	@SOAK_SECONDS=$(SOAK_SECONDS) SOAK_CONNECTIONS=$(SOAK_CONNECTIONS) $(RUN) serve-soak '$(PYTHON) tests/link/soak.py'

# The wire of a simulated board behind px serve.
BOARD_SUITES += serve-board '$(PYTHON) tests/link/serve_batch.py test_simulated_board'
ifeq ($(HAVE_VERILATOR),1)
test-boards: $(B)/board-hx8k-evn
endif

# What the link's fuzz targets are made of besides pxi/.
$(B)/tests/fuzz/fuzz_link $(B)/tests/fuzz/fuzz_link_client: FUZZ_MORE = $(VM_SRC) exec/machine.c exec/endpoint.c exec/link.c \
    wire/link_client.c wire/socket_name.c $(wildcard wire/transport*.c)
$(B)/tests/fuzz/fuzz_link $(B)/tests/fuzz/fuzz_link_client: $(wildcard exec/*.[ch] wire/*link*.[ch] wire/transport*.[ch] wire/socket_name.[ch])
