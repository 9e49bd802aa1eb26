/* mem.c - memcpy, memmove, memset and memcmp. Words that lie alike go through the machine's vector instructions. vl is
 * as it was afterwards: compilers call these on their own, between a px_vl and what it is meant for. */
#include <stddef.h>

#include "px.h"

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *at, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);

enum {
    VECTOR = 32, /* bytes from which on a vector instruction is worth setting vl twice */
    BLOCK = 64   /* words that memcmp compares at once */
};

typedef unsigned char byte;

static void copy_words(byte *to, const byte *from, size_t words)
{
    const uint32_t vl = px_get_vl();
    px_vl(words);
    px_vor_vx((px_run){.words = (px_pixel *)to}, (px_source){.words = (const px_pixel *)from}, 0);
    px_vl(vl);
}

/* Whole words to an aligned place, from one that is not: each is put together of two. */
static void copy_shifted(byte *to, const byte *from, size_t words)
{
    const unsigned shift = 8 * ((uintptr_t)from & 3);
    const px_pixel *source = (const px_pixel *)(from - ((uintptr_t)from & 3));
    px_pixel *target = (px_pixel *)to;
    uint32_t low = *source++;
    while (words-- > 0) {
        const uint32_t high = *source++;
        *target++ = low >> shift | high << (32 - shift);
        low = high;
    }
}

/* Upwards: right where the target does not begin within the source. */
static void copy_up(byte *to, const byte *from, size_t count)
{
    if (count >= VECTOR) {
        for (; ((uintptr_t)to & 3) != 0; count--)
            *to++ = *from++;
        const size_t words = count / 4;
        if (((uintptr_t)from & 3) != 0)
            copy_shifted(to, from, words);
        else
            copy_words(to, from, words);
        to += 4 * words;
        from += 4 * words;
        count &= 3;
    }
    while (count-- > 0)
        *to++ = *from++;
}

static void copy_down(byte *to, const byte *from, size_t count)
{
    while (count-- > 0)
        to[count] = from[count];
}

/* The runs overlap, `apart` bytes lying between them: pieces of that size do not. */
static void slide_up(byte *to, const byte *from, size_t count, size_t apart)
{
    while (count > apart) {
        copy_up(to, from, apart);
        to += apart;
        from += apart;
        count -= apart;
    }
    copy_up(to, from, count);
}

static void slide_down(byte *to, const byte *from, size_t count, size_t apart)
{
    while (count > apart) {
        count -= apart;
        copy_up(to + count, from + count, apart);
    }
    copy_up(to, from, count);
}

void *memmove(void *to, const void *from, size_t count)
{
    const uintptr_t up = (uintptr_t)from - (uintptr_t)to, down = (uintptr_t)to - (uintptr_t)from;
    if (up == 0)
        return to;
    if (up >= count && down >= count)
        copy_up(to, from, count);
    else if (up < count && up < VECTOR) /* whatever copy_up sees of the source, it has not yet written */
        for (byte *target = to, *end = target + count; target < end; target++)
            *target = target[up];
    else if (up < count)
        slide_up(to, from, count, up);
    else if (down < VECTOR)
        copy_down(to, from, count);
    else
        slide_down(to, from, count, down);
    return to;
}

/* Programs that let memcpy's runs overlap are wrong, and are many. */
void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    return count < VECTOR ? copy_up(to, from, count), to : memmove(to, from, count);
}

void *memset(void *at, int value, size_t count)
{
    byte *to = at;
    if (count >= VECTOR) {
        for (; ((uintptr_t)to & 3) != 0; count--)
            *to++ = (byte)value;
        const size_t words = count / 4;
        const uint32_t vl = px_get_vl();
        px_vl(words);
        px_fill((px_run){.words = (px_pixel *)to}, (byte)value * 0x01010101u);
        px_vl(vl);
        to += 4 * words;
        count &= 3;
    }
    while (count-- > 0)
        *to++ = (byte)value;
    return at;
}

/* Words that are equal: `most` or fewer, the ones before the first that differs. */
static size_t equal_words(const byte *a, const byte *b, size_t most)
{
    px_pixel same[BLOCK];
    const uint32_t vl = px_get_vl();
    size_t done = 0;
    while (done < most) {
        const size_t now = most - done < BLOCK ? most - done : BLOCK;
        px_vl(now);
        px_vseq_vv((px_run){.words = same}, (px_source){.words = (const px_pixel *)a + done},
                   (px_source){.words = (const px_pixel *)b + done});
        const uint32_t first = px_argmin((px_source){.words = same}); /* the first 0, or 0 if there is none */
        if (same[first] == 0) {
            done += first;
            break;
        }
        done += now;
    }
    px_vl(vl);
    return done;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const byte *x = a, *y = b;
    if (count >= VECTOR && (((uintptr_t)x ^ (uintptr_t)y) & 3) == 0) {
        for (; ((uintptr_t)x & 3) != 0; x++, y++, count--)
            if (*x != *y)
                return *x - *y;
        const size_t same = 4 * equal_words(x, y, count / 4);
        x += same;
        y += same;
        count -= same;
    }
    for (; count > 0; x++, y++, count--)
        if (*x != *y)
            return *x - *y;
    return 0;
}
