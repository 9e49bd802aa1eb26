/* calls N - asks N times who it is, and prints how many instructions it has had then. */
#include "os/apps/app.h"

enum { MOST = 128 };

int main(int argc, char **argv)
{
    static pxo_process list[MOST];
    uint32_t count;
    if (argc != 2 || !read_number(argv[1], &count))
        return 2;
    const int32_t own = pxo_getpid();
    while (count-- > 0)
        if (pxo_getpid() != own)
            return 1;
    const int32_t processes = pxo_processes(list, MOST);
    for (int32_t i = 0; i < processes; i++)
        if (list[i].pid == (uint32_t)own)
            put_number(list[i].instructions, 0);
    put("\n");
    return 0;
}
