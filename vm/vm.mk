# vm: the reference VM, and the fast one.
VM_SRC := $(wildcard vm/*.c)
VM_OBJ := $(VM_SRC:%.c=$(B)/%.o)
