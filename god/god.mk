# god: the God Pixel, a store of pictures that are each named by one pixel.
GOD_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard god/*.c))
