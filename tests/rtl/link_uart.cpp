// link_uart.cpp - px_system at its pins, 8 clocks a bit: baud rates that are off, a line that is stuck, breaks,
// glitches and silence, and how much of the wire the pixels get. TAP.
#include "tests/rtl/link_board.h"

namespace
{

tap test;

frame write_of(uint8_t sequence, uint32_t address, uint32_t count, uint32_t seed)
{
    frame f = {1, PXL_WRITE, sequence, {address}};
    for (uint32_t i = 0; i < count; i++)
        f.payload.push_back((seed + i) * 0x9E3779B1u);
    return f;
}

bool done(const frame &request, const frame &reply)
{
    return reply.version == 1 && reply.sequence == request.sequence && reply.type == (request.type | PX_LINK_REPLY);
}

bool begin(board &b)
{
    frame reply;
    const frame hello = {1, PXL_HELLO, 1, {}}, reset = {1, PXL_RESET, 2, {1, 32, 8, 256}};
    return b.ask(hello, reply) && done(hello, reply) && reply.payload[0] == 0x014C5850 && reply.payload[4] == 8000000 &&
           reply.payload[5] == 0x72616F62 && reply.payload[6] == 0x64 && reply.payload[7] == 0 && // "board"
           b.ask(reset, reply) && done(reset, reply);
}

void baud(double factor)
{
    board b(3, BOARD_BAUD * factor);
    frame reply;
    bool good = begin(b);
    for (uint8_t i = 0; i < 3; i++) {
        const frame write = write_of(static_cast<uint8_t>(10 + 2 * i), 0, 256, i * 1000),
                    read = {1, PXL_READ, static_cast<uint8_t>(11 + 2 * i), {0, 256}};
        good = good && b.ask(write, reply) && done(write, reply) && b.ask(read, reply) && done(read, reply);
        good = good && reply.payload == std::vector<uint32_t>(write.payload.begin() + 1, write.payload.end());
    }
    test.ok(good && b.framing_errors == 0,
            "the far end at %.2f of the baud rate: 256 pixels there and back, three times", factor);
}

// Holds the line low for so many bits.
void low(board &b, int bits)
{
    for (int i = 0; i < bits; i++)
        b.out.push_back(false);
    b.out.push_back(true);
    b.drain(1);
}

void line()
{
    board b;
    frame reply;
    bool good = begin(b);
    low(b, 3000);
    const frame write = write_of(3, 8, 2, 5), status = {1, PXL_STATUS, 4, {}};
    test.ok(good && b.replies.frames.empty() && b.ask(write, reply) && done(write, reply),
            "a line stuck at 0 for 300 byte times: not a word, and the next request is answered");

    std::vector<uint8_t> all = coded(write_of(5, 8, 2, 7)), half(all.begin(), all.begin() + 12);
    b.send(half);
    b.drain(1);
    low(b, 20);
    b.send({all.begin() + 12, all.end()});
    good = !b.receive(reply, 100) && b.ask({1, PXL_READ, 6, {8, 2}}, reply) && reply.payload[0] == write.payload[1];
    test.ok(good, "a break in mid-frame: the frame is dropped, nothing written");

    all = coded(status);
    half.assign(all.begin(), all.begin() + 8);
    b.send(half);
    b.drain(4200);
    b.send({all.begin() + 8, all.end()});
    test.ok(!b.receive(reply, 100) && b.ask(status, reply), "4,200 byte times without a byte: dropped");
    b.send(half);
    b.drain(4000);
    b.send({all.begin() + 8, all.end()});
    test.ok(b.receive(reply, 100) && done(status, reply), "4,000: not dropped");

    good = true;
    for (uint8_t byte : all) {
        b.drain(0.3);
        b.top.i_rx = 0;
        b.tick();
        b.tick();
        b.top.i_rx = 1;
        b.drain(0.5);
        b.send(byte);
    }
    test.ok(b.receive(reply, 100) && done(status, reply), "pulses of a quarter of a bit between the bytes: no bytes");
}

void efficiency()
{
    board b;
    frame reply;
    bool good = begin(b);
    const int count = 20;
    uint64_t start = b.now;
    for (int i = 0; i < count; i++) {
        const frame write = write_of(static_cast<uint8_t>(i), 0, 256, static_cast<uint32_t>(i));
        good = good && b.ask(write, reply) && done(write, reply);
    }
    const double writes = 1024.0 * count * 80 / static_cast<double>(b.now - start);
    start = b.now;
    for (int i = 0; i < count; i++) {
        const frame read = {1, PXL_READ, static_cast<uint8_t>(100 + i), {0, 256}};
        good = good && b.ask(read, reply) && done(read, reply);
    }
    const double reads = 1024.0 * count * 80 / static_cast<double>(b.now - start);
    test.ok(good && writes >= 0.85, "pixels are %.1f %% of what the wire can carry in 256-pixel writes, one at a time",
            100 * writes);
    test.ok(good && reads >= 0.80, "and %.1f %% in reads, at 8 clocks a bit", 100 * reads);
}

} // namespace

int main()
{
    baud(1);
    baud(0.97);
    baud(1.03);
    line();
    efficiency();
    return test.end();
}
