// link_wire.cpp - the wire's transmitter against what the serial driver predicts: what is on the pin in the middle of
// each half bit, decoded by the 16550's rules, and when each frame starts. Then the same through the link. TAP.
#include <cmath>

#include "Vpx_wire.h"
#include "tests/rtl/link_board.h"
#include "tests/rtl/link_predict.h"

namespace
{

tap test;

constexpr double SECOND = 1843200; // of the 16550's clock

struct prediction {
    std::vector<uint32_t> operations, frames, starts;
    // A write with a 16-bit divisor takes a set-up; here the divisors are in the set-up that all share, or in the
    // write.
    void add(uint32_t operation) { operations.push_back(operation); }
    void done(uint32_t setup)
    {
        frames.resize(operations.size());
        starts.resize(operations.size());
        predict(operations.data(), static_cast<uint32_t>(operations.size()), setup, frames.data(), starts.data());
    }
};

uint32_t write_of(uint8_t data, uint8_t divisor, uint8_t line)
{
    return data | uint32_t(divisor) << 8 | uint32_t(line) << 16 | 1u << 24;
}

// Levels of a pin over time: the clocks at which it changes. It is high at first.
struct trace {
    std::vector<uint64_t> changes;
    bool level_now = true;
    void sample(uint64_t now, bool level)
    {
        if (level != level_now)
            changes.push_back(now);
        level_now = level;
    }
    // Of times that only grow.
    mutable size_t place = 0;
    bool level(double time) const
    {
        while (place < changes.size() && static_cast<double>(changes[place]) <= time)
            place++;
        return place % 2 == 0;
    }
};

// One frame, that starts at `start` clocks, decoded by the 16550's rules; says what is wrong with it, or NULL.
const char *decode(const trace &pin, double start, double clock, uint32_t frame)
{
    const unsigned line = frame >> 16 & 0xFF, divisor = (frame >> 8 & 0xFF) | (frame >> 24 & 0xFF) << 8;
    const double bit = 16.0 * (divisor == 0 ? 1 : divisor) * clock / SECOND;
    const int length = 5 + static_cast<int>(line & 3);
    const double stops = line & 4 ? (length == 5 ? 1.5 : 2) : 1;
    const bool broken = line & 0x40;
    unsigned data = 0, ones = 0;
    double at = start;
    auto next = [&]() { // both halves of a bit
        const bool first = pin.level(at + bit / 4), second = pin.level(at + 3 * bit / 4);
        at += bit;
        return first == second ? int(first) : 2;
    };
    if (next() != 0)
        return "no start bit";
    for (int i = 0; i < length; i++) {
        const int value = next();
        if (value == 2)
            return "a data bit that changes in its middle";
        data |= static_cast<unsigned>(value) << i;
        ones += static_cast<unsigned>(value);
    }
    if (broken && data != 0)
        return "a break that is not low";
    if (!broken && data != (frame & 0xFF & ((1u << length) - 1)))
        return "other data";
    if (line & 8) {
        const int parity = next();
        const int mark = line & 0x20 ? !(line & 0x10) : int((ones & 1) != (line & 0x10 ? 0u : 1u));
        if (parity != (broken ? 0 : mark))
            return "other parity";
    }
    for (double half = 0; half < stops; half += 0.5)
        if (pin.level(at + half * bit + bit / 4) != !broken)
            return "no stop bit, or a short one";
    return nullptr;
}

// All frames of a queue that never ran dry. The first one's start is taken as it is.
bool compare(const trace &pin, const prediction &want, double clock, double &worst)
{
    if (pin.changes.empty())
        return false;
    const double first = static_cast<double>(pin.changes[0]);
    size_t edge = 0;
    worst = 0;
    for (size_t i = 0; i < want.frames.size(); i++) {
        const double start = first + (want.starts[i] - want.starts[0]) * clock / SECOND;
        const char *wrong = decode(pin, start, clock, want.frames[i]);
        if (wrong != nullptr) {
            printf("# frame %zu, %08x, at clock %.0f: %s\n", i, want.frames[i], start, wrong);
            return false;
        }
        if (i > 0 && want.frames[i - 1] >> 16 & 0x40)
            continue; // the line was low before: there is no edge
        while (edge < pin.changes.size() && static_cast<double>(pin.changes[edge]) < start - 3)
            edge++;
        if (edge == pin.changes.size())
            return false;
        worst = std::fmax(worst, std::fabs(static_cast<double>(pin.changes[edge]) - start));
    }
    return true;
}

// ---- the transmitter alone ----

enum { WIRE_CLOCK = 3579545 };

struct transmitter {
    VerilatedContext context;
    Vpx_wire top{&context};
    uint64_t now = 0;
    trace pin;
    transmitter()
    {
        context.randReset(2);
        context.randSeed(7);
        top.i_push = 0;
        top.i_rst = 1;
        for (int i = 0; i < 3; i++)
            clock();
        top.i_rst = 0;
        pin = {};
        for (int i = 0; i < 200; i++)
            clock();
    }
    void clock()
    {
        top.i_clk = 0;
        top.eval();
        top.i_clk = 1;
        top.eval();
        pin.sample(now++, top.o_wire);
    }
    void send(const std::vector<uint32_t> &frames)
    {
        for (uint32_t frame : frames) {
            while (top.o_room == 0)
                clock();
            top.i_push = 1;
            top.i_frame = frame;
            clock();
            top.i_push = 0;
        }
        while (top.o_room != 256)
            clock();
        for (int i = 0; i < 1000; i++)
            clock();
    }
};

void all_formats()
{
    transmitter t;
    prediction p;
    for (unsigned line = 0; line < 64; line++) // break bit apart, every line control there is
        for (unsigned data : {0x00, 0x55, 0xAA, 0xFF, 0x1C, 0x01, 0x80})
            p.add(write_of(static_cast<uint8_t>(data), static_cast<uint8_t>(1 + (line + data) % 3),
                           static_cast<uint8_t>(line)));
    p.done(0x03030001);
    t.send(p.frames);
    double worst = 0;
    const bool good = compare(t.pin, p, WIRE_CLOCK, worst);
    test.ok(good && worst <= 2, "all 64 line formats, %zu frames: data, parity, stop bits; starts within %.2f clocks",
            p.frames.size(), worst);
    transmitter masked; // data bits beyond the word length do not reach the wire, parity included
    std::vector<uint32_t> frames = p.frames;
    for (size_t i = 0; i < frames.size(); i++)
        frames[i] |= 0xFFu << (5 + (frames[i] >> 16 & 3)) & 0xFF;
    masked.send(frames);
    test.ok(masked.pin.changes == t.pin.changes, "data bits beyond the word length change nothing");
}

void long_queue()
{
    transmitter t;
    prediction p;
    uint32_t x = 12345;
    for (int i = 0; i < 4000; i++) {
        x = x * 1664525 + 1013904223;
        const unsigned kind = x >> 28;
        const uint8_t line = static_cast<uint8_t>(x >> 20 & (kind == 0 ? 0x7F : 0x3F));
        p.add(write_of(static_cast<uint8_t>(x >> 8), static_cast<uint8_t>(kind == 1 ? 12 : 1 + (x >> 26 & 3)), line));
    }
    p.done(0x03030001);
    t.send(p.frames);
    double worst = 0;
    const bool good = compare(t.pin, p, WIRE_CLOCK, worst);
    test.ok(
        good && worst <= 2,
        "%zu frames back to back, breaks among them, %.1f s: starts within %.2f clocks, %.1f %% of a bit of divisor 1",
        p.frames.size(), double(p.starts.back()) / SECOND, worst, 100 * worst / (16.0 * WIRE_CLOCK / SECOND));
}

void divisors()
{
    for (const unsigned divisor : {1u, 2u, 12u, 255u, 256u, 3000u, 65535u}) {
        transmitter t;
        prediction p;
        p.add(write_of(0x15, 0, 0x1C)); // 5 bits, even parity, 1.5 stop bits
        if (divisor < 65535)
            p.add(write_of(0x5A, 0, 0x03));
        p.done(0x03000000 | divisor);
        t.send(p.frames);
        double worst = 0;
        const bool good = compare(t.pin, p, WIRE_CLOCK, worst);
        test.ok(good && worst <= 2, "divisor %u: starts within %.2f clocks", divisor, worst);
    }
    transmitter zero, one;
    zero.send({0x00030041, 0x00030042});
    one.send({0x00030141, 0x00030142});
    test.ok(!one.pin.changes.empty() && zero.pin.changes == one.pin.changes, "divisor 0 is sent as 1");
}

// ---- through the link ----

bool answered(board &b, trace &pin, const frame &request, uint32_t error)
{
    frame reply;
    b.send(coded(request));
    while (b.replies.frames.empty()) {
        b.tick();
        pin.sample(b.now, b.top.o_wire);
    }
    reply = b.replies.frames.front();
    b.replies.frames.pop_front();
    return error == 0 ? reply.type == (request.type | PX_LINK_REPLY)
                      : reply.type == PXL_ERROR && reply.payload == std::vector<uint32_t>{error};
}

void through_the_link()
{
    board b;
    trace pin;
    prediction p;
    frame reply;
    for (int i = 0; i < 256; i++) // the first two are slow, so that the queue does not move meanwhile
        p.add(write_of(static_cast<uint8_t>(i * 37), i < 2 ? 255 : 1, i < 2 ? 0x0F : 0x03));
    p.done(0x03030001);
    const uint32_t wire = uint32_t(PXL_SPACE_WIRE) << 28;
    auto write = [&](uint8_t number, size_t from, size_t count) {
        frame f = {1, PXL_WRITE, number, {wire}};
        f.payload.insert(f.payload.end(), p.frames.begin() + long(from), p.frames.begin() + long(from + count));
        return f;
    };
    bool good = b.ask({1, PXL_HELLO, 1, {}}, reply) && reply.payload[1] == (1u | 1u << 8 | 1u << 16 | 1u << 17 | 1u << 21);
    test.ok(good, "HELLO has the capability WIRE");
    good = answered(b, pin, {1, PXL_WRITE, 2, {wire | 1, p.frames[0]}}, PXL_E_RANGE) &&
           answered(b, pin, {1, PXL_READ, 3, {wire, 1}}, PXL_E_RANGE);
    test.ok(good, "an address in WIRE, reading from WIRE: RANGE");
    good = answered(b, pin, write(4, 0, 20), 0) && answered(b, pin, write(4, 0, 20), 0); // repeated: not sent again
    good = good && answered(b, pin, write(5, 0, 237), PXL_E_FULL) && answered(b, pin, write(5, 20, 1), PXL_E_FULL);
    good = good && answered(b, pin, write(6, 20, 100), 0) && answered(b, pin, write(7, 120, 136), 0);
    good = good && answered(b, pin, write(8, 0, 1), PXL_E_FULL);
    test.ok(good, "what does not fit is FULL, and nothing of it is taken; a repeated write is not sent again");
    for (int i = 0; i < 700000; i++) {
        b.tick();
        pin.sample(b.now, b.top.o_wire);
    }
    double worst = 0;
    good = compare(pin, p, BOARD_CLOCK, worst);
    test.ok(good && worst <= 2, "256 frames in three writes: what the driver predicted, starts within %.2f clocks",
            worst);
}

} // namespace

int main()
{
    all_formats();
    long_queue();
    divisors();
    through_the_link();
    return test.end();
}
