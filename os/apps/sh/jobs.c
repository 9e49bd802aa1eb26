/* jobs.c - programs that are started, waited for, and those behind `&`. */
#include "os/apps/sh/sh.h"

enum { STRINGS = 1024, TEXT = 48, LISTED = 64 };

typedef struct job {
    int32_t pids[COMMANDS]; /* 0: it has ended */
    uint32_t count, left;   /* left: those that run; 0: no job */
    char text[TEXT];
} job;

static job jobs[JOBS];
int32_t last_behind;

/* ---- starting ---- */

static uint32_t put_string(char *to, uint32_t used, const char *text)
{
    const uint32_t size = length_of(text) + 1;
    for (uint32_t i = 0; i < size && used + size <= STRINGS; i++)
        to[used + i] = text[i];
    return used + size;
}

/* A file that begins with #! NAME is given to that program of /bin. */
static bool is_script(const char *name, char by[PXO_NAME_BYTES])
{
    char begin[64];
    const int32_t handle = open_file(name, PXH_FOR_READ);
    const int32_t got = handle < 0 ? handle : read_file((uint32_t)handle, begin, sizeof begin - 1);
    if (handle >= 0)
        pxo_close((uint32_t)handle);
    if (got < 3 || begin[0] != '#' || begin[1] != '!')
        return false;
    begin[got] = '\0';
    uint32_t end = 2, from = 2, length = 0;
    for (; begin[end] == ' '; end++)
        from = end + 1;
    for (; begin[end] > ' '; end++)
        from = begin[end] == '/' ? end + 1 : from;
    for (; from < end && length < PXO_NAME_BYTES - 1; from++)
        by[length++] = begin[from];
    by[length] = '\0';
    return length > 0;
}

/* Something is there, so it is its kind that is wrong: of the host's programs px cp --program makes one. */
static bool is_there(const char *path)
{
    const int32_t handle = open_file(path, PXH_FOR_READ);
    if (handle >= 0)
        pxo_close((uint32_t)handle);
    return handle >= 0;
}

int32_t start_program(const command *c, uint32_t in, uint32_t out, uint32_t wrong_to)
{
    char strings[STRINGS], by[PXO_NAME_BYTES];
    const char *name = words[c->first + c->assignments];
    const bool script = is_folder(name) == false && *name != '\0' && base_of(name) != name && is_script(name, by);
    uint32_t used = script ? put_string(strings, 0, by) : 0, count = script;
    for (uint32_t i = c->first + c->assignments; i < c->end; i++, count++)
        used = put_string(strings, used, words[i]);
    for (uint32_t i = c->first; i < c->first + c->assignments && used <= STRINGS; i++)
        used = put_string(strings, used, words[i]);
    if (used > STRINGS)
        return wrong("the words are too long together", NULL), -1;
    used += put_environment(strings + used, STRINGS - used);
    name = script ? by : name;
    const pxo_spawn_more what = {
        {PXO_ADDRESS(name), length_of(name), PXO_ADDRESS(strings), used, in, out}, wrong_to, count};
    const int32_t pid = pxo_start_more(&what);
    if (pid < 0) {
        put_bytes(wrong_to, "sh: ", 4);
        put_bytes(wrong_to, name, length_of(name));
        const char *why = pid == PXH_E_ABSENT && base_of(name) != name && is_there(name) ? ": no program of pxOS\n"
                          : pid == PXH_E_ABSENT || pid == PXH_E_NAME                     ? ": not found\n"
                          : pid == PXH_E_FULL ? ": no room for another process\n"
                                              : ": cannot be started\n";
        put_bytes(wrong_to, why, length_of(why));
    }
    return pid;
}

/* ---- ending ---- */

/* A process and what it has started: with the last of these first, so that none is lost sight of. */
static void kill_tree(uint32_t pid)
{
    static pxo_process list[LISTED];
    for (bool found = true; found;) {
        uint32_t whom = pid;
        const int32_t count = pxo_processes(list, LISTED);
        found = false;
        for (int32_t i = 0; i < count; i++)
            if (list[i].parent == whom && list[i].state != PXO_ENDED) {
                whom = list[i].pid;
                found = true;
                i = -1;
            }
        pxo_kill(whom);
    }
}

/* One that has ended, if it is of a job. */
static void leave_job(int32_t pid, bool told)
{
    for (uint32_t j = 0; j < JOBS; j++)
        for (uint32_t i = 0; i < jobs[j].count && jobs[j].left > 0; i++)
            if (jobs[j].pids[i] == pid) {
                jobs[j].pids[i] = 0;
                if (--jobs[j].left == 0 && told) {
                    say("[");
                    say_number(j + 1);
                    say("] done  ");
                    say(jobs[j].text);
                    say("\n");
                }
            }
}

/* A script's programs are stopped by the shell that somebody types to. */
static int32_t wait_one(uint32_t pid, pxo_ended *how) { return terminal ? pxo_watch(pid, how) : pxo_wait(pid, how); }

void wait_for(const int32_t *pids, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        pxo_ended how;
        int32_t ended = pids[i] <= 0 ? pids[i] : wait_one((uint32_t)pids[i], &how);
        if (pids[i] > 0 && ended == 0) {
            for (uint32_t j = i; j < count; j++)
                if (pids[j] > 0)
                    kill_tree((uint32_t)pids[j]);
            stopped = true;
            ended = pxo_wait((uint32_t)pids[i], &how);
        }
        if (pids[i] < 0)
            last = NOT_FOUND;
        else if (ended > 0)
            last = status_of(&how);
        leave_job(ended, false);
    }
    if (stopped)
        last = STOPPED;
}

void reap(bool told)
{
    pxo_ended how;
    for (int32_t pid; (pid = pxo_wait(PXO_NOW, &how)) > 0;)
        leave_job(pid, told);
}

void wait_for_all(void)
{
    pxo_ended how;
    int32_t pid;
    while ((pid = wait_one(0, &how)) > 0)
        leave_job(pid, terminal);
    last = pid == 0 ? STOPPED : 0;
}

/* ---- jobs ---- */

void run_behind(const int32_t *pids, uint32_t count, const char *text, uint32_t length)
{
    job *j = NULL;
    for (uint32_t i = JOBS; i-- > 0;)
        j = jobs[i].left == 0 ? &jobs[i] : j;
    last = count > 0 && pids[count - 1] < 0 ? NOT_FOUND : 0;
    if (j != NULL) {
        j->count = count;
        for (uint32_t i = 0; i < count; i++) {
            j->pids[i] = pids[i];
            j->left += pids[i] > 0;
        }
        for (; length > 0 && text[length - 1] == ' '; length--)
            ;
        length = length < TEXT ? length : TEXT - 1;
        for (uint32_t i = 0; i < length; i++)
            j->text[i] = text[i];
        j->text[length] = '\0';
    }
    if (count == 0 || pids[count - 1] < 0)
        return;
    last_behind = pids[count - 1];
    if (terminal && j != NULL) {
        say("[");
        say_number((uint32_t)(j - jobs) + 1);
        say("] ");
        say_number((uint32_t)last_behind);
        say("\n");
    }
}

void list_jobs(void)
{
    for (uint32_t j = 0; j < JOBS; j++)
        if (jobs[j].left > 0) {
            say("[");
            say_number(j + 1);
            say("] runs  ");
            say(jobs[j].text);
            say("\n");
        }
}

int32_t job_named(const char *text)
{
    uint32_t number;
    text += *text == '%';
    return read_number(text, &number) && number >= 1 && number <= JOBS && jobs[number - 1].left > 0
               ? (int32_t)number - 1
               : -1;
}

void front(const char *text)
{
    int32_t j = text != NULL ? job_named(text) : -1;
    for (int32_t i = 0; text == NULL && i < JOBS; i++)
        j = jobs[i].left > 0 ? i : j;
    if (j < 0) {
        wrong("no such job", text);
        return;
    }
    say(jobs[j].text);
    say("\n");
    int32_t pids[COMMANDS];
    const uint32_t count = jobs[j].count;
    for (uint32_t i = 0; i < count; i++)
        pids[i] = jobs[j].pids[i];
    wait_for(pids, count);
}

void kill_job(uint32_t j)
{
    for (uint32_t i = 0; i < jobs[j].count; i++)
        if (jobs[j].pids[i] > 0)
            kill_tree((uint32_t)jobs[j].pids[i]);
}
