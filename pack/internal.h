/* internal.h - what the files of pack share. */
#ifndef PACK_INTERNAL_H
#define PACK_INTERNAL_H

#include "pack/archive.h"

#define PACK_MAGIC UINT32_C(0x4B505850) /* 'P' 'X' 'P' 'K', behind a program that only halts */
enum {
    PACK_VERSION = 1,
    PACK_AT_HALT = 5, /* pixels */
    PACK_AT_MAGIC,
    PACK_AT_VERSION,
    PACK_AT_BYTES, /* of the manifest */
    PACK_AT_MANIFEST = 16
};

/* manifest.c. The text is the user's manifest.json (members may not be in it) or an archive's (they must be). */
bool pack_manifest_read(pack_manifest *manifest, const char *text, size_t size, bool archived, const char *name,
                        px_error *error);
bool pack_manifest_write(const pack_manifest *manifest, char **text, size_t *size, px_error *error);

/* Whether a name can be a member's: relative, plain, UTF-8. false: why. */
bool pack_name_good(const char *name, const char **why);

/* Members by name, no two of them alike or one the other's folder. */
bool pack_sort(pack_manifest *manifest, const char *name, px_error *error);

/* The SHA-256 of a file as it lies in the picture. */
void pack_hash_file(uint8_t sha256[PACK_SHA256], const uint32_t *px, uint64_t bytes);

#endif
