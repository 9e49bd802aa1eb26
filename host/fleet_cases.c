/* fleet_cases.c - fleets of cases: programs that each have a budget, and a state that they must end in. See fleet.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/fleet.h"
#include "pxi/number.h"
#include "pxi/png/picture_file.h"
#include "pxi/text_file.h"

enum { PATH = 4096 };

/* ---- the tables ---- */

/* A cases.tsv; its folder's own name, when that is below the fleet's, goes before the cases' names. */
typedef struct table {
    const char *folder, *before, *out;
    char path[PATH];
    size_t line;
} table;

static char *joined(const char *a, const char *b, const char *c, const char *d)
{
    const size_t size = strlen(a) + strlen(b) + strlen(c) + strlen(d) + 1;
    char *text = malloc(size);
    if (text != NULL)
        snprintf(text, size, "%s%s%s%s", a, b, c, d);
    return text;
}

/* NAME, budget, run or refused, and what is for readers. */
static bool add_line(px_fleet_programs *p, const table *t, char *line, px_error *error)
{
    char *rest = NULL, what[PATH + 32];
    const char *name = strtok_r(line, "\t", &rest), *budget = strtok_r(NULL, "\t", &rest),
               *how = strtok_r(NULL, "\t", &rest);
    px_fleet_program one = {0};
    snprintf(what, sizeof what, "%s:%zu", t->path, t->line);
    if (how == NULL || strchr(name, '/') != NULL || (strcmp(how, "run") != 0 && strcmp(how, "refused") != 0))
        return px_fail(error, PX_E_INPUT, "%s: expected a name, a budget, and run or refused, with tabs between", what);
    if (!px_parse_number(what, budget, 0, UINT64_MAX, &one.budget, error))
        return false;
    one.file = joined(t->folder, "/", name, ".input.pxi");
    one.expected = strcmp(how, "run") == 0 ? joined(t->folder, "/", name, ".expected.pxi") : joined("", "", "", "");
    one.result = joined(t->out, "/", t->before, name);
    if (one.expected == NULL) {
        free(one.file);
        one.file = NULL;
    }
    return px_fleet_add(p, &one, error);
}

/* *there: whether the folder has a table at all. */
static bool add_table(px_fleet_programs *p, table *t, bool *there, px_error *error)
{
    if ((size_t)snprintf(t->path, sizeof t->path, "%s/cases.tsv", t->folder) >= sizeof t->path)
        return px_fail(error, PX_E_INPUT, "the name of the folder %.60s.. is too long", t->folder);
    char *text, *line;
    size_t size;
    *there = access(t->path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
    if (!*there)
        return true;
    if (!px_text_read(&text, &size, t->path, error))
        return false;
    bool ok = true;
    char *rest = text;
    for (t->line = 1; ok && (line = px_text_line(&rest)) != NULL; t->line++)
        ok = add_line(p, t, line, error);
    free(text);
    return ok;
}

static bool add_below(px_fleet_programs *p, DIR *folder, const char *path, const char *out, bool *any, px_error *error)
{
    bool ok = true;
    for (const struct dirent *entry; ok && (entry = readdir(folder)) != NULL;) {
        char below[PATH], before[NAME_MAX + 2];
        bool there;
        if (*entry->d_name == '.' || (size_t)snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >= sizeof below)
            continue;
        snprintf(before, sizeof before, "%s-", entry->d_name);
        ok = add_table(p, &(table){.folder = below, .before = before, .out = out}, &there, error);
        *any |= there;
    }
    return ok;
}

bool px_fleet_cases(px_fleet_programs *p, const char *path, const char *out, px_error *error)
{
    bool any = false;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return px_fail(error, PX_E_INPUT, "cannot read the folder %s: %s", path, strerror(errno));
    bool ok = add_table(p, &(table){.folder = path, .before = "", .out = out}, &any, error);
    ok = ok && (any || add_below(p, folder, path, out, &any, error));
    closedir(folder);
    if (ok && p->count == 0)
        ok = px_fail(error, PX_E_INPUT, "%s has no cases%s", path,
                     any ? "" : ": no cases.tsv, as px conformance --export DIR writes it");
    return ok;
}

/* ---- the verdict ---- */

static bool judge(const px_fleet_program *one, const char *result, char *text, size_t size)
{
    px_state expected = {0}, got = {0};
    px_error error = {0};
    bool same = false;
    if (!px_state_read(&expected, one->expected, &error) || !px_state_read(&got, result, &error))
        snprintf(text, size, "%s", error.text);
    else
        same = px_state_equal(&expected, "expected", &got, "got", text, size);
    px_state_free(&expected);
    px_state_free(&got);
    return same;
}

px_fleet_verdict px_fleet_judge(const px_fleet_programs *p)
{
    px_fleet_verdict verdict = {0};
    for (size_t i = 0; i < p->count; i++) {
        const px_fleet_program *one = &p->at[i];
        char result[PATH], text[sizeof(px_error)];
        if (!one->done)
            continue;
        snprintf(result, sizeof result, "%s.state.png", one->result);
        const bool same = judge(one, result, text, sizeof text);
        verdict.agree += same;
        verdict.differ += !same;
        if (!same)
            printf("%s: %s\n", one->result, text);
    }
    return verdict;
}
