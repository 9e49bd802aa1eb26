# random: the comparer of executors on random programs.
RANDOM_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/random/*.c))

$(B)/tests/random/random: $(RANDOM_OBJ) $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@
