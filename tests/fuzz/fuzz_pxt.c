/* fuzz_pxt.c - no text harms the reader of the conformance set's files: cases come out whole, or a sentence. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/pxt.h"

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
    char path[64];
    const int fd = memfd_create("fuzz", 0);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "the input could be written");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    px_cases cases;
    px_error error = {0};
    const bool good = px_cases_read(&cases, path, &error);
    require(good || (error.text[0] != '\0' && cases.at == NULL), "a refusal says why and leaves nothing");
    for (size_t i = 0; good && i < cases.count; i++)
        require(cases.at[i].input.size > 0 && cases.at[i].initial.mem != NULL, "a case has a file and a machine");
    px_cases_free(&cases);
    close(fd);
    return 0;
}
