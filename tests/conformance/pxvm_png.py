"""pxvm_png.py - PNG files for pxvm.py, as strict as SPEC.md section 2: 8-bit RGBA, every byte accounted for."""
import os
import struct
import zlib

MAX_PIXELS = 1 << 26


class Refused(Exception):
    """The input is not one that an executor may run."""


def png_chunks(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise Refused("not a PNG file")
    at = 8
    while True:
        if at + 12 > len(data):
            raise Refused(f"byte {at}: the file ends within a chunk")
        length, name = struct.unpack_from(">I4s", data, at)
        if length > 0x7FFFFFFF or at + 12 + length > len(data):
            raise Refused(f"byte {at}: chunk of {length} bytes in a file of {len(data)}")
        if not name.isalpha():
            raise Refused(f"byte {at}: chunk type {name!r}")
        body = data[at + 8 : at + 8 + length]
        if struct.unpack_from(">I", data, at + 8 + length)[0] != zlib.crc32(name + body):
            raise Refused(f"byte {at}: wrong CRC in chunk {name.decode()}")
        yield name, body
        at += 12 + length
        if name == b"IEND":
            if at != len(data):
                raise Refused(f"{len(data) - at} bytes after IEND")
            return


def png_header(body):
    if len(body) != 13:
        raise Refused("IHDR has a wrong length")
    w, h, *form = struct.unpack(">IIBBBBB", body)
    if form != [8, 6, 0, 0, 0]:
        raise Refused("not 8-bit RGBA without interlacing")
    if not (1 <= w <= 0x7FFFFFFF and 1 <= h <= 0x7FFFFFFF):
        raise Refused(f"{w} x {h} is no size")
    if w * h > MAX_PIXELS + -(-266 // w) * w:
        raise Refused(f"{w} x {h} is more than {MAX_PIXELS} pixels")
    return w, h


def png_inflate(stream, size):
    """zlib looks beyond the declared window into what it has unpacked in the same call: then, a byte at a time."""
    window = 256 << (stream[0] >> 4) if stream else 0
    inflater, raw, step = zlib.decompressobj(0), b"", 1 if window < min(size, 1 << 15) else size + 1
    try:
        while len(raw) <= size and not inflater.eof:
            part = inflater.decompress(stream, step)
            if not part and not inflater.eof:
                break
            raw, stream = raw + part, inflater.unconsumed_tail
    except zlib.error as error:
        raise Refused(f"damaged pixels: {error}") from None
    if not inflater.eof or len(raw) != size:
        raise Refused("missing or surplus pixels")
    if inflater.unused_data:
        raise Refused("surplus data behind the pixels")
    return raw


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def png_unfilter(raw, w, h):
    row, out = 4 * w, bytearray()
    above = bytearray(row)
    for y in range(h):
        kind = raw[y * (row + 1)]
        line = bytearray(raw[y * (row + 1) + 1 : (y + 1) * (row + 1)])
        if kind > 4:
            raise Refused(f"row {y}: filter type {kind}")
        for x in range(row if kind else 0):
            left = line[x - 4] if x >= 4 else 0
            corner = above[x - 4] if x >= 4 else 0
            up = above[x]
            guess = (left, up, (left + up) // 2, paeth(left, up, corner))[kind - 1]
            line[x] = (line[x] + guess) & 255
        out += line
        above = line
    return out


def png_read(path):
    """The width, the height and the pixels as words, in address order."""
    with open(path, "rb") as file:
        data = file.read()
    stream, seen, palette, size, before = b"", False, False, None, b""
    for name, body in png_chunks(data):
        if (size is None) != (name == b"IHDR"):
            raise Refused("IHDR is not the first chunk, or not the only one")
        if name == b"IHDR":
            size = png_header(body)
        elif name == b"IDAT":
            if seen and before != b"IDAT":
                raise Refused("the IDAT chunks are not consecutive")
            stream, seen = stream + body, True
        elif name == b"PLTE":
            if palette or seen or len(body) % 3 or not 3 <= len(body) <= 768:
                raise Refused("PLTE twice, behind IDAT, or of a wrong length")
            palette = True
        elif name == b"IEND" and body:
            raise Refused("IEND is not empty")
        elif not name[0] & 32 and name != b"IEND":
            raise Refused(f"unknown critical chunk {name.decode()}")
        before = name
    w, h = size
    out = png_unfilter(png_inflate(stream, (4 * w + 1) * h), w, h)
    return w, h, list(struct.unpack(f"<{w * h}I", out))


def png_write(path, w, h, words):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    raw = b"".join(b"\0" + struct.pack(f"<{w}I", *words[y * w : (y + 1) * w]) for y in range(h))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 6, 0, 0, 0))
    data += chunk(b"IDAT", zlib.compress(raw, 1)) + chunk(b"IEND", b"")
    with open(path + ".tmp", "wb") as file:
        file.write(data)
    os.replace(path + ".tmp", path)
