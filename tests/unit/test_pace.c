/* test_pace.c - pieces of a run: long enough to be worth their start, short enough to be waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "pxi/pace.h"

static const double aim = 0.001;

/* A piece that takes so long from its start on, and for each instruction. */
static void one_piece(px_pace *pace, double start, double instruction)
{
    const uint64_t length = px_pace_begin(pace, UINT64_MAX);
    const double seconds = start + instruction * (double)length;
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * seconds)}, NULL);
    px_pace_end(pace);
}

static void grows_to_its_aim(void **unused)
{
    (void)unused;
    px_pace pace = px_pace_of(1, aim);
    for (unsigned i = 0; i < 40; i++)
        one_piece(&pace, 0, 1e-6);
    assert_in_range(pace.piece, 20, 100000);
}

/* Instructions that become dear: the pieces get short. */
static void shrinks(void **unused)
{
    (void)unused;
    px_pace pace = px_pace_of(1, aim);
    for (unsigned i = 0; i < 20; i++)
        one_piece(&pace, 0, 1e-6);
    for (unsigned i = 0; i < 20; i++)
        one_piece(&pace, 0, 5e-4);
    assert_in_range(pace.piece, 1, 30);
}

/* Starts that become dear, as when a RESUME has many slots to look at: short pieces would be nothing but that. */
static void makes_up_for_a_start(void **unused)
{
    (void)unused;
    px_pace pace = px_pace_of(64, aim);
    for (unsigned i = 0; i < 5; i++)
        one_piece(&pace, 0, 1e-7);
    for (unsigned i = 0; i < 40; i++)
        one_piece(&pace, 5 * aim, 1e-7);
    assert_in_range(pace.piece, 10000, UINT64_MAX);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_aim),
        cmocka_unit_test(shrinks),
        cmocka_unit_test(makes_up_for_a_start),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
