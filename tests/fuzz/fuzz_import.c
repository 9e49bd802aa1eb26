/* fuzz_import.c - no bytes harm px import or px check, and importing what is strict already changes nothing. */
#include <stdio.h>
#include <string.h>

#include "pxi/damage.h"
#include "pxi/import.h"
#include "tests/fuzz/png_input.h"

static void require(bool truth, const char *text)
{
    if (truth)
        return;
    fprintf(stderr, "broken: %s\n", text);
    abort();
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
        require(exact, "what the strict reader takes, import takes");
        require(strict.w == imported.w && strict.h == imported.h, "the same size");
        require(memcmp(strict.px, imported.px, (size_t)strict.w * strict.h * 4) == 0, "the same pixels");
    }
    require(px_examine(&finding, file.data, file.size, "fuzz", NULL), "bytes can always be judged");
    require(finding.what[0] != '\0', "a finding says what");
    require(!finding.intact || exact, "what is intact can be read");
    px_picture_free(&strict);
    px_picture_free(&imported);
    bytes_free(&file);
    return 0;
}
