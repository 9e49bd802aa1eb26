/* speed.c - how fast the translator is: the least CPU time of ten translations of a linked program, files left out.
 * speed FILE.elf [LEVEL] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cc/cc.h"
#include "pxi/input_file.h"

enum { TIMES = 10 };

int main(int argc, char **argv)
{
    uint8_t *elf;
    size_t size;
    px_error error = {0};
    const px_cc_options options = {
        .stack = PX_CC_STACK, .heap = PX_CC_HEAP, .level = argc > 2 ? atoi(argv[2]) : PX_CC_LEVELS - 1};
    if (argc < 2 || !px_file_read(&elf, &size, argv[1], &error)) {
        fprintf(stderr, "speed: %s\n", argc < 2 ? "no file" : error.text);
        return 2;
    }
    double least = 0;
    uint32_t instructions = 0;
    for (int i = 0; i < TIMES; i++) {
        px_cc_result result;
        const clock_t before = clock();
        if (!px_cc_translate(&result, elf, size, argv[1], &options, &error)) {
            fprintf(stderr, "speed: %s\n", error.text);
            free(elf);
            return 2;
        }
        const double took = (double)(clock() - before) / CLOCKS_PER_SEC;
        instructions = result.instructions;
        least = i == 0 || took < least ? took : least;
        px_cc_free(&result);
    }
    free(elf);
    printf("translation: %lu RISC-V instructions in %.3f s of CPU time, %.2f million/s\n", (unsigned long)instructions,
           least, least > 0 ? instructions / least / 1e6 : 0.0);
    return 0;
}
