/* pic.c - the pair of 8259A interrupt controllers, as an AT has them: the master at 20h, the slave at A0h on the
 * master's line 2, and the edge or level registers at 4D0h. Names of registers and words from Intel's 8259A datasheet.
 */
#include "firmware/pc/pc.h"

typedef struct pic {
    uint8_t lines;  /* levels of the inputs */
    uint8_t irr;    /* requests that are latched (edge) */
    uint8_t isr;    /* in service */
    uint8_t imr;    /* masked */
    uint8_t level;  /* ELCR: inputs that are level-sensitive */
    uint8_t base;   /* ICW2: vector of input 0 */
    uint8_t lowest; /* the input with the lowest priority: 7 unless rotated */
    uint8_t step;   /* which initialisation word is next: 0 none, 2, 3, 4 */
    bool single;    /* ICW1: no ICW3 comes */
    bool icw4;      /* ICW4 is expected */
    bool nested;    /* ICW4: special fully nested mode, for a master */
    bool automatic; /* AEOI */
    bool rotate;    /* and rotate on it */
    bool read_isr;  /* OCW3: which register a read gives */
    bool poll;      /* OCW3: the next read acknowledges */
    bool special;   /* special mask mode */
} pic;

static pic master, slave;
static uint16_t taken; /* lines whose interrupt the processor has had: pc_irq_taken() */

static uint8_t requests(const pic *p) { return (uint8_t)((p->irr | (p->lines & p->level)) & ~p->imr); }

/* The most urgent input among bits, or 8. Priority falls from lowest + 1 around to lowest. */
static unsigned most_urgent(const pic *p, uint8_t bits)
{
    for (unsigned i = 1; i <= 8; i++)
        if ((bits >> ((p->lowest + i) & 7) & 1) != 0)
            return (p->lowest + i) & 7;
    return 8;
}

static unsigned priority(const pic *p, unsigned input) { return (input - p->lowest - 1) & 7; }

/* The input that p would interrupt with, or 8. What is in service holds back inputs of its priority and below; in
 * special mask mode only itself; in special fully nested mode the slave's line does not hold back itself, so that a
 * more urgent input of the slave comes through. */
static unsigned candidate(const pic *p)
{
    const unsigned wanted = most_urgent(p, (uint8_t)(p->special ? requests(p) & ~p->isr : requests(p)));
    const unsigned serving = most_urgent(p, (uint8_t)(p->special ? p->isr & ~p->imr : p->isr));
    if (wanted == 8 || (p->nested && wanted == 2 && serving == 2))
        return wanted;
    return p->special || serving == 8 || priority(p, wanted) < priority(p, serving) ? wanted : 8;
}

static void set_line(pic *p, unsigned input, bool level)
{
    const uint8_t bit = (uint8_t)(1u << input);
    if (level && (p->lines & bit) == 0)
        p->irr |= bit;
    if (!level)
        p->irr &= (uint8_t)~bit; /* a request that goes away before it is acknowledged is none */
    p->lines = (uint8_t)(level ? p->lines | bit : p->lines & ~bit);
}

static void update_cascade(void) { set_line(&master, 2, candidate(&slave) != 8); }

void pc_irq(unsigned line, bool level)
{
    if (line >= 8)
        set_line(&slave, line - 8, level);
    else
        set_line(&master, line, level);
    update_cascade();
}

bool pc_irq_waits(unsigned line) { return ((line >= 8 ? slave.irr >> (line - 8) : master.irr >> line) & 1) != 0; }

bool pc_interrupt_pending(void) { return candidate(&master) != 8; }

/* INTA: the input goes into service. Without a request the answer is input 7, in service of nothing. */
static unsigned acknowledge(pic *p)
{
    const unsigned input = candidate(p);
    if (input == 8)
        return 7;
    const uint8_t bit = (uint8_t)(1u << input);
    p->irr &= (uint8_t)~bit;
    if (!p->automatic)
        p->isr |= bit;
    else if (p->rotate)
        p->lowest = (uint8_t)input;
    return input;
}

/* INTA takes the slave's INT away; what else it wants is a new edge for the master. */
static unsigned acknowledge_slave(void)
{
    const unsigned input = acknowledge(&slave);
    set_line(&master, 2, false);
    update_cascade();
    return input;
}

uint8_t pc_interrupt_vector(void)
{
    unsigned line = acknowledge(&master);
    if (line == 2)
        line = 8 + acknowledge_slave();
    taken |= (uint16_t)(1u << line);
    return (uint8_t)(line < 8 ? master.base + line : slave.base + line - 8);
}

bool pc_irq_taken(unsigned line)
{
    const bool was = (taken >> line & 1) != 0;
    taken &= (uint16_t) ~(1u << line);
    return was;
}

static void initialise(pic *p, uint8_t icw1)
{
    const pic kept = {.lines = p->lines, .level = p->level};
    *p = kept;
    p->lowest = 7;
    p->step = 2;
    p->single = (icw1 & 2) != 0;
    p->icw4 = (icw1 & 1) != 0;
}

/* OCW2: end of interrupt and rotation. */
static void end_of_interrupt(pic *p, uint8_t value)
{
    const unsigned named = value & 7u;
    unsigned input = most_urgent(p, (uint8_t)(p->special ? p->isr & ~p->imr : p->isr));
    switch (value >> 5) {
    case 0:
        p->rotate = false;
        return;
    case 4:
        p->rotate = true;
        return;
    case 2:
        return;
    case 6:
        p->lowest = (uint8_t)named;
        return;
    case 3:
    case 7:
        input = named;
        break;
    default:
        break; /* 1 and 5: the most urgent in service; special mask mode spares those that are masked */
    }
    if (input == 8)
        return;
    p->isr &= (uint8_t) ~(1u << input);
    if ((value & 0x80) != 0)
        p->lowest = (uint8_t)input;
}

static void write_command(pic *p, uint8_t value)
{
    if ((value & 0x10) != 0)
        initialise(p, value);
    else if ((value & 0x08) == 0)
        end_of_interrupt(p, value);
    else {
        if ((value & 0x40) != 0)
            p->special = (value & 0x20) != 0;
        if ((value & 0x02) != 0)
            p->read_isr = (value & 0x01) != 0;
        p->poll = (value & 0x04) != 0;
    }
}

static void write_data(pic *p, uint8_t value)
{
    switch (p->step) {
    case 2:
        p->base = value & 0xF8;
        p->step = !p->single ? 3 : p->icw4 ? 4 : 0;
        break;
    case 3: /* the board has wired who is whose slave */
        p->step = p->icw4 ? 4 : 0;
        break;
    case 4:
        p->automatic = (value & 2) != 0;
        p->nested = (value & 0x10) != 0 && p == &master;
        p->step = 0;
        break;
    default:
        p->imr = value;
        break;
    }
}

static uint8_t read_register(pic *p, unsigned offset)
{
    if (p->poll) { /* the read takes the place of INTA */
        p->poll = false;
        if (candidate(p) == 8)
            return 0;
        return (uint8_t)(0x80 | (p == &slave ? acknowledge_slave() : acknowledge(p)));
    }
    if (offset == 1)
        return p->imr;
    return p->read_isr ? p->isr : (uint8_t)(p->irr | (p->lines & p->level));
}

static void write_register(pic *p, unsigned offset, uint8_t value)
{
    if (offset == 0)
        write_command(p, value);
    else
        write_data(p, value);
    update_cascade();
}

static uint8_t master_in(unsigned offset) { return read_register(&master, offset); }
static void master_out(unsigned offset, uint8_t value) { write_register(&master, offset, value); }
static void slave_out(unsigned offset, uint8_t value) { write_register(&slave, offset, value); }
static uint8_t slave_in(unsigned offset) { return read_register(&slave, offset); }

/* ELCR. Inputs 0, 1, 2, 8 and 13 are always edge-triggered. */
static uint8_t edge_in(unsigned offset) { return offset == 0 ? master.level : slave.level; }
static void edge_out(unsigned offset, uint8_t value)
{
    if (offset == 0)
        master.level = value & 0xF8;
    else
        slave.level = value & 0xDE;
    update_cascade();
}

static void reset(pc_time now)
{
    (void)now;
    master = slave = (pic){.imr = 0xFF, .lowest = 7};
    taken = 0;
}

const pc_device pc_pic_master = {
    .name = "8259 master", .first = 0x20, .last = 0x21, .in = master_in, .out = master_out, .reset = reset};
const pc_device pc_pic_slave = {.name = "8259 slave", .first = 0xA0, .last = 0xA1, .in = slave_in, .out = slave_out};
const pc_device pc_pic_edge = {.name = "ELCR", .first = 0x4D0, .last = 0x4D1, .in = edge_in, .out = edge_out};
