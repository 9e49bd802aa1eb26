# cc: C becomes a picture; and the runtime that its programs are linked with.
CC_SRC := $(wildcard cc/*.c)
CC_OBJ := $(CC_SRC:%.c=$(B)/%.o)
$(CC_OBJ): CPPFLAGS += -D_DEFAULT_SOURCE -D_GNU_SOURCE
