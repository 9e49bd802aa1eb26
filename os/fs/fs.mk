# os/fs: file systems, part of the kernel and of px.
FS_SRC := $(wildcard os/fs/*.c)
FS_OBJ := $(FS_SRC:%.c=$(B)/%.o)
