/* process.c - see process.h. */
#define _DEFAULT_SOURCE
#include "exec/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pxi/pace.h"

/* A process that the kernel does not let go, in the hands of a driver, is not waited for: it is init's one day. */
#define KILLED_SECONDS 5.0

/* ---- beginning ---- */

static bool make_channels(px_process *p, int *childs)
{
    int pair[2];
    void *page = mmap(NULL, sizeof *p->note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    p->note = page;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    p->fd = pair[0];
    *childs = pair[1];
    return true;
}

bool px_process_start(px_process *p, const px_child_plan *plan, px_error *error)
{
    int childs = -1, failed = 0;
    *p = (px_process){.fd = -1};
    if (!make_channels(p, &childs))
        failed = errno;
    fflush(NULL);
    /* A signal for the child that came before it has its own ways would be taken by the parent's. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    if (failed == 0 && (p->pid = fork()) < 0)
        failed = errno;
    if (failed == 0 && p->pid == 0)
        px_child_main(childs, plan, p->note);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (childs >= 0)
        close(childs);
    if (failed == 0)
        return true;
    px_process_forget(p);
    return px_fail(error, PX_E_SYSTEM, "cannot start a process for %s: %s", plan->on, strerror(failed));
}

/* ---- how it is ---- */

bool px_process_ended(const px_process *p)
{
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)p->pid, &about, WEXITED | WNOHANG | WNOWAIT) != 0 ? errno == ECHILD
                                                                                 : about.si_pid == p->pid;
}

double px_process_worked(const px_process *p)
{
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(p->pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void px_process_text(const char *noted, size_t most, char *text, size_t size)
{
    size_t at = 0;
    for (; at + 1 < size && at < most && noted[at] != '\0'; at++)
        text[at] = (char)((unsigned char)noted[at] < ' ' || noted[at] == 127 ? '?' : noted[at]);
    text[at] = '\0';
}

/* ---- ending ---- */

void px_process_forget(px_process *p)
{
    if (p->fd >= 0)
        close(p->fd);
    if (p->note != NULL)
        munmap(p->note, sizeof *p->note);
    *p = (px_process){.fd = -1};
}

/* Whether it has been collected before the time was over. */
static bool collect(pid_t pid, double seconds, int *status)
{
    struct timespec pause = {0, 100000};
    for (const double end = px_seconds() + seconds;;) {
        const pid_t got = waitpid(pid, status, WNOHANG);
        if (got == pid || (got < 0 && errno != EINTR))
            return true;
        if (px_seconds() >= end)
            return false;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
}

void px_process_end(px_process *p, double seconds, char *how, size_t size)
{
    int status = 0;
    const pid_t pid = p->pid;
    if (pid > 0 && !collect(pid, seconds, &status)) {
        kill(pid, SIGKILL);
        collect(pid, KILLED_SECONDS, &status);
    }
    px_process_forget(p);
    if (how != NULL && WIFSIGNALED(status))
        snprintf(how, size, "was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (how != NULL)
        snprintf(how, size, "ended by itself with status %d", WEXITSTATUS(status));
}
