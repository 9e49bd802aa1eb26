/* limits.h - limits.def as constants: OS_WIDTH and so on. */
#ifndef OS_LIMITS_H
#define OS_LIMITS_H

enum {
#ifdef OS_MINI
#define OS_LIMIT(id, usual, mini, text) OS_##id = mini,
#else
#define OS_LIMIT(id, usual, mini, text) OS_##id = usual,
#endif
#include "os/fs/limits.def"
};

#endif
