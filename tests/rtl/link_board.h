// link_board.h - px_system, Verilated, with the far end of its cable: a UART with a baud rate of its own, and a client
// that sends one frame and waits for the reply.
#ifndef TESTS_RTL_LINK_BOARD_H
#define TESTS_RTL_LINK_BOARD_H

#include "Vpx_system.h"
#include "tests/rtl/link_frames.h"
#include <verilated.h>

// As the model is Verilated: a slow clock, so that bits are short.
enum { BOARD_CLOCK = 8000000, BOARD_BAUD = 1000000 };

struct board {
    VerilatedContext context;
    Vpx_system top{&context};
    uint64_t now = 0;     // clocks
    double bit;           // of the far end, in clocks
    std::deque<bool> out; // bits that the far end has still to send
    double out_next = 0;
    double in_next = 0; // when the far end samples next
    int in_bit = -1;    // -1: waits for a start bit
    unsigned in_byte = 0, framing_errors = 0;
    uint64_t bytes_in = 0;
    decoder replies;

    explicit board(unsigned seed = 1, double baud = BOARD_BAUD) : bit(double(BOARD_CLOCK) / baud)
    {
        context.randReset(2);
        context.randSeed(static_cast<int>(seed));
        top.i_rx = 1;
        top.i_rst = 1;
        for (int i = 0; i < 4; i++)
            tick();
        top.i_rst = 0;
        for (int i = 0; i < 100; i++)
            tick();
    }

    void tick()
    {
        if (!out.empty() && double(now) >= out_next) {
            top.i_rx = out.front();
            out.pop_front();
            out_next += bit;
        } else if (out.empty() && double(now) >= out_next)
            top.i_rx = 1, out_next = double(now);
        top.i_clk = 0;
        top.eval();
        top.i_clk = 1;
        top.eval();
        now++;
        listen();
    }

    void listen()
    {
        if (in_bit < 0) {
            if (!top.o_tx && !top.i_rst) {
                in_bit = 0;
                in_next = double(now) + bit / 2;
            }
        } else if (double(now) >= in_next) {
            in_next += bit;
            if (in_bit == 0)
                in_bit = top.o_tx ? -1 : 1;
            else if (in_bit <= 8) {
                in_byte = in_byte >> 1 | (top.o_tx ? 128u : 0);
                in_bit++;
            } else {
                framing_errors += !top.o_tx;
                bytes_in++;
                replies.byte(static_cast<uint8_t>(in_byte));
                in_bit = -1;
            }
        }
    }

    void send(uint8_t byte)
    {
        out.push_back(false);
        for (int i = 0; i < 8; i++)
            out.push_back(byte >> i & 1);
        out.push_back(true);
    }
    void send(const std::vector<uint8_t> &bytes)
    {
        for (uint8_t byte : bytes)
            send(byte);
    }
    // Until everything has been sent, and then for so many bytes' time.
    void drain(double byte_times = 0)
    {
        while (!out.empty())
            tick();
        const uint64_t end = now + static_cast<uint64_t>(10 * bit * byte_times) + 1;
        while (now < end)
            tick();
    }

    // One reply, if it comes within so many byte times after all has been sent.
    bool receive(frame &reply, double byte_times = 1500)
    {
        while (!out.empty() && replies.frames.empty())
            tick();
        const uint64_t end = now + static_cast<uint64_t>(10 * bit * byte_times);
        while (replies.frames.empty() && now < end)
            tick();
        if (replies.frames.empty())
            return false;
        reply = replies.frames.front();
        replies.frames.pop_front();
        return true;
    }
    bool ask(const frame &request, frame &reply)
    {
        send(coded(request));
        return receive(reply);
    }
};
#endif
