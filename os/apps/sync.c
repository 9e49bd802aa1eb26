/* sync - waits until all that was written is on the disks. */
#include "os/apps/app.h"

int main(void) { return failed("sync", "disks", pxo_sync()); }
