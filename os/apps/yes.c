/* yes [WORD] - prints a line again and again, until nobody reads it. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "y";
    while (put(word) && put("\n"))
        ;
    return 1;
}
