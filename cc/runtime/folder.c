/* folder.c - <dirent.h> over the services OPEN and LIST of pxi/HOST.md. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cc/runtime/outcome.h"
#include "px.h"
#include "px_host.h"

enum {
    ENTRY_WORDS = 4,
    WORDS = 128
}; /* of an entry before its name; of the room for several, one of 255 bytes at least */

struct px_folder {
    uint32_t words[WORDS];
    uint32_t handle, first, at; /* entries that were asked for; the word where the next is */
    int32_t left;
    struct dirent told;
};

DIR *opendir(const char *name)
{
    const pxh_open block = {ADDRESS(name), strlen(name)};
    const int handle = outcome(px_sys(PXH_REQUEST(PXH_OPEN, PXH_DIRECTORY), ADDRESS(&block)));
    DIR *folder = handle < 0 ? NULL : calloc(1, sizeof *folder);
    if (folder != NULL)
        folder->handle = (uint32_t)handle;
    else if (handle >= 0)
        px_sys(PXH_REQUEST(PXH_CLOSE, (uint32_t)handle), 0);
    return folder;
}

struct dirent *readdir(DIR *folder)
{
    if (folder->left == 0) {
        const pxh_list block = {ADDRESS(folder->words), sizeof folder->words, folder->first};
        folder->left = outcome(px_sys(PXH_REQUEST(PXH_LIST, folder->handle), ADDRESS(&block)));
        folder->at = 0;
        folder->first += folder->left > 0 ? (uint32_t)folder->left : 0;
    }
    if (folder->left <= 0) {
        folder->left = 0;
        return NULL;
    }
    const uint32_t *entry = folder->words + folder->at;
    const uint32_t length = entry[3] < sizeof folder->told.d_name ? entry[3] : sizeof folder->told.d_name - 1;
    folder->told.d_type = entry[0] == PXH_FILE ? DT_REG : entry[0] == PXH_FOLDER ? DT_DIR : DT_UNKNOWN;
    memcpy(folder->told.d_name, entry + ENTRY_WORDS, length);
    folder->told.d_name[length] = '\0';
    folder->at += ENTRY_WORDS + (entry[3] + 3) / 4;
    folder->left--;
    return &folder->told;
}

void rewinddir(DIR *folder)
{
    folder->first = 0;
    folder->left = 0;
}

int closedir(DIR *folder)
{
    const int answer = outcome(px_sys(PXH_REQUEST(PXH_CLOSE, folder->handle), 0));
    free(folder);
    return answer;
}
