# What measures language models: make bench-llm, make llm-check.
$(B)/tests/llm/speed: $(B)/tests/llm/speed.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $(filter %.o %.a,$^) $(LDLIBS) -o $@

.PHONY: llm-check bench-llm
llm-check: $(B)/px ## a language model beside its float original: LLM_CHECKPOINT=model.bin LLM_TOKENIZER=tokenizer.bin of llama2.c; numpy
	@PX=$(B)/px PYTHON=$(PYTHON) tests/llm/check.sh '$(LLM_CHECKPOINT)' '$(LLM_TOKENIZER)'

bench-llm: $(B)/px $(B)/tests/llm/speed ## its tokens a second: the same two, LLAMA2C=DIR with run.c and runq.c as peers, DEVICE=NVIDIA of OpenCL
	@PX=$(B)/px SPEED=$(B)/tests/llm/speed PYTHON=$(PYTHON) tests/llm/bench.sh '$(LLM_CHECKPOINT)' '$(LLM_TOKENIZER)' '$(LLAMA2C)' '$(DEVICE)'
