/* crowd KIND PROCESSES CALLS [QUIETLY] - so many children ask so often, side by side; prints how many instructions all
 * had, and whether something was wrong. KIND: g getpid, s PROCESS, q a pipe of one's own (a write and a read), p pipes
 * and m messages from every second to the one before, w one pipe that all write to and the parent reads, c messages of
 * all to the parent, from the same round on, n nothing for half of a round, r 64 bytes of a file, o likewise written,
 * in one of 15 places, l written and h read at the place of a handle that all have, f what is told of an open file, t
 * of one name, d of several. With FEW only g, s, d and m, for a core that has not the memory for more. */
#include "os/apps/app.h"

#ifndef FEW
#define FEW 0
#endif

enum { BYTES = 64, WHOLE = 48 /* words of a file, in its code */, PLACE = 7200, RECORDS = 15 };
static const char name[] = "/tmp/crowd";

static uint32_t ends[2], peer, turn, numbers; /* numbers: the sum of all children's */
static uint32_t places, had;                  /* of kind o: which are written to; of h: what was read */
static int32_t file;
static uint32_t whole[WHOLE];

static uint32_t pattern(uint32_t call, uint32_t i) { return call * 2654435761u + i * 40503; }

static bool write_words(uint32_t call)
{
    uint32_t words[BYTES / 4];
    for (uint32_t i = 0; i < BYTES / 4; i++)
        words[i] = pattern(call, i);
    return put_bytes(ends[1], (const char *)words, BYTES);
}

static bool write_words_at(uint32_t own)
{
    uint32_t words[BYTES / 4];
    for (uint32_t i = 0; i < BYTES / 4; i++)
        words[i] = pattern(own, i);
    const pxh_write block = {PXO_ADDRESS(words), BYTES, own % RECORDS * BYTES, 0};
    return px_sys(PXH_REQUEST(PXH_WRITE, ends[1] | PXH_AT), PXO_ADDRESS(&block)) == BYTES;
}

/* Words of one writer, and its number. */
static bool read_record(uint32_t handle, uint32_t *number)
{
    uint32_t words[BYTES / 4];
    const pxh_read block = {PXO_ADDRESS(words), BYTES, 0, 0};
    bool good = px_sys(PXH_REQUEST(PXH_READ, handle), PXO_ADDRESS(&block)) == BYTES;
    for (uint32_t i = 1; i < BYTES / 4; i++)
        good &= words[i] - words[i - 1] == pattern(0, 1);
    *number = words[0] * 244002641u; /* the inverse of pattern's factor */
    return good;
}

static bool read_next(void)
{
    uint32_t number;
    const bool good = read_record(ends[0], &number);
    had += number;
    return good;
}

static bool read_words(uint32_t call)
{
    uint32_t words[BYTES / 4];
    const pxh_read block = {PXO_ADDRESS(words), BYTES, 0, 0};
    if (px_sys(PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&block)) != BYTES)
        return false;
    for (uint32_t i = 0; i < BYTES / 4; i++)
        if (words[i] != pattern(call, i))
            return false;
    return true;
}

static bool send(uint32_t call)
{
    const uint32_t words[PXO_MESSAGE_WORDS] = {call, pattern(call, 1), peer, 4};
    return pxo_post(peer, words) == 0;
}

static bool receive(uint32_t call)
{
    uint32_t words[PXO_MESSAGE_WORDS];
    return pxo_take(0, words) > 0 && words[0] == call && words[1] == pattern(call, 1) &&
           words[2] == (uint32_t)pxo_getpid() && words[3] == 4;
}

static bool run(void)
{
    for (volatile uint32_t i = 0; i < 1000; i++)
        ;
    return true;
}

static bool read_words_at(uint32_t *words, uint32_t offset, uint32_t bytes)
{
    const pxh_read block = {PXO_ADDRESS(words), bytes, offset, 0};
    return px_sys(PXH_REQUEST(PXH_READ, (uint32_t)file | PXH_AT), PXO_ADDRESS(&block)) == (int32_t)bytes;
}

/* From a place of one's own, what the parent has read alone. */
static bool read_file_words(uint32_t own)
{
    uint32_t words[BYTES / 4];
    const uint32_t place = own % (WHOLE - BYTES / 4);
    if (!read_words_at(words, PLACE + 4 * place, BYTES))
        return false;
    for (uint32_t i = 0; i < BYTES / 4; i++)
        if (words[i] != whole[place + i])
            return false;
    return true;
}

static const char *const names[] = {"/bin/cat", "/bin/sh", "/bin/ls", "/bin/wc",
                                    "/bin/rm",  "/bin/cp", "/bin/mv", "/bin/ps"};
enum { NAMES = sizeof names / sizeof *names };

static bool stat_handle(void)
{
    pxo_stat about;
    return px_sys(PXH_REQUEST(PXO_FSTAT, (uint32_t)file), PXO_ADDRESS(&about)) == 0 && about.kind == PXH_FILE;
}

static bool stat_name(const char *name)
{
    pxo_stat about;
    return pxo_stat_of(name, length_of(name), &about) == 0 && about.kind == PXH_FILE;
}

static bool ask_more(char kind, uint32_t call, uint32_t own)
{
    switch (kind) {
    case 'q':
        return write_words(call) && read_words(call);
    case 'w':
    case 'l':
        return write_words(own);
    case 'o':
        return write_words_at(own);
    case 'h':
        return read_next();
    case 'c':
        return send(call);
    case 'n':
        return run();
    case 'f':
        return stat_handle();
    case 't':
        return stat_name(names[0]);
    case 'r':
        return read_file_words(own);
    default:
        return turn == 0 ? read_words(call) : write_words(call);
    }
}

static bool ask(char kind, uint32_t call, uint32_t own)
{
    pxo_process about;
    if (kind == 'g')
        return (uint32_t)pxo_getpid() == own;
    if (kind == 's')
        return pxo_about(call % 2 == 0 ? 0 : own, &about) == 0 && about.pid == own && about.name[0] == 'c' &&
               about.state == PXO_READY;
    if (kind == 'd')
        return stat_name(names[own % NAMES]);
    return !FEW && kind != 'm' ? ask_more(kind, call, own) : turn == 0 ? receive(call) : send(call);
}

/* The kind is this one of those that FEW leaves out. */
static bool is(char kind, char one) { return !FEW && kind == one; }

static void work(char kind, uint32_t calls, uint32_t parent)
{
    const uint32_t own = (uint32_t)pxo_getpid();
    uint32_t report[PXO_MESSAGE_WORDS] = {0};
    pxo_process about = {0};
    if (is(kind, 'q') && pxo_pipe(ends) != 0)
        report[1]++;
    if (is(kind, 'c')) { /* what all wait for is that nobody can write */
        peer = parent;
        report[1] += pxo_close(ends[1]) != 0 || read_words(0);
    }
    for (uint32_t call = 0; call < calls; call++)
        report[1] += !ask(kind, call, own);
    pxo_about(0, &about);
    report[0] = about.instructions;
    report[2] = had;
    pxo_post(parent, report);
}

/* For a pair's first, what joins it with its second. */
static bool join(char kind, uint32_t last)
{
    if (is(kind, 'p') && turn == 0)
        return pxo_pipe(ends) == 0;
    peer = last;
    return true;
}

/* Each child's messages come in its order, and no child is left behind. */
static uint32_t take_all(uint32_t processes, uint32_t calls)
{
    uint32_t words[PXO_MESSAGE_WORDS], wrong = pxo_close(ends[1]) != 0;
    for (uint32_t message = 0; message < processes * calls; message++)
        wrong += pxo_take(0, words) < 1 || words[0] != message / processes || words[1] != pattern(words[0], 1);
    return wrong;
}

/* What is written is not torn: each piece is one of its writer's. Each writer is a child, and writes as often as
 * others. */
static uint32_t read_all(uint32_t processes, uint32_t calls)
{
    uint32_t number, wrong = 0, sum = 0;
    for (uint32_t piece = 0; piece < processes * calls; piece++) {
        wrong += !read_record(ends[0], &number);
        sum += number;
    }
    return wrong + (sum != calls * numbers);
}

/* A place that was written to has the words of one who writes there; another has nothing. */
static uint32_t read_places(void)
{
    uint32_t number, wrong = 0;
    for (uint32_t place = 0; places >> place != 0; place++)
        if ((places >> place & 1) != 0)
            wrong += !read_record(ends[0], &number) || number % RECORDS != place;
        else
            wrong += read_record(ends[0], &number) || number != 0;
    return wrong;
}

/* The file of kinds o, l and h: open to write, and to read. For h it is filled. */
static bool make_file(char kind, uint32_t records)
{
    const int32_t to = open_file(name, PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE), from = open_file(name, PXH_FOR_READ);
    bool good = to >= 0 && from >= 0;
    ends[0] = (uint32_t)from;
    ends[1] = (uint32_t)to;
    for (uint32_t i = 0; kind == 'h' && i < records; i++)
        good = good && write_words(i);
    return good;
}

/* What the children have written. */
static uint32_t look_at_file(char kind, uint32_t processes, uint32_t calls)
{
    const uint32_t records = processes * calls;
    const uint32_t wrong = kind == 'o'   ? read_places()
                           : kind == 'l' ? read_all(processes, calls)
                                         : had != records * (records - 1) / 2;
    return wrong + (pxo_remove(name, length_of(name)) != 0);
}

int main(int argc, char **argv)
{
    uint32_t processes, calls, wrong = 0, sum = 0;
    if (argc < 4 || !read_number(argv[2], &processes) || !read_number(argv[3], &calls))
        return 2;
    const char kind = argv[1][0];
    const bool filed = is(kind, 'o') || is(kind, 'l') || is(kind, 'h');
    const uint32_t own = (uint32_t)pxo_getpid();
    if (is(kind, 'w') || is(kind, 'c'))
        wrong += pxo_pipe(ends) != 0;
    if (is(kind, 'f'))
        wrong += (file = open_file("/bin/sh", PXH_FOR_READ)) < 0;
    if (is(kind, 'r'))
        wrong += (file = open_file("/bin/sh", PXH_FOR_READ)) < 0 || !read_words_at(whole, PLACE, sizeof whole);
    if (filed)
        wrong += !make_file(kind, processes * calls);
    for (uint32_t i = 0, last = 0; i < processes; i++) {
        turn = i % 2;
        wrong += !join(kind, last);
        const int32_t child = pxo_fork();
        if (child == 0)
            return work(kind, calls, own), 0;
        wrong += child < 0;
        last = (uint32_t)child;
        numbers += last;
        places |= UINT32_C(1) << last % RECORDS;
        if (is(kind, 'p') && turn == 1)
            wrong += pxo_close(ends[0]) != 0 || pxo_close(ends[1]) != 0;
    }
    if (is(kind, 'w'))
        wrong += read_all(processes, calls);
    if (is(kind, 'c'))
        wrong += take_all(processes, calls);
    for (uint32_t i = wrong; i < processes; i++) {
        uint32_t report[PXO_MESSAGE_WORDS];
        wrong += pxo_take(0, report) < 1 || report[1] != 0;
        sum += report[0];
        had += report[2];
    }
    if (filed)
        wrong += look_at_file(kind, processes, calls);
    pxo_process about = {0};
    pxo_about(0, &about);
    if (argc == 4)
        put_number(sum + about.instructions, 0);
    put(wrong != 0 ? " wrong\n" : argc == 4 ? "\n" : "");
    return wrong != 0;
}
