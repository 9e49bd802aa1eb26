/* fuzz_asm.c - any text assembles or is refused with a place, in bounded time and memory. What assembles is
 * disassembled and assembled again, to the same picture. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm.h"
#include "pxi/asm/disasm.h"

/* Included files: "self" is the text itself, every other name a few lines. */
typedef struct input {
    const uint8_t *data;
    size_t size;
} input;

static bool read_input(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    static const char lines[] = "x: .pixel x\n.reg q, r1\nk = 3\n";
    const input *in = context;
    const bool self = strstr(path, "self") != NULL;
    if (strstr(path, "none") != NULL)
        return px_fail(error, PX_E_SYSTEM, "%s: no such file", path);
    *size = self ? in->size : sizeof lines - 1;
    *data = malloc(*size + 1);
    if (*data == NULL)
        abort();
    memcpy(*data, self ? in->data : (const uint8_t *)lines, *size);
    return true;
}

static void check_diagnostics(const px_assembly *x)
{
    if (!x->ok && x->errors == 0)
        abort();
    if (!x->ok && x->diagnostic_count == 0)
        abort();
    for (size_t i = 0; i < x->diagnostic_count; i++) {
        const px_diagnostic *d = &x->diagnostics[i];
        if (d->text[0] == '\0' || d->span == 0 || (d->line != 0 && d->column == 0))
            abort();
    }
}

static void check_round_trip(const px_assembly *x)
{
    char *text = NULL;
    size_t size;
    px_error error;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL || !px_disassemble(to, &x->picture, "fuzz", x->symbols, x->symbol_count, &error))
        abort();
    fclose(to);
    px_assembly again;
    if (!px_assemble(&again, "again", text, size, NULL) || again.picture.w != x->picture.w ||
        again.picture.h != x->picture.h ||
        memcmp(again.picture.px, x->picture.px, (size_t)x->picture.w * x->picture.h * 4) != 0) {
        fputs(text, stderr);
        for (size_t i = 0; i < again.diagnostic_count; i++)
            px_diagnostic_print(stderr, &again.diagnostics[i], false);
        abort();
    }
    px_assembly_free(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    const char *const defines[] = {"fromoutside=7"};
    const px_asm_options options = {.read = read_input,
                                    .context = &in,
                                    .defines = defines,
                                    .define_count = 1,
                                    .max_pixels = 1 << 14,
                                    .max_lines = 1 << 14};
    px_assembly x;
    px_assemble(&x, "fuzz", (const char *)data, size, &options);
    check_diagnostics(&x);
    /* A picture that begins like a saved state is disassembled as its image. */
    if (x.ok && x.picture.px[0] != 0x01535850)
        check_round_trip(&x);
    px_assembly_free(&x);
    return 0;
}
