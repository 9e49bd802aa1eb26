/* tail - the last lines
 *
 * usage: tail [-n LINES] [FILE]
 *
 * 10 of them, of the file or of its input; -n +LINES: from that line on. They
 * have 6,143 bytes together at most. */
#include "os/apps/app.h"

enum { ROOM = 6144 };

static char ring[ROOM];

static bool put_last(reader *r, uint32_t lines)
{
    uint32_t end = 0, all = 0, begin;
    int byte, last = '\n';
    while ((byte = next_of(r)) >= 0) {
        ring[end] = (char)(last = byte);
        end = (end + 1) % ROOM;
        all++;
    }
    const uint32_t kept = all < ROOM ? all : ROOM - 1;
    lines += all > 0 && last == '\n';
    for (begin = 0; begin < kept; begin++)
        if (ring[(end + ROOM - begin - 1) % ROOM] == '\n' && lines-- == 1)
            break;
    if (lines == 0 && begin == 0)
        return true;
    bool good = true;
    for (uint32_t i = begin; i-- > 0 && good;)
        good = put_bytes(1, &ring[(end + ROOM - i - 1) % ROOM], 1);
    return good;
}

static bool put_from(reader *r, uint32_t line)
{
    bool good = true;
    for (int byte; good && (byte = next_of(r)) >= 0;) {
        const char c = (char)byte;
        good = line > 1 || put_bytes(1, &c, 1);
        line -= byte == '\n' && line > 1;
    }
    return good;
}

int main(int argc, char **argv)
{
    static reader r;
    uint32_t lines = 10;
    int first = 1;
    bool from = false;
    if (asks_help(argc, argv))
        return 0;
    if (argc > 2 && same(argv[1], "-n")) {
        from = argv[2][0] == '+';
        if (!read_number(argv[2] + from, &lines))
            return usage();
        first = 3;
    } else if (argc > 1 && argv[1][0] == '-' && argv[1][1] != '\0') {
        if (!read_number(argv[1] + 1, &lines))
            return usage();
        first = 2;
    }
    if (argc > first + 1)
        return usage();
    if (!open_reader(&r, "tail", first < argc ? argv[first] : NULL))
        return 1;
    return !((from ? put_from(&r, lines) : put_last(&r, lines)) && !r.failed);
}
