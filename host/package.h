/* package.h - programs that are in archives: FILE#ENTRY names one, where a program is wanted. */
#ifndef HOST_PACKAGE_H
#define HOST_PACKAGE_H

#include "host/hosting.h"
#include "pack/archive.h"
#include "pxi/temporary.h"

/* Whether a name means an entry of an archive: it has a # in it, and is itself no file. *file is what stands before the
 * last #, to be freed; the entry's name begins behind it in path. */
bool px_names_entry(const char *path, char **file, const char **entry);

/* The archive in a file, checked. */
bool px_archive_read(pack_archive *archive, const char *path, px_error *error);

/* The picture of an entry. */
bool px_entry_picture(px_picture *picture, const char *file, const char *entry, px_error *error);

/* What a run of an entry is given beside what its user gives. */
typedef struct px_package {
    char folder[PX_TEMPORARY_NAME]; /* a temporary one with the files that it may read; "": none */
    char grant[PX_TEMPORARY_NAME + 4];
} px_package;

/* For a path that names an entry: refuses what the manifest does not let its user give, and adds what it gives itself.
 * Others are left as they are. Before px_hosting_check. */
bool px_package_begin(px_package *package, const char *path, px_hosting *hosting, px_error *error);
void px_package_end(px_package *package);

/* With all that is in it; links are not followed. */
void px_folder_remove(const char *folder);

#endif
