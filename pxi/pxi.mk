# pxi: the contracts - instruction list, pictures, state, assembler, disassembler.
PXI_SRC := $(wildcard pxi/*.c)
PXI_OBJ := $(PXI_SRC:%.c=$(B)/%.o)
