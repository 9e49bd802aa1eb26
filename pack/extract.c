/* extract.c - members as files again. Names were checked when the archive was opened; folders are gone through one by
 * one and links are never followed, so that nothing is written but below the folder that is given. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/internal.h"
#include "pxi/png/picture_file.h"

/* Opens the folder of name below `to`, making those that are not there; *last becomes its last part. */
static int folder_of(int to, const char *name, const char **last)
{
    int folder = dup(to);
    for (const char *slash; folder >= 0 && (slash = strchr(name, '/')) != NULL; name = slash + 1) {
        char part[256];
        memcpy(part, name, (size_t)(slash - name));
        part[slash - name] = '\0';
        const bool made = mkdirat(folder, part, 0777) == 0 || errno == EEXIST;
        const int inner = made ? openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        const int reason = errno;
        close(folder);
        folder = inner;
        errno = reason;
    }
    *last = name;
    return folder;
}

static bool write_all(int fd, const uint8_t *bytes, uint64_t count)
{
    while (count > 0) {
        const ssize_t now = write(fd, bytes, count < 1 << 20 ? (size_t)count : 1 << 20);
        if (now < 0 && errno != EINTR)
            return false;
        bytes += now > 0 ? now : 0;
        count -= now > 0 ? (uint64_t)now : 0;
    }
    return true;
}

static bool write_file(int fd, const pack_archive *a, const pack_member *m)
{
    const uint32_t *px = a->picture.px + (size_t)(a->first_row + m->y) * a->picture.w;
    uint8_t *bytes = malloc(m->bytes + 1);
    if (bytes == NULL)
        return false;
    for (uint64_t i = 0; i < m->bytes; i++)
        bytes[i] = (uint8_t)(px[i / 4] >> (8 * (i % 4)));
    const bool ok = write_all(fd, bytes, m->bytes);
    free(bytes);
    return ok;
}

static bool write_picture(int fd, const pack_archive *a, const pack_member *m, const char *to_name, px_error *error)
{
    char path[64];
    px_picture picture;
    px_error reason;
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    bool ok = pack_picture_of(&picture, a, m, error);
    if (ok && !px_picture_write(&picture, path, &reason)) /* which knows the file by that name */
        ok = px_fail(error, reason.code, "%s/%s%s", to_name, m->name,
                     strncmp(reason.text, path, strlen(path)) == 0 ? reason.text + strlen(path) : reason.text);
    px_picture_free(&picture);
    return ok;
}

static bool extract(const pack_archive *a, const pack_member *m, int to, const char *to_name, px_error *error)
{
    const char *last;
    const int folder = folder_of(to, m->name, &last);
    const int fd = folder < 0 ? -1 : openat(folder, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    const int reason = errno;
    if (folder >= 0)
        close(folder);
    if (fd < 0)
        return px_fail(error, PX_E_SYSTEM, "%s/%s: %s", to_name, m->name, strerror(reason));
    errno = ENOMEM;
    const bool ok = m->picture ? write_picture(fd, a, m, to_name, error)
                               : write_file(fd, a, m) ||
                                     px_fail(error, PX_E_SYSTEM, "%s/%s: %s", to_name, m->name, strerror(errno));
    return close(fd) == 0 ? ok : ok && px_fail(error, PX_E_SYSTEM, "%s/%s: %s", to_name, m->name, strerror(errno));
}

bool pack_extract(const pack_archive *a, const char *below, int to, const char *to_name, px_error *error)
{
    const size_t length = strlen(below);
    for (size_t i = 0; i < a->manifest.member_count; i++) {
        const pack_member *m = &a->manifest.members[i];
        const bool inside = length == 0 || (strncmp(m->name, below, length) == 0 && m->name[length] == '/');
        if (inside && !extract(a, m, to, to_name, error))
            return false;
    }
    return true;
}
