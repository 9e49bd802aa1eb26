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

/* ---- memory, ports, registers: what is asked of the machine's processor ---- */

static uint64_t long_word(const uint32_t words[2]) { return words[0] | (uint64_t)words[1] << 32; }

static px_reply put_long(px_host *host, uint64_t address, uint64_t value)
{
    const uint32_t words[2] = {(uint32_t)value, (uint32_t)(value >> 32)};
    return host_put_words(host, (uint32_t)address, words, 2);
}

/* The block's words, and whether there is room behind them for as many as are read. */
static px_reply get_block(px_host *host, px_privileged *p, uint32_t argument, uint32_t *block, uint32_t words)
{
    const px_reply bad = host_get_words(host, argument, block, words);
    p->at = argument + 4 * words;
    return bad != 0 ? bad : host_within(host, argument, ((uint64_t)words + p->words) * 4);
}

static px_reply prepare_memory(px_host *host, px_privileged *p, uint32_t payload, uint32_t argument)
{
    uint32_t block[4] = {0};
    const bool written = p->ask[0].service == PXH_MMIO_WRITE;
    p->words = written ? 0 : 2;
    p->fault = PXH_E_IO;
    const px_reply bad = payload > 3 ? PXH_E_INVALID : get_block(host, p, argument, block, written ? 4 : 2);
    p->ask[0].width = payload;
    p->ask[0].address = long_word(block);
    p->ask[0].value = long_word(block + 2);
    return bad;
}

static px_reply prepare_port(px_host *host, px_privileged *p, uint32_t payload, uint32_t argument)
{
    const bool written = p->ask[0].service == PXH_PORT_WRITE;
    p->words = written ? 0 : 1;
    p->at = argument;
    p->ask[0].width = payload >> 16;
    p->ask[0].address = payload & 0xFFFF;
    p->ask[0].value = written ? argument : 0;
    if (payload >> 16 > 2 || (!written && argument % 4 != 0))
        return PXH_E_INVALID;
    return written ? 0 : host_within(host, argument, 4);
}

/* 1, 2 or 4 bytes of one register, at their own alignment. *width: its log2. */
static bool pci_register(uint32_t payload, const uint32_t block[2], uint32_t *width)
{
    *width = block[1] == 1 ? 0 : block[1] == 2 ? 1 : 2;
    return payload <= 0xFFFF && block[1] == 1u << *width && block[0] <= 0xFF && block[0] % block[1] == 0;
}

/* Two: the function's vendor, which says whether it is there, and the one that is meant. */
static px_reply prepare_function(px_host *host, px_privileged *p, uint32_t payload, uint32_t argument)
{
    uint32_t block[3] = {0}, width = 0;
    const bool written = p->ask[0].service == PXH_PCI_WRITE;
    const uint32_t words = written ? 3 : 2;
    px_reply bad = host_get_words(host, argument, block, words);
    if (bad == 0 && !pci_register(payload, block, &width))
        bad = PXH_E_INVALID;
    if (bad == 0 && written && payload == host->bare->own)
        bad = PXH_E_DENIED; /* all requests go through it */
    p->words = written ? 0 : 1;
    p->at = argument + 4 * words;
    p->asks = 2;
    p->ask[1] = (px_bare_request){
        .service = p->ask[0].service, .width = width, .address = (payload << 8) + block[0], .value = block[2]};
    p->ask[0] = (px_bare_request){.service = PXH_PCI_READ, .width = 1, .address = payload << 8};
    return bad != 0 ? bad : host_within(host, argument, ((uint64_t)words + p->words) * 4);
}

static px_reply prepare_msr(px_host *host, px_privileged *p, uint32_t payload, uint32_t argument)
{
    uint32_t block[3] = {0};
    const bool written = p->ask[0].service == PXH_MSR_WRITE;
    p->words = written ? 0 : 2;
    p->fault = PXH_E_ABSENT;
    const px_reply bad = payload != 0 ? PXH_E_INVALID : get_block(host, p, argument, block, written ? 3 : 1);
    p->ask[0].address = block[0];
    p->ask[0].value = long_word(block + 1);
    return bad;
}

typedef px_reply prepare(px_host *host, px_privileged *p, uint32_t payload, uint32_t argument);

static prepare *preparation_of(uint32_t service)
{
    switch (service) {
    case PXH_MMIO_READ:
    case PXH_MMIO_WRITE:
        return prepare_memory;
    case PXH_PORT_READ:
    case PXH_PORT_WRITE:
        return prepare_port;
    case PXH_PCI_READ:
    case PXH_PCI_WRITE:
        return prepare_function;
    case PXH_MSR_READ:
    case PXH_MSR_WRITE:
        return prepare_msr;
    default:
        return NULL;
    }
}

bool machine_does(const px_host *host, uint32_t request)
{
    return host->granted[PXH_GRANT_MACHINE] && preparation_of(request >> 24) != NULL;
}

void machine_prepare(px_host *host, px_privileged *p, uint32_t request, uint32_t argument)
{
    *p = (px_privileged){.ask = {{.service = request >> 24}}, .asks = 1};
    p->bad = preparation_of(request >> 24)(host, p, request & 0xFFFFFF, argument);
    if (p->bad != 0)
        p->asks = p->words = 0;
}

bool machine_ask(px_host *host, px_bare_request *requests, uint32_t count)
{
    if (count == 0 || host->bare->serve(host->bare->context, requests, count, host->error))
        return true;
    (void)gone(host);
    return false;
}

px_reply machine_finish(px_host *host, const px_privileged *p)
{
    const px_bare_request *last = &p->ask[p->asks > 1];
    const uint32_t word = (uint32_t)last->value;
    if (p->bad != 0)
        return p->bad;
    if (p->asks > 1 && (p->ask[0].value & 0xFFFF) == 0xFFFF)
        return PXH_E_ABSENT;
    if (last->fault && p->fault != 0)
        return p->fault;
    return p->words == 0   ? 0
           : p->words == 1 ? host_put_words(host, p->at, &word, 1)
                           : put_long(host, p->at, last->value);
}

static px_reply alone(px_host *host, uint32_t service, uint32_t payload, uint32_t argument)
{
    px_privileged p;
    machine_prepare(host, &p, service << 24 | payload, argument);
    return machine_ask(host, p.ask, p.asks) ? machine_finish(host, &p) : PXH_WAITS;
}

#define ALONE(id)                                                                                                      \
    px_reply answer_##id(px_host *host, uint32_t payload, uint32_t argument)                                           \
    {                                                                                                                  \
        return alone(host, PXH_##id, payload, argument);                                                               \
    }
ALONE(MMIO_READ)
ALONE(MMIO_WRITE)
ALONE(PORT_READ)
ALONE(PORT_WRITE)
ALONE(PCI_READ)
ALONE(PCI_WRITE)
ALONE(MSR_READ)
ALONE(MSR_WRITE)

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
        if (p->count > 0 && !p->image && first < p->first + p->count && p->first < first + count) {
            first = p->first + p->count;
            i = -1;
        }
    }
    return first;
}

static px_reply image_pages(px_host *host, px_reply handle)
{
    host->pages[handle] = (px_pages){0, host->pixels / (PX_BARE_PAGE / 4) + 1, true};
    return handle;
}

px_reply answer_PAGES(px_host *host, uint32_t payload, uint32_t argument)
{
    const px_bare *bare = host->bare;
    px_reply handle = 0;
    if (argument > PXH_IMAGE || (payload == 0) != (argument == PXH_IMAGE))
        return PXH_E_INVALID;
    while (handle < HOST_HANDLES && host->pages[handle].count > 0)
        handle++;
    if (handle == HOST_HANDLES || payload > bare->page_count)
        return PXH_E_FULL;
    if (argument == PXH_IMAGE)
        return image_pages(host, handle);
    const uint32_t first = place_for(host, payload);
    const uint64_t end = bare->pages_at + ((uint64_t)first + payload) * PX_BARE_PAGE;
    if (first > bare->page_count - payload || (argument == 1 && end > UINT32_MAX))
        return PXH_E_FULL;
    host->pages[handle] = (px_pages){first, payload, false};
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
    return p == NULL
               ? PXH_E_HANDLE
               : put_long(host, argument,
                          p->image ? host->bare->image_at : host->bare->pages_at + (uint64_t)p->first * PX_BARE_PAGE);
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

/* Bytes of the image at their own place, whole pixels: there is nothing to copy where the machine is in place, but it
 * is told, and the log. Otherwise they go through memory that no device reaches: all that is told of them is one thing.
 */
static px_reply move_image(px_host *host, uint32_t offset, uint32_t address, uint32_t bytes, bool in)
{
    const px_reply bad =
        offset != address || address % 4 != 0 || bytes % 4 != 0 ? PXH_E_INVALID : host_within(host, address, bytes);
    if (bad != 0 || bytes == 0)
        return bad;
    uint8_t *at = host->bare->image + address;
    if (!host->machine->in_place)
        return in ? host_from_image(host, address, bytes, into_pages, &at)
                  : host_to_image(host, address, bytes, out_of_pages, &at);
    uint32_t *const words = (void *)at;
    const px_reply moved =
        in ? host_get_words(host, address, words, bytes / 4) : host_put_words(host, address, words, bytes / 4);
    return moved != 0 ? moved : (px_reply)bytes;
}

static px_reply move(px_host *host, uint32_t payload, uint32_t argument, bool in)
{
    uint32_t block[3]; /* offset, address, bytes */
    const px_pages *p = pages_of(host, payload);
    px_reply bad = p == NULL ? PXH_E_HANDLE : host_get_words(host, argument, block, 3);
    if (bad == 0 && p->image)
        return move_image(host, block[0], block[1], block[2], in);
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
