/* manifest.c - a manifest as JSON, read strictly: every key is known, is there once and has its type. Two things are
 * called one: manifest.json, which somebody writes, and what an archive holds, to which px pack has added the members.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pack/internal.h"
#include "pxi/text_file.h"

static const struct {
    const char *name;
    unsigned bit;
} grants[] = {{"files", 1u << PACK_FILES},
              {"disks", 1u << PACK_DISKS},
              {"network", 1u << PACK_NETWORK},
              {"screen", 1u << PACK_SCREEN}};
enum { GRANTS = sizeof grants / sizeof *grants };

void pack_manifest_free(pack_manifest *m)
{
    for (size_t i = 0; i < m->entry_count; i++) {
        free(m->entries[i].name);
        free(m->entries[i].program);
        free(m->entries[i].files);
    }
    for (size_t i = 0; i < m->member_count; i++)
        free(m->members[i].name);
    free(m->entries);
    free(m->members);
    free(m->name);
    free(m->version);
    free(m->about);
    *m = (pack_manifest){0};
}

/* ---- reading ---- */

/* Where the reader is: the file, and the object as messages call it. */
typedef struct place {
    const char *file, *object;
    px_error *error;
} place;

#define WRONG(p, ...) wrong(p, __VA_ARGS__)
static bool wrong(const place *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(const place *p, const char *format, ...)
{
    char text[700];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return px_fail(p->error, PX_E_INPUT, "%s: %s: %s", p->file, p->object, text);
}

/* Whether each key of an object is one of these, and none is there twice; names ends with NULL. */
static bool keys_are(const place *p, const cJSON *object, const char *const *names)
{
    if (!cJSON_IsObject(object))
        return WRONG(p, "expected an object, {..}");
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], item->string) != 0)
            i++;
        if (names[i] == NULL)
            return WRONG(p, "unknown key \"%.60s\"", item->string);
        for (const cJSON *other = item->next; other != NULL; other = other->next)
            if (strcmp(other->string, item->string) == 0)
                return WRONG(p, "\"%.60s\" is there twice", item->string);
    }
    return true;
}

static const cJSON *get(const cJSON *object, const char *key) { return cJSON_GetObjectItemCaseSensitive(object, key); }

/* A text, copied; one that is missing and need not be there is NULL. */
static bool get_text(const place *p, const cJSON *object, const char *key, bool needed, char **text)
{
    const cJSON *item = get(object, key);
    if (item == NULL && !needed)
        return true;
    if (!cJSON_IsString(item))
        return WRONG(p, "\"%s\" %s, expected a text", key, item == NULL ? "is missing" : "is something else");
    if (strlen(item->valuestring) > PACK_MOST_NAME)
        return WRONG(p, "\"%s\" is longer than %d bytes", key, PACK_MOST_NAME);
    *text = strdup(item->valuestring);
    return *text != NULL || px_fail(p->error, PX_E_SYSTEM, "no memory for the manifest of %s", p->file);
}

static bool get_number(const place *p, const cJSON *object, const char *key, uint64_t most, uint64_t *number)
{
    const cJSON *item = get(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= (double)most) ||
        item->valuedouble != floor(item->valuedouble))
        return WRONG(p, "\"%s\" %s, expected a number from 0 to %" PRIu64, key,
                     item == NULL ? "is missing" : "is something else", most);
    *number = (uint64_t)item->valuedouble;
    return true;
}

static bool get_bool(const place *p, const cJSON *object, const char *key, bool *value)
{
    const cJSON *item = get(object, key);
    if (item != NULL && !cJSON_IsBool(item))
        return WRONG(p, "\"%s\" is something else, expected true or false", key);
    *value = cJSON_IsTrue(item);
    return true;
}

static bool get_sha256(const place *p, const cJSON *object, uint8_t sha256[PACK_SHA256])
{
    static const char digits[] = "0123456789abcdef";
    const cJSON *item = get(object, "sha256");
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    if (strlen(text) != 2 * PACK_SHA256 || strspn(text, digits) != 2 * PACK_SHA256)
        return WRONG(p, "\"sha256\" is no SHA-256, expected 64 digits from 0 to f");
    for (int i = 0; i < PACK_SHA256; i++)
        sha256[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 | (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

static bool read_may(const place *p, const cJSON *list, unsigned *may)
{
    if (list != NULL && !cJSON_IsArray(list))
        return WRONG(p, "\"may\" is something else, expected a list, [..]");
    for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL; item = item->next) {
        size_t i = 0;
        while (i < GRANTS && !(cJSON_IsString(item) && strcmp(item->valuestring, grants[i].name) == 0))
            i++;
        if (i == GRANTS)
            return WRONG(p, "\"may\" has \"%.60s\" in it; \"files\", \"disks\", \"network\" and \"screen\" are there",
                         cJSON_IsString(item) ? item->valuestring : "something else");
        *may |= grants[i].bit;
    }
    return true;
}

static bool read_entry(const place *p, const cJSON *object, pack_entry *e)
{
    static const char *const keys[] = {"program", "host", "files", "may", NULL};
    const char *why;
    e->name = strdup(object->string);
    if (e->name == NULL)
        return px_fail(p->error, PX_E_SYSTEM, "no memory for the manifest of %s", p->file);
    if (!pack_name_good(e->name, &why) || strchr(e->name, '/') != NULL)
        return WRONG(p, "its name is none that an entry can have");
    if (!keys_are(p, object, keys) || !get_text(p, object, "program", true, &e->program) ||
        !get_bool(p, object, "host", &e->host) || !get_text(p, object, "files", false, &e->files) ||
        !read_may(p, get(object, "may"), &e->may))
        return false;
    if (e->files != NULL && *e->files != '\0' && !pack_name_good(e->files, &why))
        return WRONG(p, "\"files\" is no folder of an archive: %s", why);
    return e->host || (e->files == NULL && e->may == 0) ||
           WRONG(p, "\"files\" and \"may\" are for programs that have a host; expected \"host\": true");
}

static bool read_entries(const char *file, const cJSON *object, pack_manifest *m, px_error *error)
{
    const int count = cJSON_GetArraySize(object);
    if (object != NULL && !cJSON_IsObject(object))
        return px_fail(error, PX_E_INPUT, "%s: \"entries\" is something else, expected an object, {..}", file);
    if (count > PACK_MOST_ENTRIES)
        return px_fail(error, PX_E_INPUT, "%s: %d entries, expected at most %d", file, count, PACK_MOST_ENTRIES);
    m->entries = calloc((size_t)count + 1, sizeof *m->entries);
    if (m->entries == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the manifest of %s", file);
    for (const cJSON *item = object != NULL ? object->child : NULL; item != NULL; item = item->next) {
        char what[128];
        snprintf(what, sizeof what, "entry \"%.80s\"", item->string);
        if (pack_entry_of(m, item->string) != NULL)
            return px_fail(error, PX_E_INPUT, "%s: %s is there twice", file, what);
        m->entry_count++;
        if (!read_entry(&(place){file, what, error}, item, &m->entries[m->entry_count - 1]))
            return false;
    }
    return true;
}

static bool read_member(const place *p, const cJSON *object, pack_member *m)
{
    static const char *const picture_keys[] = {"name", "kind", "x", "y", "width", "height", "sha256", NULL};
    static const char *const file_keys[] = {"name", "kind", "y", "bytes", "sha256", NULL};
    uint64_t x = 0, y, w = 0, h = 0;
    const char *why;
    const cJSON *kind = cJSON_IsObject(object) ? get(object, "kind") : NULL;
    if (!cJSON_IsString(kind) || (strcmp(kind->valuestring, "picture") != 0 && strcmp(kind->valuestring, "file") != 0))
        return WRONG(p, "\"kind\" is neither \"picture\" nor \"file\"");
    m->picture = strcmp(kind->valuestring, "picture") == 0;
    if (!keys_are(p, object, m->picture ? picture_keys : file_keys) || !get_text(p, object, "name", true, &m->name) ||
        !get_number(p, object, "y", PX_MAX_PIXELS, &y) || !get_sha256(p, object, m->sha256))
        return false;
    if (!pack_name_good(m->name, &why))
        return WRONG(p, "its name cannot be that of a file here: %s", why);
    if (m->picture &&
        (!get_number(p, object, "x", PX_MAX_PIXELS, &x) || !get_number(p, object, "width", PX_MAX_PIXELS, &w) ||
         !get_number(p, object, "height", PX_MAX_PIXELS, &h)))
        return false;
    if (!m->picture && !get_number(p, object, "bytes", UINT64_C(4) * PX_MAX_PIXELS, &m->bytes))
        return false;
    m->x = (uint32_t)x;
    m->y = (uint32_t)y;
    m->w = (uint32_t)w;
    m->h = (uint32_t)h;
    return true;
}

static bool read_members(const char *file, const cJSON *list, pack_manifest *m, px_error *error)
{
    const int count = cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list))
        return px_fail(error, PX_E_INPUT, "%s: \"members\" is missing or something else, expected a list, [..]", file);
    if (count > PACK_MOST_MEMBERS)
        return px_fail(error, PX_E_INPUT, "%s: %d members, expected at most %d", file, count, PACK_MOST_MEMBERS);
    m->members = calloc((size_t)count + 1, sizeof *m->members);
    if (m->members == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the manifest of %s", file);
    for (const cJSON *item = list->child; item != NULL; item = item->next) {
        char what[64];
        snprintf(what, sizeof what, "member %zu", m->member_count + 1);
        m->member_count++;
        if (!read_member(&(place){file, what, error}, item, &m->members[m->member_count - 1]))
            return false;
    }
    return true;
}

static bool read_whole(pack_manifest *m, const cJSON *root, bool archived, const char *file, px_error *error)
{
    static const char *const keys[] = {"name", "version", "about", "entries", "members", NULL};
    const place p = {file, "the manifest", error};
    if (!keys_are(&p, root, keys) || !get_text(&p, root, "name", archived, &m->name) ||
        !get_text(&p, root, "version", archived, &m->version) || !get_text(&p, root, "about", false, &m->about) ||
        !read_entries(file, get(root, "entries"), m, error))
        return false;
    if (!archived)
        return get(root, "members") == NULL || WRONG(&p, "\"members\" is for px pack to write");
    return read_members(file, get(root, "members"), m, error);
}

/* Where a text of JSON goes wrong, as a line and a column. */
static bool broken(const char *text, const char *at, const char *file, px_error *error)
{
    size_t line = 1, column = 1;
    for (; text < at && *text != '\0'; text++, column++)
        if (*text == '\n') {
            line++;
            column = 0;
        }
    return px_fail(error, PX_E_INPUT, "%s:%zu:%zu: this is no JSON", file, line, column);
}

bool pack_manifest_read(pack_manifest *m, const char *text, size_t size, bool archived, const char *name,
                        px_error *error)
{
    const char *end = NULL;
    *m = (pack_manifest){0};
    /* cJSON ends a text at \u0000, and takes bytes as they come. */
    if (memchr(text, '\0', size) != NULL || !px_text_is_utf8(text, size))
        return px_fail(error, PX_E_INPUT, "%s: the manifest is no text in UTF-8", name);
    if (strstr(text, "\\u0000") != NULL)
        return px_fail(error, PX_E_INPUT, "%s: the manifest has a character 0 in it", name);
    cJSON *root = cJSON_ParseWithOpts(text, &end, true);
    if (root == NULL)
        return broken(text, end != NULL ? end : text, name, error);
    const bool ok = read_whole(m, root, archived, name, error);
    cJSON_Delete(root);
    if (!ok)
        pack_manifest_free(m);
    return ok;
}

/* ---- writing ---- */

static void add_entry(cJSON *entries, const pack_entry *e)
{
    cJSON *object = cJSON_AddObjectToObject(entries, e->name);
    cJSON_AddStringToObject(object, "program", e->program);
    cJSON_AddBoolToObject(object, "host", e->host);
    if (e->files != NULL)
        cJSON_AddStringToObject(object, "files", e->files);
    cJSON *may = e->may != 0 ? cJSON_AddArrayToObject(object, "may") : NULL;
    for (size_t i = 0; i < GRANTS; i++)
        if (e->may & grants[i].bit)
            cJSON_AddItemToArray(may, cJSON_CreateString(grants[i].name));
}

static void add_member(cJSON *members, const pack_member *m)
{
    char sha256[2 * PACK_SHA256 + 1];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(members, object);
    cJSON_AddStringToObject(object, "name", m->name);
    cJSON_AddStringToObject(object, "kind", m->picture ? "picture" : "file");
    if (m->picture)
        cJSON_AddNumberToObject(object, "x", m->x);
    cJSON_AddNumberToObject(object, "y", m->y);
    if (m->picture) {
        cJSON_AddNumberToObject(object, "width", m->w);
        cJSON_AddNumberToObject(object, "height", m->h);
    } else {
        cJSON_AddNumberToObject(object, "bytes", (double)m->bytes);
    }
    for (int i = 0; i < PACK_SHA256; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", m->sha256[i]);
    cJSON_AddStringToObject(object, "sha256", sha256);
}

static cJSON *head_of(const pack_manifest *m)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "name", m->name);
    cJSON_AddStringToObject(root, "version", m->version);
    if (m->about != NULL)
        cJSON_AddStringToObject(root, "about", m->about);
    cJSON *entries = cJSON_AddObjectToObject(root, "entries");
    for (size_t i = 0; i < m->entry_count; i++)
        add_entry(entries, &m->entries[i]);
    return root;
}

/* Where memory was short something is missing, which reading it again sees. */
static bool finish(cJSON *root, bool archived, char **text, size_t *size, px_error *error)
{
    pack_manifest again;
    *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (*text == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the manifest");
    *size = strlen(*text);
    bool ok = pack_manifest_read(&again, *text, *size, archived, "the manifest", error);
    if (ok)
        pack_manifest_free(&again);
    if (ok && *size > PACK_MOST_MANIFEST)
        ok = px_fail(error, PX_E_INPUT, "the manifest has %zu bytes, expected at most %d", *size, PACK_MOST_MANIFEST);
    if (!ok)
        free(*text);
    return ok;
}

bool pack_manifest_write(const pack_manifest *m, char **text, size_t *size, px_error *error)
{
    cJSON *root = head_of(m);
    cJSON *members = cJSON_AddArrayToObject(root, "members");
    for (size_t i = 0; i < m->member_count; i++)
        add_member(members, &m->members[i]);
    return finish(root, true, text, size, error);
}

bool pack_manifest_text(const pack_manifest *m, char **text, size_t *size, px_error *error)
{
    return finish(head_of(m), false, text, size, error);
}
