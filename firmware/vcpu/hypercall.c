/* hypercall.c - see hypercall.h. */
#include "firmware/vcpu/hypercall.h"

#include "firmware/machine/log.h"
#include "firmware/serial/route.h"
#include "firmware/vcpu/counts.h"

#define SIGNATURE UINT64_C(0x56487870) /* "pxHV", as in CPUID leaf 40000000h */
#define VERSION   UINT64_C(1)

enum { FUNCTION_VERSION, FUNCTION_LOG, FUNCTION_FLUSH, FUNCTION_COUNT };
enum { KIND_EXITS, KIND_READS, KIND_WRITES };

static uint64_t answer = UINT64_MAX; /* of the latest call by port */

static bool log_counters(void)
{
    static unsigned logs;
    if (logs == HYPERCALL_LOGS)
        return false;
    hv_log("counters, asked for by the guest, %u of %u times:", ++logs, HYPERCALL_LOGS);
    counts_log();
    route_log();
    return true;
}

static bool count_of(uint8_t kind, uint16_t which, uint64_t *value)
{
    switch (kind) {
    case KIND_EXITS:
        *value = counts_of_exit(which);
        return true;
    case KIND_READS:
    case KIND_WRITES:
        *value = counts_of_port(which, kind == KIND_READS);
        return true;
    default:
        return false;
    }
}

bool hypercall(uint8_t function, uint8_t kind, uint16_t which, uint64_t *value)
{
    switch (function) {
    case FUNCTION_VERSION:
        *value = VERSION << 32 | SIGNATURE;
        return true;
    case FUNCTION_LOG:
        return log_counters();
    case FUNCTION_FLUSH:
        route_flush(true);
        return true;
    case FUNCTION_COUNT:
        return count_of(kind, which, value);
    default:
        return false;
    }
}

bool hypercall_port(uint16_t port, unsigned bytes, bool in, uint32_t *value)
{
    if (bytes != 4 || (port != HYPERCALL_PORT && !(in && port == HYPERCALL_PORT + 4)))
        return false;
    if (in)
        *value = (uint32_t)(port == HYPERCALL_PORT ? answer : answer >> 32);
    else {
        uint64_t result = 0;
        answer =
            hypercall((uint8_t)*value, (uint8_t)(*value >> 8), (uint16_t)(*value >> 16), &result) ? result : UINT64_MAX;
    }
    return true;
}
