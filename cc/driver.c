/* driver.c - from source files to a linked program: clang and lld, their options, temporary files. */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cc/cc.h"
#include "pxi/input_file.h"
#include "pxi/temporary.h"

extern char **environ;

enum { MOST_ARGUMENTS = 4096, MOST_TIMES = 6, OLDEST = 14, NEWEST = 24 };

typedef struct command {
    const char *argument[MOST_ARGUMENTS + 1];
    size_t count;
    char *owned[MOST_ARGUMENTS];
    size_t owned_count;
} command;

typedef struct driver {
    const px_cc_job *job;
    px_error *error;
    char folder[PX_TEMPORARY_NAME]; /* of the temporary files */
    size_t objects;
    uint32_t data;         /* where they were moved to */
    command compile, link; /* the words that every call has; one call's follow */
} driver;

/* ---- commands ---- */

static bool add(driver *d, command *c, const char *word)
{
    if (word == NULL || c->count == MOST_ARGUMENTS)
        return px_fail(d->error, PX_E_USAGE, "more words than one call of clang or lld takes");
    c->argument[c->count++] = word;
    return true;
}

static bool add_text(driver *d, command *c, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool add_text(driver *d, command *c, const char *format, ...)
{
    char text[4200];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text || c->owned_count == MOST_ARGUMENTS)
        return px_fail(d->error, PX_E_USAGE, "a name of more than 4096 characters");
    char *word = strdup(text);
    if (word != NULL)
        c->owned[c->owned_count++] = word;
    return add(d, c, word);
}

static void forget(command *c)
{
    while (c->owned_count > 0)
        free(c->owned[--c->owned_count]);
}

/* A signal that ends px: first what is running ends, and the temporary files. */
static volatile sig_atomic_t caught;

static void on_signal(int number) { caught = number; }

static void watch_signals(bool watch, struct sigaction usual[3])
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++) {
        const struct sigaction ours = {.sa_handler = on_signal};
        if (watch && sigaction(ends[i], NULL, &usual[i]) == 0 && usual[i].sa_handler == SIG_DFL)
            sigaction(ends[i], &ours, NULL);
        else if (!watch)
            sigaction(ends[i], &usual[i], NULL);
    }
}

/* Runs it. What it complains about goes where our own complaints go; then the error has no text. */
static bool run(driver *d, command *c)
{
    pid_t child;
    int status;
    c->argument[c->count] = NULL;
    if (caught != 0)
        return px_fail(d->error, PX_E_SYSTEM, "ended by signal %d", (int)caught);
    const int failed = posix_spawnp(&child, c->argument[0], NULL, NULL, (char *const *)c->argument, environ);
    if (failed != 0)
        return px_fail(d->error, PX_E_SYSTEM, "%s cannot be run: %s", c->argument[0], strerror(failed));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return px_fail(d->error, PX_E_SYSTEM, "%s: %s", c->argument[0], strerror(errno));
        else if (caught != 0)
            kill(child, caught);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (!WIFEXITED(status))
        return px_fail(d->error, PX_E_SYSTEM, "%s ended by signal %d", c->argument[0],
                       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    *d->error = (px_error){.code = PX_E_INPUT};
    return false;
}

static bool on_path(const char *name)
{
    const char *path = getenv("PATH");
    char file[4096];
    for (const char *at = path, *end; at != NULL; at = *end == ':' ? end + 1 : NULL) {
        end = strchrnul(at, ':');
        const int length = snprintf(file, sizeof file, "%.*s/%s", (int)(end - at), at, name);
        if (length > 0 && (size_t)length < sizeof file && access(file, X_OK) == 0)
            return true;
    }
    return false;
}

/* clang, clang-24, .., clang-14; or what the environment says. */
static bool add_tool(driver *d, command *c, const char *tool, const char *variable, const char *package)
{
    char name[32];
    const char *chosen = getenv(variable);
    if (chosen != NULL && *chosen != '\0')
        return add(d, c, chosen);
    snprintf(name, sizeof name, "%s", tool);
    for (int version = NEWEST + 1; !on_path(name); version--) {
        if (version == OLDEST)
            return px_fail(d->error, PX_E_ABSENT, "%s is not here; Debian's package %s has it", tool, package);
        snprintf(name, sizeof name, "%s-%d", tool, version - 1);
    }
    return add_text(d, c, "%s", name);
}

/* ---- what is known of a file by its name ---- */

typedef enum kind { SOURCE_C, SOURCE_CXX, SOURCE_ASSEMBLY, OBJECT, LINKED, UNKNOWN } kind;

static kind kind_of(const char *file)
{
    static const struct {
        const char *end;
        kind kind;
    } ends[] = {{".c", SOURCE_C},     {".cc", SOURCE_CXX},     {".cpp", SOURCE_CXX},
                {".cxx", SOURCE_CXX}, {".S", SOURCE_ASSEMBLY}, {".s", SOURCE_ASSEMBLY},
                {".o", OBJECT},       {".a", OBJECT},          {".elf", LINKED}};
    const char *dot = strrchr(file, '.');
    for (size_t i = 0; dot != NULL && i < sizeof ends / sizeof *ends; i++)
        if (strcmp(dot, ends[i].end) == 0)
            return ends[i].kind;
    return UNKNOWN;
}

static bool is_source(kind k) { return k <= SOURCE_ASSEMBLY; }

/* ---- the C library: picolibc and libgcc from Debian, where they are ---- */

static const char picolibc[] = "/usr/lib/picolibc/riscv64-unknown-elf";

static bool there(const char *path) { return access(path, R_OK) == 0; }

static bool add_libraries(driver *d, command *c)
{
    char path[4200];
    glob_t found;
    snprintf(path, sizeof path, "%s/libpx.a", d->job->folder);
    if (there(path) && !add_text(d, c, "%s", path))
        return false;
    if (!d->job->freestanding && there(picolibc) &&
        !(add_text(d, c, "-L%s/lib/rv32im/ilp32", picolibc) && add(d, c, "-lc") && add(d, c, "-lm")))
        return false;
    bool good = true;
    if (glob("/usr/lib/gcc/riscv64-unknown-elf/*/rv32im/ilp32", 0, NULL, &found) == 0) {
        good = add_text(d, c, "-L%s", found.gl_pathv[found.gl_pathc - 1]) && add(d, c, "-lgcc");
        globfree(&found);
    }
    return good;
}

/* ---- compiling ---- */

static bool prepare_compiler(driver *d)
{
    static const char *const always[] = {
        "--target=riscv32", "-march=rv32ima",      "-mabi=ilp32",     "-mcmodel=medlow",        "-mno-relax",
        "-fno-pic",         "-ffunction-sections", "-fdata-sections", "-ftls-model=local-exec", "-Qunused-arguments"};
    command *c = &d->compile;
    if (!add_tool(d, c, "clang", "PX_CC_CLANG", "clang"))
        return false;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (!add(d, c, always[i]))
            return false;
    if (d->job->debug && !add(d, c, "-g"))
        return false;
    if (d->job->check && !(add(d, c, "-fsanitize=alignment,null") && add(d, c, "-fsanitize-trap=all")))
        return false;
    if (!add_text(d, c, "-isystem%s", d->job->folder))
        return false;
    if (d->job->freestanding ? !add(d, c, "-ffreestanding")
                             : there(picolibc) && !add_text(d, c, "-isystem%s/include", picolibc))
        return false;
    for (size_t i = 0; i < d->job->flag_count; i++)
        if (!add(d, c, d->job->flags[i]))
            return false;
    return true;
}

static bool compile(driver *d, const char *file, kind k)
{
    static const char *const cxx[] = {"-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"};
    const size_t count = d->compile.count, owned = d->compile.owned_count;
    command *c = &d->compile;
    bool good = true;
    for (size_t i = 0; good && k == SOURCE_CXX && i < sizeof cxx / sizeof *cxx; i++)
        good = add(d, c, cxx[i]);
    good = good && add(d, c, "-c") && add(d, c, file) && add(d, c, "-o") &&
           add_text(d, c, "%s/%zu.o", d->folder, d->objects) &&
           add_text(d, &d->link, "%s/%zu.o", d->folder, d->objects);
    d->objects++;
    good = good && run(d, c);
    c->count = count;
    while (c->owned_count > owned)
        free(c->owned[--c->owned_count]);
    return good;
}

static bool compile_all(driver *d)
{
    for (size_t i = 0; i < d->job->file_count; i++) {
        const char *file = d->job->files[i];
        const kind k = kind_of(file);
        if (k == UNKNOWN)
            return px_fail(d->error, PX_E_USAGE, "%s: its name ends in none of .c .cc .cpp .S .s .o .a .elf", file);
        struct stat found;
        if (stat(file, &found) != 0)
            return px_fail(d->error, PX_E_SYSTEM, "%s: %s", file, strerror(errno));
        if (S_ISDIR(found.st_mode))
            return px_fail(d->error, PX_E_USAGE, "%s is a directory; name the files in it", file);
        if (k == LINKED)
            return px_fail(d->error, PX_E_USAGE, "%s: a linked program cannot be joined with others", file);
        if (is_source(k) ? !compile(d, file, k) : !add(d, &d->link, file))
            return false;
    }
    return true;
}

/* ---- linking ---- */

static bool begin_link(driver *d)
{
    command *c = &d->link;
    char crt[4200];
    snprintf(crt, sizeof crt, "%s/crt0.o", d->job->folder);
    return add_tool(d, c, "ld.lld", "PX_CC_LLD", "lld") && add(d, c, "-T") &&
           add_text(d, c, "%s/px.ld", d->job->folder) && add(d, c, "--emit-relocs") && add(d, c, "--gc-sections") &&
           add(d, c, "--no-relax") && add(d, c, "-o") && add_text(d, c, "%s/program.elf", d->folder) &&
           /* a program may have a _start of its own: ours is taken where there is none */
           (!there(crt) || (add(d, c, "--start-lib") && add_text(d, c, "%s", crt) && add(d, c, "--end-lib")));
}

static bool end_link(driver *d)
{
    for (size_t i = 0; i < d->job->link_flag_count; i++)
        if (!add(d, &d->link, d->job->link_flags[i]))
            return false;
    return add(d, &d->link, "--start-group") && add_libraries(d, &d->link) && add(d, &d->link, "--end-group");
}

/* Links it, with data from there on. */
static bool link_at(driver *d, uint32_t data)
{
    const size_t count = d->link.count;
    const bool good = add_text(d, &d->link, "--defsym=DATA_START=0x%x", (unsigned)data) && run(d, &d->link);
    d->link.count = count;
    return good;
}

/* Where data begin is known when the code is translated, and how it is translated depends on the addresses of data: so
 * they are moved to where the last time has shown, and a little further from the second time on. */
static bool translate_until_it_fits(driver *d, px_cc_result *result, const uint8_t *elf, size_t size)
{
    px_cc_options options = d->job->options;
    options.measure = true;
    for (int i = 0; i < MOST_TIMES; i++) {
        if (!px_cc_translate(result, elf, size, "the linked program", &options, d->error))
            return false;
        if (!options.measure && !result->data_overlap) {
            d->data = options.data;
            return true;
        }
        options.data = result->data_start + (i > 0 ? UINT32_C(64) << i : 0);
        options.measure = false;
        px_cc_free(result);
    }
    return px_fail(d->error, PX_E_INPUT, "code and data do not come to rest; this is a mistake of px cc");
}

/* The linked program as it is in the picture, which is not where data were moved from. */
static bool keep_program(driver *d, const char *path)
{
    uint8_t *elf;
    size_t size;
    if (!link_at(d, d->data) || !px_file_read(&elf, &size, path, d->error))
        return false;
    FILE *file = fopen(d->job->keep, "wb");
    const bool wrote = file != NULL && fwrite(elf, 1, size, file) == size;
    free(elf);
    if ((file == NULL || fclose(file) == 0) && wrote)
        return true;
    return px_fail(d->error, PX_E_SYSTEM, "%s: the linked program cannot be written: %s", d->job->keep,
                   strerror(errno));
}

static bool link_and_translate(driver *d, px_cc_result *result)
{
    char path[PX_TEMPORARY_NAME + 32];
    uint8_t *elf;
    size_t size;
    snprintf(path, sizeof path, "%s/program.elf", d->folder);
    if (!link_at(d, 4 * d->job->options.stack + 65536) || !px_file_read(&elf, &size, path, d->error))
        return false;
    bool good = translate_until_it_fits(d, result, elf, size);
    free(elf);
    if (good && d->job->keep != NULL && !keep_program(d, path)) {
        px_cc_free(result);
        good = false;
    }
    return good;
}

static bool translate_linked(driver *d, px_cc_result *result, const char *file)
{
    uint8_t *elf;
    size_t size;
    if (!px_file_read(&elf, &size, file, d->error))
        return false;
    const bool good = px_cc_translate(result, elf, size, file, &d->job->options, d->error);
    free(elf);
    if (!good || !result->data_overlap)
        return good;
    px_fail(d->error, PX_E_INPUT, "%s: its data begin where its code needs room; link it with --defsym=DATA_START=0x%x",
            file, (unsigned)result->data_start);
    px_cc_free(result);
    return false;
}

/* ---- temporary files ---- */

static bool make_folder(driver *d) { return px_temporary_folder(d->folder, "cc", d->error); }

static void remove_folder(driver *d)
{
    char path[PX_TEMPORARY_NAME + 32];
    for (size_t i = 0; i < d->objects; i++) {
        snprintf(path, sizeof path, "%s/%zu.o", d->folder, i);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/program.elf", d->folder);
    unlink(path);
    rmdir(d->folder);
}

bool px_cc_run(px_cc_result *result, const px_cc_job *job, px_error *error)
{
    *result = (px_cc_result){0};
    driver *d = calloc(1, sizeof *d);
    if (d == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to compile");
    d->job = job;
    d->error = error;
    bool good;
    if (job->file_count == 1 && kind_of(job->files[0]) == LINKED)
        good = translate_linked(d, result, job->files[0]);
    else if ((good = make_folder(d))) {
        struct sigaction usual[3] = {0};
        watch_signals(true, usual);
        good = begin_link(d) && prepare_compiler(d) && compile_all(d) && end_link(d) && link_and_translate(d, result);
        remove_folder(d);
        watch_signals(false, usual);
        if (caught != 0)
            raise(caught);
    }
    forget(&d->compile);
    forget(&d->link);
    free(d);
    return good;
}
