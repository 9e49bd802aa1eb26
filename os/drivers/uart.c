/* uart.c - COM1: a 16550. As many bytes as its queue holds go out in one batch. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

enum {
    COM1 = 0x3F8,
    IRQ = 4,
    DATA = COM1,
    ENABLE = COM1 + 1,
    QUEUES = COM1 + 2,
    LINE = COM1 + 3,
    MODEM = COM1 + 4,
    STATUS = COM1 + 5,
    SCRATCH = COM1 + 7,
    CAME = 1,    /* of STATUS: a byte has come */
    ROOM = 0x20, /* its queue is empty */
    QUEUE = 16,
    PATIENCE = 2000 /* milliseconds without room: what is written is lost then, until there is some */
};

static host_entry list[QUEUE];
static bool stuck;

static void set(const uint8_t (*registers)[2], uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        list[i] = host_entry_of(PXH_PORT_WRITE, COM1 + registers[i][0], registers[i][1]);
    host_submit(list, count);
}

static bool begin(void)
{
    /* 115200 8N1; queues emptied and on, each byte tells; DTR, RTS and the interrupt's way out. */
    static const uint8_t registers[][2] = {{3, 0x80}, {0, 1}, {1, 0}, {3, 3}, {2, 7}, {4, 0xB}, {1, 1}};
    port_write(0, SCRATCH, 0x5A);
    if (port_read(0, SCRATCH) != 0x5A)
        return false;
    (void)irq_interrupt(IRQ, UART_INTERRUPT);
    set(registers, sizeof registers / sizeof *registers);
    return true;
}

/* ---- out ---- */

static bool wait_for_room(void)
{
    for (uint32_t i = 0; i < PATIENCE; i++) {
        if ((port_read(0, STATUS) & ROOM) != 0) {
            stuck = false;
            return true;
        }
        if (stuck)
            return false;
        if (i >= 8)
            host_rest(1);
    }
    stuck = true;
    return false;
}

static void put(const uint8_t *bytes, uint32_t count)
{
    static uint8_t last;
    uint32_t done = 0;
    while (done < count && wait_for_room()) {
        uint32_t filled = 0;
        for (; done < count && filled < QUEUE - 1; last = bytes[done++]) {
            if (bytes[done] == '\n' && last != '\r')
                list[filled++] = host_entry_of(PXH_PORT_WRITE, DATA, '\r');
            list[filled++] = host_entry_of(PXH_PORT_WRITE, DATA, bytes[done]);
        }
        host_submit(list, filled);
    }
}

/* ---- in ---- */

/* A byte is read only where STATUS has said that it is there: one that comes meanwhile would be lost. */
static uint32_t take(uint8_t *bytes, uint32_t most)
{
    uint32_t byte, count = 0, status = most > 0 ? port_read(0, STATUS) : 0;
    while (count < most && (status & CAME) != 0) {
        list[0] = host_entry_of(PXH_PORT_READ, DATA, at(&byte));
        list[1] = host_entry_of(PXH_PORT_READ, STATUS, at(&status));
        host_submit(list, 2);
        bytes[count++] = (uint8_t)byte;
    }
    return count;
}

const driver driver_uart = {.begin = begin, .put = put, .take = take};
