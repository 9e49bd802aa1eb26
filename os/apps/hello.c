/* hello - says so, and who it is. */
#include "os/apps/app.h"

int main(void)
{
    put("Hello from process ");
    put_number((uint32_t)pxo_getpid(), 0);
    return put("\n") ? 0 : 1;
}
