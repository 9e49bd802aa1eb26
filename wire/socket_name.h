/* socket_name.h - the names of Unix sockets. A name is taken over from a server that has died, never from one that lives, and given back
 * only while it is still this socket's: somebody may have removed it, and another server taken it since. */
#ifndef WIRE_SOCKET_NAME_H
#define WIRE_SOCKET_NAME_H

#include <sys/types.h>
#include <sys/un.h>

typedef struct px_socket_name {
    char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* empty: none has been taken */
    dev_t device;                                         /* which file that was */
    ino_t inode;
} px_socket_name;

/* Binds the socket fd to path. One of streams listens before its name can be seen, so that whoever sees it can connect.
 * Returns 0, or what errno was: ENAMETOOLONG when path does not fit, EADDRINUSE when something of that name is there. */
int px_socket_name_take(px_socket_name *name, int fd, const char *path, int backlog);

/* Removes the file, if it is still the one that was made. */
void px_socket_name_give_back(px_socket_name *name);

/* What to say of a failure. */
const char *px_socket_name_why(int failure);

#endif
