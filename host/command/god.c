/* god.c - px god: pictures, each named by one pixel. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "god/god.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/json.h"
#include "pxi/number.h"
#include "pxi/png/picture_file.h"

typedef struct arguments {
    const char *store, *input, *output, *on, *rule, *seed;
    bool self, json, quiet;
} arguments;

#define STORE(a)                                                                                                       \
    {                                                                                                                  \
        "store", 0, "DIR", "the store; without it that of PX_GOD, else .god here", .text = &(a)->store                 \
    }

static const char *store_of(const arguments *a)
{
    const char *variable = getenv("PX_GOD");
    return a->store != NULL ? a->store : variable != NULL && *variable != '\0' ? variable : ".god";
}

/* ---- what is said of a picture ---- */

static const char *method_of(const god_object *o)
{
    return o->method == GOD_STORED ? "stored" : o->method == GOD_RULE ? "rule" : "self";
}

static uint64_t raw_of(const god_object *o) { return UINT64_C(4) * o->w * o->h; }

static void print(const god_object *o)
{
    printf("%08" PRIx32 "  (%u,%u,%u,%u)  %" PRIu32 "x%" PRIu32
           "  %s  %s bytes of %s, %.1f:1; by name %s:1; founding name %08" PRIx32 "\n",
           god_as_read(o->pixel), o->pixel & 255, o->pixel >> 8 & 255, o->pixel >> 16 & 255, o->pixel >> 24, o->w, o->h,
           method_of(o), px_grouped(o->kept), px_grouped(raw_of(o)),
           (double)raw_of(o) / (double)(o->kept > 0 ? o->kept : 1), px_grouped(raw_of(o) / 4),
           god_as_read(o->founding));
}

static void print_json(px_json *json, const god_object *o)
{
    char text[2 * GOD_SHA256 + 1];
    px_json_open(json, NULL, '{');
    snprintf(text, sizeof text, "%08" PRIx32, god_as_read(o->pixel));
    px_json_string(json, "pixel", text);
    snprintf(text, sizeof text, "%08" PRIx32, god_as_read(o->founding));
    px_json_string(json, "founding", text);
    for (int i = 0; i < GOD_SHA256; i++)
        snprintf(text + 2 * i, 3, "%02x", o->sha256[i]);
    px_json_string(json, "sha256", text);
    px_json_string(json, "method", method_of(o));
    px_json_number(json, "width", o->w);
    px_json_number(json, "height", o->h);
    px_json_number(json, "bytes", raw_of(o));
    px_json_number(json, "kept", o->kept);
    px_json_close(json, '}');
}

/* A pixel as people write one: eight hexadecimal digits with or without #, "r,g,b,a", or a picture of one pixel. */
static bool read_pixel(const char *text, uint32_t *pixel, px_error *error)
{
    unsigned byte[4];
    char end;
    const char *digits = text + (*text == '#');
    px_picture picture;
    if (strlen(digits) == 8 && strspn(digits, "0123456789abcdefABCDEF") == 8) {
        *pixel = god_as_read((uint32_t)strtoul(digits, NULL, 16));
        return true;
    }
    if (sscanf(text, "%3u,%3u,%3u,%3u%c", &byte[0], &byte[1], &byte[2], &byte[3], &end) == 4 && byte[0] < 256 &&
        byte[1] < 256 && byte[2] < 256 && byte[3] < 256) {
        *pixel = byte[0] | byte[1] << 8 | byte[2] << 16 | byte[3] << 24;
        return true;
    }
    if (!px_picture_read(&picture, text, NULL))
        return px_fail(error, PX_E_USAGE, "'%s' is no pixel: expected rrggbbaa, r,g,b,a or a picture of one", text);
    const bool one = picture.w == 1 && picture.h == 1;
    *pixel = picture.px[0];
    px_picture_free(&picture);
    return one || px_fail(error, PX_E_USAGE, "%s has more than one pixel, and a name is one", text);
}

/* ---- put ---- */

static const char put_about[] =
    "Keep a picture, and print the pixel that names it.\v"
    "With --by, PICTURE is not kept but the program that draws it: begun with the seed in r1, it must come to exactly "
    "this picture when it halts. With --self, PICTURE is such a program, and what it draws is kept by the program's "
    "first pixels alone. Both are run to see. -o writes the name as a picture of one pixel.";

static bool put_one(const arguments *a, god_store *store, const px_picture *picture, god_object *object,
                    px_error *error)
{
    px_executor *executor = NULL;
    px_picture program = {0};
    uint64_t seed = 0;
    if (a->rule == NULL && !a->self)
        return god_put(store, picture, object, error);
    bool ok = (a->seed == NULL || px_parse_number("--seed", a->seed, 0, UINT32_MAX, &seed, error)) &&
              (a->rule == NULL || px_read_program_picture(&program, a->rule, NULL, error)) &&
              px_executor_open(&executor, a->on, error);
    const uint32_t word = (uint32_t)seed;
    if (ok)
        ok = a->self ? god_put_drawn(store, picture, NULL, executor, NULL, object, error)
                     : god_put_drawn(store, &program, &word, executor, picture, object, error);
    px_executor_close(executor);
    px_picture_free(&program);
    return ok;
}

static bool put(const arguments *a, px_error *error)
{
    god_store *store = NULL;
    god_object object;
    px_picture picture = {0};
    if (a->self && a->rule != NULL)
        return px_fail(error, PX_E_USAGE, "--by and --self exclude each other");
    if (a->seed != NULL && a->rule == NULL)
        return px_fail(error, PX_E_USAGE, "--seed is for the program of --by");
    bool ok = (a->output == NULL || px_picture_place(a->output, error)) &&
              px_read_program_picture(&picture, a->input, NULL, error) && god_open(&store, store_of(a), true, error) &&
              put_one(a, store, &picture, &object, error);
    if (ok && a->output != NULL) {
        const px_picture name = {1, 1, &object.pixel};
        ok = px_picture_write(&name, a->output, error);
    }
    if (ok && !a->quiet)
        print(&object);
    px_picture_free(&picture);
    god_close(store);
    return ok;
}

static int run_put(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL};
    px_error error = {0};
    const px_option options[] = {STORE(&a),
                                 {"by", 0, "PROGRAM", "keep the program that draws it", .input = &a.rule},
                                 {"seed", 0, "N", "what that program finds in r1; 0 if not given", .text = &a.seed},
                                 {"self", 0, NULL, "keep what PICTURE draws, by its first pixels", .flag = &a.self},
                                 PX_OPTION_ON(&a.on),
                                 PX_OPTION_OUTPUT(&a.output, "write the name, a picture of one pixel"),
                                 PX_OPTION_QUIET(&a.quiet, "print nothing"),
                                 {0}};
    px_read_arguments(&(px_command_line){.about = put_about,
                                         .options = options,
                                         .usage = "PICTURE",
                                         .what = "picture",
                                         .input = &a.input,
                                         .missing = "no picture to keep"},
                      argc, argv);
    return put(&a, &error) ? 0 : px_complain(argv[0], &error);
}

/* ---- get ---- */

static bool get(const arguments *a, px_error *error)
{
    god_store *store = NULL;
    god_object object;
    px_picture picture = {0};
    uint32_t pixel;
    if (a->output == NULL)
        return px_fail(error, PX_E_USAGE, "-o says where the picture goes");
    const bool ok = px_picture_place(a->output, error) && read_pixel(a->input, &pixel, error) &&
                    god_open(&store, store_of(a), false, error) &&
                    god_get(store, pixel, a->on, &picture, &object, error) &&
                    px_picture_write(&picture, a->output, error);
    if (ok && !a->quiet)
        print(&object);
    px_picture_free(&picture);
    god_close(store);
    return ok;
}

static int run_get(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL};
    px_error error = {0};
    const px_option options[] = {STORE(&a),
                                 PX_OPTION_ON(&a.on),
                                 PX_OPTION_OUTPUT(&a.output, "the picture to write"),
                                 PX_OPTION_QUIET(&a.quiet, "print nothing"),
                                 {0}};
    px_read_arguments(&(px_command_line){.about =
                                             "Write the picture that a pixel names: rrggbbaa, r,g,b,a, or a picture "
                                             "of one pixel. Its SHA-256 is checked, whichever way it was kept.",
                                         .options = options,
                                         .usage = "PIXEL",
                                         .what = "pixel",
                                         .text = &a.input,
                                         .missing = "no pixel given"},
                      argc, argv);
    return get(&a, &error) ? 0 : px_complain(argv[0], &error);
}

/* ---- show, drop, gc ---- */

static bool show_one(void *context, const god_object *object)
{
    px_json *json = context;
    if (json != NULL)
        print_json(json, object);
    else
        print(object);
    return true;
}

static bool show(const arguments *a, px_error *error)
{
    god_store *store = NULL;
    god_object object;
    uint32_t pixel;
    px_json json = {.to = stdout};
    bool ok = (a->input == NULL || read_pixel(a->input, &pixel, error)) && god_open(&store, store_of(a), false, error);
    if (ok && a->input != NULL) {
        ok = god_find(store, pixel, &object, error) && show_one(a->json ? &json : NULL, &object);
    } else if (ok) {
        if (a->json)
            px_json_open(&json, NULL, '[');
        ok = god_each(store, show_one, a->json ? &json : NULL, error);
        if (a->json)
            px_json_close(&json, ']');
    }
    god_close(store);
    return ok;
}

static int run_show(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    const px_option options[] = {STORE(&a), PX_OPTION_JSON(&a.json), {0}};
    px_read_arguments(&(px_command_line){.about =
                                             "Show what is in the store, or what a pixel names: its name, size, how "
                                             "it is kept, and the ratios of both.",
                                         .options = options,
                                         .usage = "[PIXEL]",
                                         .what = "pixel",
                                         .text = &a.input},
                      argc, argv);
    return show(&a, &error) ? 0 : px_complain(argv[0], &error);
}

static int run_drop(int argc, char **argv)
{
    arguments a = {0};
    god_store *store = NULL;
    uint32_t pixel;
    px_error error = {0};
    const px_option options[] = {STORE(&a), {0}};
    px_read_arguments(&(px_command_line){.about = "Take a name away. The picture goes with the next px god gc.",
                                         .options = options,
                                         .usage = "PIXEL",
                                         .what = "pixel",
                                         .text = &a.input,
                                         .missing = "no pixel given"},
                      argc, argv);
    const bool ok = read_pixel(a.input, &pixel, &error) && god_open(&store, store_of(&a), false, &error) &&
                    god_drop(store, pixel, &error);
    god_close(store);
    return ok ? 0 : px_complain(argv[0], &error);
}

static int run_gc(int argc, char **argv)
{
    arguments a = {0};
    god_store *store = NULL;
    uint64_t objects, bytes;
    px_error error = {0};
    const px_option options[] = {STORE(&a), {0}};
    px_read_arguments(&(px_command_line){.about = "Remove what no name reaches.", .options = options}, argc, argv);
    const bool ok = god_open(&store, store_of(&a), false, &error) && god_collect(store, &objects, &bytes, &error);
    if (ok)
        printf("%s file%s removed, %s bytes\n", px_grouped(objects), objects == 1 ? "" : "s", px_grouped(bytes));
    god_close(store);
    return ok ? 0 : px_complain(argv[0], &error);
}

/* ---- px god ---- */

static const char about[] = "Pictures that are each named by one pixel.\v"
                            "  px god put PICTURE [--by PROGRAM --seed N | --self]   keep one, and print its name\n"
                            "  px god get PIXEL -o PICTURE                           have it again\n"
                            "  px god show [PIXEL]                                   what there is\n"
                            "  px god drop PIXEL, px god gc                          forget one, and clean up\n\n"
                            "Each has --help. god/README.md says what a name is, and what it is not.";

int px_cmd_god(int argc, char **argv)
{
    static const px_subcommand commands[] = {{"put", run_put},   {"get", run_get}, {"show", run_show},
                                             {"drop", run_drop}, {"gc", run_gc},   {NULL, NULL}};
    return px_run_subcommand(commands, about, argc, argv);
}
