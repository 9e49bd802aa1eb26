/* server.c - the ivshmem protocol, as QEMU's documentation has it: on a stream socket, messages of 8 bytes with at most
 * one descriptor each. The order in which QEMU wants them: version, the client's number, the memory, the vectors of the
 * other peer (this process), the client's own. Nothing comes back. */
#define _GNU_SOURCE /* memfd_create and its seals, SO_PEERCRED */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pci/internal.h"

enum { MOMENT_MS = 100 };

static bool failed(px_error *error, const char *what)
{
    return px_fail(error, PX_E_SYSTEM, "%s: %s", what, strerror(errno));
}

/* Sealed: a client that makes it shorter would end this process by a signal. */
static bool make_memory(px_pci *pci, px_error *error)
{
    pci->memory_fd = memfd_create("px-pci", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (pci->memory_fd < 0 || ftruncate(pci->memory_fd, (off_t)pci->size) != 0 ||
        fcntl(pci->memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return failed(error, "shared memory");
    void *at = mmap(NULL, pci->size, PROT_READ | PROT_WRITE, MAP_SHARED, pci->memory_fd, 0);
    if (at == MAP_FAILED)
        return failed(error, "shared memory");
    pci->memory = at;
    return true;
}

bool server_listen(px_pci *pci, const char *listen_at, px_error *error)
{
    if (strncmp(listen_at, "unix:", 5) != 0 || listen_at[5] == '\0' || strlen(listen_at + 5) >= sizeof pci->place.path)
        return px_fail(error, PX_E_USAGE, "--listen takes unix:PATH, and a path shorter than %zu bytes; found '%s'",
                       sizeof pci->place.path, listen_at);
    pci->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int failure = pci->listener < 0 ? errno : px_socket_name_take(&pci->place, pci->listener, listen_at + 5, 1);
    if (failure != 0)
        return px_fail(error, PX_E_SYSTEM, "cannot listen on %s: %s", listen_at, px_socket_name_why(failure));
    return make_memory(pci, error);
}

/* ---- a machine that comes ---- */

static bool send_message(int to, int64_t number, int fd)
{
    uint8_t bytes[8];
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {{0}};
    struct iovec data = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> 8 * i);
    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        control.header =
            (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof bytes;
}

static bool watch(int wakes, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(wakes, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void drop_client(px_pci *pci)
{
    int *const held[] = {&pci->client, &pci->doorbell, &pci->interrupt, &pci->wakes};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        if (*held[i] >= 0)
            close(*held[i]);
        *held[i] = -1;
    }
}

static bool greet(px_pci *pci)
{
    enum { PROTOCOL = 0, CLIENT = 0, MEMORY = -1, PEER = 1 };
    return send_message(pci->client, PROTOCOL, -1) && send_message(pci->client, CLIENT, -1) &&
           send_message(pci->client, MEMORY, pci->memory_fd) && send_message(pci->client, PEER, pci->doorbell) &&
           send_message(pci->client, CLIENT, pci->interrupt);
}

static void note_emulator(px_pci *pci)
{
    struct ucred who;
    socklen_t size = sizeof who;
    pci->emulator = getsockopt(pci->client, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 ? who.pid : 0;
}

bool server_accept(px_pci *pci, px_error *error)
{
    struct pollfd p = {.fd = pci->listener, .events = POLLIN};
    if (poll(&p, 1, MOMENT_MS) <= 0)
        return true;
    pci->client = accept(pci->listener, NULL, NULL);
    if (pci->client < 0)
        return true;
    mailbox_clear(pci);
    (void)fcntl(pci->client, F_SETFD, FD_CLOEXEC);
    pci->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pci->interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pci->wakes = epoll_create1(EPOLL_CLOEXEC);
    if (pci->doorbell < 0 || pci->interrupt < 0 || pci->wakes < 0 || !watch(pci->wakes, pci->doorbell) ||
        !watch(pci->wakes, pci->client))
        return failed(error, "no descriptors for the machine");
    if (!greet(pci))
        drop_client(pci); /* it has gone again */
    else
        note_emulator(pci);
    return true;
}

/* Nothing is expected from it: what comes is thrown away. A socket that ends with ECONNRESET has left the greeting unread: whoever
 * that was only looked whether somebody listens. */
bool server_connected(px_pci *pci)
{
    uint8_t bytes[256];
    ssize_t n;
    if (pci->client < 0)
        return false;
    do
        n = recv(pci->client, bytes, sizeof bytes, MSG_DONTWAIT);
    while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return true;
    pci->looked = n < 0 && errno == ECONNRESET;
    drop_client(pci);
    return false;
}

/* Of the system's table of processes: fields 14 and 15, behind a name that may hold anything. */
double server_emulator_seconds(const px_pci *pci)
{
    char name[64], text[1024];
    unsigned long user = 0, system = 0;
    (void)snprintf(name, sizeof name, "/proc/%ld/stat", (long)pci->emulator);
    FILE *file = pci->emulator > 0 ? fopen(name, "re") : NULL;
    if (file == NULL)
        return 0;
    const size_t n = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    if (at == NULL || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void server_close(px_pci *pci)
{
    drop_client(pci);
    if (pci->listener >= 0)
        close(pci->listener);
    px_socket_name_give_back(&pci->place);
    if (pci->memory != NULL)
        (void)munmap(pci->memory, pci->size);
    if (pci->memory_fd >= 0)
        close(pci->memory_fd);
}
