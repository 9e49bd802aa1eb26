/* cc.c - px cc: C to a picture. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cc/cc.h"
#include "host/commands.h"
#include "host/data.h"
#include "host/files.h"
#include "pxi/asm/disasm.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

enum { MOST = 512, KINDS = 9 };

typedef struct arguments {
    px_operands files;
    const char *output, *symbols, *keep, *standard;
    const char *given[KINDS][MOST];
    px_values values[KINDS]; /* as letters say */
    bool text, debug, check, freestanding, quiet;
    uint32_t stack, heap, width, level;
    char *flags[KINDS * MOST + 1]; /* with their letters again */
    size_t flag_count;
} arguments;

/* Options that go on as they are: first clang's, then the linker's. */
static const char letters[KINDS + 1] = "OIDUfWmlL";

static const char about[] =
    "Compile C (and what else clang compiles to objects) to a pixel program.\v"
    "FILE may be .c .cc .cpp .S .s .o .a, or a linked .elf alone. clang and lld do the first half of the work, and say "
    "themselves what they do not like; PX_CC_CLANG and PX_CC_LLD choose others. Programs have Debian's picolibc where "
    "it is installed, and vector instructions by `#include <px.h>`. Names and lines go to a file beside the picture, "
    "FILE.sym, for px run, px dis and px run --trace.\n\n"
    "Levels, each with what those below do: 0 an instruction at a time; 1 constants in registers, dead code left out; "
    "2 "
    "addresses kept; 3 made before loops; 4 indices and loop pointers as pixel addresses.\n\n"
    "Examples:\n"
    "  px cc -O2 hello.c -o hello.pxi && px run --host hello.pxi\n"
    "  px cc -S loop.c -o loop.pxa\n\n"
    "Exit status: 0 compiled, 2 wrong usage or errors in the source.";

static bool check(void *read, px_error *error)
{
    arguments *a = read;
    for (int k = 0; k < KINDS; k++)
        for (size_t i = 0; i < a->values[k].count; i++) {
            const size_t size = strlen(a->given[k][i]) + 3;
            char *flag = malloc(size);
            if (flag == NULL)
                return px_fail(error, PX_E_SYSTEM, "no memory for the options");
            snprintf(flag, size, "-%c%s", letters[k], a->given[k][i]);
            a->flags[a->flag_count++] = flag;
        }
    if (a->width > PX_MAX_PIXELS)
        return px_fail(error, PX_E_USAGE, "--width %" PRIu32 ": a picture has at most %u pixels", a->width,
                       (unsigned)PX_MAX_PIXELS);
    return true;
}

#define PASSED(kind, name, value, help)                                                                                \
    {                                                                                                                  \
        name, letters[kind], value, help, .values = &a->values[kind]                                                   \
    }

static void read_arguments(arguments *a, int argc, char **argv)
{
    for (int k = 0; k < KINDS; k++)
        a->values[k] = (px_values){a->given[k], 0, MOST};
    const px_option options[] = {
        PX_OPTION_OUTPUT(&a->output, "the picture to write; without it FILE.pxi here"),
        PASSED(0, "optimise", "LEVEL", "for clang: -O0, -O1, -O2 (if none is given), -O3, -Os, -Oz"),
        {"debug", 'g', NULL, "lines of the source, for traps and traces", .flag = &a->debug},
        PASSED(1, "include", "DIR", "for clang: where headers are"),
        PASSED(2, "define", "NAME=VALUE", "for clang: a macro"),
        PASSED(3, "undefine", "NAME", "for clang: no such macro"),
        PASSED(4, "feature", "FEATURE", "for clang: -fFEATURE"),
        PASSED(5, "warn", "WARNING", "for clang: -WWARNING"),
        PASSED(6, "machine", "FEATURE", "for clang: -mFEATURE"),
        PASSED(7, "library", "NAME", "for the linker: libNAME.a"),
        PASSED(8, "library-path", "DIR", "for the linker: where libraries are"),
        {"standard", 0, "NAME", "for clang: -std=NAME", .text = &a->standard},
        {"text", 'S', NULL, "write a source that px asm turns into the same picture", .flag = &a->text},
        {"check", 0, NULL, "null pointers and misaligned ones trap where they are used", .flag = &a->check},
        {"freestanding", 0, NULL, "without the C library: mem*, exit and px.h alone", .flag = &a->freestanding},
        {"stack", 0, "N", "pixels of stack (4096)", .number = &a->stack, 16, PX_MAX_PIXELS / 2},
        {"heap", 0, "N", "pixels of heap, at least (16384)", .number = &a->heap, 0, PX_MAX_PIXELS},
        {"width", 0, "W", "of the picture; without it as square as can be", .number = &a->width, 1, PX_MAX_PIXELS},
        {"level", 0, "N", "of translation, 0 to 4 (the highest)", .number = &a->level, 0, PX_CC_LEVELS - 1},
        {"symbols", 0, "FILE", "the file of names and lines", .output = &a->symbols},
        {"elf", 0, "FILE", "keep the linked program", .output = &a->keep},
        PX_OPTION_QUIET(&a->quiet, "no summary"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE..",
                                  .operands = &a->files,
                                  .missing = "no file to compile",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

/* What is no file has nothing beside it. */
static bool is_place(const char *path)
{
    struct stat found;
    return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ||
           (stat(path, &found) == 0 && !S_ISREG(found.st_mode));
}

/* The last name of path, with another end. */
static char *beside(const char *path, const char *end, bool here)
{
    const char *slash = strrchr(path, '/'), *name = here && slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    const size_t stem = dot != NULL && dot > name && strchr(dot, '/') == NULL ? (size_t)(dot - name) : strlen(name);
    char *text = malloc(stem + strlen(end) + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, name, stem);
    strcpy(text + stem, end);
    return text;
}

static bool write_symbols(const arguments *a, const px_cc_result *result, px_error *error)
{
    px_output text;
    if (a->symbols == NULL)
        return true;
    if (!px_output_open(&text, a->symbols, error))
        return false;
    px_symbols_write(text.file, result->symbols, result->symbol_count); /* closing sees a failure */
    px_lines_write(text.file, result->lines, result->line_count);
    return px_output_close(&text, true, error);
}

/* The picture last: where it is, everything is. Symbols of a picture that is not there are of no use. */
static bool write_results(const arguments *a, const px_cc_result *result, px_error *error)
{
    px_output text;
    if (!a->text) {
        if (!write_symbols(a, result, error))
            return false;
        if (px_picture_write(&result->picture, a->output, error))
            return true;
        if (a->symbols != NULL && !is_place(a->symbols))
            unlink(a->symbols);
        return false;
    }
    return px_output_open(&text, a->output, error) &&
           px_output_close(&text,
                           px_disassemble(text.file, &result->picture, a->files.at[0], result->symbols,
                                          result->symbol_count, error),
                           error);
}

static bool compile(arguments *a, px_cc_result *result, px_error *error)
{
    char folder[4096];
    const char *flags[KINDS * MOST + 4], *link_flags[2 * MOST];
    px_cc_job job = {.files = (const char *const *)a->files.at,
                     .file_count = a->files.count,
                     .flags = flags,
                     .link_flags = link_flags,
                     .folder = folder,
                     .debug = a->debug,
                     .check = a->check,
                     .freestanding = a->freestanding,
                     .keep = a->keep,
                     .options = {.stack = a->stack, .heap = a->heap, .width = a->width, .level = (int)a->level}};
    char standard[64];
    if (a->values[0].count == 0)
        flags[job.flag_count++] = "-O2";
    for (size_t i = 0; i < a->flag_count; i++)
        if (a->flags[i][1] == 'l' || a->flags[i][1] == 'L')
            link_flags[job.link_flag_count++] = a->flags[i];
        else
            flags[job.flag_count++] = a->flags[i];
    if (a->standard != NULL) {
        snprintf(standard, sizeof standard, "-std=%s", a->standard);
        flags[job.flag_count++] = standard;
    }
    return px_data_runtime(folder, sizeof folder, error) && px_cc_run(result, &job, error);
}

static bool same_result(const char *a, const char *b)
{
    return a != NULL && b != NULL && (strcmp(a, b) == 0 || px_same_file(a, b));
}

static bool results_differ(const arguments *a, px_error *error)
{
    const char *const symbols = a->text ? NULL : a->symbols; /* a source has its own */
    const char *twice = NULL;
    if (same_result(symbols, a->output))
        twice = symbols;
    if (same_result(a->keep, a->output) || same_result(a->keep, symbols))
        twice = a->keep;
    return twice == NULL || px_fail(error, PX_E_USAGE, "two results would be %s; choose another name", twice);
}

static bool names_differ(const arguments *a, px_error *error)
{
    for (size_t i = 0; i < a->files.count; i++)
        if (same_result(a->files.at[i], a->output) || same_result(a->files.at[i], a->symbols) ||
            same_result(a->files.at[i], a->keep))
            return px_fail(error, PX_E_USAGE, "a result would replace %s; choose another name", a->files.at[i]);
    return true;
}

static void print_summary(const arguments *a, const px_cc_result *r)
{
    fprintf(px_messages(a->output),
            "%s: %" PRIu32 "x%" PRIu32 ", %" PRIu32 " pixels of code from %" PRIu32 " RISC-V instructions\n", a->output,
            r->picture.w, r->picture.h, r->code_pixels, r->instructions);
}

static int finish(arguments *a)
{
    px_error error = {0};
    px_cc_result result = {0};
    const bool good = names_differ(a, &error) && results_differ(a, &error) &&
                      (a->text ? px_output_check(a->output, &error) : px_picture_place(a->output, &error)) &&
                      (a->text || a->symbols == NULL || px_output_check(a->symbols, &error)) &&
                      compile(a, &result, &error) && write_results(a, &result, &error);
    if (good && !a->quiet)
        print_summary(a, &result);
    px_cc_free(&result);
    return good ? 0 : *error.text == '\0' ? PX_EXIT_USAGE : px_complain("px cc", &error);
}

int px_cmd_cc(int argc, char **argv)
{
    arguments *a = calloc(1, sizeof *a);
    if (a == NULL)
        return PX_EXIT_USAGE;
    *a = (arguments){.stack = PX_CC_STACK, .heap = PX_CC_HEAP, .level = PX_CC_LEVELS - 1};
    read_arguments(a, argc, argv);
    char *own_output = NULL, *own_symbols = NULL;
    if (a->output == NULL)
        a->output = own_output = beside(a->files.at[0], a->text ? ".pxa" : ".pxi", true);
    const bool beside_it = a->output != NULL && a->symbols == NULL && !is_place(a->output);
    if (beside_it)
        a->symbols = own_symbols = beside(a->output, ".sym", false);
    const int status = a->output != NULL && (a->symbols != NULL || !beside_it) ? finish(a) : PX_EXIT_USAGE;
    free(own_output);
    free(own_symbols);
    for (size_t i = 0; i < a->flag_count; i++)
        free(a->flags[i]);
    free(a);
    return status;
}
