/* Its output: printf knows %X, which is printed in small letters here, and %lX, %s, %d. */
#include "tests/cc/say.h"
#define printf say
