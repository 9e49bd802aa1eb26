/* nice - runs a program with less priority
 *
 * usage: nice LEVEL PROGRAM [ARGUMENT..]
 *
 * Each LEVEL, 1 to 7, halves the instructions that it and what it starts have
 * in a round. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t level;
    if (asks_help(argc, argv))
        return 0;
    if (argc < 3 || !read_number(argv[1], &level) || level > 7)
        return usage();
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
