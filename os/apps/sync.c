/* sync - what was changed reaches the disks
 *
 * usage: sync */
#include "os/apps/app.h"

int main(int argc, char **argv) { return !asks_help(argc, argv) && failed("sync", "disks", pxo_sync()); }
