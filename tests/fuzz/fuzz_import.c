/* fuzz_import.c - no bytes harm px import, px check or what loaders ask of it, and importing what is strict already
 * changes nothing. */
#include <stdio.h>
#include <string.h>

#include "pxi/png/damage.h"
#include "pxi/png/import.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"
#include "tests/fuzz/png_input.h"

static void require(bool truth, const char *text)
{
    if (truth)
        return;
    fprintf(stderr, "broken: %s\n", text);
    abort();
}

/* The one thing that import looks at and an executor does not. */
static bool has_transparency(const bytes *file)
{
    px_png png;
    px_png_chunk chunk;
    return px_png_open(&png, file->data, file->size, "fuzz", NULL) && px_png_find(&png, "tRNS", &chunk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    px_picture imported, strict;
    px_finding finding;
    px_error error = {0};
    bytes file = fuzzed_png(data, size);
    const bool exact = px_import_memory(&imported, file.data, file.size, "fuzz", &error);
    require(exact || (error.text[0] != '\0' && imported.px == NULL), "a refusal says why and leaves nothing");

    if (px_picture_read_memory(&strict, file.data, file.size, "fuzz", NULL)) {
        char doubt[2048];
        require(exact || has_transparency(&file), "what the strict reader takes, import takes");
        require(px_doubt_picture(&strict, "fuzz", doubt, sizeof doubt) == (doubt[0] != '\0'), "a doubt has words");
    }
    if (strict.px != NULL && exact) {
        require(strict.w == imported.w && strict.h == imported.h, "the same size");
        require(memcmp(strict.px, imported.px, (size_t)strict.w * strict.h * 4) == 0, "the same pixels");
    }
    require(px_examine(&finding, file.data, file.size, "fuzz", NULL), "bytes can always be judged");
    require(finding.what[0] != '\0', "a finding says what");
    require(!finding.intact || exact || has_transparency(&file), "what is intact can be read");
    px_explain_refusal(file.data, file.size, "fuzz", &error);
    require(exact || error.text[0] != '\0', "an explained refusal says why");
    px_picture_free(&strict);
    px_picture_free(&imported);
    bytes_free(&file);
    return 0;
}
