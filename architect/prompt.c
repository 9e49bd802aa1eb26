/* prompt.c - the machine in words for a language model: the instructions are isa.def's, so that it never knows another
 * machine than the executors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "architect/architect.h"
#include "pxi/isa.h"

static const char head[] =
    "You write programs for a machine whose memory is a picture: N pixels, each a 32-bit word, at addresses 0 to N-1. "
    "It has 256 registers r0 to r255 of 32 bits, all 0 at the start, a program counter and a vector length vl. "
    "Addresses are in pixels. Arithmetic wraps.\n\n"
    "A program is a text in its assembly. It begins with `.size WIDTH, HEIGHT`. Instructions are placed from address 5 "
    "on. `;` begins a comment. `name:` is a label. `set ra, NUMBER` loads any number, `mov ra, rb` copies, `ret rb` "
    "goes "
    "back. `.pixel 1, 2` is data, `.zero 10` is room, `.org ADDRESS` goes on there. A program ends with `halt`. "
    "There are no other pseudo-instructions: no push, pop, cmp, bgt or ble (swap the registers of blt and bge).\n\n"
    "Instructions (ra rb rc: registers; $c: a number from -128 to 127; @: a label; [ra]: the run of vl pixels that "
    "begins at the address in ra):\n";
static const char tail[] = "\nAnswer with the whole program in one block that begins with ```pxa and ends with ```.\n";

char *arch_about_machine(void)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL)
        return NULL;
    fputs(head, to);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (op->mnemonic != NULL)
            fprintf(to, "%s %s: %s\n", op->mnemonic, op->operands, op->effect);
    }
    fputs(tail, to);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

/* Whether a fence opens a block that can be a program: ``` or ```pxa, or asm. */
static bool opens_program(const char *fence)
{
    static const char *const words[] = {"pxa", "asm", "assembly", ""};
    const size_t length = strcspn(fence + 3, "\r\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncmp(fence + 3, words[i], length) == 0)
            return true;
    return false;
}

char *arch_program_in(const char *reply)
{
    const char *best = NULL, *first = strstr(reply, "```");
    size_t best_length = 0;
    for (const char *at = first; at != NULL;) {
        const char *body = at + strcspn(at, "\n");
        const char *end = strstr(body, "```");
        if (opens_program(at) && *body != '\0') {
            best = body + 1;
            best_length = end != NULL && end > best ? (size_t)(end - best) : end != NULL ? 0 : strlen(best);
        }
        at = end != NULL ? strstr(end + 3, "```") : NULL;
    }
    return best != NULL ? strndup(best, best_length) : strdup(first == NULL ? reply : "");
}
