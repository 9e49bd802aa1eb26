/* fuzz_hv.c - a guest made of any bytes: they choose exits, ports, registers, segments and memory, and what the
 * executor answers.
 *
 * Oracles: the sanitizers; pxHV ends only by names that a guest may cause; nothing beyond the guest's memory is
 * touched; the same guest puts the same operations on the wire with batches of 1 and of 256; and with an executor that
 * misbehaves nothing is sent twice. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/hv/time.h"
#include "firmware/serial/route.h"
#include "tests/firmware/endpoint.h"
#include "tests/firmware/native.h"

static const uint8_t *input;
static size_t left;
static bool hostile;
static unsigned step;

static uint64_t take(unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && left > 0; i++, left--)
        value |= (uint64_t)*input++ << 8 * i;
    return value;
}

static void change_guest(void)
{
    static const enum vmcs_field field[] = {
        VMCS_GUEST_ES_BASE,  VMCS_GUEST_DS_BASE,   VMCS_GUEST_SS_BASE,   VMCS_GUEST_ES_LIMIT,
        VMCS_GUEST_DS_LIMIT, VMCS_GUEST_DS_RIGHTS, VMCS_GUEST_ES_RIGHTS, VMCS_GUEST_RFLAGS,
        VMCS_GUEST_CR3,      VMCS_GUEST_RSP,       VMCS_GUEST_EFER,      VMCS_GUEST_CR4,
        VMCS_GUEST_CS_BASE,  VMCS_GUEST_RIP,       VMCS_GUEST_CR0,       VMCS_EXIT_INSTRUCTION};
    uint64_t *const registers = &guest.rax;
    const unsigned which = (unsigned)take(1);
    if (which < 0x80)
        registers[which % 15] = take(which < 0x40 ? 2 : 8);
    else
        native_set(field[which % 16], take(which < 0xC0 ? 4 : 8));
}

static void change_memory(void)
{
    const uint64_t at = take(3) % NATIVE_RAM, count = take(1);
    for (uint64_t i = 0; i < count && at + i < NATIVE_RAM; i++)
        native_memory[at + i] = (uint8_t)take(1);
}

/* The next exit, from the input; false at its end. */
static bool next_exit(void)
{
    static const unsigned reasons[] = {
        VMX_EXIT_IO,    VMX_EXIT_IO,     VMX_EXIT_CPUID,     VMX_EXIT_RDMSR,
        VMX_EXIT_WRMSR, VMX_EXIT_VMCALL, VMX_EXIT_CR_ACCESS, VMX_EXIT_EPT_VIOLATION,
        VMX_EXIT_HLT,   VMX_EXIT_INVD,   VMX_EXIT_VMXON,     VMX_EXIT_EXTERNAL_INTERRUPT};
    native_time = ++step * (PC_SECOND / 2000);
    native_set(VMCS_IDT_VECTORING, 0);
    for (;;) {
        if (left == 0 || step > 400)
            return false;
        const unsigned what = (unsigned)take(1);
        if (what >= 0xC0) {
            change_memory();
            continue;
        }
        if (what >= 0x60) {
            change_guest();
            continue;
        }
        const unsigned reason = reasons[what % 12];
        uint64_t qualification = take(1);
        if (reason == VMX_EXIT_IO) { /* COM1 above all; sizes are 1, 2, 4 */
            const unsigned port = (qualification & 0x80) != 0 ? 0x3F8 + (unsigned)take(1) % 8 : (unsigned)take(2);
            static const unsigned size[] = {0, 1, 3, 0};
            qualification = (qualification & 0x38) | size[qualification & 3] | (uint64_t)port << 16;
        } else if (reason == VMX_EXIT_VMCALL) {
            native_set(VMCS_GUEST_CS_BASE, 0xF0000);
            native_set(VMCS_GUEST_RIP, 0x2000 + 16 * qualification);
            if ((what & 0x40) == 0) /* most stand in real mode */
                native_set(VMCS_GUEST_CR0, 0x30);
        } else if (reason == VMX_EXIT_CR_ACCESS)
            qualification |= take(1) << 8;
        else if (reason == VMX_EXIT_EPT_VIOLATION)
            native_set(VMCS_GUEST_PHYSICAL_ADDRESS, NATIVE_RAM + take(5));
        else if (reason == VMX_EXIT_RDMSR || reason == VMX_EXIT_WRMSR)
            guest.rcx =
                (qualification & 0x80) != 0 ? 0xC0000080 + (qualification & 0x7F) : qualification << 2 | take(1);
        else if (reason == VMX_EXIT_EXTERNAL_INTERRUPT)
            native_set(VMCS_IDT_VECTORING, take(2) | (qualification & 1) << 31);
        native_set(VMCS_EXIT_REASON, reason);
        native_set(VMCS_EXIT_QUALIFICATION, qualification);
        native_set(VMCS_EXIT_INSTRUCTION_LENGTH, 2);
        native_set(VMCS_GUEST_ACTIVITY, 0);
        return true;
    }
}

static endpoint_mood mood(void) { return hostile && left > 0 ? (endpoint_mood)(take(1) % MOODS) : GOOD; }

/* Frames that the guest has sent, and those that have come out. */
static size_t given;
static void count_and_route(uint32_t operation)
{
    given += operation >> 24 == 1;
    route_operation(operation);
}

static size_t frames(const uint32_t *operation, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += operation[i] >> 24 == 1;
    return n;
}

static void check_end(void)
{
    static const char *const may[] = {"native: no more exits",
                                      "guest: HLT with interrupts off",
                                      "guest: triple fault",
                                      "guest: shut down",
                                      "guest: an exception that the guest does not handle",
                                      "guest: "};
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        if (strncmp(native_stop, may[i], strlen(may[i])) == 0)
            return;
    fprintf(stderr, "pxHV stopped: %s\n%s", native_stop, native_log);
    abort();
}

_Noreturn void guest_loop(void (*poll)(bool waiting));

static void run(const uint8_t *data, size_t size, uint32_t batch, bool bad_executor)
{
    native_reset();
    input = data;
    left = size;
    hostile = bad_executor;
    step = 0;
    given = 0;
    native_link_patience = bad_executor ? PC_SECOND : 0;
    endpoint_reset(false, mood);
    if (setjmp(native_stopped) == 0) {
        route_init(&(route_options){.batch = batch, .patience = PC_SECOND, .link = true, .now = time_now});
        pc_com1_connect(count_and_route);
        native_next_exit = next_exit;
        guest_loop(route_poll);
    }
    check_end();
    char why[sizeof native_stop];
    memcpy(why, native_stop, sizeof why);
    if (setjmp(native_stopped) == 0)
        route_flush(true);
    const size_t sent = frames(endpoint_wire, endpoint_count) + frames(native_own, native_own_count);
    if (sent > given || (!bad_executor && sent < given)) {
        fprintf(stderr, "the guest sent %zu frames, %zu came out\n", given, sent);
        abort();
    }
    if (!native_untouched()) {
        fprintf(stderr, "memory above the guest's was written\n");
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t first[ENDPOINT_WIRE];
    run(data, size, 1, false);
    const size_t count = endpoint_count;
    memcpy(first, endpoint_wire, 4 * count);
    run(data, size, 256, false);
    if (count != endpoint_count || memcmp(first, endpoint_wire, 4 * count) != 0) {
        fprintf(stderr, "batches of 1 sent %zu operations, of 256 %zu\n", count, endpoint_count);
        abort();
    }
    run(data, size, 16, true);
    return 0;
}
