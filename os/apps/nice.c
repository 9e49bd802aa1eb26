/* nice LEVEL PROGRAM [ARGUMENT..] - becomes the program, whose priority is so many levels below the best. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t level;
    if (argc < 3 || !read_number(argv[1], &level) || level > 7)
        return complain("usage: nice LEVEL PROGRAM [ARGUMENT..] (0 to 7)\n"), 2;
    if (pxo_priority(0, level) < 0)
        return complain("nice: not better than it is now\n"), 1;
    const char *const end = argv[argc - 1] + length_of(argv[argc - 1]) + 1; /* arguments lie side by side */
    const pxo_spawn what = {
        PXO_ADDRESS(argv[2]), length_of(argv[2]), PXO_ADDRESS(argv[2]), (uint32_t)(end - argv[2]), 0, 1};
    const int32_t answer = pxo_exec(&what);
    complain(argv[2]);
    complain(answer == PXH_E_ABSENT || answer == PXH_E_NAME ? ": not found\n" : ": cannot be started\n");
    return answer == PXH_E_ABSENT || answer == PXH_E_NAME ? 127 : 126;
}
