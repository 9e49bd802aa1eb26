/* system.c - the system calls that picolibc asks for, over the services of pxi/HOST.md. A host's handles are the file
 * descriptors. The host has no seek: a file's place is kept here, and each transfer says where. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "cc/runtime/outcome.h"
#include "px.h"
#include "px_host.h"

enum { CONSOLES = 3, FILES = 64, MOST_BYTES = 0x7FFFFFFF };

static int64_t place[FILES]; /* in the file of each handle */
_Noreturn void _exit(int status);

int px_outcome(int32_t answer)
{
    static const uint8_t meaning[] = {
        [-PXH_E_NOSYS] = ENOSYS,   [-PXH_E_DENIED] = EACCES, [-PXH_E_RANGE] = EFAULT, [-PXH_E_INVALID] = EINVAL,
        [-PXH_E_NEST] = EINVAL,    [-PXH_E_END] = EIO,       [-PXH_E_CLOSED] = EPIPE, [-PXH_E_NAME] = EACCES,
        [-PXH_E_ABSENT] = ENOENT,  [-PXH_E_EXISTS] = EEXIST, [-PXH_E_KIND] = EISDIR,  [-PXH_E_HANDLE] = EBADF,
        [-PXH_E_READONLY] = EROFS, [-PXH_E_FULL] = ENOSPC,   [-PXH_E_LIMIT] = EMFILE, [-PXH_E_IO] = EIO};
    if (answer >= 0)
        return answer;
    errno = -answer < (int32_t)sizeof meaning ? meaning[-answer] : EIO;
    return -1;
}

int open(const char *name, int flags, ...)
{
    const int mode = flags & O_ACCMODE;
    uint32_t how = mode == O_RDONLY ? PXH_FOR_READ : mode == O_WRONLY ? PXH_FOR_WRITE : PXH_FOR_READ | PXH_FOR_WRITE;
    how |= (flags & O_CREAT ? PXH_CREATE : 0) | (flags & O_TRUNC ? PXH_TRUNCATE : 0) |
           (flags & O_APPEND ? PXH_APPEND : 0) | ((flags & O_CREAT) && (flags & O_EXCL) ? PXH_NEW : 0);
    const pxh_open block = {ADDRESS(name), strlen(name)};
    const int handle = outcome(px_sys(PXH_REQUEST(PXH_OPEN, how), ADDRESS(&block)));
    if (handle < 0)
        return -1;
    if (handle >= FILES) {
        px_sys(PXH_REQUEST(PXH_CLOSE, handle), 0);
        errno = EMFILE;
        return -1;
    }
    place[handle] = 0;
    return handle;
}

int close(int handle)
{
    if (handle < CONSOLES)
        return 0;
    return outcome(px_sys(PXH_REQUEST(PXH_CLOSE, handle & 0xFFFFFF), 0));
}

static int transfer(uint32_t service, int handle, const void *bytes, size_t count)
{
    if (handle < 0 || handle >= FILES) {
        errno = EBADF;
        return -1;
    }
    const bool console = handle < CONSOLES;
    const pxh_read block = {ADDRESS(bytes), count > MOST_BYTES ? MOST_BYTES : count, (uint32_t)place[handle],
                            (uint32_t)(place[handle] >> 32)};
    const uint32_t payload = (uint32_t)handle | (console ? 0 : PXH_AT);
    const int done = outcome(px_sys(PXH_REQUEST(service, payload), ADDRESS(&block)));
    if (done > 0 && !console)
        place[handle] += done;
    return done;
}

ssize_t read(int handle, void *bytes, size_t count) { return transfer(PXH_READ, handle, bytes, count); }
ssize_t write(int handle, const void *bytes, size_t count) { return transfer(PXH_WRITE, handle, bytes, count); }

static int size_of(int handle, int64_t *size)
{
    uint32_t words[2];
    if (outcome(px_sys(PXH_REQUEST(PXH_SIZE, handle & 0xFFFFFF), ADDRESS(words))) < 0)
        return -1;
    *size = (int64_t)((uint64_t)words[1] << 32 | words[0]);
    return 0;
}

off_t lseek(int handle, off_t offset, int whence)
{
    int64_t from = 0;
    if (handle < CONSOLES || handle >= FILES) {
        errno = handle >= 0 && handle < CONSOLES ? ESPIPE : EBADF;
        return -1;
    }
    if (whence == SEEK_CUR)
        from = place[handle];
    else if (whence == SEEK_END && size_of(handle, &from) < 0)
        return -1;
    if (from + offset < 0 || from + offset > INT32_MAX) {
        errno = EINVAL;
        return -1;
    }
    place[handle] = from + offset;
    return (off_t)place[handle];
}

int fstat(int handle, struct stat *about)
{
    int64_t size = 0;
    if (handle >= CONSOLES && size_of(handle, &size) < 0)
        return -1;
    *about = (struct stat){.st_mode = handle < CONSOLES ? S_IFCHR | 0666 : S_IFREG | 0666, .st_size = (off_t)size};
    return 0;
}

int stat(const char *restrict name, struct stat *restrict about)
{
    const int handle = open(name, O_RDONLY);
    if (handle < 0)
        return -1;
    const int result = fstat(handle, about);
    close(handle);
    return result;
}

int isatty(int handle)
{
    if (handle >= 0 && handle < CONSOLES && px_sys(PXH_REQUEST(PXH_CONSOLE, 0), 0) == 1)
        return 1;
    errno = ENOTTY;
    return 0;
}

/* ---- memory: from pixel 7, which whoever starts the program may move up, to the image's end ---- */

/* Whether the image has so many bytes, or is given them by whoever started the program: cc/ABI.md, the picture. */
static bool has_bytes(uint64_t bytes)
{
    const uint32_t request = px_image(4)[0];
    return bytes <= (uint64_t)px_get_n() << 2 ||
           (bytes <= UINT32_MAX && request != 0 && px_sys(request, (uint32_t)bytes) >= 0);
}

void *sbrk(ptrdiff_t more)
{
    static uint32_t end;
    if (end == 0)
        end = px_image(0)[7];
    const uint32_t before = end;
    if (more > 0 ? !has_bytes((uint64_t)end + (uint32_t)more) : -(uint32_t)more > end - px_image(0)[7]) {
        errno = ENOMEM;
        return (void *)-1;
    }
    end += (uint32_t)more;
    return (void *)(uintptr_t)before;
}

/* ---- time and chance ---- */

static int nanoseconds(uint32_t which, uint64_t *now)
{
    uint32_t words[2];
    const int result = outcome(px_sys(PXH_REQUEST(PXH_CLOCK, which), ADDRESS(words)));
    *now = result < 0 ? 0 : (uint64_t)words[1] << 32 | words[0];
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    uint64_t time;
    (void)zone;
    if (nanoseconds(1, &time) < 0)
        return -1;
    now->tv_sec = (time_t)(time / 1000000000);
    now->tv_usec = (suseconds_t)(time % 1000000000 / 1000);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    uint64_t time;
    if (nanoseconds(clock == CLOCK_REALTIME ? 1 : 0, &time) < 0)
        return -1;
    now->tv_sec = (time_t)(time / 1000000000);
    now->tv_nsec = (long)(time % 1000000000);
    return 0;
}

clock_t times(struct tms *used)
{
    uint64_t time;
    if (nanoseconds(0, &time) < 0)
        return (clock_t)-1;
    const clock_t ticks = (clock_t)(time / (1000000000 / CLOCKS_PER_SEC));
    *used = (struct tms){.tms_utime = ticks};
    return ticks;
}

int usleep(useconds_t microseconds)
{
    const uint32_t milliseconds = (microseconds + 999) / 1000;
    return microseconds == 0 ? 0 : outcome(px_sys(PXH_REQUEST(PXH_WAIT, milliseconds), 0)) < 0 ? -1 : 0;
}

int getentropy(void *bytes, size_t count)
{
    if (count > 256) {
        errno = EIO;
        return -1;
    }
    return outcome(px_sys(PXH_REQUEST(PXH_RANDOM, count), ADDRESS(bytes))) < 0 ? -1 : 0;
}

/* ---- names, which pxOS changes; other hosts answer NOSYS ---- */

enum {
#define PXO_CALL(id, number, payload, argument, answer, errors, text) PXO_##id = number,
#include "os/os.def"
};

static int with_name(uint32_t service, const char *name)
{
    const pxh_open block = {ADDRESS(name), strlen(name)};
    return outcome(px_sys(PXH_REQUEST(service, 0), ADDRESS(&block)));
}

int unlink(const char *name) { return with_name(PXO_REMOVE, name); }
int rmdir(const char *name) { return with_name(PXO_REMOVE, name); }
int chdir(const char *name) { return with_name(PXO_CHDIR, name); }

int mkdir(const char *name, mode_t mode)
{
    (void)mode;
    return with_name(PXO_MKDIR, name);
}

static int with_names(uint32_t service, const char *name, const char *to)
{
    const uint32_t block[] = {ADDRESS(name), strlen(name), ADDRESS(to), strlen(to)};
    return outcome(px_sys(PXH_REQUEST(service, 0), ADDRESS(block)));
}

int rename(const char *name, const char *to) { return with_names(PXO_RENAME, name, to); }
int link(const char *name, const char *to) { return with_names(PXO_LINK, name, to); }

char *getcwd(char *path, size_t size)
{
    const size_t room = size == 0 ? 0 : size - 1 < 0xFFFFFF ? size - 1 : 0xFFFFFF;
    const int length = outcome(px_sys(PXH_REQUEST(PXO_FOLDER, room), ADDRESS(path)));
    if (length < 0)
        return NULL;
    path[length] = '\0';
    return path;
}

/* ---- what there is not ---- */

int kill(pid_t process, int signal);
int kill(pid_t process, int signal)
{
    (void)process;
    _exit(128 + signal);
}

pid_t getpid(void)
{
    const int32_t number = px_sys(PXH_REQUEST(PXO_GETPID, 0), 0); /* a host has none to tell */
    return number > 0 ? (pid_t)number : 1;
}
