/* memory.c - a program's image as bytes and words: checked against its size, got and put in ranges, and what is put is
 * noted for the log. Byte 4*p + k is channel k of pixel p. */
#include <errno.h>
#include <string.h>

#include "answer/internal.h"

enum { PIECE = 1024 }; /* pixels at a time, where bytes are taken out of them */

px_reply host_within(const px_host *host, uint64_t address, uint64_t bytes)
{
    return bytes == 0 || address + bytes <= (uint64_t)host->pixels * 4 ? 0 : PXH_E_RANGE;
}

static px_reply lost(px_host *host)
{
    host->failed = true;
    return PXH_E_IO;
}

static px_reply get(px_host *host, uint32_t at, uint32_t *pixels, uint32_t count)
{
    return px_get(host->machine, PX_SPACE_PIXEL, at, pixels, count, host->error) ? 0 : lost(host);
}

static px_reply put(px_host *host, uint32_t at, const uint32_t *pixels, uint32_t count)
{
    if (host->showing)
        return 0;
    if (!px_put(host->machine, PX_SPACE_PIXEL, at, pixels, count, host->error))
        return lost(host);
    if (host->log != NULL && !px_log_run(host->log, at, pixels, count, host->error))
        return lost(host);
    return 0;
}

px_reply host_get_words(px_host *host, uint32_t address, uint32_t *words, uint32_t count)
{
    const px_reply bad = address % 4 != 0 ? PXH_E_INVALID : host_within(host, address, (uint64_t)count * 4);
    return bad != 0 || count == 0 ? bad : get(host, address / 4, words, count);
}

px_reply host_put_words(px_host *host, uint32_t address, const uint32_t *words, uint32_t count)
{
    const px_reply bad = address % 4 != 0 ? PXH_E_INVALID : host_within(host, address, (uint64_t)count * 4);
    return bad != 0 || count == 0 ? bad : put(host, address / 4, words, count);
}

/* Bytes first..first+count-1 of a run of pixels; by whole pixels, as most are, many times faster than by bytes. */
static void unpack(const uint32_t *pixels, uint32_t first, uint8_t *bytes, uint32_t count)
{
    const uint32_t whole = first == 0 ? count / 4 : 0;
    for (uint32_t i = 0; i < whole; i++) {
        bytes[4 * i] = (uint8_t)pixels[i];
        bytes[4 * i + 1] = (uint8_t)(pixels[i] >> 8);
        bytes[4 * i + 2] = (uint8_t)(pixels[i] >> 16);
        bytes[4 * i + 3] = (uint8_t)(pixels[i] >> 24);
    }
    for (uint32_t i = 4 * whole; i < count; i++)
        bytes[i] = (uint8_t)(pixels[(first + i) / 4] >> (first + i) % 4 * 8);
}

static void pack(uint32_t *pixels, uint32_t first, const uint8_t *bytes, uint32_t count)
{
    const uint32_t whole = first == 0 ? count / 4 : 0;
    for (uint32_t i = 0; i < whole; i++)
        pixels[i] = bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
                    (uint32_t)bytes[4 * i + 3] << 24;
    for (uint32_t i = 4 * whole; i < count; i++) {
        const unsigned shift = (first + i) % 4 * 8;
        uint32_t *const pixel = &pixels[(first + i) / 4];
        *pixel = (*pixel & ~(0xFFu << shift)) | (uint32_t)bytes[i] << shift;
    }
}

/* How many of count bytes at address lie in the next PIECE pixels, and how many pixels they touch. */
static uint32_t part_of(uint32_t address, uint32_t count, uint32_t *pixels)
{
    const uint32_t room = PIECE * 4 - address % 4, part = count < room ? count : room;
    *pixels = (address % 4 + part + 3) / 4;
    return part;
}

px_reply host_get_bytes(px_host *host, uint32_t address, uint8_t *bytes, uint32_t count)
{
    uint32_t pixels[PIECE], touched;
    px_reply bad = host_within(host, address, count);
    while (bad == 0 && count > 0) {
        const uint32_t part = part_of(address, count, &touched);
        bad = get(host, address / 4, pixels, touched);
        if (bad == 0)
            unpack(pixels, address % 4, bytes, part);
        address += part;
        bytes += part;
        count -= part;
    }
    return bad;
}

px_reply host_put_bytes(px_host *host, uint32_t address, const uint8_t *bytes, uint32_t count)
{
    uint32_t pixels[PIECE], touched;
    px_reply bad = host_within(host, address, count);
    while (bad == 0 && count > 0) {
        const uint32_t part = part_of(address, count, &touched);
        /* The bytes beside them stay. */
        if (address % 4 != 0)
            bad = get(host, address / 4, pixels, 1);
        if (bad == 0 && (address + part) % 4 != 0)
            bad = get(host, address / 4 + touched - 1, &pixels[touched - 1], 1);
        pack(pixels, address % 4, bytes, part);
        if (bad == 0)
            bad = put(host, address / 4, pixels, touched);
        address += part;
        bytes += part;
        count -= part;
    }
    return bad;
}

/* ---- many bytes ---- */

static px_reply in_pieces(px_host *host, uint32_t address, uint32_t count, bool from, host_piece *piece, void *context)
{
    static uint8_t bytes[HOST_BLOCK];
    uint32_t done = 0;
    px_reply bad = host_within(host, address, count), part = 0;
    while (bad == 0 && done < count) {
        const uint32_t most = count - done < HOST_BLOCK ? count - done : HOST_BLOCK;
        bad = from ? host_get_bytes(host, address + done, bytes, most) : 0;
        if (bad != 0)
            break;
        part = piece(host, context, bytes, most);
        if (part < 0) {
            bad = part;
            break;
        }
        bad = from ? 0 : host_put_bytes(host, address + done, bytes, (uint32_t)part);
        done += (uint32_t)part;
        if ((uint32_t)part < most)
            break;
    }
    return bad != 0 && done == 0 ? bad : (px_reply)done;
}

px_reply host_from_image(px_host *host, uint32_t address, uint32_t count, host_piece *take, void *context)
{
    return in_pieces(host, address, count, true, take, context);
}

px_reply host_to_image(px_host *host, uint32_t address, uint32_t count, host_piece *give, void *context)
{
    return in_pieces(host, address, count, false, give, context);
}

px_reply host_error(int number)
{
    switch (number) {
    case ENOENT:
        return PXH_E_ABSENT;
    case EEXIST:
        return PXH_E_EXISTS;
    case EISDIR:
    case ENOTDIR:
    case ENXIO:
        return PXH_E_KIND;
    case ENAMETOOLONG:
    case ELOOP:
    case EXDEV: /* openat2: it would lead outside */
        return PXH_E_NAME;
    case EACCES:
    case EPERM:
        return PXH_E_DENIED;
    case EROFS:
        return PXH_E_READONLY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return PXH_E_FULL;
    case EMFILE:
    case ENFILE:
        return PXH_E_LIMIT;
    case EPIPE:
        return PXH_E_CLOSED;
    default:
        return PXH_E_IO;
    }
}
