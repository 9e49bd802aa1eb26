// rtl_shim.cpp - Verilator's C++ behind sim/rtl_shim.h. Compiled once for each model: MODEL is plain or trace, NAME
// what people call it, PIXELS the size of its memory. With PX_NETLIST the pixels have no back door.
#include "sim/rtl_shim.h"

#include <cstring>
#include <memory>
#include <new>

#define PASTE(a, b)   a##b
#define JOIN(a, b)    PASTE(a, b)
#define TOP           JOIN(Vpx_, MODEL)
#define TEXT_OF(text) #text
#define TEXT(text)    TEXT_OF(text)
#include TEXT(TOP.h)
#ifndef PX_NETLIST
#define ROOT JOIN(TOP, ___024root)
#include TEXT(ROOT.h)
#endif

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

#ifdef PX_NETLIST
bool write_pixels(void *handle, const uint32_t *pixels, uint32_t count)
{
    bool ok = true;
    for (uint32_t i = 0; i < count && ok; i++) {
        uint32_t pixel = pixels[i];
        ok = host(handle, true, PX_RTL_PIXEL, i, &pixel);
    }
    return ok;
}

bool read_pixels(void *handle, uint32_t address, uint32_t *pixels, uint32_t count)
{
    bool ok = true;
    for (uint32_t i = 0; i < count && ok; i++)
        ok = host(handle, false, PX_RTL_PIXEL, address + i, &pixels[i]);
    return ok;
}
#else
uint32_t *back_door(void *handle)
{
    return &static_cast<machine *>(handle)->top->rootp->px_sim__DOT__machine0__DOT__bram__DOT__mem0__DOT__pixel[0];
}

bool write_pixels(void *handle, const uint32_t *pixels, uint32_t count)
{
    std::memcpy(back_door(handle), pixels, count * sizeof *pixels);
    return true;
}

bool read_pixels(void *handle, uint32_t address, uint32_t *pixels, uint32_t count)
{
    std::memcpy(pixels, back_door(handle) + address, count * sizeof *pixels);
    return true;
}
#endif

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

#ifdef PX_NETLIST
const px_rtl_model *const traced = nullptr;
#else
const px_rtl_model *const traced = &px_rtl_trace;
#endif

} // namespace

extern "C" const px_rtl_model JOIN(px_rtl_, MODEL) = {
    NAME, traced, PIXELS, open_machine, close_machine, reset, write_pixels, read_pixels, host, pins, run};
