# sim: executors that need no accelerator. The Verilated core's rules are in rtl/rtl.mk.
REF_SRC := $(wildcard sim/ref*.c)
REF_OBJ := $(REF_SRC:%.c=$(B)/%.o)
SIM_OBJ := $(REF_OBJ) $(EXEC_OBJ) $(patsubst %.c,$(B)/%.o,$(wildcard sim/lockstep*.c))
