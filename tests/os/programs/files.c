/* files.c - calls for files and their answers; it prints what is not as it should be, and ends with how often. It runs
 * under px run --host --grant too, where only the services of pxi/HOST.md are asked. */
#include "os/apps/app.h"

static int wrong;

static void want(const char *what, int32_t answer, int32_t wanted)
{
    if (answer == wanted)
        return;
    wrong++;
    put(what);
    put(": ");
    if (answer < 0)
        put("-");
    put_number(answer < 0 ? -(uint32_t)answer : (uint32_t)answer, 1);
    put("\n");
}

static int32_t move(uint32_t service, uint32_t payload, const void *bytes, uint32_t count, uint32_t offset)
{
    const pxh_read block = {PXO_ADDRESS(bytes), count, offset, 0};
    return px_sys(PXH_REQUEST(service, payload), PXO_ADDRESS(&block));
}

static void files(void)
{
    char bytes[64];
    uint32_t size[2] = {9, 9};
    const int32_t f = open_file("f", PXH_FOR_READ | PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE);
    want("open", f, 3);
    want("write", move(PXH_WRITE, 3, "hello, world", 12, 0), 12);
    want("read at the end", move(PXH_READ, 3, bytes, 64, 0), 0);
    want("read at", move(PXH_READ, 3 | PXH_AT, bytes, 5, 7), 5);
    want("what was read", bytes[0] == 'w' && bytes[4] == 'd', 1);
    want("write at", move(PXH_WRITE, 3 | PXH_AT, "W", 1, 7), 1);
    want("write beyond", move(PXH_WRITE, 3 | PXH_AT, "!", 1, 3000), 1);
    want("size", px_sys(PXH_REQUEST(PXH_SIZE, 3), PXO_ADDRESS(size)), 0);
    want("its size", (int32_t)size[0], 3001);
    want("read between", move(PXH_READ, 3 | PXH_AT, bytes, 4, 2000), 4);
    want("what is between", bytes[0] + bytes[3], 0);
    want("read into nowhere", move(PXH_READ, 3, (const void *)0x7FFFFFF0, 64, 0), PXH_E_RANGE);
    want("close", pxo_close(3), 0);
    want("close again", pxo_close(3), PXH_E_HANDLE);
    want("open to read", open_file("f", PXH_FOR_READ), 3);
    want("write what is only read", move(PXH_WRITE, 3, "x", 1, 0), PXH_E_KIND);
    want("read", move(PXH_READ, 3, bytes, 8, 0), 8);
    want("what was written at", bytes[7], 'W');
    want("open to append", open_file("f", PXH_FOR_WRITE | PXH_APPEND), 4);
    want("append", move(PXH_WRITE, 4, "end", 3, 0), 3);
    want("read what was appended", move(PXH_READ, 3 | PXH_AT, bytes, 8, 3001), 3);
    const pxh_list block = {PXO_ADDRESS(size), 8, 0};
    want("list a file", px_sys(PXH_REQUEST(PXH_LIST, 4), PXO_ADDRESS(&block)), PXH_E_KIND);
    pxo_close(3);
    pxo_close(4);
}

static void errors(void)
{
    want("none", open_file("none", PXH_FOR_READ), PXH_E_ABSENT);
    want("below none", open_file("none/x", PXH_FOR_WRITE | PXH_CREATE), PXH_E_ABSENT);
    want("new", open_file("f", PXH_FOR_WRITE | PXH_CREATE | PXH_NEW), PXH_E_EXISTS);
    want("no way", open_file("f", 0), PXH_E_INVALID);
    want("two ways", open_file("f", PXH_DIRECTORY | PXH_FOR_READ), PXH_E_INVALID);
    want("create to read", open_file("f", PXH_FOR_READ | PXH_CREATE), PXH_E_INVALID);
    want("a folder as a file", open_file(".", PXH_FOR_READ), PXH_E_KIND);
    want("a file as a folder", open_file("f", PXH_DIRECTORY), PXH_E_KIND);
    want("no name", pxo_open("f", 0, PXH_FOR_READ), PXH_E_NAME);
    want("a name with 0", pxo_open("f\0g", 3, PXH_FOR_READ), PXH_E_NAME);
    want("a name nowhere", pxo_open((const char *)0x7FFFFFF0, 64, PXH_FOR_READ), PXH_E_RANGE);
    want("read a folder", open_file(".", PXH_DIRECTORY), 3);
    want("read of it", move(PXH_READ, 3, &wrong, 4, 0), PXH_E_KIND);
    pxo_close(3);
}

static void lists(void)
{
    uint32_t words[64], first = 0;
    char last = 'a' - 1;
    open_file("c", PXH_FOR_WRITE | PXH_CREATE);
    open_file("b", PXH_FOR_WRITE | PXH_CREATE);
    pxo_close(3);
    pxo_close(4);
    want("open the folder", open_file(".", PXH_DIRECTORY), 3);
    for (int32_t count;; first += (uint32_t)count) {
        const pxh_list block = {PXO_ADDRESS(words), 20, first};
        count = px_sys(PXH_REQUEST(PXH_LIST, 3), PXO_ADDRESS(&block));
        if (count != 1)
            break;
        want("order", ((char *)(words + 4))[0] > last, 1);
        last = ((char *)(words + 4))[0];
        want("kind", (int32_t)words[0], PXH_FILE);
        want("length", (int32_t)words[3], 1);
    }
    want("entries", (int32_t)first, 3);
    const pxh_list small = {PXO_ADDRESS(words), 12, 0};
    want("no room for one", px_sys(PXH_REQUEST(PXH_LIST, 3), PXO_ADDRESS(&small)), PXH_E_LIMIT);
    pxo_close(3);
}

/* What only pxOS has. */
static void names(void)
{
    pxo_stat about;
    pxo_space space;
    char path[MOST_PATH];
    want("mkdir", pxo_mkdir("d", 1), 0);
    want("mkdir again", pxo_mkdir("d", 1), PXH_E_EXISTS);
    want("chdir", pxo_chdir("d", 1), 0);
    want("folder", pxo_folder(path, sizeof path), 9);
    want("its path", path[6] == 't' && path[8] == 'd', 1);
    want("folder without room", pxo_folder(path, 3), PXH_E_LIMIT);
    want("chdir to a file", pxo_chdir("../f", 4), PXH_E_KIND);
    want("up", pxo_chdir("..", 2), 0);
    want("remove what is full", (pxo_move("f", 1, "d/f", 3), pxo_remove("d", 1)), PXH_E_KIND);
    want("into itself", pxo_move("d", 1, "d/e", 3), PXH_E_INVALID);
    want("stat", pxo_stat_of("d/f", 3, &about), 0);
    want("size", (int32_t)about.size, 3004);
    want("kind", (int32_t)about.kind, PXH_FILE);
    want("space", pxo_free("/", 1, &space), 0);
    want("some is free", space.free > 1000 && space.free < space.bytes, 1);
    const int32_t f = open_file("d/f", PXH_FOR_READ | PXH_FOR_WRITE);
    const uint32_t at[2] = {3001, 0};
    want("seek", px_sys(PXH_REQUEST(PXO_SEEK, (uint32_t)f), PXO_ADDRESS(at)), 0);
    want("read there", move(PXH_READ, (uint32_t)f, path, 9, 0), 3);
    want("resize", px_sys(PXH_REQUEST(PXO_RESIZE, (uint32_t)f), PXO_ADDRESS(at)), 0);
    want("read at its end", move(PXH_READ, (uint32_t)f, path, 9, 0), 0);
    want("remove what is open", pxo_remove("d/f", 3), 0);
    want("read what has no name", move(PXH_READ, (uint32_t)f | PXH_AT, path, 5, 0), 5);
    pxo_close((uint32_t)f);
    want("remove", pxo_remove("d", 1), 0);
    want("remove again", pxo_remove("d", 1), PXH_E_ABSENT);
    want("sync", pxo_sync(), 0);
    want("mount what is not there", pxo_attach(0, "/tmp", 4), PXH_E_DENIED);
}

int main(void)
{
    uint32_t services[8];
    px_sys(PXH_REQUEST(PXH_SERVICES, 0), PXO_ADDRESS(services));
    const bool pxos = (services[PXO_MKDIR / 32] >> PXO_MKDIR % 32 & 1) != 0;
    if (pxos)
        want("a folder for it", pxo_mkdir("/home/t", 7) | pxo_chdir("/home/t", 7), 0);
    files();
    errors();
    lists();
    if (pxos)
        names();
    return wrong;
}
