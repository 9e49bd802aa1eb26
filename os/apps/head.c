/* head [LINES] - the first lines of its input (10). */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t lines = 10;
    char byte;
    if (argc > 2 || (argc == 2 && !read_number(argv[1], &lines)))
        return complain("usage: head [LINES]\n"), 2;
    while (lines > 0 && get_bytes(&byte, 1) == 1) {
        if (!put_bytes(1, &byte, 1))
            return 1;
        lines -= byte == '\n';
    }
    return 0;
}
