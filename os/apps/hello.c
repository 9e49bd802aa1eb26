/* hello - says who it is
 *
 * usage: hello
 *
 * It prints the number of its process. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    put("Hello from process ");
    put_number((uint32_t)pxo_getpid(), 0);
    return put("\n") ? 0 : 1;
}
