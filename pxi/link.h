/* link.h - the link's codec: frames to bytes and back, as LINK.md has it. Freestanding: no library, no allocation, the
 * same for tools, simulation and firmware.
 *
 * Sending: px_link_encode(). Receiving: px_link_rx_byte() for each byte, until it says that a frame is there. */
#ifndef PXI_LINK_H
#define PXI_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PX_LINK_VERSION      1u
#define PX_LINK_MAGIC        UINT32_C(0x014C5850) /* 'P' 'X' 'L' 1, first word of HELLO's reply */
#define PX_LINK_BLOCK        256u                 /* most words of a READ or WRITE */
#define PX_LINK_BASE         257u                 /* most payload words of a base frame: an address and a block */
#define PX_LINK_REPLY        0x80u                /* a reply's type is its request's with this bit */
#define PX_LINK_UNDERWAY     (UINT32_C(1) << 31)  /* in STATUS' flags: a run is under way */
#define PX_LINK_ADDRESS_BITS 28u                  /* of space and address in one word */
#define PX_LINK_COUNT        0xFFFFFFu            /* in BATCH's COUNT: the number of operations */
#define PX_LINK_PACKED       (UINT32_C(1) << 24)  /* there: they are in planes */

enum px_link_type {
#define PXL_TYPE(id, number, request, reply, text) PXL_##id = number,
#define PXL_REPLY(id, number, reply, text)         PXL_##id = number,
#include "pxi/link.def"
};

enum px_link_error {
    PXL_E_NONE = 0,
#define PXL_ERROR(id, number, text) PXL_E_##id = number,
#include "pxi/link.def"
};

enum px_link_space {
#define PXL_SPACE(id, number, text) PXL_SPACE_##id = number,
#include "pxi/link.def"
};

enum px_link_state {
#define PXL_STATE(id, number, text) PXL_STATE_##id = number,
#include "pxi/link.def"
};

enum px_link_cap {
#define PXL_CAP(id, bit, text) PXL_CAP_##id = 1 << bit,
#include "pxi/link.def"
};

enum px_link_wire {
#define PXL_WIRE(id, bit, text) PXL_WIRE_##id = 1 << bit,
#include "pxi/link.def"
};

/* Where things stand in payloads: PXQ_BATCH_CLOCK, PXR_STATUS_PC. PXQ_RUN_LENGTH and the like are whole lengths. */
enum { PXL_REST = -1, PXL_END = 0 };

enum px_link_request_word {
#define PXL_REQUEST_WORD(type, id, word, words, text) PXQ_##type##_##id = word,
#include "pxi/link.def"
};

enum px_link_reply_word {
#define PXL_REPLY_WORD(type, id, word, words, text) PXR_##type##_##id = word,
#include "pxi/link.def"
};

/* Space and address in one word, as READ and WRITE have them. */
static inline uint32_t px_link_where(enum px_link_space space, uint32_t address)
{
    return (uint32_t)space << PX_LINK_ADDRESS_BITS | address;
}
static inline uint32_t px_link_space_of(uint32_t where) { return where >> PX_LINK_ADDRESS_BITS; }
static inline uint32_t px_link_address_of(uint32_t where) { return where & ((1u << PX_LINK_ADDRESS_BITS) - 1); }

/* A number of 64 bits in two words, the low one first. */
static inline uint64_t px_link_two(const uint32_t *words) { return words[0] | (uint64_t)words[1] << 32; }
static inline void px_link_put_two(uint32_t *words, uint64_t value)
{
    words[0] = (uint32_t)value;
    words[1] = (uint32_t)(value >> 32);
}

/* Names for messages: "WRITE", "RANGE"; "?" for a number that is none. px_link_error_text: the sentence of link.def. */
const char *px_link_type_name(unsigned type);
const char *px_link_error_name(unsigned error);
const char *px_link_error_text(unsigned error);

/* One frame. payload belongs to whoever filled it in; after px_link_rx_byte it points into the receiver's buffer. */
typedef struct px_link_frame {
    uint8_t version, type, sequence;
    uint32_t length; /* of payload, in words; at most 65535 */
    const uint32_t *payload;
} px_link_frame;

/* The most bytes that a frame of length payload words takes: a leading 0x00, COBS code bytes, the closing 0x00. */
#define PX_LINK_BYTES(length) (4u * ((size_t)(length) + 3u) + (4u * ((size_t)(length) + 3u)) / 254u + 3u)

/* Writes frame, with a leading and a closing 0x00, into bytes, which has room for PX_LINK_BYTES(frame->length).
 * Returns the number of bytes. */
size_t px_link_encode(const px_link_frame *frame, uint8_t *bytes);

/* CRC-32 of PNG and zlib; start with crc = 0, and go on with the result. */
uint32_t px_link_crc(uint32_t crc, const uint8_t *bytes, size_t count);

/* A receiver. Its owner gives words[0..capacity-1]; frames of more than capacity - 3 payload words are dropped. */
typedef struct px_link_rx {
    uint32_t *words;
    size_t capacity;  /* at least 3 */
    size_t count;     /* bytes decoded so far */
    uint8_t left;     /* data bytes that the current piece still has */
    bool zero;        /* a 0 is meant where the current piece ends */
    bool begun;       /* something has come since the last 0x00 */
    bool bad;         /* drop everything up to the next 0x00 */
    uint64_t dropped; /* statistics: what stood between two 0x00 and was no frame */
} px_link_rx;

void px_link_rx_init(px_link_rx *rx, uint32_t *words, size_t capacity);

/* Takes one byte. True: a frame has come whole, and *frame tells it until the next call. Version and type are not
 * looked at. */
bool px_link_rx_byte(px_link_rx *rx, uint8_t byte, px_link_frame *frame);

/* Drops what has come of a frame: an idle timeout, a break. */
void px_link_rx_drop(px_link_rx *rx);

/* Packing 1 of BATCH: count operations as four planes of bytes, each raw or in runs, whichever is shorter. */
/* Words needed at most; 4 marker bytes and the planes, padded. */
#define PX_LINK_PLANES(count) ((4u * (size_t)(count) + 4u + 3u) / 4u)
/* Returns the number of words written to packed, which has room for PX_LINK_PLANES(count). */
size_t px_link_pack(const uint32_t *operations, size_t count, uint32_t *packed);
/* False unless packed[0..words-1] holds exactly count operations, its padding 0 and less than a word. */
bool px_link_unpack(const uint32_t *packed, size_t words, uint32_t *operations, size_t count);

#endif
