/* time - what a program takes
 *
 * usage: time PROGRAM [ARGUMENT..]
 *
 * Seconds until it ended, and its own instructions, to the channel for errors.
 * The status is the program's: 128 and the cause of a trap, 137 when killed. */
#include "os/apps/app.h"

static void tell(uint64_t nanoseconds, uint32_t instructions)
{
    char text[21];
    const uint32_t milliseconds = (uint32_t)(nanoseconds / 1000000);
    complain(number_text(milliseconds / 1000, 0, text));
    complain(".");
    complain(number_text(1000 + milliseconds % 1000, 0, text) + 1);
    complain(" s, ");
    complain(number_text(instructions, 0, text));
    complain(" instructions\n");
}

int main(int argc, char **argv)
{
    pxo_process about;
    pxo_ended how;
    uint64_t begin, end;
    if (asks_help(argc, argv))
        return 0;
    if (argc < 2)
        return usage();
    px_sys(PXH_REQUEST(PXH_CLOCK, 0), PXO_ADDRESS(&begin));
    const int32_t pid = start_rest(argc, argv, 1);
    if (failed("time", argv[1], pid))
        return pid == PXH_E_ABSENT ? 127 : 126;
    pxo_wait((uint32_t)pid | PXO_KEEP, &how);
    px_sys(PXH_REQUEST(PXH_CLOCK, 0), PXO_ADDRESS(&end));
    pxo_about((uint32_t)pid, &about);
    pxo_wait((uint32_t)pid, &how);
    tell(end - begin, about.instructions);
    return (int)status_of(&how);
}
