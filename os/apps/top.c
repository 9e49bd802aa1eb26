/* top - who has the instructions
 *
 * usage: top [-n TIMES]
 *
 * The processes by what each has had since the time before, each second; q or
 * Ctrl-C ends it. -n: so often, without a screen. */
#include "os/apps/keys.h"

enum { MOST = 160, ROWS = 20 };

static pxo_process now[MOST];
static struct {
    uint32_t pid, instructions;
} before[MOST];
static uint32_t had[MOST], known;

static uint32_t before_of(uint32_t pid)
{
    for (uint32_t i = 0; i < known; i++)
        if (before[i].pid == pid)
            return before[i].instructions;
    return 0;
}

static bool show(bool screen)
{
    static const char *const states[] = {"free ", "ready", "waits", "ended"};
    const int32_t count = pxo_processes(now, MOST);
    uint32_t sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += had[i] = now[i].instructions - before_of(now[i].pid);
    bool good = put(screen ? "\x1B[H\x1B[J" : "") && put_number((uint32_t)count, 0) && put(" processes, ") &&
                put_number(sum, 0) && put(" instructions\n    pid  state   instructions  program\n");
    for (int32_t row = 0; row < count && row < ROWS && good; row++) {
        int32_t most = row;
        for (int32_t i = row; i < count; i++)
            most = had[i] > had[most] ? i : most;
        const pxo_process p = now[most];
        const uint32_t h = had[most];
        now[most] = now[row];
        had[most] = had[row];
        now[row] = p;
        had[row] = h;
        good = put_number(p.pid, 7) && put("  ") && put(states[p.state & 3]) && put_number(h, 15) && put("  ") &&
               put(p.name) && put("\n");
    }
    known = count > 0 ? (uint32_t)count : 0;
    for (uint32_t i = 0; i < known; i++) {
        before[i].pid = now[i].pid;
        before[i].instructions = now[i].instructions;
    }
    return good;
}

/* Waits a second, or until a key comes that ends it: false. */
static bool rest(bool keys)
{
    enum { LOOKS = 10 };
    uint8_t key = 0;
    uint32_t entry[] = {PXH_REQUEST(PXH_INPUT, 1), PXO_ADDRESS(&key), 0, PXH_TO_DO};
    if (!keys)
        return pxo_sleep(1000) == 0;
    for (uint32_t i = 0; i < LOOKS; i++) {
        pxo_sleep(1000 / LOOKS);
        px_sys(PXH_REQUEST(PXH_SUBMIT, 1), PXO_ADDRESS(entry));
        if (entry[3] == PXH_DONE)
            return entry[2] == 1 && key != 'q' && key != ('C' & CTRL);
    }
    return true;
}

int main(int argc, char **argv)
{
    uint32_t times = 0;
    if (asks_help(argc, argv))
        return 0;
    if (argc != 1 && !(argc == 3 && same(argv[1], "-n") && read_number(argv[2], &times)))
        return usage();
    const bool screen = argc == 1, keys = screen && ask_keys(true);
    bool good = true, goes_on = true;
    for (uint32_t i = 0; good && goes_on && (screen || i < times); i++) {
        good = show(screen);
        if (screen || i + 1 < times)
            goes_on = rest(keys);
    }
    if (keys)
        ask_keys(false);
    return !good;
}
