// link_frames.h - frames, the C codec around them, and TAP, for the C++ tests of the link.
#ifndef TESTS_RTL_LINK_FRAMES_H
#define TESTS_RTL_LINK_FRAMES_H

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <vector>

extern "C" {
#include "pxi/link.h"
}

struct frame {
    uint8_t version, type, sequence;
    std::vector<uint32_t> payload;
    bool operator==(const frame &other) const
    {
        return version == other.version && type == other.type && sequence == other.sequence && payload == other.payload;
    }
};

inline std::vector<uint8_t> coded(const frame &f)
{
    std::vector<uint8_t> bytes(PX_LINK_BYTES(f.payload.size()));
    const px_link_frame plain = {f.version, f.type, f.sequence, static_cast<uint32_t>(f.payload.size()),
                                 f.payload.data()};
    bytes.resize(px_link_encode(&plain, bytes.data()));
    return bytes;
}

inline void print(const char *what, const frame &f)
{
    printf("# %s: version %u %s (0x%02x) number %u, %zu words:", what, f.version, px_link_type_name(f.type & 0x7F),
           f.type, f.sequence, f.payload.size());
    for (size_t i = 0; i < f.payload.size() && i < 10; i++)
        printf(" %08x", f.payload[i]);
    printf("\n");
}

// A decoder that keeps what it has accepted.
struct decoder {
    std::vector<uint32_t> words = std::vector<uint32_t>(PX_LINK_BASE + 3);
    px_link_rx rx;
    std::deque<frame> frames;
    decoder() { px_link_rx_init(&rx, words.data(), words.size()); }
    void byte(uint8_t value)
    {
        px_link_frame f;
        if (px_link_rx_byte(&rx, value, &f))
            frames.push_back({f.version, f.type, f.sequence, {f.payload, f.payload + f.length}});
    }
};

// TAP
struct tap {
    int count = 0, bad = 0;
    bool ok(bool good, const char *format, ...) __attribute__((format(printf, 3, 4)))
    {
        va_list arguments;
        va_start(arguments, format);
        printf("%sok %d - ", good ? "" : "not ", ++count);
        vprintf(format, arguments);
        printf("\n");
        fflush(stdout);
        va_end(arguments);
        bad += !good;
        return good;
    }
    int end()
    {
        printf("1..%d\n", count);
        return bad != 0;
    }
};
#endif
