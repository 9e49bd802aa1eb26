/* ls - what is in folders, a name a line: -l: kind and size before it. */
#include "os/apps/app.h"

enum { ROOM = 1024, ENTRY_WORDS = 4 };

static bool put_entry(uint32_t kind, uint32_t size, const char *name, uint32_t length, bool all)
{
    if (all && !(put(kind == PXH_FOLDER ? "d " : kind == PXH_FILE ? "- " : "? ") && put_number(size, 10) && put(" ")))
        return false;
    return put_bytes(1, name, length) && put("\n");
}

static bool list(const char *name, bool all)
{
    static uint32_t words[ROOM / 4];
    pxo_stat about;
    int32_t count = pxo_stat_of(name, length_of(name), &about);
    if (count >= 0 && about.kind != PXH_FOLDER)
        return put_entry(about.kind, about.size, name, length_of(name), all);
    const int32_t handle = count < 0 ? count : open_file(name, PXH_DIRECTORY);
    count = handle;
    for (uint32_t first = 0; count >= 0; first += (uint32_t)count) {
        const pxh_list block = {PXO_ADDRESS(words), sizeof words, first};
        const uint32_t *at = words;
        count = px_sys(PXH_REQUEST(PXH_LIST, (uint32_t)handle), PXO_ADDRESS(&block));
        if (count == 0)
            break;
        for (int32_t i = 0; i < count; i++) {
            if (!put_entry(at[0], at[1], (const char *)(at + ENTRY_WORDS), at[3], all))
                return false;
            at += ENTRY_WORDS + (at[3] + 3) / 4;
        }
    }
    if (handle >= 0)
        pxo_close((uint32_t)handle);
    return !failed("ls", name, count);
}

int main(int argc, char **argv)
{
    const bool all = argc > 1 && argv[1][0] == '-' && argv[1][1] == 'l' && argv[1][2] == '\0';
    const int first = all ? 2 : 1;
    bool good = argc > first || list(".", all);
    for (int i = first; i < argc; i++)
        good = list(argv[i], all) && good;
    return !good;
}
