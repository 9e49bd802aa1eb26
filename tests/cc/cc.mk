# tests/cc: C programs as pictures. rvsim is the judge where the machine that tests has no answer of its own.
RVSIM_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/cc/rv*.c))
$(B)/tests/cc/rvsim: $(RVSIM_OBJ) $(B)/pxi/isa.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(SANITIZE) $^ -o $@

$(B)/tests/cc/speed: $(B)/tests/cc/speed.o $(CC_OBJ) $(PXI_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(SANITIZE) $^ $(LDFLAGS) $(LDLIBS) -o $@

# The regular wrappers of px.h by their kind, so that none is left out of wrappers.c.
CC_WRAPPERS := $(B)/tests/cc/wrappers.inc
$(CC_WRAPPERS): $(CC_OUT)/px_isa.h
	$(Q)mkdir -p $(@D) && sed -nE -e 's/^PX_INLINE void (px_.*)\(px_run a, px_source b, px_source c\)$$/VV(\1)/p' \
	    -e 's/^PX_INLINE void (px_[vb].*)\(px_run a, px_source b, uint32_t c\)$$/VX(\1)/p' \
	    -e 's/^PX_INLINE u?int32_t (px_.*)\(px_source b\)$$/FOLD(\1)/p' \
	    -e 's/^PX_INLINE uint32_t (px_scan.*)\(px_run a, px_source b, uint32_t c\)$$/SCAN(\1)/p' $< | grep -v px_lut >$@

CC_JUDGES := $(B)/tests/cc/rvsim $(CC_WRAPPERS)
test-run: $(CC_JUDGES)
CC_SUITES := cc-programs tests/cc/programs.sh cc-gallery tests/cc/gallery.sh cc-driver tests/cc/driver.sh cc-csmith 'tests/cc/csmith.sh --count 8' \
    cc-self tests/cc/self.sh cc-real 'LEVELS="0 4" tests/cc/real.sh'

.PHONY: cc-check cc-soak
cc-check: all $(CC_JUDGES) ## C programs as pictures, at every level, against gcc and a simulator
	@$(RUN) $(CC_SUITES)
N ?= 500
cc-soak: all $(CC_JUDGES) ## N random C programs (500) at all levels of clang, gcc and the translator; SEED, the first (1)
	@$(RUN) cc-soak 'tests/cc/csmith.sh --all --count $(N) --seed $(SEED)'

.PHONY: bench-cc
bench-cc: all $(CC_JUDGES) $(B)/tests/cc/speed ## what compiled code costs: pixel to RISC-V and native instructions, the core's cycles, px cc's speed
	@tests/cc/bench.sh

# What wants sources of 20 to 90 MB.
.PHONY: cc-torture cc-testfloat
cc-torture: all $(CC_JUDGES) ## gcc's torture tests as pictures; EVERY=N, each Nth (1)
	@$(RUN) cc-torture 'tests/cc/torture.sh --every $(or $(EVERY),1)'
cc-testfloat: all $(CC_JUDGES) ## Berkeley TestFloat's vectors through a picture's floating point
	@$(RUN) cc-testfloat tests/cc/testfloat.sh
