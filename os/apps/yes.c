/* yes - prints a word again and again
 *
 * usage: yes [WORD]
 *
 * y, or WORD, until nobody reads. */
#include "os/apps/app.h"

enum { BLOCK = 512 };

/* So often as there is room for: a call takes as long for a letter. */
int main(int argc, char **argv)
{
    static char block[BLOCK];
    uint32_t used = 0;
    if (asks_help(argc, argv))
        return 0;
    const char *word = argc > 1 ? argv[1] : "y";
    const uint32_t length = length_of(word);
    while (used + length < BLOCK) {
        for (uint32_t i = 0; i < length; i++)
            block[used++] = word[i];
        block[used++] = '\n';
    }
    while (used > 0 ? put_bytes(1, block, used) : put(word) && put("\n"))
        ;
    return 1;
}
