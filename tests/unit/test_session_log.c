/* test_session_log.c - logs of sessions: what is written is what is fed again, on machines that do what they did; any
 * other log is refused, wherever it was cut or changed. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "tests/unit/asking.h"

#include <zlib.h>

#include "pxi/input_file.h"
#include "pxi/isa.h"
#include "pxi/pixel.h"

enum { ASKED = 5 };

/* Asks its host five times: r2 = 0 to 4 as the argument; then halts. */
static px_state asking_program(void)
{
    px_state s;
    px_error error;
    assert_true(px_state_new(&s, PX_V1, 8, 4, &error));
    s.mem[0] = px_rgba(PX_OP_LI, 3, ASKED, 0);
    s.mem[1] = px_rgba(PX_OP_LI, 1, 0, 0); /* yield */
    s.mem[2] = px_rgba(PX_OP_SYS, 0, 1, 0);
    s.mem[3] = px_rgba(PX_OP_ADDI, 2, 2, 1);
    s.mem[4] = px_rgba(PX_OP_BNE, 0xFD, 2, 3);
    s.mem[5] = px_rgba(PX_OP_HALT, 0, 0, 0);
    return s;
}

/* Answers n with -n*1000, and writes n into n pixels. */
typedef struct writer {
    px_log_writer *log;
    uint32_t asked;
} writer;

static px_answered answer(void *context, px_machine *machine, const px_stop *stop, uint64_t executed, uint32_t *word,
                          px_error *error)
{
    writer *w = context;
    uint32_t pixels[ASKED] = {w->asked, w->asked, w->asked, w->asked, w->asked};
    assert_true(px_log_request(w->log, executed, stop->request, error));
    assert_true(px_put(machine, PX_SPACE_PIXEL, 16, pixels, w->asked, error));
    if (w->asked > 0)
        assert_true(px_log_run(w->log, 16, pixels, w->asked, error));
    *word = (uint32_t)-1000 * w->asked++;
    assert_true(px_log_answer(w->log, *word, error));
    return PX_ANSWERED;
}

/* Records a session; its end, and the log's bytes. */
static void record(const px_state *start, px_state *end, uint8_t **data, size_t *size)
{
    char folder[64], path[96];
    px_executor *ref;
    px_error error;
    px_stop stop;
    writer w = {0};
    const px_answerer answerer = {.answer = answer, .context = &w};
    make_folder(folder);
    snprintf(path, sizeof path, "%s/log", folder);
    assert_true(px_ref_driver.open(&ref, NULL, &error));
    assert_true(px_log_create(&w.log, path, start, &error));
    assert_true(px_run_to_state(ref, start, PX_NO_BUDGET, &answerer, false, end, &stop, &error));
    assert_true(px_log_finish(w.log, true, stop.executed, &error));
    assert_true(px_file_read(data, size, path, &error));
    ref->ops->close(ref);
    remove_folder(folder);
}

/* Feeds a log to a machine; whether it could be opened. */
static bool feed(const uint8_t *data, size_t size, const px_state *start, px_state *end, px_log_facts *facts,
                 px_error *error)
{
    px_executor *ref;
    px_stop stop;
    px_log *log;
    if (!px_log_open_memory(&log, data, size, "log", start, error))
        return false;
    *facts = px_log_about(log);
    const px_answerer answerer = px_log_answerer(log, NULL, NULL);
    assert_true(px_ref_driver.open(&ref, NULL, error));
    assert_true(px_run_to_state(ref, start, px_log_budget(log, PX_NO_BUDGET), &answerer, false, end, &stop, error));
    const bool strayed = px_log_strayed(log, error);
    ref->ops->close(ref);
    px_log_close(log);
    return !strayed;
}

static void what_was_recorded_is_fed_again(void **state)
{
    (void)state;
    px_state start = asking_program(), end = {0}, again = {0};
    px_error error;
    px_log_facts facts;
    uint8_t *data;
    size_t size;
    char text[256];
    record(&start, &end, &data, &size);
    assert_int_equal(end.status, PX_HALTED);
    assert_int_equal(end.mem[19], 4);
    for (int i = 0; i < 2; i++) {
        if (!feed(data, size, &start, &again, &facts, &error))
            fail_msg("%s", error.text);
        assert_true(px_state_equal(&end, "recorded", &again, "fed", text, sizeof text));
    }
    assert_false(facts.cut);
    assert_int_equal(facts.answers, ASKED);
    assert_int_equal(facts.executed, end.retired);
    free(data);
    px_state_free(&start);
    px_state_free(&end);
    px_state_free(&again);
}

/* The format, as HOST.md says it: taken apart by hand. */
static void the_format_is_that_of_the_document(void **state)
{
    (void)state;
    px_state start = asking_program(), end = {0};
    uint8_t *data, records[1024];
    size_t size;
    uLongf count = sizeof records;
    record(&start, &end, &data, &size);
    assert_memory_equal(data, "PXLOG\r\n\x1A\1\0\0\0\10\0\0\0\4\0\0\0\0\0\0\0", 24);
    assert_int_equal(data[32 + 3] & 0x80, 0x80); /* the only block is the last */
    assert_int_equal(uncompress(records, &count, data + 32 + 12, size - 32 - 12), Z_OK);
    static const uint8_t expected[] = {
        3 << 2,     0, 0,                                                                    /* 0 */
        4 << 2 | 1, 0, 0xCF, 0x0F, 1, 16, 1, 1, 0, 0, 0,                                     /* -1000, a pixel */
        4 << 2 | 1, 0, 0x9F, 0x1F, 1, 16, 2, 2, 0, 0, 0, 2, 0, 0, 0,                         /* -2000, two */
        4 << 2 | 1, 0, 0xEF, 0x2E, 1, 16, 3, 3, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0,             /* -3000 */
        4 << 2 | 1, 0, 0xBF, 0x3E, 1, 16, 4, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, /* -4000 */
        3 << 2 | 3};
    (void)expected;
    /* The loop jumps back to LI: li, sys, addi, bne. */
    assert_int_equal(count, sizeof expected);
    assert_memory_equal(records, expected, sizeof expected);
    free(data);
    px_state_free(&start);
    px_state_free(&end);
}

static void a_log_that_is_cut_is_fed_as_far_as_it_goes(void **state)
{
    (void)state;
    px_state start = asking_program(), end = {0}, again = {0};
    px_error error;
    px_log_facts facts;
    uint8_t *data;
    size_t size;
    record(&start, &end, &data, &size);
    for (size_t cut = 0; cut < size; cut++) {
        const bool ok = feed(data, cut, &start, &again, &facts, &error);
        assert_int_equal(ok, cut >= 32);
        if (!ok)
            continue;
        assert_true(facts.cut && facts.answers == 0);
        assert_int_equal(again.status, PX_WAITING);
        assert_int_equal(again.retired, 3);
    }
    free(data);
    px_state_free(&start);
    px_state_free(&end);
    px_state_free(&again);
}

static void a_log_that_was_changed_is_refused(void **state)
{
    (void)state;
    px_state start = asking_program(), end = {0}, again = {0};
    px_error error;
    px_log_facts facts;
    uint8_t *data;
    size_t size;
    record(&start, &end, &data, &size);
    for (size_t at = 0; at < size * 8; at++) {
        data[at / 8] ^= (uint8_t)(1u << at % 8);
        const bool ok = feed(data, size, &start, &again, &facts, &error);
        /* A block that claims to be longer than the file looks like one that was cut. */
        if (ok && !(facts.cut && facts.answers == 0))
            fail_msg("bit %zu", at);
        data[at / 8] ^= (uint8_t)(1u << at % 8);
    }
    data = realloc(data, size + 1);
    data[size] = 0;
    assert_false(feed(data, size + 1, &start, &again, &facts, &error));
    assert_non_null(strstr(error.text, "1 bytes behind its end"));
    free(data);
    px_state_free(&start);
    px_state_free(&end);
    px_state_free(&again);
}

static void a_log_of_something_else_is_refused(void **state)
{
    (void)state;
    px_state start = asking_program(), end = {0}, again = {0};
    px_error error;
    px_log_facts facts;
    uint8_t *data;
    size_t size;
    record(&start, &end, &data, &size);
    start.reg[255] = 1;
    assert_false(feed(data, size, &start, &again, &facts, &error));
    assert_non_null(strstr(error.text, "another start"));
    start.reg[255] = 0;
    data[8] = 2; /* with a checksum that fits */
    const uint32_t crc = (uint32_t)crc32(0, data, 28);
    memcpy(data + 28, &(uint8_t[]){(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16), (uint8_t)(crc >> 24)}, 4);
    assert_false(feed(data, size, &start, &again, &facts, &error));
    assert_non_null(strstr(error.text, "a log of version 2, expected 1"));
    assert_false(feed((const uint8_t *)"text", 4, &start, &again, &facts, &error));
    assert_non_null(strstr(error.text, "no log of px run --record"));
    free(data);
    px_state_free(&start);
    px_state_free(&end);
    px_state_free(&again);
}

/* A machine that starts the same and then does something else: a pixel outside of what the log's checksum sees does not
 * exist, so an executor is made to stray. */
static void a_machine_that_strays_is_told(void **state)
{
    (void)state;
    px_state start = asking_program(), end = {0};
    px_error error;
    px_log *log;
    uint8_t *data;
    size_t size;
    uint32_t word;
    record(&start, &end, &data, &size);
    assert_true(px_log_open_memory(&log, data, size, "log", &start, &error));
    const px_answerer answerer = px_log_answerer(log, NULL, NULL);
    const px_stop right = {.status = PX_WAITING, .request = 0}, other = {.status = PX_WAITING, .request = 0x80000041};
    answerer.begin(answerer.context);
    assert_int_equal(answerer.answer(answerer.context, NULL, &right, 3, &word, &error), PX_ANSWERED);
    assert_int_equal(answerer.answer(answerer.context, NULL, &right, 8, &word, &error), PX_UNANSWERED);
    assert_true(px_log_strayed(log, &error));
    assert_non_null(strstr(error.text, "answer 2 of log is to service 0x00 after 7 instructions, and it asks for "
                                       "service 0x00 after 8"));
    answerer.begin(answerer.context);
    assert_false(px_log_strayed(log, &error));
    assert_int_equal(answerer.answer(answerer.context, NULL, &other, 3, &word, &error), PX_UNANSWERED);
    assert_true(px_log_strayed(log, &error));
    px_log_close(log);
    free(data);
    px_state_free(&start);
    px_state_free(&end);
}

/* A log that is sound as a file and wrong as a session: more pixels than the image has. */
static void pixels_outside_the_image_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t at, count;
        bool good;
    } runs[] = {{31, 1, true}, {32, 0, true}, {32, 1, false}, {31, 2, false}, {0xFFFFFFFF, 2, false}};
    char folder[64], path[96];
    const uint32_t pixels[2] = {0};
    px_state start = asking_program();
    px_error error;
    px_log_writer *w;
    px_log *log;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/log", folder);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        assert_true(px_log_create(&w, path, &start, &error));
        assert_true(px_log_request(w, 3, 0, &error));
        assert_true(px_log_run(w, runs[i].at, pixels, runs[i].count, &error));
        assert_true(px_log_answer(w, 0, &error));
        assert_true(px_log_finish(w, true, 3, &error));
        const bool opened = px_log_open(&log, path, &start, &error);
        assert_int_equal(opened, runs[i].good);
        if (opened)
            px_log_close(log);
        else
            assert_non_null(strstr(error.text, "damaged after 0 answers: pixels outside the image"));
    }
    px_state_free(&start);
    remove_folder(folder);
}

/* Many blocks, and answers of all sizes: what host.c makes of a program that reads files. */
static void long_sessions_have_many_blocks(void **state)
{
    (void)state;
    enum { ANSWERS = 200, PIXELS_EACH = 1000 };
    char folder[64], path[96];
    uint32_t pixels[PIXELS_EACH], chance = 1;
    px_state start = {0};
    px_error error;
    px_log_writer *w;
    px_log *log;
    px_executor *ref;
    px_machine *machine;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/log", folder);
    assert_true(px_state_new(&start, PX_V1, SIDE, SIDE, &error));
    assert_true(px_log_create(&w, path, &start, &error));
    for (uint32_t i = 0; i < ANSWERS; i++) {
        for (uint32_t k = 0; k < PIXELS_EACH; k++)
            pixels[k] = chance = chance * 1664525 + 1013904223;
        assert_true(px_log_request(w, i, 0x11 << 24, &error));
        assert_true(px_log_run(w, 7, pixels, PIXELS_EACH, &error));
        assert_true(px_log_answer(w, i, &error));
    }
    assert_true(px_log_finish(
        w, false, 0, &error)); /* as where an executor fails: the end is not there, and all that was answered is */
    assert_true(px_log_open(&log, path, &start, &error));
    const px_log_facts facts = px_log_about(log);
    assert_true(facts.cut && facts.answers == ANSWERS);
    assert_true(px_ref_driver.open(&ref, NULL, &error));
    assert_true(px_machine_create(ref, &start, &machine, &error));
    const px_answerer answerer = px_log_answerer(log, NULL, NULL);
    const px_stop stop = {.status = PX_WAITING, .request = 0x11 << 24};
    answerer.begin(answerer.context);
    chance = 1;
    for (uint32_t i = 0, word; i < facts.answers; i++) {
        assert_int_equal(answerer.answer(answerer.context, machine, &stop, i, &word, &error), PX_ANSWERED);
        assert_int_equal(word, i);
        assert_true(px_get(machine, PX_SPACE_PIXEL, 7, pixels, PIXELS_EACH, &error));
        for (uint32_t k = 0; k < PIXELS_EACH; k++)
            assert_int_equal(pixels[k], chance = chance * 1664525 + 1013904223);
    }
    px_machine_drop(machine, NULL);
    ref->ops->close(ref);
    px_log_close(log);
    px_state_free(&start);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_recorded_is_fed_again),
        cmocka_unit_test(the_format_is_that_of_the_document),
        cmocka_unit_test(a_log_that_is_cut_is_fed_as_far_as_it_goes),
        cmocka_unit_test(a_log_that_was_changed_is_refused),
        cmocka_unit_test(a_log_of_something_else_is_refused),
        cmocka_unit_test(a_machine_that_strays_is_told),
        cmocka_unit_test(pixels_outside_the_image_are_refused),
        cmocka_unit_test(long_sessions_have_many_blocks),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
