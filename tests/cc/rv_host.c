/* rv_host.c - the host's services for a simulated program: console, exit, and a clock and chance that are the same each
 * time. */
#include <stdio.h>
#include <unistd.h>

#include "pxi/host.h"
#include "tests/cc/rv.h"

static bool bytes_there(const rv *m, uint32_t address, uint32_t count)
{
    return count == 0 || (uint64_t)address + count <= (uint64_t)m->pixels * 4;
}

static uint8_t get_byte(const rv *m, uint32_t address)
{
    return (uint8_t)(m->image[address / 4] >> (8 * (address & 3)));
}

static void put_byte(rv *m, uint32_t address, uint8_t byte)
{
    const unsigned shift = 8 * (address & 3);
    m->image[address / 4] = (m->image[address / 4] & ~(0xFFu << shift)) | (uint32_t)byte << shift;
}

void rv_flush(void) { fflush(stdout); }

static int32_t output(rv *m, FILE *to, uint32_t address, uint32_t count)
{
    if (!bytes_there(m, address, count))
        return PXH_E_RANGE;
    for (uint32_t i = 0; i < count; i++)
        putc(get_byte(m, address + i), to);
    return (int32_t)count;
}

static int32_t print(rv *m, uint32_t payload, uint32_t address)
{
    uint32_t count = payload;
    if (payload == PXH_STRING)
        for (count = 0; bytes_there(m, address, count + 1) && get_byte(m, address + count) != 0; count++)
            ;
    return output(m, stdout, address, count);
}

static int32_t input(rv *m, uint32_t address, uint32_t count)
{
    if (!bytes_there(m, address, count))
        return PXH_E_RANGE;
    rv_flush();
    for (uint32_t i = 0; i < count; i++) {
        const int byte = getchar();
        if (byte == EOF)
            return (int32_t)i;
        put_byte(m, address + i, (uint8_t)byte);
    }
    return (int32_t)count;
}

static int32_t transfer(rv *m, unsigned service, uint32_t handle, uint32_t block)
{
    if (block % 4 != 0 || !bytes_there(m, block, 8))
        return block % 4 != 0 ? PXH_E_INVALID : PXH_E_RANGE;
    const uint32_t address = m->image[block / 4], count = m->image[block / 4 + 1];
    if (service == PXH_READ)
        return handle == 0 ? input(m, address, count) : PXH_E_HANDLE;
    return handle == 1 || handle == 2 ? output(m, handle == 1 ? stdout : stderr, address, count) : PXH_E_HANDLE;
}

static int32_t put_clock(rv *m, uint32_t address)
{
    if (address % 4 != 0 || !bytes_there(m, address, 8))
        return address % 4 != 0 ? PXH_E_INVALID : PXH_E_RANGE;
    m->image[address / 4] = (uint32_t)(m->retired * 10);
    m->image[address / 4 + 1] = (uint32_t)(m->retired * 10 >> 32);
    return 0;
}

static int32_t put_random(rv *m, uint32_t address, uint32_t count)
{
    if (!bytes_there(m, address, count))
        return PXH_E_RANGE;
    for (uint32_t i = 0; i < count; i++) {
        m->random = m->random * 6364136223846793005u + 1442695040888963407u;
        put_byte(m, address + i, (uint8_t)(m->random >> 56));
    }
    return (int32_t)count;
}

static int32_t answer(rv *m, unsigned service, uint32_t payload, uint32_t argument)
{
    switch (service) {
    case PXH_YIELD:
    case PXH_CONSOLE:
        return 0;
    case PXH_CLOCK:
        return put_clock(m, argument);
    case PXH_RANDOM:
        return put_random(m, argument, payload);
    case PXH_PRINT:
        return print(m, payload, argument);
    case PXH_INPUT:
        return input(m, argument, payload);
    case PXH_READ:
    case PXH_WRITE:
        return transfer(m, service, payload, argument);
    case PXH_PUTC:
        return putchar((int)(payload & 0xFF)) == EOF ? PXH_E_IO : 1;
    case PXH_GETC: {
        rv_flush();
        const int byte = getchar();
        return byte == EOF ? PXH_E_END : byte;
    }
    case PXH_EXIT:
        m->state = RV_ENDED;
        m->status = (int)(payload & 0xFF);
        return 0;
    default:
        return PXH_E_DENIED;
    }
}

void rv_host(rv *m) { m->x[10] = (uint32_t)answer(m, m->x[10] >> 24, m->x[10] & 0xFFFFFF, m->x[11]); }
