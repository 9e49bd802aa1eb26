/* together WHAT CHILDREN CALLS FILE - children that share a file ask for it in the same rounds; prints what each was
 * answered, as a sum, and what the file is then. Whether they were served together or one by one, it must be the same.
 * Who asks in the same round is served in any order, so that it must not matter, but where writes are the same piece's.
 * WHAT: w writes at places by chance of one piece, which overlap; r reads at any; s writes and t reads at the place of
 * a handle that they share; a appends by two handles; g writes piece after piece; x anything, wrong too, in a part of
 * the file for each; k by handles that are not for it. */
#include "os/apps/app.h"

enum {
    PART = 300,
    MOST = 128,
    PIECE = 255 /* words of a block of pxFS */,
    READS = 5001 /* bytes of the file that is read */
};
static uint32_t words[MOST + 1], chance_now, handles[2], calls_done;

static uint32_t chance(uint32_t below)
{
    chance_now = chance_now * 1664525 + 1013904223;
    return (chance_now >> 8) % below;
}

static uint32_t mixed(uint32_t sum, uint32_t value) { return (sum ^ value) * 16777619u; }

static int32_t move(uint32_t service, uint32_t handle, uint32_t address, uint32_t bytes, uint32_t place, uint32_t high)
{
    const uint32_t block[4] = {address, bytes, place, high};
    return px_sys(PXH_REQUEST(service, handle), PXO_ADDRESS(block));
}

/* Of somebody's own part, by chance: whatever may be wrong with it. */
static int32_t anything(uint32_t own)
{
    const uint32_t mask = chance(2) != 0 ? ~3u : ~0u, place = chance(PART) & mask, bytes = chance(PART - place) & mask;
    const uint32_t service = chance(2) != 0 ? PXH_READ : PXH_WRITE;
    const uint32_t handle = service == PXH_READ ? handles[0] : handles[1],
                   from = PXO_ADDRESS(words) + (chance(4) & mask);
    switch (chance(8)) {
    case 0:
        return move(service, handle | PXH_AT, from, bytes, own * PART + place, 1); /* behind all files */
    case 1:
        return move(service, handle | PXH_AT, 0xFFFFFF00, bytes | 1, own * PART + place, 0);
    case 2:
        return move(service, chance(16) | 8 | PXH_AT, from, bytes, own * PART, 0);
    case 3:
        return move(service, handle | PXH_AT, from & ~3u, 0, own * PART, 0);
    default:
        return move(service, handle | PXH_AT, from, bytes, own * PART + place, 0);
    }
}

static int32_t ask(char what, uint32_t own)
{
    const uint32_t count = 1 + chance(MOST - 1), address = PXO_ADDRESS(words);
    for (uint32_t i = 0; i < count; i++)
        words[i] = what == 'r' || what == 't' ? 0 : own << 24 | chance(1 << 24);
    switch (what) {
    case 'w':
        return move(PXH_WRITE, handles[1] | PXH_AT, address, 4 * count, 4 * chance(PIECE - count), 0);
    case 'r':
        return move(PXH_READ, handles[0] | PXH_AT, address, 4 * count, 4 * chance(1400), 0);
    case 's':
        return move(PXH_WRITE, handles[1], address, 4 * count, 0, 0);
    case 't':
        return move(PXH_READ, handles[0], address, 4 * count, 0, 0);
    case 'a':
        return move(PXH_WRITE, handles[own % 2] | (own % 4 < 2 ? PXH_AT : 0), address, 4 * count, 0, 0);
    case 'g':
        return move(PXH_WRITE, handles[1] | PXH_AT, address, 40, calls_done * 4 * PIECE + own * 40, 0);
    case 'k':
        return move(own % 2 != 0 ? PXH_READ : PXH_WRITE, handles[own % 2] | (own % 4 < 2 ? PXH_AT : 0), address,
                    4 * count, 0, 0);
    default:
        return anything(own);
    }
}

/* What it was answered, and what it has read then: words behind what came are as they were. */
static uint32_t work(char what, uint32_t calls, uint32_t own)
{
    uint32_t sum = 2166136261u;
    chance_now = own * 2654435761u;
    for (; calls_done < calls; calls_done++) {
        sum = mixed(sum, (uint32_t)ask(what, own));
        for (uint32_t i = 0; i <= MOST; i++)
            sum = mixed(sum, words[i]);
    }
    return sum;
}

static void put_file(const char *file, bool ordered)
{
    uint32_t sum = 2166136261u, all = 0;
    int32_t got;
    const int32_t handle = open_file(file, PXH_FOR_READ);
    for (; words[0] = 0, (got = read_file((uint32_t)handle, words, 4 * MOST)) > 0; all += (uint32_t)got)
        for (uint32_t i = 0; i < (uint32_t)(got + 3) / 4; i++)
            sum = ordered ? mixed(sum, words[i]) : sum + mixed(1, words[i]);
    put("file ");
    put_number(all, 0);
    put(" ");
    put_number(sum, 0);
    put("\n");
}

/* handles[0] is to read, [1] to write; where all append both are to. */
static bool open_both(char what, const char *file)
{
    const uint32_t to = PXH_FOR_WRITE | PXH_CREATE, append = what == 'a' ? PXH_APPEND : 0;
    const int32_t first = open_file(file, to | append),
                  second = open_file(file, append != 0 ? to | append : PXH_FOR_READ);
    handles[1] = (uint32_t)first;
    handles[0] = (uint32_t)second;
    for (uint32_t i = 0, now; (what == 'r' || what == 't') && i < READS; i += now) {
        now = READS - i < 4 * MOST ? READS - i : 4 * MOST;
        for (uint32_t k = 0; k < MOST; k++)
            words[k] = i * 40503 + k;
        if (!put_bytes(handles[1], (const char *)words, now))
            return false;
    }
    return first >= 0 && second >= 0;
}

/* Until all are there: nobody has the other end of a pipe any more. */
static void wait_for_all(const uint32_t ends[2])
{
    pxo_close(ends[1]);
    move(PXH_READ, ends[0], PXO_ADDRESS(words), 4, 0, 0);
    pxo_close(ends[0]);
}

int main(int argc, char **argv)
{
    uint32_t children, calls, ends[2], report[PXO_MESSAGE_WORDS] = {0};
    if (argc < 5 || !read_number(argv[2], &children) || !read_number(argv[3], &calls) ||
        !open_both(argv[1][0], argv[4]) || pxo_pipe(ends) != 0)
        return 2;
    const uint32_t parent = (uint32_t)pxo_getpid();
    for (uint32_t own = 0; own < children; own++) {
        const int32_t child = pxo_fork();
        if (child < 0)
            return 1;
        if (child == 0) {
            wait_for_all(ends);
            report[0] = own;
            report[1] = work(argv[1][0], calls, own);
            return pxo_post(parent, report), 0;
        }
    }
    pxo_close(ends[1]);
    for (uint32_t i = 0; i < children; i++) {
        pxo_take(0, report);
        put_number(report[0], 3);
        put_number(report[1], 11);
        put("\n");
    }
    put_file(argv[4], argv[1][0] != 'a');
    return 0;
}
