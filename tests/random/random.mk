# random: the comparer of executors on random programs.
RANDOM_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/random/*.c))

$(B)/tests/random/random: $(RANDOM_OBJ) $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Built once, it is kept up to date by every make: an old one would find that a new fault agrees.
all: $(wildcard $(B)/tests/random/random)

# The second machine, in Python, starts anew for every event: about a second a program.
.PHONY: soak-second
soak-second: RANDOM_COUNT ?= 200
soak-second: $(B)/tests/random/random ## random programs on the second pixel machine as well (SEED, RANDOM_COUNT)
	@$< --tap --on 'ref,cmd:$(PYTHON) tests/conformance/pxvm.py' --seed $(SEED) --keep $(B) \
	    --count $(RANDOM_COUNT)
