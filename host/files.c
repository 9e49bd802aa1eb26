/* files.c - see files.h. */
#include "host/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cc/cc.h"
#include "host/package.h"
#include "pxi/input_file.h"
#include "pxi/png/damage.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"
#include "pxi/temporary.h"
#include "pxi/text_file.h"

const char *px_input_file(const char *name) { return strcmp(name, "-") == 0 ? "/dev/stdin" : name; }

const char *px_output_file(const char *name) { return strcmp(name, "-") == 0 ? "/dev/stdout" : name; }

FILE *px_messages(const char *output)
{
    static const char *const names[] = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; output != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(output, names[i]) == 0)
            return stderr;
    return stdout;
}

const char *px_reserve_output(const char *output)
{
    static char name[32];
    if (px_messages(output) == stdout)
        return output;
    const int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return output;
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    return name;
}

bool px_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool begins_like_picture(const char *path)
{
    FILE *file = fopen(path, "rb");
    const int first = file != NULL ? getc(file) : EOF;
    if (file != NULL)
        fclose(file);
    return first == 0x89; /* as every PNG begins */
}

bool px_spares_input(const char *input, const char *output, bool successor, px_error *error)
{
    return !px_same_file(input, output) || (successor && begins_like_picture(input)) ||
           px_fail(error, PX_E_USAGE, "%s would replace %s, which is read; choose another name to write", output,
                   input);
}

bool px_is_name_of(const char *expected, const char *option, const char *name, px_error *error)
{
    return strcmp(name, "-") != 0 ||
           px_fail(error, PX_E_USAGE, "%s is '-', standard output, expected %s; ./- is one of that name", option,
                   expected);
}

/* ---- sources ---- */

/* For messages; files that it includes are looked for where px was started. */
static const char *source_name(const char *path) { return strcmp(path, "/dev/stdin") == 0 ? "<stdin>" : path; }

static bool ends_in(const char *path, const char *end)
{
    const size_t length = strlen(path), least = strlen(end);
    return length >= least && strcmp(path + length - least, end) == 0;
}

/* A text that is called a picture is a damaged picture, not a source. */
static bool is_source(const char *path, const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 0x89) /* as every PNG begins */
        return false;
    return ends_in(path, ".pxa") || (px_text_looks(data, size) && !ends_in(path, ".pxi") && !ends_in(path, ".png"));
}

static bool assemble(px_assembly *assembly, const char *path, const uint8_t *data, size_t size,
                     const px_asm_options *options)
{
    px_asm_options own = options != NULL ? *options : (px_asm_options){0};
    own.read = px_asm_read_file;
    return px_assemble(assembly, source_name(path), (const char *)data, size, &own);
}

bool px_assemble_input(px_assembly *assembly, const char *path, const px_asm_options *options, px_error *error)
{
    uint8_t *data;
    size_t size;
    if (!px_file_read(&data, &size, path, error))
        return false;
    (void)assemble(assembly, path, data, size, options);
    free(data);
    return true;
}

static bool assemble_program(px_picture *picture, const char *path, const uint8_t *data, size_t size, px_names *names,
                             px_error *error)
{
    px_assembly assembly;
    const bool ok = assemble(&assembly, path, data, size, NULL);
    px_assembly_print(stderr, &assembly, isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL);
    const bool named = ok && (names == NULL || px_names_take(names, &assembly, error));
    if (named) {
        *picture = assembly.picture;
        assembly.picture = (px_picture){0};
    }
    px_assembly_free(&assembly);
    if (ok)
        return named;
    return px_fail(error, PX_E_INPUT, "%s does not assemble, so there is no picture", source_name(path));
}

/* ---- programs ---- */

bool px_read_program_picture(px_picture *picture, const char *path, px_names *names, px_error *error)
{
    uint8_t *data;
    size_t size;
    char *archive;
    const char *entry;
    *picture = (px_picture){0};
    if (px_names_entry(path, &archive, &entry)) {
        const bool found = px_entry_picture(picture, archive, entry, error);
        free(archive);
        return found;
    }
    if (!px_file_read(&data, &size, path, error))
        return false;
    const bool source = is_source(path, data, size);
    const bool ok = source ? assemble_program(picture, path, data, size, names, error)
                           : px_picture_read_memory(picture, data, size, path, error);
    if (!ok && !source && error != NULL)
        px_explain_refusal(data, size, path, error);
    free(data);
    return ok;
}

/* Whether names that lie beside a picture are its own: px cc leaves the checksum with them. */
static bool belongs(const px_names *names, const px_picture *picture)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->at[i].kind == PX_SYMBOL_CONSTANT && strcmp(names->at[i].name, PX_CC_CHECKSUM) == 0)
            return (uint64_t)picture->w * picture->h > PX_HEADER_CHECKSUM &&
                   names->at[i].value == (int64_t)picture->px[PX_HEADER_CHECKSUM];
    return false;
}

static void read_names_beside(const px_picture *picture, const char *path, px_names *names)
{
    char beside[4096];
    if (names == NULL || names->count > 0 || !ends_in(path, ".pxi"))
        return;
    const int length = snprintf(beside, sizeof beside, "%.*s.sym", (int)(strlen(path) - strlen(".pxi")), path);
    if (length < 0 || (size_t)length >= sizeof beside || access(beside, R_OK) != 0)
        return;
    if (!px_names_read(names, beside, NULL))
        *names = (px_names){0};
    else if (!belongs(names, picture))
        px_names_free(names);
}

/* Doubt is voiced before it runs: a damaged v1 program looks like a classic one. */
bool px_read_program(px_state *state, const char *path, px_names *names, px_error *error)
{
    px_picture picture;
    char doubt[2048];
    *state = (px_state){0};
    if (!px_read_program_picture(&picture, path, names, error))
        return false;
    read_names_beside(&picture, path, names); /* while it has its checksum */
    if (pack_is_archive(&picture))
        fprintf(stderr,
                "px: note: %s is an archive and does nothing itself; px pack --list shows what is in it, and %s#ENTRY "
                "runs an entry\n",
                path, path);
    const bool doubtful = px_doubt_picture(&picture, path, doubt, sizeof doubt);
    const bool ok = px_state_take(state, &picture, path, error);
    if (ok && doubtful)
        fprintf(stderr, "px: note: %s\n", doubt);
    px_picture_free(&picture);
    return ok;
}

/* ---- results ---- */

bool px_write_or_keep(const px_rows *rows, uint32_t zoom, const char *path, px_error *error)
{
    char kept[PX_TEMPORARY_NAME];
    px_error reason = {0}, second;
    if (zoom > 0 ? px_copy_write(rows, zoom, path, &reason) : px_rows_write(rows, path, &reason))
        return true;
    const int fd = px_temporary_file(kept, "result", &second);
    if (fd < 0)
        return px_fail(error, reason.code, "%s; nor can it be kept elsewhere: %s", reason.text, second.text);
    close(fd);
    if (px_rows_write(rows, kept, &second))
        return px_fail(error, reason.code, "%s; the result is kept in %s", reason.text, kept);
    unlink(kept);
    return px_fail(error, reason.code, "%s; nor can it be kept elsewhere: %s", reason.text, second.text);
}
