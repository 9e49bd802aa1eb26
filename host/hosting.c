/* hosting.c - see hosting.h. */
#include "host/hosting.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/files.h"
#include "pxi/number.h"

void px_hosting_init(px_hosting *h)
{
    *h = (px_hosting){0};
    h->disks = (px_values){h->disk, 0, PX_HOSTING_DISKS};
}

/* An option that is nothing without --host, or NULL. */
static const char *needs_host(const px_hosting *h)
{
    const px_grants *g = &h->grants;
    return g->folder != NULL    ? "--grant"
           : h->disks.count > 0 ? "--disk"
           : g->net != NULL     ? "--net"
           : g->screen          ? "--screen"
           : h->seed != NULL    ? "--seed"
           : h->record != NULL  ? "--record"
                                : NULL;
}

bool px_hosting_check(px_hosting *h, const char *answers, px_error *error)
{
    if (answers != NULL && px_hosting_answers(h))
        return px_fail(error, PX_E_USAGE, "--answers and %s exclude each other", h->host ? "--host" : "--replay");
    if (needs_host(h) != NULL && !h->host)
        return px_fail(error, PX_E_USAGE, "%s is for the host that --host starts", needs_host(h));
    if (h->host && h->replay != NULL)
        return px_fail(error, PX_E_USAGE, "--host and --replay exclude each other: a log takes the host's place");
    if ((h->record != NULL && !px_is_name_of("a file", "--record", h->record, error)) ||
        (h->grants.frames != NULL && !px_is_name_of("a directory", "--screen", h->grants.frames, error)))
        return false;
    h->grants.seeded = h->seed != NULL;
    return h->seed == NULL || px_parse_count_within("--seed", h->seed, 0, UINT64_MAX, &h->grants.seed, error);
}

static void show_again(void *context, px_machine *machine, const px_stop *stop)
{
    px_host_show(context, machine, stop);
}

static bool begin_replay(px_hosting *h, const px_state *start, bool show, uint64_t *budget, px_answerer *answerer,
                         px_error *error)
{
    h->grants.commands = false; /* nothing that is typed has a meaning */
    if (!px_log_open(&h->read, h->replay, start, error) || (show && !px_host_open(&h->running, &h->grants, error)))
        return false;
    *budget = px_log_budget(h->read, *budget);
    *answerer = px_log_answerer(h->read, show ? show_again : NULL, h->running);
    return true;
}

bool px_hosting_begin(px_hosting *h, const px_state *start, bool show, uint64_t *budget, px_answerer *answerer,
                      px_error *error)
{
    signal(SIGPIPE, SIG_IGN); /* that nobody reads any more is the program's to know */
    h->grants.input = STDIN_FILENO;
    h->grants.output = h->told ? -1 : STDOUT_FILENO;
    h->grants.errors = h->told ? -1 : STDERR_FILENO;
    if (h->replay != NULL)
        return begin_replay(h, start, show, budget, answerer, error);
    h->grants.disks = h->disk;
    h->grants.disk_count = h->disks.count;
    h->grants.goes_on = start->status == PX_WAITING;
    if (!px_host_open(&h->running, &h->grants, error) ||
        (h->record != NULL && !px_log_create(&h->log, h->record, start, error)))
        return false;
    px_host_record(h->running, h->log);
    *answerer = px_host_answerer(h->running);
    return true;
}

bool px_hosting_begin_any(px_hosting *h, const char *answers, const px_state *start, bool show, uint64_t *budget,
                          px_answerer *answerer, px_error *error)
{
    const bool ok = px_answers_parse(&h->scripted, answers, error) &&
                    (!px_hosting_answers(h) || px_hosting_begin(h, start, show, budget, answerer, error));
    if (ok && !px_hosting_answers(h))
        *answerer = px_scripted(&h->scripted);
    px_hosting_note(h);
    return ok;
}

bool px_hosting_end(px_hosting *h, const px_stop *stop, bool *exited, int *status, px_error *error)
{
    bool ok = true;
    *exited = false;
    if (h->read != NULL) {
        ok = !px_log_strayed(h->read, error);
        *exited = px_log_exited(h->read, status);
    } else if (h->running != NULL) {
        *exited = px_host_exited(h->running, status);
        if (*exited || stop->status == PX_HALTED)
            px_host_keep(h->running);
        ok = px_log_finish(h->log, true, stop->executed, error);
        h->log = NULL;
    }
    ok = px_host_close(h->running, ok ? error : NULL) && ok;
    h->running = NULL;
    px_hosting_abandon(h);
    return ok;
}

void px_hosting_abandon(px_hosting *h)
{
    (void)px_log_finish(h->log, false, 0, NULL);
    (void)px_host_close(h->running, NULL);
    px_log_close(h->read);
    px_answers_free(&h->scripted);
    h->log = NULL;
    h->running = NULL;
    h->read = NULL;
}

void px_hosting_note(const px_hosting *h)
{
    if (h->read != NULL && px_log_about(h->read).cut)
        fprintf(stderr, "px: note: %s is cut off: only its first %s answers are there\n", h->replay,
                px_grouped(px_log_about(h->read).answers));
}
