/* asm_text.h - assembles a test's text, which must be right, and looks at its pixels. */
#ifndef TESTS_ASM_TEXT_H
#define TESTS_ASM_TEXT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/asm/asm.h"

static inline px_assembly assemble_with(const char *text, const px_asm_options *options)
{
    px_assembly x;
    if (!px_assemble(&x, "dir/main.pxa", text, strlen(text), options)) {
        for (size_t i = 0; i < x.diagnostic_count; i++)
            px_diagnostic_print(stderr, &x.diagnostics[i], false);
        fail_msg("this does not assemble:\n%s", text);
    }
    return x;
}

static inline void expect_at(const px_assembly *x, uint32_t address, const uint32_t *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (x->picture.px[address + i] != expected[i])
            fail_msg("pixel %zu is 0x%08" PRIX32 ", expected 0x%08" PRIX32, address + i, x->picture.px[address + i],
                     expected[i]);
}

#endif
