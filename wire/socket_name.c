/* socket_name.c - names of Unix sockets, as unix(7) has them: binding makes the file, and nothing removes it. */
#define _DEFAULT_SOURCE /* flock */

#include "wire/socket_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EARLY "~" /* behind the name, until the socket listens */

typedef struct sockaddr_un address;

/* While a server looks whether a name is free, takes it, or gives it back, another one waits: a lock on the folder. One
 * that cannot be had within a second is somebody else's; then it goes without. Returns -1 then. */
static int lock_folder(const char *path)
{
    char folder[sizeof((address *)0)->sun_path + 2];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        strcpy(folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        if (i == 100) {
            close(fd);
            return -1;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return fd;
}

static void unlock_folder(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* A socket that nobody answers at was left by one that died. Without waiting: the queue of one that lives may be full. */
static void remove_left(const address *at, int type)
{
    struct stat about;
    if (lstat(at->sun_path, &about) != 0 || !S_ISSOCK(about.st_mode))
        return;
    const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 && errno == ECONNREFUSED)
        unlink(at->sun_path);
    close(fd);
}

static int bind_to(int fd, const address *at)
{
    return bind(fd, (const struct sockaddr *)at, sizeof *at) != 0 ? errno : 0;
}

static int listen_early(int fd, const address *at, int backlog)
{
    address early = *at;
    strcat(early.sun_path, EARLY);
    remove_left(&early, SOCK_STREAM);
    int failure = bind_to(fd, &early);
    if (failure != 0)
        return failure;
    if (listen(fd, backlog) != 0 || link(early.sun_path, at->sun_path) != 0)
        failure = errno == EEXIST ? EADDRINUSE : errno;
    unlink(early.sun_path);
    return failure;
}

static int take(int fd, const address *at, int backlog)
{
    int type;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return errno;
    remove_left(at, type);
    if (type == SOCK_STREAM && strlen(at->sun_path) + strlen(EARLY) < sizeof at->sun_path)
        return listen_early(fd, at, backlog);
    const int failure = bind_to(fd, at);
    return failure == 0 && type == SOCK_STREAM && listen(fd, backlog) != 0 ? errno : failure;
}

int px_socket_name_take(px_socket_name *name, int fd, const char *path, int backlog)
{
    address at = {.sun_family = AF_UNIX};
    struct stat about;
    if (strlen(path) >= sizeof at.sun_path)
        return ENAMETOOLONG;
    strcpy(at.sun_path, path);
    const int lock = lock_folder(path);
    const int failure = take(fd, &at, backlog);
    if (failure == 0 && lstat(path, &about) == 0) {
        strcpy(name->path, path);
        name->device = about.st_dev;
        name->inode = about.st_ino;
    }
    unlock_folder(lock);
    return failure;
}

void px_socket_name_give_back(px_socket_name *name)
{
    struct stat about;
    if (name->path[0] == '\0')
        return;
    const int lock = lock_folder(name->path);
    if (lstat(name->path, &about) == 0 && about.st_dev == name->device && about.st_ino == name->inode)
        unlink(name->path);
    unlock_folder(lock);
    name->path[0] = '\0';
}

const char *px_socket_name_why(int failure)
{
    return failure == EADDRINUSE ? "something of that name is there already" : strerror(failure);
}
