// link_bench.h - the Verilated endpoint with its bytes in the test's hands, and the oracle's answers beside it.
#ifndef TESTS_RTL_LINK_BENCH_H
#define TESTS_RTL_LINK_BENCH_H

#include "Vlink_bench.h"
#include "Vlink_bench___024root.h"
#include "tests/rtl/link_frames.h"
#include "tests/rtl/link_oracle.h"
#include <verilated.h>

enum { PIXELS = 2048, BYTE_CLOCKS = 12, PIXEL = 0, REGISTER = 1 << 28, STATE = 2 << 28 };

struct bench {
    VerilatedContext context;
    Vlink_bench top{&context};
    decoder replies;
    std::vector<uint8_t> sent; // bytes of the reply on its way
    unsigned starts = 0, writes = 0;

    bench()
    {
        context.randReset(0); // pixels that nobody wrote are 0 on both sides
        top.i_rst = 1;
        top.i_ready = 1;
        clocks(3);
        top.i_rst = 0;
        clocks(3);
        byte(0);
    }
    void clock()
    {
        top.i_clk = 0;
        top.eval();
        if (top.o_valid && top.i_ready && !top.i_rst) {
            sent.push_back(top.o_byte);
            replies.byte(top.o_byte);
        }
        top.i_clk = 1;
        top.eval();
        starts += top.o_started;
        writes += top.o_wrote;
    }
    void clocks(int n)
    {
        while (n-- > 0)
            clock();
    }
    void byte(uint8_t value)
    {
        top.i_valid = 1;
        top.i_byte = value;
        clock();
        top.i_valid = 0;
        clocks(BYTE_CLOCKS - 1);
    }
    void bytes(const std::vector<uint8_t> &all)
    {
        for (uint8_t value : all)
            byte(value);
    }
    void line_break()
    {
        top.i_break = 1;
        clock();
        top.i_break = 0;
        clocks(3);
    }
    // Bits without a byte.
    void silence(int bits)
    {
        top.i_tick = 1;
        clocks(bits);
        top.i_tick = 0;
        clock();
    }
    bool reply(frame &f, int limit = 200000)
    {
        while (replies.frames.empty() && limit-- > 0)
            clock();
        if (replies.frames.empty())
            return false;
        f = replies.frames.front();
        replies.frames.pop_front();
        clocks(4);
        return true;
    }
    bool finish(int limit = 50000000)
    {
        while (top.o_running && limit-- > 0)
            clock();
        return !top.o_running;
    }
    bool ask(const frame &request, frame &f)
    {
        sent.clear();
        bytes(coded(request));
        return reply(f);
    }
    const uint32_t *pixels() const
    {
        return top.rootp->link_bench__DOT__machine0__DOT__bram__DOT__mem0__DOT__pixel.m_storage;
    }
    const uint32_t *registers() const
    {
        return top.rootp->link_bench__DOT__machine0__DOT__core0__DOT__data0__DOT__regs0__DOT__bank.m_storage;
    }
};

inline frame oracle(const frame &request)
{
    const px_link_frame plain = {request.version, request.type, request.sequence,
                                 static_cast<uint32_t>(request.payload.size()), request.payload.data()};
    px_link_frame reply;
    oracle_request(&plain, &reply);
    frame f = {reply.version, reply.type, reply.sequence, {reply.payload, reply.payload + reply.length}};
    if (f.type == (PXL_HELLO | PX_LINK_REPLY)) // what only the endpoint knows of itself; worked by hand from LINK.md
        f.payload = {0x014C5850, 0x00210101, PIXELS, 257, 8000000, 0x636E6562, 0x31202C68, 0x79622036, 0x2E736574};
    return f;
}
#endif
