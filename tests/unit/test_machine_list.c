/* test_machine_list.c - lists of requests that the machine's processor does: together they are what they are one by
 * one, whatever they read and write of each other. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "tests/unit/asking.h"

enum { MEMORY = 2048 /* bytes that random requests are about */, ENTRIES = 24, LIST = 512 };

/* A machine whose answers tell all that it was ever asked. */
typedef struct fake {
    uint64_t trace;
    uint32_t calls, most;
    bool gone;
} fake;

static bool serve(void *context, px_bare_request *requests, uint32_t count, px_error *error)
{
    fake *f = context;
    f->calls++;
    f->most = count > f->most ? count : f->most;
    if (f->gone)
        return px_fail(error, PX_E_SYSTEM, "gone");
    for (uint32_t i = 0; i < count; i++) {
        px_bare_request *r = &requests[i];
        f->trace = (f->trace ^ r->service ^ r->width << 8 ^ r->address << 16 ^ r->value << 32) * 0x9E3779B97F4A7C15;
        r->fault = (f->trace >> 60) == 0;
        r->value = f->trace >> 7;
    }
    return true;
}

static bool interrupt(void *context, uint32_t *line, uint32_t *lost)
{
    (void)context, (void)line, (void)lost;
    return false;
}

static bool rest(void *context, bool begins, px_error *error)
{
    (void)context, (void)begins, (void)error;
    return true;
}

static px_bare bare_of(fake *f)
{
    return (px_bare){.serve = serve, .interrupt = interrupt, .rest = rest, .wakes = -1, .own = 8, .context = f};
}

static uint32_t chance(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static uint32_t random_request(uint32_t *s)
{
    static const uint32_t services[] = {PXH_MMIO_READ, PXH_MMIO_WRITE, PXH_PORT_READ, PXH_PORT_WRITE, PXH_PCI_READ,
                                        PXH_PCI_WRITE, PXH_MSR_READ,   PXH_MSR_WRITE, PXH_YIELD,      PXH_SUBMIT};
    const uint32_t service = services[chance(s) % (sizeof services / sizeof *services)];
    const bool port = service == PXH_PORT_READ || service == PXH_PORT_WRITE;
    return PXH_REQUEST(service, port ? chance(s) % 0x30000 : chance(s) % 5);
}

/* Small numbers, so that blocks mean something, with a list among them. */
static void fill(asking *a, uint32_t seed)
{
    static const uint32_t states[] = {PXH_TO_DO, PXH_TO_DO, PXH_TO_DO, PXH_PENDING, PXH_DONE, 7};
    uint32_t s = seed;
    for (uint32_t at = 0; at < MEMORY; at += 4)
        put_word(a, at, chance(&s) % 5);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const uint32_t at = chance(&s) % 8 == 0 ? chance(&s) : chance(&s) % MEMORY & ~3u;
        (void)block(a, LIST + 16 * i, 4, random_request(&s), at, 0, states[chance(&s) % 6]);
    }
}

static void together_is_one_by_one(void **state)
{
    (void)state;
    uint32_t calls[2] = {0, 0};
    for (uint32_t seed = 1; seed <= 300; seed++) {
        fake f[2] = {{0}, {0}};
        const px_bare bare[2] = {bare_of(&f[0]), bare_of(&f[1])};
        asking a[2];
        int32_t answer[2];
        for (int k = 0; k < 2; k++) {
            ask_begin(&a[k], &(px_grants){.bare = &bare[k]});
            fill(&a[k], seed);
        }
        answer[0] = ask(&a[0], PXH_SUBMIT, ENTRIES, LIST);
        answer[1] = 0;
        for (uint32_t i = 0; i < ENTRIES; i++)
            answer[1] += ask(&a[1], PXH_SUBMIT, 1, LIST + 16 * i);
        for (uint32_t at = 0; at < BYTES; at += 4)
            if (get_word(&a[0], at) != get_word(&a[1], at))
                fail_msg("seed %u: byte %u differs", (unsigned)seed, (unsigned)at);
        assert_int_equal(answer[0], answer[1]);
        assert_int_equal(f[0].trace, f[1].trace);
        for (int k = 0; k < 2; k++) {
            calls[k] += f[k].calls;
            ask_end(&a[k]);
        }
    }
    assert_true(calls[0] < calls[1]);
}

static void a_long_list_is_few_batches(void **state)
{
    (void)state;
    enum { COUNT = 200, WORDS = 4096 };
    fake f = {0};
    const px_bare bare = bare_of(&f);
    asking a;
    ask_begin(&a, &(px_grants){.bare = &bare});
    for (uint32_t i = 0; i < COUNT; i++)
        (void)block(&a, 16 * i, 4, PXH_REQUEST(PXH_PORT_READ, i), WORDS + 4 * i, 0, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, COUNT, 0), COUNT);
    assert_int_equal(f.calls, 2);
    assert_true(f.most <= PX_BARE_BATCH);
    for (uint32_t i = 0; i < COUNT; i++)
        (void)block(&a, 16 * i, 4, PXH_REQUEST(PXH_PCI_READ, i), block(&a, WORDS + 12 * i, 2, 4, 4), 0, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, COUNT, 0), COUNT);
    assert_int_equal(f.calls, 4);
    assert_true(f.most <= PX_BARE_BATCH);
    ask_end(&a);
}

static void a_machine_that_goes_leaves_the_list(void **state)
{
    (void)state;
    fake f = {.gone = true};
    const px_bare bare = bare_of(&f);
    asking a;
    px_error error;
    ask_begin(&a, &(px_grants){.bare = &bare});
    (void)block(&a, 0, 8, PXH_REQUEST(PXH_YIELD, 0), 0, 9, PXH_TO_DO, PXH_REQUEST(PXH_PORT_WRITE, 1), 0, 9, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, 2, 0), NO_ANSWER);
    assert_true(px_host_abandoned(a.host, &error));
    assert_string_equal(error.text, "gone");
    assert_int_equal(get_word(&a, 12), PXH_DONE);
    assert_int_equal(get_word(&a, 24), 9);
    assert_int_equal(get_word(&a, 28), PXH_TO_DO);
    ask_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(together_is_one_by_one),
        cmocka_unit_test(a_long_list_is_few_batches),
        cmocka_unit_test(a_machine_that_goes_leaves_the_list),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
