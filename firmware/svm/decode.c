/* decode.c - see decode.h. APM volume 3, "Instruction Overview". */
#include "firmware/svm/decode.h"

#include "firmware/vcpu/linear.h"

#define CS_BIG (UINT64_C(1) << 14)

/* What a legacy prefix says; false: it is none. */
static bool take_prefix(decoded *d, uint8_t byte, bool code_64, bool *other_address)
{
    static const struct {
        uint8_t byte;
        vcpu_segment segment;
    } overrides[] = {{0x26, SEGMENT_ES}, {0x2E, SEGMENT_CS}, {0x36, SEGMENT_SS},
                     {0x3E, SEGMENT_DS}, {0x64, SEGMENT_FS}, {0x65, SEGMENT_GS}};
    for (unsigned i = 0; i < sizeof overrides / sizeof *overrides; i++)
        if (byte == overrides[i].byte) {
            if (!code_64 || byte >= 0x64) /* the other four say nothing there */
                d->segment = overrides[i].segment;
            return true;
        }
    if (byte == 0x67)
        *other_address = true;
    return byte == 0x66 || byte == 0x67 || byte == 0xF0 || byte == 0xF2 || byte == 0xF3;
}

static void fetch(decoded *d, bool code_64)
{
    const uint64_t rip = vcpu_get(VCPU_RIP), base = code_64 ? 0 : vcpu_get(VCPU_OF(VCPU_BASE, SEGMENT_CS));
    for (unsigned i = 0; i < DECODE_BYTES; i++) {
        const uint64_t at = code_64 ? rip + i : (base + rip + i) & UINT32_MAX;
        uint64_t fault;
        uint32_t error;
        if (!linear_read(&d->bytes[i], at, 1, &fault, &error))
            return;
    }
}

decoded decode(void)
{
    const bool code_64 = vcpu_64_bit_code();
    const bool big = (vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_CS)) & CS_BIG) != 0;
    bool other_address = false;
    decoded d = {.segment = SEGMENT_DS};
    fetch(&d, code_64);
    while (d.prefixes < DECODE_BYTES && take_prefix(&d, d.bytes[d.prefixes], code_64, &other_address))
        d.prefixes++;
    if (code_64 && (decode_byte(&d, 0) & 0xF0) == 0x40)
        d.rex = d.bytes[d.prefixes++];
    if (code_64)
        d.mask = other_address ? UINT32_MAX : UINT64_MAX;
    else
        d.mask = big != other_address ? UINT32_MAX : UINT16_MAX;
    return d;
}

uint8_t decode_byte(const decoded *d, unsigned at)
{
    return d->prefixes + at < DECODE_BYTES ? d->bytes[d->prefixes + at] : 0;
}

unsigned decode_general(const decoded *d) { return (decode_byte(d, 2) & 7u) | (d->rex & 1u) << 3; }

unsigned decode_software_interrupt(void)
{
    const decoded d = decode();
    return d.prefixes + (decode_byte(&d, 0) == 0xCD ? 2 : 1);
}
