/* embed.c - assembles a pixel program and prints it as a C header, so that a program of ours can be part of px:
 * `embed FILE.pxa NAME` prints NAME_pixels[] and, for each label, the constant NAME_at_LABEL. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pxi/asm/asm.h"

static void print_labels(const px_assembly *a, const char *name)
{
    printf("enum {\n");
    for (size_t i = 0; i < a->symbol_count; i++) {
        const px_symbol *s = &a->symbols[i];
        if ((s->kind == PX_SYMBOL_CODE || s->kind == PX_SYMBOL_DATA) && strchr(s->name, '.') == NULL)
            printf("    %s_at_%s = %" PRId64 ",\n", name, s->name, s->value);
    }
    printf("    %s_count = %" PRIu32 "\n};\n", name, a->picture.w * a->picture.h);
}

/* Trailing zeros are left to C. */
static void print_pixels(const px_assembly *a, const char *name)
{
    uint32_t count = a->picture.w * a->picture.h;
    while (count > 1 && a->picture.px[count - 1] == 0)
        count--;
    printf("static const uint32_t %s_pixels[%s_count] = {", name, name);
    for (uint32_t i = 0; i < count; i++)
        printf("%s0x%08" PRIX32 ",", i % 8 == 0 ? "\n    " : " ", a->picture.px[i]);
    printf("\n};\n");
}

int main(int argc, char **argv)
{
    px_assembly a;
    if (argc != 3) {
        fprintf(stderr, "usage: embed FILE.pxa NAME\n");
        return 2;
    }
    const bool ok = px_assemble_file(&a, argv[1], NULL);
    for (size_t i = 0; i < a.diagnostic_count; i++)
        px_diagnostic_print(stderr, &a.diagnostics[i], false);
    if (ok) {
        printf("/* Made from %s by embed. */\n#include <stdint.h>\n\n", argv[1]);
        print_labels(&a, argv[2]);
        print_pixels(&a, argv[2]);
    }
    px_assembly_free(&a);
    return !ok || fflush(stdout) != 0;
}
