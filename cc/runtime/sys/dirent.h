/* dirent.h - what <dirent.h> of the C library asks of the system: a folder's names, by the service LIST. */
#ifndef PX_SYS_DIRENT_H
#define PX_SYS_DIRENT_H

#include <sys/types.h>

enum { DT_UNKNOWN = 0, DT_DIR = 4, DT_REG = 8 };

struct dirent {
    ino_t d_ino; /* not known: 0 */
    unsigned char d_type;
    char d_name[256];
};

typedef struct px_folder DIR;

#endif
