/* test_worker.c - the executor worker when its process dies, hangs, or answers what it likes: the machine is lost with
 * a sentence that says why, everything else goes on, and no process is left. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/machine.h"
#include "exec/process.h"
#include "exec/registry.h"
#include "pxi/pace.h"
#include "pxi/pixel.h"

static px_error error;

static void expect_error(px_error_code code, const char *part)
{
    assert_int_equal(error.code, code);
    if (strstr(error.text, part) == NULL)
        fail_msg("found '%s', expected '%s' in it", error.text, part);
}

/* addi r1, r1, 1; jmp 0 */
static px_state endless(void)
{
    px_state s;
    assert_true(px_state_new(&s, PX_V1, 64, 64, &error));
    s.mem[0] = px_rgba(PX_OP_ADDI, 1, 1, 1);
    s.mem[1] = px_rgba(PX_OP_JMP, 0, 0xFF, 0xFF);
    return s;
}

static px_executor *opened(const char *spec)
{
    px_executor *x;
    if (!px_executor_open(&x, spec, &error))
        fail_msg("%s", error.text);
    return x;
}

static px_machine *make(px_executor *x, const px_state *state)
{
    px_machine *m;
    if (!px_machine_create(x, state, &m, &error))
        fail_msg("%s: %s", x->name, error.text);
    return m;
}

/* The process of the latest worker. */
static pid_t childs_pid(void)
{
    char path[64];
    long pid = 0, last = 0;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fscanf(file, "%ld", &pid) == 1)
        last = pid;
    fclose(file);
    assert_true(last > 0); /* a signal for 0 would be for all of us */
    return (pid_t)last;
}

static int open_files(void)
{
    int count = 0;
    DIR *files = opendir("/proc/self/fd");
    assert_non_null(files);
    while (readdir(files) != NULL)
        count++;
    closedir(files);
    return count;
}

static int files_before;

static int nothing_before(void **state)
{
    (void)state;
    unsetenv("PX_WORKER_TIMEOUT");
    error = (px_error){0};
    files_before = open_files();
    return 0;
}

static int nothing_left(void **state)
{
    (void)state;
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD && open_files() == files_before ? 0 : -1;
}

/* A machine in it, whole runs and all, after whatever happened before. */
static void goes_on(px_executor *x)
{
    px_state s = endless(), end = {0};
    px_stop stop;
    px_machine *m = make(x, &s);
    assert_true(px_run_one(m, 1001, NULL, &stop, &error));
    assert_int_equal(stop.executed, 1001);
    assert_true(px_machine_read(m, &end, &error));
    assert_int_equal(end.reg[1], 501);
    assert_int_equal(end.pc, 1);
    assert_true(px_machine_drop(m, &error));
    px_state_free(&end);
    px_state_free(&s);
}

/* ---- it dies ---- */

static void between_runs(void **state)
{
    (void)state;
    px_executor *x = opened("worker:ref"), *other = opened("worker:ref");
    const pid_t others = childs_pid();
    px_state s = endless();
    px_machine *kept = make(other, &s);
    px_executor *third = opened("worker:ref");
    const pid_t pid = childs_pid();
    assert_int_not_equal(pid, others);
    px_machine *m = make(third, &s);
    px_stop stop;
    uint32_t word;
    assert_true(px_run_one(m, 10, NULL, &stop, &error));
    kill(pid, SIGKILL);
    assert_false(px_get(m, PX_SPACE_REGISTER, 1, &word, 1, &error));
    expect_error(PX_E_SYSTEM, "worker:ref: its process was ended by signal 9 (Killed)");
    assert_false(px_run_one(m, 10, NULL, &stop, &error));
    expect_error(PX_E_USAGE, "a machine that is lost");
    assert_false(px_put(m, PX_SPACE_PIXEL, 5, &word, 1, &error));
    expect_error(PX_E_SYSTEM, "the machine in worker:ref is lost: worker:ref: its process was ended by signal 9");
    assert_true(px_run_one(kept, 10, NULL, &stop, &error));
    assert_int_equal(stop.executed, 10);
    assert_true(px_machine_drop(m, &error));
    assert_true(px_machine_drop(kept, &error));
    goes_on(third); /* in a new process */
    assert_int_not_equal(childs_pid(), pid);
    kill(childs_pid(), SIGSEGV); /* nobody had a machine in it: nobody hears of it */
    poll(NULL, 0, 50);
    goes_on(third);
    px_executor_close(third);
    px_executor_close(other);
    px_executor_close(x);
    px_state_free(&s);
}

typedef struct blow {
    pid_t pid;
    int signal, after; /* times that it was asked before */
    bool cancels;
    px_machine *dropped; /* tried */
} blow;

static bool strike(void *context, uint64_t executed)
{
    blow *b = context;
    (void)executed;
    if (b->after-- > 0)
        return false;
    if (b->dropped != NULL) {
        assert_false(px_machine_drop(b->dropped, &error));
        expect_error(PX_E_USAGE, "dropped while it runs");
    }
    if (b->signal != 0)
        kill(b->pid, b->signal);
    b->signal = 0;
    return b->cancels;
}

/* Runs for ever but for blow; returns whether the turn failed, and why in error. */
static bool run_until(px_executor *x, px_machine *m, blow b, px_stop *stop)
{
    const px_cancel cancel = {strike, &b};
    px_turn turn = {.machine = m, .budget = PX_NO_BUDGET};
    assert_true(px_run(x, &turn, 1, &cancel, &error));
    if (turn.failed)
        error = turn.error;
    *stop = turn.stop;
    return turn.failed;
}

static void in_a_run(void **state)
{
    (void)state;
    static const struct {
        int signal;
        const char *says;
    } cases[] = {{SIGKILL, "ended by signal 9 (Killed)"}, {SIGSEGV, "ended by signal 11 (Segmentation fault)"}};
    px_executor *x = opened("worker:ref");
    px_state s = endless();
    px_stop stop;
    for (size_t i = 0; i < 2; i++) {
        px_machine *m = make(x, &s);
        assert_true(run_until(x, m, (blow){.pid = childs_pid(), .signal = cases[i].signal, .after = 2}, &stop));
        expect_error(PX_E_SYSTEM, cases[i].says);
        assert_true(px_machine_drop(m, &error));
        goes_on(x);
    }
    px_executor_close(x);
    px_state_free(&s);
}

/* A get waits while its process is stopped; then that is killed. */
static void in_a_get(void **state)
{
    (void)state;
    px_executor *x = opened("worker:ref");
    const pid_t pid = childs_pid();
    px_state s = endless();
    px_machine *m = make(x, &s);
    uint32_t words[4096];
    kill(pid, SIGSTOP);
    const pid_t killer = fork();
    if (killer == 0) {
        poll(NULL, 0, 600);
        _exit(kill(pid, SIGKILL));
    }
    assert_false(px_get(m, PX_SPACE_PIXEL, 0, words, 4096, &error));
    expect_error(PX_E_SYSTEM, "ended by signal 9");
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_true(px_machine_drop(m, &error));
    px_executor_close(x);
    px_state_free(&s);
}

/* ---- it hangs ---- */

static void silent(void **state)
{
    (void)state;
    setenv("PX_WORKER_TIMEOUT", "2", 1);
    px_executor *x = opened("worker:ref");
    px_state s = endless();
    px_machine *m = make(x, &s);
    uint32_t word;
    kill(childs_pid(), SIGSTOP);
    const double start = px_seconds();
    assert_false(px_get(m, PX_SPACE_REGISTER, 1, &word, 1, &error));
    expect_error(PX_E_SYSTEM, "its process neither answered nor worked for 2 s and was ended; PX_WORKER_TIMEOUT");
    assert_true(px_seconds() - start > 1.9);
    assert_true(px_machine_drop(m, &error));
    goes_on(x);
    px_executor_close(x);
    px_state_free(&s);
}

static void deaf(void **state)
{
    (void)state;
    setenv("PX_WORKER_TIMEOUT", "2", 1);
    px_executor *x = opened("worker:ref");
    px_state s = endless();
    px_stop stop;
    px_machine *m = make(x, &s);
    assert_true(run_until(x, m, (blow){.pid = childs_pid(), .signal = SIGSTOP, .cancels = true}, &stop));
    expect_error(PX_E_SYSTEM, "its process was to stop and did not for 2 s and was ended");
    assert_true(px_machine_drop(m, &error));
    goes_on(x);
    kill(childs_pid(), SIGSTOP); /* nor does it leave when it is asked to */
    px_executor_close(x);
    px_state_free(&s);
}

/* Whoever ends px and all that it started does not end the process, for px wants its machine. */
static void keeps_its_machine(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    px_executor *x = opened("worker:ref");
    px_state s = endless();
    px_stop stop;
    px_machine *m = make(x, &s);
    uint32_t word;
    for (size_t i = 0; i < 3; i++) {
        const blow b = {.pid = childs_pid(), .signal = signals[i], .after = 1, .cancels = true, .dropped = m};
        assert_false(run_until(x, m, b, &stop));
        assert_int_equal(stop.status, PX_RUNNING);
        assert_true(stop.executed > 0);
        assert_true(px_get(m, PX_SPACE_REGISTER, 1, &word, 1, &error));
        assert_int_equal(word, (m->retired + 1) / 2);
    }
    assert_true(px_machine_drop(m, &error));
    px_executor_close(x);
    px_state_free(&s);
}

/* ---- it answers what it likes ---- */

/* Its end of the socket, taken from it while it is stopped; -1 where that is not allowed. */
static int take_socket(pid_t pid)
{
#if defined SYS_pidfd_open && defined SYS_pidfd_getfd
    const int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int taken = -1;
    for (int fd = 3; process >= 0 && taken < 0 && fd < 16; fd++) {
        int kind;
        socklen_t size = sizeof kind;
        taken = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
        if (taken >= 0 && getsockopt(taken, SOL_SOCKET, SO_TYPE, &kind, &size) != 0) {
            close(taken);
            taken = -1;
        }
    }
    if (process >= 0)
        close(process);
    return taken;
#else
    (void)pid;
    return -1;
#endif
}

typedef struct lie {
    unsigned type;  /* of the request that gets it; others that are answered get nothing to read */
    unsigned reply; /* 0: bytes that are no frames, and the end of the socket */
    uint32_t length, words[7];
    const char *says;
} lie;

/* In a process of its own: answers requests, one of them with lie. */
static _Noreturn void answer_with(int fd, const lie *l)
{
    static uint32_t words[PX_LINK_BASE + 3];
    uint8_t bytes[PX_LINK_BYTES(PX_LINK_BASE)], byte;
    px_link_rx rx;
    px_link_frame request;
    px_link_rx_init(&rx, words, sizeof words / sizeof *words);
    while (read(fd, &byte, 1) == 1) {
        if (!px_link_rx_byte(&rx, byte, &request))
            continue;
        const bool now = request.type == l->type;
        px_link_frame reply = {PX_LINK_VERSION, request.type | PX_LINK_REPLY, request.sequence, 0, l->words};
        if (now && l->reply == 0) {
            memset(bytes, 0x5A, sizeof bytes);
            for (int i = 0; i < 50; i++)
                (void)!write(fd, bytes, sizeof bytes);
            break;
        }
        if (now) {
            reply.type = (uint8_t)l->reply;
            reply.length = l->length;
        }
        (void)!write(fd, bytes, px_link_encode(&reply, bytes));
    }
    shutdown(fd, SHUT_RDWR);
    _exit(0);
}

static void lies(void **state)
{
    (void)state;
    static const lie cases[] = {
        {PXL_RUN, 0, 0, {0}, "its process was ended by signal 9"},
        {PXL_STATUS, PXL_STATUS | PX_LINK_REPLY, 7, {1u << 16, 0, 0, 0, 4000, 0, 0}, "says that 4000 is left"},
        {PXL_STATUS, PXL_STATUS | PX_LINK_REPLY, 7, {1u << 16, 5000, 0, 0, 0, 0, 0}, "pc"},
        {PXL_STATUS, PXL_STATUS | PX_LINK_REPLY, 3, {0}, "answers STATUS with 3 words"},
        {PXL_STATUS, PXL_ERROR, 1, {PXL_E_EXECUTOR}, "worker:ref answers STATUS with error 7"},
        {PXL_STATUS, PXL_ERROR, 0, {0}, "worker:ref answers STATUS with error 0"},
    };
    px_executor *x = opened("worker:ref");
    px_state s = endless();
    px_stop stop;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_machine *m = make(x, &s);
        const pid_t pid = childs_pid();
        kill(pid, SIGSTOP);
        const int fd = take_socket(pid);
        if (fd < 0) {
            kill(pid, SIGCONT);
            px_machine_drop(m, NULL);
            break;
        }
        const pid_t liar = fork();
        if (liar == 0)
            answer_with(fd, &cases[i]);
        close(fd);
        assert_false(px_run_one(m, 1000, NULL, &stop, &error));
        if (strstr(error.text, cases[i].says) == NULL)
            fail_msg("lie %zu: found '%s', expected '%s' in it", i, error.text, cases[i].says);
        assert_true(px_machine_drop(m, &error));
        kill(liar, SIGKILL);
        assert_int_equal(waitpid(liar, NULL, 0), liar);
        kill(pid, SIGCONT);
        goes_on(x);
    }
    px_executor_close(x);
    px_state_free(&s);
}

/* ---- what there is not ---- */

static void is_refused(const char *spec, px_error_code code, const char *part)
{
    px_executor *x;
    assert_false(px_executor_open(&x, spec, &error));
    expect_error(code, part);
}

static void refused(void **state)
{
    (void)state;
    is_refused("worker", PX_E_USAGE, "needs an executor");
    is_refused("worker:", PX_E_USAGE, "needs an executor");
    is_refused("worker:worker:ref", PX_E_USAGE, "leave worker: out");
    is_refused("worker:cmd:true", PX_E_USAGE, "leave worker: out");
    is_refused("worker:link:tcp:1", PX_E_USAGE, "leave worker: out");
    is_refused("worker:rfe", PX_E_USAGE, "no executor is called 'rfe'; did you mean 'ref'?");
    setenv("PX_WORKER_TIMEOUT", "soon", 1);
    is_refused("worker:ref", PX_E_USAGE, "PX_WORKER_TIMEOUT is 'soon'");
}

static void one_machine(void **state)
{
    (void)state;
    px_executor *x = opened("worker:ref");
    px_state s = endless();
    px_machine *m = make(x, &s), *second;
    assert_false(px_machine_create(x, &s, &second, &error));
    expect_error(PX_E_TOO_LARGE, "worker:ref holds 1 machine");
    px_turn turns[2] = {{.machine = m, .budget = 1}, {.machine = m, .budget = 1}};
    assert_false(px_run(x, turns, 2, NULL, &error));
    expect_error(PX_E_USAGE, "turn 2 of a run of worker:ref is for a machine that has one already");
    assert_false(px_on_retire(m, (px_trace_fn *)abort, NULL, &error));
    expect_error(PX_E_USAGE, "has no trace");
    assert_true(px_machine_drop(m, &error));
    px_executor_close(x);
    px_state_free(&s);
}

static void *wait_for_it(void *lock)
{
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

/* A lock that a thread holds is held for ever in a fork. */
static void beside_threads(void **state)
{
    (void)state;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t thread;
    px_executor *x = opened("worker:ref");
    pthread_mutex_lock(&lock);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_it, &lock), 0);
    is_refused("worker:ref", PX_E_SYSTEM, "beside the threads");
    goes_on(x); /* its process was there before */
    kill(childs_pid(), SIGKILL);
    poll(NULL, 0, 50);
    px_state s = endless();
    px_machine *m;
    assert_false(px_machine_create(x, &s, &m, &error));
    expect_error(PX_E_SYSTEM, "beside the threads");
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    goes_on(x);
    px_executor_close(x);
    px_state_free(&s);
}

/* ---- the process alone ---- */

static bool leave_with_3(px_child *child, const px_link_frame *request)
{
    (void)child, (void)request;
    _exit(3);
}

static void how_it_ended(void **state)
{
    (void)state;
    const px_child_plan plan = {
        .on = "ref", .most_pixels = 100, .longest = PX_LINK_BASE, .ends_by = SIGKILL, .answer = leave_with_3};
    const px_link_frame request = {PX_LINK_VERSION, PXL_STATUS, 1, 0, NULL};
    uint8_t bytes[PX_LINK_BYTES(0)];
    char how[100];
    px_process p;
    assert_true(px_process_start(&p, &plan, &error));
    const size_t size = px_link_encode(&request, bytes);
    assert_int_equal(write(p.fd, bytes, size), size);
    px_process_end(&p, 10, how, sizeof how);
    assert_string_equal(how, "ended by itself with status 3");
    assert_true(px_process_start(&p, &plan, &error));
    assert_false(px_process_ended(&p));
    px_process_end(&p, 0, how, sizeof how);
    assert_string_equal(how, "was ended by signal 9 (Killed)");
    assert_int_equal(p.pid, 0);
    char text[6];
    px_process_text("a\033b\177cdefg", 9, text, sizeof text);
    assert_string_equal(text, "a?b?c");
    px_process_text("abc", 2, text, sizeof text);
    assert_string_equal(text, "ab");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nothing_before, nothing_left)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(between_runs), TEST(in_a_run),          TEST(in_a_get),     TEST(silent),
        TEST(deaf),         TEST(keeps_its_machine), TEST(lies),         TEST(refused),
        TEST(one_machine),  TEST(beside_threads),    TEST(how_it_ended),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
