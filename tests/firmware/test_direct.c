/* test_direct.c - direct.c against a board that does everything wrong: frames come out in order and once, at its pin,
 * at COM1 or on pxHV's own path, whichever request meets the accident; only those that were on their way to the pin may
 * be missing, and then the log names their operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/machine/time.h"
#include "firmware/serial/route.h"
#include "tests/firmware/base.h"
#include "tests/firmware/native.h"

#define COUNT 1500u

static uint32_t program[512];
static serial_driver driver;

static base_mood bad, then, later; /* now; after it; what drive() makes of that */
static unsigned after;             /* requests that go well first; then one bad one, or all */
static bool forever, running;

static base_mood mood(void)
{
    if (after > 0) {
        after--;
        return BASE_GOOD;
    }
    const base_mood now = bad;
    if (!forever)
        bad = then;
    return now;
}

/* What the guest does: characters, those with and those without a divisor of their own, and changes of divisor. */
static uint32_t operation(uint32_t i)
{
    if (i % 500 == 7)
        return 0x03030000 | (1 + 96 * (i / 500));
    return 0x01000000 | (i % 3 == 0 ? (i & 0x7F) << 8 : 0) | 3u << 16 | (i & 0xFF);
}

typedef struct setting {
    uint32_t pixels, batch;
    bool wire;
    unsigned full_every;
} setting;

static void run(const setting *s)
{
    route_init(
        &(route_options){.batch = s->batch, .patience = PC_SECOND, .link = true, .driver = &driver, .now = time_now});
    for (uint32_t i = 0; i < COUNT; i++) {
        route_operation(operation(i));
        if (i % 10 == 0)
            route_poll(false);
    }
    route_flush(true);
}

static void drive(const setting *s, base_mood wrong, unsigned good_ones, bool always)
{
    native_reset();
    bad = wrong;
    then = later;
    after = good_ones;
    forever = always;
    native_link_patience = PC_SECOND / 50;
    for (uint32_t i = 0; i < 512; i++)
        program[i] = 0xABCD0000 + i;
    memcpy(program, (uint32_t[]){0x01495850, 40, driver.count - 1, 0, 0x1234}, 20);
    base_reset(&(base_options){s->pixels, s->wire, running, s->full_every, mood, &driver});
    if (!NATIVE_TRY(run(s)))
        fail_msg("stopped: %s", native_stop);
}

/* Whether the log says that operation i is in doubt. */
static bool doubted(uint32_t i)
{
    static const char words[] = "serial: operations ";
    for (const char *line = native_log; (line = strstr(line, words)) != NULL;) {
        char *end;
        const unsigned long first = strtoul(line += sizeof words - 1, &end, 10), last = strtoul(end + 4, &end, 10);
        if (strncmp(end, " are in doubt", 13) == 0 && i >= first && i <= last)
            return true;
    }
    return false;
}

/* All that came out, in the order of the ways out; pxHV's own path begins with 115,200 baud. */
static size_t gather(uint32_t *frame)
{
    uint32_t setup = 0x03030001;
    size_t count = 0;
    for (size_t i = 0; i < base_count; i++)
        frame[count++] = base_wire[i];
    for (size_t i = 0; i < native_frame_count; i++)
        frame[count++] = native_frames[i];
    for (size_t i = 0; i < native_own_count; i++)
        count += base_frame(native_own[i], &setup, &frame[count]);
    return count;
}

/* Frames that are missing; fails where one is there twice, wrong, out of order, or missing without a word. */
static uint32_t missing(const char *what, unsigned when)
{
    static uint32_t out[4 * COUNT];
    const size_t count = gather(out);
    uint32_t setup = 0x03030001, lost = 0, frame;
    size_t at = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (!base_frame(operation(i), &setup, &frame))
            continue;
        if (at < count && out[at] == frame)
            at++;
        else if (doubted(i))
            lost++;
        else
            fail_msg("%s at request %u: operation %u is missing or wrong: %x where %x is expected\n%s", what, when, i,
                     at < count ? out[at] : 0, frame, native_log);
    }
    if (at != count)
        fail_msg("%s at request %u: %zu frames too many\n%s", what, when, count - at, native_log);
    return lost;
}

static const setting settings[] = {{65536, 4096, true, 0}, {65536, 256, true, 2},  {65536, 256, false, 0},
                                   {2048, 4096, true, 1},  {2048, 4096, false, 0}, {2560, 16, true, 0}};
#define EACH_SETTING(s) for (const setting *s = settings; s < settings + sizeof settings / sizeof *settings; s++)

static void a_base_drives(void **state)
{
    (void)state;
    EACH_SETTING(s)
    {
        drive(s, BASE_GOOD, 0, true);
        assert_int_equal(missing("nothing", 0), 0);
        assert_int_equal(native_own_count, 0);
        assert_int_equal(s->wire ? native_frame_count : base_count, 0);
        assert_null(strstr(native_log, "doubt:"));
        assert_non_null(strstr(native_log, s->wire ? "leave at the board's wire" : "leave at COM1"));
        /* As many as its memory holds: 6 pixels an operation beside the driver, one of them for the set-up. */
        const uint32_t room = (s->pixels - driver.count) / 6 - 1, most = s->batch < room ? s->batch : room;
        if (most == s->batch)
            assert_true(base_runs >= (COUNT + most - 1) / most);
        assert_int_equal(base_programs, 1);
    }
}

static void single_accidents_cost_nothing(void **state)
{
    (void)state;
    static const base_mood harmless[] = {BASE_DEAF, BASE_MUTE, BASE_TWICE};
    EACH_SETTING(s)
    for (size_t m = 0; m < sizeof harmless / sizeof *harmless; m++)
        for (unsigned when = 0; when < 45; when++) {
            drive(s, harmless[m], when, false);
            assert_int_equal(missing("a single accident", when), 0);
            assert_int_equal(native_own_count, 0);
        }
}

static void a_base_that_lost_its_memory_gets_the_driver_again(void **state)
{
    (void)state;
    EACH_SETTING(s)
    for (unsigned when = 1; when < 45; when++) {
        static const base_mood lazy[] = {BASE_FORGETS, BASE_IDLES, BASE_HANGS};
        for (size_t m = 0; m < sizeof lazy / sizeof *lazy; m++) {
            drive(s, lazy[m], when, false);
            assert_int_equal(missing("a board switched off and on", when), 0);
            assert_int_equal(native_own_count, 0);
        }
        drive(s, BASE_FAILS, when, false);
        assert_int_equal(missing("a board that fails once", when), 0);
    }
}

static void impossible_answers_and_death_double_nothing(void **state)
{
    (void)state;
    static const base_mood broken[] = {BASE_SHORT, BASE_NONSENSE, BASE_LIES,  BASE_FAILS,
                                       BASE_DEAF,  BASE_MUTE,     BASE_IDLES, BASE_HANGS};
    unsigned doubts = 0;
    EACH_SETTING(s)
    for (size_t m = 0; m < sizeof broken / sizeof *broken; m++)
        for (unsigned when = 0; when < 45; when++)
            for (int always = 0; always < 2; always++) {
                drive(s, broken[m], when, always);
                const uint32_t lost = missing("a broken board", when);
                assert_true(lost <= (s->wire ? 64 : 0));
                doubts += lost != 0;
                if (m < 2 ? when < 40 && s->full_every == 0 : always && m < 6 && when < 20)
                    assert_true(native_own_count > 0);
            }
    assert_true(doubts > 0);
}

/* The wire takes frames, the answer is lost, and then it fails for good: those frames may be out. */
static void a_wire_that_fails_after_silence_leaves_a_doubt(void **state)
{
    (void)state;
    unsigned doubts = 0;
    for (unsigned when = 1; when < 45; when++) {
        later = BASE_FAILS;
        drive(&settings[0], BASE_MUTE, when, false);
        later = BASE_GOOD;
        doubts += missing("a failing wire", when) != 0 || strstr(native_log, "in doubt:") != NULL;
    }
    assert_true(doubts > 0);
}

static void a_run_under_way_is_stopped(void **state)
{
    (void)state;
    running = true;
    EACH_SETTING(s)
    {
        drive(s, BASE_GOOD, 0, true);
        assert_int_equal(missing("a run under way", 0), 0);
        assert_int_equal(native_own_count, 0);
    }
    running = false;
}

static void what_cannot_drive_is_said(void **state)
{
    (void)state;
    setting s = {1000, 256, true, 0};
    s.pixels = driver.count + 11;
    drive(&s, BASE_GOOD, 0, true);
    assert_non_null(strstr(native_log, "memory does not hold"));
    assert_int_equal(missing("small memory", 0), 0);
    s = (setting){65536, 256, false, 0};
    native_reset();
    base_reset(&(base_options){s.pixels, s.wire, false, 0, NULL, &driver});
    route_init(&(route_options){
        .batch = 16, .patience = PC_SECOND, .link = true, .port = 0x3F8, .driver = &driver, .now = time_now});
    assert_non_null(strstr(native_log, "no COM1 for its frames); COM1 is missing"));
    assert_int_equal(native_link_port, 0x3F8);
    base_reset(&(base_options){s.pixels, true, false, 0, NULL, &driver});
    route_init(&(route_options){.batch = 16, .patience = PC_SECOND, .link = true, .now = time_now});
    assert_non_null(strstr(native_log, "the disk has none); COM1 is driven by pxHV itself"));
    assert_int_equal(native_link_port, 0x2F8);
}

static int one_row(void **state)
{
    (void)state;
    driver = (serial_driver){program, 256, 0};
    return 0;
}

static int two_rows(void **state)
{
    (void)state;
    driver = (serial_driver){program, 512, 0};
    return 0;
}

#define BOTH(test)                                                                                                     \
    {#test ", a row", test, one_row, NULL, NULL}, { #test ", two rows", test, two_rows, NULL, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = {BOTH(a_base_drives),
                                       BOTH(single_accidents_cost_nothing),
                                       BOTH(a_base_that_lost_its_memory_gets_the_driver_again),
                                       BOTH(impossible_answers_and_death_double_nothing),
                                       {"a_run_under_way_is_stopped", a_run_under_way_is_stopped, one_row, NULL, NULL},
                                       {"a_wire_that_fails_after_silence_leaves_a_doubt",
                                        a_wire_that_fails_after_silence_leaves_a_doubt, one_row, NULL, NULL},
                                       {"what_cannot_drive_is_said", what_cannot_drive_is_said, one_row, NULL, NULL}};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
