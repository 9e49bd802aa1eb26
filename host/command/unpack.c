/* unpack.c - px unpack: an archive becomes a folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/commands.h"
#include "host/files.h"
#include "host/package.h"

typedef struct arguments {
    const char *input, *output;
    bool quiet;
} arguments;

static const char about[] =
    "Make a folder of an archive's pictures and files.\v"
    "The folder must not be there yet, or be empty. The archive is checked before anything is written; then all of it "
    "is there, or nothing. Its manifest is in manifest.json, as px pack takes it.\n\n"
    "Exit status: 0 written, 2 wrong usage, or an archive that is not sound.";

/* "dir/pkg.pxi" -> "pkg" here. */
static char *usual_folder(const char *input)
{
    const char *name = strrchr(input, '/');
    name = name != NULL ? name + 1 : input;
    const size_t length = strlen(name);
    const bool known = length > 4 && strcmp(name + length - 4, ".pxi") == 0;
    return known ? strndup(name, length - 4) : NULL;
}

static bool write_manifest(const pack_archive *archive, int to, const char *folder, px_error *error)
{
    char *text;
    size_t size;
    const int fd = openat(to, "manifest.json", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (!pack_manifest_text(&archive->manifest, &text, &size, error)) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    const bool good = file != NULL && fwrite(text, 1, size, file) == size;
    const int reason = errno;
    free(text);
    return (file == NULL || fclose(file) == 0) && good
               ? true
               : px_fail(error, PX_E_SYSTEM, "%s/manifest.json: %s", folder, strerror(reason));
}

/* All of it into a folder of another name beside the place, which is then renamed. */
static bool unpack(const pack_archive *archive, const char *folder, px_error *error)
{
    char *making = malloc(strlen(folder) + sizeof ".XXXXXX");
    if (making == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the name of %s", folder);
    strcat(strcpy(making, folder), ".XXXXXX");
    if (mkdtemp(making) == NULL) {
        free(making);
        return px_fail(error, PX_E_SYSTEM, "%s: no folder can be made there: %s", folder, strerror(errno));
    }
    const mode_t mask = umask(0);
    umask(mask);
    const int to = open(making, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = to >= 0 && fchmod(to, 0777 & ~mask) == 0 && pack_extract(archive, "", to, folder, error) &&
              (pack_find(&archive->manifest, "manifest.json") != NULL || write_manifest(archive, to, folder, error));
    if (to >= 0)
        close(to);
    if (ok && rename(making, folder) != 0)
        ok = px_fail(error, PX_E_SYSTEM, "%s: %s; choose another name with -o", folder,
                     errno == ENOTEMPTY || errno == EEXIST ? "it is there, and not empty" : strerror(errno));
    if (!ok)
        px_folder_remove(making);
    free(making);
    return ok;
}

/* Whether the place is free, before a long check. */
static bool is_free(const char *folder, px_error *error)
{
    struct stat s;
    if (lstat(folder, &s) != 0 || (S_ISDIR(s.st_mode)))
        return true;
    return px_fail(error, PX_E_USAGE, "%s is there, and is no folder; choose another name with -o", folder);
}

int px_cmd_unpack(int argc, char **argv)
{
    arguments a = {0};
    pack_archive archive;
    px_error error = {0};
    const px_option options[] = {
        {"output", 'o', "DIR", "the folder to make; without it PKG for PKG.pxi, here", .text = &a.output},
        PX_OPTION_QUIET(&a.quiet, "no summary"),
        {0}};
    px_read_arguments(&(px_command_line){.about = about,
                                         .options = options,
                                         .usage = "PKG.pxi",
                                         .what = "archive",
                                         .input = &a.input,
                                         .missing = "no archive to unpack"},
                      argc, argv);
    if (a.output != NULL && !px_is_name_of("a directory", "-o", a.output, &error))
        return px_complain(argv[0], &error);
    char *folder = a.output != NULL ? strdup(a.output) : usual_folder(a.input);
    const size_t length = folder != NULL ? strlen(folder) : 0;
    if (length > 1 && folder[length - 1] == '/')
        folder[length - 1] = '\0';
    bool ok =
        folder != NULL || px_fail(&error, PX_E_USAGE, "%s does not end in .pxi; -o says which folder to make", a.input);
    ok = ok && is_free(folder, &error) && px_archive_read(&archive, a.input, &error);
    if (ok) {
        ok = unpack(&archive, folder, &error);
        if (ok && !a.quiet)
            printf("%s: %zu file%s -> %s/\n", a.input, archive.manifest.member_count,
                   archive.manifest.member_count == 1 ? "" : "s", folder);
        pack_close(&archive);
    }
    free(folder);
    return ok ? 0 : px_complain(argv[0], &error);
}
