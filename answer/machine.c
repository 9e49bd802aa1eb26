/* machine.c - the machine itself: ports, memory of devices, configuration registers, pages that devices reach, and
 * interrupts, where the host has been given a machine. */
#include <string.h>

#include "answer/internal.h"

static const uint32_t no_line = UINT32_MAX;

void machine_open(px_host *host, const px_bare *bare)
{
    host->bare = bare;
    host->granted[PXH_GRANT_MACHINE] = bare != NULL;
}

/* A machine that is gone: the program stays at its request. */
static px_reply gone(px_host *host)
{
    host->abandoned = true;
    host->why = *host->error;
    return PXH_WAITS;
}

static px_reply ask(px_host *host, px_bare_request *requests, uint32_t count)
{
    return host->bare->serve(host->bare->context, requests, count, host->error) ? 0 : gone(host);
}

static uint64_t long_word(const uint32_t words[2]) { return words[0] | (uint64_t)words[1] << 32; }

static px_reply put_long(px_host *host, uint64_t address, uint64_t value)
{
    const uint32_t words[2] = {(uint32_t)value, (uint32_t)(value >> 32)};
    return host_put_words(host, (uint32_t)address, words, 2);
}

/* Words behind a block of so many, for an answer: looked at before anything is done. */
static px_reply room_behind(const px_host *host, uint32_t argument, uint32_t words, uint32_t more)
{
    return host_within(host, (uint64_t)argument, ((uint64_t)words + more) * 4);
}

/* ---- memory, ports, registers ---- */

px_reply answer_MMIO_READ(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[2];
    px_reply bad = payload > 3 ? PXH_E_INVALID : host_get_words(host, argument, block, 2);
    if (bad == 0)
        bad = room_behind(host, argument, 2, 2);
    if (bad != 0)
        return bad;
    px_bare_request r = {.service = PXH_MMIO_READ, .width = payload, .address = long_word(block)};
    bad = ask(host, &r, 1);
    return bad != 0 ? bad : r.fault ? PXH_E_IO : put_long(host, argument + 8, r.value);
}

px_reply answer_MMIO_WRITE(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[4];
    px_reply bad = payload > 3 ? PXH_E_INVALID : host_get_words(host, argument, block, 4);
    if (bad != 0)
        return bad;
    px_bare_request r = {
        .service = PXH_MMIO_WRITE, .width = payload, .address = long_word(block), .value = long_word(block + 2)};
    bad = ask(host, &r, 1);
    return bad != 0 ? bad : r.fault ? PXH_E_IO : 0;
}

static bool port_payload(uint32_t payload) { return payload >> 16 <= 2; }

px_reply answer_PORT_READ(px_host *host, uint32_t payload, uint32_t argument)
{
    px_reply bad = !port_payload(payload) || argument % 4 != 0 ? PXH_E_INVALID : host_within(host, argument, 4);
    if (bad != 0)
        return bad;
    px_bare_request r = {.service = PXH_PORT_READ, .width = payload >> 16, .address = payload & 0xFFFF};
    bad = ask(host, &r, 1);
    const uint32_t word = (uint32_t)r.value;
    return bad != 0 ? bad : host_put_words(host, argument, &word, 1);
}

px_reply answer_PORT_WRITE(px_host *host, uint32_t payload, uint32_t argument)
{
    px_bare_request r = {
        .service = PXH_PORT_WRITE, .width = payload >> 16, .address = payload & 0xFFFF, .value = argument};
    return port_payload(payload) ? ask(host, &r, 1) : PXH_E_INVALID;
}

/* 1, 2 or 4 bytes of one register, at their own alignment. *width: its log2. */
static bool pci_register(uint32_t payload, const uint32_t block[2], uint32_t *width)
{
    *width = block[1] == 1 ? 0 : block[1] == 2 ? 1 : 2;
    return payload <= 0xFFFF && block[1] == 1u << *width && block[0] <= 0xFF && block[0] % block[1] == 0;
}

/* Two requests: the function's vendor, which says whether it is there, and the one that is meant. */
static px_reply ask_function(px_host *host, uint32_t bdf, px_bare_request requests[2])
{
    requests[0] = (px_bare_request){.service = PXH_PCI_READ, .width = 1, .address = bdf << 8};
    const px_reply bad = ask(host, requests, 2);
    return bad != 0 ? bad : (requests[0].value & 0xFFFF) == 0xFFFF ? PXH_E_ABSENT : 0;
}

px_reply answer_PCI_READ(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[2], width;
    px_bare_request r[2];
    px_reply bad = host_get_words(host, argument, block, 2);
    if (bad == 0 && !pci_register(payload, block, &width))
        bad = PXH_E_INVALID;
    if (bad == 0)
        bad = room_behind(host, argument, 2, 1);
    if (bad != 0)
        return bad;
    r[1] = (px_bare_request){.service = PXH_PCI_READ, .width = width, .address = (payload << 8) + block[0]};
    bad = ask_function(host, payload, r);
    const uint32_t word = (uint32_t)r[1].value;
    return bad != 0 ? bad : host_put_words(host, argument + 8, &word, 1);
}

px_reply answer_PCI_WRITE(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[3], width;
    px_bare_request r[2];
    px_reply bad = host_get_words(host, argument, block, 3);
    if (bad == 0 && !pci_register(payload, block, &width))
        bad = PXH_E_INVALID;
    if (bad == 0 && payload == host->bare->own)
        bad = PXH_E_DENIED; /* all requests go through it */
    if (bad != 0)
        return bad;
    r[1] = (px_bare_request){
        .service = PXH_PCI_WRITE, .width = width, .address = (payload << 8) + block[0], .value = block[2]};
    return ask_function(host, payload, r);
}

px_reply answer_MSR_READ(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t number;
    px_reply bad = payload != 0 ? PXH_E_INVALID : host_get_words(host, argument, &number, 1);
    if (bad == 0)
        bad = room_behind(host, argument, 1, 2);
    if (bad != 0)
        return bad;
    px_bare_request r = {.service = PXH_MSR_READ, .address = number};
    bad = ask(host, &r, 1);
    return bad != 0 ? bad : r.fault ? PXH_E_ABSENT : put_long(host, argument + 4, r.value);
}

px_reply answer_MSR_WRITE(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[3];
    px_reply bad = payload != 0 ? PXH_E_INVALID : host_get_words(host, argument, block, 3);
    if (bad != 0)
        return bad;
    px_bare_request r = {.service = PXH_MSR_WRITE, .address = block[0], .value = long_word(block + 1)};
    bad = ask(host, &r, 1);
    return bad != 0 ? bad : r.fault ? PXH_E_ABSENT : 0;
}

/* ---- pages ---- */

static px_pages *pages_of(px_host *host, uint32_t handle)
{
    return handle < HOST_HANDLES && host->pages[handle].count > 0 ? &host->pages[handle] : NULL;
}

/* The lowest place from first on at which count pages are free, or where one may be: behind what is in the way. */
static uint32_t place_for(const px_host *host, uint32_t count)
{
    uint32_t first = 0;
    for (int i = 0; i < HOST_HANDLES; i++) {
        const px_pages *p = &host->pages[i];
        if (p->count > 0 && first < p->first + p->count && p->first < first + count) {
            first = p->first + p->count;
            i = -1;
        }
    }
    return first;
}

px_reply answer_PAGES(px_host *host, uint32_t payload, uint32_t argument)
{
    const px_bare *bare = host->bare;
    px_reply handle = 0;
    if (payload == 0 || argument > 1)
        return PXH_E_INVALID;
    if (payload > bare->page_count)
        return PXH_E_FULL;
    while (handle < HOST_HANDLES && host->pages[handle].count > 0)
        handle++;
    const uint32_t first = place_for(host, payload);
    const uint64_t end = bare->pages_at + ((uint64_t)first + payload) * PX_BARE_PAGE;
    if (handle == HOST_HANDLES || first > bare->page_count - payload || (argument == 1 && end > UINT32_MAX))
        return PXH_E_FULL;
    host->pages[handle] = (px_pages){first, payload};
    memset(bare->pages + (size_t)first * PX_BARE_PAGE, 0, (size_t)payload * PX_BARE_PAGE);
    return handle;
}

px_reply answer_PAGES_BACK(px_host *host, uint32_t payload, uint32_t argument)
{
    px_pages *p = pages_of(host, payload);
    (void)argument;
    if (p == NULL)
        return PXH_E_HANDLE;
    p->count = 0;
    return 0;
}

px_reply answer_PAGES_ADDRESS(px_host *host, uint32_t payload, uint32_t argument)
{
    const px_pages *p = pages_of(host, payload);
    return p == NULL ? PXH_E_HANDLE
                     : put_long(host, argument, host->bare->pages_at + (uint64_t)p->first * PX_BARE_PAGE);
}

static px_reply into_pages(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    uint8_t **at = context;
    (void)host;
    memcpy(*at, bytes, count);
    *at += count;
    return (px_reply)count;
}

static px_reply out_of_pages(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    uint8_t **at = context;
    (void)host;
    memcpy(bytes, *at, count);
    *at += count;
    return (px_reply)count;
}

static px_reply move(px_host *host, uint32_t payload, uint32_t argument, bool in)
{
    uint32_t block[3]; /* offset, address, bytes */
    const px_pages *p = pages_of(host, payload);
    px_reply bad = p == NULL ? PXH_E_HANDLE : host_get_words(host, argument, block, 3);
    if (bad == 0 && (uint64_t)block[0] + block[2] > (uint64_t)p->count * PX_BARE_PAGE)
        bad = PXH_E_RANGE;
    if (bad != 0)
        return bad;
    uint8_t *at = host->bare->pages + (size_t)p->first * PX_BARE_PAGE + block[0];
    return in ? host_from_image(host, block[1], block[2], into_pages, &at)
              : host_to_image(host, block[1], block[2], out_of_pages, &at);
}

px_reply answer_PAGES_IN(px_host *host, uint32_t payload, uint32_t argument)
{
    return move(host, payload, argument, true);
}

px_reply answer_PAGES_OUT(px_host *host, uint32_t payload, uint32_t argument)
{
    return move(host, payload, argument, false);
}

/* ---- interrupts ---- */

/* The line of a number, or a new one for it. */
static uint32_t line_of(px_host *host, uint32_t number)
{
    for (uint32_t line = 0; line < host->lines; line++)
        if (host->line_number[line] == number)
            return line;
    if (host->lines == host->bare->lines || host->lines == HOST_LINES)
        return no_line;
    host->line_number[host->lines] = (uint8_t)number;
    return host->lines++;
}

px_reply answer_INTERRUPT(px_host *host, uint32_t payload, uint32_t argument)
{
    px_reply bad = payload > 0xFF || argument % 4 != 0 ? PXH_E_INVALID : host_within(host, argument, 16);
    if (bad != 0)
        return bad;
    const uint32_t line = line_of(host, payload);
    if (line == no_line)
        return PXH_E_FULL;
    const uint64_t at = host->bare->interrupt_at;
    const uint32_t words[4] = {(uint32_t)at, (uint32_t)(at >> 32), host->bare->first_value + line, 0};
    return host_put_words(host, argument, words, 4);
}

void machine_look(px_host *host)
{
    uint32_t line, lost, came[HOST_LINES] = {0};
    if (host->bare == NULL)
        return;
    for (int i = 0; i < PX_BARE_BATCH && host->bare->interrupt(host->bare->context, &line, &lost); i++) {
        host->events_lost += lost;
        if (lost == 0 && line < host->lines)
            came[line]++;
    }
    for (line = 0; line < host->lines; line++)
        if (came[line] > 0)
            host_tell(host, PXH_EVENT_INTERRUPT, host->line_number[line], came[line]);
}

bool machine_rest(px_host *host, bool begins)
{
    if (host->bare == NULL || host->bare->rest(host->bare->context, begins, host->error))
        return true;
    (void)gone(host);
    return false;
}
