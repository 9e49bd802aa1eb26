/* sleep - waits
 *
 * usage: sleep SECONDS
 *
 * SECONDS may have a fraction: 0.25. What is below a millisecond is none. */
#include "os/apps/app.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* False: it is no number. */
static bool read_seconds(const char *text, uint32_t *seconds, uint32_t *milliseconds)
{
    bool some = false;
    for (*seconds = 0; is_digit(*text) && *seconds <= 99999999; text++, some = true)
        *seconds = *seconds * 10 + (uint32_t)(*text - '0');
    *milliseconds = 0;
    if (*text == '.')
        for (uint32_t worth = 100; is_digit(*++text); worth /= 10, some = true)
            *milliseconds += worth * (uint32_t)(*text - '0');
    return some && *text == '\0';
}

/* A call takes 24 bits of milliseconds. */
static bool sleep_seconds(uint32_t seconds)
{
    enum { PIECE = 16000 };
    for (; seconds > PIECE; seconds -= PIECE)
        if (pxo_sleep(1000 * PIECE) != 0)
            return false;
    return seconds == 0 || pxo_sleep(1000 * seconds) == 0;
}

int main(int argc, char **argv)
{
    uint32_t seconds, milliseconds;
    if (asks_help(argc, argv))
        return 0;
    if (argc != 2 || !read_seconds(argv[1], &seconds, &milliseconds))
        return usage();
    return !(sleep_seconds(seconds) && (milliseconds == 0 || pxo_sleep(milliseconds) == 0));
}
