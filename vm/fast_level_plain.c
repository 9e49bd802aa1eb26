/* fast_level_plain.c - runs of pixels without the intrinsics of any processor: what processors that are not x86 use. */
#define LEVEL       plain
#define LEVEL_BYTES 16
#include "vm/fast_level_table.h"
