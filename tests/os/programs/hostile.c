/* hostile - asks what is wrong, and says what was not answered as pxi/HOST.md and os/OS.md want it. */
#include "os/apps/app.h"

enum { FAR = 0x7FFFFFF0 };

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
    wants("a list", PXH_E_DENIED, ASK(PXH_SUBMIT, 1), PXO_ADDRESS(sink));
    wants("no such call", PXH_E_NOSYS, ASK(0x7F, 0), 0);
    wants("nor this", PXH_E_NOSYS, ASK(0xFF, 0), 0);
}

int main(void)
{
    places();
    spawns();
    others();
    put(bad == 0 ? "all refused\n" : "hostile: not as wanted\n");
    return bad != 0;
}
