# stack: the founding stack machine, a pixel program that interprets byte-code, and its assembler.
STACK_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard stack/*.c))

$(B)/gen/stack_machine.h: stack/machine.pxa
	$(call say,INC,$@)
	$(Q)mkdir -p $(@D) && $(call as_lines,stack_machine,$<) >$@
$(B)/stack/picture.o: $(B)/gen/stack_machine.h
