// link_cases.cpp - the Verilog endpoint in cases made by hand: every bit of a recorded exchange flipped, repeated
// numbers, requests while a run is under way, a line that falls silent, frames that come too early. Replies are
// compared with exec/endpoint.c over the reference VM. TAP.
#include <string>

#include "tests/rtl/link_bench.h"

namespace
{

tap test;

enum { JMP_HERE = 0x00000006 };

// Everything that a request can change, but the budget.
struct image {
    std::vector<uint32_t> words;
    unsigned starts, writes;
    explicit image(const bench &b) : words(b.pixels(), b.pixels() + PIXELS), starts(b.starts), writes(b.writes)
    {
        words.insert(words.end(), b.registers(), b.registers() + 512);
    }
    bool operator==(const image &other) const
    {
        return words == other.words && starts == other.starts && writes == other.writes;
    }
};

std::vector<frame> exchange()
{
    std::vector<frame> all = {{1, PXL_HELLO, 1, {}},
                              {1, PXL_RESET, 2, {1, 16, 4, 64}},
                              {1, PXL_WRITE, 3, {PIXEL | 3}},
                              {1, PXL_WRITE, 4, {REGISTER | 254, 0x11111111, 0x80000001}},
                              {1, PXL_WRITE, 5, {STATE | 0, 5, 7, 1 << 16, 0}},
                              {1, PXL_RUN, 6, {3}},
                              {1, PXL_STATUS, 7, {}},
                              {1, PXL_READ, 8, {PIXEL | 2, 20}},
                              {1, PXL_STOP, 9, {}}};
    for (uint32_t i = 0; i < 40; i++)
        all[2].payload.push_back(i == 2 ? JMP_HERE : 0x9E3779B9 * i); // one of them 0
    return all;
}

// No bit of it may be flipped and have an effect.
bool flips_are_harmless(bench &b, const frame &request, unsigned &flips)
{
    const std::vector<uint8_t> good = coded(request);
    const image before(b);
    for (size_t bit = 0; bit < 8 * good.size(); bit++, flips++) {
        std::vector<uint8_t> bytes = good;
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        bytes.push_back(0);
        b.bytes(bytes);
        b.clocks(20);
        frame reply;
        if (b.replies.frames.empty() && b.sent.empty() && image(b) == before)
            continue;
        printf("# bit %zu of byte %zu\n", bit % 8, bit / 8);
        print("request", request);
        return false;
    }
    return true;
}

void flipped_bits()
{
    // Host accesses that each request makes, worked from LINK.md: RESET is N, W, H, clear, pc, vl, state, value.
    static const unsigned writes[] = {0, 8, 40, 2, 4, 0, 0, 0, 0};
    bench b;
    unsigned flips = 0, at = 0;
    oracle_open(PIXELS);
    bool harmless = true, once = true, again = true;
    for (const frame &request : exchange()) {
        frame reply;
        b.sent.clear();
        harmless = harmless && flips_are_harmless(b, request, flips);
        const unsigned starts = b.starts, wrote = b.writes;
        const frame want = oracle(request);
        once = once && b.ask(request, reply) && reply == want;
        oracle_finish();
        b.finish();
        once = once && b.starts - starts == (request.type == PXL_RUN) && b.writes - wrote == writes[at++];
        const image done(b);
        for (int i = 0; i < 3; i++)
            again = again && b.ask(request, reply) && reply == want && image(b) == done;
        b.sent.clear();
        harmless = harmless && flips_are_harmless(b, request, flips);
    }
    test.ok(harmless, "%u single flipped bits in an exchange: no reply, nothing written, nothing run", flips);
    test.ok(once, "the exchange itself: each request is carried out once");
    test.ok(again, "each request again, with its number: the same reply, nothing carried out");
}

// Both ends get the request and give the same reply. A run may leave them at another instruction.
bool same(bench &b, const frame &request, bool while_running = false)
{
    frame reply;
    frame want = oracle(request);
    const bool came = b.ask(request, reply);
    if (while_running && came && request.type == PXL_STATUS && reply.payload.size() == 5) {
        reply.payload[0] &= PX_LINK_UNDERWAY;
        want.payload[0] &= PX_LINK_UNDERWAY;
        reply.payload.resize(1);
        want.payload.resize(1);
    }
    if (came && reply == want)
        return true;
    print("request", request);
    print("Verilog", reply);
    print("C", want);
    return false;
}

void numbers()
{
    bench b;
    frame reply;
    oracle_open(PIXELS);
    bool good = same(b, {1, PXL_RESET, 1, {1, 8, 8, 64}}) && same(b, {1, PXL_WRITE, 2, {PIXEL | 64, 1}}); // RANGE
    unsigned wrote = b.writes;
    good = good && same(b, {1, PXL_WRITE, 2, {PIXEL | 1, 77}}) && b.writes == wrote; // the same number: RANGE again
    good = good && same(b, {1, PXL_WRITE, 3, {PIXEL | 1, 77}}) && b.writes == wrote + 1;
    good = good && same(b, {1, PXL_RESET, 3, {5}}) && b.writes == wrote + 1; // number before length
    good = good && same(b, {1, PXL_READ, 3, {PIXEL | 1, 1}});                // READ is just done
    good = good && same(b, {1, PXL_WRITE, 3, {PIXEL | 1, 78}}) && b.writes == wrote + 1;
    good = good && same(b, {2, PXL_WRITE, 3, {PIXEL | 1, 78}}); // version before number
    good = good && same(b, {1, PXL_WRITE, 3, {PIXEL | 1, 78}}); // that was the last request: VERSION again
    good = good && same(b, {1, PXL_HELLO, 3, {}}) && same(b, {1, PXL_WRITE, 3, {PIXEL | 1, 79}}) &&
           b.writes == wrote + 2; // forgotten
    test.ok(good, "a number already answered: RESET, WRITE and the like are not looked at, HELLO forgets");
    good = b.ask({1, PXL_READ, 4, {PIXEL | 1, 1}}, reply) && reply.payload[0] == 79;
    test.ok(good, "and the pixel is what the second write made it");
}

// A frame whose last 254 bytes have no 0, its CRC among them, as in tests/unit/test_link.c: it ends in a full piece, or,
// as many encoders have it, in an empty one after that; but not in one that is cut short.
void full_pieces()
{
    bench b;
    oracle_open(PIXELS);
    frame request = {1, PXL_WRITE, 7, std::vector<uint32_t>(63, 0x11111111)}, reply;
    request.payload[0] = 0xABCD0000;
    request.payload[62] = 0x01010102;
    const std::vector<uint8_t> usual = coded(request);
    std::vector<uint8_t> other = usual;
    other.back() = 1;
    other.push_back(0);
    const frame want = oracle(request);
    test.ok(usual[usual.size() - 256] == 255 && b.ask(request, reply) && reply == want, "a frame that ends in a full piece");
    b.sent.clear();
    b.replies.frames.clear();
    b.bytes(other);
    test.ok(b.reply(reply) && reply == want, "and one with an empty piece behind that");
    other[other.size() - 2] = 2;
    b.sent.clear();
    b.replies.frames.clear();
    b.bytes(other);
    b.clocks(2000);
    test.ok(b.sent.empty() && b.replies.frames.empty(), "one with a piece cut short there is dropped");
}

void errors()
{
    bench b;
    oracle_open(PIXELS);
    uint8_t n = 0;
    bool good = same(b, {1, PXL_READ, ++n, {PIXEL, 1}}); // before the first RESET N is 0
    static const uint32_t resets[][4] = {{2, 8, 8, 64},      {1, 0, 0, 0},        {1, 2049, 1, 2049},
                                         {1, 4096, 1, 4096}, {0x10000, 8, 8, 64}, {1, 2048, 1, 2048},
                                         {0, 64, 32, 2048},  {1, 8, 8, 64}};
    for (const auto &words : resets)
        good = same(b, {1, PXL_RESET, ++n, {words, words + 4}}) && good;
    test.ok(good, "RESET: profiles and sizes that are there and not there");

    static const uint32_t places[][2] = {{PIXEL | 63, 1},
                                         {PIXEL | 63, 2},
                                         {PIXEL | 64, 1},
                                         {PIXEL | 0, 64},
                                         {PIXEL | 0, 65},
                                         {PIXEL | 0x0FFFFFFF, 1},
                                         {PIXEL | 0x800, 1},
                                         {PIXEL | 0x1000, 1},
                                         {PIXEL | 0x08000000, 1},
                                         {REGISTER | 0, 256},
                                         {REGISTER | 1, 256},
                                         {REGISTER | 255, 1},
                                         {REGISTER | 256, 1},
                                         {REGISTER | 0x900, 1},
                                         {STATE | 0, 1},
                                         {STATE | 4, 1},
                                         {0x30000000, 1},
                                         {0x30000001, 1},
                                         {0x40000000, 1},
                                         {0x50000001, 1},
                                         {0x80000000, 1},
                                         {0xF0000000, 1},
                                         {PIXEL, 0},
                                         {PIXEL, 257},
                                         {PIXEL, 512},
                                         {PIXEL, 0x10001},
                                         {REGISTER, 0x80000001}};
    good = true;
    for (const auto &place : places) {
        good = same(b, {1, PXL_READ, ++n, {place, place + 2}}) && good;
        frame write = {1, PXL_WRITE, ++n, std::vector<uint32_t>(1 + (place[1] > 256 ? 2 : place[1]), 0)};
        write.payload[0] = place[0];
        good = same(b, write) && good;
    }
    test.ok(good, "READ and WRITE: %zu addresses and counts inside and outside", sizeof places / sizeof *places);

    // Each request at every length, in a machine that would take it.
    good = true;
    for (unsigned type = 0; type < 256; type++)
        for (size_t length : {0, 1, 2, 3, 4, 5, 6, 256, 257}) {
            frame f = {1, static_cast<uint8_t>(type), ++n, std::vector<uint32_t>(length, 1)};
            if (type == PXL_RUN && length == 1)
                f.payload[0] = 0;
            if (length > 6 && type != PXL_WRITE && type > 8)
                continue;
            if (type == PXL_STATUS && length == 1) // the longer STATUS, capability REQUEST: the oracle has it
                continue;
            good = same(b, f) && good;
        }
    test.ok(good, "all types at all lengths: TYPE before LENGTH before RANGE");
    good = true;
    for (unsigned version = 0; version < 256; version++)
        good = same(b, {static_cast<uint8_t>(version), static_cast<uint8_t>(version % 9), ++n, {}}) && good;
    test.ok(good, "all versions: VERSION before everything");
}

void underway()
{
    bench b;
    frame reply;
    oracle_open(PIXELS);
    bool good = same(b, {1, PXL_RESET, 1, {1, 8, 8, 64}}) && same(b, {1, PXL_WRITE, 2, {PIXEL, JMP_HERE}}) &&
                same(b, {1, PXL_RUN, 3, {0xFFFFFFFF}});
    const unsigned starts = b.starts, writes = b.writes;
    static const frame during[] = {{1, PXL_STATUS, 4, {}},          {1, PXL_RESET, 5, {1, 8, 8, 64}},
                                   {1, PXL_RESET, 6, {1, 8, 8}},    // LENGTH comes before RUNNING
                                   {1, PXL_RESET, 7, {9, 9, 9, 9}}, // and RANGE after it
                                   {1, PXL_READ, 8, {0, 1}},        {1, PXL_READ, 9, {0, 0}},
                                   {1, PXL_READ, 10, {0}},          {1, PXL_WRITE, 11, {0, 1}},
                                   {1, PXL_WRITE, 11, {0, 1}},      {1, PXL_WRITE, 12, {0}},
                                   {1, PXL_RUN, 13, {1}},           {1, 0x10, 14, {}},
                                   {3, PXL_RUN, 15, {1}},           {1, PXL_HELLO, 16, {1, 2}},
                                   {1, PXL_STATUS, 17, {}}};
    for (const frame &request : during)
        good = same(b, request, true) && good;
    test.ok(good && b.top.o_running && b.starts == starts && b.writes == writes,
            "while a run is under way: HELLO and STATUS are answered, the others get RUNNING, nothing is done");
    good = same(b, {1, PXL_STOP, 18, {}}) && b.finish(2000) && b.ask({1, PXL_STATUS, 19, {}}, reply) &&
           reply.payload[0] == 1u << 16 && reply.payload[4] < 0xFFFFFFFF && reply.payload[4] > 0xFFFF0000;
    test.ok(good, "STOP ends the run; STATUS has what is left of the budget");
    good = b.ask({1, PXL_STOP, 20, {}}, reply) && b.ask({1, PXL_RUN, 21, {10}}, reply) && b.finish() &&
           b.starts == starts + 1 && b.ask({1, PXL_STATUS, 22, {}}, reply) && reply.payload[4] == 0;
    test.ok(good, "STOP without a run does nothing to the next one");
}

void silence()
{
    const frame status = {1, PXL_STATUS, 1, {}};
    const std::vector<uint8_t> all = coded(status), first(all.begin(), all.begin() + 7),
                               rest(all.begin() + 7, all.end());
    frame reply;
    bench b;
    b.bytes(first);
    b.silence(40900);
    b.bytes(rest);
    test.ok(b.reply(reply, 2000), "4,090 byte times without a byte in mid-frame: still a frame");
    b.bytes(first);
    b.silence(40970);
    b.bytes(rest);
    test.ok(!b.reply(reply, 2000), "4,097 byte times: dropped");
    b.silence(200000);
    b.bytes({all.begin() + 1, all.end()});
    test.ok(b.reply(reply, 2000), "a long silence between frames costs nothing");
    b.bytes(first);
    b.line_break();
    b.bytes(rest);
    test.ok(!b.reply(reply, 2000) && b.ask(status, reply), "a break drops the frame, and no more than that");
}

void too_early()
{
    const frame read = {1, PXL_READ, 7, {REGISTER, 10}}, status = {1, PXL_STATUS, 8, {}};
    bench b;
    frame reply;
    b.top.i_ready = 0;
    b.bytes(coded(read));
    b.bytes(coded(status));
    b.top.i_ready = 1;
    bool good = b.reply(reply) && reply.sequence == 7 && reply.payload.size() == 10 && !b.reply(reply, 5000);
    test.ok(good && b.ask(status, reply), "a frame that comes during a reply is dropped, the next one taken");
    const std::vector<uint8_t> all = coded(status);
    b.top.i_ready = 0;
    b.bytes(coded(read));
    b.bytes({all.begin(), all.begin() + 5});
    b.top.i_ready = 1;
    good = b.reply(reply) && reply.sequence == 7;
    b.bytes({all.begin() + 5, all.end()});
    test.ok(good && !b.reply(reply, 5000) && b.ask(status, reply), "one that begins during a reply, too");
    b.top.i_ready = 0;
    b.bytes(coded(read));
    b.byte(5);
    b.top.i_ready = 1;
    good = b.reply(reply) && reply.sequence == 7;
    b.bytes({all.begin() + 1, all.end()});
    test.ok(good && !b.reply(reply, 5000) && b.ask(status, reply), "and a good end does not make a frame of it");
}

} // namespace

int main()
{
    flipped_bits();
    numbers();
    full_pieces();
    errors();
    underway();
    silence();
    too_early();
    oracle_close();
    return test.end();
}
