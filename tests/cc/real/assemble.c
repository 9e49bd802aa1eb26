/* assemble.c - px asm as a program of its own: the first line of standard input names a source, standard output gets
 * width, height and pixels. Pictures are not included: there is no libpng here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm.h"
#include "pxi/png/import.h"

bool px_import_memory(px_picture *picture, const void *data, size_t size, const char *name, px_error *error)
{
    (void)picture, (void)data, (void)size;
    return px_fail(error, PX_E_INPUT, "%s: pictures cannot be read here", name);
}

static bool read_file(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    FILE *const file = fopen(path, "rb");
    (void)context;
    *size = 0;
    if (file == NULL)
        return px_fail(error, PX_E_INPUT, "%s: cannot be opened", path);
    *data = malloc(1 << 18);
    *size = *data == NULL ? 0 : fread(*data, 1, 1 << 18, file);
    fclose(file);
    return *data != NULL || px_fail(error, PX_E_SYSTEM, "no memory");
}

int main(void)
{
    const px_asm_options options = {.read = read_file};
    char name[200];
    uint8_t *text;
    size_t size;
    px_error error;
    px_assembly made;
    if (fgets(name, sizeof name, stdin) == NULL)
        return 2;
    name[strcspn(name, "\n")] = '\0';
    if (!read_file(NULL, name, &text, &size, &error))
        return fprintf(stderr, "%s\n", error.text), 2;
    if (!px_assemble(&made, name, (const char *)text, size, &options)) {
        px_assembly_print(stderr, &made, false);
        return 1;
    }
    fwrite(&made.picture.w, 4, 1, stdout);
    fwrite(&made.picture.h, 4, 1, stdout);
    fwrite(made.picture.px, 4, (size_t)made.picture.w * made.picture.h, stdout);
    px_assembly_free(&made);
    free(text);
    return 0;
}
