#!/usr/bin/env python3
"""make_png.py - writes png.pxt, SPEC.md section 2 as files: make_png.py [DIRECTORY]

Every file is put together here, chunk by chunk and, where the compression is what matters, bit by bit. Those that are to
be taken hold one and the same program; those that are to be refused are that file with one thing wrong. The compressed
pixels are written without any compressor, so that the file comes out the same everywhere.
"""
import os
import re
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))

# 16 x 5 pixels. Rows of extremes, ties and small steps; the last row is the first again.
W, H = 16, 5
STEPS = [0, 1, 2, 127, 128, 129, 254, 255]
NOISE = [0x9E3779B1 * (i + 1) & 0xFFFFFFFF for i in range(W * H)]
FIRST = [0x01495850, 5, 9, 0, 0] + NOISE[5:W]
TIES = [sum(STEPS[(3 * x + 5 * y + k * (y + 1)) % 8] << 8 * k for k in range(4)) for y in range(2) for x in range(W)]
# Where Paeth finds up and corner equally near and left farther, or left and corner: corner, up, left.
EQUALLY_NEAR = [(10, 6, 12), (10, 14, 8), (100, 40, 130), (200, 230, 185), (10, 12, 6), (10, 8, 14), (100, 130, 40), (200, 185, 230)]
for position, (corner, up, left) in enumerate(EQUALLY_NEAR):
    TIES[2 * position], TIES[2 * position + 1] = corner * 0x01010101, up * 0x01010101
    TIES[W + 2 * position] = left * 0x01010101
PIXELS = FIRST + TIES + NOISE[3 * W : 4 * W] + FIRST
ROWS = [struct.pack(f"<{W}I", *PIXELS[y * W : (y + 1) * W]) for y in range(H)]
SIGNATURE = b"\x89PNG\r\n\x1a\n"

# ---- PNG -------------------------------------------------------------------------------------------------------


def chunk(name, body, crc=0):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body) ^ crc)


def ihdr(w=W, h=H, depth=8, colour=6, compression=0, filters=0, interlace=0, more=b"", crc=0):
    fields = struct.pack(">IIBBBBB", w, h, depth, colour, compression, filters, interlace)
    return chunk(b"IHDR", fields + more, crc)


def guess(kind, left, up, corner):
    """What a filter takes from a byte; Paeth: the nearest to left + up - corner, the first of equals."""
    if kind == 4:
        return min((left, up, corner), key=lambda v: abs(left + up - corner - v))
    return (0, left, up, (left + up) >> 1)[kind]


def filtered(kinds):
    out, above = b"", bytes(4 * W)
    for row, kind in zip(ROWS, kinds):
        out += bytes([kind])
        for x, byte in enumerate(row):
            left, corner = (row[x - 4], above[x - 4]) if x >= 4 else (0, 0)
            out += bytes([(byte - (guess(kind, left, above[x], corner) if kind < 5 else 0)) & 255])
        above = row
    return out


# ---- deflate, by hand ------------------------------------------------------------------------------------------


class Bits:
    """A bit at a time, least significant first; Huffman codes are given most significant first."""

    def __init__(self):
        self.bits = []

    def number(self, value, count):
        self.bits += [value >> i & 1 for i in range(count)]
        return self

    def code(self, text):
        self.bits += [int(c) for c in text]
        return self

    def literal(self, byte):
        return self.code(f"{0x30 + byte:08b}" if byte < 144 else f"{0x190 + byte - 144:09b}")

    def data(self):
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(b << k for k, b in enumerate(padded[i : i + 8])) for i in range(0, len(padded), 8))


def stored(raw, last=True, mask=0xFFFF):
    return struct.pack("<BHH", last, len(raw), len(raw) ^ mask) + raw


END = "0000000"  # of a block with the fixed codes


def fixed(raw):
    bits = Bits().number(1, 1).number(1, 2)
    for byte in raw:
        bits.literal(byte)
    return bits.code(END).data()


def fixed_codes(*codes):
    bits = Bits().number(1, 1).number(1, 2)
    for code in codes:
        bits.code(code)
    return bits.code(END).data()


def repeat_row(distance_extra):
    """A match of 65 bytes, 257 + distance_extra bytes back (RFC 1951, 3.2.5)."""
    bits = Bits().number(1, 1).number(1, 2).code("0010100").number(65 - 59, 3)  # length code 276: 59..66
    return bits.code("10000").number(distance_extra, 7).code(END).data()  # distance code 16: 257..384


LENGTHS = [8] * 255 + [9, 9]  # of own codes for all bytes and the end of the block
REPEATS = 16  # among code lengths: the one before, three to six times more


def codes_of(lengths):
    """The code of each symbol, as text (RFC 1951, 3.2.2): the shorter first, equals in order."""
    out, code, before = {}, 0, 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length > 0):
        code <<= length - before
        out[symbol], code, before = f"{code:0{length}b}", code + 1, length
    return out


def own(lengths, distances, symbols, more="", literals=None):
    """A last block with own codes (3.2.7), more behind each length. Code lengths 0 to 14 take 4 bits, 15 and REPEATS 5."""
    of_lengths = [4] * 15 + [5, 5, 0, 0]
    bits = Bits().number(1, 1).number(2, 2).number((literals or len(lengths)) - 257, 5)
    bits.number(len(distances) - 1, 5).number(15, 4)
    for symbol in (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15):
        bits.number(of_lengths[symbol], 3)
    for length in [*lengths, *distances]:
        bits.code(codes_of(of_lengths)[length]).number(0, 2 if length == REPEATS else 0)
    for symbol in [*symbols, 256]:
        bits.code(codes_of(lengths).get(symbol, "")).code(more if symbol > 256 else "")
    return bits.data()


def stream(raw, blocks=None, cmf=0x78, level=0, preset=0, adler=0):
    head = cmf << 8 | level << 6 | preset << 5
    head += -head % 31
    return struct.pack(">H", head) + (stored(raw) if blocks is None else blocks) + struct.pack(">I", zlib.adler32(raw) ^ adler)


PLAIN = filtered([0] * H)
DATA = stream(PLAIN)
IDAT, IEND = chunk(b"IDAT", DATA), chunk(b"IEND", b"")


def idat(data):
    return chunk(b"IDAT", data)


def pieces(size, data=DATA):
    return [idat(data[i : i + size]) for i in range(0, len(data), size)]


def around(*chunks, head=None):
    """The chunks of a file: signature, header, those given, end."""
    return [SIGNATURE, ihdr() if head is None else head, *chunks, IEND]


def pixels(*kinds):
    return around(idat(stream(filtered(kinds))))


TEXT = chunk(b"tEXt", b"Title\0x")
PLTE = chunk(b"PLTE", bytes(range(6)))
ANYTHING = [b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"hIST", b"tRNS", b"pHYs", b"sPLT", b"tIME", b"iTXt", b"tEXt",
            b"zTXt", b"eXIf", b"acTL", b"fcTL", b"fdAT"]
NONSENSE = [chunk(name, b"\xff\0") for name in ANYTHING]

TAKEN = [
    ("one IDAT, stored, no filter", around(IDAT)),
    ("filter Sub in every row", pixels(1, 1, 1, 1, 1)),
    ("filter Up in every row", pixels(2, 2, 2, 2, 2)),
    ("filter Average in every row", pixels(3, 3, 3, 3, 3)),
    ("filter Paeth in every row", pixels(4, 4, 4, 4, 4)),
    ("filters Paeth, Average, Up, Sub, None", pixels(4, 3, 2, 1, 0)),
    ("filters Up, Paeth, Sub, Average, Paeth", pixels(2, 4, 1, 3, 4)),
    ("filters Average, Sub, Paeth, None, Up", pixels(3, 1, 4, 0, 2)),
    ("compressed in three stored blocks, one of them empty",
     around(idat(stream(PLAIN, stored(PLAIN[:100], 0) + stored(b"", 0) + stored(PLAIN[100:]))))),
    ("compressed with the fixed codes", around(idat(stream(PLAIN, fixed(PLAIN))))),
    ("compressed with a repetition across rows",
     around(idat(stream(PLAIN, stored(PLAIN[:260], 0) + repeat_row(3), cmf=0x78)))),
    ("compressed with own codes, and none for distances", around(idat(stream(PLAIN, own(LENGTHS, [0], PLAIN))))),
    ("compressed with own codes, and a single one for distances",
     around(idat(stream(PLAIN, own([8] * 254 + [9] * 4, [1], [*PLAIN[:16], 257, *PLAIN[19:]], "0"))))),
    ("compressed with own codes, the end of the block the only one",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + own([0] * 256 + [1], [0], []))))),
    ("a window of 512, and a repetition 260 bytes back",
     around(idat(stream(PLAIN, stored(PLAIN[:260], 0) + repeat_row(3), cmf=0x18)))),
    ("a window of 256, and no repetition", around(idat(stream(PLAIN, cmf=0x08)))),
    ("another compression level in the zlib header", around(idat(stream(PLAIN, level=3)))),
    ("IDAT chunks of 50 bytes", around(*pieces(50))),
    ("IDAT chunks of 3 bytes at first", around(*pieces(3, DATA[:30]), idat(DATA[30:]))),
    ("the zlib header in two IDAT chunks", around(idat(DATA[:1]), idat(DATA[1:]))),
    ("the Adler-32 in four IDAT chunks", around(idat(DATA[:-4]), *pieces(1, DATA[-4:]))),
    ("empty IDAT chunks before, between and after",
     around(idat(b""), idat(DATA[:9]), idat(b""), idat(b""), idat(DATA[9:]), idat(b""))),
    ("a gamma and a text", around(chunk(b"gAMA", struct.pack(">I", 100000)), IDAT, TEXT)),
    ("a transparent colour beside the alpha channel", around(chunk(b"tRNS", bytes(6)), IDAT)),
    ("a palette that suggests colours", around(PLTE, IDAT)),
    ("a palette of 256 colours", around(chunk(b"PLTE", bytes(768)), IDAT)),
    ("a private chunk", around(chunk(b"pxOs", b"anything"), IDAT)),
    ("a chunk with the reserved bit", around(chunk(b"pxos", b"anything"), IDAT)),
    ("known ancillary chunks of nonsense, before the pixels", around(*NONSENSE, IDAT)),
    ("known ancillary chunks of nonsense, twice, after the pixels", around(IDAT, *NONSENSE, *NONSENSE)),
    ("known ancillary chunks, empty, before and behind a palette",
     around(*[chunk(name, b"") for name in ANYTHING], PLTE, *[chunk(name, b"") for name in ANYTHING], IDAT)),
]

OTHER_ROWS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # bytes of a pixel
ADAM7 = [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)]


def interlaced():
    raw = b""
    for x0, dx, y0, dy in ADAM7:
        for y in range(y0, H, dy):
            if x0 < W:
                raw += b"\0" + b"".join(ROWS[y][4 * x : 4 * x + 4] for x in range(x0, W, dx))
    return stream(raw)


def zeros(bytes_of_a_row):
    return idat(stream(bytes((bytes_of_a_row + 1) * H)))


def other(depth, colour, *before):
    return around(*before, zeros(W * OTHER_ROWS[colour] * depth // 8), head=ihdr(depth=depth, colour=colour))


def changed(data, at, value):
    return data[:at] + bytes([value]) + data[at + 1 :]


def flat(parts):
    return b"".join(parts)


FILE = around(IDAT)
LONE = [SIGNATURE, ihdr(), IDAT]  # without IEND

REFUSED = [
    # the frame
    ("signature: one byte", [b"\x89"]),
    ("signature: nothing behind it", [SIGNATURE]),
    ("signature: the first byte without its high bit", [b"\x09" + SIGNATURE[1:], *FILE[1:]]),
    ("signature: another letter", [b"\x89PMG" + SIGNATURE[4:], *FILE[1:]]),
    ("signature: the fifth byte", [SIGNATURE[:4] + b"\n" + SIGNATURE[5:], *FILE[1:]]),
    ("signature: the last byte", [SIGNATURE[:7] + b"\r", *FILE[1:]]),
    ("signature: line ends converted to LF", [b"\x89PNG\n\x1a\n", *FILE[1:]]),
    ("signature: line ends converted to CR LF", [b"\x89PNG\r\r\n\x1a\r\n", *FILE[1:]]),
    ("cut: within the header", [flat(FILE)[:20]]),
    ("cut: before the pixels", FILE[:2]),
    ("cut: within the pixels", [flat(FILE)[:100]]),
    ("cut: before IEND", LONE),
    ("cut: within IEND's length", LONE + [IEND[:3]]),
    ("cut: before IEND's CRC", LONE + [IEND[:8]]),
    ("cut: the last byte", LONE + [IEND[:-1]]),
    ("surplus: a zero byte behind IEND", FILE + [b"\0"]),
    ("surplus: a line end behind IEND", FILE + [b"\n"]),
    ("surplus: a second IEND", FILE + [IEND]),
    ("surplus: a chunk behind IEND", FILE + [TEXT]),
    ("surplus: a second file", FILE + FILE),
    ("crc: IHDR", around(IDAT, head=ihdr(crc=1))),
    ("crc: IDAT, the highest bit", around(chunk(b"IDAT", DATA, 1 << 31))),
    ("crc: IDAT, the lowest bit", around(chunk(b"IDAT", DATA, 1))),
    ("crc: the second of two IDAT", around(idat(DATA[:9]), chunk(b"IDAT", DATA[9:], 1))),
    ("crc: IEND", LONE + [chunk(b"IEND", b"", 1)]),
    ("crc: PLTE", around(chunk(b"PLTE", bytes(3), 1), IDAT)),
    ("crc: an ancillary chunk before the pixels", around(chunk(b"tEXt", b"Title\0x", 1), IDAT)),
    ("crc: an ancillary chunk after the pixels", around(IDAT, chunk(b"tEXt", b"Title\0x", 1 << 16))),
    ("crc: of the body alone, without the type", around(IDAT[:-4] + struct.pack(">I", zlib.crc32(DATA)))),
    ("length: 2^31", [SIGNATURE, ihdr(), b"\x80\0\0\0" + IDAT[4:], IEND]),
    ("length: 2^32 - 1", [SIGNATURE, ihdr(), b"\xff\xff\xff\xff" + IDAT[4:], IEND]),
    ("length: beyond the file", [SIGNATURE, ihdr(), b"\x7f\xff\xff\xff" + IDAT[4:], IEND]),
    ("length: an ancillary chunk, beyond the file", around(IDAT)[:3] + [b"\0\0\1\0" + TEXT[4:], IEND]),
    ("type: a digit", around(chunk(b"tEX1", b""), IDAT)),
    ("type: a blank", around(chunk(b"tEX ", b""), IDAT)),
    ("type: a byte above 127", around(chunk(b"t\xc9Xt", b""), IDAT)),
    ("type: what stands between Z and a", around(chunk(b"t[Xt", b""), IDAT)),
    # chunks and their order
    ("critical: unknown, before the pixels", around(chunk(b"PXOS", b""), IDAT)),
    ("critical: unknown, after the pixels", around(IDAT, chunk(b"PXOS", b"x"))),
    ("critical: IDaT, which is not IDAT", around(IDAT, chunk(b"IDaT", DATA))),
    ("ihdr: not there", [SIGNATURE, IDAT, IEND]),
    ("ihdr: behind a text", [SIGNATURE, TEXT, ihdr(), IDAT, IEND]),
    ("ihdr: behind the pixels", [SIGNATURE, IDAT, ihdr(), IEND]),
    ("ihdr: a second one, the same", around(ihdr(), IDAT)),
    ("ihdr: a second one after the pixels", around(IDAT, ihdr())),
    ("ihdr: 12 bytes", around(IDAT, head=chunk(b"IHDR", ihdr()[8:20]))),
    ("ihdr: 14 bytes", around(IDAT, head=ihdr(more=b"\0"))),
    ("plte: empty", around(chunk(b"PLTE", b""), IDAT)),
    ("plte: 4 bytes", around(chunk(b"PLTE", bytes(4)), IDAT)),
    ("plte: 257 colours", around(chunk(b"PLTE", bytes(771)), IDAT)),
    ("plte: two", around(PLTE, PLTE, IDAT)),
    ("plte: after the pixels", around(IDAT, PLTE)),
    ("idat: none", around()),
    ("idat: apart, a text between", around(idat(DATA[:9]), TEXT, idat(DATA[9:]))),
    ("idat: apart, a text behind an empty one", around(idat(b""), TEXT, IDAT)),
    ("idat: apart, a text before an empty one", around(IDAT, TEXT, idat(b""))),
    ("iend: not empty", LONE + [chunk(b"IEND", b"\0")]),
    # the header
    ("size: no column", around(idat(stream(bytes(H))), head=ihdr(w=0))),
    ("size: no row", around(idat(stream(b"")), head=ihdr(h=0))),
    ("size: 2^31 columns", around(IDAT, head=ihdr(w=1 << 31))),
    ("size: 2^31 rows", around(IDAT, head=ihdr(h=1 << 31))),
    ("size: 2^16 columns and rows, 0 when they are multiplied in 32 bits", around(IDAT, head=ihdr(w=1 << 16, h=1 << 16))),
    ("size: a row more than there is", around(IDAT, head=ihdr(h=H + 1))),
    ("size: a row less than there is", around(IDAT, head=ihdr(h=H - 1))),
    ("size: a column more than there is", around(IDAT, head=ihdr(w=W + 1))),
    ("depth 16, rows of 8", around(IDAT, head=ihdr(depth=16))),
    ("depth 16", other(16, 6)),
    ("depth 4, which RGBA has not", around(IDAT, head=ihdr(depth=4))),
    ("depth 0", around(IDAT, head=ihdr(depth=0))),
    ("colour type 2, rows of RGBA", around(IDAT, head=ihdr(colour=2))),
    ("colour type 2: RGB", other(8, 2)),
    ("colour type 0: grey", other(8, 0)),
    ("colour type 3: palette", other(8, 3, PLTE)),
    ("colour type 4: grey and alpha", other(8, 4)),
    ("colour type 4, rows of RGBA", around(IDAT, head=ihdr(colour=4))),
    ("colour type 7", around(IDAT, head=ihdr(colour=7))),
    ("compression method 1", around(IDAT, head=ihdr(compression=1))),
    ("filter method 1", around(IDAT, head=ihdr(filters=1))),
    ("filter method 64, which other formats have", around(IDAT, head=ihdr(filters=64))),
    ("interlace method 1, rows as if not", around(IDAT, head=ihdr(interlace=1))),
    ("interlace method 1", around(idat(interlaced()), head=ihdr(interlace=1))),
    ("interlace method 2", around(IDAT, head=ihdr(interlace=2))),
    # the compressed pixels
    ("zlib: nothing in IDAT", around(idat(b""))),
    ("zlib: the header alone", around(idat(DATA[:2]))),
    ("zlib: no header", around(idat(DATA[2:-4]))),
    ("zlib: check bits", around(idat(changed(DATA, 1, DATA[1] ^ 1)))),
    ("zlib: method 7", around(idat(stream(PLAIN, cmf=0x77)))),
    ("zlib: a window of 64 KiB", around(idat(stream(PLAIN, cmf=0x88)))),
    ("zlib: a preset dictionary", around(idat(stream(PLAIN, preset=1)))),
    ("zlib: a preset dictionary and its number", around(idat(stream(PLAIN, preset=1)[:2] + bytes(4) + DATA[2:]))),
    ("zlib: a window of 256, and a repetition 260 bytes back",
     around(idat(stream(PLAIN, stored(PLAIN[:260], 0) + repeat_row(3), cmf=0x08)))),
    ("zlib: Adler-32, the lowest bit", around(idat(stream(PLAIN, adler=1)))),
    ("zlib: Adler-32, the highest bit", around(idat(stream(PLAIN, adler=1 << 31)))),
    ("zlib: no Adler-32", around(idat(DATA[:-4]))),
    ("zlib: three bytes of the Adler-32", around(idat(DATA[:-1]))),
    ("zlib: a byte behind the Adler-32", around(idat(DATA + b"\0"))),
    ("zlib: a byte behind the Adler-32, in an IDAT of its own", around(IDAT, idat(b"\0"))),
    ("zlib: a second stream, in an IDAT of its own", around(IDAT, IDAT)),
    ("deflate: no last block", around(idat(stream(PLAIN, stored(PLAIN, 0))))),
    ("deflate: a block of type 3", around(idat(stream(PLAIN, b"\x07" + stored(PLAIN)[1:])))),
    ("deflate: a stored block whose lengths differ", around(idat(stream(PLAIN, stored(PLAIN, mask=0xFFFE))))),
    ("deflate: a stored block longer than the stream", around(idat(DATA[:40] + DATA[-4:]))),
    ("deflate: length code 286, which there is not",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + fixed_codes("11000110"))))),
    ("deflate: distance code 30, which there is not",
     around(idat(stream(PLAIN, stored(PLAIN[:-3], 0) + fixed_codes("0000001", "11110"))))),
    ("deflate: a repetition of what is before the pixels",
     around(idat(stream(PLAIN, stored(PLAIN[:256], 0) + repeat_row(0))))),
    ("deflate: no end of the block", around(idat(stream(PLAIN, fixed(PLAIN)[:-1])))),
    ("deflate: own codes that are not complete", around(idat(stream(PLAIN, b"\x05" + bytes(20))))),
    ("deflate: length code 287, which there is not",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + fixed_codes("11000111"))))),
    ("deflate: distance code 31, which there is not",
     around(idat(stream(PLAIN, stored(PLAIN[:-3], 0) + fixed_codes("0000001", "11111"))))),
    ("deflate: own codes, more than there is room for",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + own([8] * 257, [0], []))))),
    ("deflate: own codes, one missing",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + own([8] * 255 + [0, 9], [0], []))))),
    ("deflate: own codes, a single one of two bits for distances",
     around(idat(stream(PLAIN, own(LENGTHS, [2], PLAIN))))),
    ("deflate: own codes, none for the end of the block", around(idat(stream(PLAIN, own([8] * 256 + [0], [0], PLAIN))))),
    ("deflate: own codes, 287 of literals and lengths",
     around(idat(stream(PLAIN, own(LENGTHS + [0] * 30, [0], PLAIN))))),
    ("deflate: own codes, 31 of distances", around(idat(stream(PLAIN, own(LENGTHS, [1, 1] + [0] * 29, PLAIN))))),
    ("deflate: own codes, a repetition of no length",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + own([REPEATS] + [8] * 252 + [7, 7], [0], [], literals=257))))),
    ("deflate: own codes, a repetition beyond their number",
     around(idat(stream(PLAIN, stored(PLAIN, 0) + own([0] * 256 + [1], [REPEATS], []))))),
    ("deflate: own codes, a distance whose code is in no set",
     around(idat(stream(PLAIN, stored(PLAIN[:-3], 0) + own([0] * 256 + [1, 1], [1], [257], "1"))))),
    ("deflate: own codes, a distance without codes for it",
     around(idat(stream(PLAIN, stored(PLAIN[:-3], 0) + own([0] * 256 + [1, 1], [0], [257], "0"))))),
    # the rows
    ("rows: one missing", around(idat(stream(PLAIN[: -4 * W - 1])))),
    ("rows: a byte missing", around(idat(stream(PLAIN[:-1])))),
    ("rows: a byte more", around(idat(stream(PLAIN + b"\0")))),
    ("rows: one more", around(idat(stream(PLAIN + bytes(4 * W + 1))))),
    ("rows: none", around(idat(stream(b"")))),
    ("rows: filter type 5", pixels(0, 5, 0, 0, 0)),
    ("rows: filter type 255 in the last", pixels(0, 0, 0, 0, 255)),
    ("rows: filter type 5 in the first", pixels(5, 0, 0, 0, 0)),
]

# ---- the file --------------------------------------------------------------------------------------------------

HEAD = """# png.pxt - SPEC.md section 2: PNG files that are taken, and each error for which one is refused.
# Written by make_png.py. The bytes of a file: its signature, then a chunk a paragraph.
"""
ZEROS = """case refused: more than 2^26 pixels
rule size, limit
png zeros 8192x8194
expect refused
"""


def hexadecimal(part):
    lines = [part[i : i + 36] for i in range(0, len(part), 36)]
    return "".join("    " + " ".join(line[i : i + 4].hex() for i in range(0, len(line), 4)) + "\n" for line in lines)


def png(parts):
    return "png\n" + "".join(hexadecimal(part) for part in parts)


# What a case tests, in the ids of SPEC.md: the first line that fits its name; a refused one says it with its first word.
CITES = [
    ("a window of", "distance"),
    ("^(compressed|another)|header in two|the Adler-32 in", "png, zlib"),
    ("palette", "ancillary, plte"),
    ("^(one IDAT|filters? [A-Z]|IDAT chunks|empty IDAT)", "png"),
    ("", "ancillary"),
]
CITES_REFUSED = [
    ("a window of 256|a repetition of what", "distance"),
    ("than there is", "rows"),
    ("^[a-z]+ method", "method"),
    ("2.16 columns", "size, limit"),
]


def rule(table, name):
    found = [ids for pattern, ids in table if re.search(pattern, name)]
    return found[0] if found else re.match("[a-z]+", name)[0]


def taken(name, parts):
    machine = "".join(
        "given " + f"m[0,{y}] = " + " ".join(f"0x{p:08X}" for p in PIXELS[y * W : (y + 1) * W]) + "\n" for y in range(H)
    )
    return f"case taken: {name}\nrule {rule(CITES, name)}\nsize {W}x{H}\n{machine}{png(parts)}budget 0\nexpect nothing\n"


def refused(name, parts):
    return f"case refused: {name}\nrule {rule(CITES_REFUSED, name)}\n{png(parts)}expect refused\n"


def main(directory):
    cases = [taken(*case) for case in TAKEN] + [refused(*case) for case in REFUSED] + [ZEROS]
    with open(os.path.join(directory, "png.pxt"), "w", encoding="ascii") as file:
        file.write(HEAD + "\n" + "\n".join(cases))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else HERE)
