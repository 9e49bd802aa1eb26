/* frames.c - stack frames of every size, arrays of variable length in loops, alloca, long jumps across them. */
#include "tests/cc/say.h"

#ifdef __riscv
#include <setjmp.h>
#define SET(buffer)  setjmp(buffer)
#define JUMP(buffer) longjmp(buffer, 1)
static jmp_buf place;
#else /* there is no C library here */
#define SET(buffer)  __builtin_setjmp(buffer)
#define JUMP(buffer) __builtin_longjmp(buffer, 1)
static void *place[5];
#endif

static __attribute__((noinline)) void fill(char *at, unsigned count, uint32_t seed)
{
    for (unsigned i = 0; i<count; i += count> 1000 ? 97 : 3)
        at[i] = (char)(seed += 37);
    at[0] = (char)seed;
    at[count - 1] = (char)(seed >> 3);
}

#define FRAME(size)                                                                                                    \
    static __attribute__((noinline)) uint32_t frame_##size(uint32_t x)                                                 \
    {                                                                                                                  \
        char room[size];                                                                                               \
        fill(room, size, x);                                                                                           \
        return x < 3 ? mixed(x, (unsigned char)room[0] + (unsigned char)room[size - 1])                                \
                     : mixed(frame_##size(x - 1), (unsigned char)room[size - 1]);                                      \
    }

FRAME(1)
FRAME(16)
FRAME(496)
FRAME(508)
FRAME(512)
FRAME(2000)
FRAME(2032)
FRAME(2048)
FRAME(2049)
FRAME(4096)

static uint32_t in_loops(unsigned count)
{
    uint32_t sum = 0;
    for (unsigned i = 1; i < count; i++) {
        char text[i];
        int numbers[i % 7 + 1][3];
        fill(text, i, i);
        numbers[i % 7][i % 3] = (int)i;
        char *more = __builtin_alloca(i % 5 + 8);
        fill(more, i % 5 + 8, sum);
        sum = mixed(sum, (uint32_t)text[i - 1] + (uint32_t)numbers[i % 7][i % 3] + (uint32_t)more[0]);
    }
    return sum;
}

static __attribute__((noinline)) void deeper(unsigned depth)
{
    char room[depth * 8 + 1];
    fill(room, depth * 8 + 1, depth);
    if (depth == 0)
        JUMP(place);
    deeper(depth - 1);
    say("%c", room[0]); /* never */
}

static volatile unsigned jumps;

static __attribute__((noinline)) void jump_often(void)
{
    while (jumps < 12) {
        if (SET(place) == 0) {
            jumps++;
            deeper(jumps);
        }
    }
}

int main(void)
{
    uint32_t sum = 0;
    sum = mixed(sum, frame_1(3) ^ frame_16(3));
    sum = mixed(sum, frame_496(3) ^ frame_508(3) ^ frame_512(2));
    sum = mixed(sum, frame_2000(2) ^ frame_2032(2) ^ frame_2048(2) ^ frame_2049(2));
    sum = mixed(sum, frame_4096(2));
    say("%x %x\n", sum, in_loops(60));
    jump_often();
    say("%u\n", jumps);
    return 0;
}
