/* guess.c - how far two names are apart, as a typist errs. */
#include "pxi/guess.h"

#include <stdbool.h>
#include <string.h>

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c; }

/* How many characters must be added, removed, changed, or exchanged with their neighbour. */
static unsigned edits(const char *a, size_t m, const char *b, size_t n)
{
    enum { LONGEST = 32 };
    if (m > LONGEST || n > LONGEST)
        return LONGEST;
    unsigned row[3][LONGEST + 1];
    for (unsigned j = 0; j <= n; j++)
        row[0][j] = j;
    for (unsigned i = 1; i <= m; i++) {
        unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            unsigned best = before[j - 1] + !same;
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) &&
                earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[m % 3][n];
}

void px_guess_try(px_guess *guess, const char *name, size_t length, const char *candidate)
{
    const size_t other = strlen(candidate);
    const unsigned distance = edits(name, length, candidate, other);
    const size_t shorter = length < other ? length : other;
    const unsigned allowed = shorter <= 2 ? 1 : shorter <= 5 ? 2 : 3; /* more would be another word */
    if (distance > allowed || distance >= shorter)
        return;
    const bool begins = strncmp(candidate, name, length) == 0; /* "dif" is "diff" rather than "dis" */
    if (guess->best == NULL || distance < guess->distance || (distance == guess->distance && begins))
        *guess = (px_guess){candidate, distance};
}
