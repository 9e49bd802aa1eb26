/* guest.c - see guest.h. */
#include "firmware/vcpu/guest.h"

#include "firmware/machine/integrity.h"
#include "firmware/machine/log.h"
#include "firmware/machine/time.h"
#include "firmware/pc/pc.h"
#include "firmware/serial/route.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/discard.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/exits.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vcpu/vcpu.h"

/* The guest never runs longer than this without pxHV looking at the keyboard and the link, whose UART holds 16
 * characters: at 115,200 baud 1.4 ms of them. */
#define SLICE (PC_SECOND / 1000)

#define RFLAGS_IF 0x200u

static guest_firmware firmware;

void guest_init(const guest_firmware *given) { firmware = *given; }

_Noreturn void guest_end(const char *why, bool state)
{
    if (state)
        vcpu_dump();
    route_flush(true);
    counts_log();
    route_log();
    integrity_log();
    hv_finish("guest: %s", why);
}

void exit_hlt(void)
{
    if ((vcpu_get(VCPU_RFLAGS) & RFLAGS_IF) == 0)
        guest_end("HLT with interrupts off: the end", true);
    vcpu_skip_instruction();
    vcpu_set(VCPU_HALTED, 1);
}

void exit_undefined(void) { event_exception(GUEST_UD, 0); }
void exit_forbidden(void) { event_exception(GUEST_GP, 0); }

void exit_call(void)
{
    if (!firmware.call())
        exit_undefined();
}

static void processor_reset(void)
{
    vcpu_reset();
    discard_reset();
}

void guest_reset(void)
{
    guest_write_rom(0, firmware.rom, GUEST_ROM_SIZE);
    pc_reset(time_now());
    processor_reset();
}

void guest_start(void)
{
    guest_reset();
    firmware.start();
}

#define RESETS_LOGGED 64u

static void follow_reset(void)
{
    static unsigned count;
    if (!pc_take_reset())
        return;
    if (count < RESETS_LOGGED)
        hv_log("guest: reset%s", ++count < RESETS_LOGGED ? "" : "; the next ones are not logged");
    route_flush(true);
    if (firmware.keeps_machine())
        processor_reset();
    else
        guest_start();
}

/* What the guest has done to A20 since the last entry. */
static void follow_a20(void)
{
    static bool open = true;
    if (pc_a20() != open)
        guest_memory_a20(open = pc_a20());
}

/* A step that discards a write has its time, and an event that is delivered to nowhere no more than that; interrupts
 * wait for it. */
static void prepare_step(discard_step step)
{
    vcpu->want_window(false);
    if (step == DISCARD_DELIVERY)
        vcpu->wake_at_once();
    else
        vcpu->wake_after(SLICE);
}

/* The guest exits when a device has something to do: at once, when that is due already. */
static void prepare_entry(void)
{
    event_before_entry();
    const pc_time now = time_now(), deadline = pc_deadline(), wait = deadline <= now ? 0 : deadline - now;
    vcpu->wake_after(wait < SLICE ? wait : SLICE);
}

void guest_loop(void (*poll)(bool waiting))
{
    for (;;) {
        poll(vcpu_get(VCPU_HALTED) != 0);
        follow_reset();
        follow_a20();
        if (discard_under_way() != DISCARD_NONE)
            prepare_step(discard_under_way());
        else
            prepare_entry();
        const unsigned reason = vcpu->run();
        pc_advance(time_now()); /* what the guest does, it does now */
        event_after_exit();
        vcpu->handle(reason);
    }
}
