# pack: archives, pictures that hold pictures and files and say what they are.
PACK_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard pack/*.c))
LDLIBS   += -lcjson -lmd
