/* read.c - an archive's picture, checked before anything of it is used. */
#include <inttypes.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "pack/internal.h"
#include "pxi/state.h"

/* ---- SHA-256 ---- */

static void put_words(SHA2_CTX *sha, const uint32_t *words, uint32_t count)
{
    enum { BLOCK = 256 };
    uint8_t bytes[4 * BLOCK];
    for (uint32_t done = 0, now; done < count; done += now) {
        now = count - done < BLOCK ? count - done : BLOCK;
        for (uint32_t i = 0; i < 4 * now; i++)
            bytes[i] = (uint8_t)(words[done + i / 4] >> (8 * (i % 4)));
        SHA256Update(sha, bytes, 4 * (size_t)now);
    }
}

void pack_hash_picture(uint8_t sha256[PACK_SHA256], uint32_t w, uint32_t h, const uint32_t *px, uint32_t stride)
{
    SHA2_CTX sha;
    SHA256Init(&sha);
    put_words(&sha, (const uint32_t[]){w, h}, 2);
    for (uint32_t y = 0; y < h; y++)
        put_words(&sha, px + (size_t)y * stride, w);
    SHA256Final(sha256, &sha);
}

void pack_hash_file(uint8_t sha256[PACK_SHA256], const uint32_t *px, uint64_t bytes)
{
    SHA2_CTX sha;
    SHA256Init(&sha);
    put_words(&sha, px, (uint32_t)(bytes / 4));
    for (uint64_t i = bytes & ~UINT64_C(3); i < bytes; i++)
        SHA256Update(&sha, &(uint8_t){(uint8_t)(px[i / 4] >> (8 * (i % 4)))}, 1);
    SHA256Final(sha256, &sha);
}

/* ---- checks ---- */

static bool fits(const pack_archive *a, const pack_member *m)
{
    const uint32_t rows = a->picture.h - a->first_row;
    return m->h <= rows && m->y <= rows - m->h && m->w <= a->picture.w && m->x <= a->picture.w - m->w;
}

static bool overlap(const pack_member *a, const pack_member *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

static bool are_apart(const pack_archive *a, const char *name, px_error *error)
{
    const pack_manifest *m = &a->manifest;
    for (size_t i = 0; i < m->member_count; i++)
        for (size_t k = 0; k < i; k++)
            if (overlap(&m->members[i], &m->members[k]))
                return px_fail(error, PX_E_INPUT, "%s: members %s and %s lie over each other", name, m->members[k].name,
                               m->members[i].name);
    return true;
}

static bool lie_well(pack_archive *a, const char *name, px_error *error)
{
    for (size_t i = 0; i < a->manifest.member_count; i++) {
        pack_member *m = &a->manifest.members[i];
        if (!m->picture) {
            const uint64_t row = UINT64_C(4) * a->picture.w;
            m->w = a->picture.w;
            m->h = (uint32_t)((m->bytes + row - 1) / row);
        }
        if ((m->picture && (m->w == 0 || m->h == 0)) || !fits(a, m))
            return px_fail(error, PX_E_INPUT, "%s: member %s is not all within the picture", name, m->name);
    }
    return are_apart(a, name, error);
}

static const uint32_t *pixels_of(const pack_archive *a, const pack_member *m)
{
    return a->picture.px + (size_t)(a->first_row + m->y) * a->picture.w + m->x;
}

static bool hashes_hold(const pack_archive *a, const char *name, px_error *error)
{
    for (size_t i = 0; i < a->manifest.member_count; i++) {
        const pack_member *m = &a->manifest.members[i];
        uint8_t sha256[PACK_SHA256];
        if (m->picture)
            pack_hash_picture(sha256, m->w, m->h, pixels_of(a, m), a->picture.w);
        else
            pack_hash_file(sha256, pixels_of(a, m), m->bytes);
        if (memcmp(sha256, m->sha256, PACK_SHA256) != 0)
            return px_fail(error, PX_E_INPUT, "%s: member %s is damaged: its SHA-256 is not the manifest's", name,
                           m->name);
    }
    return true;
}

static bool entries_hold(const pack_manifest *m, const char *name, px_error *error)
{
    for (size_t i = 0; i < m->entry_count; i++) {
        const pack_member *program = pack_find(m, m->entries[i].program);
        if (program == NULL || !program->picture)
            return px_fail(error, PX_E_INPUT, "%s: entry %s runs %s, which is no picture in it", name,
                           m->entries[i].name, m->entries[i].program);
    }
    return true;
}

/* ---- opening ---- */

bool pack_is_archive(const px_picture *p)
{
    return (uint64_t)p->w * p->h >= PACK_AT_MANIFEST && p->px[PX_HEADER_MAGIC] == PX_MAGIC_PROGRAM &&
           p->px[PACK_AT_HALT] == 0 && p->px[PACK_AT_MAGIC] == PACK_MAGIC;
}

/* The manifest's text out of its pixels, with a 0 behind it. */
static bool text_of(const px_picture *p, char **text, uint32_t *size, const char *name, px_error *error)
{
    const uint32_t room = 4 * (p->w * p->h - PACK_AT_MANIFEST);
    *size = p->px[PACK_AT_BYTES];
    if (p->px[PACK_AT_VERSION] != PACK_VERSION)
        return px_fail(error, PX_E_INPUT, "%s is an archive of version %" PRIu32 ", expected %d", name,
                       p->px[PACK_AT_VERSION], PACK_VERSION);
    if (*size > room || *size > PACK_MOST_MANIFEST)
        return px_fail(error, PX_E_INPUT, "%s: its manifest has %" PRIu32 " bytes, expected at most %" PRIu32, name,
                       *size, room < PACK_MOST_MANIFEST ? room : PACK_MOST_MANIFEST);
    *text = malloc(*size + 1);
    if (*text == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the manifest of %s", name);
    for (uint32_t i = 0; i < *size; i++)
        (*text)[i] = (char)(p->px[PACK_AT_MANIFEST + i / 4] >> (8 * (i % 4)));
    (*text)[*size] = '\0';
    return true;
}

bool pack_open(pack_archive *a, px_picture *picture, const char *name, px_error *error)
{
    char *text = NULL;
    uint32_t size;
    *a = (pack_archive){.picture = *picture};
    *picture = (px_picture){0};
    bool ok =
        pack_is_archive(&a->picture) || px_fail(error, PX_E_INPUT, "%s is no archive, as px pack writes it", name);
    ok = ok && text_of(&a->picture, &text, &size, name, error) &&
         pack_manifest_read(&a->manifest, text, size, true, name, error);
    free(text);
    if (ok) {
        const uint64_t above = PACK_AT_MANIFEST + ((uint64_t)size + 3) / 4;
        a->first_row = (uint32_t)((above + a->picture.w - 1) / a->picture.w);
        ok = pack_sort(&a->manifest, name, error) && lie_well(a, name, error) &&
             entries_hold(&a->manifest, name, error) && hashes_hold(a, name, error);
    }
    if (!ok)
        pack_close(a);
    return ok;
}

void pack_close(pack_archive *a)
{
    pack_manifest_free(&a->manifest);
    px_picture_free(&a->picture);
}

bool pack_picture_of(px_picture *picture, const pack_archive *a, const pack_member *m, px_error *error)
{
    if (!px_picture_new(picture, m->w, m->h, error))
        return false;
    for (uint32_t y = 0; y < m->h; y++)
        memcpy(picture->px + (size_t)y * m->w, pixels_of(a, m) + (size_t)y * a->picture.w, 4 * (size_t)m->w);
    return true;
}
