/* pack.c - px pack: a folder becomes an archive, one picture; or what is in one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/commands.h"
#include "host/files.h"
#include "host/json.h"
#include "host/package.h"
#include "pxi/number.h"
#include "pxi/png/picture_file.h"

typedef struct arguments {
    const char *input, *output;
    bool list, json, quiet;
} arguments;

static const char about[] =
    "Put a folder into one picture: the pictures in it (.pxi) side by side, other files as rows of pixels, and a "
    "manifest that says what they are. Or, with --list, show what is in an archive.\v"
    "manifest.json in the folder, if there is one, has name, version, about, and entries: what can be run, and what a "
    "run is given. pack/README.md describes it. `px run PKG.pxi#ENTRY` runs one; `px unpack PKG.pxi` makes a folder "
    "again.\n\n"
    "Exit status: 0 written or listed, 2 wrong usage, or input that is not sound.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_OUTPUT(&a->output, "the archive to write"),
        {"list", 'l', NULL, "show what is in the archive, whose SHA-256 are checked", .flag = &a->list},
        PX_OPTION_JSON(&a->json),
        PX_OPTION_QUIET(&a->quiet, "no summary"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "DIR|PKG.pxi",
                                  .what = "folder",
                                  .text = &a->input,
                                  .missing = "no folder to pack, and no archive to list"};
    px_read_arguments(&line, argc, argv);
}

/* ---- --list ---- */

static void print_entry(const pack_entry *e)
{
    printf("  #%-15s %s%s", e->name, e->program, e->host ? ", with a host" : "");
    if (e->files != NULL)
        printf(", reads %s", *e->files != '\0' ? e->files : "all files");
    if (e->may != 0)
        printf(", may be given%s%s%s%s", e->may & 1u << PACK_FILES ? " files" : "",
               e->may & 1u << PACK_DISKS ? " disks" : "", e->may & 1u << PACK_NETWORK ? " network" : "",
               e->may & 1u << PACK_SCREEN ? " screen" : "");
    putchar('\n');
}

static void print_text(const pack_archive *a, const char *file)
{
    const pack_manifest *m = &a->manifest;
    printf("%s: %s %s, %" PRIu32 "x%" PRIu32 "\n", file, m->name, m->version, a->picture.w, a->picture.h);
    if (m->about != NULL)
        printf("  %s\n", m->about);
    for (size_t i = 0; i < m->entry_count; i++)
        print_entry(&m->entries[i]);
    for (size_t i = 0; i < m->member_count; i++) {
        const pack_member *x = &m->members[i];
        char size[64];
        if (x->picture)
            snprintf(size, sizeof size, "%" PRIu32 "x%" PRIu32, x->w, x->h);
        else
            snprintf(size, sizeof size, "%s bytes", px_grouped(x->bytes));
        printf("  %-16s at (%" PRIu32 ",%" PRIu32 ")  %s\n", size, x->x, a->first_row + x->y, x->name);
    }
}

static void print_json(const pack_archive *a)
{
    const pack_manifest *m = &a->manifest;
    px_json json = {.to = stdout};
    px_json_open(&json, NULL, '{');
    px_json_string(&json, "name", m->name);
    px_json_string(&json, "version", m->version);
    px_json_string(&json, "about", m->about);
    px_json_open(&json, "entries", '[');
    for (size_t i = 0; i < m->entry_count; i++) {
        px_json_open(&json, NULL, '{');
        px_json_string(&json, "name", m->entries[i].name);
        px_json_string(&json, "program", m->entries[i].program);
        px_json_bool(&json, "host", m->entries[i].host);
        px_json_string(&json, "files", m->entries[i].files);
        px_json_close(&json, '}');
    }
    px_json_close(&json, ']');
    px_json_open(&json, "members", '[');
    for (size_t i = 0; i < m->member_count; i++) {
        const pack_member *x = &m->members[i];
        char sha256[2 * PACK_SHA256 + 1];
        for (int k = 0; k < PACK_SHA256; k++)
            snprintf(sha256 + 2 * k, 3, "%02x", x->sha256[k]);
        px_json_open(&json, NULL, '{');
        px_json_string(&json, "name", x->name);
        px_json_string(&json, "kind", x->picture ? "picture" : "file");
        px_json_number(&json, "x", x->x);
        px_json_number(&json, "y", a->first_row + x->y);
        if (x->picture) {
            px_json_number(&json, "width", x->w);
            px_json_number(&json, "height", x->h);
        } else {
            px_json_number(&json, "bytes", x->bytes);
        }
        px_json_string(&json, "sha256", sha256);
        px_json_close(&json, '}');
    }
    px_json_close(&json, ']');
    px_json_close(&json, '}');
}

static bool list(const arguments *a, px_error *error)
{
    pack_archive archive;
    if (a->output != NULL)
        return px_fail(error, PX_E_USAGE, "--list writes no archive, and -o is for one");
    if (!px_archive_read(&archive, px_input_file(a->input), error))
        return false;
    if (a->json)
        print_json(&archive);
    else
        print_text(&archive, a->input);
    pack_close(&archive);
    return true;
}

/* ---- packing ---- */

static bool pack(const arguments *a, px_error *error)
{
    pack_archive archive;
    if (a->output == NULL)
        return px_fail(error, PX_E_USAGE, "-o says what to write; without it nothing is packed");
    if (!px_picture_place(a->output, error) || !pack_folder(&archive, a->input, error))
        return false;
    const bool ok = px_picture_write(&archive.picture, a->output, error);
    if (ok && !a->quiet)
        fprintf(px_messages(a->output), "%s: %zu member%s, %zu entr%s, %" PRIu32 "x%" PRIu32 " -> %s\n", a->input,
                archive.manifest.member_count, archive.manifest.member_count == 1 ? "" : "s",
                archive.manifest.entry_count, archive.manifest.entry_count == 1 ? "y" : "ies", archive.picture.w,
                archive.picture.h, a->output);
    pack_close(&archive);
    return ok;
}

int px_cmd_pack(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    read_arguments(&a, argc, argv);
    return (a.list || a.json ? list(&a, &error) : pack(&a, &error)) ? 0 : px_complain(argv[0], &error);
}
