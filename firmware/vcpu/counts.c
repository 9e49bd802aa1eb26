/* counts.c - see counts.h. Of 65,536 ports a guest uses a few dozen: a byte a port says where in the table its two
 * counters are. */
#include "firmware/vcpu/counts.h"

#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/vcpu/vcpu.h"

typedef struct port_count {
    uint16_t port;
    uint64_t in, out;
} port_count;

static uint64_t exits[COUNTS_EXITS];
static port_count ports[COUNTS_PORTS + 1]; /* the last: all that found no place */
static unsigned ports_seen;
static uint8_t place[65536]; /* index in ports, plus 1 */
_Static_assert(COUNTS_PORTS < UINT8_MAX, "an index of ports, plus 1, is a byte");

void counts_exit(unsigned reason)
{
    if (reason < COUNTS_EXITS)
        exits[reason]++;
}

void counts_port(uint16_t port, bool in)
{
    if (place[port] == 0 && ports_seen < COUNTS_PORTS) {
        ports[ports_seen].port = port;
        place[port] = (uint8_t)++ports_seen;
    }
    port_count *const count = &ports[place[port] != 0 ? place[port] - 1u : COUNTS_PORTS];
    if (in)
        count->in++;
    else
        count->out++;
}

uint64_t counts_of_exit(unsigned reason) { return reason < COUNTS_EXITS ? exits[reason] : 0; }

uint64_t counts_of_port(uint16_t port, bool in)
{
    const port_count none = {0}, *const count = place[port] != 0 ? &ports[place[port] - 1] : &none;
    return in ? count->in : count->out;
}

void counts_log(void)
{
    for (unsigned reason = 0; reason < COUNTS_EXITS; reason++)
        if (exits[reason] != 0)
            hv_log("exits: %lu of reason %u, %s", exits[reason], reason, vcpu->exit_name(reason));
    for (unsigned i = 0; i < ports_seen; i++)
        hv_log("ports: %04xh: %lu in, %lu out", (unsigned)ports[i].port, ports[i].in, ports[i].out);
    const port_count *const others = &ports[COUNTS_PORTS];
    if (others->in != 0 || others->out != 0)
        hv_log("ports: others: %lu in, %lu out", others->in, others->out);
}

void counts_reset(void)
{
    memset(exits, 0, sizeof exits);
    memset(ports, 0, sizeof ports);
    memset(place, 0, sizeof place);
    ports_seen = 0;
}
