/* limit.c - descriptors: how many px serve needs, how many it may have, and what it does about the difference.
 *
 * A connection costs two, its own and that of its executor's process; poll() besides refuses a set larger than the
 * limit. So the limit is looked at once, before anybody connects. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/serve_internal.h"

/* Each listener, the wire: a pseudo-terminal has two. Then the signals' pipe, the batches' two processes and the one that
 * is kept ready, the one in reserve; and what is open for a moment only: pairs of sockets, folders, a connection that is closed at once. */
enum { EACH_LISTENER = 2, WIRE = 2, SIGNALS = 2, WORKERS = 3, RESERVE = 1, PASSING = 8, EACH_CLIENT = 2 };

/* What this process was born with. */
static rlim_t open_already(void)
{
    rlim_t count = 0;
    DIR *all = opendir("/proc/self/fd");
    if (all == NULL)
        return 3;
    for (const struct dirent *d; (d = readdir(all)) != NULL;)
        count += d->d_name[0] != '.';
    closedir(all);
    return count - 1; /* that folder itself */
}

bool px_serve_limit(px_server *s, px_error *error)
{
    const px_serve_options *o = s->options;
    struct rlimit files;
    const rlim_t fixed = open_already() + EACH_LISTENER * o->listen_count + WIRE + SIGNALS + WORKERS + RESERVE +
                         PX_SERVE_EXCESS + PASSING;
    const rlim_t wanted = fixed + (rlim_t)EACH_CLIENT * o->most_clients;
    s->most_clients = o->most_clients;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY || files.rlim_cur >= wanted)
        return true;
    s->setup.plan.files = files.rlim_cur; /* executors start with the limit that they know */
    files.rlim_cur = files.rlim_max == RLIM_INFINITY || files.rlim_max >= wanted ? wanted : files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        files.rlim_cur = s->setup.plan.files;
    if (files.rlim_cur >= wanted)
        return true;
    if (files.rlim_cur < fixed + EACH_CLIENT)
        return px_fail(error, PX_E_SYSTEM, "the limit of open files is %lu (ulimit -n); px serve needs %lu at least",
                       (unsigned long)files.rlim_cur, (unsigned long)(fixed + EACH_CLIENT));
    s->most_clients = (uint32_t)((files.rlim_cur - fixed) / EACH_CLIENT);
    px_serve_log("the limit of open files is %lu (ulimit -n): --clients is %u instead of %u",
                 (unsigned long)files.rlim_cur, (unsigned)s->most_clients, (unsigned)o->most_clients);
    return true;
}

int px_serve_reserve(void) { return open("/dev/null", O_RDWR | O_CLOEXEC); }
