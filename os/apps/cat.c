/* cat - copies its input to its output. */
#include "os/apps/app.h"

int main(void)
{
    char bytes[256];
    int32_t got;
    while ((got = get_bytes(bytes, sizeof bytes)) > 0)
        if (!put_bytes(1, bytes, (uint32_t)got))
            return 1;
    return got < 0;
}
