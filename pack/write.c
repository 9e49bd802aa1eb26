/* write.c - a folder becomes an archive. Pictures are laid out side by side on shelves, the tallest first, so that an
 * archive shows what is in it; files take whole rows below. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/internal.h"
#include "pxi/input_file.h"
#include "pxi/png/picture_file.h"
#include "pxi/state.h"
#include "pxi/text_file.h"

static const char manifest_file[] = "manifest.json";

/* What is known of each member until it lies in the picture; same order as the manifest's members. */
typedef struct content {
    px_picture picture;
    uint8_t *bytes;
} content;

typedef struct packing {
    const char *folder;
    pack_manifest *manifest;
    content *contents;
    px_error *error;
} packing;

/* ---- what is in the folder ---- */

static bool add_name(packing *p, const char *name, const char *path)
{
    pack_manifest *m = p->manifest;
    const char *why;
    if (!pack_name_good(name, &why))
        return px_fail(p->error, PX_E_INPUT, "%s cannot be in an archive: %s", path, why);
    if (m->member_count == PACK_MOST_MEMBERS)
        return px_fail(p->error, PX_E_INPUT, "%s has more than %d files", p->folder, PACK_MOST_MEMBERS);
    if (m->members == NULL)
        m->members = calloc(PACK_MOST_MEMBERS, sizeof *m->members);
    if (m->members == NULL || (m->members[m->member_count].name = strdup(name)) == NULL)
        return px_fail(p->error, PX_E_SYSTEM, "no memory for the names in %s", p->folder);
    m->member_count++;
    return true;
}

static bool walk(packing *p, const char *inside, unsigned depth);

static bool add(packing *p, const char *inside, const char *last, unsigned depth)
{
    char name[2 * PACK_MOST_NAME], path[4096];
    struct stat s;
    const int length = snprintf(name, sizeof name, "%s%s%s", inside, *inside != '\0' ? "/" : "", last);
    const int whole = snprintf(path, sizeof path, "%s/%s", p->folder, name);
    if (length < 0 || (size_t)length > PACK_MOST_NAME || whole < 0 || (size_t)whole >= sizeof path)
        return px_fail(p->error, PX_E_INPUT, "%s/%s: its name is too long", p->folder, inside);
    if (lstat(path, &s) != 0)
        return px_fail(p->error, PX_E_SYSTEM, "%s: %s", path, strerror(errno));
    if (S_ISDIR(s.st_mode))
        return walk(p, name, depth + 1);
    if (!S_ISREG(s.st_mode))
        return px_fail(p->error, PX_E_INPUT, "%s is neither a file nor a folder; an archive holds no links or devices",
                       path);
    return strcmp(name, manifest_file) == 0 || add_name(p, name, path);
}

static bool walk(packing *p, const char *inside, unsigned depth)
{
    char path[4096];
    const int length = snprintf(path, sizeof path, "%s%s%s", p->folder, *inside != '\0' ? "/" : "", inside);
    if (depth >= PACK_MOST_DEPTH || length < 0 || (size_t)length >= sizeof path)
        return px_fail(p->error, PX_E_INPUT, "%s/%s: folders are more than %d deep", p->folder, inside,
                       PACK_MOST_DEPTH);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return px_fail(p->error, PX_E_SYSTEM, "%s: %s", path, strerror(errno));
    bool ok = true;
    for (const struct dirent *item; ok && (item = readdir(folder)) != NULL;)
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            ok = add(p, inside, item->d_name, depth);
    closedir(folder);
    return ok;
}

/* A .pxi file that is a picture is packed as one, everything else byte for byte. */
static bool read_content(packing *p, size_t i)
{
    pack_member *m = &p->manifest->members[i];
    content *c = &p->contents[i];
    char path[4096];
    size_t size;
    const size_t length = strlen(m->name);
    snprintf(path, sizeof path, "%s/%s", p->folder, m->name);
    if (!px_file_read(&c->bytes, &size, path, p->error))
        return false;
    m->bytes = size;
    m->picture = length > 4 && strcmp(m->name + length - 4, ".pxi") == 0 &&
                 px_picture_read_memory(&c->picture, c->bytes, size, path, NULL);
    if (!m->picture)
        return true;
    free(c->bytes);
    c->bytes = NULL;
    m->bytes = 0;
    m->w = c->picture.w;
    m->h = c->picture.h;
    pack_hash_picture(m->sha256, m->w, m->h, c->picture.px, m->w);
    return true;
}

/* ---- manifest.json ---- */

static char *last_part(const char *folder)
{
    size_t end = strlen(folder);
    while (end > 1 && folder[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && folder[start - 1] != '/')
        start--;
    const bool plain = end > start && folder[start] != '.' && folder[start] != '/';
    return plain ? strndup(folder + start, end - start) : strdup("archive");
}

static bool read_manifest(packing *p)
{
    char path[4096];
    char *text;
    size_t size;
    pack_manifest *m = p->manifest;
    const int length = snprintf(path, sizeof path, "%s/%s", p->folder, manifest_file);
    if (length > 0 && (size_t)length < sizeof path && access(path, F_OK) == 0) {
        if (!px_text_read(&text, &size, path, p->error))
            return false;
        const bool ok = pack_manifest_read(m, text, size, false, path, p->error);
        free(text);
        if (!ok)
            return false;
    }
    if (m->name == NULL)
        m->name = last_part(p->folder);
    if (m->version == NULL)
        m->version = strdup("0");
    return (m->name != NULL && m->version != NULL) || px_fail(p->error, PX_E_SYSTEM, "no memory for the manifest");
}

/* Without entries of the manifest's own: each program in the folder itself, by its name without .pxi. */
static bool usual_entries(packing *p)
{
    pack_manifest *m = p->manifest;
    if (m->entry_count > 0)
        return true;
    free(m->entries);
    m->entries = calloc(PACK_MOST_ENTRIES, sizeof *m->entries);
    if (m->entries == NULL)
        return px_fail(p->error, PX_E_SYSTEM, "no memory for the manifest");
    for (size_t i = 0; i < m->member_count && m->entry_count < PACK_MOST_ENTRIES; i++) {
        px_state view;
        const char *name = m->members[i].name;
        if (!m->members[i].picture || strchr(name, '/') != NULL ||
            !px_state_view(&view, &p->contents[i].picture, name, NULL))
            continue;
        pack_entry *e = &m->entries[m->entry_count++];
        e->name = strndup(name, strlen(name) - 4);
        e->program = strdup(name);
        e->host = true;
        if (e->name == NULL || e->program == NULL)
            return px_fail(p->error, PX_E_SYSTEM, "no memory for the manifest");
    }
    return true;
}

static bool entries_there(packing *p)
{
    for (size_t i = 0; i < p->manifest->entry_count; i++) {
        const pack_entry *e = &p->manifest->entries[i];
        const pack_member *program = pack_find(p->manifest, e->program);
        if (program == NULL || !program->picture)
            return px_fail(p->error, PX_E_INPUT, "%s/%s: entry %s runs %s, which is no picture in %s", p->folder,
                           manifest_file, e->name, e->program, p->folder);
    }
    return true;
}

/* ---- places ---- */

static uint32_t width_for(const pack_manifest *m)
{
    enum { LEAST = 64, STEP = 64, MOST = 4096 };
    uint64_t pixels = 0;
    uint32_t width = LEAST;
    for (size_t i = 0; i < m->member_count; i++)
        pixels += m->members[i].picture ? (uint64_t)m->members[i].w * m->members[i].h : (m->members[i].bytes + 3) / 4;
    while (width < MOST && (uint64_t)width * width < pixels)
        width += STEP;
    for (size_t i = 0; i < m->member_count; i++)
        if (m->members[i].picture && m->members[i].w > width)
            width = m->members[i].w;
    return width;
}

static int tallest_first(const void *a, const void *b)
{
    const pack_member *x = *(pack_member *const *)a, *y = *(pack_member *const *)b;
    return x->h != y->h ? (x->h < y->h ? 1 : -1) : strcmp(x->name, y->name);
}

/* Shelves of pictures, then files. Returns the rows taken. */
static uint64_t place(pack_manifest *m, pack_member **order, uint32_t width)
{
    size_t pictures = 0;
    uint64_t y = 0, x = 0, shelf = 0;
    for (size_t i = 0; i < m->member_count; i++)
        if (m->members[i].picture)
            order[pictures++] = &m->members[i];
    qsort(order, pictures, sizeof *order, tallest_first);
    for (size_t i = 0; i < pictures; i++, x += order[i - 1]->w) {
        if (x + order[i]->w > width) {
            y += shelf;
            x = shelf = 0;
        }
        shelf = shelf > order[i]->h ? shelf : order[i]->h;
        order[i]->x = (uint32_t)x;
        order[i]->y = (uint32_t)y;
    }
    y += shelf;
    for (size_t i = 0; i < m->member_count; i++)
        if (!m->members[i].picture) {
            m->members[i].y = (uint32_t)y;
            y += (m->members[i].bytes + UINT64_C(4) * width - 1) / (UINT64_C(4) * width);
        }
    return y;
}

/* ---- the picture ---- */

static void put_bytes(uint32_t *px, const uint8_t *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        px[i / 4] |= (uint32_t)bytes[i] << (8 * (i % 4));
}

static void draw(pack_archive *a, const content *contents)
{
    const uint32_t width = a->picture.w;
    for (size_t i = 0; i < a->manifest.member_count; i++) {
        const pack_member *m = &a->manifest.members[i];
        uint32_t *at = a->picture.px + (size_t)(a->first_row + m->y) * width + m->x;
        if (!m->picture)
            put_bytes(at, contents[i].bytes, m->bytes);
        for (uint32_t y = 0; m->picture && y < m->h; y++)
            memcpy(at + (size_t)y * width, contents[i].picture.px + (size_t)y * m->w, 4 * (size_t)m->w);
    }
}

static bool build(pack_archive *a, const packing *p)
{
    pack_member **order = malloc((a->manifest.member_count + 1) * sizeof(pack_member *));
    char *text = NULL;
    size_t size;
    if (order == NULL)
        return px_fail(p->error, PX_E_SYSTEM, "no memory for the places of %s", p->folder);
    const uint32_t width = width_for(&a->manifest);
    const uint64_t rows = place(&a->manifest, order, width);
    free(order);
    for (size_t i = 0; i < a->manifest.member_count; i++) {
        pack_member *m = &a->manifest.members[i];
        if (m->picture)
            continue;
        uint32_t *px = calloc((size_t)(m->bytes + 7) / 4, 4);
        if (px == NULL)
            return px_fail(p->error, PX_E_SYSTEM, "no memory for %s", m->name);
        put_bytes(px, p->contents[i].bytes, m->bytes);
        pack_hash_file(m->sha256, px, m->bytes);
        free(px);
    }
    if (!pack_manifest_write(&a->manifest, &text, &size, p->error))
        return false;
    a->first_row = (uint32_t)((PACK_AT_MANIFEST + (size + 3) / 4 + width - 1) / width);
    const uint64_t height = a->first_row + rows;
    const bool ok = (height * width <= PX_MAX_PIXELS ||
                     px_fail(p->error, PX_E_INPUT, "%s needs %" PRIu64 " pixels, and a picture has at most %" PRIu32,
                             p->folder, height * width, PX_MAX_PIXELS)) &&
                    px_picture_new(&a->picture, width, (uint32_t)height, p->error);
    if (ok) {
        uint32_t *px = a->picture.px;
        px[PX_HEADER_MAGIC] = PX_MAGIC_PROGRAM;
        px[PX_HEADER_ENTRY] = PACK_AT_HALT;
        px[PX_HEADER_END] = PACK_AT_HALT + 1;
        px[PACK_AT_MAGIC] = PACK_MAGIC;
        px[PACK_AT_VERSION] = PACK_VERSION;
        px[PACK_AT_BYTES] = (uint32_t)size;
        put_bytes(px + PACK_AT_MANIFEST, (const uint8_t *)text, size);
        draw(a, p->contents);
        px[PX_HEADER_CHECKSUM] = px_checksum(width, (uint32_t)height, px);
    }
    free(text);
    return ok;
}

static bool fill(pack_archive *a, packing *p)
{
    if (!read_manifest(p) || !walk(p, "", 0) || !pack_sort(p->manifest, p->folder, p->error))
        return false;
    p->contents = calloc(p->manifest->member_count + 1, sizeof *p->contents);
    if (p->contents == NULL)
        return px_fail(p->error, PX_E_SYSTEM, "no memory for the files in %s", p->folder);
    for (size_t i = 0; i < p->manifest->member_count; i++)
        if (!read_content(p, i))
            return false;
    return usual_entries(p) && entries_there(p) && build(a, p);
}

bool pack_folder(pack_archive *a, const char *folder, px_error *error)
{
    *a = (pack_archive){0};
    packing p = {folder, &a->manifest, NULL, error};
    const bool ok = fill(a, &p);
    for (size_t i = 0; p.contents != NULL && i < a->manifest.member_count; i++) {
        free(p.contents[i].bytes);
        px_picture_free(&p.contents[i].picture);
    }
    free(p.contents);
    if (!ok)
        pack_close(a);
    return ok;
}
