#!/usr/bin/env python3
"""pngs.py - good and damaged PNG files, byte by byte (SPEC.md section 2): pngs.py DIRECTORY

Prints a line each: the file, a tab, good or bad. The good ones hold one and the same picture in different ways; its
header has a checksum, so a reader that gets a pixel wrong refuses it.
"""
import os
import struct
import sys
import zlib

W, H = 8, 4
PIXELS = [(0x9E3779B1 * (i + 1)) & 0xFFFFFFFF for i in range(W * H)]
PIXELS[:5] = [0x01495850, 5, 6, 0, 0]
PIXELS[4] = zlib.crc32(struct.pack(f"<{W * H + 2}I", W, H, *PIXELS))
ROWS = [struct.pack(f"<{W}I", *PIXELS[y * W : (y + 1) * W]) for y in range(H)]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name, body, crc=0):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body) ^ crc)


def ihdr(w=W, h=H, depth=8, colour=6, compression=0, filters=0, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, compression, filters, interlace))


def guess(kind, left, up, corner):
    if kind == 4:
        return min((left, up, corner), key=lambda v: abs(left + up - corner - v))
    return (0, left, up, (left + up) >> 1)[kind]


def filtered(kinds):
    """The rows, each with its filter type and filtered so."""
    out, above = b"", bytes(4 * W)
    for row, kind in zip(ROWS, kinds):
        out += bytes([kind % 256])
        for x, byte in enumerate(row):
            left, corner = (row[x - 4], above[x - 4]) if x >= 4 else (0, 0)
            out += bytes([(byte - (guess(kind, left, above[x], corner) if kind < 5 else 0)) & 255])
        above = row
    return out


PLAIN = filtered([0] * H)
DATA = zlib.compress(PLAIN)
IDAT, IEND = chunk(b"IDAT", DATA), chunk(b"IEND", b"")
FILE = SIGNATURE + ihdr() + IDAT + IEND


def around(*chunks, head=None):
    return SIGNATURE + (ihdr() if head is None else head) + b"".join(chunks)


def idat(raw):
    return chunk(b"IDAT", zlib.compress(raw))


GOOD = {
    "plain": FILE,
    **{f"filter-{k}": around(idat(filtered([k] * H)), IEND) for k in range(5)},
    "filters-mixed": around(idat(filtered([4, 3, 2, 1])), IEND),
    "filters-mixed-2": around(idat(filtered([2, 4, 1, 3])), IEND),
    "stored": around(chunk(b"IDAT", zlib.compress(PLAIN, 0)), IEND),
    "many-idat": around(*[chunk(b"IDAT", DATA[i : i + 7]) for i in range(0, len(DATA), 7)], IEND),
    "empty-idat": around(chunk(b"IDAT", b""), IDAT, chunk(b"IDAT", b""), IEND),
    "gamma-and-text": around(chunk(b"gAMA", struct.pack(">I", 100000)), IDAT, chunk(b"tEXt", b"Title\0x"), IEND),
    "private-chunk": around(chunk(b"pxOs", b"anything"), IDAT, IEND),
}
BAD = {
    "nothing": b"",
    "signature-only": SIGNATURE,
    "signature": b"\x88" + FILE[1:],
    "cut-in-iend": FILE[:-1],
    "no-iend": FILE[: -len(IEND)],
    "after-iend": FILE + b"\0",
    "two-files": FILE + FILE,
    "crc-ihdr": around(IDAT, IEND, head=chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 6, 0, 0, 0), 1)),
    "crc-idat": around(chunk(b"IDAT", DATA, 0x80000000), IEND),
    "crc-iend": around(IDAT, chunk(b"IEND", b"", 1)),
    "crc-ancillary": around(chunk(b"tEXt", b"Title\0x", 1), IDAT, IEND),
    "adler": around(chunk(b"IDAT", DATA[:-1] + bytes([DATA[-1] ^ 1])), IEND),
    "deflate": around(chunk(b"IDAT", DATA[:9] + bytes([DATA[9] ^ 0x55]) + DATA[10:]), IEND),
    "a-row-missing": around(idat(PLAIN[: -4 * W - 1]), IEND),
    "a-byte-missing": around(idat(PLAIN[:-1]), IEND),
    "a-byte-more": around(idat(PLAIN + b"\0"), IEND),
    "behind-the-stream": around(chunk(b"IDAT", DATA + b"\0"), IEND),
    "cut-stream": around(chunk(b"IDAT", DATA[:-4]), IEND),
    "no-idat": around(IEND),
    "filter-5": around(idat(filtered([0, 5, 0, 0])), IEND),
    "iend-not-empty": around(IDAT, chunk(b"IEND", b"x")),
    "ihdr-twice": around(ihdr(), IDAT, IEND),
    "ihdr-late": SIGNATURE + IDAT + ihdr() + IEND,
    "idat-apart": around(chunk(b"IDAT", DATA[:9]), chunk(b"tEXt", b"Title\0x"), chunk(b"IDAT", DATA[9:]), IEND),
    "unknown-critical": around(chunk(b"PXOS", b""), IDAT, IEND),
    "16-bit": around(idat(bytes((8 * W + 1) * H)), IEND, head=ihdr(depth=16)),
    "rgb": around(idat(bytes((3 * W + 1) * H)), IEND, head=ihdr(colour=2)),
    "grey": around(idat(bytes((W + 1) * H)), IEND, head=ihdr(colour=0)),
    "interlaced": around(IDAT, IEND, head=ihdr(interlace=1)),
    "compression-1": around(IDAT, IEND, head=ihdr(compression=1)),
    "filter-method-1": around(IDAT, IEND, head=ihdr(filters=1)),
    "no-width": around(idat(bytes(H)), IEND, head=ihdr(w=0)),
    "no-height": around(idat(b""), IEND, head=ihdr(h=0)),
    "a-pixel-changed": around(idat(PLAIN[:-1] + bytes([PLAIN[-1] ^ 1])), IEND),
    "huge": around(IDAT, IEND, head=ihdr(w=1 << 20, h=1 << 20)),
    "huge-chunk": SIGNATURE + struct.pack(">I", 0xFFFFFFF0) + b"IHDR" + FILE[16:],
}


def main(directory):
    for verdict, files in (("good", GOOD), ("bad", BAD)):
        for name, data in files.items():
            path = os.path.join(directory, f"png-{name}.pxi")
            with open(path, "wb") as file:
                file.write(data)
            print(f"{path}\t{verdict}")


if __name__ == "__main__":
    main(sys.argv[1])
