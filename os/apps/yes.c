/* yes - prints a word again and again
 *
 * usage: yes [WORD]
 *
 * y, or WORD, until nobody reads. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    const char *word = argc > 1 ? argv[1] : "y";
    while (put(word) && put("\n"))
        ;
    return 1;
}
