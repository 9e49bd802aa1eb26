/* echo WORD.. - prints its words. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!put(argv[i]) || (i + 1 < argc && !put(" ")))
            return 1;
    return put("\n") ? 0 : 1;
}
