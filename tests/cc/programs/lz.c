/* lz.c - compresses a text by looking back, and unpacks it. */
#include "tests/cc/say.h"

enum { SIZE = 6000, WINDOW = 2048, LEAST = 3, MOST = 18 };
static unsigned char text[SIZE], packed[2 * SIZE], back[SIZE];
static int16_t head[4096], previous[SIZE];

static unsigned hash(const unsigned char *at) { return (at[0] << 7 ^ at[1] << 4 ^ at[2] << 1) & 4095; }

static unsigned match(unsigned at, unsigned *length)
{
    unsigned best = 0, tries = 20;
    *length = LEAST - 1;
    if (at + LEAST > SIZE)
        return 0;
    for (int from = head[hash(text + at)]; from >= 0 && at - (unsigned)from < WINDOW && tries-- > 0;
         from = previous[from]) {
        unsigned same = 0;
        while (same < MOST && at + same < SIZE && text[(unsigned)from + same] == text[at + same])
            same++;
        if (same > *length) {
            *length = same;
            best = at - (unsigned)from;
        }
    }
    return best;
}

static void enter(unsigned at)
{
    if (at + LEAST > SIZE)
        return;
    int16_t *slot = &head[hash(text + at)];
    previous[at] = *slot;
    *slot = (int16_t)at;
}

static unsigned pack(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 4096; i++)
        head[i] = -1;
    for (unsigned at = 0; at < SIZE;) {
        unsigned length, distance = match(at, &length);
        if (distance == 0) {
            packed[count++] = 0xFF;
            packed[count++] = text[at];
            enter(at++);
            continue;
        }
        packed[count++] = (unsigned char)((length - LEAST) << 3 | distance >> 8);
        packed[count++] = (unsigned char)distance;
        for (; length > 0; length--)
            enter(at++);
    }
    return count;
}

static unsigned unpack(unsigned count)
{
    unsigned at = 0;
    for (unsigned i = 0; i < count; i += 2) {
        if (packed[i] == 0xFF) {
            back[at++] = packed[i + 1];
            continue;
        }
        const unsigned distance = (packed[i] & 7u) << 8 | packed[i + 1];
        for (unsigned length = (packed[i] >> 3) + LEAST; length > 0; length--, at++)
            back[at] = back[at - distance];
    }
    return at;
}

int main(void)
{
    static const char *const words[] = {"pixel ", "register ", "the ", "picture ", "of ", "a ", "program ", "and\n"};
    for (unsigned at = 0; at < SIZE;)
        for (const char *word = words[chance() >> 13 & 7]; *word != '\0' && at < SIZE; word++)
            text[at++] = (unsigned char)*word;
    const unsigned count = pack(), size = unpack(count);
    uint32_t sum = 0, wrong = 0;
    for (unsigned i = 0; i < count; i++)
        sum = mixed(sum, packed[i]);
    for (unsigned i = 0; i < SIZE; i++)
        wrong += text[i] != back[i];
    say("%u %u %x %u\n", count, size, sum, wrong);
    return 0;
}
