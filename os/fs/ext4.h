/* ext4.h - what ext4.c says beside the interface. */
#ifndef OS_FS_EXT4_H
#define OS_FS_EXT4_H

#include "os/fs/fs.h"

/* After a mount that answered INVALID: the feature of the file system that is not read, as mke2fs calls it. Else NULL.
 */
const char *ext4_refusal(const fs *);

#endif
