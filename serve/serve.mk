# serve: px serve.
SERVE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard serve/*.c))
