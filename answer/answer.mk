# answer: what answers a program's SYS, pxi/HOST.md; and sessions recorded and fed again.
ANSWER_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard answer/*.c))
