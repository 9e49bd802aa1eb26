/* echo - prints words
 *
 * usage: echo [-n] [WORD..]
 *
 * A blank between them and a new line behind them; -n: without that. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    const bool open = argc > 1 && same(argv[1], "-n");
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    for (int i = 1 + open; i < argc; i++)
        good = put(argv[i]) && (i + 1 == argc || put(" ")) && good;
    return !((open || put("\n")) && good);
}
