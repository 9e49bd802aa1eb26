/* package.c - see package.h. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "host/package.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pxi/png/picture_file.h"

bool px_names_entry(const char *path, char **file, const char **entry)
{
    const char *mark = strrchr(path, '#');
    if (mark == NULL || mark == path || access(path, F_OK) == 0)
        return false;
    *file = strndup(path, (size_t)(mark - path));
    *entry = mark + 1;
    return *file != NULL;
}

bool px_archive_read(pack_archive *archive, const char *path, px_error *error)
{
    px_picture picture;
    return px_picture_read(&picture, path, error) && pack_open(archive, &picture, path, error);
}

/* The entry in an archive, or who there is. */
static const pack_entry *find(const pack_archive *archive, const char *file, const char *name, px_error *error)
{
    char there[400] = "";
    const pack_manifest *m = &archive->manifest;
    const pack_entry *entry = pack_entry_of(m, name);
    for (size_t i = 0; i < m->entry_count && strlen(there) + strlen(m->entries[i].name) + 3 < sizeof there; i++)
        strcat(strcat(there, i > 0 ? ", " : ""), m->entries[i].name);
    if (entry == NULL)
        px_fail(error, PX_E_INPUT, "%s has no entry '%s'; %s", file, name,
                *there != '\0' ? there : "it has none at all");
    return entry;
}

bool px_entry_picture(px_picture *picture, const char *file, const char *name, px_error *error)
{
    pack_archive archive;
    *picture = (px_picture){0};
    if (!px_archive_read(&archive, file, error))
        return false;
    const pack_entry *entry = find(&archive, file, name, error);
    const bool ok =
        entry != NULL && pack_picture_of(picture, &archive, pack_find(&archive.manifest, entry->program), error);
    pack_close(&archive);
    return ok;
}

/* ---- what a run is given ---- */

/* What its user gives and the manifest does not name; NULL: nothing. */
static const char *too_much(const pack_entry *entry, const px_hosting *h)
{
    const struct {
        bool given;
        unsigned bit;
        const char *option;
    } options[] = {{h->grants.folder != NULL, 1u << PACK_FILES, "--grant"},
                   {h->disks.count > 0, 1u << PACK_DISKS, "--disk"},
                   {h->grants.net != NULL, 1u << PACK_NETWORK, "--net"},
                   {h->grants.screen, 1u << PACK_SCREEN, "--screen"}};
    if (h->host && !entry->host)
        return "--host";
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].given && !(entry->may & options[i].bit))
            return options[i].option;
    return NULL;
}

static bool unpack_files(px_package *package, const pack_archive *archive, const char *below, px_error *error)
{
    if (!px_temporary_folder(package->folder, "files", error))
        return false;
    const int to = open(package->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = to >= 0 && pack_extract(archive, below, to, package->folder, error);
    if (to >= 0)
        close(to);
    snprintf(package->grant, sizeof package->grant, "%s:ro", package->folder);
    return ok;
}

static bool give(px_package *package, const pack_archive *archive, const pack_entry *entry, const char *path,
                 px_hosting *h, px_error *error)
{
    const char *option = too_much(entry, h);
    if (option != NULL)
        return px_fail(error, PX_E_USAGE, "%s: the manifest does not let it have %s", path, option);
    if (h->replay != NULL)
        return true;
    h->host = entry->host;
    if (entry->files == NULL || h->grants.folder != NULL)
        return true;
    if (!unpack_files(package, archive, entry->files, error))
        return false;
    h->grants.folder = package->grant;
    return true;
}

bool px_package_begin(px_package *package, const char *path, px_hosting *h, px_error *error)
{
    char *file;
    const char *name;
    pack_archive archive;
    *package = (px_package){0};
    if (!px_names_entry(path, &file, &name))
        return true;
    bool ok = px_archive_read(&archive, file, error);
    if (ok) {
        const pack_entry *entry = find(&archive, file, name, error);
        ok = entry != NULL && give(package, &archive, entry, path, h, error);
        pack_close(&archive);
    }
    free(file);
    if (!ok)
        px_package_end(package);
    return ok;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    (void)s, (void)kind, (void)at;
    return remove(path);
}

void px_folder_remove(const char *folder)
{
    enum { AT_ONCE = 16 };
    nftw(folder, remove_one, AT_ONCE, FTW_DEPTH | FTW_PHYS);
}

void px_package_end(px_package *package)
{
    if (package->folder[0] != '\0')
        px_folder_remove(package->folder);
    package->folder[0] = '\0';
}
