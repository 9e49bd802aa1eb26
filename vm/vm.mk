# vm: the reference VM.
VM_SRC := $(wildcard vm/*.c)
VM_OBJ := $(VM_SRC:%.c=$(B)/%.o)
