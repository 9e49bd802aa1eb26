/* archive.h - an archive is one picture that holds pictures and files, and a manifest that says what they are: their
 * names, places and SHA-256, what can be run of them, and what a run is given. README.md has the format.
 *
 * An archive comes from anywhere. Whatever is wrong with one is an error that names it, and nothing of it is written.
 */
#ifndef PACK_ARCHIVE_H
#define PACK_ARCHIVE_H

#include <stdint.h>
#include <stdio.h>

#include "pxi/picture.h"

enum {
    PACK_MOST_MEMBERS = 4096,
    PACK_MOST_ENTRIES = 256,
    PACK_MOST_DEPTH = 16,         /* folders in a name */
    PACK_MOST_NAME = 1024,        /* bytes of one */
    PACK_MOST_MANIFEST = 1 << 21, /* bytes */
    PACK_SHA256 = 32
};

/* What a host can be given (pxi/host.def). */
enum {
#define PXH_GRANT(id, option, text) PACK_##id,
#include "pxi/host.def"
};

typedef struct pack_member {
    char *name;     /* with / between folders */
    bool picture;   /* else a file */
    uint32_t x, y;  /* its upper left pixel; y counts from the first row below the manifest */
    uint32_t w, h;  /* of a picture; of a file: the rows that it takes, in full width */
    uint64_t bytes; /* of a file */
    uint8_t sha256[PACK_SHA256];
} pack_member;

/* What may be run, and what it is given. */
typedef struct pack_entry {
    char *name, *program; /* the member */
    bool host;            /* console, clock, chance */
    char *files;          /* the folder of the archive that it can read; NULL: none. "": all */
    unsigned may;         /* bits 1 << PACK_..: what its user may give it beside that */
} pack_entry;

typedef struct pack_manifest {
    char *name, *version, *about; /* about may be NULL */
    pack_entry *entries;
    size_t entry_count;
    pack_member *members; /* by name */
    size_t member_count;
} pack_manifest;

void pack_manifest_free(pack_manifest *manifest); /* also fine on a zeroed one */

/* An archive in memory: its manifest and its pixels, which belong to it. */
typedef struct pack_archive {
    pack_manifest manifest;
    px_picture picture;
    uint32_t first_row; /* below the manifest */
} pack_archive;

/* Whether a picture is an archive at all, sound or not. */
bool pack_is_archive(const px_picture *picture);

/* Takes the picture over (it is zeroed) and checks it: the manifest, that all members lie within and apart, and their
 * SHA-256. name is for messages. */
bool pack_open(pack_archive *archive, px_picture *picture, const char *name, px_error *error);
void pack_close(pack_archive *archive);

/* A folder becomes an archive; its manifest.json, if there is one, says name, version and entries. */
bool pack_folder(pack_archive *archive, const char *folder, px_error *error);

const pack_member *pack_find(const pack_manifest *manifest, const char *name);
const pack_entry *pack_entry_of(const pack_manifest *manifest, const char *name);

/* The SHA-256 of a picture, wherever it lies: of width and height, then of its pixels, whose rows are stride apart. */
void pack_hash_picture(uint8_t sha256[PACK_SHA256], uint32_t w, uint32_t h, const uint32_t *px, uint32_t stride);

/* A manifest as px pack takes it, without members; to be freed. */
bool pack_manifest_text(const pack_manifest *manifest, char **text, size_t *size, px_error *error);

/* A picture member's pixels, to be freed. */
bool pack_picture_of(px_picture *picture, const pack_archive *archive, const pack_member *member, px_error *error);

/* Writes the members below a folder of the archive ("": all) into the folder at `to`, which must be there and empty. */
bool pack_extract(const pack_archive *archive, const char *below, int to, const char *to_name, px_error *error);

#endif
