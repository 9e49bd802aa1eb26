/* gen_link.c - makes what the Verilog knows of the link, from pxi/link.def.
 *
 *   gen_link LINK.vh */
#include <stdio.h>

#include "pxi/link.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: gen_link LINK.vh\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "w");
    if (out == NULL) {
        perror(argv[1]);
        return 1;
    }
    fprintf(out, "// Made by rtl/gen/gen_link.c from pxi/link.def and pxi/link.h.\n"
                 "/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it\n");
    fprintf(out, "localparam [31:0] LINK_MAGIC = 32'h%08x;\n", (unsigned)PX_LINK_MAGIC);
    fprintf(out, "localparam [7:0] LINK_VERSION = 8'd%u;\n", PX_LINK_VERSION);
    fprintf(out, "localparam [8:0] LINK_BLOCK = 9'd%u;\n", PX_LINK_BLOCK);
    fprintf(out, "localparam [31:0] LINK_BASE = 32'd%u;\n", PX_LINK_BASE);
#define PXL_TYPE(id, number, request, reply, text) fprintf(out, "localparam [7:0] TYPE_%s = 8'd%d;\n", #id, number);
#define PXL_REPLY(id, number, reply, text)         fprintf(out, "localparam [7:0] TYPE_%s = 8'd%d;\n", #id, number);
#define PXL_ERROR(id, number, text)                fprintf(out, "localparam [3:0] E_%s = 4'd%d;\n", #id, number);
/* A board decodes two bits; spaces from 4 on are for px serve, and RANGE here. */
#define PXL_SPACE(id, number, text)                                                                                    \
    if (number < 4)                                                                                                    \
        fprintf(out, "localparam [1:0] SPACE_%s = 2'd%d;\n", #id, number);
#define PXL_STATE(id, number, text) fprintf(out, "localparam [1:0] STATE_%s = 2'd%d;\n", #id, number);
#define PXL_CAP(id, bit, text)      fprintf(out, "localparam CAP_%s = %d;\n", #id, bit);
/* Places in payloads, as wide as lengths are. */
#define PXL_REQUEST_WORD(type, id, word, words, text)                                                                  \
    fprintf(out, "localparam [8:0] Q_%s_%s = 9'd%d;\n", #type, #id, word);
#define PXL_REPLY_WORD(type, id, word, words, text)                                                                    \
    fprintf(out, "localparam [8:0] R_%s_%s = 9'd%d;\n", #type, #id, word);
#include "pxi/link.def"
    fprintf(out, "/* verilator lint_on UNUSEDPARAM */\n");
    return fclose(out) == 0 ? 0 : 1;
}
