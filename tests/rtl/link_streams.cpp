// link_streams.cpp - random streams of good frames, bad frames and noise into the Verilog endpoint and the C side:
// frames against pxi/link.c, replies against exec/endpoint.c over the reference VM. TAP.
//
//   link_streams [SEED]
#include <cstdlib>

#include "tests/rtl/link_bench.h"

namespace
{

tap test;
uint64_t random_state = 1;

uint32_t any()
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return static_cast<uint32_t>(random_state >> 16);
}
uint32_t below(uint32_t n) { return any() % n; }
bool one_in(uint32_t n) { return below(n) == 0; }

// ---- requests ----

// What the generator knows of the machine, so that it writes no state that SPEC.md does not allow.
struct known {
    uint32_t n = 0;
    bool v1 = false;
    uint8_t sequence = 0;
};

std::vector<uint32_t> random_words(size_t count)
{
    std::vector<uint32_t> words(count);
    const uint32_t mask = one_in(3) ? 0x00FF00FF : one_in(2) ? 0x0000000F : 0xFFFFFFFF;
    for (uint32_t &word : words)
        word = any() & mask;
    return words;
}

uint32_t random_address(const known &k, uint32_t &size)
{
    static const uint32_t far[] = {PIXELS - 1, PIXELS, PIXELS + 1, 0x8000, 0x10000, 0x0FFFFFFF};
    const uint32_t space = one_in(12) ? below(16) : one_in(4) ? 1 : 0;
    size = space == 0 ? k.n : space == 1 ? 256 : 4;
    const uint32_t address = one_in(15) ? far[below(6)] : one_in(5) ? size - below(3) : size > 0 ? below(size) : 0;
    return space << 28 | (address & 0x0FFFFFFF);
}

frame random_write(const known &k)
{
    frame f = {1, PXL_WRITE, 0, {}};
    uint32_t size;
    uint32_t where = random_address(k, size);
    if (where >> 28 == 2)
        where |= 2; // beyond the end, or value and one more
    const uint32_t rest = size - (where & 0x0FFFFFFF);
    size_t count = one_in(30) ? below(300) : one_in(4) ? rest + below(2) : 1 + below(12);
    if (count > 300)
        count = one_in(4) ? 256 : 1 + below(30);
    if (where >> 28 == 2)
        count = 3; // never fits: RANGE
    f.payload = random_words(count);
    f.payload.insert(f.payload.begin(), where);
    return f;
}

frame random_state_write(const known &k)
{
    const uint32_t pc = below(k.n + 1), vl = below(k.n + 1), status = below(4);
    const uint32_t cause = status == 3 ? 1 + below(4) : 0, value = status < 2 ? 0 : below(256);
    if (!k.v1)
        return {1, PXL_WRITE, 0, {STATE | 4, 7}};
    if (one_in(2))
        return {1, PXL_WRITE, 0, {STATE | 0, pc, vl, 1u << 16 | cause << 8 | status, value}};
    return one_in(2) ? frame{1, PXL_WRITE, 0, {STATE | 1, vl}} : frame{1, PXL_WRITE, 0, {STATE | 0, pc, vl}};
}

frame random_reset()
{
    static const uint32_t sizes[][2] = {{32, 8},   {64, 32}, {1, 1},   {683, 3},          {0, 0},
                                        {2048, 1}, {7, 5},   {16, 16}, {0x10000, 0x1000}, {4096, 1}};
    const uint32_t *size = sizes[below(10)];
    const uint32_t profile = one_in(8) ? 0 : one_in(10) ? (one_in(2) ? 2 : 0x10001) : 1;
    return {1, PXL_RESET, 0, {profile, size[0], size[1], size[0] * size[1]}};
}

frame random_request(known &k)
{
    frame f = {1, PXL_STATUS, 0, {}};
    const uint32_t kind = below(100);
    if (kind < 4)
        f.type = PXL_HELLO, f.payload = random_words(one_in(2) ? 0 : below(4));
    else if (kind < 12)
        f = random_reset();
    else if (kind < 32) {
        static const uint32_t counts[] = {0, 1, 255, 256, 257, 512, 0x10000, 0xFFFFFFFF};
        uint32_t size;
        f.type = PXL_READ;
        f.payload = {random_address(k, size), one_in(8) ? counts[below(8)] : 1 + below(20)};
    } else if (kind < 62)
        f = random_write(k);
    else if (kind < 69)
        f = random_state_write(k);
    else if (kind < 79 && k.v1)
        f.type = PXL_RUN, f.payload = {one_in(6) ? 0 : below(40)};
    else if (kind < 84)
        f.type = PXL_STOP;
    else if (kind < 87)
        f.type = static_cast<uint8_t>(any());
    else if (kind < 89)
        f.version = static_cast<uint8_t>(any());
    if (one_in(20) && f.type != PXL_HELLO && (f.payload.empty() || f.payload[0] >> 28 != 2))
        f.payload.resize(one_in(2) ? f.payload.size() + 1 : below(6), any());
    if (f.type == PXL_WRITE && f.payload.size() > 1 && f.payload[0] >> 28 == 2 && !k.v1)
        f.payload[0] |= 4;
    if (f.type == PXL_RUN && !k.v1)
        f.type = PXL_STOP;
    if (!one_in(10) || f.type == PXL_RESET) // what RESET does has to be known
        k.sequence++;
    f.sequence = k.sequence;
    return f;
}

// ---- streams ----

std::vector<uint8_t> raw_frame(std::vector<uint32_t> words)
{
    // Any words as a frame, its CRC right: COBS alone, byte by byte.
    std::vector<uint8_t> plain, out = {0};
    for (uint32_t word : words)
        for (int i = 0; i < 4; i++)
            plain.push_back(static_cast<uint8_t>(word >> 8 * i));
    const uint32_t crc = px_link_crc(0, plain.data(), plain.size());
    for (int i = 0; i < 4; i++)
        plain.push_back(static_cast<uint8_t>(crc >> 8 * i));
    size_t start = 0;
    plain.push_back(0);
    for (size_t i = 0; i < plain.size(); i++)
        if (plain[i] == 0) {
            for (; i - start >= 254; start += 254) {
                out.push_back(255);
                out.insert(out.end(), plain.begin() + static_cast<long>(start),
                           plain.begin() + static_cast<long>(start) + 254);
            }
            out.push_back(static_cast<uint8_t>(i - start + 1));
            out.insert(out.end(), plain.begin() + static_cast<long>(start), plain.begin() + static_cast<long>(i));
            start = i + 1;
        }
    out.push_back(0);
    return out;
}

std::vector<uint8_t> random_chunk(known &k)
{
    frame f = random_request(k);
    std::vector<uint8_t> bytes = coded(f);
    const uint32_t head = f.version | uint32_t(f.type) << 8 | uint32_t(f.sequence) << 16;
    std::vector<uint32_t> words = {head, static_cast<uint32_t>(f.payload.size())};
    words.insert(words.end(), f.payload.begin(), f.payload.end());
    switch (below(14)) {
    case 0: // noise
        bytes = {};
        for (uint32_t n = below(40); n > 0; n--)
            bytes.push_back(static_cast<uint8_t>(any()));
        break;
    case 1: // cut, anywhere
        bytes.resize(below(static_cast<uint32_t>(bytes.size())));
        break;
    case 2: // its beginning lost
        bytes.erase(bytes.begin(), bytes.begin() + below(static_cast<uint32_t>(bytes.size())));
        break;
    case 3: // a byte changed
        bytes[below(static_cast<uint32_t>(bytes.size()))] = static_cast<uint8_t>(any());
        break;
    case 4: // the length wrong, the CRC right
        words[1] = one_in(2) ? words[1] + 1 - 2 * below(2) : words[1] | 1u << (8 + below(24));
        bytes = raw_frame(words);
        break;
    case 5: // bits that should be 0
        words[0] |= 1u << (24 + below(8));
        bytes = raw_frame(words);
        break;
    case 6: // no multiple of 4, or a byte more behind it
        bytes.insert(bytes.end() - 1, static_cast<uint8_t>(1 + below(255)));
        break;
    case 7: // longer than anything that is accepted
        if (one_in(4)) {
            words.resize(2 + 258 + below(600), any());
            words[1] = static_cast<uint32_t>(one_in(2) ? words.size() - 2 : (words.size() - 2) % 512);
            bytes = raw_frame(words);
        }
        break;
    case 8: // shorter than any
        bytes = raw_frame(std::vector<uint32_t>(words.begin(), words.begin() + below(2)));
        break;
    default:
        break;
    }
    if (one_in(20))
        bytes.insert(bytes.begin() + below(static_cast<uint32_t>(bytes.size() + 1)), below(3), 0);
    return bytes;
}

// Both sides get the byte. False: they differ.
struct pair_of_ends {
    bench &b;
    known &k;
    decoder c;
    uint64_t accepted = 0, bytes = 0;

    bool differ(const char *what, const frame &request, const frame &got, const frame &want)
    {
        printf("# %s\n", what);
        print("request", request);
        print("Verilog", got);
        print("C", want);
        return false;
    }
    bool byte(uint8_t value)
    {
        const bool seen = b.top.o_seen;
        frame reply = {};
        bytes++;
        b.sent.clear();
        c.byte(value);
        b.byte(value);
        if (c.frames.empty() != (seen == bool(b.top.o_seen)))
            return differ("one end took a frame, the other did not", c.frames.empty() ? frame{} : c.frames.front(), {},
                          {});
        if (c.frames.empty())
            return true;
        const frame request = c.frames.front();
        c.frames.pop_front();
        accepted++;
        frame asked = request;
        if (request.type == PXL_STATUS && request.payload.size() == 1)
            asked.payload.push_back(0); /* to an end without the capability REQUEST one word is too many already */
        const frame want = oracle(asked);
        if (!b.reply(reply))
            return differ("no reply", request, reply, want);
        if (!(reply == want))
            return differ("another reply", request, reply, want);
        std::vector<uint8_t> as_coded = coded(want);
        as_coded.erase(as_coded.begin());
        if (b.sent != as_coded)
            return differ("the same reply, coded otherwise", request, reply, want);
        if (request.type == PXL_RESET && reply.type != PXL_ERROR && request.payload.size() == 4) {
            k.n = request.payload[3];
            k.v1 = request.payload[0] == 1;
        }
        oracle_finish();
        return b.finish() || differ("the run does not end", request, reply, want);
    }
};

void streams(bench &b, unsigned count)
{
    known k;
    pair_of_ends ends = {b, k, {}};
    unsigned done = 0;
    oracle_open(PIXELS);
    bool same = true;
    for (; done < count && same; done++) {
        for (uint32_t chunks = 1 + below(3); chunks > 0 && same; chunks--)
            for (uint8_t value : random_chunk(k)) {
                if (one_in(5000)) {
                    b.line_break();
                    px_link_rx_drop(&ends.c.rx);
                }
                same = same && ends.byte(value);
            }
        // After all that, the next good frame is taken.
        const uint64_t before = ends.accepted;
        k.sequence++;
        for (uint8_t value : coded({1, PXL_STATUS, k.sequence, {}}))
            same = same && ends.byte(value);
        same = same && ends.accepted > before;
    }
    test.ok(same,
            "%u random streams, %llu bytes, %llu frames taken: both ends agree on frames, replies, and their bytes",
            done, (unsigned long long)ends.bytes, (unsigned long long)ends.accepted);
    bool pixels = same;
    frame r;
    for (uint32_t at = 0; pixels && at < k.n; at += 256) {
        const frame ask = {1, PXL_READ, 0, {at, k.n - at < 256 ? k.n - at : 256}};
        pixels = b.ask(ask, r) && r == oracle(ask);
    }
    test.ok(pixels, "and afterwards on all pixels");
}

} // namespace

int main(int argc, char **argv)
{
    const unsigned seed = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 1;
    random_state = 0x9E3779B97F4A7C15u * (seed + 1u);
    printf("# seed %u\n", seed);
    {
        bench b;
        streams(b, 10000);
    }
    oracle_close();
    return test.end();
}
