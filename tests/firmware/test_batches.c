/* test_batches.c - when a batch leaves, to the nanosecond of guest time: the rules of firmware/README.md, worked by
 * hand; two batches and no more; asking for characters, credit, and none of them lost. Time stands still but for what a
 * test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/machine/time.h"
#include "firmware/serial/route.h"
#include "firmware/vcpu/hypercall.h"
#include "tests/firmware/native.h"

#define MS       (PC_SECOND / 1000)
#define PATIENCE (100 * PC_SECOND)
#define WRITE(i) (UINT32_C(0x01030000) | (i)) /* 8N1 */
#define LOG      4096u

/* ---- a server that notes what it gets, and answers at once or not before the batch is sent again ---- */

static struct {
    uint32_t operations, credit;
    pc_time at;
} batches[LOG];
static unsigned count;
static bool hold;
static uint8_t held; /* sequence number of a batch that has no answer yet */
static uint32_t typed, typed_most, next_operation;
static uint64_t total;

static void answer_hello(const px_link_frame *f)
{
    static const uint32_t hello[17] = {PX_LINK_MAGIC, PXL_CAP_BATCH, [3] = 4352, [9] = 1, [13] = 4097, [14] = 1024};
    native_reply(&(px_link_frame){PX_LINK_VERSION, f->type | PX_LINK_REPLY, f->sequence, 17, hello});
}

/* Each write is the next number; so that nothing is lost, doubled or moved. */
static void take(const uint32_t *words)
{
    const uint32_t operations = words[9];
    assert_true(count < LOG);
    batches[count].operations = operations;
    batches[count].credit = words[7];
    batches[count++].at = native_time;
    for (uint32_t i = 0; i < operations; i++)
        if (words[10 + i] >> 24 == 1) {
            assert_int_equal(words[10 + i], WRITE(next_operation));
            next_operation = (next_operation + 1) & 0xFF;
            total++;
        }
}

static void answer_batch(const px_link_frame *f)
{
    const uint32_t *const w = f->payload, credit = w[7], left = typed_most - typed,
                          given = left < credit ? left : credit;
    uint32_t done[7 + 1024] = {w[2], w[9], (uint32_t)total, 0, 0, w[8], given};
    for (uint32_t i = 0; i < given; i++)
        done[7 + i] = typed++ & 0xFF;
    native_reply(&(px_link_frame){PX_LINK_VERSION, f->type | PX_LINK_REPLY, f->sequence, 7 + given, done});
}

static void on_link(const px_link_frame *f)
{
    if (f->type == PXL_HELLO) {
        answer_hello(f);
        return;
    }
    const bool again = count > 0 && held == f->sequence;
    if (!again)
        take(f->payload);
    held = f->sequence;
    if (!hold || again)
        answer_batch(f);
}

static void start(uint32_t most)
{
    native_reset();
    native_link_reset();
    native_link = on_link;
    native_link_patience = 0;
    count = next_operation = typed = typed_most = 0;
    total = 0;
    hold = false;
    const route_options options = {.batch = most, .patience = PATIENCE, .link = true, .now = time_now};
    assert_true(NATIVE_TRY(route_init(&options)));
    pc_com1_connect(route_operation);
}

static uint8_t next_write;
static void send(unsigned n)
{
    while (n-- > 0)
        route_operation(WRITE(next_write++));
}

/* What has been sent when all is done, batch by batch; each has a set-up besides. */
static void expect(const uint32_t *operations, unsigned n)
{
    assert_int_equal(count, n);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(batches[i].operations, operations[i] + 1);
}
#define EXPECT(...) expect((const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t))

static int begin(void **state)
{
    (void)state;
    next_write = 0;
    return 0;
}

/* ---- what makes one leave ---- */

static void a_full_one_leaves_at_once(void **state)
{
    (void)state;
    start(16);
    send(15);
    route_poll(false);
    assert_int_equal(count, 0);
    send(1);
    EXPECT(16);
}

static void ten_milliseconds_without_another(void **state)
{
    (void)state;
    start(16);
    send(3);
    native_time = 4 * MS;
    send(1);
    native_time = 14 * MS - 1;
    route_poll(false);
    assert_int_equal(count, 0);
    native_time = 14 * MS;
    route_poll(false);
    EXPECT(4);
}

static void a_quarter_of_a_second_in_all(void **state)
{
    (void)state;
    start(4096);
    for (unsigned i = 0; i < 28; i++) { /* 0, 9, ... 243 ms */
        native_time = i * 9 * MS;
        send(1);
        route_poll(false);
    }
    native_time = 250 * MS - 1;
    route_poll(false);
    assert_int_equal(count, 0);
    native_time = 250 * MS;
    route_poll(false);
    EXPECT(28);
}

static void waiting_in_hlt(void **state)
{
    (void)state;
    start(16);
    send(2);
    route_poll(false);
    assert_int_equal(count, 0);
    route_poll(true);
    EXPECT(2);
    assert_int_equal(batches[0].at, 0);
}

static void the_end_a_reset_a_request(void **state)
{
    (void)state;
    uint64_t nothing;
    start(16);
    send(2);
    assert_true(hypercall(2, 0, 0, &nothing)); /* flush */
    EXPECT(2);
    send(3);
    pc_out(0x64, 1, 0xFE);
    native_exit(VMX_EXIT_CPUID, 0, 2);
    EXPECT(2, 3);
    pc_com1_connect(route_operation);
    send(4);
    native_set(VMCS_GUEST_RFLAGS, 2);
    native_exit(VMX_EXIT_HLT, 0, 1);
    EXPECT(2, 3, 4);
    assert_non_null(strstr(native_stop, "HLT"));
}

static void never_a_read_of_line_status(void **state)
{
    (void)state;
    start(16);
    for (unsigned i = 0; i < 10; i++) {
        send(1);
        for (unsigned k = 0; k < 999; k++) { /* 9.99 ms until the next */
            native_time += MS / 100;
            pc_advance(native_time);
            assert_int_equal(pc_in(0x3FD, 1) & 0x60, 0x60);
            (void)pc_in(0x3FE, 1);
            route_poll(false);
        }
    }
    assert_int_equal(count, 0);
    native_time += MS / 100;
    route_poll(false);
    EXPECT(10);
}

/* ---- two batches ---- */

static void the_guest_runs_until_both_are_full(void **state)
{
    (void)state;
    start(4);
    hold = true;
    send(4);
    EXPECT(4);
    const unsigned polls = native_link_polls;
    send(4); /* one is under way, the other takes these: nobody looks at the link */
    assert_int_equal(native_link_polls, polls);
    EXPECT(4);
    assert_int_equal(native_time, 0);
    native_link_patience = MS;
    send(1); /* held: the answer comes when patience has ended and the batch is sent again */
    assert_in_range(native_time, PATIENCE, PATIENCE + 2 * MS);
    EXPECT(4, 4);
    assert_int_equal(batches[1].at, native_time);
    hold = false;
    native_link_patience = PATIENCE;
    route_flush(true);
    assert_int_equal(total, 9);
    EXPECT(4, 4, 1);
    route_log();
    assert_non_null(strstr(native_log, " 1 stalls"));
}

/* What gathered while the guest was held is as young as the moment at which it went on. */
static void being_held_makes_nothing_old(void **state)
{
    (void)state;
    start(4);
    hold = true;
    native_link_patience = MS;
    send(9);
    hold = false;
    native_link_patience = 0;
    route_poll(false); /* the second is sent and answered */
    native_time += 10 * MS - 1;
    const unsigned before = count;
    route_poll(false);
    route_poll(false);
    assert_int_equal(count, before);
}

/* ---- characters ---- */

/* A second in which the guest waits, a millisecond at a time. */
static unsigned asked_in_a_second(bool waiting, unsigned status_reads)
{
    const unsigned before = count;
    for (unsigned i = 1; i <= 1000; i++) {
        native_time += MS;
        pc_advance(native_time);
        if (status_reads > 0 && i % (1000 / status_reads) == 0)
            (void)pc_in(0x3FD, 1);
        route_poll(waiting);
    }
    return count - before;
}

static void asks_every_ten_milliseconds_at_most(void **state)
{
    (void)state;
    start(16);
    assert_int_equal(asked_in_a_second(true, 0), 100);
    assert_int_equal(asked_in_a_second(false, 0), 0);
    assert_in_range(asked_in_a_second(false, 1000), 99, 100);
    assert_in_range(asked_in_a_second(false, 0), 0, 1);
    assert_int_equal(asked_in_a_second(false, 2), 2); /* the guest looks twice */
    pc_out(0x3F9, 1, 1);                              /* by interrupt: it always listens */
    assert_in_range(asked_in_a_second(false, 0), 98, 100);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(batches[i].operations, 0);
}

/* 3,000 characters wait at the wire; the guest, with its FIFO on, sleeps a second, then reads one each millisecond. */
static void none_is_lost_that_the_guest_does_not_read(void **state)
{
    (void)state;
    start(16);
    typed_most = 3000;
    pc_out(0x3FA, 1, 1);
    (void)asked_in_a_second(true, 0);
    assert_int_equal(batches[0].credit, 1024);
    assert_int_equal(batches[count - 1].credit, 0); /* pxHV keeps 1,024 and the FIFO 16: more is left at the server */
    assert_int_equal(typed, 1024 + 16);
    for (uint32_t i = 0; i < 3000; i++) {
        native_time += MS;
        pc_advance(native_time);
        while ((pc_in(0x3FD, 1) & 1) == 0) {
            native_time += MS;
            route_poll(true);
        }
        assert_int_equal(pc_in(0x3FD, 1) & 0x1E, 0);
        assert_int_equal(pc_in(0x3F8, 1), i & 0xFF);
        route_poll(true);
    }
    assert_int_equal(pc_in(0x3FD, 1) & 1, 0);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_one_leaves_at_once),           TEST(ten_milliseconds_without_another),
        TEST(a_quarter_of_a_second_in_all),        TEST(waiting_in_hlt),
        TEST(the_end_a_reset_a_request),           TEST(never_a_read_of_line_status),
        TEST(the_guest_runs_until_both_are_full),  TEST(being_held_makes_nothing_old),
        TEST(asks_every_ten_milliseconds_at_most), TEST(none_is_lost_that_the_guest_does_not_read)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
