# llm: language models as pixel programs of integers, made of llama2.c's checkpoints.
LLM_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard llm/*.c))

$(B)/gen/llm_forward.h: llm/forward.pxa
	$(call say,INC,$@)
	$(Q)mkdir -p $(@D) && $(call as_lines,llm_forward,$<) >$@
$(B)/llm/picture.o: $(B)/gen/llm_forward.h
