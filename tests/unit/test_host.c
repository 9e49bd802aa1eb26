/* test_host.c - the services of pxi/HOST.md, asked one by one: what they answer, what they write and what they leave,
 * and that requests of every kind of wrongness get an error. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "tests/unit/asking.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "answer/internal.h"

static const px_grants nothing = {0};

/* ---- the list ---- */

static void every_number_has_an_answer(void **state)
{
    (void)state;
    static const uint32_t odd[] = {0, 1, 3, 4, 63, BYTES - 4, BYTES - 1, BYTES, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFF};
    static const uint32_t payloads[] = {0, 1, 255, 0x10000, 0xFFFFFF};
    asking a;
    ask_begin(&a, &nothing);
    close(a.to_console); /* so that nothing waits for what is typed */
    a.to_console = -1;
    for (uint32_t number = 0; number < 256; number++)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
            for (size_t k = 0; k < sizeof payloads / sizeof *payloads; k++) {
                if (number == PXH_WAIT && (odd[i] == 0 || payloads[k] > 1)) /* they wait, and rightly */
                    continue;
                const int32_t answer = ask(&a, number, payloads[k], odd[i]);
                if (number == PXH_EXIT ? answer != (payloads[k] < 256 ? NO_ANSWER : PXH_E_INVALID) : answer < PXH_E_IO)
                    fail_msg("service 0x%02X, payload 0x%X, argument 0x%X: %d", number, payloads[k], odd[i], answer);
                if (number == PXH_EXIT && answer == NO_ANSWER) { /* it is over, so a new one */
                    ask_end(&a);
                    ask_begin(&a, &nothing);
                    close(a.to_console);
                    a.to_console = -1;
                }
                char printed[65536];
                fcntl(a.from_console, F_SETFL, O_NONBLOCK);
                while (read(a.from_console, printed, sizeof printed) > 0)
                    ;
            }
    ask_end(&a);
}

static void what_is_not_there_says_so(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    assert_int_equal(ask(&a, 0x7F, 0, 0), PXH_E_NOSYS);
    assert_int_equal(ask(&a, 0xFF, 0, 0), PXH_E_NOSYS);
    assert_int_equal(ask(&a, PXH_YIELD, 0, 7), 0);
    assert_int_equal(ask(&a, PXH_YIELD, 1, 7), PXH_E_INVALID);
    assert_int_equal(PXH_E_NOSYS, -1); /* as the founding mailbox said it */
    static const uint32_t denied[] = {PXH_OPEN,      PXH_DISK_READ,  PXH_SEND,     PXH_DISPLAY,
                                      PXH_MMIO_READ, PXH_PORT_WRITE, PXH_PCI_READ, PXH_MSR_WRITE,
                                      PXH_PAGES,     PXH_PAGES_IN,   PXH_INTERRUPT};
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        assert_int_equal(ask(&a, denied[i], 0, 0), PXH_E_DENIED);
    assert_int_equal(ask(&a, PXH_SERVICES, 0, 64), 1);
    assert_int_equal(get_word(&a, 64), 0x701FF); /* 0 to 8, 10h to 12h */
    assert_int_equal(get_word(&a, 68), 0xC);     /* READ and WRITE, for the console's handles */
    assert_int_equal(get_word(&a, 72), 0);
    assert_int_equal(get_word(&a, 80), 0x8003); /* 80h, 81h, 8Fh */
    assert_int_equal(ask(&a, PXH_SERVICES, 0, BYTES - 28), PXH_E_RANGE);
    ask_end(&a);
}

/* ---- console ---- */

static void expect_printed(asking *a, const char *text)
{
    char got[256] = "";
    let_out(a);
    const ssize_t n = read(a->from_console, got, sizeof got - 1);
    got[n > 0 ? n : 0] = '\0';
    assert_string_equal(got, text);
}

static void bytes_are_printed_from_anywhere(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    put_text(&a, 101, "Hello, world", 13);
    assert_int_equal(ask(&a, PXH_PRINT, 5, 101), 5);
    expect_printed(&a, "Hello");
    assert_int_equal(ask(&a, PXH_PRINT, PXH_STRING, 103), 10);
    expect_printed(&a, "llo, world");
    assert_int_equal(ask(&a, PXH_PUTC, '!', 0), 1);
    assert_int_equal(ask(&a, PXH_PUTC, 0x100, 0), PXH_E_INVALID);
    expect_printed(&a, "!");
    assert_int_equal(ask(&a, PXH_PRINT, 0, 0xFFFFFFFF), 0);
    assert_int_equal(ask(&a, PXH_PRINT, 2, BYTES - 1), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_PRINT, 2, 0xFFFFFFFF), PXH_E_RANGE);
    put_text(&a, BYTES - 3, "abc", 3);
    assert_int_equal(ask(&a, PXH_PRINT, PXH_STRING, BYTES - 3), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_WRITE, 1, block(&a, 200, 2, 102, 3)), 3);
    ask_end(&a);
}

static void what_is_typed_comes_and_ends(void **state)
{
    (void)state;
    asking a;
    char text[16];
    ask_begin(&a, &nothing);
    put_word(&a, 100, 0xAAAAAAAA);
    put_word(&a, 104, 0xAAAAAAAA);
    assert_int_equal(write(a.to_console, "abcdef", 6), 6);
    assert_int_equal(ask(&a, PXH_INPUT, 3, 101), 3);
    assert_int_equal(get_word(&a, 100), 0x636261AA); /* the byte beside stays */
    assert_int_equal(get_word(&a, 104), 0xAAAAAAAA);
    assert_int_equal(ask(&a, PXH_GETC, 0, 0), 'd');
    assert_int_equal(ask(&a, PXH_READ, 0, block(&a, 200, 2, 103, 100)), 2);
    get_text(&a, 103, text, 2);
    assert_string_equal(text, "ef");
    assert_int_equal(ask(&a, PXH_INPUT, 5, BYTES - 4), PXH_E_RANGE);
    close(a.to_console);
    a.to_console = -1;
    assert_int_equal(ask(&a, PXH_INPUT, 5, 100), 0);
    assert_int_equal(ask(&a, PXH_GETC, 0, 0), PXH_E_END);
    assert_int_equal(ask(&a, PXH_READ, 1, 200), PXH_E_KIND);
    assert_int_equal(ask(&a, PXH_WRITE, 0, 200), PXH_E_KIND);
    assert_int_equal(ask(&a, PXH_READ, PXH_AT, 200), PXH_E_KIND);
    assert_int_equal(ask(&a, PXH_READ, 3, 200), PXH_E_HANDLE);
    assert_int_equal(ask(&a, PXH_READ, 0x20000, 200), PXH_E_INVALID);
    ask_end(&a);
}

static void a_console_that_nobody_reads_is_closed(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    close(a.from_console);
    a.from_console = -1;
    assert_int_equal(ask(&a, PXH_PUTC, 'a', 0), 1); /* it is kept for a moment */
    let_out(&a);
    assert_int_equal(ask(&a, PXH_PUTC, 'b', 0), PXH_E_CLOSED);
    assert_int_equal(ask(&a, PXH_PRINT, 4, 0), PXH_E_CLOSED);
    assert_true(px_host_close(a.host, &a.error)); /* who stops reading has had enough */
    a.host = NULL;
    ask_end(&a);
}

/* ---- clock, chance ---- */

static uint64_t two_words(asking *a, uint32_t address)
{
    return get_word(a, address) | (uint64_t)get_word(a, address + 4) << 32;
}

static void clocks_go_forward(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    assert_int_equal(ask(&a, PXH_CLOCK, 0, 64), 0);
    const uint64_t first = two_words(&a, 64);
    assert_int_equal(ask(&a, PXH_WAIT, 20, 0) >= 0, 1);
    assert_int_equal(ask(&a, PXH_CLOCK, 0, 64), 0);
    assert_true(two_words(&a, 64) > first && two_words(&a, 64) < 60000000000u);
    assert_int_equal(ask(&a, PXH_CLOCK, 1, 64), 0);
    assert_true(two_words(&a, 64) > 1600000000000000000u);
    assert_int_equal(ask(&a, PXH_CLOCK, 2, 64), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_CLOCK, 0, 65), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_CLOCK, 0, BYTES - 4), PXH_E_RANGE);
    ask_end(&a);
}

static void chance_is_the_seeds_sequence(void **state)
{
    (void)state;
    asking a;
    const px_grants seeded = {.seeded = true, .seed = 1234567};
    ask_begin(&a, &seeded);
    put_word(&a, 80, 0x11223344);
    assert_int_equal(ask(&a, PXH_RANDOM, 16, 64), 16);
    assert_true(two_words(&a, 64) == 6457827717110365317u); /* splitmix64's published sequence of this seed */
    assert_true(two_words(&a, 72) == 3203168211198807973u);
    assert_int_equal(get_word(&a, 80), 0x11223344);
    assert_int_equal(ask(&a, PXH_RANDOM, 16, BYTES - 15), PXH_E_RANGE);
    ask_end(&a);
    ask_begin(&a, &nothing);
    assert_int_equal(ask(&a, PXH_RANDOM, 16, 64), 16);
    assert_true(two_words(&a, 64) != 0 || two_words(&a, 72) != 0);
    ask_end(&a);
}

/* ---- events ---- */

static void events_come_in_a_ring(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    block(&a, 64, 6, 256, 2, 1, 2, 1, 0); /* deadline: long ago */
    assert_int_equal(ask(&a, PXH_WAIT, 0, 64), 0);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, 64), 0);
    assert_int_equal(write(a.to_console, "x", 1), 1);
    assert_int_equal(ask(&a, PXH_WAIT, 0, 64), 1);
    assert_int_equal(get_word(&a, 272), PXH_EVENT_CONSOLE); /* entry 1 */
    assert_int_equal(get_word(&a, 256), 0);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, 64), 0); /* told once */
    assert_int_equal(ask(&a, PXH_GETC, 0, 0), 'x');
    host_tell(a.host, PXH_EVENT_KEY, 7, 8);
    host_tell(a.host, PXH_EVENT_KEY, 9, 10);
    host_tell(a.host, PXH_EVENT_KEY, 11, 12);
    assert_int_equal(ask(&a, PXH_WAIT, 5, 0), 3); /* how many are there */
    assert_int_equal(ask(&a, PXH_EVENTS, 0, 64), 2);
    assert_int_equal(get_word(&a, 276), 7); /* entry 1, then entry 0 */
    assert_int_equal(get_word(&a, 260), 9);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, 64), 1);
    for (uint32_t i = 0; i < 300; i++)
        host_tell(a.host, PXH_EVENT_KEY, i, 0);
    block(&a, 64, 4, 256, 2, 0, 2);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, 64), 2);
    assert_int_equal(get_word(&a, 256), PXH_EVENT_LOST);
    assert_int_equal(get_word(&a, 260), 300 - 256);
    assert_int_equal(get_word(&a, 276), 300 - 256);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, block(&a, 64, 4, 256, 2, 2, 2)), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, block(&a, 64, 4, 256, 2, 0, 3)), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, block(&a, 64, 4, 258, 2, 0, 2)), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, block(&a, 64, 4, BYTES - 16, 2, 0, 2)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_EVENTS, 0, block(&a, 64, 4, 256, 0x10000001, 0, 2)), PXH_E_RANGE);
    ask_end(&a);
}

/* ---- lists ---- */

static void lists_are_served_in_order(void **state)
{
    (void)state;
    asking a;
    const px_grants seeded = {.seeded = true, .seed = 1};
    ask_begin(&a, &seeded);
    memset(&a.error, 0, sizeof a.error);
    block(&a, 400, 4, PXH_REQUEST(PXH_PUTC, 'a'), 0, 77, PXH_TO_DO);
    block(&a, 416, 4, PXH_REQUEST(PXH_GETC, 0), 0, 77, PXH_TO_DO);
    block(&a, 432, 4, PXH_REQUEST(PXH_SUBMIT, 1), 400, 77, PXH_TO_DO);
    block(&a, 448, 4, PXH_REQUEST(PXH_EXIT, 0), 0, 77, PXH_TO_DO);
    block(&a, 464, 4, PXH_REQUEST(PXH_POLL, 1), 400, 77, PXH_TO_DO);
    block(&a, 480, 4, PXH_REQUEST(PXH_PUTC, 'b'), 0, 77, PXH_DONE);
    block(&a, 496, 4, PXH_REQUEST(PXH_PUTC, 'c'), 0, 77, 3);
    block(&a, 512, 4, 0x7F000000, 0, 77, PXH_TO_DO);
    block(&a, 528, 4, PXH_REQUEST(PXH_PUTC, 'd'), 0, 77, PXH_PENDING);
    assert_int_equal(ask(&a, PXH_SUBMIT, 9, 400), 7);
    static const int32_t answers[] = {1, 77, PXH_E_NEST, PXH_E_NEST, PXH_E_NEST, 77, PXH_E_INVALID, PXH_E_NOSYS, 1};
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal((int32_t)get_word(&a, 408 + 16 * i), answers[i]);
        assert_int_equal(get_word(&a, 412 + 16 * i), i == 1 ? PXH_PENDING : PXH_DONE);
    }
    expect_printed(&a, "ad");
    assert_int_equal(write(a.to_console, "z", 1), 1);
    assert_int_equal(ask(&a, PXH_POLL, 9, 400), 1);
    assert_int_equal(get_word(&a, 424), 'z');
    assert_int_equal(ask(&a, PXH_POLL, 9, 400), 0); /* nothing is pending, so it does not wait */
    ask_end(&a);
}

static void an_entry_may_write_the_next(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    block(&a, 600, 4, PXH_REQUEST(PXH_PUTC, 'n'), 0, 77, PXH_TO_DO);
    /* INPUT puts the entry of the console over the one behind it. */
    block(&a, 400, 4, PXH_REQUEST(PXH_INPUT, 4), 416, 0, PXH_TO_DO);
    block(&a, 416, 4, PXH_REQUEST(PXH_PUTC, 'o'), 0, 77, PXH_TO_DO);
    assert_int_equal(write(a.to_console, "p\0\0\x80", 4), 4);
    assert_int_equal(ask(&a, PXH_SUBMIT, 2, 400), 2);
    expect_printed(&a, "p");
    /* A run of an entry over itself: its answer comes last. */
    block(&a, 400, 4, PXH_REQUEST(PXH_SERVICES, 0), 400, 0, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, 1, 400), 1);
    assert_int_equal(get_word(&a, 400), 0x701FF);
    assert_int_equal(get_word(&a, 408), 1);
    assert_int_equal(get_word(&a, 412), PXH_DONE);
    ask_end(&a);
}

static void lists_outside_are_not_begun(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    block(&a, BYTES - 32, 4, PXH_REQUEST(PXH_PUTC, 'a'), 0, 77, PXH_TO_DO);
    block(&a, BYTES - 16, 4, PXH_REQUEST(PXH_PUTC, 'b'), 0, 77, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, 3, BYTES - 32), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_SUBMIT, 0xFFFFFF, BYTES - 32), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_SUBMIT, 1, BYTES - 31), PXH_E_INVALID);
    assert_int_equal(get_word(&a, BYTES - 24), 77);
    assert_int_equal(ask(&a, PXH_SUBMIT, 0, 0xFFFFFFFC), 0);
    assert_int_equal(ask(&a, PXH_SUBMIT, 2, BYTES - 32), 2);
    ask_end(&a);
}

static void poll_wakes_at_a_deadline(void **state)
{
    (void)state;
    asking a;
    ask_begin(&a, &nothing);
    assert_int_equal(ask(&a, PXH_CLOCK, 0, 64), 0);
    const uint64_t until = two_words(&a, 64) + 30000000;
    block(&a, 80, 6, 0, 0, 0, 0, (uint32_t)until, (uint32_t)(until >> 32));
    block(&a, 400, 4, PXH_REQUEST(PXH_WAIT, 0), 80, 77, PXH_TO_DO);
    block(&a, 416, 4, PXH_REQUEST(PXH_GETC, 0), 0, 77, PXH_TO_DO);
    block(&a, 432, 4, PXH_REQUEST(PXH_WAIT, 5), 0, 77, PXH_DONE);
    assert_int_equal(ask(&a, PXH_POLL, 3, 400), 1);
    assert_int_equal(get_word(&a, 408), 0);
    assert_int_equal(get_word(&a, 428), PXH_PENDING);
    put_word(&a, 444, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, 3, 400), 1);
    assert_int_equal((int32_t)get_word(&a, 440), PXH_E_INVALID);
    ask_end(&a);
}

/* ---- files ---- */

static int32_t open_name(asking *a, const char *name, size_t length, uint32_t flags)
{
    put_text(a, 1024, name, (uint32_t)length);
    return ask(a, PXH_OPEN, flags, block(a, 64, 2, 1024, (uint32_t)length));
}

static int32_t open_text(asking *a, const char *name, uint32_t flags)
{
    return open_name(a, name, strlen(name), flags);
}

static void begin_with_folder(asking *a, const char *suffix)
{
    char grant[80];
    make_folder(a->folder);
    snprintf(grant, sizeof grant, "%s%s", a->folder, suffix);
    const px_grants grants = {.folder = grant};
    ask_begin(a, &grants);
}

static void end_with_folder(asking *a)
{
    ask_end(a);
    remove_folder(a->folder);
}

static void files_are_written_and_read(void **state)
{
    (void)state;
    asking a;
    char text[16];
    begin_with_folder(&a, "");
    assert_int_equal(open_text(&a, "a", PXH_FOR_READ), PXH_E_ABSENT);
    assert_int_equal(open_text(&a, "a", PXH_FOR_WRITE | PXH_CREATE | PXH_NEW), 3);
    assert_int_equal(open_text(&a, "a", PXH_FOR_WRITE | PXH_CREATE | PXH_NEW), PXH_E_EXISTS);
    put_text(&a, 2049, "0123456789", 10);
    assert_int_equal(ask(&a, PXH_WRITE, 3, block(&a, 80, 2, 2049, 10)), 10);
    assert_int_equal(ask(&a, PXH_WRITE, 3 | PXH_AT, block(&a, 80, 4, 2049, 2, 20, 0)), 2);
    assert_int_equal(ask(&a, PXH_READ, 3, 80), PXH_E_KIND);
    assert_int_equal(ask(&a, PXH_SIZE, 3, 96), 0);
    assert_true(two_words(&a, 96) == 22);
    assert_int_equal(ask(&a, PXH_CLOSE, 3, 0), 0);
    assert_int_equal(ask(&a, PXH_CLOSE, 3, 0), PXH_E_HANDLE);
    assert_int_equal(open_text(&a, "a", PXH_FOR_READ), 3);
    assert_int_equal(ask(&a, PXH_READ, 3, block(&a, 80, 2, 3000, 4)), 4);
    assert_int_equal(ask(&a, PXH_READ, 3, block(&a, 80, 2, 3000, 8)), 8); /* on from there */
    get_text(&a, 3000, text, 8);
    assert_memory_equal(text, "456789\0\0", 8);
    assert_int_equal(ask(&a, PXH_READ, 3 | PXH_AT, block(&a, 80, 4, 3000, 100, 20, 0)), 2);
    assert_int_equal(ask(&a, PXH_READ, 3 | PXH_AT, block(&a, 80, 4, 3000, 100, 22, 0)), 0);
    assert_int_equal(ask(&a, PXH_READ, 3 | PXH_AT, block(&a, 80, 4, 3000, 100, 0xFFFFFFFF, 0xFFFFFFFF)), 0);
    assert_int_equal(ask(&a, PXH_READ, 3, block(&a, 80, 2, BYTES - 3, 4)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_READ, 3, block(&a, 80, 2, 3000, 0xFFFFFFFF)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_WRITE, 3, 80), PXH_E_KIND);
    assert_int_equal(open_text(&a, "a", PXH_FOR_WRITE | PXH_APPEND), 4);
    assert_int_equal(ask(&a, PXH_WRITE, 4, block(&a, 80, 2, 2049, 3)), 3);
    assert_int_equal(ask(&a, PXH_SIZE, 4, 96), 0);
    assert_true(two_words(&a, 96) == 25);
    assert_int_equal(open_text(&a, "a", PXH_FOR_READ | PXH_FOR_WRITE | PXH_TRUNCATE), 5);
    assert_int_equal(ask(&a, PXH_SIZE, 5, 96), 0);
    assert_true(two_words(&a, 96) == 0);
    assert_int_equal(ask(&a, PXH_WRITE, 5 | PXH_AT, block(&a, 80, 4, 2049, 1, 0xFFFFFFFF, 0xFFFFFFFF)), PXH_E_FULL);
    end_with_folder(&a);
}

static void odd_flags_are_invalid(void **state)
{
    (void)state;
    asking a;
    begin_with_folder(&a, "");
    static const uint32_t flags[] = {0,
                                     PXH_CREATE,
                                     PXH_FOR_READ | PXH_CREATE,
                                     PXH_FOR_READ | PXH_TRUNCATE,
                                     PXH_FOR_READ | PXH_APPEND,
                                     PXH_FOR_WRITE | PXH_NEW,
                                     PXH_DIRECTORY | PXH_FOR_READ,
                                     128,
                                     0x800000 | PXH_FOR_READ};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        assert_int_equal(open_text(&a, "a", flags[i]), PXH_E_INVALID);
    end_with_folder(&a);
}

static void hostile_names_are_refused(void **state)
{
    (void)state;
    asking a;
    char *const many = malloc(10000);
    memset(many, 'a', 10000);
    begin_with_folder(&a, "");
    static const char *const names[] = {"/", "/etc/passwd", "..", "../x", "a/..", "a/../../x", "./../x", "//x"};
    const uint32_t flags[] = {PXH_FOR_READ, PXH_FOR_WRITE | PXH_CREATE, PXH_DIRECTORY};
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            assert_int_equal(open_text(&a, names[i], flags[k]), PXH_E_NAME);
        assert_int_equal(open_name(&a, "", 0, flags[k]), PXH_E_NAME);
        assert_int_equal(open_name(&a, "a\0b", 3, flags[k]), PXH_E_NAME);
        assert_int_equal(open_name(&a, "\0", 1, flags[k]), PXH_E_NAME);
        assert_int_equal(open_name(&a, many, 256, flags[k]), PXH_E_NAME);
        assert_int_equal(open_name(&a, many, 10000, flags[k]), PXH_E_NAME);
        assert_int_equal(ask(&a, PXH_OPEN, flags[k], block(&a, 64, 2, 1024, 0xFFFFFFFF)), PXH_E_RANGE);
    }
    assert_int_equal(open_text(&a, "..a", PXH_FOR_WRITE | PXH_CREATE), 3);
    assert_int_equal(open_text(&a, ".", PXH_DIRECTORY), 4);
    free(many);
    end_with_folder(&a);
}

static void make_links(const char *folder, const char *outside)
{
    char path[256], target[256];
    snprintf(path, sizeof path, "%s/out", folder);
    snprintf(target, sizeof target, "%s/secret", outside);
    assert_int_equal(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/up", folder);
    assert_int_equal(symlink("../../etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/folder-out", folder);
    assert_int_equal(symlink(outside, path), 0);
    snprintf(path, sizeof path, "%s/in", folder);
    assert_int_equal(symlink("real", path), 0);
    snprintf(path, sizeof path, "%s/proc", folder);
    assert_int_equal(symlink("/proc/self/fd/0", path), 0);
    snprintf(path, sizeof path, "%s/round", folder);
    assert_int_equal(symlink("round", path), 0);
}

static void links_do_not_lead_outside(void **state)
{
    (void)state;
    asking a;
    char outside[64], path[256];
    begin_with_folder(&a, "");
    make_folder(outside);
    write_file(outside, "secret", "secret");
    write_file(a.folder, "real", "real");
    make_links(a.folder, outside);
    static const char *const names[] = {"out", "up", "folder-out/secret", "proc", "round", "folder-out/new"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(open_text(&a, names[i], PXH_FOR_READ) < 0);
        assert_true(open_text(&a, names[i], PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE) < 0);
    }
    assert_int_equal(open_text(&a, "out", PXH_FOR_READ), PXH_E_NAME);
    assert_int_equal(open_text(&a, "folder-out", PXH_DIRECTORY) < 0, 1);
    assert_int_equal(open_text(&a, "in", PXH_FOR_READ), 3);
    /* The same without openat2, where no link is followed. */
    const int root = open(a.folder, O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(px_open_beneath(root, names[i], O_RDONLY, 0, true), -1);
    assert_int_equal(px_open_beneath(root, "in", O_RDONLY, 0, true), -1);
    const int real = px_open_beneath(root, ".//real", O_RDONLY, 0, true);
    assert_true(real >= 0);
    close(real);
    close(root);
    snprintf(path, sizeof path, "%s/new", outside);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof path, "%s/secret", outside);
    struct stat s;
    assert_true(stat(path, &s) == 0 && s.st_size == 6);
    remove_folder(outside);
    end_with_folder(&a);
}

static void only_files_and_folders_are_opened(void **state)
{
    (void)state;
    asking a;
    char path[256];
    begin_with_folder(&a, "");
    snprintf(path, sizeof path, "%s/pipe", a.folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/sub", a.folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file(a.folder, "file", "");
    assert_int_equal(open_text(&a, "pipe", PXH_FOR_READ), PXH_E_KIND);
    assert_int_equal(open_text(&a, "pipe", PXH_FOR_WRITE), PXH_E_KIND);
    assert_int_equal(open_text(&a, "sub", PXH_FOR_READ), PXH_E_KIND);
    assert_int_equal(open_text(&a, "sub", PXH_FOR_WRITE), PXH_E_KIND);
    assert_int_equal(open_text(&a, "file", PXH_DIRECTORY), PXH_E_KIND);
    assert_int_equal(open_text(&a, "file/x", PXH_FOR_READ), PXH_E_KIND);
    for (int i = 3; i < HOST_HANDLES; i++)
        assert_int_equal(open_text(&a, "file", PXH_FOR_READ), i);
    assert_int_equal(open_text(&a, "file", PXH_FOR_READ), PXH_E_LIMIT);
    end_with_folder(&a);
}

static void a_folder_to_read_is_not_written(void **state)
{
    (void)state;
    asking a;
    begin_with_folder(&a, ":ro");
    write_file(a.folder, "file", "text");
    assert_int_equal(open_text(&a, "file", PXH_FOR_WRITE), PXH_E_READONLY);
    assert_int_equal(open_text(&a, "file", PXH_FOR_READ | PXH_FOR_WRITE | PXH_TRUNCATE), PXH_E_READONLY);
    assert_int_equal(open_text(&a, "new", PXH_FOR_WRITE | PXH_CREATE), PXH_E_READONLY);
    assert_int_equal(open_text(&a, "file", PXH_FOR_READ), 3);
    end_with_folder(&a);
}

static void folders_are_listed_by_name(void **state)
{
    (void)state;
    asking a;
    char path[256], name[16];
    begin_with_folder(&a, "");
    write_file(a.folder, "b", "12345");
    write_file(a.folder, "abcde", "");
    snprintf(path, sizeof path, "%s/c", a.folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/d", a.folder);
    assert_int_equal(symlink("b", path), 0);
    assert_int_equal(open_text(&a, ".", PXH_DIRECTORY), 3);
    put_word(&a, 2000 + 24, 0x55555555);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, 2000, 24, 0)), 1); /* room for one, exactly */
    assert_int_equal(get_word(&a, 2000), PXH_FILE);
    assert_int_equal(get_word(&a, 2012), 5);
    get_text(&a, 2016, name, 8);
    assert_memory_equal(name, "abcde\0\0", 8);
    assert_int_equal(get_word(&a, 2024), 0x55555555);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, 2000, 23, 0)), PXH_E_LIMIT);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, 2000, 200, 1)), 3);
    assert_int_equal(get_word(&a, 2004), 5);
    assert_int_equal(get_word(&a, 2020), PXH_FOLDER);
    assert_int_equal(get_word(&a, 2040), PXH_OTHER);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, 2000, 200, 4)), 0);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, 2000, 200, 0xFFFFFFFF)), 0);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, 2001, 200, 0)), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_LIST, 3, block(&a, 80, 3, BYTES - 4, 200, 0)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_READ, 3, block(&a, 80, 2, 2000, 4)), PXH_E_KIND);
    assert_int_equal(ask(&a, PXH_SIZE, 3, 80), PXH_E_KIND);
    end_with_folder(&a);
}

/* ---- disks ---- */

static void disks_are_read_and_written_in_pieces(void **state)
{
    (void)state;
    asking a;
    char path[2][128];
    const char *disks[2] = {path[0], path[1]};
    uint8_t sectors[3 * 512 + 100];
    make_folder(a.folder);
    for (size_t i = 0; i < sizeof sectors; i++)
        sectors[i] = (uint8_t)(i / 512 + 1);
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/disk%d", a.folder, i);
        FILE *const file = fopen(path[i], "wb");
        fwrite(sectors, 1, sizeof sectors, file);
        fclose(file);
    }
    strcat(path[1], ":ro");
    const px_grants grants = {.disks = disks, .disk_count = 2};
    ask_begin(&a, &grants);
    assert_int_equal(ask(&a, PXH_DISK_SIZE, 1, 64), 0);
    assert_true(two_words(&a, 64) == 3 && get_word(&a, 72) == 1);
    assert_int_equal(ask(&a, PXH_DISK_SIZE, 2, 64), PXH_E_ABSENT);
    block(&a, 80, 8, 2, 0, 1, 1024, 0, 0, 2, 2048 + 1);
    assert_int_equal(ask(&a, PXH_DISK_READ, 0 | 2 << 8, 80), 2);
    assert_int_equal(get_word(&a, 1024), 0x03030303);
    assert_int_equal(get_word(&a, 2048), 0x01010100);
    assert_int_equal(get_word(&a, 2048 + 1024), 0x02); /* no byte more */
    block(&a, 80, 12, 0, 0, 1, 1024, 3, 0, 1, 1024, 0, 0, 1, 1024);
    assert_int_equal(ask(&a, PXH_DISK_WRITE, 3 << 8, 80), 1); /* the second piece is beyond the end */
    assert_int_equal(ask(&a, PXH_DISK_WRITE, 1 | 3 << 8, 80), PXH_E_READONLY);
    assert_int_equal(ask(&a, PXH_DISK_READ, 1 << 8, block(&a, 80, 4, 0, 0, 4, 1024)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISK_READ, 1 << 8, block(&a, 80, 4, 0xFFFFFFFF, 0xFFFFFFFF, 1, 1024)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISK_READ, 1 << 8, block(&a, 80, 4, 0, 0, 1, BYTES - 511)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISK_READ, 1 << 8, block(&a, 80, 4, 0, 0, 0xFFFFFFFF, 0)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISK_READ, 0xFFFF00, 80), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISK_READ, 0, 80), 0);
    assert_int_equal(ask(&a, PXH_DISK_FLUSH, 0, 0), 0);
    assert_int_equal(ask(&a, PXH_DISK_FLUSH, 1, 0), 0);
    ask_end(&a);
    FILE *const file = fopen(path[0], "rb");
    assert_int_equal(getc(file), 3);
    fclose(file);
    remove_folder(a.folder);
}

static void a_full_disk_says_so(void **state)
{
    (void)state;
    asking a;
    char path[128];
    const char *disks[1] = {path};
    struct rlimit usual, tight;
    make_folder(a.folder);
    snprintf(path, sizeof path, "%s/disk", a.folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(truncate(path, 1 << 20), 0);
    const px_grants grants = {.disks = disks, .disk_count = 1};
    ask_begin(&a, &grants);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &usual);
    tight = (struct rlimit){4096, usual.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    block(&a, 80, 8, 0, 0, 8, 1024, 8, 0, 1, 1024);
    assert_int_equal(ask(&a, PXH_DISK_WRITE, 2 << 8, 80), 1);
    assert_int_equal(ask(&a, PXH_DISK_WRITE, 1 << 8, 96), PXH_E_FULL);
    setrlimit(RLIMIT_FSIZE, &usual);
    ask_end(&a);
    remove_folder(a.folder);
}

/* ---- network ---- */

static int peer_socket(const char *folder, const char *name, struct sockaddr_un *host_end, const char *path)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(own.sun_path, sizeof own.sun_path, "%s/%s", folder, name);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    *host_end = (struct sockaddr_un){.sun_family = AF_UNIX};
    strcpy(host_end->sun_path, path);
    return fd;
}

static void frames_go_and_come(void **state)
{
    (void)state;
    asking a;
    char path[96], spec[112];
    struct sockaddr_un to;
    uint8_t frame[2000];
    make_folder(a.folder);
    snprintf(path, sizeof path, "%s/host", a.folder);
    snprintf(spec, sizeof spec, "unix:%s", path);
    const px_grants grants = {.net = spec};
    ask_begin(&a, &grants);
    put_text(&a, 1001, "abcdefghijklmnopqrst", 20);
    assert_int_equal(ask(&a, PXH_SEND, 20, 1001), 0); /* to nobody */
    assert_int_equal(ask(&a, PXH_SEND, 13, 1001), PXH_E_LIMIT);
    assert_int_equal(ask(&a, PXH_SEND, 65536, 0), PXH_E_LIMIT);
    assert_int_equal(ask(&a, PXH_SEND, 20, BYTES - 19), PXH_E_RANGE);
    const int peer = peer_socket(a.folder, "peer", &to, path);
    memset(frame, 'f', sizeof frame);
    assert_int_equal(sendto(peer, frame, 5, 0, (struct sockaddr *)&to, sizeof to), 5); /* too short for a frame */
    assert_int_equal(sendto(peer, frame, 1000, 0, (struct sockaddr *)&to, sizeof to), 1000);
    block(&a, 64, 4, 256, 4, 0, 4);
    assert_true(ask(&a, PXH_EVENTS, 0, 64) >= 0);
    put_word(&a, 3000, 0);
    put_word(&a, 3100, 0x77777777);
    assert_int_equal(ask(&a, PXH_RECEIVE, 100, 3000), 1000); /* cut, and its whole length told */
    assert_int_equal(get_word(&a, 3000), 0x66666666);
    assert_int_equal(get_word(&a, 3100), 0x77777777);
    assert_int_equal(ask(&a, PXH_SEND, 20, 1001), 20);
    assert_int_equal(recv(peer, frame, sizeof frame, 0), 20);
    assert_memory_equal(frame, "abcdefghijklmnopqrst", 20);
    block(&a, 400, 4, PXH_REQUEST(PXH_RECEIVE, 100), 3000, 0, PXH_TO_DO);
    assert_int_equal(ask(&a, PXH_SUBMIT, 1, 400), 0);
    assert_int_equal(sendto(peer, frame, 14, 0, (struct sockaddr *)&to, sizeof to), 14);
    assert_int_equal(ask(&a, PXH_POLL, 1, 400), 1);
    assert_int_equal(get_word(&a, 408), 14);
    close(peer);
    ask_end(&a);
    assert_int_equal(access(path, F_OK), -1);
    remove_folder(a.folder);
}

/* ---- display ---- */

static void pictures_are_shown(void **state)
{
    (void)state;
    asking a;
    char frames[96], path[160], text[256];
    make_folder(a.folder);
    snprintf(frames, sizeof frames, "%s/frames", a.folder);
    const px_grants grants = {.screen = true, .frames = frames};
    ask_begin(&a, &grants);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1024, 2, 2, 3)), 0);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1024, 0, 2, 3)), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1025, 2, 2, 3)), PXH_E_INVALID);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1024, 4097, 1, 0)), PXH_E_LIMIT);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, BYTES - 4, 1, 2, 1)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1024, 1, 4096, 0xFFFFFFFF)), PXH_E_RANGE);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, BYTES - 4, 1, 2, 0)), 0);
    ask_end(&a);
    snprintf(path, sizeof path, "%s/frame-000001.png", frames);
    assert_int_equal(access(path, R_OK), 0);
    remove_folder(a.folder);
    const px_grants terminal = {.screen = true};
    ask_begin(&a, &terminal);
    block(&a, 1024, 4, 0xFF0000FF, 0xFF00FF00, 0xFFFF0000, 0xFFFFFFFF);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1024, 2, 2, 2)), 0);
    let_out(&a);
    text[read(a.from_console, text, sizeof text - 1)] = '\0';
    assert_non_null(strstr(text, "38;2;255;0;0;48;2;0;0;255m\xE2\x96\x80"));
    assert_non_null(strstr(text, "38;2;0;255;0;48;2;255;255;255m\xE2\x96\x80"));
    ask_end(&a);
}

static void keys_and_mouse_are_events(void **state)
{
    (void)state;
    asking a;
    static const char typed[] = "a\xC3\xA4\033[A\033[5~\033[<0;2;1M\033[<0;2;1m";
    static const uint32_t expected[][3] = {{PXH_EVENT_KEY, 'a', 2},         {PXH_EVENT_KEY, 0xE4, 2},
                                           {PXH_EVENT_KEY, PXH_KEY_UP, 2},  {PXH_EVENT_KEY, PXH_KEY_PAGE_UP, 2},
                                           {PXH_EVENT_POINTER, 1 << 16, 1}, {PXH_EVENT_POINTER, 1 << 16, 0}};
    const px_grants terminal = {.screen = true};
    ask_begin(&a, &terminal);
    assert_int_equal(ask(&a, PXH_DISPLAY, 0, block(&a, 64, 4, 1024, 4, 4, 4)), 0);
    assert_int_equal(ask(&a, PXH_KEYBOARD, 1, 0), 0);
    assert_int_equal(ask(&a, PXH_POINTER, 1, 0), 0);
    assert_int_equal(write(a.to_console, typed, sizeof typed - 1), sizeof typed - 1);
    assert_int_equal(ask(&a, PXH_WAIT, 0, block(&a, 64, 6, 2048, 16, 0, 16, 0, 0)), 6);
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t k = 0; k < 3; k++)
            assert_int_equal(get_word(&a, 2048 + 16 * i + 4 * k), expected[i][k]);
    assert_int_equal(ask(&a, PXH_KEYBOARD, 2, 0), PXH_E_INVALID);
    ask_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_has_an_answer),
        cmocka_unit_test(what_is_not_there_says_so),
        cmocka_unit_test(bytes_are_printed_from_anywhere),
        cmocka_unit_test(what_is_typed_comes_and_ends),
        cmocka_unit_test(a_console_that_nobody_reads_is_closed),
        cmocka_unit_test(clocks_go_forward),
        cmocka_unit_test(chance_is_the_seeds_sequence),
        cmocka_unit_test(events_come_in_a_ring),
        cmocka_unit_test(lists_are_served_in_order),
        cmocka_unit_test(an_entry_may_write_the_next),
        cmocka_unit_test(lists_outside_are_not_begun),
        cmocka_unit_test(poll_wakes_at_a_deadline),
        cmocka_unit_test(files_are_written_and_read),
        cmocka_unit_test(odd_flags_are_invalid),
        cmocka_unit_test(hostile_names_are_refused),
        cmocka_unit_test(links_do_not_lead_outside),
        cmocka_unit_test(only_files_and_folders_are_opened),
        cmocka_unit_test(a_folder_to_read_is_not_written),
        cmocka_unit_test(folders_are_listed_by_name),
        cmocka_unit_test(disks_are_read_and_written_in_pieces),
        cmocka_unit_test(a_full_disk_says_so),
        cmocka_unit_test(frames_go_and_come),
        cmocka_unit_test(pictures_are_shown),
        cmocka_unit_test(keys_and_mouse_are_events),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
