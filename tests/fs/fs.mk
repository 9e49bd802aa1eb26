# tests/fs: the file systems of others, held against the tools of others. ops is always built with sanitizers.
FS_OTHERS := $(wildcard os/fs/fat*.c) os/fs/ext4.c
FS_OPS     = $(B)/tests/fs/ops
$(FS_OPS): tests/fs/ops.c tests/fs/error_name.h $(FS_OTHERS) os/fs/fs.h pxi/host.def
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) -std=c17 -O1 -g $(WARN) -fsanitize=address,undefined -fno-sanitize-recover=all \
	    tests/fs/ops.c $(FS_OTHERS) -o $@
FS_PATHS   = $(B)/tests/fs/paths
$(FS_PATHS): tests/fs/paths.c tests/fs/error_name.h $(FS_SRC) $(wildcard os/fs/*.[hd]*) pxi/host.def
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) -std=c17 -O1 -g $(WARN) -fsanitize=address,undefined -fno-sanitize-recover=all \
	    tests/fs/paths.c $(FS_SRC) -o $@

test-run: $(FS_OPS) $(FS_PATHS)
OS_SUITES += os-paths '$(PYTHON) tests/fs/paths.py $(FS_PATHS) $(B)/px' os-fat-pixels 'OPS=$(FS_OPS) tests/fs/lookup.sh 500' \
    os-fat '$(PYTHON) tests/fs/fat.py $(FS_OPS)' os-ext4 '$(PYTHON) tests/fs/ext4.py $(FS_OPS)'

.PHONY: fs-soak
fs-soak: all $(FS_OPS) $(FS_PATHS) ## ext4 of every kind; N random workloads (50) from SEED (the clock) on for each kind of FAT, and of pxFS
	@$(PYTHON) tests/fs/ext4.py $(FS_OPS) --all
	@OPS=$(FS_OPS) tests/fs/lookup.sh
	@$(PYTHON) tests/fs/fat.py $(FS_OPS) --random $(or $(N),50) --seed $(if $(filter file,$(origin SEED)),$$(date +%s),$(SEED)) --only 'random-*'
	@$(PYTHON) tests/fs/paths.py $(FS_PATHS) $(B)/px --random $(or $(N),50) --seed $(if $(filter file,$(origin SEED)),$$(date +%s),$(SEED))

# The fuzzer's images are made once, by tools that may not be here.
$(B)/tests/fuzz/fuzz_fs: FUZZ_MORE = $(FS_OTHERS) -DFS_IMAGES='"$(B)/fs-images"'
$(B)/tests/fuzz/fuzz_fs: $(FS_OTHERS) $(wildcard os/fs/*.h) | $(B)/fs-images
$(B)/fs-images: tests/fs/images.sh
	$(Q)tests/fs/images.sh $@ && touch $@
