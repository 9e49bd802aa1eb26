# tests/cc: C programs as pictures. rvsim is the judge where the machine that tests has no answer of its own.
RVSIM_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/cc/rv*.c))
$(B)/tests/cc/rvsim: $(RVSIM_OBJ) $(B)/pxi/isa.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(SANITIZE) $^ -o $@
