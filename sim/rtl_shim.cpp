// rtl_shim.cpp - Verilator's C++ behind sim/rtl_shim.h. Compiled once for each model: MODEL is plain or trace.
#include "sim/rtl_shim.h"

#include <memory>
#include <new>

#define PASTE(a, b)   a##b
#define JOIN(a, b)    PASTE(a, b)
#define TOP           JOIN(Vpx_, MODEL)
#define ROOT          JOIN(TOP, ___024root)
#define TEXT_OF(text) #text
#define TEXT(text)    TEXT_OF(text)
#include TEXT(TOP.h)
#include TEXT(ROOT.h)

#include <verilated.h>

namespace
{

struct machine {
    VerilatedContext context;
    std::unique_ptr<TOP> top;

    void tick()
    {
        top->i_clk = 0;
        top->eval();
        top->i_clk = 1;
        top->eval();
    }
};

void reset(void *handle)
{
    machine *it = static_cast<machine *>(handle);
    it->top->i_rst = 1;
    for (int i = 0; i < 4; i++)
        it->tick();
    it->top->i_rst = 0;
}

void *open_machine(uint32_t seed)
{
    machine *it = new (std::nothrow) machine;
    if (it == nullptr)
        return nullptr;
    it->context.randReset(2);
    it->context.randSeed(static_cast<int>(seed & 0x7FFFFFFF) | 1);
    it->top.reset(new (std::nothrow) TOP(&it->context));
    if (!it->top) {
        delete it;
        return nullptr;
    }
    it->top->i_h_valid = 0;
    it->top->i_stop = 0;
    reset(it);
    return it;
}

void close_machine(void *handle)
{
    machine *it = static_cast<machine *>(handle);
    it->top->final();
    delete it;
}

uint32_t *pixels(void *handle)
{
    return &static_cast<machine *>(handle)->top->rootp->px_sim__DOT__machine0__DOT__bram__DOT__mem0__DOT__pixel[0];
}

bool host(void *handle, bool write, unsigned space, uint32_t address, uint32_t *word)
{
    machine *it = static_cast<machine *>(handle);
    TOP *top = it->top.get();
    top->i_h_valid = 1;
    top->i_h_write = write;
    top->i_h_space = static_cast<CData>(space);
    top->i_h_addr = address;
    top->i_h_data = write ? *word : 0;
    bool ready = false;
    for (int cycle = 0; cycle < 1024 && !ready; cycle++) {
        top->i_clk = 0;
        top->eval();
        ready = top->o_h_ready;
        if (ready && !write)
            *word = top->o_h_data;
        top->i_clk = 1;
        top->eval();
    }
    top->i_h_valid = 0;
    return ready;
}

void pins(void *handle, px_rtl_pins *out)
{
    const TOP *top = static_cast<machine *>(handle)->top.get();
    out->pc = top->o_pc;
    out->vl = top->o_vl;
    out->budget = top->o_budget;
    out->profile = top->o_profile;
    out->status = top->o_status;
    out->cause = top->o_cause;
    out->running = top->o_running;
}

bool run(void *handle, uint64_t patience, uint64_t *cycles, px_rtl_trace_fn *trace, void *context)
{
    machine *it = static_cast<machine *>(handle);
    TOP *top = it->top.get();
    uint32_t budget = top->o_budget;
    uint64_t quiet = 0;
    while (top->o_running) {
        it->tick();
        ++*cycles;
        if (top->o_budget != budget) {
            budget = top->o_budget;
            quiet = 0;
        } else if (++quiet > patience) {
            return false;
        }
#ifdef PX_TRACE
        if (top->o_trace && trace != nullptr)
            trace(context, top->o_trace_pc, top->o_trace_op, top->o_trace_w ? top->o_trace_r : -1, top->o_trace_v,
                  *cycles);
#else
        (void)trace;
        (void)context;
#endif
    }
    return true;
}

} // namespace

extern "C" const px_rtl_model JOIN(px_rtl_, MODEL) = {open_machine, close_machine, reset, pixels, host, pins, run};
