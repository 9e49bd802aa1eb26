/* test_counts.c - the counters, the calls by which a guest reads them, and the screen of a pxHV that has stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/machine/screen.h"
#include "firmware/machine/time.h"
#include "firmware/serial/route.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/hypercall.h"
#include "tests/firmware/endpoint.h"
#include "tests/firmware/native.h"

#define IO_IN                 (1u << 3)
#define IO_STRING             (1u << 4)
#define IO_REP                (1u << 5)
#define IO(port, bytes, bits) ((uint64_t)(port) << 16 | (bits) | ((bytes)-1))

static int setup(void **state)
{
    (void)state;
    native_reset();
    counts_reset();
    return 0;
}

static void exits_and_ports_are_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        native_exit(VMX_EXIT_IO, IO(0x1234, 4, IO_IN), 1);
    native_exit(VMX_EXIT_IO, IO(0x1234, 1, 0), 1);
    guest.rcx = 5;
    guest.rsi = 0;
    native_set(VMCS_EXIT_INSTRUCTION, 3u << 15);
    native_exit(VMX_EXIT_IO, IO(0xFFFF, 1, IO_STRING | IO_REP), 2); /* one exit, five writes */
    native_exit(VMX_EXIT_CPUID, 0, 2);
    assert_int_equal(counts_of_exit(30), 5);
    assert_int_equal(counts_of_exit(10), 1);
    assert_int_equal(counts_of_exit(9), 0);
    assert_int_equal(counts_of_exit(1000), 0);
    assert_int_equal(counts_of_port(0x1234, true), 3);
    assert_int_equal(counts_of_port(0x1234, false), 1);
    assert_int_equal(counts_of_port(0xFFFF, false), 5);
    assert_int_equal(counts_of_port(0x1235, true), 0);
    native_log[0] = 0;
    counts_log();
    assert_non_null(strstr(native_log, "exits: 5 of reason 30"));
    assert_non_null(strstr(native_log, "ports: 1234h: 3 in, 1 out\n"));
    assert_non_null(strstr(native_log, "ports: ffffh: 0 in, 5 out\n"));
    assert_null(strstr(native_log, "others"));
}

/* A guest that tries all 65,536 ports costs as many lines as the table has places, and one. */
static void the_table_is_bounded(void **state)
{
    (void)state;
    for (unsigned port = 0; port <= 0xFFFF; port++) {
        counts_port((uint16_t)port, true);
        counts_port((uint16_t)port, true);
        counts_port((uint16_t)port, false);
    }
    assert_int_equal(counts_of_port(COUNTS_PORTS - 1, true), 2);
    assert_int_equal(counts_of_port(COUNTS_PORTS - 1, false), 1);
    assert_int_equal(counts_of_port(COUNTS_PORTS, true), 0); /* among the others */
    native_log[0] = 0;
    counts_log();
    char others[64];
    snprintf(others, sizeof others, "ports: others: %u in, %u out\n", 2 * (65536 - COUNTS_PORTS), 65536 - COUNTS_PORTS);
    assert_non_null(strstr(native_log, others));
}

/* INT 15h: the stub's VMCALL. */
static bool int15(uint64_t rbx, uint64_t rcx)
{
    const uint16_t flags = 0x0202;
    memcpy(native_memory + 0x7C00 + 4, &flags, 2);
    guest.rax = UINT64_C(0x1111222200005058);
    guest.rbx = rbx;
    guest.rcx = rcx;
    guest.rdx = UINT64_C(0x3333444455556666);
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RIP, 0x2000 + 16 * 0x15);
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    return (native_memory[0x7C04] & 1) == 0;
}

static void int_15h_tells(void **state)
{
    (void)state;
    assert_true(int15(0xABCD0000, 7));
    assert_int_equal(guest.rax & UINT32_MAX, 0x56487870); /* "pxHV", little-endian */
    assert_int_equal(guest.rdx & UINT32_MAX, 1);
    assert_int_equal(guest.rbx, 0xABCD0000);
    assert_int_equal(guest.rcx, 7);
    assert_true(int15(0x0003, 18)); /* exits by VMCALL: the first call and this one */
    assert_int_equal(guest.rax, 2);
    assert_int_equal(guest.rdx, 0);
    native_exit(VMX_EXIT_IO, IO(0x4321, 1, IO_IN), 1);
    assert_true(int15(0x0103, 0x4321));
    assert_int_equal(guest.rax, 1);
    assert_true(int15(0x0203, 0x4321));
    assert_int_equal(guest.rax, 0);
    static const uint64_t refused[] = {0x0303, 0xFF03, 0x0004, 0x00FF};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(int15(refused[i], 0));
        assert_int_equal(guest.rax, UINT64_C(0x1111222200008658)); /* AH = 86h, nothing else */
        assert_int_equal(guest.rdx, UINT64_C(0x3333444455556666));
    }
}

static void put_port(uint32_t value)
{
    guest.rax = value;
    native_exit(VMX_EXIT_IO, IO(0x5058, 4, 0), 1);
}

static uint32_t get_port(uint16_t port, unsigned bytes)
{
    guest.rax = 0;
    native_exit(VMX_EXIT_IO, IO(port, bytes, IO_IN), 1);
    return (uint32_t)guest.rax;
}

static void the_port_tells_the_same(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_CR0, 0x31); /* where INT 15h does not reach */
    put_port(0x0000);
    assert_int_equal(get_port(0x5058, 4), 0x56487870);
    assert_int_equal(get_port(0x505C, 4), 1);
    assert_int_equal(get_port(0x5058, 1), 0xFF);
    assert_int_equal(get_port(0x5058, 2), 0xFFFF);
    assert_int_equal(get_port(0x505A, 4), UINT32_MAX);
    assert_int_equal(get_port(0x505D, 4), UINT32_MAX);
    put_port(0x50580203); /* writes of port 5058h so far: the last of them is this one */
    assert_int_equal(get_port(0x5058, 4), 2);
    assert_int_equal(get_port(0x505C, 4), 0);
    put_port(0x00000404); /* nothing: ones */
    assert_int_equal(get_port(0x5058, 4), UINT32_MAX);
    assert_int_equal(get_port(0x505C, 4), UINT32_MAX);
    guest.rax = 0;
    native_exit(VMX_EXIT_IO, IO(0x5058, 1, 0), 1); /* not a doubleword: no call */
    assert_int_equal(get_port(0x5058, 4), UINT32_MAX);
    assert_int_equal(get_port(0x5058, 4), UINT32_MAX);
}

static endpoint_mood good(void) { return GOOD; }

/* Three characters lie in a batch until the guest asks; then they are on the wire before it goes on. */
static void flush(void)
{
    endpoint_reset(true, good);
    route_init(&(route_options){.batch = 4096, .patience = PC_SECOND, .link = true, .now = time_now});
    pc_com1_connect(route_operation);
    for (unsigned round = 1; round <= 2; round++) {
        for (unsigned i = 0; i < 3; i++) {
            guest.rax = 'a' + i;
            native_exit(VMX_EXIT_IO, IO(0x3F8, 1, 0), 1);
        }
        assert_int_equal(endpoint_count, 3 * (round - 1));
        if (round == 1)
            assert_true(int15(2, 0));
        else
            put_port(2);
        assert_int_equal(endpoint_count, 3 * round);
    }
    assert_true(int15(2, 0)); /* nothing has gathered */
    assert_int_equal(endpoint_count, 6);
}

static void what_has_gathered_leaves_on_request(void **state)
{
    (void)state;
    native_link_patience = 0; /* time stands still: nothing leaves for its age */
    const bool ran = NATIVE_TRY(flush());
    if (!ran)
        fail_msg("%s", native_stop);
}

/* By either way, the log is filled a few times and then no more. */
static void a_guest_cannot_flood_the_log(void **state)
{
    (void)state;
    unsigned good = 0;
    for (unsigned i = 0; i < 100; i++) {
        if (i % 2 == 0)
            good += int15(1, 0) ? 1 : 0;
        else {
            put_port(1);
            good += get_port(0x5058, 4) == 0 ? 1 : 0;
        }
    }
    assert_int_equal(good, HYPERCALL_LOGS);
    native_log[0] = 0;
    assert_false(int15(1, 0));
    assert_string_equal(native_log, "");
}

/* ---- the screen ---- */

static uint8_t text[SCREEN_BYTES];
static const char *row(unsigned number)
{
    static char characters[SCREEN_COLUMNS + 1];
    unsigned end = 0;
    for (unsigned i = 0; i < SCREEN_COLUMNS; i++)
        if ((characters[i] = (char)text[2 * (number * SCREEN_COLUMNS + i)]) != ' ')
            end = i + 1;
    characters[end] = 0;
    return characters;
}
static uint8_t colour(unsigned number) { return text[2 * number * SCREEN_COLUMNS + 1]; }

/* A log of so many lines in a ring, with a reason behind them. */
static screen_log make_log(char *ring, size_t size, unsigned lines, const char *reason)
{
    screen_log log = {ring, size, 0, 0};
    char line[256];
    for (unsigned i = 0; i <= lines; i++) {
        if (i < lines)
            snprintf(line, sizeof line, "pxhv: line %u\n", i);
        else {
            snprintf(line, sizeof line, "pxhv: %s\npxhv: stopped\n", reason);
            log.reason = log.written;
        }
        for (const char *c = line; *c != 0; c++)
            ring[log.written++ % size] = *c;
    }
    return log;
}

static void a_stop_shows_reason_and_log(void **state)
{
    (void)state;
    char ring[4096];
    memset(text, 'x', sizeof text);
    screen_log log = make_log(ring, sizeof ring, 3, "vmx: broken");
    screen_stop(text, &log);
    assert_string_equal(row(0), "vmx: broken");
    assert_int_equal(colour(0), 0x4F);
    assert_string_equal(row(1), "line 0");
    assert_int_equal(colour(1), 0x07);
    assert_string_equal(row(3), "line 2");
    assert_string_equal(row(4), "");
    assert_string_equal(row(24), "");
    log = make_log(ring, sizeof ring, 40, "vmx: broken");
    screen_stop(text, &log);
    assert_string_equal(row(1), "line 16"); /* the last 24 */
    assert_string_equal(row(24), "line 39");
}

static void long_lines_wrap_and_the_ring_wraps(void **state)
{
    (void)state;
    char ring[512], reason[201];
    memset(reason, 'r', 200);
    reason[200] = 0;
    screen_log log = make_log(ring, sizeof ring, 100, reason); /* 1,500 characters in a ring of 512 */
    screen_stop(text, &log);
    assert_int_equal(strlen(row(0)), 80);
    assert_int_equal(strlen(row(1)), 80); /* and no more of it: the log comes first */
    assert_int_equal(colour(1), 0x4F);
    /* 512 characters less 221 of the reason and what follows it: 20 lines of 14, and 11 characters of line 79. */
    assert_string_equal(row(2), "v: line 79");
    assert_string_equal(row(3), "line 80");
    assert_string_equal(row(22), "line 99");
    assert_string_equal(row(23), "");
    log.reason = log.written; /* nothing at all */
    screen_stop(text, &log);
    screen_stop(text, &(screen_log){ring, sizeof ring, 0, 0});
    assert_string_equal(row(24), "");
}

static void an_end_keeps_the_guests_screen(void **state)
{
    (void)state;
    char ring[4096];
    memset(text, 'x', sizeof text);
    const screen_log log = make_log(ring, sizeof ring, 3, "guest: shut down");
    screen_end(text, &log);
    assert_string_equal(row(24), "guest: shut down");
    assert_int_equal(colour(24), 0x70);
    assert_int_equal(row(23)[0], 'x');
    assert_int_equal(strlen(row(0)), 80);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(exits_and_ports_are_counted),
                                       TEST(the_table_is_bounded),
                                       TEST(int_15h_tells),
                                       TEST(the_port_tells_the_same),
                                       TEST(what_has_gathered_leaves_on_request),
                                       TEST(a_guest_cannot_flood_the_log),
                                       TEST(a_stop_shows_reason_and_log),
                                       TEST(long_lines_wrap_and_the_ring_wraps),
                                       TEST(an_end_keeps_the_guests_screen)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
