/* names.c - names of members: what may be one, and which go together. An archive is unpacked where somebody else's
 * files are, so a name is taken only if it can be nothing but a file below the folder that was named. */
#include <stdlib.h>
#include <string.h>

#include "pack/internal.h"
#include "pxi/text_file.h"

static bool part_good(const char *part, size_t length, const char **why)
{
    if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
        *why = "it has an empty part, '.' or '..'";
    else if (length > 255)
        *why = "a part of it is longer than 255 bytes";
    else
        return true;
    return false;
}

bool pack_name_good(const char *name, const char **why)
{
    const char *part = name;
    unsigned parts = 0;
    *why = NULL;
    for (const char *at = name; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 127 || *at == '\\')
            *why = "it has a control character or '\\' in it";
    if (strlen(name) > PACK_MOST_NAME || !px_text_is_utf8(name, strlen(name)))
        *why = "it is too long, or no UTF-8";
    while (*why == NULL && part != NULL) {
        const char *slash = strchr(part, '/');
        if (part_good(part, slash != NULL ? (size_t)(slash - part) : strlen(part), why) && ++parts > PACK_MOST_DEPTH)
            *why = "it has too many parts";
        part = slash != NULL ? slash + 1 : NULL;
    }
    return *why == NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const pack_member *)a)->name, ((const pack_member *)b)->name);
}

/* Whether name is below the folder. */
static bool is_below(const char *name, const char *folder)
{
    const size_t length = strlen(folder);
    return strncmp(name, folder, length) == 0 && name[length] == '/';
}

/* Behind a sort, what is below a folder's name may follow it at a distance: "a", "a-b", "a/c". */
static const pack_member *below(const pack_manifest *m, size_t of)
{
    for (size_t i = of + 1;
         i < m->member_count && strncmp(m->members[i].name, m->members[of].name, strlen(m->members[of].name)) == 0; i++)
        if (is_below(m->members[i].name, m->members[of].name))
            return &m->members[i];
    return NULL;
}

bool pack_sort(pack_manifest *m, const char *name, px_error *error)
{
    qsort(m->members, m->member_count, sizeof *m->members, by_name);
    for (size_t i = 0; i < m->member_count; i++) {
        if (i > 0 && strcmp(m->members[i].name, m->members[i - 1].name) == 0)
            return px_fail(error, PX_E_INPUT, "%s: two members are called %s", name, m->members[i].name);
        const pack_member *inside = below(m, i);
        if (inside != NULL)
            return px_fail(error, PX_E_INPUT, "%s: %s cannot be both a member and the folder of %s", name,
                           m->members[i].name, inside->name);
    }
    return true;
}

const pack_member *pack_find(const pack_manifest *m, const char *name)
{
    const pack_member key = {.name = (char *)(uintptr_t)name};
    return m->member_count == 0 ? NULL : bsearch(&key, m->members, m->member_count, sizeof *m->members, by_name);
}

const pack_entry *pack_entry_of(const pack_manifest *m, const char *name)
{
    for (size_t i = 0; i < m->entry_count; i++)
        if (strcmp(m->entries[i].name, name) == 0)
            return &m->entries[i];
    return NULL;
}
