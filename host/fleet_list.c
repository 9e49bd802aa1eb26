/* fleet_list.c - which programs a fleet has, and where their results go. See fleet.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/files.h"
#include "host/fleet.h"
#include "pxi/text_file.h"

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool is_program_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return *name != '.' && dot != NULL &&
           (strcmp(dot, ".pxi") == 0 || strcmp(dot, ".png") == 0 || strcmp(dot, ".pxa") == 0);
}

/* folder/name, or name where there is none. */
static char *joined(const char *folder, const char *name)
{
    const size_t size = (folder != NULL ? strlen(folder) + 1 : 0) + strlen(name) + 1;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s%s%s", folder != NULL ? folder : "", folder != NULL ? "/" : "", name);
    return path;
}

static void drop(px_fleet_program *one)
{
    free(one->file);
    free(one->result);
    free(one->expected);
}

/* *one is used up, whether or not it works. */
bool px_fleet_add(px_fleet_programs *p, const px_fleet_program *one, px_error *error)
{
    const bool full = (p->count & (p->count - 1)) == 0; /* room is a power of two */
    px_fleet_program *more = full ? realloc(p->at, (2 * p->count + 1) * sizeof *more) : p->at;
    if (more == NULL || one->file == NULL || one->result == NULL) {
        px_fleet_program lost = *one;
        drop(&lost);
        return px_fail(error, PX_E_SYSTEM, "no memory for the names of %zu programs", p->count + 1);
    }
    p->at = more;
    p->at[p->count++] = *one;
    return true;
}

static bool add(px_fleet_programs *p, const px_fleet_source *source, const char *folder, const char *name,
                px_error *error)
{
    const px_fleet_program one = {
        .file = joined(folder, name), .result = joined(source->out, name_of(name)), .budget = source->budget};
    char *dot = one.result != NULL ? strrchr(one.result, '.') : NULL;
    if (dot != NULL && dot > name_of(one.result))
        *dot = '\0';
    return px_fleet_add(p, &one, error);
}

static bool list_folder(px_fleet_programs *p, DIR *folder, const px_fleet_source *source, px_error *error)
{
    bool ok = true;
    for (const struct dirent *entry; ok && (entry = readdir(folder)) != NULL;)
        if (is_program_name(entry->d_name))
            ok = add(p, source, source->input, entry->d_name, error);
    return ok;
}

static bool list_lines(px_fleet_programs *p, const px_fleet_source *source, px_error *error)
{
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, px_input_file(source->input), error))
        return false;
    bool ok = true;
    char *rest = text;
    for (const char *line; ok && (line = px_text_line(&rest)) != NULL;)
        ok = *line == '\0' || add(p, source, NULL, line, error);
    free(text);
    return ok;
}

static int by_result(const void *a, const void *b)
{
    const px_fleet_program *x = a, *y = b;
    const int order = strcmp(x->result, y->result);
    return order != 0 ? order : strcmp(x->file, y->file);
}

/* No result may have two programs, and none may take a program's place. */
static bool check(const px_fleet_programs *p, px_error *error)
{
    for (size_t i = 0; i < p->count; i++) {
        char path[4096];
        if (i > 0 && strcmp(p->at[i - 1].result, p->at[i].result) == 0)
            return px_fail(error, PX_E_INPUT, "%s and %s have the same name, so one result would replace the other's",
                           p->at[i - 1].file, p->at[i].file);
        for (int state = 0; state < 2; state++) {
            if ((size_t)snprintf(path, sizeof path, "%s%s.png", p->at[i].result, state ? ".state" : "") >= sizeof path)
                return px_fail(error, PX_E_INPUT, "the name of %s's result is too long", p->at[i].file);
            if (px_same_file(p->at[i].file, path))
                return px_fail(error, PX_E_INPUT, "the result of %s would replace it; take another folder for --out",
                               p->at[i].file);
        }
    }
    return true;
}

static bool older(const struct stat *a, const struct timespec *b)
{
    return a->st_mtim.tv_sec != b->tv_sec ? a->st_mtim.tv_sec < b->tv_sec : a->st_mtim.tv_nsec < b->tv_nsec;
}

/* Of an image and a state the younger one counts: when an executor is ended between the two, both are there. */
static void look_for_result(px_fleet_program *one)
{
    struct stat program, result;
    char path[4096];
    if (stat(one->file, &program) != 0)
        return;
    struct timespec newest = program.st_mtim;
    for (int state = 0; state < 2; state++) {
        snprintf(path, sizeof path, "%s%s.png", one->result, state ? ".state" : "");
        if (stat(path, &result) != 0 || older(&result, &newest))
            continue;
        newest = result.st_mtim;
        one->done = one->before = true;
        one->state = state != 0;
    }
}

/* Leaves this share's programs. */
static void choose(px_fleet_programs *p, const px_fleet_source *source)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (i % source->shares != source->share) {
            drop(&p->at[i]);
            continue;
        }
        if (source->out != NULL)
            look_for_result(&p->at[i]);
        p->before += p->at[i].before;
        p->at[kept++] = p->at[i];
    }
    p->count = kept;
}

static bool list_programs(px_fleet_programs *p, const px_fleet_source *source, px_error *error)
{
    DIR *folder = opendir(source->input);
    bool ok = folder != NULL ? list_folder(p, folder, source, error) : list_lines(p, source, error);
    if (ok && p->count == 0)
        ok = px_fail(error, PX_E_INPUT, "%s names no program%s", source->input,
                     folder != NULL ? " (.pxi, .png or .pxa)" : "");
    if (folder != NULL)
        closedir(folder);
    return ok;
}

bool px_fleet_list(px_fleet_programs *p, const px_fleet_source *source, px_error *error)
{
    *p = (px_fleet_programs){0};
    bool ok = source->cases ? px_fleet_cases(p, source->input, source->out, error) : list_programs(p, source, error);
    if (p->count > 0)
        qsort(p->at, p->count, sizeof *p->at, by_result);
    ok = ok && check(p, error);
    if (ok)
        choose(p, source);
    else
        px_fleet_programs_free(p);
    return ok;
}

void px_fleet_programs_free(px_fleet_programs *p)
{
    for (size_t i = 0; i < p->count; i++)
        drop(&p->at[i]);
    free(p->at);
    *p = (px_fleet_programs){0};
}

static bool lock_file(const char *out, const char *name, int how, px_error *error)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", out, name) >= sizeof path)
        return px_fail(error, PX_E_USAGE, "the name of the folder %.60s.. is too long", out);
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0)
        return px_fail(error, PX_E_INPUT, "cannot write into %s: %s", out, strerror(errno));
    if (flock(lock, how | LOCK_NB) == 0)
        return true;
    const int why = errno;
    close(lock);
    return px_fail(error, PX_E_INPUT, "cannot have the folder %s: %s", out,
                   why == EWOULDBLOCK ? "another fleet writes into it" : strerror(why));
}

/* The whole folder, or beside other shares of it. */
bool px_fleet_lock(const char *out, uint32_t share, uint32_t shares, px_error *error)
{
    char name[64];
    snprintf(name, sizeof name, ".fleet-%u-of-%u.lock", (unsigned)share + 1, (unsigned)shares);
    return lock_file(out, ".fleet.lock", shares == 1 ? LOCK_EX : LOCK_SH, error) &&
           (shares == 1 || lock_file(out, name, LOCK_EX, error));
}
