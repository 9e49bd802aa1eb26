# pxi: the contracts - instruction list, pictures, state, assembler, disassembler - and the programs written in it.
PXI_SRC := $(wildcard pxi/*.c pxi/png/*.c pxi/asm/*.c)
PXI_OBJ := $(PXI_SRC:%.c=$(B)/%.o)

# A text as a C array of lines, as one string literal would be longer than C promises: $(call as_lines,NAME,FILE)
as_lines = { echo 'static const char *const $(1)_lines[] = {'; sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/    "/; s/$$/\\n",/' $(2); echo '    0};'; }

# host.inc is part of the assembler. The names that host.def gives come first.
$(B)/gen/host.inc: pxi/host.inc $(B)/tools/spec
	$(call say,INC,$@)
	$(Q)mkdir -p $(@D) && { $(B)/tools/spec --constants && cat $<; } >$@
$(B)/gen/host_inc.h: $(B)/gen/host.inc
	$(Q)$(call as_lines,host_inc,$<) >$@
$(B)/pxi/asm/asm_builtin.o: $(B)/gen/host_inc.h

# Each .pxa is a program; .inc files are what programs share.
PROGRAM_SRC := $(wildcard pxi/programs/*.pxa)
PROGRAMS    := $(PROGRAM_SRC:pxi/programs/%.pxa=$(B)/programs/%.pxi)

# Those in C are made where clang, lld and libgcc for RISC-V are; each says how.
PROGRAM_C   := $(wildcard pxi/programs/c/*.c)
PROGRAMS_C  := $(if $(HAVE_CC),$(PROGRAM_C:pxi/programs/c/%.c=$(B)/programs/%.pxi))
GALLERY     := $(PROGRAMS) $(PROGRAMS_C)

$(PROGRAMS_C): $(B)/programs/%.pxi: pxi/programs/c/%.c pxi/programs/c/canvas.h $(B)/px $(CC_RUNTIME)
	$(call say,PXCC,$<)
	$(Q)mkdir -p $(@D) && $(B)/px cc -q -O2 $$(sed -nE 's,^/\* px cc: (.*) \*/$$,\1,p' $<) $< -o $@

# Kernels have other programs of this folder in their pictures.
$(B)/programs/scheduler_large.pxi $(B)/programs/hyper_large.pxi: $(PROGRAM_SRC)

$(B)/programs/%.pxi: pxi/programs/%.pxa $(wildcard pxi/programs/*.inc) $(B)/px
	$(call say,ASM,$<)
	$(Q)mkdir -p $(@D) && $(B)/px asm -q $< -o $@

.PHONY: programs sheet
programs: $(PROGRAMS) $(PROGRAMS_C)

# The front page's picture.
SHEET := sphere_large mandelbrot_large terrain_large matmul_large bitonic_large voronoi_large atlas mlp creeper \
    life_large scheduler_large fork_large
sheet: all ## rewrite docs/gallery.png
	@$(PX) gallery --on ref --sheet docs/gallery.png $(SHEET:%=$(B)/programs/%.pxi)
