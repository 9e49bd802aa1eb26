/* stuck - reads from a pipe that only it could write to. */
#include "os/apps/app.h"

int main(void)
{
    uint32_t ends[2];
    char byte;
    if (pxo_pipe(ends) != 0)
        return 1;
    const pxh_read block = {PXO_ADDRESS(&byte), 1, 0, 0};
    px_sys(PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&block));
    return 2;
}
