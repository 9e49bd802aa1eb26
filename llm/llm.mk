# llm: language models as pixel programs of integers, made of llama2.c's checkpoints.
LLM_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard llm/*.c))

$(B)/gen/llm_forward.h: llm/forward.pxa
	$(call say,INC,$@)
	$(Q)mkdir -p $(@D) && $(call as_lines,llm_forward,$<) >$@
$(B)/llm/picture.o: $(B)/gen/llm_forward.h

.PHONY: llm-check
llm-check: $(B)/px ## a language model beside its float original: LLM_CHECKPOINT=model.bin LLM_TOKENIZER=tokenizer.bin of llama2.c; numpy
	@PX=$(B)/px PYTHON=$(PYTHON) tests/llm/check.sh '$(LLM_CHECKPOINT)' '$(LLM_TOKENIZER)'
