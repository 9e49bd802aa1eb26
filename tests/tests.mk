# tests: `make test` runs every suite below; each speaks TAP, tests/run sums them up.
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT     := $(UNIT_SRC:%.c=$(B)/%)

# Unit tests see everything px is made of, but its main.
UNIT_OBJ := $(filter-out $(B)/host/main.o,$(PX_OBJ))

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $< $(UNIT_OBJ) $(LDLIBS) -lcmocka -o $@

$(B)/tools/spec: $(B)/tools/spec.o $(B)/pxi/isa.o
	$(Q)mkdir -p $(@D) && $(CC) $(SANITIZE) $^ -o $@

-include tests/random/random.mk
