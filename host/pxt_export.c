/* pxt_export.c - cases to pictures and a table. */
#include "host/pxt_export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

enum { PATH = 4096, STEM = 256 };

/* "adds, both signs" becomes "007-adds-both-signs". */
static void stem_of(char *stem, size_t index, const char *name)
{
    size_t length = (size_t)snprintf(stem, STEM, "%03zu", index + 1);
    bool gap = true;
    for (; *name != '\0' && length + 2 < 80; name++) {
        const bool plain = strchr("abcdefghijklmnopqrstuvwxyz0123456789", *name | 32) != NULL;
        if (plain && gap)
            stem[length++] = '-';
        if (plain)
            stem[length++] = (char)(*name >= 'A' && *name <= 'Z' ? *name | 32 : *name);
        gap = !plain;
    }
    stem[length] = '\0';
}

static bool make_directory(const char *path, px_error *error)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           px_fail(error, PX_E_SYSTEM, "cannot make the directory %s: %s", path, strerror(errno));
}

static bool write_file(const pxt_file *file, const char *path, px_error *error)
{
    px_output output;
    if (!px_output_open(&output, path, error))
        return false;
    fwrite(file->data, 1, file->size, output.file);
    return px_output_close(&output, true, error);
}

static bool export_case(const px_case *c, const char *directory, const char *stem, px_error *error)
{
    char path[PATH + STEM + 32];
    snprintf(path, sizeof path, "%s/%s.input.pxi", directory, stem);
    if (!write_file(&c->input, path, error))
        return false;
    if (c->refused)
        return true;
    px_picture picture = {0};
    snprintf(path, sizeof path, "%s/%s.expected.pxi", directory, stem);
    const bool good = px_state_save(&c->expected, &picture, error) && px_picture_write(&picture, path, error);
    px_picture_free(&picture);
    return good;
}

static bool export_cases(const px_cases *cases, const char *directory, FILE *table, px_error *error)
{
    for (size_t i = 0; i < cases->count; i++) {
        const px_case *c = &cases->at[i];
        char stem[STEM];
        stem_of(stem, i, c->name);
        if (!export_case(c, directory, stem, error))
            return false;
        fprintf(table, "%s\t%" PRIu64 "\t%s\t%s\n", stem, c->budget, c->refused ? "refused" : "run", c->name);
    }
    return true;
}

bool px_cases_export(const px_cases *cases, const char *directory, px_error *error)
{
    const char *slash = strrchr(cases->path, '/');
    const char *base = slash != NULL ? slash + 1 : cases->path;
    char below[PATH], path[PATH + 16];
    const int length = snprintf(below, sizeof below, "%s/%.*s", directory, (int)strcspn(base, "."), base);
    if (length >= PATH)
        return px_fail(error, PX_E_USAGE, "the name of the directory %.60s.. is too long", directory);
    if (!make_directory(directory, error) || !make_directory(below, error))
        return false;
    snprintf(path, sizeof path, "%s/cases.tsv", below);
    px_output table;
    return px_output_open(&table, path, error) &&
           px_output_close(&table, export_cases(cases, below, table.file, error), error);
}
