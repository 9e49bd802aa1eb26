# pxi: the contracts - instruction list, pictures, state, assembler, disassembler - and the programs written in it.
PXI_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard pxi/*.c))

# Each .pxa is a program; .inc files are what programs share.
PROGRAM_SRC := $(wildcard pxi/programs/*.pxa)
PROGRAMS    := $(PROGRAM_SRC:pxi/programs/%.pxa=$(B)/programs/%.pxi)
GALLERY     := $(PROGRAMS)

$(B)/programs/%.pxi: pxi/programs/%.pxa $(wildcard pxi/programs/*.inc) $(B)/px
	$(call say,ASM,$<)
	$(Q)mkdir -p $(@D) && $(B)/px asm -q $< -o $@

.PHONY: programs sheet
programs: $(PROGRAMS)

# The front page's picture.
SHEET := sphere_large mandelbrot_large terrain_large matmul_large bitonic_large voronoi_large atlas mlp creeper \
    life_large equalise_large digits_large
sheet: all ## rewrite docs/gallery.png
	@$(PX) gallery --on ref --sheet docs/gallery.png $(SHEET:%=$(B)/programs/%.pxi)
