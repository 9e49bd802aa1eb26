/* hostile [MANY] - asks what is wrong, and says what was not answered as pxi/HOST.md and os/OS.md want it. MANY: eight
 * do so in the same rounds. */
#include "os/apps/app.h"

enum { FAR = 0x7FFFFFF0 };

enum { CROWD = 8, PIPE_BYTES = 1024 };

static uint32_t far_bytes[2] = {FAR, 16}, wrapped[2] = {16, 0xFFFFFFFC}, behind[2], sink[64];
static uint32_t no_name[6] = {FAR, 4, 0, 0, 0, 1}, no_words[6], unended[6], long_name[6], no_handle[6], much[6];
static const char text[4] = "echo";

static uint32_t bad;

static void wants(const char *what, int32_t answer, uint32_t request, uint32_t argument)
{
    const int32_t got = px_sys(request, argument);
    if (got == answer)
        return;
    bad++;
    put(what);
    put(": ");
    put_number((uint32_t)-got, 0);
    put(", wanted ");
    put_number((uint32_t)-answer, 0);
    put("\n");
}

#define ASK(service, payload) PXH_REQUEST(service, payload)

static void places(void)
{
    static const uint8_t writers[] = {PXH_CLOCK, PXO_PIPE, PXO_WAITPID, PXH_SERVICES};
    const uint32_t all = 4 * px_get_n();
    for (unsigned i = 0; i < sizeof writers; i++) {
        wants("far", PXH_E_RANGE, ASK(writers[i], 0), FAR);
        wants("the last word", PXH_E_RANGE, ASK(writers[i], 0), all - 4);
        wants("one behind", PXH_E_RANGE, ASK(writers[i], 0), all);
        wants("all ones", PXH_E_RANGE, ASK(writers[i], 0), 0xFFFFFFFC);
        wants("odd", PXH_E_INVALID, ASK(writers[i], 0), PXO_ADDRESS(sink) + 1);
    }
    behind[0] = all - 3;
    behind[1] = 4;
    for (uint32_t service = PXH_READ; service <= PXH_WRITE; service++) {
        const uint32_t request = ASK(service, service == PXH_WRITE);
        wants("bytes far", PXH_E_RANGE, request, PXO_ADDRESS(far_bytes));
        wants("bytes behind", PXH_E_RANGE, request, PXO_ADDRESS(behind));
        wants("a block far", PXH_E_RANGE, request, FAR);
    }
    wants("bytes that wrap", PXH_E_RANGE, ASK(PXH_WRITE, 1), PXO_ADDRESS(wrapped));
    wants("print far", PXH_E_RANGE, ASK(PXH_PRINT, 4), FAR);
    wants("print behind", PXH_E_RANGE, ASK(PXH_PRINT, 0xFFFFFE), 4);
    px_image(px_get_n() - 1)[0] = 0x61616161;
    wants("a text without end", PXH_E_RANGE, ASK(PXH_PRINT, PXH_STRING), all - 4);
    wants("a text behind", PXH_E_RANGE, ASK(PXH_PRINT, PXH_STRING), all);
    wants("input far", PXH_E_RANGE, ASK(PXH_INPUT, 4), FAR);
    wants("chance far", PXH_E_RANGE, ASK(PXH_RANDOM, 16), all - 15);
    wants("processes far", PXH_E_RANGE, ASK(PXO_PROCESSES, 100), all - 32);
}

static void block(uint32_t *of, uint32_t name, uint32_t length, uint32_t arguments, uint32_t bytes, uint32_t input)
{
    of[0] = name;
    of[1] = length;
    of[2] = arguments;
    of[3] = bytes;
    of[4] = input;
    of[5] = 1;
}

static void spawns(void)
{
    static const char ended[] = "echo";
    const uint32_t name = PXO_ADDRESS(text);
    block(no_words, name, 4, FAR, 4, 0);
    block(unended, name, 4, name, 4, 0);
    block(long_name, name, 0x80000000, PXO_ADDRESS(ended), 5, 0);
    block(no_handle, name, 4, PXO_ADDRESS(ended), 5, 7);
    block(much, name, 4, 0, 1025, 0);
    wants("a name far", PXH_E_RANGE, ASK(PXO_SPAWN, 0), PXO_ADDRESS(no_name));
    wants("arguments far", PXH_E_RANGE, ASK(PXO_SPAWN, 0), PXO_ADDRESS(no_words));
    wants("arguments without end", PXH_E_INVALID, ASK(PXO_SPAWN, 0), PXO_ADDRESS(unended));
    wants("a long name", PXH_E_RANGE, ASK(PXO_SPAWN, 0), PXO_ADDRESS(long_name));
    wants("no such handle", PXH_E_HANDLE, ASK(PXO_SPAWN, 0), PXO_ADDRESS(no_handle));
    wants("many arguments", PXH_E_LIMIT, ASK(PXO_SPAWN, 0), PXO_ADDRESS(much));
    block(much, name, 3, PXO_ADDRESS(ended), 5, 0);
    wants("no program", PXH_E_ABSENT, ASK(PXO_SPAWN, 0), PXO_ADDRESS(much));
}

static void others(void)
{
    wants("no child", PXH_E_ABSENT, ASK(PXO_WAITPID, 0), PXO_ADDRESS(sink));
    wants("kill the shell", PXH_E_DENIED, ASK(PXO_KILL, 1), 0);
    wants("kill itself", PXH_E_DENIED, ASK(PXO_KILL, pxo_getpid()), 0);
    wants("kill nobody", PXH_E_ABSENT, ASK(PXO_KILL, 0), 0);
    wants("getpid 1", PXH_E_INVALID, ASK(PXO_GETPID, 1), 0);
    wants("yield 1", PXH_E_INVALID, ASK(PXH_YIELD, 1), 0);
    wants("exit 256", PXH_E_INVALID, ASK(PXH_EXIT, 256), 0);
    wants("handle 5", PXH_E_HANDLE, ASK(PXH_WRITE, 5), PXO_ADDRESS(wrapped));
    wants("handle 65535", PXH_E_HANDLE, ASK(PXH_READ, 65535), PXO_ADDRESS(wrapped));
    wants("close 8", PXH_E_HANDLE, ASK(PXH_CLOSE, 8), 0);
    wants("a port", PXH_E_DENIED, ASK(PXH_PORT_READ, 0), 0);
    wants("a disk", PXH_E_DENIED, ASK(PXH_DISK_WRITE, 0), 0);
    wants("a list", PXH_E_RANGE, ASK(PXH_SUBMIT, 1), 0xFFFFFFF0);
    wants("a long list", PXH_E_LIMIT, ASK(PXH_SUBMIT, 65), 0);
    wants("no such call", PXH_E_NOSYS, ASK(0x7F, 0), 0);
    wants("nor this", PXH_E_NOSYS, ASK(0xFF, 0), 0);
}

/* ---- what the kernel serves for many at once ---- */

static uint32_t ends[2], moved[4], data[PIPE_BYTES / 4 + 1], got[PIPE_BYTES / 4 + 1];

static void move(const char *what, int32_t answer, uint32_t request, uint32_t address, uint32_t count)
{
    moved[0] = address;
    moved[1] = count;
    wants(what, answer, request, PXO_ADDRESS(moved));
}

/* From and to any byte, and over the pipe's end: what is read is what was written. */
static void through(uint32_t from, uint32_t to, uint32_t count)
{
    const uint8_t *const given = (const uint8_t *)data + from, *const taken = (const uint8_t *)got + to;
    for (uint32_t i = 0; i < sizeof data / sizeof *data; i++)
        data[i] = i * 2654435761u + from + count;
    move("a write", (int32_t)count, ASK(PXH_WRITE, ends[1]), PXO_ADDRESS(given), count);
    move("a read", (int32_t)count, ASK(PXH_READ, ends[0]), PXO_ADDRESS(taken), count);
    for (uint32_t i = 0; i < count; i++)
        if (given[i] != taken[i]) {
            wants("what was written", 0, ASK(0xFF, 0), i);
            return;
        }
}

static void pipes(void)
{
    const uint32_t all = 4 * px_get_n(), at = PXO_ADDRESS(data);
    wants("a pipe", 0, ASK(PXO_PIPE, 0), PXO_ADDRESS(ends));
    for (unsigned k = 0; k < 2; k++) {
        const uint32_t request = k == 0 ? ASK(PXH_WRITE, ends[1]) : ASK(PXH_READ, ends[0]);
        move("bytes behind", PXH_E_RANGE, request, all - 60, 64);
        move("bytes at the end", PXH_E_RANGE, request, all, 4);
        move("bytes far", PXH_E_RANGE, request, FAR, 64);
        move("bytes that wrap", PXH_E_RANGE, request, 64, 0xFFFFFFFC);
        move("more than there is", PXH_E_RANGE, request, 0, all + 4);
        move("no bytes", 0, request, at, 0);
        wants("a block behind", PXH_E_RANGE, request, all - 4);
        wants("a block far", PXH_E_RANGE, request, FAR);
        wants("an odd block", PXH_E_INVALID, request, PXO_ADDRESS(moved) + 2);
        move("at a place", PXH_E_KIND, request | PXH_AT, at, 4);
    }
    move("the wrong end", PXH_E_KIND, ASK(PXH_WRITE, ends[0]), at, 64);
    move("the other wrong end", PXH_E_KIND, ASK(PXH_READ, ends[1]), at, 64);
    move("handle 8", PXH_E_HANDLE, ASK(PXH_WRITE, 8), at, 64);
    move("handle 7", PXH_E_HANDLE, ASK(PXH_WRITE, 7), at, 64);
    move("the last word", 64, ASK(PXH_WRITE, ends[1]), all - 64, 64);
    move("to the last word", 64, ASK(PXH_READ, ends[0]), all - 64, 64);
    for (uint32_t i = 0; i < 40; i++)
        through(i % 7 == 0 ? i % 4 : 0, i % 5 == 0 ? i % 3 : 0, i % 4 == 0 ? 61 + i : 4 * i + 4);
    move("more than a pipe holds", PIPE_BYTES, ASK(PXH_WRITE, ends[1]), at, PIPE_BYTES + 4);
    move("more than is there", PIPE_BYTES, ASK(PXH_READ, ends[0]), PXO_ADDRESS(got), PIPE_BYTES + 4);
    wants("close", 0, ASK(PXH_CLOSE, ends[1]), 0);
    move("nobody writes", 0, ASK(PXH_READ, ends[0]), at, 64);
    wants("close the other", 0, ASK(PXH_CLOSE, ends[0]), 0);
}

static void processes(void)
{
    static const uint8_t writers[] = {PXO_PROCESS, PXO_TAKE};
    const uint32_t all = 4 * px_get_n(), own = (uint32_t)pxo_getpid();
    for (unsigned i = 0; i < sizeof writers; i++) {
        const uint32_t bytes = writers[i] == PXO_TAKE ? 16 : 32;
        wants("far", PXH_E_RANGE, ASK(writers[i], 0), FAR);
        wants("a word behind", PXH_E_RANGE, ASK(writers[i], 0), all - bytes + 4);
        wants("odd", PXH_E_INVALID, ASK(writers[i], 0), PXO_ADDRESS(sink) + 1);
    }
    wants("just there", 0, ASK(PXO_PROCESS, 0), all - 32);
    wants("nobody", PXH_E_ABSENT, ASK(PXO_PROCESS, 0x700000), PXO_ADDRESS(sink));
    wants("no message", 0, ASK(PXO_TAKE, PXO_NOW), all - 16);
    wants("take 1", PXH_E_INVALID, ASK(PXO_TAKE, 1), PXO_ADDRESS(sink));
    wants("to nobody", PXH_E_ABSENT, ASK(PXO_POST, 0), PXO_ADDRESS(sink));
    wants("to nobody there", PXH_E_ABSENT, ASK(PXO_POST, 0x700000), PXO_ADDRESS(sink));
    wants("to itself", PXH_E_INVALID, ASK(PXO_POST, own), PXO_ADDRESS(sink));
    wants("from far", PXH_E_RANGE, ASK(PXO_POST, 1), FAR);
    wants("from behind", PXH_E_RANGE, ASK(PXO_POST, 1), all - 12);
    wants("from an odd place", PXH_E_INVALID, ASK(PXO_POST, 1), PXO_ADDRESS(sink) + 3);
    wants("fork 1", PXH_E_INVALID, ASK(PXO_FORK, 1), 0);
    wants("heap 1", PXH_E_INVALID, ASK(PXO_HEAP, 1), 0);
    wants("exec far", PXH_E_RANGE, ASK(PXO_EXEC, 0), all - 12);
    wants("a level that is none", PXH_E_INVALID, ASK(PXO_PRIORITY, 0), 8);
}

static void ask_all(void)
{
    places();
    spawns();
    others();
    pipes();
    processes();
}

/* Children wait for a pipe until nobody can write to it any more, and then go on in the same round. */
static void ask_together(void)
{
    uint32_t gate[2];
    char byte;
    const pxh_read block = {PXO_ADDRESS(&byte), 1, 0, 0};
    pxo_pipe(gate);
    for (uint32_t i = 0; i < CROWD; i++)
        if (pxo_fork() == 0) {
            pxo_close(gate[1]);
            px_sys(PXH_REQUEST(PXH_READ, gate[0]), PXO_ADDRESS(&block));
            pxo_close(gate[0]);
            ask_all();
            px_sys(PXH_REQUEST(PXH_EXIT, bad != 0), 0);
        }
    pxo_close(gate[0]);
    pxo_close(gate[1]);
    for (uint32_t i = 0; i < CROWD; i++) {
        pxo_ended how = {0};
        bad += pxo_wait(0, &how) < 0 || how.how != PXO_EXITED || how.status != 0;
    }
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        ask_together();
    else
        ask_all();
    put(bad == 0 ? "all refused\n" : "hostile: not as wanted\n");
    return bad != 0;
}
