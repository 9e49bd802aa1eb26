/* asking.h - for tests of the host: a machine of 64 x 64 pixels that asks whatever the test wants, and a console of two
 * pipes. */
#ifndef TESTS_UNIT_ASKING_H
#define TESTS_UNIT_ASKING_H

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer/answer.h"
#include "exec/drivers.h"
#include "pxi/host.h"

enum { SIDE = 64, PIXELS = SIDE * SIDE, BYTES = PIXELS * 4, NO_ANSWER = -1000, FAILED = -1001 };

typedef struct asking {
    px_executor *executor;
    px_machine *machine;
    px_host *host;
    px_answerer answerer;
    int to_console, from_console; /* our ends */
    char folder[64];
    px_error error;
} asking;

static inline void make_folder(char folder[64])
{
    strcpy(folder, "/tmp/px-host-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static inline void ask_begin(asking *a, const px_grants *grants)
{
    px_grants own = *grants;
    px_state start = {0};
    int in[2], out[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    own.input = in[0];
    own.output = out[1];
    own.errors = open("/dev/null", O_WRONLY);
    a->to_console = in[1];
    a->from_console = out[0];
    assert_true(px_ref_driver.open(&a->executor, NULL, &a->error));
    assert_true(px_state_new(&start, PX_V1, SIDE, SIDE, &a->error));
    assert_true(px_machine_create(a->executor, &start, &a->machine, &a->error));
    if (!px_host_open(&a->host, &own, &a->error))
        fail_msg("%s", a->error.text);
    a->answerer = px_host_answerer(a->host);
    px_state_free(&start);
}

static inline void ask_end(asking *a)
{
    px_host_close(a->host, NULL);
    px_machine_drop(a->machine, NULL);
    a->executor->ops->close(a->executor);
    if (a->to_console >= 0)
        close(a->to_console);
    if (a->from_console >= 0)
        close(a->from_console);
}

/* What is printed comes out when it is some time old; long before anybody would wait for it. */
static inline void let_out(asking *a)
{
    usleep(80000);
    a->answerer.meanwhile(a->answerer.context);
}

/* What the host answers. */
static inline int32_t ask(asking *a, uint32_t number, uint32_t payload, uint32_t argument)
{
    const px_stop stop = {
        .status = PX_WAITING, .value = 1, .request = PXH_REQUEST(number, payload), .argument = argument};
    uint32_t word = 0;
    switch (a->answerer.answer(a->answerer.context, a->machine, &stop, 0, &word, &a->error)) {
    case PX_ANSWERED:
        return (int32_t)word;
    case PX_UNANSWERED:
        return NO_ANSWER;
    default:
        return FAILED;
    }
}

static inline void put_word(asking *a, uint32_t address, uint32_t word)
{
    assert_true(px_put(a->machine, PX_SPACE_PIXEL, address / 4, &word, 1, &a->error));
}

static inline uint32_t get_word(asking *a, uint32_t address)
{
    uint32_t word;
    assert_true(px_get(a->machine, PX_SPACE_PIXEL, address / 4, &word, 1, &a->error));
    return word;
}

/* count words from address on, and address. */
static inline uint32_t block(asking *a, uint32_t address, uint32_t count, ...)
{
    va_list words;
    va_start(words, count);
    for (uint32_t i = 0; i < count; i++)
        put_word(a, address + 4 * i, va_arg(words, uint32_t));
    va_end(words);
    return address;
}

static inline void put_text(asking *a, uint32_t address, const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        const uint32_t at = address + i, shift = at % 4 * 8;
        put_word(a, at, (get_word(a, at) & ~(0xFFu << shift)) | (uint32_t)(uint8_t)text[i] << shift);
    }
}

static inline void get_text(asking *a, uint32_t address, char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        text[i] = (char)(get_word(a, address + i) >> (address + i) % 4 * 8);
    text[length] = '\0';
}

static inline int remove_one(const char *path, const struct stat *s, int flag, struct FTW *ftw)
{
    (void)s, (void)flag, (void)ftw;
    return remove(path);
}

static inline void remove_folder(const char *folder) { nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); }

static inline void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

#endif
