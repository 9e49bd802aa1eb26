/* mkos.c - px mkos: a kernel, a file system with programs, and empty slots become one picture, os.pxi. What lies where
 * is in os/map.h; a line for each region is printed. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/commands.h"
#include "host/data.h"
#include "host/files.h"
#include "os/map.h"
#include "os/picture.h"
#include "os/root.h"
#include "pxi/png/picture_file.h"

enum {
    MOST_PROGRAMS = 256,
    NAME_BYTES = 4 * OS_NAME_WORDS,
    FIRST_HEAP = 7,
    LEAST_SLOT = 1024,
    MOST_FILE = 1 << 20, /* bytes of a file of --tree */
    MOST_PATH = 256
};

typedef struct program {
    char name[NAME_BYTES];
    px_picture picture;
    uint32_t *words, count; /* as a file */
} program;

typedef struct arguments {
    px_operands files;
    const char *output, *slots, *kernel, *from, *tree, *root;
    bool quiet;
} arguments;

typedef struct system {
    program programs[MOST_PROGRAMS];
    uint32_t count;                   /* of programs */
    px_picture kernel, picture, base; /* base: a system that is there, or nothing */
    const uint32_t *root;             /* base's root file system, or NULL */
    enum os_root_kind root_kind;
    uint32_t root_pixels;
    uint32_t at; /* the next pixel */
    os_map map;  /* its addresses are pixels until it is written */
} system_picture;

static const char usual_slots[] = "2K=88,8K=16,16K=8,32K=2,128K=1", usual_root[] = "pxfs=184K";

static const char about[] =
    "Make a picture of pxOS: a kernel, programs, and slots for processes.\v"
    "Kernel and programs come from the os.pxi that was built or installed with px, unless --from or --kernel names "
    "another; each PROGRAM, as px cc makes it, or any other picture that is a program, is added to them under its "
    "file's "
    "name, or takes the place of one of that name. There must be a program sh, which is process 1. A program needs a "
    "slot of its picture's pixels and 320 "
    "more at most; a process that wants more heap moves to a larger slot.\n\n"
    "Examples:\n"
    "  px mkos --slots 2K=1000,16K=8 -o many.pxi && px os many.pxi\n"
    "  px mkos first.pxi -o os.pxi\n"
    "  px mkos --tree files -o os.pxi\n\n"
    "Exit status: 0 made; 2 wrong usage, or a file that cannot be read or written.";

static bool check(void *read, px_error *error)
{
    const arguments *a = read;
    return a->output != NULL || px_fail(error, PX_E_USAGE, "no output given; add -o FILE");
}

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_OUTPUT(&a->output, "the picture to write (required)"),
        {"slots", 0, "PIXELS=COUNT,..",
         "slots for processes, up to 8 sizes, the smaller first; K is 1,024 (2K=88,8K=16,16K=8,32K=2,128K=1)",
         .text = &a->slots},
        {"from", 0, "FILE", "the os.pxi that kernel and programs come from", .input = &a->from},
        {"kernel", 0, "FILE", "a kernel that px cc has made, and no programs but those that are named",
         .input = &a->kernel},
        {"tree", 0, "DIR", "files and folders for the root file system: what is in DIR is in / then", .text = &a->tree},
        {"root", 0, "TYPE=PIXELS",
         "a new root file system, with --kernel: pxfs (pxfs=184K), or ramfs, which is smaller", .text = &a->root},
        PX_OPTION_QUIET(&a->quiet, "do not list the regions of the picture"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "[PROGRAM..]",
                                  .operands = &a->files,
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

/* ---- slots ---- */

/* PIXELS or COUNT, up to what `end` holds; 0: it is none. */
static uint64_t read_count(const char **text, char end)
{
    char *behind;
    if (**text < '0' || **text > '9')
        return 0;
    uint64_t count = strtoull(*text, &behind, 10);
    if (*behind == 'K' && count <= PX_MAX_PIXELS) {
        count *= 1024;
        behind++;
    }
    if (*behind != end && !(end == ',' && *behind == '\0'))
        return 0;
    *text = behind + (*behind != '\0');
    return count <= PX_MAX_PIXELS ? count : 0;
}

static bool read_slots(os_map *map, const char *text, px_error *error)
{
    uint64_t pixels = 0;
    const char *const all = text;
    for (uint32_t last = LEAST_SLOT - 1; *text != '\0' || map->classes == 0;) {
        const char *const entry = text;
        if (map->classes == OS_CLASSES)
            return px_fail(error, PX_E_USAGE, "--slots %s: more than %d sizes", all, OS_CLASSES);
        os_class *class = &map->class[map->classes++];
        class->pixels = (uint32_t)read_count(&text, '=');
        class->count = class->pixels == 0 ? 0 : (uint32_t)read_count(&text, ',');
        if (class->count == 0)
            return px_fail(error, PX_E_USAGE, "--slots %s: not PIXELS=COUNT,PIXELS=COUNT.. at %s", all,
                           *entry == '\0' ? "its end" : entry);
        if (class->pixels <= last)
            return px_fail(error, PX_E_USAGE, "--slots %s: %" PRIu32 " pixels: %s", all, class->pixels,
                           last < LEAST_SLOT ? "at least 1024 are needed" : "the smaller ones come first");
        last = class->pixels;
        pixels += (uint64_t) class->pixels * class->count;
        map->columns += class->count;
        if (pixels > PX_MAX_PIXELS)
            return px_fail(error, PX_E_USAGE, "--slots %s: more than 2^26 pixels", all);
    }
    return true;
}

/* Whether the kernel will find a slot for it: os/kernel/process.c, free_slot. */
static bool fits_slot(const os_map *map, const program *p, px_error *error)
{
    const uint64_t needed = (uint64_t)p->picture.w * (px_state_rows(p->picture.w) + p->picture.h);
    return needed <= map->class[map->classes - 1].pixels ||
           px_fail(error, PX_E_INPUT, "%s fits in no slot: it needs %" PRIu64 " pixels", p->name, needed);
}

/* ---- the root file system ---- */

static bool read_root(system_picture *s, const char *text, px_error *error)
{
    const bool pxfs = strncmp(text, "pxfs=", 5) == 0;
    const char *count = text + (pxfs ? 5 : 6);
    if (pxfs || strncmp(text, "ramfs=", 6) == 0)
        s->root_pixels = (uint32_t)read_count(&count, '\0');
    s->root_kind = pxfs ? OS_ROOT_PXFS : OS_ROOT_RAMFS;
    return s->root_pixels > 0 || px_fail(error, PX_E_USAGE, "--root %s: not pxfs=PIXELS or ramfs=PIXELS", text);
}

/* ---- programs ---- */

static bool set_name(program *p, const char *path, px_error *error)
{
    const char *base = strrchr(path, '/'), *name = base == NULL ? path : base + 1;
    const size_t length = strcspn(name, ".");
    if (length == 0 || length >= sizeof p->name)
        return px_fail(error, PX_E_INPUT, "%s: a program's name has 1 to %zu bytes", path, sizeof p->name - 1);
    memset(p->name, 0, sizeof p->name);
    memcpy(p->name, name, length);
    return true;
}

/* Which is a program like any other, though its kernel is a compiled one. */
static bool is_system(const px_picture *picture)
{
    px_state view = {0};
    os_map map;
    return px_state_view(&view, picture, "", NULL) && os_picture_map(&view, &map);
}

static bool read_program(program *p, const char *path, px_error *error)
{
    return set_name(p, path, error) && px_picture_read(&p->picture, path, error) &&
           os_program_words(&p->picture, path, !os_is_compiled(&p->picture) || is_system(&p->picture), &p->words,
                            &p->count, error);
}

static void free_program(program *p)
{
    px_picture_free(&p->picture);
    free(p->words);
    p->words = NULL;
}

static bool add_program(system_picture *s, const char *path, px_error *error)
{
    program p = {.name = ""};
    const bool read = read_program(&p, path, error);
    uint32_t at = 0;
    while (read && at < s->count && strcmp(s->programs[at].name, p.name) != 0)
        at++;
    if (!read || (at == MOST_PROGRAMS && !px_fail(error, PX_E_USAGE, "more than %d programs", MOST_PROGRAMS))) {
        free_program(&p);
        return false;
    }
    s->count += at == s->count;
    free_program(&s->programs[at]);
    s->programs[at] = p;
    return true;
}

/* ---- a system that is there, or a kernel ---- */

static uint32_t width_of(const system_picture *s) { return s->kernel.w; }

static uint32_t whole_rows(const system_picture *s, uint32_t pixels)
{
    const uint32_t width = width_of(s);
    return (pixels + width - 1) / width * width;
}

/* Which part a function is of: its file's folder says it. What has none is the C library's, and the kernel's. */
static enum os_part part_of(const px_names *names, uint32_t address)
{
    const px_line *line = px_line_of(names, address);
    const char *file = line != NULL ? line->file : "";
    return strstr(file, "os/drivers/") != NULL ? OS_DRIVERS : strstr(file, "os/fs/") != NULL ? OS_FS : OS_KERNEL;
}

/* Where in the kernel's code each part begins, from its names and lines, which px cc -g leaves beside it. */
static bool find_parts(os_map *map, const px_names *names, const px_picture *kernel, px_error *error)
{
    map->code[map->code_runs++] = (os_code){4 * kernel->px[PX_HEADER_ENTRY], OS_KERNEL};
    for (size_t i = 0; i < names->count; i++) {
        const px_symbol *symbol = &names->at[i];
        os_code *last = &map->code[map->code_runs - 1];
        if (symbol->kind != PX_SYMBOL_CODE)
            continue;
        const os_code run = {4 * (uint32_t)symbol->value, part_of(names, (uint32_t)symbol->value)};
        if (run.from <= last->from)
            *last = run;
        if (run.part == last->part)
            continue;
        if (map->code_runs == OS_CODE_RUNS)
            return px_fail(error, PX_E_INPUT, "the kernel's parts are in more than %d runs; name their files in order",
                           OS_CODE_RUNS);
        map->code[map->code_runs++] = run;
    }
    return true;
}

static bool read_kernel(system_picture *s, const char *path, px_error *error)
{
    px_names names = {0};
    px_state state = {0};
    const bool ok = px_picture_read(&s->kernel, path, error) &&
                    (os_is_compiled(&s->kernel) ||
                     px_fail(error, PX_E_INPUT, "%s is no program that px cc has made (cc/ABI.md)", path)) &&
                    px_read_program(&state, path, &names, error) && find_parts(&s->map, &names, &s->kernel, error);
    px_names_free(&names);
    px_state_free(&state);
    return ok;
}

/* Kernel and root file system of an os.pxi. */
static bool take_system(system_picture *s, const px_picture *base, const char *path, px_error *error)
{
    px_state view = {0};
    os_map map;
    if (!px_state_view(&view, base, path, error))
        return false;
    if (base->px[0] != PX_MAGIC_PROGRAM || !os_picture_map(&view, &map))
        return px_fail(error, PX_E_INPUT, "%s is no os.pxi that px mkos has made", path);
    const uint32_t heap = base->px[FIRST_HEAP];
    if (!px_picture_new(&s->kernel, base->w, (heap / 4 + base->w - 1) / base->w, error))
        return false;
    memcpy(s->kernel.px, base->px, heap);
    s->root = base->px + map.root / 4;
    s->root_pixels = map.root_rows * base->w;
    s->map.code_runs = map.code_runs;
    memcpy(s->map.code, map.code, sizeof map.code);
    return true;
}

static bool read_system(system_picture *s, const char *path, px_error *error)
{
    char own[4096];
    if (path == NULL && !px_data_system(own, sizeof own, error))
        return false;
    path = path == NULL ? own : path;
    return px_picture_read(&s->base, path, error) && take_system(s, &s->base, path, error);
}

/* ---- places ---- */

/* Rows for a run; those of all runs together are far below 2^32 pixels. */
static uint32_t take(system_picture *s, uint32_t pixels)
{
    const uint32_t at = s->at;
    s->at += whole_rows(s, pixels);
    return at;
}

static void place_programs(system_picture *s)
{
    os_map *m = &s->map;
    m->programs = m->columns + 1;
    m->names = take(s, m->programs * OS_NAME_WORDS);
    m->root_rows = whole_rows(s, s->root_pixels) / width_of(s);
    m->root = take(s, s->root_pixels);
}

/* Pixels from one run of a table to the next: whole rows, or a row's half, quarter and so on, where few columns do with
 * it.
 */
static uint32_t pitch_for(const system_picture *s, uint32_t columns)
{
    uint32_t pitch = whole_rows(s, columns);
    while (pitch % 2 == 0 && pitch / 2 >= columns)
        pitch /= 2;
    return pitch;
}

static void place_tables(system_picture *s)
{
    os_map *m = &s->map;
    m->pipes = m->columns; /* more than enough, where no process has many */
    m->pitch = m->pipe_pitch = pitch_for(s, m->columns);
    for (m->seat_count = 1; m->seat_count < 2 * m->columns;)
        m->seat_count *= 2;
    m->table = take(s, OS_COLUMN_RUNS * m->pitch);
    m->pipe_table = take(s, OS_PIPE_RUNS * m->pipe_pitch);
    m->seats = take(s, m->seat_count);
    m->pipe_bytes = take(s, m->pipes * width_of(s)); /* os/kernel/kernel.h, PIPE_ROOM */
}

static void place_slots(system_picture *s)
{
    os_map *m = &s->map;
    uint32_t pixels = 0;
    for (uint32_t c = 0; c < m->classes; c++)
        pixels += m->class[c].pixels * m->class[c].count;
    m->slots = take(s, pixels);
}

/* ---- the picture ---- */

static bool put_file(const char *from, const char *to, px_error *error)
{
    FILE *f = fopen(from, "rb");
    char *bytes = malloc(MOST_FILE + 1);
    const size_t count = f != NULL && bytes != NULL ? fread(bytes, 1, MOST_FILE + 1, f) : 0;
    const bool read = f != NULL && bytes != NULL && !ferror(f);
    bool good = read || px_fail(error, PX_E_INPUT, "%s cannot be read", from);
    good = good && (count <= MOST_FILE || px_fail(error, PX_E_INPUT, "%s is longer than %d bytes", from, MOST_FILE));
    good = good && os_root_file(to, bytes, (uint32_t)count, error);
    free(bytes);
    if (f != NULL)
        fclose(f);
    return good;
}

static bool put_tree(const char *from, const char *to, px_error *error);

static bool put_entry(const char *from, const char *to, const char *name, px_error *error)
{
    char own[4096], root[MOST_PATH];
    struct stat is;
    if (snprintf(own, sizeof own, "%s/%s", from, name) >= (int)sizeof own ||
        snprintf(root, sizeof root, "%s/%s", to, name) >= (int)sizeof root || stat(own, &is) != 0)
        return px_fail(error, PX_E_INPUT, "%s/%s cannot be read, or its name is too long", from, name);
    if (!S_ISDIR(is.st_mode))
        return put_file(own, root, error);
    return os_root_folder(root, error) && put_tree(own, root, error);
}

/* What is in a folder of the host, by name, so that the same files make the same picture; `to` is the folder's path in
 * the root file system, or "" for /. */
static bool put_tree(const char *from, const char *to, px_error *error)
{
    struct dirent **names;
    const int count = scandir(from, &names, NULL, alphasort);
    bool good = count >= 0 || px_fail(error, PX_E_INPUT, "%s is no folder that can be read", from);
    for (int i = 0; i < count; i++) {
        good = good && (names[i]->d_name[0] == '.' || put_entry(from, to, names[i]->d_name, error));
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return good;
}

/* The root file system: base's, or a new one; and the programs. */
static bool put_root(const system_picture *s, const char *tree, px_error *error)
{
    uint32_t *const rows = s->picture.px + s->map.root;
    if (s->root != NULL)
        memcpy(rows, s->root, (size_t)4 * s->root_pixels);
    bool good = os_root_begin(rows, s->map.root_rows * width_of(s), s->root_kind, error);
    for (uint32_t i = 0; i < s->count && good; i++)
        good = os_root_add(s->programs[i].name, s->programs[i].words, s->programs[i].count, error);
    good = good && (tree == NULL || put_tree(tree, "", error));
    return os_root_end(good ? error : NULL) && good;
}

static void put_map(const system_picture *s, uint32_t at)
{
    os_map m = s->map;
    uint32_t *const addresses[] = {&m.names, &m.table, &m.pipe_table, &m.pipe_bytes, &m.seats, &m.slots, &m.root};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        *addresses[i] *= 4;
    m.magic = OS_MAP_MAGIC;
    memcpy(s->picture.px + at, &m, sizeof m);
}

static bool build(system_picture *s, const char *tree, px_error *error)
{
    const uint32_t pixels = s->kernel.px[FIRST_HEAP] / 4;
    (void)take(s, pixels);
    const uint32_t at = take(s, sizeof(os_map) / 4);
    place_programs(s);
    place_tables(s);
    place_slots(s);
    if (s->at > PX_MAX_PIXELS)
        return px_fail(error, PX_E_USAGE, "the picture would have %" PRIu32 " pixels, more than 2^26", s->at);
    if (!px_picture_new(&s->picture, width_of(s), s->at / width_of(s), error))
        return false;
    memcpy(s->picture.px, s->kernel.px, 4 * (size_t)pixels);
    put_map(s, at);
    if (!put_root(s, tree, error))
        return false;
    s->picture.px[PX_HEADER_CHECKSUM] = 0;
    s->picture.px[PX_HEADER_CHECKSUM] = px_checksum(width_of(s), s->picture.h, s->picture.px);
    return true;
}

/* A line for each region, one for all slots. Parts of the kernel share rows. */
static bool list_regions(const system_picture *s, FILE *to, px_error *error)
{
    px_state view = {0};
    os_map map;
    os_region *regions = NULL;
    size_t count = 0;
    if (to == NULL)
        return true;
    if (!px_state_view(&view, &s->picture, "the picture", error) || !os_picture_map(&view, &map) ||
        !os_picture_regions(&view, &map, &regions, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const bool slots = regions[i].from == map.slots / 4;
        const uint32_t end = slots ? px_state_pixels(&view) : regions[i].end;
        fprintf(to, "%-18s rows %6" PRIu32 " to %6" PRIu32 "\n", slots ? "slots" : regions[i].name,
                regions[i].from / width_of(s), (end - 1) / width_of(s));
        if (slots)
            break;
    }
    free(regions);
    return true;
}

static bool make(system_picture *s, const arguments *a, px_error *error)
{
    if (!px_picture_place(a->output, error) || !read_slots(&s->map, a->slots != NULL ? a->slots : usual_slots, error))
        return false;
    if (a->kernel != NULL && a->from != NULL)
        return px_fail(error, PX_E_USAGE, "--kernel and --from both name a kernel");
    if (a->root != NULL && a->kernel == NULL)
        return px_fail(error, PX_E_USAGE, "--root makes a new file system; it needs --kernel");
    if (a->kernel != NULL && !read_root(s, a->root != NULL ? a->root : usual_root, error))
        return false;
    if (!(a->kernel != NULL ? read_kernel(s, a->kernel, error) : read_system(s, a->from, error)))
        return false;
    for (size_t i = 0; i < a->files.count; i++)
        if (!add_program(s, a->files.at[i], error))
            return false;
    for (uint32_t i = 0; i < s->count; i++)
        if (!fits_slot(&s->map, &s->programs[i], error))
            return false;
    return build(s, a->tree, error) && px_picture_write(&s->picture, a->output, error) &&
           list_regions(s, a->quiet ? NULL : px_messages(a->output), error);
}

int px_cmd_mkos(int argc, char **argv)
{
    arguments a = {.output = NULL};
    px_error error = {0};
    read_arguments(&a, argc, argv);
    system_picture *s = calloc(1, sizeof *s);
    if (s == NULL)
        return PX_EXIT_USAGE;
    const bool made = make(s, &a, &error);
    px_picture_free(&s->picture);
    px_picture_free(&s->kernel);
    for (uint32_t i = 0; i < MOST_PROGRAMS; i++)
        free_program(&s->programs[i]);
    px_picture_free(&s->base);
    free(s);
    return made ? 0 : px_complain(argv[0], &error);
}
