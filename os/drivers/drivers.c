/* drivers.c - see driver.h. */
#include "os/drivers/driver.h"
#include "os/drivers/input.h"
#include "os/drivers/machine.h"
#include "os/kernel/kernel.h"

/* OS_DEVICES is a list of these. */
#define DEVICE(name) extern const driver driver_##name;
OS_DEVICES
#undef DEVICE
#define DEVICE(name) &driver_##name,
static const driver *const all[] = {OS_DEVICES NULL};
#undef DEVICE

enum { MOST = sizeof all / sizeof *all };
static const driver *there[MOST]; /* those that have a device; NULL behind the last */

/* Asked each time: what another host has must not be kept in the picture, which is to be the same beside any. */
static bool host_has(uint32_t service)
{
    uint32_t bits[8] = {0};
    px_sys(PXH_REQUEST(PXH_SERVICES, 0), at(bits));
    return (bits[service / 32] >> service % 32 & 1) != 0;
}

void drivers_begin(void)
{
    uint32_t count = 0;
    const bool machine = host_has(PXH_PORT_READ);
    if (MOST > 1) { /* a kernel without devices has no need of these */
        input_begin();
        pci_begin();
    }
    for (unsigned i = 0; machine && all[i] != NULL; i++)
        if (all[i]->begin())
            there[count++] = all[i];
    there[count] = NULL;
}

bool drivers_are_there(void) { return there[0] != NULL; }

bool drivers_have_console(void)
{
    for (const driver *const *d = there; *d != NULL; d++)
        if ((*d)->put != NULL)
            return true;
    return false;
}

void drivers_put(const uint8_t *bytes, uint32_t count)
{
    for (const driver *const *d = there; *d != NULL; d++)
        if ((*d)->put != NULL)
            (*d)->put(bytes, count);
}

void drivers_hear(void)
{
    for (const driver *const *d = there; *d != NULL; d++)
        if ((*d)->hear != NULL)
            (*d)->hear();
}

uint32_t drivers_take(uint8_t *bytes, uint32_t most)
{
    uint32_t count = 0;
    if (MOST == 1)
        return 0;
    drivers_hear();
    for (const driver *const *d = there; *d != NULL; d++)
        if ((*d)->take != NULL)
            count += (*d)->take(bytes + count, most - count);
    return count + input_take(bytes + count, most - count);
}

static const driver *screen(void)
{
    const driver *const *d = there;
    while (*d != NULL && (*d)->show == NULL)
        d++;
    return *d;
}

bool drivers_have_screen(void) { return screen() != NULL; }

void drivers_show(const screen_picture *picture)
{
    if (screen() != NULL)
        screen()->show(picture);
}

uint64_t drivers_today(void)
{
    for (const driver *const *d = there; *d != NULL; d++)
        if ((*d)->today != NULL)
            return (*d)->today();
    return host_clock(1);
}

fs_device *drivers_disk(uint32_t number)
{
    for (const driver *const *d = there; *d != NULL; d++)
        if ((*d)->disk != NULL)
            return (*d)->disk(number);
    return NULL;
}

/* The driver of a network card, or NULL: the host's is the one. */
static const driver *card(void)
{
    const driver *const *d = there;
    while (*d != NULL && (*d)->send == NULL)
        d++;
    return *d;
}

bool drivers_serve(uint32_t service)
{
    switch (service) {
    case PXH_SEND:
        return card() != NULL || host_has(service);
    case PXH_DISPLAY:
    case PXH_DISPLAY_SIZE:
        return drivers_have_screen() || host_has(service);
    default:
        return drivers_have_console() || host_has(service);
    }
}

int32_t drivers_send(const uint8_t *frame, uint32_t bytes)
{
    const driver *const d = card();
    return d != NULL ? d->send(frame, bytes) : px_sys(PXH_REQUEST(PXH_SEND, bytes), at(frame));
}

int32_t drivers_receive(uint8_t *frame, uint32_t most)
{
    static host_entry entry;
    const driver *const d = card();
    if (d != NULL)
        return (int32_t)d->receive(frame, most);
    entry = host_entry_of(PXH_RECEIVE, most, at(frame));
    host_submit(&entry, 1);
    return entry.state == PXH_DONE ? entry.answer : 0;
}

/* A host's Ethernet has no address of ours: chance gives one, among those that anybody may take (IEEE 802, bit 1 of the
 * first byte). */
int32_t drivers_ethernet(uint8_t address[6])
{
    static uint8_t own[8] __attribute__((aligned(4)));
    const driver *const d = card();
    if (d == NULL && own[0] == 0) {
        const int32_t answer = px_sys(PXH_REQUEST(PXH_RANDOM, sizeof own), at(own));
        if (answer < 0)
            return answer;
        own[0] = 2;
    }
    if (d != NULL)
        d->ethernet(own);
    for (unsigned i = 0; i < 6; i++)
        address[i] = own[i];
    return 0;
}
