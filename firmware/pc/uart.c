/* uart.c - COM1 at 3F8h on interrupt line 4: a 16550A. Registers and bits by the names of National Semiconductor's
 * PC16550D datasheet.
 *
 * The transmitter is always empty: what the guest writes leaves at once, as operations of the serial driver, so THRE
 * and TEMT always stand and no guest waits for them. A change of divisor becomes a set-up operation before the next
 * character; each character carries the line control of its moment. */
#include "firmware/pc/pc.h"

#include <stddef.h>

#include "pxi/serial.h"

#define IER_RECEIVED 0x01
#define IER_EMPTY    0x02
#define IER_LINE     0x04
#define IER_MODEM    0x08

#define LCR_LENGTH 0x03 /* bits in a character, less 5 */
#define LCR_BREAK  0x40
#define LCR_DLAB   0x80

#define MCR_OUT2     0x08
#define MCR_LOOPBACK 0x10

#define LSR_READY   0x01
#define LSR_OVERRUN 0x02
#define LSR_ERRORS  0x1E
#define LSR_EMPTY   0x60 /* THRE and TEMT */
#define LSR_FIFO    0x80 /* an error somewhere in the FIFO */

#define MSR_LINES 0xB0 /* the other end is there: CTS, DSR, DCD */

typedef struct received {
    uint8_t data, errors; /* bits of LSR */
} received;

static struct {
    uint8_t ier, fcr, lcr, mcr, scratch;
    uint8_t msr_delta;
    uint8_t modem; /* upper half of MSR as last seen */
    bool overrun;
    bool empty_pending; /* the THRE interrupt is still to be taken notice of */
    uint16_t divisor;
    uint16_t announced; /* the divisor that the last set-up operation had */
    pc_time asked;      /* when the guest last looked whether something has come */
    received fifo[16];
    unsigned first, count;
} u;

static pc_serial_sink *sink;

void pc_com1_connect(pc_serial_sink *new_sink) { sink = new_sink; }

static unsigned depth(void) { return (u.fcr & 1) != 0 ? 16 : 1; }

static unsigned trigger(void)
{
    static const uint8_t level[4] = {1, 4, 8, 14};
    return (u.fcr & 1) != 0 ? level[u.fcr >> 6] : 1;
}

/* IIR without its FIFO bits: what is most urgent, 1 for nothing. A FIFO below its trigger counts as timed out at once:
 * guest time passes in leaps. */
static uint8_t identification(void)
{
    const uint8_t errors = u.count != 0 ? u.fifo[u.first].errors : 0;
    if ((u.ier & IER_LINE) != 0 && (errors != 0 || u.overrun))
        return 0x06;
    if ((u.ier & IER_RECEIVED) != 0 && u.count >= trigger())
        return 0x04;
    if ((u.ier & IER_RECEIVED) != 0 && u.count != 0)
        return 0x0C;
    if ((u.ier & IER_EMPTY) != 0 && u.empty_pending)
        return 0x02;
    if ((u.ier & IER_MODEM) != 0 && u.msr_delta != 0)
        return 0x00;
    return 0x01;
}

static void update_line(void) { pc_irq(4, (u.mcr & MCR_OUT2) != 0 && identification() != 0x01); }

/* ---- receiving ---- */

unsigned pc_com1_room(void) { return depth() > u.count ? depth() - u.count : 0; }

bool pc_com1_listening(pc_time now)
{
    return (u.ier & IER_RECEIVED) != 0 || (u.asked != 0 && now - u.asked < PC_SECOND / 100);
}

static bool receive(uint8_t data, uint8_t errors)
{
    if (pc_com1_room() == 0)
        return false;
    u.fifo[(u.first + u.count++) % 16] = (received){data, errors & LSR_ERRORS & ~LSR_OVERRUN};
    u.overrun |= (errors & LSR_OVERRUN) != 0;
    update_line();
    return true;
}

bool pc_com1_receive(uint32_t character)
{
    if ((u.mcr & MCR_LOOPBACK) != 0)
        return true; /* the pin is cut off: the character is lost, as it would be */
    return receive((uint8_t)pxs_received_data(character), (uint8_t)pxs_received_errors(character));
}

static uint8_t read_data(void)
{
    if (u.count == 0)
        return 0;
    const uint8_t data = u.fifo[u.first].data;
    u.first = (u.first + 1) % 16;
    u.count--;
    return data;
}

static uint8_t read_line_status(void)
{
    u.asked = pc_now;
    uint8_t status = LSR_EMPTY;
    if (u.count != 0)
        status |= (uint8_t)(LSR_READY | u.fifo[u.first].errors);
    if (u.overrun)
        status |= LSR_OVERRUN;
    for (unsigned i = 0; i < u.count && (u.fcr & 1) != 0; i++)
        if (u.fifo[(u.first + i) % 16].errors != 0)
            status |= LSR_FIFO;
    u.overrun = false;
    if (u.count != 0)
        u.fifo[u.first].errors = 0;
    return status;
}

/* ---- transmitting ---- */

static void emit(uint32_t operation)
{
    if (sink != NULL)
        sink(operation);
}

/* A character that finds no room is an overrun: a FIFO keeps what it has, the single register of a 16450 keeps the new
 * one. */
static void loop_back(uint8_t data)
{
    if (receive(data, 0))
        return;
    u.overrun = true;
    if ((u.fcr & 1) == 0)
        u.fifo[u.first].data = data;
}

static void transmit(uint8_t data)
{
    if ((u.mcr & MCR_LOOPBACK) != 0) {
        loop_back(data & (uint8_t)(0xFF >> (3 - (u.lcr & LCR_LENGTH))));
        return;
    }
    if (u.divisor != u.announced) {
        emit(pxs_setup(u.divisor, u.lcr));
        u.announced = u.divisor;
    }
    emit(pxs_write(data, 0, u.lcr));
}

/* ---- modem lines ---- */

/* In loopback the outputs come back: DTR as DSR, RTS as CTS, OUT1 as RI, OUT2 as DCD. */
static uint8_t modem_lines(void)
{
    if ((u.mcr & MCR_LOOPBACK) == 0)
        return MSR_LINES;
    return (uint8_t)((u.mcr & 1) << 5 | (u.mcr & 2) << 3 | (u.mcr & 4) << 4 | (u.mcr & 8) << 4);
}

static void update_modem(void)
{
    const uint8_t now = modem_lines(), changed = now ^ u.modem;
    u.msr_delta |= (uint8_t)(changed >> 4 & 0x0B);
    if ((changed & u.modem & 0x40) != 0)
        u.msr_delta |= 0x04; /* TERI: the end of a ring */
    u.modem = now;
}

/* ---- ports ---- */

static uint8_t divisor_byte(unsigned offset)
{
    const uint16_t shown = u.divisor != 0 ? u.divisor : 1; /* some guests divide by it */
    return (uint8_t)(offset == 0 ? shown : shown >> 8);
}

static uint8_t read_register(unsigned offset)
{
    switch (offset) {
    case 0:
        return read_data();
    case 1:
        return u.ier;
    case 2: {
        const uint8_t value = identification();
        if (value == 0x02)
            u.empty_pending = false;
        return (uint8_t)(value | ((u.fcr & 1) != 0 ? 0xC0 : 0));
    }
    case 3:
        return u.lcr;
    case 4:
        return u.mcr;
    case 5:
        return read_line_status();
    case 6: {
        const uint8_t value = u.modem | u.msr_delta;
        u.msr_delta = 0;
        return value;
    }
    default:
        return u.scratch;
    }
}

static uint8_t in(unsigned offset)
{
    const uint8_t value = (u.lcr & LCR_DLAB) != 0 && offset < 2 ? divisor_byte(offset) : read_register(offset);
    update_line();
    return value;
}

static void write_fifo_control(uint8_t value)
{
    if (((value ^ u.fcr) & 1) != 0 || (value & 2) != 0)
        u.first = u.count = 0;
    u.fcr = (value & 1) != 0 ? value & 0xC9 : 0;
}

static void write_line_control(uint8_t value)
{
    const bool begins = (value & LCR_BREAK) != 0 && (u.lcr & LCR_BREAK) == 0;
    u.lcr = value;
    if (begins && (u.mcr & MCR_LOOPBACK) == 0) /* it acts on the pin alone, and loopback takes that from the line */
        transmit(0); /* the line goes low for a frame: a break reaches the wire although no character is written */
}

static void write_register(unsigned offset, uint8_t value)
{
    switch (offset) {
    case 0:
        transmit(value);
        u.empty_pending = true;
        break;
    case 1:
        if ((value & ~u.ier & IER_EMPTY) != 0)
            u.empty_pending = true;
        u.ier = value & 0x0F;
        break;
    case 2:
        write_fifo_control(value);
        break;
    case 3:
        write_line_control(value);
        break;
    case 4:
        u.mcr = value & 0x1F;
        update_modem();
        break;
    case 7:
        u.scratch = value;
        break;
    default:
        break;
    }
}

static void out(unsigned offset, uint8_t value)
{
    if ((u.lcr & LCR_DLAB) != 0 && offset == 0)
        u.divisor = (uint16_t)((u.divisor & 0xFF00) | value);
    else if ((u.lcr & LCR_DLAB) != 0 && offset == 1)
        u.divisor = (uint16_t)((u.divisor & 0x00FF) | value << 8);
    else
        write_register(offset, value);
    update_line();
}

static void reset(pc_time now)
{
    (void)now;
    const uint16_t announced = u.announced;
    u.ier = u.fcr = u.mcr = u.scratch = u.msr_delta = 0;
    u.lcr = 3;
    u.overrun = u.empty_pending = false;
    u.divisor = 12;
    u.announced = announced;
    u.first = u.count = 0;
    u.modem = modem_lines();
}

const pc_device pc_com1 = {.name = "COM1", .first = 0x3F8, .last = 0x3FF, .in = in, .out = out, .reset = reset};
