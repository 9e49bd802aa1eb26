/* store.c - the store's files: a name is a file that says which picture it means, a picture is a file that is called by
 * its SHA-256. Each is written beside its place and renamed, so that a store is whole at every moment.
 *
 *   names/RRGGBBAA        the SHA-256 of the picture that this pixel names
 *   objects/SHA256.png    GOD_STORED: the picture
 *   objects/SHA256.rule   GOD_RULE: "program SHA256 seed N size W H founding RRGGBBAA"
 *   objects/SHA256.self   GOD_SELF: a PNG of one row: magic, width, height, founding name, the program's first pixels
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "exec/machine.h"
#include "god/god.h"
#include "pack/archive.h"
#include "pxi/number.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"
#include "pxi/text_file.h"

#define SELF_MAGIC UINT32_C(0x01444F47)  /* 'G' 'O' 'D' 1 */
#define MOST_STEPS UINT64_C(10000000000) /* of a program that draws */
enum { AT_MAGIC, AT_WIDTH, AT_HEIGHT, AT_FOUNDING, AT_PROGRAM };
enum { HEX = 2 * GOD_SHA256 };

struct god_store {
    char *folder;
};

static const char *const suffix[] = {[GOD_STORED] = ".png", [GOD_RULE] = ".rule", [GOD_SELF] = ".self"};
enum { METHODS = sizeof suffix / sizeof *suffix };

/* ---- names and hashes ---- */

static void to_hex(const uint8_t sha256[GOD_SHA256], char text[HEX + 1])
{
    for (int i = 0; i < GOD_SHA256; i++)
        snprintf(text + 2 * i, 3, "%02x", sha256[i]);
}

static bool from_hex(const char *text, uint8_t sha256[GOD_SHA256])
{
    static const char digits[] = "0123456789abcdef";
    if (strspn(text, digits) < HEX)
        return false;
    for (int i = 0; i < GOD_SHA256; i++)
        sha256[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 | (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

uint32_t god_name(const uint8_t sha256[GOD_SHA256], unsigned which)
{
    const uint8_t *at = sha256 + 4 * (which % GOD_NAMES);
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint32_t god_as_read(uint32_t pixel)
{
    return pixel << 24 | (pixel & 0xFF00) << 8 | (pixel >> 8 & 0xFF00) | pixel >> 24;
}

/* The bytes of a picture's pixels, R G B A, to be freed. */
static uint8_t *bytes_of(const px_picture *picture, size_t *count)
{
    *count = (size_t)picture->w * picture->h * 4;
    uint8_t *bytes = malloc(*count);
    for (size_t i = 0; bytes != NULL && i < *count; i++)
        bytes[i] = (uint8_t)(picture->px[i / 4] >> (8 * (i % 4)));
    return bytes;
}

static bool hash(const px_picture *picture, god_object *object, px_error *error)
{
    SHA2_CTX sha;
    uint8_t founding[GOD_SHA256];
    size_t count;
    uint8_t *bytes = bytes_of(picture, &count);
    uLongf packed = bytes != NULL ? compressBound((uLong)count) : 0;
    uint8_t *small = bytes != NULL ? malloc(packed) : NULL;
    if (small == NULL || compress2(small, &packed, bytes, (uLong)count, 9) != Z_OK) {
        free(bytes);
        free(small);
        return px_fail(error, PX_E_SYSTEM, "no memory for the names of a picture");
    }
    pack_hash_picture(object->sha256, picture->w, picture->h, picture->px, picture->w);
    SHA256Init(&sha);
    SHA256Update(&sha, small, packed);
    SHA256Final(founding, &sha);
    free(bytes);
    free(small);
    object->founding = god_name(founding, 0);
    object->w = picture->w;
    object->h = picture->h;
    return true;
}

/* ---- files ---- */

static char *path_of(const god_store *store, const char *room, const char *name, const char *end, px_error *error)
{
    const size_t size = strlen(store->folder) + strlen(room) + strlen(name) + strlen(end) + 3;
    char *path = malloc(size);
    if (path == NULL)
        px_fail(error, PX_E_SYSTEM, "no memory for a name in %s", store->folder);
    else
        snprintf(path, size, "%s/%s/%s%s", store->folder, room, name, end);
    return path;
}

static char *object_path(const god_store *store, const uint8_t sha256[GOD_SHA256], god_method method, px_error *error)
{
    char hex[HEX + 1];
    to_hex(sha256, hex);
    return path_of(store, "objects", hex, suffix[method], error);
}

static char *name_path(const god_store *store, uint32_t pixel, px_error *error)
{
    char name[9];
    snprintf(name, sizeof name, "%08" PRIx32, god_as_read(pixel));
    return path_of(store, "names", name, "", error);
}

static bool write_text(char *path, const char *text, px_error *error)
{
    const bool ok = path != NULL && px_output_text(path, text, error);
    free(path);
    return ok;
}

static bool write_png(char *path, const px_picture *picture, px_error *error)
{
    const bool ok = path != NULL && px_picture_write(picture, path, error);
    free(path);
    return ok;
}

static bool make(const char *folder, px_error *error)
{
    return mkdir(folder, 0777) == 0 || errno == EEXIST ||
           px_fail(error, PX_E_SYSTEM, "%s: %s", folder, strerror(errno));
}

bool god_open(god_store **store, const char *folder, bool create, px_error *error)
{
    *store = calloc(1, sizeof **store);
    if (*store == NULL || ((*store)->folder = strdup(folder)) == NULL) {
        free(*store);
        return px_fail(error, PX_E_SYSTEM, "no memory for the store in %s", folder);
    }
    char *names = path_of(*store, "names", "", "", error), *objects = path_of(*store, "objects", "", "", error);
    bool ok = names != NULL && objects != NULL;
    if (ok && create)
        ok = make(folder, error) && make(names, error) && make(objects, error);
    else if (ok && (access(names, R_OK) != 0 || access(objects, R_OK) != 0))
        ok = px_fail(error, PX_E_INPUT, "%s is no store: it has no names/ and objects/; px god put makes one", folder);
    free(names);
    free(objects);
    if (!ok) {
        god_close(*store);
        *store = NULL;
    }
    return ok;
}

void god_close(god_store *store)
{
    if (store != NULL)
        free(store->folder);
    free(store);
}

/* ---- reading ---- */

static uint64_t size_of(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && s.st_size > 0 ? (uint64_t)s.st_size : 0;
}

static bool damaged(const char *path, const char *what, px_error *error)
{
    return px_fail(error, PX_E_INPUT, "%s is damaged: %s", path, what);
}

/* Which SHA-256 a pixel names; false without an error of its own (code PX_OK) when it names none. */
static bool read_name(const god_store *store, uint32_t pixel, uint8_t sha256[GOD_SHA256], px_error *error)
{
    char *path = name_path(store, pixel, error), *text = NULL;
    size_t size;
    bool ok = path != NULL && access(path, F_OK) == 0;
    error->code = path != NULL && !ok ? PX_OK : error->code;
    ok = ok && px_text_read(&text, &size, path, error) &&
         ((size == HEX + 1 && from_hex(text, sha256)) || damaged(path, "it holds no SHA-256", error));
    free(text);
    free(path);
    return ok;
}

static bool read_rule(const char *path, god_object *object, px_error *error)
{
    char *text, program[HEX + 1] = "", end;
    size_t size;
    uint32_t founding = 0;
    if (!px_text_read(&text, &size, path, error))
        return false;
    const bool ok =
        sscanf(text, "program %64[0-9a-f] seed %" SCNu32 " size %" SCNu32 " %" SCNu32 " founding %8" SCNx32 " %c",
               program, &object->seed, &object->w, &object->h, &founding, &end) == 5 &&
        from_hex(program, object->program);
    free(text);
    object->founding = god_as_read(founding);
    return ok || damaged(path, "it is no rule", error);
}

static bool read_self(const char *path, god_object *object, px_picture *small, px_error *error)
{
    if (!px_picture_read(small, path, error))
        return false;
    const uint64_t count = (uint64_t)small->w * small->h;
    const uint32_t *px = small->px;
    if (count <= AT_PROGRAM || px[AT_MAGIC] != SELF_MAGIC || !px_picture_fits(px[AT_WIDTH], px[AT_HEIGHT]) ||
        count - AT_PROGRAM > (uint64_t)px[AT_WIDTH] * px[AT_HEIGHT]) {
        px_picture_free(small);
        return damaged(path, "it is no picture that draws itself", error);
    }
    object->w = px[AT_WIDTH];
    object->h = px[AT_HEIGHT];
    object->founding = px[AT_FOUNDING];
    return true;
}

/* What is known of an object that is kept in this way, without drawing it. */
static bool describe_as(god_object *object, god_method method, const char *path, px_error *error)
{
    px_picture picture = {0};
    god_object seen = {0};
    object->method = method;
    object->kept = size_of(path);
    bool ok;
    if (method == GOD_STORED) {
        ok = px_picture_read(&picture, path, error) && hash(&picture, &seen, error) &&
             (memcmp(seen.sha256, object->sha256, GOD_SHA256) == 0 || damaged(path, "it is another picture", error));
        object->founding = seen.founding;
        object->w = seen.w;
        object->h = seen.h;
    } else {
        ok = method == GOD_RULE ? read_rule(path, object, error) : read_self(path, object, &picture, error);
    }
    px_picture_free(&picture);
    return ok;
}

static bool describe(const god_store *store, god_object *object, px_error *error)
{
    bool there = false, ok = true;
    for (unsigned method = 0; ok && !there && method < METHODS; method++) {
        char *path = object_path(store, object->sha256, (god_method)method, error);
        ok = path != NULL;
        there = ok && access(path, F_OK) == 0;
        if (there)
            ok = describe_as(object, (god_method)method, path, error);
        free(path);
    }
    if (!ok || !there)
        return ok && px_fail(error, PX_E_INPUT, "%s: the picture of a name is not there", store->folder);
    if (object->method == GOD_RULE) {
        char *path = object_path(store, object->program, GOD_STORED, error);
        object->kept += path != NULL ? size_of(path) : 0;
        free(path);
    }
    return true;
}

/* ---- drawing ---- */

static bool draw(px_picture *program, uint32_t seed, px_executor *executor, const char *what, px_picture *drawn,
                 px_error *error)
{
    px_state state = {0};
    px_stop stop;
    bool ok = px_state_take(&state, program, what, error);
    if (ok) {
        state.reg[1] = seed;
        ok = px_run_state(executor, &state, MOST_STEPS, &stop, error) &&
             (stop.status == PX_HALTED || px_fail(error, PX_E_INPUT, "%s does not come to HALT within %s instructions",
                                                  what, px_grouped(MOST_STEPS))) &&
             px_state_image(&state, drawn, error);
    }
    px_state_free(&state);
    return ok;
}

/* The program of an object that must be drawn. */
static bool program_of(const god_store *store, const god_object *object, px_picture *program, px_error *error)
{
    god_object known = *object, there = {0};
    char *path = object->method == GOD_RULE ? object_path(store, object->program, GOD_STORED, error)
                                            : object_path(store, object->sha256, GOD_SELF, error);
    px_picture small = {0};
    bool ok = path != NULL;
    if (ok && object->method == GOD_RULE) {
        ok = px_picture_read(program, path, error) && hash(program, &there, error) &&
             (memcmp(there.sha256, object->program, GOD_SHA256) == 0 || damaged(path, "it is another picture", error));
    } else if (ok) {
        ok = read_self(path, &known, &small, error) && px_picture_new(program, known.w, known.h, error);
        if (ok)
            memcpy(program->px, small.px + AT_PROGRAM, 4 * ((size_t)small.w * small.h - AT_PROGRAM));
        px_picture_free(&small);
    }
    free(path);
    return ok;
}

static bool get_drawn(const god_store *store, const god_object *object, const char *on, px_picture *picture,
                      px_error *error)
{
    px_executor *executor = NULL;
    px_picture program = {0};
    god_object drawn;
    const bool ok =
        program_of(store, object, &program, error) && px_executor_open(&executor, on, error) &&
        draw(&program, object->method == GOD_RULE ? object->seed : 0, executor, "its program", picture, error) &&
        hash(picture, &drawn, error) &&
        (memcmp(drawn.sha256, object->sha256, GOD_SHA256) == 0 ||
         px_fail(error, PX_E_INPUT, "%s: its program has drawn another picture than the one that was kept",
                 store->folder));
    px_executor_close(executor);
    px_picture_free(&program);
    if (!ok)
        px_picture_free(picture);
    return ok;
}

/* ---- what others call ---- */

typedef struct seeking {
    uint32_t pixel;
    god_object *object;
    bool found;
} seeking;

static bool is_founding(void *context, const god_object *object)
{
    seeking *s = context;
    s->found = object->founding == s->pixel;
    if (s->found)
        *s->object = *object;
    return !s->found;
}

bool god_find(god_store *store, uint32_t pixel, god_object *object, px_error *error)
{
    px_error reason = {0};
    seeking s = {pixel, object, false};
    *object = (god_object){.pixel = pixel};
    if (read_name(store, pixel, object->sha256, &reason))
        return describe(store, object, error);
    if (reason.code != PX_OK)
        return px_fail(error, reason.code, "%s", reason.text);
    if (!god_each(store, is_founding, &s, error))
        return false;
    return s.found ||
           px_fail(error, PX_E_INPUT, "%s: no picture is called %08" PRIx32, store->folder, god_as_read(pixel));
}

bool god_get(god_store *store, uint32_t pixel, const char *executor, px_picture *picture, god_object *object,
             px_error *error)
{
    *picture = (px_picture){0};
    if (!god_find(store, pixel, object, error))
        return false;
    if (object->method != GOD_STORED)
        return get_drawn(store, object, executor, picture, error);
    char *path = object_path(store, object->sha256, GOD_STORED, error);
    const bool ok = path != NULL && px_picture_read(picture, path, error);
    free(path);
    return ok;
}

/* The name of a picture that is kept: the one it has, or the first of its eight that no other picture has. */
static bool give_name(god_store *store, god_object *object, px_error *error)
{
    char hex[HEX + 2];
    to_hex(object->sha256, hex);
    strcat(hex, "\n");
    for (unsigned which = 0; which < GOD_NAMES; which++) {
        uint8_t other[GOD_SHA256];
        px_error reason = {0};
        object->pixel = god_name(object->sha256, which);
        const bool taken = read_name(store, object->pixel, other, &reason);
        if (!taken && reason.code != PX_OK)
            return px_fail(error, reason.code, "%s", reason.text);
        if (taken && memcmp(other, object->sha256, GOD_SHA256) == 0)
            return true;
        if (!taken)
            return write_text(name_path(store, object->pixel, error), hex, error);
    }
    return px_fail(error, PX_E_INPUT, "%s: each of the eight names of this picture is another's", store->folder);
}

/* Whether it is there already; then object says how. */
static bool is_kept(const god_store *store, god_object *object)
{
    god_object there = *object;
    if (!describe(store, &there, NULL))
        return false;
    *object = there;
    return true;
}

static bool keep(god_store *store, const px_picture *picture, god_object *object, px_error *error)
{
    *object = (god_object){0};
    return hash(picture, object, error) &&
           (is_kept(store, object) ||
            (write_png(object_path(store, object->sha256, GOD_STORED, error), picture, error) &&
             describe(store, object, error)));
}

bool god_put(god_store *store, const px_picture *picture, god_object *object, px_error *error)
{
    return keep(store, picture, object, error) && give_name(store, object, error);
}

static bool write_rule(god_store *store, const px_picture *program, const god_object *object, uint32_t seed,
                       px_error *error)
{
    god_object rule;
    char hex[HEX + 1], text[256];
    if (!keep(store, program, &rule, error))
        return false;
    if (rule.method != GOD_STORED)
        return px_fail(error, PX_E_INPUT, "%s: this program is itself kept as what another draws", store->folder);
    to_hex(rule.sha256, hex);
    snprintf(text, sizeof text, "program %s seed %" PRIu32 " size %" PRIu32 " %" PRIu32 " founding %08" PRIx32 "\n",
             hex, seed, object->w, object->h, god_as_read(object->founding));
    return write_text(object_path(store, object->sha256, GOD_RULE, error), text, error);
}

static bool write_self(god_store *store, const px_picture *program, const god_object *object, px_error *error)
{
    uint32_t count = program->w * program->h;
    px_picture small;
    while (count > 0 && program->px[count - 1] == 0)
        count--;
    if (!px_picture_new(&small, AT_PROGRAM + (count > 0 ? count : 1), 1, error))
        return false;
    small.px[AT_MAGIC] = SELF_MAGIC;
    small.px[AT_WIDTH] = program->w;
    small.px[AT_HEIGHT] = program->h;
    small.px[AT_FOUNDING] = object->founding;
    memcpy(small.px + AT_PROGRAM, program->px, 4 * (size_t)count);
    const bool ok = write_png(object_path(store, object->sha256, GOD_SELF, error), &small, error);
    px_picture_free(&small);
    return ok;
}

static bool copy_of(px_picture *to, const px_picture *from, px_error *error)
{
    if (!px_picture_new(to, from->w, from->h, error))
        return false;
    memcpy(to->px, from->px, 4 * (size_t)from->w * from->h);
    return true;
}

bool god_put_drawn(god_store *store, const px_picture *program, const uint32_t *seed, px_executor *executor,
                   const px_picture *picture, god_object *object, px_error *error)
{
    px_picture running = {0}, drawn = {0};
    god_object wanted;
    *object = (god_object){0};
    bool ok = copy_of(&running, program, error) &&
              draw(&running, seed != NULL ? *seed : 0, executor, "the program", &drawn, error) &&
              hash(&drawn, object, error);
    if (ok && picture != NULL)
        ok = hash(picture, &wanted, error) && (memcmp(wanted.sha256, object->sha256, GOD_SHA256) == 0 ||
                                               px_fail(error, PX_E_INPUT, "the program draws another picture"));
    if (ok && !is_kept(store, object))
        ok = (seed != NULL ? write_rule(store, program, object, *seed, error)
                           : write_self(store, program, object, error)) &&
             describe(store, object, error);
    px_picture_free(&running);
    px_picture_free(&drawn);
    return ok && give_name(store, object, error);
}

/* ---- all of them ---- */

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

/* The files of a room, by name. */
static bool list_room(const god_store *store, const char *room, char ***list, size_t *count, px_error *error)
{
    char *path = path_of(store, room, "", "", error);
    DIR *folder = path != NULL ? opendir(path) : NULL;
    bool ok = folder != NULL || (path != NULL && px_fail(error, PX_E_SYSTEM, "%s: %s", path, strerror(errno)));
    *list = NULL;
    *count = 0;
    for (const struct dirent *item; ok && (item = readdir(folder)) != NULL;) {
        if (item->d_name[0] == '.')
            continue;
        char **more = realloc(*list, (*count + 1) * sizeof *more);
        *list = more != NULL ? more : *list;
        ok = more != NULL && ((*list)[*count] = strdup(item->d_name)) != NULL && ++*count;
        if (!ok)
            px_fail(error, PX_E_SYSTEM, "no memory for what is in %s", path);
    }
    if (folder != NULL)
        closedir(folder);
    if (ok && *count > 0)
        qsort(*list, *count, sizeof **list, by_text);
    if (!ok) {
        free_list(*list, *count);
        *list = NULL;
        *count = 0;
    }
    free(path);
    return ok;
}

bool god_each(god_store *store, bool (*each)(void *context, const god_object *object), void *context, px_error *error)
{
    char **list;
    size_t count;
    bool ok = list_room(store, "names", &list, &count, error), more = ok;
    for (size_t i = 0; ok && more && i < count; i++) {
        god_object object = {0};
        char *end;
        const unsigned long read = strtoul(list[i], &end, 16);
        if (strlen(list[i]) != 8 || *end != '\0')
            continue;
        object.pixel = god_as_read((uint32_t)read);
        ok = read_name(store, object.pixel, object.sha256, error) && describe(store, &object, error);
        more = ok && each(context, &object);
    }
    free_list(list, count);
    return ok;
}

bool god_drop(god_store *store, uint32_t pixel, px_error *error)
{
    char *path = name_path(store, pixel, error);
    bool ok = path != NULL;
    if (ok && unlink(path) != 0)
        ok = errno == ENOENT
                 ? px_fail(error, PX_E_INPUT, "%s: no picture is called %08" PRIx32, store->folder, god_as_read(pixel))
                 : px_fail(error, PX_E_SYSTEM, "%s: %s", path, strerror(errno));
    free(path);
    return ok;
}

/* What names reach: their pictures, and the programs of their rules. */
typedef struct reached {
    char (*hex)[HEX + 1];
    size_t count;
    bool no_memory;
} reached;

static void reach(reached *r, const uint8_t sha256[GOD_SHA256])
{
    char(*more)[HEX + 1] = realloc(r->hex, (r->count + 1) * sizeof *more);
    r->no_memory |= more == NULL;
    if (more == NULL)
        return;
    r->hex = more;
    to_hex(sha256, r->hex[r->count++]);
}

static bool reach_object(void *context, const god_object *object)
{
    reached *r = context;
    reach(r, object->sha256);
    if (object->method == GOD_RULE)
        reach(r, object->program);
    return !r->no_memory;
}

static int by_hex(const void *a, const void *b) { return strncmp(a, b, HEX); }

bool god_collect(god_store *store, uint64_t *objects, uint64_t *bytes, px_error *error)
{
    reached r = {0};
    char **list = NULL;
    size_t count = 0;
    *objects = *bytes = 0;
    bool ok = god_each(store, reach_object, &r, error) &&
              (!r.no_memory || px_fail(error, PX_E_SYSTEM, "no memory for the names of %s", store->folder)) &&
              list_room(store, "objects", &list, &count, error);
    if (ok && r.count > 0)
        qsort(r.hex, r.count, sizeof *r.hex, by_hex);
    for (size_t i = 0; ok && i < count; i++) {
        if (strlen(list[i]) > HEX && r.count > 0 && bsearch(list[i], r.hex, r.count, sizeof *r.hex, by_hex) != NULL)
            continue;
        char *path = path_of(store, "objects", list[i], "", error);
        const uint64_t size = path != NULL ? size_of(path) : 0;
        ok = path != NULL && (unlink(path) == 0 || px_fail(error, PX_E_SYSTEM, "%s: %s", path, strerror(errno)));
        *objects += ok;
        *bytes += ok ? size : 0;
        free(path);
    }
    free_list(list, count);
    free(r.hex);
    return ok;
}
