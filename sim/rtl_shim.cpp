// rtl_shim.cpp - Verilator's C++ behind sim/rtl_shim.h. Compiled once for each model: MODEL names it in C, NAME is what
// people call it, TRACED the model with a trace port, LANES its lanes, PIXELS the size of its memory. With PX_TRACE it has
// that port, and waveforms; with PX_NETLIST the pixels have no back door.
#include "sim/rtl_shim.h"

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
#ifdef PX_TRACE
#include <verilated_fst_c.h>
#endif

namespace
{

struct machine {
    VerilatedContext context;
    std::unique_ptr<TOP> top;
    uint32_t events = 0;
    uint64_t retired = 0;
#ifdef PX_TRACE
    std::unique_ptr<VerilatedFstC> wave; // where the next clocks go, if anywhere
    uint64_t waved = 0;                  // clocks that went there
#endif

    void edge(CData clock)
    {
        top->i_clk = clock;
        top->eval();
#ifdef PX_TRACE
        if (wave != nullptr) {
            waved += clock;
            wave->dump(10 * waved + (clock != 0 ? 0 : 5));
        }
#endif
    }

    void tick()
    {
        edge(0);
        edge(1);
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
#ifdef PX_TRACE
    it->context.traceEverOn(true);
#endif
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
    Verilated::threadContextp(&it->context); // the model's scopes leave the thread's context, whichever that is
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
bool write_pixels(void *handle, uint32_t address, const uint32_t *pixels, uint32_t count)
{
    bool ok = true;
    for (uint32_t i = 0; i < count && ok; i++) {
        uint32_t pixel = pixels[i];
        ok = host(handle, true, PX_RTL_PIXEL, address + i, &pixel);
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

bool peek(void *, unsigned, uint32_t, uint32_t *) { return false; }

bool nested(const machine *) { return false; }
uint32_t base(const machine *) { return 0; }
#else
#if LANES == 1
uint32_t &pixel(machine *it, uint32_t address)
{
    return it->top->rootp->px_sim__DOT__machine0__DOT__bram__DOT__mem0__DOT__pixel[address];
}
#elif LANES == 4
uint32_t &pixel(machine *it, uint32_t address)
{
#define BANK(k) JOIN(px_sim__DOT__machine0__DOT__lanes__DOT__mem0__DOT__banks__BRA__##k##__KET____DOT__, pixel)
    switch (address % LANES) {
    case 0:
        return it->top->rootp->BANK(0)[address / LANES];
    case 1:
        return it->top->rootp->BANK(1)[address / LANES];
    case 2:
        return it->top->rootp->BANK(2)[address / LANES];
    default:
        return it->top->rootp->BANK(3)[address / LANES];
    }
}
#endif

bool write_pixels(void *handle, uint32_t address, const uint32_t *pixels, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        pixel(static_cast<machine *>(handle), address + i) = pixels[i];
    return true;
}

bool read_pixels(void *handle, uint32_t address, uint32_t *pixels, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        pixels[i] = pixel(static_cast<machine *>(handle), address + i);
    return true;
}

#define DATA(name) JOIN(px_sim__DOT__machine0__DOT__core0__DOT__data0__DOT__, name)
bool peek(void *handle, unsigned space, uint32_t address, uint32_t *word)
{
    machine *it = static_cast<machine *>(handle);
    *word = space == PX_RTL_PIXEL ? pixel(it, address) : it->top->rootp->DATA(regs0__DOT__bank)[address];
    return true;
}

bool nested(const machine *it) { return it->top->rootp->DATA(o_nested); }
uint32_t base(const machine *it) { return it->top->rootp->DATA(o_base); }
#endif

void pins(void *handle, px_rtl_pins *out)
{
    const machine *it = static_cast<machine *>(handle);
    const TOP *top = it->top.get();
    out->pc = top->o_pc;
    out->vl = top->o_vl;
    out->budget = top->o_budget;
    out->profile = top->o_profile;
    out->status = top->o_status;
    out->cause = top->o_cause;
    out->running = top->o_running;
    out->nested = nested(it);
    out->base = base(it);
    out->events = it->events;
    out->retired = it->retired;
}

#ifdef PX_TRACE
int64_t slot(machine *it)
{
    uint32_t address = 0;
    return nested(it) && peek(it, PX_RTL_REG, PX_RTL_HIDDEN_SLOT, &address) ? int64_t{address} : -1;
}
#endif

#ifdef PX_TRACE
bool wave_to(void *handle, const char *path)
{
    machine *it = static_cast<machine *>(handle);
    it->wave.reset();
    it->waved = 0;
    if (path == nullptr)
        return true;
    it->wave.reset(new (std::nothrow) VerilatedFstC);
    if (it->wave == nullptr)
        return false;
    it->wave->set_time_unit("1ns");
    it->wave->set_time_resolution("1ns");
    it->top->trace(it->wave.get(), 99);
    it->wave->open(path);
    const bool open = it->wave->isOpen();
    if (!open)
        it->wave.reset();
    return open;
}
bool (*const wave)(void *, const char *) = wave_to;

#else
bool (*const wave)(void *, const char *) = nullptr;
#endif

void stop(void *handle, bool level) { static_cast<machine *>(handle)->top->i_stop = level; }

void clock_for(void *handle, uint64_t cycles)
{
    while (cycles-- != 0)
        static_cast<machine *>(handle)->tick();
}

bool run(void *handle, uint64_t patience, uint64_t *cycles, const px_rtl_watch *watch)
{
    machine *it = static_cast<machine *>(handle);
    TOP *top = it->top.get();
    uint32_t image = base(it);
    uint64_t quiet = 0;
    while (top->o_running) {
        it->tick();
        if (++*cycles % PX_RTL_ASK == 0 && watch->stop(watch->context))
            top->i_stop = 1;
        if (top->o_retire || base(it) != image) {
            image = base(it);
            it->retired += top->o_retire;
            it->events++;
            quiet = 0;
            patience = PX_RTL_GLANCE;
        } else if (++quiet > patience) {
            return false;
        }
#ifdef PX_TRACE
        if (top->o_trace && watch->trace != nullptr)
            watch->trace(watch->context, slot(it), top->o_trace_pc, top->o_trace_op, top->o_trace_w ? top->o_trace_r : -1,
                         top->o_trace_v, it->wave != nullptr ? it->waved : *cycles);
#endif
    }
    top->i_stop = 0;
    return true;
}

#ifdef TRACED
const px_rtl_model *const traced = &TRACED;
#else
const px_rtl_model *const traced = nullptr;
#endif

} // namespace

extern "C" const px_rtl_model JOIN(px_rtl_, MODEL) = {
    NAME, traced, PIXELS, LANES, open_machine, close_machine, reset, write_pixels, read_pixels, peek, host, pins,
    wave, stop, clock_for, run};
