// board_shim.cpp - Verilator's C++ behind sim/board.h. Compiled once for each board, with what constraints/BOARD.mk
// says in BOARD_*.
#include "sim/board.h"

#include <memory>
#include <new>

#include "Vboard.h"
#ifndef PX_NETLIST
#include "Vboard___024root.h"
#endif
#include <verilated.h>
#ifdef BOARD_TRACE
#include <verilated_vcd_c.h>
#endif

const px_board_info px_board_info_of_this = {BOARD_NAME, BOARD_TITLE, BOARD_LIGHTS,        BOARD_CLOCK,
                                             BOARD_BAUD, BOARD_LEDS,  BOARD_LEDS_LOW != 0, BOARD_WIRE != 0};

struct px_board {
    VerilatedContext context;
    std::unique_ptr<Vboard> top;
#ifdef BOARD_TRACE
    VerilatedVcdC vcd;
#endif
    bool traced;

    void eval(bool clock)
    {
        top->i_clk = clock;
        top->eval();
#ifdef BOARD_TRACE
        context.timeInc(1);
        if (traced)
            vcd.dump(context.time());
#endif
    }

    uint32_t pins() const
    {
        return (top->o_tx ? PX_BOARD_TX : 0) | (top->o_wire ? PX_BOARD_WIRE : 0) |
               static_cast<uint32_t>(top->o_led) << PX_BOARD_LED;
    }
};

px_board *px_board_open(uint32_t seed, const char *trace)
{
    px_board *board = new (std::nothrow) px_board;
    if (board == nullptr)
        return nullptr;
    board->context.randReset(2);
    board->context.randSeed(static_cast<int>(seed & 0x7FFFFFFF) | 1);
    board->traced = trace != nullptr;
#ifdef BOARD_TRACE
    board->context.traceEverOn(board->traced);
#else
    if (board->traced) {
        delete board;
        return nullptr;
    }
#endif
    board->top.reset(new (std::nothrow) Vboard(&board->context));
    if (!board->top) {
        delete board;
        return nullptr;
    }
#ifdef BOARD_TRACE
    if (board->traced) {
        board->top->trace(&board->vcd, 99);
        board->vcd.open(trace);
    }
#endif
    board->top->i_rx = 1;
    return board;
}

void px_board_close(px_board *board)
{
#ifdef BOARD_TRACE
    if (board->traced)
        board->vcd.close();
#endif
    board->top->final();
    delete board;
}

uint64_t px_board_clock(px_board *board, bool rx, uint64_t count, uint32_t watch, uint32_t *pins)
{
    const uint32_t before = board->pins() & watch;
    uint64_t made = 0;
    board->top->i_rx = rx;
    while (made < count) {
        board->eval(false);
        board->eval(true);
        made++;
        if ((board->pins() & watch) != before)
            break;
    }
    *pins = board->pins();
    return made;
}

#ifdef PX_NETLIST // names are gone, so its clock never rests
bool px_board_busy(const px_board *) { return true; }
#else
bool px_board_busy(const px_board *board)
{
    const Vboard___024root *root = board->top->rootp;
    const bool waiting = BOARD_WIRE != 0 && root->board_top__DOT__system0__DOT__room != 256;
    return root->board_top__DOT__system0__DOT__o_running != 0 || waiting;
}
#endif
