/* translate.c - the translator of px cc as a program of its own: a linked program on standard input, width, height and
 * pixels on standard output. */
#include <stdio.h>
#include <stdlib.h>

#include "cc/cc.h"

int main(void)
{
    size_t size = 0, room = 0, got;
    uint8_t *elf = NULL;
    do {
        room += 1 << 20;
        elf = realloc(elf, room);
        if (elf == NULL)
            return 3;
        got = fread(elf + size, 1, room - size, stdin);
        size += got;
    } while (got > 0);
    const px_cc_options options = {.stack = PX_CC_STACK, .heap = PX_CC_HEAP, .level = PX_CC_LEVELS - 1};
    px_cc_result made;
    px_error error = {0};
    if (!px_cc_translate(&made, elf, size, "input", &options, &error) || made.data_overlap) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    fwrite(&made.picture.w, 4, 1, stdout);
    fwrite(&made.picture.h, 4, 1, stdout);
    fwrite(made.picture.px, 4, (size_t)made.picture.w * made.picture.h, stdout);
    px_cc_free(&made);
    free(elf);
    return 0;
}
